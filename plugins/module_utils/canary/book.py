# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all of the canary's threads share: the account and where each stop is read on, under one lock, and on disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InvalidInput
from .account import Account
from .state import load_state, save_state
from .stops import Position


class Book:
    """The account and the positions of the stops change together: a life that goes on from them counts nothing twice.

    :ivar trouble: why the account could not be written when that was tried last, "" when it could.
    """

    def __init__(self, account: Account, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.account = account
        self.positions: dict[str, Position] = {}
        self.trouble = ""
        self._path = path
        self._clock = clock
        self._lock = threading.RLock()
        self._changed = False
        state = load_state(path)
        if state is not None:
            account.restore(state["account"])
            self.positions = dict(state["positions"])

    def now_us(self) -> int:
        return round(self._clock() * 1_000_000)

    @contextmanager
    def reading(self) -> Iterator[Account]:
        with self._lock:
            yield self.account

    @contextmanager
    def changing(self) -> Iterator[Account]:
        with self.reading() as account:
            self.touch()
            yield account

    def touch(self) -> None:
        """There is something to save."""
        self._changed = True

    def save(self) -> None:
        """Returns with ``trouble`` when it can't be written; the next one tries again."""
        with self._lock:
            if not self._changed:
                return
            try:
                save_state(self._path, {"account": self.account.to_json(), "positions": self.positions})
            except InvalidInput as error:
                self.trouble = str(error)
            else:
                self.trouble = ""
                self._changed = False
