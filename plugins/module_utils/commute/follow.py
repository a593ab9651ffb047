# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows one stop in a thread of its own, so that a slow stop holds up no other one. Judges nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ..errors import PipelineError
from .account import Account
from .stops.stop import Stop, first_line

# Between two looks: soon after news, rarer while nothing comes.
_SHORTEST_PAUSE = 0.02
_LONGEST_PAUSE = 0.25
# While as many come in a second, each look costs more than it tells: the pause is then a part of the time so far, which
# is the most that the times of events can be off by it, but leaves two looks at least for what is still to come.
_MANY_PER_SECOND = 1000
_PART_OF_TIME = 0.05
_LONGEST_PAUSE_WITH_MANY = 2.0


def pause_after(news: int, seconds: float, pause: float, elapsed: float, missing: int) -> float:
    """Seconds until the next look.

    :param news: how many events the last look showed; :param seconds: how long they had been coming.
    :param pause: the one before that look. :param elapsed: seconds since the first look.
    :param missing: how many are still to come.
    """
    if news == 0:
        return min(pause * 1.5, _LONGEST_PAUSE)
    if news < seconds * _MANY_PER_SECOND:
        return _SHORTEST_PAUSE
    left = missing * seconds / news
    return max(_SHORTEST_PAUSE, min(elapsed * _PART_OF_TIME, left / 2, _LONGEST_PAUSE_WITH_MANY))


class Follower:
    """:ivar error: why the stop could not be read when it was tried last, "" when it could.
    :ivar crash: an error of this program.
    """

    def __init__(self, stop: Stop, account: Account, notify: Callable[[], None]) -> None:
        """:param notify: is called, from the follower's thread, when there is something to know."""
        self.account = account
        self.error = ""
        self.crash: Exception | None = None
        self._stop = stop
        self._notify = notify
        self._go = threading.Event()
        self._closing = threading.Event()
        self.started = threading.Event()
        # A daemon: a server that never answers must not keep the task from ending.
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def go(self) -> None:
        """From now on there is something to read."""
        self._go.set()

    def close(self) -> None:
        """Asks for a last look."""
        self._closing.set()
        self._go.set()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _run(self) -> None:
        """A stop that could not be read at the start is not followed: nobody would know what it held before."""
        try:
            self._try(self._stop.start)
            self.started.set()
            self._notify()
            self._go.wait()
            if not self.error:
                self._follow()
        except Exception as error:
            self.crash = error
        finally:
            self._stop.close()
            self.started.set()
            self._notify()

    def _follow(self) -> None:
        pause = _SHORTEST_PAUSE
        began = looked = time.monotonic()
        while not self._closing.is_set():
            before = self.account.sightings
            self._try(lambda: self._stop.poll(self.account))
            news = self.account.sightings - before
            now = time.monotonic()
            pause = pause_after(news, now - looked, pause, now - began, self.account.expected - self.account.found)
            if news:
                looked = now
                self._notify()
            self._closing.wait(pause)
        self._try(lambda: self._stop.poll(self.account, last=True))

    def _try(self, look: Callable[[], None]) -> None:
        try:
            look()
        except PipelineError as error:
            self.error = first_line(error)
        else:
            self.error = ""
