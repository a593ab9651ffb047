"""The account of a stop, against a plain list of what was seen."""

from __future__ import annotations

import tracemalloc
from collections import Counter

from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account, Starts
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges
from hypothesis import given
from hypothesis import strategies as st

NEIGHBOURS = 20
SEEN = st.lists(st.integers(-5, NEIGHBOURS + 5), max_size=80)
LANES = st.lists(st.tuples(st.sampled_from(["p1", "p2", "p3"]), st.integers(0, NEIGHBOURS)), max_size=80)


def account_of(seqs: list[int], starts: Starts | None = None) -> Account:
    account = Account(NEIGHBOURS, starts)
    for at, seq in enumerate(seqs, 1):
        account.see(seq, at)
    return account


def numbers(seqs: set[int]) -> Ranges:
    return Ranges((seq, seq) for seq in seqs)


@given(SEEN)
def test_account_agrees_with_a_plain_count(seqs: list[int]) -> None:
    account = account_of(seqs)

    expected = set(range(NEIGHBOURS + 1))
    times = Counter(seqs)
    found = expected & times.keys()
    assert account.found == len(found)
    assert account.complete == (found == expected)
    assert account.missing == numbers(expected - found)
    assert account.duplicates == numbers({seq for seq in found if times[seq] > 1})
    assert account.copies == sum(times[seq] - 1 for seq in found)
    assert account.unexpected_count == sum(times[seq] for seq in times.keys() - expected)
    assert account.unexpected == numbers(times.keys() - expected)
    assert account.sightings == len(seqs)


@given(SEEN)
def test_first_sighting_is_told_from_a_copy(seqs: list[int]) -> None:
    account = Account(NEIGHBOURS)

    told = [account.see(seq, 1) for seq in seqs]

    assert told == [0 <= seq <= NEIGHBOURS and seq not in seqs[:at] for at, seq in enumerate(seqs)]


@given(SEEN)
def test_time_of_a_number_is_that_of_its_first_sighting(seqs: list[int]) -> None:
    account = account_of(seqs)

    assert list(account.seen_us) == [seqs.index(seq) + 1 if seq in seqs else 0 for seq in range(NEIGHBOURS + 1)]


@given(LANES)
def test_out_of_order_are_those_that_came_after_a_higher_one_of_their_producer(seen: list[tuple[str, int]]) -> None:
    account = Account(NEIGHBOURS, ordered=True)
    for lane, seq in seen:
        account.see(seq, 1, lane)

    late, known = set(), set()
    for position, (lane, seq) in enumerate(seen):
        firsts = {one for at, (other, one) in enumerate(seen[:position]) if other == lane and first(seen, at)}
        if seq not in known and any(one > seq for one in firsts):
            late.add(seq)
        known.add(seq)
    assert account.out_of_order == numbers(late)


def first(seen: list[tuple[str, int]], position: int) -> bool:
    """Whether no producer had sent this number before: copies are no matter of order."""
    return seen[position][1] not in [seq for _lane, seq in seen[:position]]


def test_stop_without_an_order_tells_none() -> None:
    account = account_of([3, 2, 1])

    assert account.out_of_order is None


def test_two_that_changed_places_are_out_of_order_by_the_one_that_came_late() -> None:
    account = Account(5, ordered=True)
    for seq in (0, 1, 3, 2, 4, 5):
        account.see(seq, 1, (0, "p"))

    assert account.out_of_order == Ranges([(2, 2)])


def test_rows_of_several_producers_that_come_mixed_are_in_order() -> None:
    account = Account(5, ordered=True)
    for seq, producer in ((3, "b"), (0, "a"), (4, "b"), (1, "a"), (2, "a"), (5, "b")):
        account.see(seq, 1, (0, producer))

    assert account.out_of_order == Ranges()


def test_producers_without_end_take_no_memory_without_end() -> None:
    account = Account(30_000, ordered=True)
    for seq in range(30_000):
        account.see(seq, 1, seq)

    assert len(account._highest) == 10_000


