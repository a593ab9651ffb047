"""The topic stop against the fake cluster and, when one is named, a real broker."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.coordinates import Coordinate
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.topic import TopicStop
from ansible_collections.loggy.pipeline.plugins.module_utils.log.event import make_record
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges
from ansible_collections.loggy.pipeline.plugins.module_utils.wait import wait_until

from tests.contract.kafka.cluster import Cluster, cluster

__all__ = ["cluster"]


def value(seq: int, run: str = "mine") -> bytes:
    return json.dumps(make_record(run, seq, "p", 1_000_000)).encode()


class Followed:
    def __init__(self, cluster: Cluster, topic: str, neighbours: int = 3) -> None:
        from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.options import Connection

        self.account = Account(neighbours)
        servers = tuple((one.split(":")[0], int(one.split(":")[1])) for one in cluster.bootstrap_servers)
        self.stop = TopicStop(Connection(servers), cluster.name(topic), "mine", None)
        self.stop.start()

    def missing(self) -> Ranges:
        self.stop.poll(self.account)
        return self.account.missing


@pytest.fixture
def topic(cluster: Cluster) -> Cluster:
    cluster.topics({"name": "a", "partitions": 2})
    return cluster


def test_new_records_are_found_with_partition_and_offset(topic: Cluster) -> None:
    topic.produce("a", b"before")
    followed = Followed(topic, "a")

    for seq in range(3):
        topic.produce("a", value(seq), partition=seq % 2, timestamp=5000 + seq)

    assert followed.missing() == Ranges([(3, 3)])
    loggy = followed.account.loggy
    assert loggy is not None
    assert loggy.place == f"{topic.name('a')}-0@1"
    assert loggy.where["timestamp"] == 5000
    assert followed.account.clock == "host"
    assert followed.account.coordinates.first(1) == Coordinate(topic.name("a"), 1, 0, 5001)
    followed.stop.close()


def test_records_that_come_one_by_one_are_each_found_once(topic: Cluster) -> None:
    followed = Followed(topic, "a", neighbours=9)

    for seq in range(10):
        topic.produce("a", value(seq))
        assert followed.missing() == (Ranges([(seq + 1, 9)]) if seq < 9 else Ranges())

    assert followed.account.sightings == 10
    followed.stop.close()


def test_what_was_there_before_and_what_is_no_event_of_the_run_does_not_count(topic: Cluster) -> None:
    topic.produce("a", value(0))
    followed = Followed(topic, "a")

    named = json.dumps(make_record("other", 1, "mine", 0)).encode()
    for other in (value(1, run="other"), named, b"mine", b"\xff", None, b'{"loggy": "mine"}', value(2)):
        topic.produce("a", other, key=b"key")

    assert followed.missing() == Ranges([(0, 1), (3, 3)])
    assert followed.account.sightings == 1
    followed.stop.close()


def test_copies_are_counted_and_each_has_its_coordinate(topic: Cluster) -> None:
    followed = Followed(topic, "a", neighbours=0)

    for _ in range(3):
        topic.produce("a", value(0))
    followed.missing()

    assert (followed.account.copies, followed.account.duplicates) == (2, Ranges([(0, 0)]))
    documents = Account(0).coordinates
    documents.note(0, followed.account.coordinates.first(0)._replace(offset=2, timestamp=_timestamp(followed, 2)))  # type: ignore[union-attr]
    assert not documents.unproven(followed.account.coordinates)
    followed.stop.close()


def _timestamp(followed: Followed, offset: int) -> Any:
    return next(
        one.timestamp for _, one in followed.account.coordinates._more if one is not None and one.offset == offset
    )


def test_topic_that_the_first_record_makes_is_read_from_its_beginning(cluster: Cluster) -> None:
    followed = Followed(cluster, "later")
    assert followed.missing() == Ranges([(0, 3)])

    cluster.topics({"name": "later"})
    cluster.produce("later", value(0))

    assert followed.missing() == Ranges([(1, 3)])
    followed.stop.close()


def test_topic_that_is_deleted_and_made_anew_is_read_from_its_beginning(topic: Cluster) -> None:
    for _ in range(5):
        topic.produce("a", b"before")
    followed = Followed(topic, "a")

    topic.topics({"name": "a", "state": "absent"})
    topic.topics({"name": "a", "partitions": 2})
    topic.produce("a", value(0))
    topic.produce("a", value(1))

    assert wait_until(
        lambda: (True, "") if followed.missing() == Ranges([(2, 3)]) else (None, str(followed.account.missing)),
        what="the records of the new topic",
        timeout=20,
    )
    followed.stop.close()


def test_health_says_what_was_read(topic: Cluster) -> None:
    followed = Followed(topic, "a")
    topic.produce("a", value(0))
    followed.missing()

    assert followed.stop.health().line == f"topic {topic.name('a')} has 2 partitions, 1 new records were read"
    followed.stop.close()
