"""What reading a topic between two bounds returns, and that it ends."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, NotFound
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.records import Record
from kafka import KafkaAdminClient, KafkaProducer

from tests.contract.kafka.cluster import REAL, REAL_BROKER, Cluster, cluster

__all__ = ["cluster"]

on_a_real_broker = pytest.mark.parametrize("cluster", [REAL], indirect=True)


def test_a_record_comes_back_as_it_was_produced(cluster: Cluster) -> None:
    cluster.topics({"name": "a"})
    cluster.produce("a", b'{"message": "( Loggy ) :D"}', timestamp=1234, key=b"k", headers=[("event.id", b"x:0")])
    result = cluster.read("a")
    assert result["records"] == [
        {
            "topic": cluster.name("a"),
            "partition": 0,
            "offset": 0,
            "timestamp": 1234,
            "timestamp_type": "CreateTime",
            "key": "k",
            "key_encoding": "utf-8",
            "headers": [{"key": "event.id", "value": "x:0", "encoding": "utf-8"}],
            "value": '{"message": "( Loggy ) :D"}',
            "value_encoding": "utf-8",
        }
    ]
    assert (result["read"], result["complete"], result["stopped_by"]) == (1, True, "end")
    assert (result["start_offsets"], result["end_offsets"], result["next_offsets"]) == ({"0": 0}, {"0": 1}, {"0": 1})
    assert result["changed"] is False


def test_bytes_that_are_no_text_come_back_without_loss(cluster: Cluster) -> None:
    cluster.topics({"name": "a"})
    cluster.produce("a", b"\xff\x00", key=None, headers=[("h", b"\xfe")])
    cluster.produce("a", None, key=b"gone")
    binary, tombstone = cluster.read("a")["records"]
    assert (binary["value"], binary["value_encoding"], binary["key"]) == ("/wA=", "base64", None)
    assert binary["headers"] == [{"key": "h", "value": "/g==", "encoding": "base64"}]
    assert (tombstone["value"], tombstone["value_encoding"]) == (None, "utf-8")


def test_every_partition_is_read_in_order(cluster: Cluster) -> None:
    cluster.topics({"name": "a", "partitions": 3})
    for number in range(30):
        cluster.produce("a", str(number).encode(), partition=number % 3)
    records = cluster.read("a")["records"]
    assert sorted(int(record["value"]) for record in records) == list(range(30))
    for partition in range(3):
        assert [one["offset"] for one in records if one["partition"] == partition] == list(range(10))
    assert {one["partition"] for one in cluster.read("a", partitions=[1])["records"]} == {1}


@pytest.mark.parametrize(
    ("bounds", "values"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"from": 3}, [3, 4]),
        ({"from": "3", "to": "4"}, [3]),
        ({"from": {"0": 1}, "to": {0: 3}}, [1, 2]),
        ({"from": "latest"}, []),
        ({"to": "earliest"}, []),
        ({"from": "1970-01-01T00:00:02Z"}, [2, 3, 4]),
        ({"from": "1970-01-01T01:00:02+01:00", "to": "1970-01-01T00:00:04"}, [2, 3]),
        ({"from": "2999-01-01T00:00:00Z"}, []),
        ({"to": "2999-01-01T00:00:00Z"}, [0, 1, 2, 3, 4]),
        ({"from": 3, "to": 2}, []),
        ({"from": 99}, []),
    ],
)
def test_reading_stays_between_its_bounds(cluster: Cluster, bounds: dict[str, Any], values: list[int]) -> None:
    cluster.topics({"name": "a"})
    for number in range(5):
        cluster.produce("a", str(number).encode(), timestamp=number * 1000)
    result = cluster.read("a", **bounds)
    assert [int(record["value"]) for record in result["records"]] == values
    assert (result["read"], result["complete"]) == (len(values), True)


def test_a_filter_lets_through_what_is_looked_for(cluster: Cluster) -> None:
    cluster.topics({"name": "a"})
    for number in range(4):
        value = b'{"message": "line %d", "loggy": {"run": "ab", "seq": %d}}' % (number, number)
        cluster.produce("a", value, headers=[("event.id", b"x:%d" % number)])
    cluster.produce("a", b"no JSON: line 2")

    def offsets(**wanted: Any) -> list[int]:
        return [record["offset"] for record in cluster.read("a", filter=wanted)["records"]]

    assert offsets(contains="line 2") == [2, 4]
    assert offsets(fields={"loggy.run": "ab"}) == [0, 1, 2, 3]
    assert offsets(fields={"loggy.run": "ab", "loggy.seq": 3}) == [3]
    assert offsets(headers={"event.id": "x:1"}) == [1]
    assert offsets(headers={"event.id": "x:1"}, contains="line 2") == []


def test_a_limit_ends_reading_and_the_next_call_goes_on_there(cluster: Cluster) -> None:
    cluster.topics({"name": "a"})
    for number in range(7):
        cluster.produce("a", str(number).encode())
    first = cluster.read("a", limit=3)
    assert (len(first["records"]), first["complete"], first["stopped_by"]) == (3, False, "limit")
    rest = cluster.read("a", **{"from": first["next_offsets"]})
    assert [int(record["value"]) for record in rest["records"]] == [3, 4, 5, 6]
    assert rest["complete"] is True


def test_one_reader_reads_on_after_it_has_read_to_the_end(cluster: Cluster) -> None:
    cluster.topics({"name": "a", "partitions": 2})
    with cluster.reader("a") as reader:
        seen: list[Record] = []
        for number, partition in enumerate((0, 0, 1, 0, 1, 1)):
            cluster.produce("a", str(number).encode(), partition=partition)
            start = reader.next_offsets or reader.earliest_offsets()
            seen += reader.read(start, reader.end_offsets(), deadline=time.monotonic() + 10)
    assert [record.value for record in seen] == [b"0", b"1", b"2", b"3", b"4", b"5"]


def test_a_topic_that_is_missing_is_told_and_not_created(cluster: Cluster) -> None:
    for _ in range(2):
        with pytest.raises(NotFound) as caught:
            cluster.read("missing")
        assert str(caught.value) == (
            f"Reading topic {cluster.name('missing')} at kafka://{cluster.bootstrap_servers[0]} answered 3:"
            " UnknownTopicOrPartition. Check the name, create it with kafka_topic, or give this user the ACL to"
            " Describe it."
        )


def test_a_partition_that_is_missing_is_told(cluster: Cluster) -> None:
    cluster.topics({"name": "a", "partitions": 2})
    for params in ({"partitions": [2]}, {"from": {2: 0}}):
        with pytest.raises(InvalidInput, match="The topic has no partition 2; it has 2 partitions"):
            cluster.read("a", **params)


@on_a_real_broker
def test_an_empty_topic_ends_at_once(cluster: Cluster) -> None:
    cluster.topics({"name": "a", "partitions": 3})
    started = time.monotonic()
    assert cluster.read("a")["complete"] is True
    assert time.monotonic() - started < 3


@on_a_real_broker
def test_transactions_are_read_as_the_isolation_level_says_and_markers_do_not_hold_up_the_end(cluster: Cluster) -> None:
    cluster.topics({"name": "a"})
    producer = KafkaProducer(bootstrap_servers=REAL_BROKER, transactional_id=f"loggy-{time.time()}")
    producer.init_transactions()
    for value in (b"committed", b"aborted"):
        producer.begin_transaction()
        producer.send(cluster.name("a"), value)
        producer.flush()
        (producer.commit_transaction if value == b"committed" else producer.abort_transaction)()
    producer.begin_transaction()
    producer.send(cluster.name("a"), b"open")
    producer.flush()
    uncommitted = cluster.read("a", deadline=10)
    committed = cluster.read("a", isolation_level="read_committed", deadline=10)
    producer.abort_transaction()
    producer.close()
    assert [record["value"] for record in uncommitted["records"]] == ["committed", "aborted", "open"]
    assert [record["value"] for record in committed["records"]] == ["committed"]
    assert uncommitted["complete"] is committed["complete"] is True
    assert (uncommitted["end_offsets"], committed["end_offsets"]) == ({"0": 5}, {"0": 4})


@on_a_real_broker
def test_reading_leaves_no_group_behind(cluster: Cluster) -> None:
    cluster.topics({"name": "a"})
    cluster.produce("a", b"x")
    admin = KafkaAdminClient(bootstrap_servers=REAL_BROKER)
    before = str(admin.list_groups())
    assert cluster.read("a")["read"] == 1
    assert str(admin.list_groups()) == before
    admin.close()
