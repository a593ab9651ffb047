"""Records decoded without key and headers, beside kafka-python's own decoder."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.slim import SlimRecord, decode_slim, slim_batch
from hypothesis import given
from hypothesis import strategies as st
from kafka.consumer.fetcher import Fetcher
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka.record.memory_records import MemoryRecords

BYTES = st.none() | st.binary(max_size=300)
RECORDS = st.lists(
    st.tuples(
        st.integers(0, 2**41),
        BYTES,
        BYTES,
        st.lists(st.tuples(st.text(max_size=5), st.none() | st.binary(max_size=5)), max_size=3),
    ),
    min_size=1,
    max_size=30,
)


def batch_of(records: list[Any], compression: int = 0) -> bytes:
    builder = DefaultRecordBatchBuilder(2, compression, 0, -1, -1, -1, 1 << 20)
    for offset, (timestamp, key, value, headers) in enumerate(records):
        builder.append(offset, timestamp, key, value, headers)
    return bytes(builder.build())


def own(records: list[Any]) -> list[SlimRecord]:
    return [SlimRecord("t", 3, at, timestamp, 0, value) for at, (timestamp, _, value, _) in enumerate(records)]


@given(RECORDS, st.sampled_from([0, 1]))
def test_slim_records_are_those_that_were_written(records: list[Any], compression: int) -> None:
    batch = DefaultRecordBatch(batch_of(records, compression))

    slim = slim_batch(batch, "t", 3, 0)

    assert list(slim.records()) == own(records)
    assert (slim.offset, slim.length, slim.is_gapless) == (len(records) - 1, len(records), True)


@given(RECORDS, st.integers(0, 40))
def test_partition_is_read_on_from_the_offset_asked_for(records: list[Any], start: int) -> None:
    consumer = SimpleNamespace(_fetcher=SimpleNamespace(PartitionRecords=Fetcher.PartitionRecords))
    decode_slim(consumer)
    data = MemoryRecords(batch_of(records))
    tp = SimpleNamespace(topic="t", partition=3)

    part = consumer._fetcher.PartitionRecords(start, tp, data, check_crcs=False)

    batches = part.take(1000)

    assert [record for batch in batches for record in batch.records()] == own(records)[start:]
    assert [batch.is_gapless for batch in batches] == ([start == 0] if start < len(records) else [])
    assert part.next_fetch_offset == len(records)


def test_records_are_whole_where_crcs_are_to_be_checked() -> None:
    consumer = SimpleNamespace(_fetcher=SimpleNamespace(PartitionRecords=Fetcher.PartitionRecords))
    decode_slim(consumer)
    tp = SimpleNamespace(topic="t", partition=3)
    data = MemoryRecords(batch_of([(5, b"k", b"v", [])]))

    (record,) = consumer._fetcher.PartitionRecords(0, tp, data, check_crcs=True).take(10)

    assert (record.key, record.value) == (b"k", b"v")


@pytest.mark.parametrize(
    "consumer", [SimpleNamespace(), SimpleNamespace(_fetcher=SimpleNamespace(PartitionRecords=int))]
)
def test_consumer_of_another_make_stays_as_it_is(consumer: Any) -> None:
    before = repr(consumer)
    decode_slim(consumer)

    assert repr(consumer) == before
