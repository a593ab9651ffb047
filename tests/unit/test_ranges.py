"""The laws of Ranges, against a plain set of numbers."""

from __future__ import annotations

from itertools import pairwise

from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges
from hypothesis import given
from hypothesis import strategies as st

PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)).map(lambda pair: (pair[0], sum(pair))), max_size=30)


def numbers(pairs: list[tuple[int, int]]) -> set[int]:
    return {number for first, last in pairs for number in range(first, last + 1)}


@given(PAIRS)
def test_holds_exactly_the_numbers_that_were_added_in_whatever_order(pairs: list[tuple[int, int]]) -> None:
    ranges = Ranges(pairs)

    assert {number for number in range(80) if number in ranges} == numbers(pairs)
    assert len(ranges) == len(numbers(pairs))
    assert bool(ranges) == bool(pairs)


@given(PAIRS)
def test_ranges_rise_and_leave_a_gap_between_them(pairs: list[tuple[int, int]]) -> None:
    listed = list(Ranges(pairs))

    assert all(first <= last for first, last in listed)
    assert all(left[1] + 1 < right[0] for left, right in pairwise(listed))


@given(PAIRS, st.randoms())
def test_order_of_adding_makes_no_difference(pairs: list[tuple[int, int]], random: object) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert Ranges(shuffled) == Ranges(pairs)


def test_a_range_that_ends_before_it_begins_adds_nothing() -> None:
    assert not Ranges([(5, 4)])


def test_a_person_reads_single_numbers_and_ranges() -> None:
    assert str(Ranges([(1, 7), (9, 9)])) == "1-7, 9"


def test_text_names_eight_ranges_and_counts_the_rest() -> None:
    assert str(Ranges([(n, n) for n in range(0, 20, 2)])).endswith("14 and 2 more ranges")


def test_result_is_bounded() -> None:
    assert Ranges([(n, n) for n in range(0, 20, 2)]).pairs(3) == [[0, 0], [2, 2], [4, 4]]
