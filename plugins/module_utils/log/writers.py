# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where events go: lines of a file, lines kept for the task's result, or chunks of the forward protocol.

A writer never holds more than what it was given last and, for forward, the chunks in flight.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ..errors import InvalidInput
from ..forward.options import Forward
from ..forward.protocol import Encoder
from ..forward.sender import Sender
from ..ranges import Ranges


class Entry(NamedTuple):
    """:param time_us: microseconds since 1970."""

    seq: int
    time_us: int
    record: dict[str, Any]


class Writer(Protocol):
    """``most``: how many entries one write takes. ``acknowledged``: the numbers that the destination says it has."""

    @property
    def most(self) -> int: ...
    @property
    def acknowledged(self) -> Ranges: ...
    @property
    def chunks(self) -> int: ...
    @property
    def resent(self) -> int: ...
    def open(self) -> None: ...
    def write(self, entries: Sequence[Entry]) -> None: ...
    def finish(self) -> None: ...
    def close(self) -> None: ...


def json_line(record: dict[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


class LinesWriter:
    """Keeps the lines: a module's standard output is its result."""

    most = 1000
    chunks = resent = 0

    def __init__(self) -> None:
        self.acknowledged = Ranges()
        self.lines: list[str] = []

    def open(self) -> None:
        pass

    def write(self, entries: Sequence[Entry]) -> None:
        self.lines.extend(json_line(entry.record) for entry in entries)
        self.acknowledged.add(entries[0].seq, entries[-1].seq)

    def finish(self) -> None:
        pass

    def close(self) -> None:
        pass


class FileWriter:
    """Appends whole lines: other writers may append to the same file meanwhile."""

    most = 1000
    chunks = resent = 0

    def __init__(self, path: Path, *, fsync: bool) -> None:
        self.acknowledged = Ranges()
        self._path = path
        self._fsync = fsync
        self._file = -1

    def open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as error:
            raise InvalidInput(f"Could not open {self._path} to append to it: {error.strerror}.") from error

    def write(self, entries: Sequence[Entry]) -> None:
        left = memoryview("".join(json_line(entry.record) + "\n" for entry in entries).encode())
        try:
            while left:
                left = left[os.write(self._file, left) :]
            if self._fsync:
                os.fsync(self._file)
        except OSError as error:
            raise InvalidInput(f"Could not append to {self._path}: {error.strerror}.") from error
        self.acknowledged.add(entries[0].seq, entries[-1].seq)

    def finish(self) -> None:
        pass

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class ForwardWriter:
    """One chunk for each write."""

    def __init__(self, forward: Forward, *, until: float = math.inf) -> None:
        """:param until: a time of the monotonic clock at which waiting for acks ends."""
        self.most = forward.chunk_events
        self._encoder = Encoder(forward.tag, compress=forward.compress)
        self._sender = Sender(forward.address, forward.patience, until=until)
        self.acknowledged = self._sender.acknowledged

    @property
    def chunks(self) -> int:
        return self._sender.chunks

    @property
    def resent(self) -> int:
        return self._sender.resent

    def open(self) -> None:
        self._sender.open()

    def write(self, entries: Sequence[Entry]) -> None:
        packed = b"".join(self._encoder.entry(entry.time_us, entry.record) for entry in entries)
        self._sender.send(self._encoder.chunk(packed, entries[0].seq, entries[-1].seq))

    def finish(self) -> None:
        self._sender.drain()

    def close(self) -> None:
        self._sender.close()
