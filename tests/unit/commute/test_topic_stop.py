"""What only a made-up cluster can show of the topic stop: deleted records, broker's times, a broker that goes away."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.topic import TopicStop
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.options import Connection
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.records import RecordReader
from ansible_collections.loggy.pipeline.plugins.module_utils.log.event import make_record
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges

from tests.unit.kafka.fakes import FakeCluster, FakeConsumer, FakeTopic

TO = Connection((("fake", 9092),))


class Cluster(FakeCluster):
    """:ivar away: whether a new connection is refused, and one that is open fails."""

    away = False

    @contextlib.contextmanager
    def reader(self, to: Connection, topic: str) -> Iterator[RecordReader]:
        self.check()
        yield RecordReader(Consumer(self), topic, to)

    def check(self) -> None:
        if self.away:
            raise Unreachable("No Kafka broker can be used.")


class Consumer(FakeConsumer):
    def end_offsets(self, partitions: Any) -> Any:
        self._cluster.check()  # type: ignore[attr-defined]
        return super().end_offsets(partitions)


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(topics={"logs": FakeTopic([[]])})


def value(seq: int) -> bytes:
    return json.dumps(make_record("mine", seq, "p", 1_000_000)).encode()


def started(cluster: Cluster) -> TopicStop:
    stop = TopicStop(TO, "logs", "mine", None, open_reader=cluster.reader)
    stop.start()
    return stop


def test_records_deleted_before_they_were_read_are_missing_and_counted(cluster: Cluster) -> None:
    stop, account = started(cluster), Account(3)
    for seq in range(4):
        cluster.produce("logs", value(seq))
    cluster.topics["logs"].earliest = 3

    stop.poll(account)

    assert account.missing == Ranges([(0, 2)])
    health = stop.health()
    assert health.line.endswith("1 new records were read, 3 were deleted before they could be read")
    assert health.advice == "Look who or what deletes records of topic logs: its retention, or a person."


def test_time_that_the_broker_appended_is_told_with_its_clock(cluster: Cluster) -> None:
    stop, account = started(cluster), Account(0)
    cluster.produce("logs", value(0), timestamp=1_250)
    cluster.topics["logs"].logs[0][-1].timestamp_type = 1

    stop.poll(account)

    assert account.loggy is not None
    assert (account.clock, account.latency_ms) == ("broker", 250.0)
    assert account.loggy.where["timestamp_type"] == "LogAppendTime"


def test_broker_that_comes_back_is_read_on_where_it_was_left(cluster: Cluster) -> None:
    stop, account = started(cluster), Account(1)
    cluster.produce("logs", value(0))
    stop.poll(account)

    cluster.away = True
    for _ in range(2):
        with pytest.raises(Unreachable):
            stop.poll(account)
    assert stop.health().line == "Kafka does not answer"
    cluster.away = False
    cluster.produce("logs", value(1))
    stop.poll(account)

    assert account.complete
    assert account.copies == 0


def test_broker_that_is_away_at_the_start_can_not_be_started_from(cluster: Cluster) -> None:
    cluster.away = True

    with pytest.raises(Unreachable):
        started(cluster)
