# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commute's stops, made to go on where the canary's last life ended. How each is read is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from ..commute.account import Account
from ..commute.stops.file import FileStop
from ..commute.stops.index import IndexStop
from ..commute.stops.stop import Stop
from ..commute.stops.topic import TopicStop
from ..elasticsearch.options import Connection as ElasticsearchConnection
from ..kafka.options import Connection as KafkaConnection

Position = Mapping[str, Any]


class LastingStop(Stop, Protocol):
    """
    :ivar has_all: whether a look finds all that the stop holds of what is asked for; else what is new since the last.
    """

    @property
    def has_all(self) -> bool: ...

    def position(self) -> Position:
        """Where the next look begins; JSON-ready."""

    def resume(self, position: Position) -> None:
        """In place of ``start``: the next look begins where ``position`` was taken."""


class LastingFile(FileStop):
    has_all = False

    def __init__(self, path: str, run: str) -> None:
        super().__init__(path, run)

    def position(self) -> Position:
        return {path: [followed.inode, followed.offset] for path, followed in self._files.items()}

    def resume(self, position: Position) -> None:
        for path in self._paths():
            self._follow(path, at_end=False)
        for path, (inode, offset) in position.items():
            followed = self._files.get(path)
            # Another file of the same name is read from its beginning, and so is one that was made shorter.
            if followed and followed.inode == inode and Path(path).stat().st_size >= offset:
                followed.offset = offset


class LastingTopic(TopicStop):
    has_all = False

    def __init__(self, to: KafkaConnection, topic: str, run: str) -> None:
        super().__init__(to, topic, run, None)

    def position(self) -> Position:
        return {str(partition): offset for partition, offset in self._tail.next_offsets.items()}

    def resume(self, position: Position) -> None:
        self._tail.next_offsets = {int(partition): offset for partition, offset in position.items()}


class LastingIndex(IndexStop):
    has_all = True

    def __init__(self, to: ElasticsearchConnection, index: str, run: str) -> None:
        super().__init__(to, index, run, None)
        # All day long the cluster refreshes as it is set to: what the probe measures is when a log can be searched.
        self._may_refresh = False

    def position(self) -> Position:
        return {}

    def resume(self, position: Position) -> None:
        pass

    def poll(self, account: Account, *, last: bool = False) -> None:
        self._read_missing(account)