def test_more_copies_than_a_byte_can_count_are_counted() -> None:
    account = account_of([3] * 1000)

    assert account.copies == 999
    assert account.duplicates == Ranges([(3, 3)])


def test_unexpected_numbers_without_end_take_no_memory_without_end() -> None:
    account = account_of(list(range(1000, 21000, 2)))

    assert account.unexpected_count == 10_000
    assert len(account.unexpected.pairs(10_000)) == 100


def test_place_is_that_of_the_first_sighting_of_loggy() -> None:
    account = Account(2)
    account.starts.note(0, 10_000_000)
    account.see(0, 10_250_000)
    account.see_loggy("first", {"line": 1})
    account.see(0, 12_000_000)
    account.see_loggy("second", {"line": 2})

    assert account.loggy is not None
    assert (account.loggy.place, account.loggy.where, account.clock) == ("first", {"line": 1}, "host")
    assert account.latency_ms == 250.0


def test_line_that_does_not_say_when_it_was_sent_has_no_latency() -> None:
    account = Account(0)
    account.see(0, 11_000_000)

    assert account.latency_ms is None


def test_start_is_known_once_and_of_expected_numbers_only() -> None:
    starts = Starts(3)
    starts.note(1, 5)
    starts.note(7, 5)

    assert [starts.knows(seq) for seq in (-1, 0, 1, 2, 3)] == [True, False, True, False, True]
    assert list(starts.us) == [0, 5, 0]


@given(SEEN, SEEN)
def test_account_that_takes_over_is_the_other_one_and_keeps_the_first_times(
    before: list[int], after: list[int]
) -> None:
    account = account_of(before)
    first_times = list(account.seen_us)
    other = account_of(after)

    account.replace_by(other)

    assert vars(account) is vars(other)
    assert account.missing == account_of(after).missing
    assert account.sightings == len(after)
    for seq, (old, new) in enumerate(zip(first_times, account.seen_us, strict=True)):
        assert new == (old if old and seq in after else account_of(after).seen_us[seq])


def test_a_number_costs_nine_bytes_and_in_order_ten() -> None:
    def cost(neighbours: int, *, ordered: bool) -> int:
        starts = Starts(neighbours + 1)
        tracemalloc.start()
        try:
            account = Account(neighbours, starts, ordered=ordered)
            for seq in range(0, neighbours, 3):
                account.see(seq, 1, (0, "p"))
            return tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    for ordered, size in ((False, 9), (True, 10)):
        grown = cost(200_000, ordered=ordered) - cost(100_000, ordered=ordered)
        assert grown < (size + 0.1) * 100_000


@given(SEEN, st.integers(-3, NEIGHBOURS + 3), st.integers(1, 8), st.booleans())
def test_row_counts_as_each_of_its_numbers_or_not_at_all(
    before: list[int], start: int, count: int, ordered: bool
) -> None:
    row, one_by_one, untouched = (Account(NEIGHBOURS, ordered=ordered) for _ in range(3))
    for account in (row, one_by_one, untouched):
        for seq in before:
            account.see(seq, 1, "p")

    if row.see_row(start, count, 2, "p"):
        for seq in range(start, start + count):
            one_by_one.see(seq, 2, "p")
        expected = one_by_one
        assert start > 0
    else:
        expected = untouched
    for name in ("found", "sightings", "copies", "missing", "duplicates", "out_of_order", "seen_us", "_highest"):
        assert getattr(row, name) == getattr(expected, name), name


def test_new_numbers_in_a_row_are_seen_as_a_row() -> None:
    account = Account(9, ordered=True)

    assert account.see_row(1, 4, 5, "p")
    assert not account.see_row(4, 2, 5, "p")
    assert account.see_row(6, 4, 6, "p")
    assert account.missing == Ranges([(0, 0), (5, 5)])


def test_starts_of_a_row_are_known_when_each_is() -> None:
    starts = Starts(4)
    for seq in (1, 2):
        starts.note(seq, 5)

    assert [starts.knows_row(*row) for row in ((1, 2), (0, 2), (2, 2), (2, 1), (3, 5))] == [
        True,
        False,
        False,
        True,
        False,
    ]
