"""Latencies and throughput, against plain lists."""

from __future__ import annotations

import statistics
from array import array

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.latency import (
    BOUNDS_MS,
    MOST_STRETCHES,
    Latency,
    Stretches,
    latency_between,
    later_than,
    span,
    stretches,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges
from hypothesis import given
from hypothesis import strategies as st

TIMES = st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 10**8)), max_size=60)


def columns(times: list[tuple[int, int]]) -> tuple[array[int], array[int]]:
    return array("q", [start for start, _ in times]), array("q", [end for _, end in times])


@given(TIMES)
def test_quantiles_are_those_of_the_sorted_list(times: list[tuple[int, int]]) -> None:
    latency = latency_between(*columns(times))

    plain = sorted(end - start for start, end in times if start and end)
    assert list(latency.rising) == plain
    assert latency.negative == sum(one < 0 for one in plain)
    if plain:
        assert latency.quantile(0) == plain[0] / 1000
        assert latency.quantile(0.5) == statistics.median_low(plain) / 1000
        assert latency.quantile(1) == plain[-1] / 1000
        for part in (0.5, 0.95, 0.99):
            up_to = latency.quantile(part)
            assert up_to is not None
            assert sum(one <= round(up_to * 1000) for one in plain) >= part * len(plain)
            assert sum(one < round(up_to * 1000) for one in plain) < part * len(plain)


def test_nothing_has_no_quantile() -> None:
    assert [Latency([]).quantile(part) for part in (0, 0.5, 1)] == [None, None, None]


@given(TIMES)
def test_histogram_holds_each_latency_once(times: list[tuple[int, int]]) -> None:
    latency = latency_between(*columns(times))

    plain = [end - start for start, end in times if start and end]
    lower: float = float("-inf")
    for bound, count in latency.histogram():
        upper = float("inf") if bound is None else bound * 1000
        assert count == sum(lower < one <= upper for one in plain)
        lower = upper
    assert [bound for bound, _count in latency.histogram()] == [*BOUNDS_MS, None]


@given(TIMES, st.integers(0, 100_000))
def test_late_are_those_above_the_limit(times: list[tuple[int, int]], limit_ms: int) -> None:
    late, slowest = later_than(*columns(times), limit_ms)

    above = {
        seq: end - start for seq, (start, end) in enumerate(times) if start and end and end - start > limit_ms * 1000
    }
    assert late == Ranges((seq, seq) for seq in above)
    assert slowest == max(above.values(), default=0) / 1000


@given(st.lists(st.integers(0, 10**12), max_size=60), st.integers(1, 10**12))
def test_every_time_is_counted_in_its_stretch(times: list[int], start: int) -> None:
    times = [at if at == 0 else max(at, start) for at in times]
    found = stretches(start, [span(array("q", times))])

    counts = found.counts(array("q", times))

    assert len(counts) <= MOST_STRETCHES
    step = round(found.seconds * 1_000_000)
    for position, count in enumerate(counts):
        lower = start + position * step
        assert count == sum(lower <= at < lower + step for at in times if at)
    assert sum(counts) == sum(at != 0 for at in times)


def test_stretches_are_the_shortest_that_hold_all_stops() -> None:
    first, second = array("q", [1_000_000]), array("q", [60_000_000, 0])

    assert stretches(1_000_000, [span(first), span(second)]) == Stretches(1_000_000, 0.5)
    assert stretches(1_000_000, [span(first)]) == Stretches(1_000_000, 0.1)
    assert stretches(1_000_000, []) == Stretches(1_000_000, 0.1)


@pytest.mark.parametrize(("times", "counts"), [([5], [1]), ([5, 1_200_000], [1, 1]), ([0, 0], [])])
def test_times_before_the_first_stretch_are_in_it(times: list[int], counts: list[int]) -> None:
    assert [count for count in Stretches(1_000_000, 0.1).counts(array("q", times)) if count] == counts
