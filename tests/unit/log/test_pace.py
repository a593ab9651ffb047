"""When events are given out, on a clock made for the test."""

from __future__ import annotations

import math

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.log.pace import TICK, paced
from hypothesis import given
from hypothesis import strategies as st


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def given_out(
    count: int, rate: float, *, most: int = 1000, busy: float = 0.0, until: float = math.inf
) -> list[tuple[float, range]]:
    """(seconds since the start, part) of each part; handling a part takes ``busy`` seconds."""
    clock, parts = Clock(), []
    for part in paced(range(count), rate=rate, most=most, clock=clock, sleep=clock.sleep, until=until):
        parts.append((clock.now - 100, part))
        clock.now += busy
    return parts


@given(st.integers(1, 500), st.floats(0, 10_000), st.integers(1, 50))
def test_every_number_is_given_out_once_in_order_in_parts_that_fit(count: int, rate: float, most: int) -> None:
    parts = [part for _, part in given_out(count, 0 if rate < 0.01 else rate, most=most)]

    assert [number for part in parts for number in part] == list(range(count))
    assert all(0 < len(part) <= most for part in parts)


@given(st.integers(1, 300), st.floats(0.1, 5000))
def test_no_event_comes_before_it_is_due_and_none_a_tick_late(count: int, rate: float) -> None:
    for at, part in given_out(count, rate):
        assert at >= part[-1] / rate - 1e-6
        assert at <= part[0] / rate + TICK + 1e-6


@pytest.mark.parametrize("busy", [0.0, 0.007, 0.3])
def test_time_spent_on_each_part_does_not_add_up(busy: float) -> None:
    at, _ = given_out(1000, 100, busy=busy)[-1]

    assert at == pytest.approx(9.99, abs=max(TICK, busy) + 1e-6)


def test_without_a_rate_all_are_due_at_once() -> None:
    assert given_out(2500, 0) == [(0, range(1000)), (0, range(1000, 2000)), (0, range(2000, 2500))]


def test_nothing_is_given_out_after_the_end() -> None:
    parts = given_out(1000, 10, until=105.0)

    assert parts[-1][1][-1] in (49, 50)
    assert all(at < 5.0 for at, _ in parts)


def test_nothing_at_all_is_given_out_when_the_end_has_passed() -> None:
    assert given_out(10, 0, until=99.0) == []
