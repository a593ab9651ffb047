"""The account of a stop, against a plain list of what was seen."""

from __future__ import annotations

import tracemalloc
from collections import Counter

from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.log.event import Event
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges
from hypothesis import given
from hypothesis import strategies as st

NEIGHBOURS = 20
SEEN = st.lists(st.integers(-5, NEIGHBOURS + 5), max_size=80)


def account_of(seqs: list[int]) -> Account:
    account = Account(NEIGHBOURS)
    for at, seq in enumerate(seqs):
        account.see(seq, float(at))
    return account


@given(SEEN)
def test_account_agrees_with_a_plain_count(seqs: list[int]) -> None:
    account = account_of(seqs)

    expected = set(range(NEIGHBOURS + 1))
    times = Counter(seqs)
    found = expected & times.keys()
    assert account.found == len(found)
    assert account.complete == (found == expected)
    assert account.missing == Ranges((seq, seq) for seq in expected - found)
    assert account.duplicates == Ranges((seq, seq) for seq in found if times[seq] > 1)
    assert account.copies == sum(times[seq] - 1 for seq in found)
    assert account.unexpected_count == sum(times[seq] for seq in times.keys() - expected)
    assert account.unexpected == Ranges((seq, seq) for seq in times.keys() - expected)
    assert account.sightings == len(seqs)


@given(SEEN)
def test_first_sighting_is_told_from_a_copy(seqs: list[int]) -> None:
    account = Account(NEIGHBOURS)

    told = [account.see(seq, 0.0) for seq in seqs]

    assert told == [0 <= seq <= NEIGHBOURS and seq not in seqs[:at] for at, seq in enumerate(seqs)]


@given(SEEN)
def test_times_are_those_of_the_first_and_last_expected_event(seqs: list[int]) -> None:
    account = account_of(seqs)

    times = [float(at) for at, seq in enumerate(seqs) if 0 <= seq <= NEIGHBOURS]
    assert (account.first_at, account.last_at) == ((times[0], times[-1]) if times else (None, None))


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
    account.see_loggy(Event("r", 1, "p", 10.0), "neighbour", {}, 11.0)
    account.see_loggy(Event("r", 0, "p", 10.0), "first", {"line": 1}, 10.25)
    account.see_loggy(Event("r", 0, "p", 10.0), "second", {"line": 2}, 12.0)

    assert account.loggy is not None
    assert (account.loggy.place, account.loggy.where, account.loggy.clock) == ("first", {"line": 1}, "host")
    assert account.loggy.latency_ms == 250.0


def test_line_that_does_not_say_when_it_was_sent_has_no_latency() -> None:
    account = Account(0)
    account.see_loggy(Event("r", 0, "p", None), "place", {}, 11.0)

    assert account.loggy is not None
    assert account.loggy.latency_ms is None


@given(SEEN, SEEN)
def test_account_that_takes_over_is_the_other_one(before: list[int], after: list[int]) -> None:
    account = account_of(before)

    account.replace_by(account_of(after))

    assert vars(account).keys() == vars(account_of(after)).keys()
    assert account.missing == account_of(after).missing
    assert account.sightings == len(after)


def test_a_number_costs_a_byte() -> None:
    def cost(neighbours: int) -> int:
        tracemalloc.start()
        try:
            account = Account(neighbours)
            for seq in range(0, neighbours, 3):
                account.see(seq, 0.0)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert cost(200_000) - cost(100_000) < 110_000
