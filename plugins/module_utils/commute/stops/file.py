# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log file, or several by a pattern: the application's own, or what an aggregator writes. Follows rotation."""

from __future__ import annotations

import glob
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ...errors import InvalidInput
from ...log.event import read_event
from ..account import Account
from .stop import POLL_SECONDS

_BLOCK = 1024 * 1024
# A line longer than this is no log line; it is passed over without being kept.
_LONGEST_LINE = 16 * _BLOCK


@dataclass
class _Followed:
    """:param offset: where the next unread line begins."""

    path: str
    file: BinaryIO
    inode: int
    offset: int


class FileStop:
    def __init__(self, path: str, run: str) -> None:
        self._pattern = path
        self._run = run
        self._marker = run.encode()
        self._files: dict[str, _Followed] = {}
        self._rotated: list[_Followed] = []

    def start(self) -> None:
        for path in self._paths():
            self._follow(path, at_end=True)

    def poll(self, account: Account, *, last: bool = False) -> None:
        end = time.monotonic() + POLL_SECONDS
        self._notice_new_files()
        for followed in [*self._rotated, *self._files.values()]:
            self._read(followed, account, end)
        for followed in self._rotated:
            followed.file.close()
        self._rotated.clear()

    def health(self) -> str:
        paths = self._paths()
        if not paths:
            return f"there is no file {self._pattern}"
        newest = max(paths, key=lambda path: Path(path).stat().st_mtime)
        stat = Path(newest).stat()
        age = time.time() - stat.st_mtime
        return f"{len(paths)} files, {newest} has {stat.st_size} bytes and was last written {age:.0f} s ago"

    def close(self) -> None:
        for followed in [*self._rotated, *self._files.values()]:
            followed.file.close()

    def _paths(self) -> list[str]:
        return [path for path in sorted(glob.glob(self._pattern)) if Path(path).is_file()]  # noqa: PTH207 - may be absolute

    def _follow(self, path: str, *, at_end: bool) -> None:
        try:
            file = Path(path).open("rb")  # noqa: SIM115 - stays open: a rotated file is read to its end
        except FileNotFoundError:
            return
        except OSError as error:
            raise InvalidInput(
                f"Could not read {path}: {error.strerror}.", advice="The user of this task needs to read it."
            ) from error
        offset = file.seek(0, 2) if at_end else 0
        self._files[path] = _Followed(path, file, _inode(file), offset)

    def _notice_new_files(self) -> None:
        for path in self._paths():
            known = self._files.get(path)
            if known is None:
                self._follow(path, at_end=False)
            elif Path(path).stat().st_ino != known.inode:
                self._rotated.append(self._files.pop(path))
                self._follow(path, at_end=False)
            elif Path(path).stat().st_size < known.offset:
                known.offset = 0

    def _read(self, followed: _Followed, account: Account, end: float) -> None:
        followed.file.seek(followed.offset)
        while time.monotonic() < end:
            line = followed.file.readline(_LONGEST_LINE)
            # A line without its end is being written; the next poll reads it whole.
            if not line.endswith(b"\n") and len(line) < _LONGEST_LINE:
                return
            if self._marker in line:
                self._see(followed, line, account)
            followed.offset += len(line)

    def _see(self, followed: _Followed, line: bytes, account: Account) -> None:
        event = read_event(line)
        if event is None or event.run != self._run:
            return
        now = time.time()
        if account.see(event.seq, now) and event.seq == 0:
            number = _line_number(followed)
            where = {"file": followed.path, "line": number}
            account.see_loggy(event, f"{followed.path}:{number}", where, now)


def _inode(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_ino


def _line_number(followed: _Followed) -> int:
    """The number of the line at ``followed.offset``, from 1."""
    number, left = 1, followed.offset
    with Path(followed.path).open("rb") as file:
        while left > 0 and (block := file.read(min(left, _BLOCK))):
            number += block.count(b"\n")
            left -= len(block)
    return number
