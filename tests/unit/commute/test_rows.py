"""Batches and pages that hold nothing but events in a row, which are counted at once, beside each record by itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.documents import FromSort, InARow
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.topic import TopicStop
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.options import Connection
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.slim import SlimBatch, slim_batch
from ansible_collections.loggy.pipeline.plugins.module_utils.log.event import make_record
from ansible_collections.loggy.pipeline.plugins.module_utils.log.writers import json_line
from hypothesis import given
from hypothesis import strategies as st
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

NEIGHBOURS = 30
HEADERS = [("event.id", b"x\x00:1"), ("event.time", b"2026-11-22T18:30:00.123Z")]
VALUES = st.lists(
    st.tuples(
        st.integers(0, NEIGHBOURS + 2), st.sampled_from("pq"), st.integers(0, 300), st.sampled_from(["", "w", "k"])
    ),
    min_size=1,
    max_size=12,
)


def batch(events: list[tuple[int, str, int, str]], *, appended: bool = False, start: int = 0) -> SlimBatch:
    """:param events: number, producer, timestamp, and how it differs: (w)rapped by another part, or with a (k)ey."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 20)
    for offset, (seq, producer, timestamp, how) in enumerate(events):
        line = json_line(make_record("mine", seq, producer, 1_000_000 + seq))
        value = json_line({"log": line}) if how == "w" else line
        builder.append(offset, 5000 + timestamp, b"key" if how == "k" else None, value.encode(), HEADERS)
    data = builder.build()
    whole = slim_batch(DefaultRecordBatch(data), "t", 2, start)
    return whole._replace(timestamp_type=1, timestamp=9000) if appended else whole


def stop() -> TopicStop:
    return TopicStop(Connection((("fake", 9092),)), "t", "mine", None)


def read(batches: list[Any]) -> Account:
    account = Account(NEIGHBOURS, ordered=True)
    for seq in range(NEIGHBOURS + 1):
        account.starts.note(seq, 1)
    reader = stop()
    reader._tail = SimpleNamespace(batches=lambda: iter([batches]))  # type: ignore[assignment]
    reader.poll(account)
    return account


@given(st.lists(VALUES, max_size=4), st.booleans())
def test_batches_count_as_their_records(events: list[list[tuple[int, str, int, str]]], appended: bool) -> None:
    batches = [batch(one, appended=appended) for one in events]

    whole = read(batches)
    each = read([record for one in batches for record in one.records()])

    for name in ("found", "sightings", "copies", "missing", "duplicates", "out_of_order", "unexpected_count", "clock"):
        assert getattr(whole, name) == getattr(each, name), name
    first = [account.coordinates.first for account in (whole, each)]
    assert [first[0](seq) for seq in range(NEIGHBOURS)] == [first[1](seq) for seq in range(NEIGHBOURS)]


@pytest.mark.parametrize("count", [1, 7, 25])
def test_events_in_a_row_are_seen_at_once(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(TopicStop, "_see_record", lambda *_: pytest.fail("one by one"))

    account = read([batch([(seq, "p", 3 * seq % 200, "") for seq in range(1, count + 1)])])

    assert account.found == count
    seen = account.coordinates.first(count)
    assert seen is not None
    assert (seen.partition, seen.offset, seen.timestamp) == (2, count - 1, 5000 + 3 * count % 200)


@pytest.mark.parametrize(
    "one",
    [
        batch([(1, "p", 0, ""), (3, "p", 0, "")]),
        batch([(1, "p", 0, ""), (2, "q", 0, "")]),
        batch([(2, "p", 0, ""), (1, "p", 0, "")]),
        batch([(1, "p", 0, ""), (2, "p", 0, "w")]),
        batch([(1, "p", 0, ""), (2, "p", 0, "k")]),
        batch([(1, "p", 0, ""), (2, "p", 0, "")], start=1),
        batch([(0, "p", 0, ""), (1, "p", 0, "")]),
    ],
)
def test_anything_but_a_row_is_read_record_by_record(one: SlimBatch) -> None:
    account = Account(NEIGHBOURS)
    for seq in range(NEIGHBOURS + 1):
        account.starts.note(seq, 1)

    assert not stop()._see_row(one, account, 1)
    assert account.sightings == 0


def test_row_whose_start_is_not_known_is_read_record_by_record() -> None:
    assert not stop()._see_row(batch([(1, "p", 0, ""), (2, "p", 0, "")]), Account(NEIGHBOURS), 1)


def hits(*rows: list[Any]) -> list[dict[str, Any]]:
    return [{"sort": [*row, number]} for number, row in enumerate(rows)]


NONE = (1 << 63) - 1


@pytest.mark.parametrize(
    ("page", "row"),
    [
        (
            hits([4, 0, 7, 1000, "t"], [5, 1, 9, 1001, "t"]),
            InARow(4, [("t", 0), ("t", 1)], (7, 9), (1000, 1001)),
        ),
        (hits(), None),
        (hits([4, 0, 7, 1000, "t"], [6, 1, 9, 1001, "t"]), None),
        (hits([4, 0, 7, 1000, "t"], [4, 1, 9, 1001, "t"]), None),
        (hits([4, 0, 7, 1000, "t"], [5, NONE, 9, 1001, "t"]), None),
        (hits([4, 0, None, 1000, "t"], [5, 1, 9, 1001, "t"]), None),
        (hits([4, 0, 7, 1000, "t"], [5, 1, 9, NONE, "t"]), None),
        (hits([4, 0, 7, 1000, "t"], [5, 1, 9, 1001, None]), None),
        (hits([NONE, 0, 7, 1000, "t"]), None),
    ],
)
def test_documents_are_in_a_row_when_each_has_all_and_the_next_number(page: Any, row: InARow | None) -> None:
    assert FromSort("kafka.topic").in_a_row(page) == row
