# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run: lets every stop note where it is, sends, follows all stops at the same time, and ends. Judges nothing.

What is observed beside the stops is followed like them, and waited for by nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from ..operation import Context
from .account import Account, Starts
from .follow import Follower
from .options import Commute
from .sender import AnotherSender, Producers, Sender
from .verdict import SENDER

# For the last look at each stop: a server that does not answer any more ends it.
_LAST_LOOK_SECONDS = 10.0
# Where there are copies, everything is read anew.
_LAST_LOOK_SECONDS_PER_MILLION = 30.0
_PROGRESS_SECONDS = 10.0
_SNAPSHOT_SECONDS = 0.2


class Ride:
    """:ivar followers: by the name of the stop; those deployed.
    :ivar observers: by the name of the observation.
    :ivar started_us: microseconds since 1970.
    """

    def __init__(self, plan: Commute, context: Context) -> None:
        self._plan = plan
        self._news = threading.Event()
        self._began = time.monotonic()
        self._end = self._began + plan.deadline
        self._said = _Said(context)
        self.started_us = time.time_ns() // 1000
        self.starts = Starts(plan.neighbours + 1)
        self.sender: Sender = self._sender()
        self.followers: Mapping[str, Follower] = self._followers()
        self.observers: Mapping[str, Follower] = {
            one.name: Follower(one.observation, Account(plan.neighbours, self.starts), lambda: None)
            for one in plan.observations
        }

    def _followers(self) -> dict[str, Follower]:
        followers: dict[str, Follower] = {}
        topic: Account | None = None
        for one in self._plan.stops:
            if one.stop is None:
                continue
            account = Account(self._plan.neighbours, self.starts, ordered=one.stop.ordered, before=topic)
            followers[one.name] = Follower(one.stop, account, self._news.set)
            topic = account if one.kind == "topic" else topic
        return followers

    def _sender(self) -> Sender:
        plan = self._plan
        if not plan.sends:
            return AnotherSender(plan.sending.run, plan.neighbours)
        return Producers(
            plan.sending,
            plan.neighbours,
            producers=plan.producers,
            until=self._end,
            starts=self.starts,
            notify=self._news.set,
        )

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def start(self) -> None:
        """Returns when every stop has noted where it is, or has said why it can't."""
        for follower in self._all():
            if not follower.started.wait(max(0.0, self._end - time.monotonic())):
                follower.error = f"no answer within {self._plan.deadline:g} s"
        self._raise_crash()

    def follow(self) -> None:
        """Sends, and returns when all was found everywhere, when it can't be any more, or at the deadline."""
        plan = self._plan
        self._said.leaving(plan, list(self.followers))
        for follower in self._all():
            follower.go()
        self.sender.start()
        while (left := self._end - time.monotonic()) > 0 and not self._is_over():
            self._news.wait(min(left, _SNAPSHOT_SECONDS))
            self._news.clear()
            self._said.under_way(self.followers, self.sender, self.seconds)

    def close(self) -> None:
        """Takes a last look at every stop, at the same time."""
        for follower in self._all():
            follower.close()
        seconds = _LAST_LOOK_SECONDS + _LAST_LOOK_SECONDS_PER_MILLION * self._plan.neighbours / 1_000_000
        end = time.monotonic() + seconds
        for follower in self._all():
            follower.join(max(0.0, end - time.monotonic()))
            if not follower.ended:
                follower.error = f"no answer within {round(seconds, 1):g} s after the end"
        self._raise_crash()
        self._said.state(self.followers, self.sender)

    def _all(self) -> list[Follower]:
        return [*self.followers.values(), *self.observers.values()]

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
        return [self.sender, *self._all()]


class _Said:
    """What somebody who waits wants to see: a few lines, and the state for a display that is redrawn."""

    def __init__(self, context: Context) -> None:
        self._progress = context.progress
        self._snapshot = context.snapshot
        self._complete: set[str] = set()
        self._last = 0.0
        self._last_snapshot = 0.0

    def leaving(self, plan: Commute, stops: list[str]) -> None:
        leave = f"leave for {plan.sending.destination}" if plan.sends else "are sent by another"
        self._progress(
            f"Loggy and {plan.neighbours} neighbours {leave}, watched at {', '.join(stops)} (run {plan.sending.run})"
        )

    def state(self, followers: Mapping[str, Follower], sender: Sender) -> None:
        """By the name of each stop what was found there, and what was sent."""
        state: dict[str, Any] = {SENDER: sender.counts()}
        for name, follower in followers.items():
            account = follower.account
            state[name] = {
                "found": account.found,
                "expected": account.expected,
                "sightings": account.sightings,
                "error": follower.error or None,
            }
        self._snapshot(state)

    def under_way(self, followers: Mapping[str, Follower], sender: Sender, seconds: float) -> None:
        """:param seconds: since the beginning."""
        if seconds - self._last_snapshot >= _SNAPSHOT_SECONDS:
            self._last_snapshot = seconds
            self.state(followers, sender)
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
