# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one loop that waits, by a clock that does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotReady
from ansible_collections.loggy.pipeline.plugins.module_utils.wait import wait_until


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def coming(*states: str) -> Callable[[], tuple[str | None, str]]:
    """Looks that see each of the states in turn; "there" is the value."""
    left = iter(states)

    def look() -> tuple[str | None, str]:
        state = next(left)
        return ("there", "") if state == "there" else (None, state)

    return look


def wait(look: Callable[[], tuple[str | None, str]], timeout: float = 60, **options: object) -> tuple[str, Clock]:
    clock = Clock()
    value = wait_until(look, what="it", timeout=timeout, clock=lambda: clock.now, sleep=clock.sleep, **options)  # type: ignore[arg-type]
    return value, clock


def test_what_is_there_is_not_waited_for() -> None:
    value, clock = wait(coming("there"), timeout=0)
    assert (value, clock.slept) == ("there", [])


def test_intervals_grow_to_a_limit() -> None:
    _value, clock = wait(coming(*["no"] * 6, "there"), interval=1, longest_interval=2)
    assert clock.slept == [1, 1.5, 2, 2, 2, 2]


def test_the_last_look_is_at_the_deadline() -> None:
    clock = Clock()
    with pytest.raises(NotReady) as caught:
        wait_until(coming(*"abcdef"), what="it", timeout=2, interval=0.8, clock=lambda: clock.now, sleep=clock.sleep)
    assert clock.now == pytest.approx(2)
    assert str(caught.value) == "Waited 2 s for it; last seen: d."
    assert caught.value.details == {"last_state": "d"}


def test_no_time_is_one_look() -> None:
    with pytest.raises(NotReady, match="last seen: a"):
        wait(coming("a", "there"), timeout=0)


def test_each_new_state_is_told_once() -> None:
    told: list[str] = []
    wait(coming("a", "a", "b", "a", "there"), progress=told.append)
    assert told == ["waiting for it: a", "waiting for it: b", "waiting for it: a"]


def test_a_short_wait_is_no_news() -> None:
    told: list[str] = []
    wait(coming("a", "b", "there"), progress=told.append, quiet=1)
    assert told == []
    wait(coming("a", "a", "a", "there"), progress=told.append, quiet=1, interval=1)
    assert told == ["waiting for it: a"]


def test_what_can_not_come_any_more_ends_the_wait() -> None:
    def look() -> tuple[str | None, str]:
        raise NotReady("never")

    with pytest.raises(NotReady, match="never"):
        wait(look)
