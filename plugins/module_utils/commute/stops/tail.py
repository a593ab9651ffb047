# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a topic from where it was at the start, or at a time, to where it is now. In no group, committing nothing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from ...errors import NotFound, PipelineError
from ...kafka.options import Connection
from ...kafka.records import RecordReader, open_topic
from ...kafka.slim import SlimBatch
from .stop import POLL_SECONDS

# Or batches of them, which are some 16 KiB each.
_RECORDS_AT_A_TIME = 500

Opened = AbstractContextManager[RecordReader]
# The events that matter are known by their contents; a broken one would not be.
open_unchecked: Callable[[Connection, str], Opened] = partial(open_topic, check_crcs=False)
open_slim: Callable[[Connection, str], Opened] = partial(open_topic, check_crcs=False, slim=True)


class Tail:
    """:ivar read: how many records were read; :ivar deleted: how many were gone before they could be.
    :ivar next_offsets: for each partition the offset at which to go on; one that is not in it is read from its start.
    """

    def __init__(
        self, to: Connection, topic: str, since_ms: int | None, open_reader: Callable[[Connection, str], Opened]
    ) -> None:
        """:param since_ms: milliseconds since 1970 of the first record that matters; None: from the start on."""
        self.read = 0
        self.deleted = 0
        self._to = to
        self._topic = topic
        self._since_ms = since_ms
        self._open_reader = open_reader
        self._opened = contextlib.ExitStack()
        self._reader: RecordReader | None = None
        self.next_offsets: dict[int, int] = {}

    def start(self) -> None:
        # The first record may make the topic: then all of it is new.
        with contextlib.suppress(NotFound):
            reader = self._open()
            self.next_offsets = reader.end_offsets()
            if self._since_ms is not None:
                self.next_offsets |= reader.offsets_at(self._since_ms)

    def batches(self) -> Iterator[list[Any]]:
        """What has come since, as kafka-python's records, for at most a poll's time."""
        try:
            yield from self._batches()
        except NotFound:
            # Deleted; all is new in the one that may come in its place.
            self.close()
            self.next_offsets = {}
        except PipelineError:
            # A client that lost its broker tries in silence; a new one says at once what is wrong.
            self.close()
            raise

    def partitions(self) -> int:
        """Asked over a connection of its own: another thread may be reading."""
        with self._open_reader(self._to, self._topic) as reader:
            return len(reader.partitions)

    def close(self) -> None:
        self._opened.close()
        self._reader = None

    def _open(self) -> RecordReader:
        if self._reader is None:
            self._reader = self._opened.enter_context(self._open_reader(self._to, self._topic))
        return self._reader

    def _batches(self) -> Iterator[list[Any]]:
        reader = self._open()
        ends = reader.end_offsets()
        # An end that went back is another topic of the same name.
        self.next_offsets = {one: at if at <= ends.get(one, 0) else 0 for one, at in self.next_offsets.items()}
        if not any(end > self.next_offsets.get(one, 0) for one, end in ends.items()):
            return
        start = self._starts(reader.earliest_offsets())
        try:
            for batch in reader.follow(start, ends, deadline=time.monotonic() + POLL_SECONDS, most=_RECORDS_AT_A_TIME):
                self.read += sum(item.length if isinstance(item, SlimBatch) else 1 for item in batch)
                yield batch
        finally:
            self.next_offsets.update(reader.next_offsets)

    def _starts(self, earliest: dict[int, int]) -> dict[int, int]:
        """Where to go on; what retention or a person deleted meanwhile is counted and passed over."""
        start = {one: max(self.next_offsets.get(one, 0), first) for one, first in earliest.items()}
        self.deleted += sum(start[one] - at for one, at in self.next_offsets.items() if one in start)
        return start
