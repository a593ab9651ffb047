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
from ...log.event import LOGGY
from ..account import Account
from ..recognise import Recogniser
from .stop import POLL_SECONDS, Health, now_us

_BLOCK = 1024 * 1024
# A line longer than this is no log line; it is passed over without being kept.
_LONGEST_LINE = 16 * _BLOCK


@dataclass
class _Followed:
    """:param offset: where the next unread line begins; :param skips: whether it is what is left of an endless one."""

    path: str
    file: BinaryIO
    inode: int
    offset: int
    skips: bool = False


class FileStop:
    ordered = True

    def __init__(self, path: str, run: str, *, from_start: bool = False) -> None:
        """:param from_start: whether what is in the file already is read too."""
        self._pattern = path
        self._look = Recogniser(run).look
        self._from_start = from_start
        self._files: dict[str, _Followed] = {}
        self._rotated: list[_Followed] = []

    def start(self) -> None:
        for path in self._paths():
            self._follow(path, at_end=not self._from_start)

    def poll(self, account: Account, *, last: bool = False) -> None:
        end = time.monotonic() + POLL_SECONDS
        self._notice_new_files()
        for followed in [*self._rotated, *self._files.values()]:
            self._read(followed, account, end)
        for followed in self._rotated:
            followed.file.close()
        self._rotated.clear()

    def health(self) -> Health:
        paths = self._paths()
        if not paths:
            return Health(
                f"there is no file {self._pattern}", f"Start what writes {self._pattern}, or correct the path."
            )
        newest = max(paths, key=lambda path: Path(path).stat().st_mtime)
        stat = Path(newest).stat()
        age = time.time() - stat.st_mtime
        line = f"{len(paths)} files, {newest} has {stat.st_size} bytes and was last written {age:.0f} s ago"
        return Health(line, f"Look whether what writes {self._pattern} runs, and what its own log says.")

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
        while time.monotonic() < end:
            followed.file.seek(followed.offset)
            now = now_us()
            block = followed.file.read(_BLOCK)
            while len(block) < _LONGEST_LINE and b"\n" not in block and (more := followed.file.read(_BLOCK)):
                block += more
            # A line without its end is being written; the next poll reads it whole.
            whole = block.rfind(b"\n") + 1
            if not whole and len(block) < _LONGEST_LINE:
                return
            self._see_lines(followed, block[: whole or len(block)], account, now)

    def _see_lines(self, followed: _Followed, block: bytes, account: Account, now: int) -> None:
        """:param block: whole lines, or a piece of one that is too long."""
        for line in block.split(b"\n"):
            if line and not followed.skips and (sighting := self._look(line)):
                if not account.starts.knows(sighting.seq):
                    account.starts.note(sighting.seq, sighting.sent_us())
                if account.see(sighting.seq, now, (followed.path, sighting.producer)) and sighting.seq == LOGGY:
                    number = _line_number(followed, followed.offset + block.index(line))
                    account.see_loggy(f"{followed.path}:{number}", {"file": followed.path, "line": number})
            followed.skips = False
        followed.skips = not block.endswith(b"\n")
        followed.offset += len(block)


def _inode(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_ino


def _line_number(followed: _Followed, offset: int) -> int:
    """The number of the line at ``offset``, from 1."""
    number, left = 1, offset
    with Path(followed.path).open("rb") as file:
        while left > 0 and (block := file.read(min(left, _BLOCK))):
            number += block.count(b"\n")
            left -= len(block)
    return number
