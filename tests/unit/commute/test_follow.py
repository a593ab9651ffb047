"""The thread that follows one stop."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.follow import Follower, pause_after
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.stop import Health
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import Unreachable


class Stop:
    """:param failures: how many polls fail before one succeeds.
    :ivar looks: whether each poll was the last one.
    """

    ordered = False

    def __init__(self, *, starts: bool = True, failures: int = 0) -> None:
        self.starts = starts
        self.failures = failures
        self.looks: list[bool] = []
        self.looked = threading.Event()
        self.closed = False

    def start(self) -> None:
        if not self.starts:
            raise Unreachable("No answer.", advice="Look.")

    def poll(self, account: Account, *, last: bool = False) -> None:
        self.looks.append(last)
        if len(self.looks) <= self.failures:
            raise Unreachable("No answer.")
        self.looked.set()

    def health(self) -> Health:
        return Health("")

    def close(self) -> None:
        self.closed = True


def followed(stop: Stop) -> Follower:
    follower = Follower(stop, Account(0), lambda: None)
    assert follower.started.wait(5)
    return follower


def ended(follower: Follower) -> Follower:
    follower.close()
    follower.join(5)
    assert follower.ended
    return follower


def test_stop_is_looked_at_from_go_on_and_once_more_at_the_end() -> None:
    stop = Stop()
    follower = followed(stop)
    assert stop.looks == []

    follower.go()
    assert stop.looked.wait(5)
    ended(follower)

    assert stop.looks[0] is False
    assert stop.looks[-1] is True
    assert stop.looks.count(True) == 1
    assert stop.closed


def test_stop_that_could_not_be_started_is_never_looked_at() -> None:
    stop = Stop(starts=False)
    follower = followed(stop)
    assert follower.error == "No answer. Look"

    ended(follower)

    assert stop.looks == []
    assert follower.error == "No answer. Look"
    assert stop.closed


def test_error_is_forgotten_when_the_stop_answers_again() -> None:
    stop = Stop(failures=2)
    follower = followed(stop)

    follower.go()
    assert stop.looked.wait(5)

    assert ended(follower).error == ""
    assert len(stop.looks) >= 3


@pytest.mark.parametrize(
    ("news", "seconds", "pause", "elapsed", "missing", "after"),
    [
        (0, 1, 0.02, 100, 9, 0.03),
        (0, 1, 0.2, 100, 9, 0.25),
        (1, 0.02, 0.25, 100, 9, 0.02),
        (999, 1, 0.25, 100, 10**6, 0.02),
        (1000, 1, 0.25, 0.1, 10**6, 0.02),
        (20, 0.02, 0.02, 20, 10**6, 1.0),
        (1000, 1, 0.02, 1000, 10**6, 2.0),
        (1000, 1, 0.02, 1000, 1000, 0.5),
        (1000, 1, 0.02, 1000, 0, 0.02),
    ],
)
def test_looks_are_rarer_while_nothing_comes_and_while_very_many_are_still_to_come(
    news: int, seconds: float, pause: float, elapsed: float, missing: int, after: float
) -> None:
    assert pause_after(news, seconds, pause, elapsed, missing) == pytest.approx(after)
