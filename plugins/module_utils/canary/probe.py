# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long-running probe: sends, follows every stop, judges at each deadline, and keeps the account on disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from .book import Book
from .follow import LONGEST_LOOK_SECONDS, Follower
from .lag import LagWatch
from .sender import Sender

_TURN_SECONDS = 0.5
# A loop that did not turn for so long hangs; saving to a slow disk is what takes longest in it.
_LONGEST_TURN_SECONDS = 30.0
_LAST_LOOK_SECONDS = 5.0


class Probe:
    def __init__(
        self,
        book: Book,
        sender: Sender,
        followers: Sequence[Follower],
        say: Callable[[str], None],
        lag: LagWatch | None = None,
    ) -> None:
        """:param say: takes a line for the program's log."""
        self.book = book
        self.lag = lag
        self._sender = sender
        self._followers = followers
        self._say = say
        self._turned_at = time.monotonic()
        self._closing = threading.Event()
        self._is_sending = False

    def run(self) -> None:
        """Returns after ``close``."""
        for follower in self._followers:
            follower.start()
        if self.lag is not None:
            self.lag.start()
        while not self._closing.wait(_TURN_SECONDS):
            self.turn()
        self._end()

    def close(self) -> None:
        """May be called from a signal handler."""
        self._closing.set()

    def turn(self) -> None:
        # What leaves before a stop has noted where it is could pass it unseen, and would be called lost.
        if not self._is_sending and all(follower.started.is_set() for follower in self._followers):
            self._is_sending = True
            self._sender.start()
        self._sender.check()
        with self.book.reading() as account:
            if account.judge(self.book.now_us()):
                self.book.touch()
            while account.news:
                self._say(account.news.popleft())
        self.book.save()
        self._turned_at = time.monotonic()

    def trouble(self) -> str:
        """Why this probe does not do its work, "" when it does. What is wrong with the pipeline is not its trouble."""
        now = time.monotonic()
        if now - self._turned_at > _LONGEST_TURN_SECONDS:
            return f"the loop has not turned for {now - self._turned_at:.0f} s"
        if self._is_sending and not self._sender.is_alive:
            return "the sender has ended"
        for follower in self._followers:
            if not follower.is_alive:
                return f"nobody follows {follower.name} any more"
            if now - follower.looked_at > LONGEST_LOOK_SECONDS:
                return f"a look at {follower.name} has taken {now - follower.looked_at:.0f} s so far"
        return self.book.trouble

    def _end(self) -> None:
        self._sender.close(timeout=1.0)
        end = time.monotonic() + _LAST_LOOK_SECONDS
        for follower in self._followers:
            follower.close(timeout=max(0.0, end - time.monotonic()))
        if self.lag is not None:
            self.lag.close(timeout=max(0.0, end - time.monotonic()))
        self.turn()
