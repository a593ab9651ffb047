# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run: lets every stop note where it is, sends, follows all stops at the same time, and ends. Judges nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from .account import Account
from .follow import Follower
from .options import Commute
from .sender import Sender

# For the last look at each stop: a server that does not answer any more ends it.
_LAST_LOOK_SECONDS = 10.0
_PROGRESS_SECONDS = 10.0


class Ride:
    """:ivar followers: by the name of the stop; those deployed."""

    def __init__(self, plan: Commute, progress: Callable[[str], None]) -> None:
        self._plan = plan
        self._news = threading.Event()
        self._began = time.monotonic()
        self._end = self._began + plan.deadline
        self._said = _Said(progress)
        self.sender = Sender(plan.sending, plan.neighbours, self._end, self._news.set)
        self.followers: Mapping[str, Follower] = {
            stop.name: Follower(stop.stop, Account(plan.neighbours), self._news.set)
            for stop in plan.stops
            if stop.stop is not None
        }

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def start(self) -> None:
        """Returns when every stop has noted where it is, or has said why it can't."""
        for follower in self.followers.values():
            if not follower.started.wait(max(0.0, self._end - time.monotonic())):
                follower.error = f"no answer within {self._plan.deadline:g} s"
        self._raise_crash()

    def follow(self) -> None:
        """Sends, and returns when all was found everywhere, when it can't be any more, or at the deadline."""
        plan = self._plan
        self._said.leaving(plan.neighbours, plan.sending.destination, list(self.followers), plan.sending.run)
        for follower in self.followers.values():
            follower.go()
        self.sender.start()
        while (left := self._end - time.monotonic()) > 0 and not self._is_over():
            self._news.wait(min(left, _PROGRESS_SECONDS))
            self._news.clear()
            self._said.under_way(self.followers, self.seconds)

    def close(self) -> None:
        """Takes a last look at every stop, at the same time."""
        for follower in self.followers.values():
            follower.close()
        end = time.monotonic() + _LAST_LOOK_SECONDS
        for follower in self.followers.values():
            follower.join(max(0.0, end - time.monotonic()))
            if not follower.ended:
                follower.error = f"no answer within {_LAST_LOOK_SECONDS:g} s after the end"
        self._raise_crash()

    def _is_over(self) -> bool:
        if any(party.crash for party in self._parties()):
            return True
        complete = all(follower.account.complete for follower in self.followers.values())
        return self.sender.ended and (complete or bool(self.sender.error))

    def _raise_crash(self) -> None:
        for party in self._parties():
            if party.crash is not None:
                raise party.crash

    def _parties(self) -> list[Sender | Follower]:
        return [self.sender, *self.followers.values()]


class _Said:
    """The few lines that somebody who waits wants to see."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._complete: set[str] = set()
        self._last = 0.0

    def leaving(self, neighbours: int, destination: str, stops: list[str], run: str) -> None:
        self._progress(
            f"Loggy and {neighbours} neighbours leave for {destination}, watched at {', '.join(stops)} (run {run})"
        )

    def under_way(self, followers: Mapping[str, Follower], seconds: float) -> None:
        """:param seconds: since the beginning."""
        for name, follower in followers.items():
            if follower.account.complete and name not in self._complete:
                self._complete.add(name)
                self._progress(f"{name}: all {follower.account.expected} after {seconds:.1f} s")
        if seconds - self._last < _PROGRESS_SECONDS or len(self._complete) == len(followers):
            return
        self._last = seconds
        waiting = [
            f"{name} {follower.error or f'{follower.account.found} of {follower.account.expected}'}"
            for name, follower in followers.items()
            if name not in self._complete
        ]
        self._progress(f"after {seconds:.0f} s: {'; '.join(waiting)}")
