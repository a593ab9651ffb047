"""The proof that documents were made of the records that were read, against a plain set of pairs."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.coordinates import Coordinate, Coordinates, Sums
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges
from hypothesis import given
from hypothesis import strategies as st

EXPECTED = 6
COORDINATE = st.builds(Coordinate, st.sampled_from(["a", "b"]), st.integers(0, 1), st.integers(0, 2), st.integers(0, 1))
RECORDS = st.lists(st.tuples(st.integers(0, EXPECTED - 1), COORDINATE), max_size=20)
DOCUMENTS = st.lists(st.tuples(st.integers(-1, EXPECTED), st.none() | COORDINATE), max_size=20)


def coordinates(noted: Sequence[tuple[int, Coordinate | None]]) -> Coordinates:
    result = Coordinates(EXPECTED)
    for seq, one in noted:
        result.note(seq, one)
    return result


@given(RECORDS, DOCUMENTS)
def test_every_document_must_name_a_record_of_its_own_number(
    records: list[tuple[int, Coordinate | None]], documents: list[tuple[int, Coordinate | None]]
) -> None:
    unproven = coordinates(documents).unproven(coordinates(records))

    wrong = {seq for seq, one in documents if 0 <= seq < EXPECTED and (one is None or (seq, one) not in records)}
    assert unproven == Ranges((seq, seq) for seq in wrong)


@given(RECORDS, st.randoms())
def test_documents_of_exactly_the_records_are_proven_in_any_order(
    records: list[tuple[int, Coordinate | None]], random: object
) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert not coordinates(shuffled).unproven(coordinates(records))


RECORD = Coordinate("logs", 0, 41, 1000)


@pytest.mark.parametrize(
    "claim",
    [
        None,
        RECORD._replace(topic="other"),
        RECORD._replace(partition=1),
        RECORD._replace(offset=42),
        RECORD._replace(timestamp=1001),
    ],
)
def test_claim_that_differs_in_one_part_is_no_proof(claim: Coordinate | None) -> None:
    documents = coordinates([(1, RECORD), (2, claim)])

    assert documents.unproven(coordinates([(1, RECORD), (2, RECORD)])) == Ranges([(2, 2)])


def test_any_of_several_copies_in_the_topic_is_proof() -> None:
    copies = [(3, RECORD), (3, RECORD._replace(offset=50)), (3, RECORD._replace(offset=60))]

    for _, copy in copies:
        assert not coordinates([(3, copy)]).unproven(coordinates(copies))


def test_record_of_another_number_is_no_proof() -> None:
    assert coordinates([(1, RECORD)]).unproven(coordinates([(2, RECORD)])) == Ranges([(1, 1)])


def test_nothing_read_proves_nothing_and_nothing_found_needs_no_proof() -> None:
    assert coordinates([(1, RECORD)]).unproven(coordinates([])) == Ranges([(1, 1)])
    assert not coordinates([]).unproven(coordinates([(1, RECORD)]))


def test_first_coordinate_of_a_number_is_kept() -> None:
    noted = coordinates([(1, RECORD), (1, RECORD._replace(offset=9))])

    assert noted.first(1) == RECORD
    assert noted.first(2) is None


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=5),
)
def test_row_is_noted_as_each_of_its_numbers(first: int, records: list[tuple[int, int, int]]) -> None:
    row, one_by_one = Coordinates(20), Coordinates(20)
    places = [("t", partition) for partition, _, _ in records]
    row.note_row(first, places, [offset for _, offset, _ in records], [timestamp for _, _, timestamp in records])
    for at, (partition, offset, timestamp) in enumerate(records):
        one_by_one.note(first + at, Coordinate("t", partition, offset, timestamp))

    assert [row.first(seq) for seq in range(20)] == [one_by_one.first(seq) for seq in range(20)]
    same = Coordinates(20)
    same.note(0, RECORD)
    same.note_same(row, first, len(records))
    assert same.first(0) == RECORD
    assert [same.first(seq) for seq in range(1, 20)] == [row.first(seq) for seq in range(1, 20)]
    sums = [sum(column) for column in zip(*records, strict=True)]
    assert row.sums(first, len(records)) == Sums("t", *sums)
    assert row.sums(first, len(records) + 1) is None


def test_batch_is_noted_as_a_row_of_one_partition() -> None:
    batch, row = Coordinates(9), Coordinates(9)
    batch.note_batch(2, ("t", 1), range(5, 8), [10, 11, 10])
    row.note_row(2, [("t", 1)] * 3, range(5, 8), [10, 11, 10])

    assert [batch.first(seq) for seq in range(9)] == [row.first(seq) for seq in range(9)]


def test_numbers_of_several_topics_have_no_sums() -> None:
    assert coordinates([(1, RECORD), (2, RECORD._replace(topic="u"))]).sums(1, 2) is None
    assert coordinates([(1, RECORD)]).sums(1, 1) == Sums(RECORD.topic, *RECORD[1:])
    assert coordinates([]).sums(1, 1) is None
