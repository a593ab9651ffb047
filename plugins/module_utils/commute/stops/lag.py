# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a sink is behind its topic: the records that its consumer group has not committed. Joins no group."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from ...errors import NotFound, PipelineError, Unreachable
from ...kafka.groups import Groups, open_groups
from ...kafka.lag import lag_of
from ...kafka.options import Connection
from ...kafka.records import RecordReader
from ...ranges import Ranges
from ..account import Account
from .stop import Health, first_line
from .tail import Opened, open_unchecked

# A sink commits every few seconds at best: looking more often shows nothing new.
_PAUSE = 1.0
_MOST_SAMPLES = 120


class LagReader:
    """Keeps its clients from one look to the next, until ``close``."""

    def __init__(
        self,
        to: Connection,
        topic: str,
        group: str,
        open_reader: Callable[[Connection, str], Opened] = open_unchecked,
        open_group: Callable[[Connection], AbstractContextManager[Groups]] = open_groups,
    ) -> None:
        self._to = to
        self._topic = topic
        self._group = group
        self._open_reader = open_reader
        self._open_group = open_group
        self._opened = contextlib.ExitStack()
        self._clients: tuple[RecordReader, Groups] | None = None

    def by_partition(self) -> dict[int, int]:
        """For each partition, how many of its records the group has not committed."""
        if self._clients is None:
            reader = self._opened.enter_context(self._open_reader(self._to, self._topic))
            self._clients = reader, self._opened.enter_context(self._open_group(self._to))
        return {one.partition: one.lag for one in lag_of(self._group, self._topic, *self._clients)}

    def close(self) -> None:
        self._opened.close()
        self._clients = None


class Lag:
    ordered = False

    def __init__(
        self,
        to: Connection,
        topic: str,
        group: str,
        open_reader: Callable[[Connection, str], Opened] = open_unchecked,
        open_group: Callable[[Connection], AbstractContextManager[Groups]] = open_groups,
    ) -> None:
        self._topic = topic
        self._group = group
        self._reader = LagReader(to, topic, group, open_reader, open_group)
        self._samples: list[tuple[float, int]] = []
        self._pause = _PAUSE
        self._began = self._next_look = 0.0
        self._last: int | None = None
        self._highest: int | None = None

    def start(self) -> None:
        # The first look is the first poll's: nothing that is sent has to wait for it.
        self._began = time.monotonic()

    def poll(self, account: Account, *, last: bool = False) -> None:
        now = time.monotonic()
        if last or now >= self._next_look:
            self._look(now)

    def health(self) -> Health:
        if self._last is None:
            return Health(f"group {self._group} has committed nothing of topic {self._topic}, as far as is known")
        line = f"group {self._group} is {self._last} records behind the end of topic {self._topic}"
        return Health(line, f"Give group {self._group} time to catch up, or look why it is slow." if self._last else "")

    def explains(self, numbers: Ranges) -> str:
        return ""

    def facts(self, account: Account) -> Mapping[str, Any]:
        return {
            "last": self._last,
            "highest": self._highest,
            "samples": [[round(at, 3), lag] for at, lag in self._samples],
        }

    def close(self) -> None:
        self._reader.close()

    def _look(self, now: float) -> None:
        self._next_look = now + self._pause
        try:
            lag = sum(self._reader.by_partition().values())
        except NotFound:
            self.close()
        except Unreachable:
            self.close()
            raise
        except PipelineError as error:
            raise PipelineError(first_line(error)) from error
        else:
            self._note(now - self._began, lag)

    def _note(self, seconds: float, lag: int) -> None:
        self._last = lag
        self._highest = max(lag, self._highest or 0)
        self._samples.append((seconds, lag))
        if len(self._samples) > _MOST_SAMPLES:
            # A long run keeps every other sample, and is looked at half as often from then on.
            self._samples = self._samples[::2]
            self._pause *= 2
