"""The clusters that the contract runs against: the fake, and a real broker when one is named."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka import (
    consumer_group_info,
    groups,
    options,
    records,
    records_info,
    topics,
)
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition

from tests.unit.kafka.fakes import FakeCluster
from tests.unit.run_operation import run_operation, validated

REAL_BROKER = os.environ.get("LOGGY_KAFKA_BOOTSTRAP", "")
REAL = pytest.param(
    "real",
    marks=[
        pytest.mark.integration,
        pytest.mark.skipif(not REAL_BROKER, reason="LOGGY_KAFKA_BOOTSTRAP names no broker"),
    ],
)


@dataclass
class Cluster:
    """:param prefix: what the names of this test's topics and groups begin with."""

    bootstrap_servers: list[str]
    prefix: str
    producer: Any
    committer: Callable[[str, str, dict[int, int]], None]

    def name(self, topic: str) -> str:
        return self.prefix + topic

    def topics(self, *declared: dict[str, Any], check_mode: bool = False, **params: Any) -> dict[str, Any]:
        named = [{**topic, "name": self.name(topic["name"])} for topic in declared]
        return run_operation(
            topics.OPERATION, bootstrap_servers=self.bootstrap_servers, topics=named, check_mode=check_mode, **params
        )

    def read(self, topic: str, **params: Any) -> dict[str, Any]:
        return run_operation(
            records_info.OPERATION, bootstrap_servers=self.bootstrap_servers, topic=self.name(topic), **params
        )

    def reader(self, topic: str) -> AbstractContextManager[records.RecordReader]:
        params = {"bootstrap_servers": self.bootstrap_servers, "topic": self.name(topic)}
        to = options.connection(validated(records_info.OPERATION, **params))
        return records.open_topic(to, self.name(topic))

    def produce(self, topic: str, value: bytes | None, **record: Any) -> None:
        self.producer(self.name(topic), value, **record)

    def commit(self, group: str, topic: str, offsets: dict[int, int]) -> None:
        self.committer(self.name(group), self.name(topic), offsets)

    def group(self, group: str, topic: str, **params: Any) -> dict[str, Any]:
        return run_operation(
            consumer_group_info.OPERATION,
            bootstrap_servers=self.bootstrap_servers,
            group=self.name(group),
            topic=self.name(topic),
            **params,
        )


def fake_cluster(monkeypatch: pytest.MonkeyPatch, prefix: str) -> Cluster:
    fake = FakeCluster()
    monkeypatch.setattr(topics, "admin_client", fake.admin_client)
    monkeypatch.setattr(groups, "admin_client", fake.admin_client)
    monkeypatch.setattr(records, "consumer_client", fake.consumer_client)

    def commit(group: str, topic: str, offsets: dict[int, int]) -> None:
        fake.committed.setdefault(group, {}).update({(topic, one): offset for one, offset in offsets.items()})

    return Cluster(["fake:9092"], prefix, fake.produce, commit)


def real_cluster(prefix: str) -> Iterator[Cluster]:
    producer = KafkaProducer(bootstrap_servers=REAL_BROKER)

    def produce(topic: str, value: bytes | None, **record: Any) -> None:
        sent = {"partition": 0, **record}
        if "timestamp" in sent:
            sent["timestamp_ms"] = sent.pop("timestamp")
        producer.send(topic, value, **sent).get(timeout=30)

    def commit(group: str, topic: str, offsets: dict[int, int]) -> None:
        consumer = KafkaConsumer(bootstrap_servers=REAL_BROKER, group_id=group, enable_auto_commit=False)
        partitions = {TopicPartition(topic, one): OffsetAndMetadata(at, "", -1) for one, at in offsets.items()}
        consumer.assign(list(partitions))
        consumer.commit(partitions)
        consumer.close()
        used.add(group)

    used: set[str] = set()
    yield Cluster([REAL_BROKER], prefix, produce, commit)
    producer.close()
    admin = KafkaAdminClient(bootstrap_servers=REAL_BROKER)
    if used:
        admin.delete_groups(list(used))
    mine = [name for name in admin.list_topics() if name.startswith(prefix)]
    if mine:
        admin.delete_topics(mine)
    admin.close()


@pytest.fixture(params=["fake", REAL])
def cluster(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    prefix = f"t{uuid.uuid4().hex[:8]}-"
    if request.param == "fake":
        yield fake_cluster(monkeypatch, prefix)
    else:
        yield from real_cluster(prefix)
