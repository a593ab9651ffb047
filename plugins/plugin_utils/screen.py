# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A few lines at the end of a terminal that are drawn over in place, while what others print goes above them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, TextIO

_UP = "\x1b[{}A"
_CLEAR_TO_END_OF_LINE = "\x1b[K"
_CLEAR_BELOW = "\x1b[J"


class Screen:
    """The cursor always stays below the lines and visible: whoever is killed leaves a terminal that can be used."""

    def __init__(self, lock: AbstractContextManager[Any]) -> None:
        """:param lock: is held by whoever else writes to the terminal; may be taken again by its holder."""
        self._lock = lock
        self._stream: TextIO = sys.stdout
        self._shown: list[str] = []
        self._opened = False
        self._mid_line = False

    def open(self) -> None:
        """From now on what is printed goes above the lines."""
        with self._lock:
            if not self._opened:
                self._opened = True
                self._stream = sys.stdout
                sys.stdout = _Above(sys.stdout, self)
                if sys.stderr.isatty():
                    sys.stderr = _Above(sys.stderr, self)

    def close(self) -> None:
        with self._lock:
            self._opened = False
            self._erase()
            if isinstance(sys.stdout, _Above):
                sys.stdout = sys.stdout.stream
            if isinstance(sys.stderr, _Above):
                sys.stderr = sys.stderr.stream

    def draw(self, lines: Sequence[str]) -> None:
        """:param lines: none is wider than the terminal, and they are fewer than its rows."""
        with self._lock:
            # A prompt is on the screen: its line is not ours to end.
            if not self._opened or self._mid_line or list(lines) == self._shown:
                return
            self._write(self._back() + "".join(f"{line}{_CLEAR_TO_END_OF_LINE}\n" for line in lines) + _CLEAR_BELOW)
            self._shown = list(lines)

    def write_above(self, stream: TextIO, text: str) -> int:
        with self._lock:
            self._erase()
            if text:
                self._mid_line = not text.endswith("\n")
            return stream.write(text)

    def _erase(self) -> None:
        if self._shown:
            self._write(self._back() + _CLEAR_BELOW)
            self._shown = []

    def _back(self) -> str:
        return _UP.format(len(self._shown)) if self._shown else ""

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class _Above:
    """A stream whose writes go above the lines; in all else it is the stream itself."""

    def __init__(self, stream: TextIO, screen: Screen) -> None:
        self.stream = stream
        self._screen = screen

    def write(self, text: str) -> int:
        return self._screen.write_above(self.stream, text)

    def writelines(self, lines: Sequence[str]) -> None:
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)
