# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks all day how far consumer groups are behind. What could not be read is not shown: an old lag is no lag."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..commute.stops.lag import LagReader
from ..errors import PipelineError
from ..kafka.options import Connection

# A sink commits every few seconds at best: looking more often shows nothing new.
_PAUSE_SECONDS = 2.0


class Watched(NamedTuple):
    group: str
    topic: str


class LagWatch:
    """:ivar lags: records by group, topic and partition, as of the last look; replaced as a whole by each."""

    def __init__(self, to: Connection, watched: Sequence[Watched], pause: float = _PAUSE_SECONDS) -> None:
        self.lags: Mapping[tuple[str, str, int], int] = {}
        self._readers = {one: LagReader(to, one.topic, one.group) for one in watched}
        self._pause = pause
        self._closing = threading.Event()
        # A daemon: a broker that never answers must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="lag", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self, timeout: float) -> None:
        self._closing.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            self.lags = {key: lag for one in self._readers for key, lag in self._look(one).items()}
            if self._closing.wait(self._pause):
                break
        for reader in self._readers.values():
            reader.close()

    def _look(self, one: Watched) -> Mapping[tuple[str, str, int], int]:
        try:
            found = self._readers[one].by_partition()
        except PipelineError:
            self._readers[one].close()
            return {}
        return {(one.group, one.topic, partition): lag for partition, lag in found.items()}
