"""What from and to mean in offsets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.bounds import Bound, offsets_between, parse_bound
from hypothesis import given
from hypothesis import strategies as st


class Source:
    """A topic with two partitions, of which retention took the first records."""

    partitions = [0, 1]  # noqa: RUF012 - as RecordReader has it

    def earliest_offsets(self) -> dict[int, int]:
        return {0: 10, 1: 0}

    def end_offsets(self) -> dict[int, int]:
        return {0: 20, 1: 5}

    def offsets_at(self, timestamp: int) -> dict[int, int]:
        return {0: 15} if timestamp < 1000 else {}


@pytest.mark.parametrize(
    ("value", "bound"),
    [
        ("earliest", Bound(word="earliest")),
        (" latest ", Bound(word="latest")),
        (12, Bound(offset=12)),
        ("12", Bound(offset=12)),
        (0, Bound(offset=0)),
        ({"0": 5, 1: "6"}, Bound(offsets={0: 5, 1: 6})),
        ("1970-01-01T00:00:01.5Z", Bound(timestamp=1500)),
        ("1970-01-01T00:00:01", Bound(timestamp=1000)),
        ("1970-01-01T01:00:00+01:00", Bound(timestamp=0)),
        (datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC), Bound(timestamp=2000)),
        (datetime(1970, 1, 1, 0, 0, 2), Bound(timestamp=2000)),
    ],
)
def test_a_bound_is_a_word_an_offset_offsets_or_a_time(value: Any, bound: Bound) -> None:
    assert parse_bound("from", value) == bound


@pytest.mark.parametrize("value", ["yesterday", -1, "-1", 1.5, "", None, "²"])
def test_anything_else_is_refused_with_its_option(value: Any) -> None:
    with pytest.raises(
        InvalidInput, match=r"from: '.*' is not earliest, latest, an offset, offsets by partition, or an ISO"
    ):
        parse_bound("from", value)


@pytest.mark.parametrize("value", [{"a": 1}, {0: "latest"}, {0: -1}])
def test_offsets_by_partition_are_numbers(value: Any) -> None:
    with pytest.raises(InvalidInput, match=r"to: '.*' is not a number of 0 or more"):
        parse_bound("to", value)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("earliest", "latest", ({0: 10, 1: 0}, {0: 20, 1: 5})),
        ("latest", "latest", ({0: 20, 1: 5}, {0: 20, 1: 5})),
        (3, "latest", ({0: 10, 1: 3}, {0: 20, 1: 5})),
        ({1: 2}, {0: 12}, ({0: 10, 1: 2}, {0: 12, 1: 5})),
        ("1970-01-01T00:00:00Z", "latest", ({0: 15, 1: 5}, {0: 20, 1: 5})),
        ("earliest", "1970-01-01T00:00:00Z", ({0: 10, 1: 0}, {0: 15, 1: 5})),
        ("1970-01-01T00:01:00Z", "latest", ({0: 20, 1: 5}, {0: 20, 1: 5})),
        (99, 3, ({0: 20, 1: 5}, {0: 20, 1: 5})),
    ],
)
def test_bounds_become_offsets_that_the_topic_holds(start: Any, end: Any, expected: Any) -> None:
    assert offsets_between(Source(), parse_bound("from", start), parse_bound("to", end), []) == expected


def test_only_the_partitions_that_are_asked_for_are_read() -> None:
    assert offsets_between(Source(), Bound(word="earliest"), Bound(word="latest"), [1]) == ({1: 0}, {1: 5})


BOUNDS = st.one_of(
    st.sampled_from([Bound(word="earliest"), Bound(word="latest")]),
    st.builds(Bound, offset=st.integers(0, 50)),
    st.builds(Bound, offsets=st.dictionaries(st.sampled_from([0, 1]), st.integers(0, 50))),
    st.builds(Bound, timestamp=st.integers(0, 2000)),
)


@given(start=BOUNDS, end=BOUNDS)
def test_reading_never_leaves_the_topic_nor_ends_before_it_starts(start: Bound, end: Bound) -> None:
    first, last = offsets_between(Source(), start, end, [])
    for partition in Source.partitions:
        assert Source().earliest_offsets()[partition] <= first[partition] <= last[partition]
        assert last[partition] <= Source().end_offsets()[partition]
