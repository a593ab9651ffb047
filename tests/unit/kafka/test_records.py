"""Reading always ends: at the noted end, at the limit, or at the deadline, whatever the broker does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, NotFound
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka import records_info
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.options import Connection
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.records import RecordReader
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.kafka.fakes import FakeCluster, FakeConsumer, FakeTopic
from tests.unit.run_operation import run_operation

TO = Connection(servers=(("fake", 9092),))


def reader_of(*logs: list[Any]) -> tuple[FakeCluster, RecordReader]:
    cluster = FakeCluster(topics={"a": FakeTopic([[] for _ in logs])})
    for partition, log in enumerate(logs):
        for value in log:
            if value is None:
                cluster.topics["a"].logs[partition].append(None)
            else:
                cluster.produce("a", value, partition=partition)
    return cluster, RecordReader(FakeConsumer(cluster), "a", TO)


def ticking(step: float) -> Callable[[], float]:
    """A clock on which each look costs this much."""
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += step
        return now

    return clock


LOGS = st.lists(st.lists(st.sampled_from([b"x", None]), max_size=12), min_size=1, max_size=3)


@given(logs=LOGS)
def test_every_record_is_read_once_and_gaps_do_not_hold_up_the_end(logs: list[list[Any]]) -> None:
    _, reader = reader_of(*logs)
    end = reader.end_offsets()
    read = [(record.partition, record.offset) for record in reader.read(reader.earliest_offsets(), end, deadline=1e12)]
    holding = [(p, offset) for p, log in enumerate(logs) for offset, value in enumerate(log) if value is not None]
    assert sorted(read) == holding
    assert reader.next_offsets == end


@given(logs=LOGS, taken=st.integers(0, 12))
def test_reading_goes_on_where_it_was_left(logs: list[list[Any]], taken: int) -> None:
    _, reader = reader_of(*logs)
    end = reader.end_offsets()
    reading = reader.read(reader.earliest_offsets(), end, deadline=1e12)
    first = [record for _, record in zip(range(taken), reading, strict=False)]
    reading.close()  # type: ignore[attr-defined]
    rest = list(reader.read(reader.next_offsets or reader.earliest_offsets(), end, deadline=1e12))
    assert len(first) + len(rest) == sum(value is not None for log in logs for value in log)
    assert not set(first) & set(rest)


def test_what_is_produced_meanwhile_is_not_read() -> None:
    cluster, reader = reader_of([b"0", b"1"])
    end = reader.end_offsets()
    read = []
    for record in reader.read(reader.earliest_offsets(), end, deadline=1e12):
        read.append(record.value)
        cluster.produce("a", b"later")
    assert read == [b"0", b"1"]


def test_a_broker_that_stops_answering_is_left_at_the_deadline() -> None:
    cluster, reader = reader_of([b"0", b"1", b"2"])
    end = {**reader.end_offsets(), 0: 5}
    cluster.topics["a"].logs[0].pop()
    read = [record.value for record in reader.read({0: 0}, end, deadline=10, clock=ticking(1))]
    assert read == [b"0", b"1"]
    assert reader.next_offsets == {0: 2}


def test_a_deadline_that_is_over_reads_nothing() -> None:
    _, reader = reader_of([b"0"])
    assert list(reader.read({0: 0}, {0: 1}, deadline=0)) == []


def test_a_partition_outside_of_either_bound_is_not_read() -> None:
    _, reader = reader_of([b"0"], [b"1"])
    assert [record.value for record in reader.read({0: 0, 1: 0}, {1: 1}, deadline=1e12)] == [b"1"]


def test_offsets_at_a_time_are_those_of_partitions_that_have_such_a_record() -> None:
    cluster, reader = reader_of([], [])
    for timestamp in (1000, 2000):
        cluster.produce("a", b"x", timestamp=timestamp)
    assert reader.offsets_at(1500) == {0: 1}


def test_a_missing_topic_is_not_found() -> None:
    with pytest.raises(NotFound, match="Reading topic b at kafka://fake:9092 answered 3"):
        RecordReader(FakeConsumer(FakeCluster()), "b", TO)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"limit": 0}, "limit is 0; it must be more than 0"),
        ({"deadline": -1}, "deadline is -1; it must be more than 0"),
        ({"from": "never"}, "from: 'never' is not earliest"),
        ({"to": {0: "x"}}, "to: 'x' is not a number"),
    ],
)
def test_bad_input_is_refused_before_a_broker_is_asked(params: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        run_operation(records_info.OPERATION, bootstrap_servers=["127.0.0.1:1"], topic="a", **params)
