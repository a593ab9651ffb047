"""What the sums of a block tell, and what they leave to be read."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.coordinates import Sums
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.blocks import (
    SIZE,
    Block,
    blocks_body,
    blocks_of,
    size_of,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch.documents import query_for
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.fakes.elasticsearch import FakeElasticsearch, _search

EXPECTED = 2 * SIZE + 31


def document(seq: int, **stamp: Any) -> dict[str, Any]:
    kafka = {"topic": "t", "partition": seq % 3, "offset": 7 * seq, "timestamp": "1970-01-01T00:00:01Z", **stamp}
    return {"loggy": {"seq": seq}, "kafka": {name: value for name, value in kafka.items() if value is not None}}


def read(documents: list[dict[str, Any]]) -> dict[int, Block]:
    fake = FakeElasticsearch()
    for number, one in enumerate(documents):
        fake.put("logs", str(number), one)
    answer = _search(fake, "logs", blocks_body("kafka.topic.keyword", query_for()))
    return {block.first: block for block in blocks_of(answer, EXPECTED)}


def test_blocks_of_neighbours_are_whole_and_the_last_one_is_shorter() -> None:
    blocks = read([document(seq) for seq in range(EXPECTED)])

    assert [size_of(first, EXPECTED) for first in blocks] == [0, SIZE, SIZE, 30]
    assert [block.is_whole for block in blocks.values()] == [False, True, True, True]
    last = range(2 * SIZE + 1, EXPECTED)
    assert blocks[last[0]].sums == Sums("t", sum(seq % 3 for seq in last), 7 * sum(last), 1000 * len(last))


# The same sum, and the same sum of squares.
@example([(1, 2), (4, 3)])
@example([(1, 4), (8, 7)])
@given(st.lists(st.tuples(st.integers(1, SIZE), st.integers(1, SIZE)), min_size=1, max_size=2))
def test_one_or_two_numbers_in_the_place_of_others_are_always_noticed(replaced: list[tuple[int, int]]) -> None:
    numbers = list(range(1, SIZE + 1))
    for at, number in replaced:
        numbers[at - 1] = number
    (block,) = read([document(seq) for seq in numbers]).values()

    assert block.is_whole == (sorted(numbers) == list(range(1, SIZE + 1)))


@pytest.mark.parametrize("change", [{"offset": None}, {"timestamp": None}, {"partition": None}, {"topic": None}])
def test_block_with_a_document_that_names_no_record_has_no_sums(change: dict[str, Any]) -> None:
    (block,) = read([document(1, **change), *(document(seq) for seq in range(2, SIZE + 1))]).values()

    assert block.is_whole
    assert block.sums is None


def test_documents_of_two_topics_have_no_sums() -> None:
    (block,) = read([document(1, topic="u"), *(document(seq) for seq in range(2, SIZE + 1))]).values()

    assert block.sums is None


def test_document_that_names_another_record_changes_the_sums() -> None:
    (right,) = read([document(seq) for seq in range(1, SIZE + 1)]).values()
    for change in ({"offset": 8}, {"partition": 2}, {"timestamp": "1970-01-01T00:00:02Z"}):
        (wrong,) = read([document(1, **change), *(document(seq) for seq in range(2, SIZE + 1))]).values()
        assert wrong.sums != right.sums


@pytest.mark.parametrize(("first", "size"), [(1 - SIZE, 0), (1, SIZE), (2 * SIZE + 1, 30), (3 * SIZE + 1, 0)])
def test_only_numbers_that_are_expected_make_a_block(first: int, size: int) -> None:
    assert size_of(first, EXPECTED) == size
