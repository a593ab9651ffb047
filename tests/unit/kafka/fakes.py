"""A Kafka cluster in this process, as kafka-python's clients show it: what this project calls of them, no more.

The contract suite runs against it and against a real broker. It shares no code with what is under test.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from kafka import TopicPartition
from kafka.errors import UnknownTopicOrPartitionError

_DEFAULTS = {"cleanup.policy": "delete", "retention.ms": "604800000", "segment.ms": "604800000"}
_NUMBERS = ("retention.ms", "segment.ms")


@dataclass
class FakeTopic:
    """
    :param logs: the records of each partition.
    :param looks_until_ready: how many times it is described without leaders, as while a cluster elects them.
    """

    logs: list[list[Any]]
    config: dict[str, str] = field(default_factory=dict)
    earliest: int = 0
    looks_until_ready: int = 0


@dataclass
class FakeCluster:
    """:ivar changes: the requests that changed something, in order.
    :ivar committed: by group, what it has committed: topic and partition, and the offset to go on at.
    """

    default_partitions: int = 1
    brokers: int = 1
    looks_until_ready: int = 1
    topics: dict[str, FakeTopic] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    committed: dict[str, dict[tuple[str, int], int]] = field(default_factory=dict)

    def produce(
        self,
        topic: str,
        value: bytes | None,
        *,
        partition: int = 0,
        timestamp: int = 1000,
        key: bytes | None = None,
        headers: list[tuple[str, bytes]] | None = None,
    ) -> None:
        log = self.topics[topic].logs[partition]
        log.append(
            SimpleNamespace(
                topic=topic,
                partition=partition,
                offset=len(log),
                timestamp=timestamp,
                timestamp_type=0,
                key=key,
                headers=headers or [],
                value=value,
            )
        )

    @contextlib.contextmanager
    def admin_client(self, to: object) -> Iterator[FakeAdmin]:
        yield FakeAdmin(self)

    @contextlib.contextmanager
    def consumer_client(self, to: object, **settings: object) -> Iterator[FakeConsumer]:
        yield FakeConsumer(self)


class FakeAdmin:
    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster

    def list_group_offsets(self, groups: Mapping[str, None]) -> dict[str, dict[TopicPartition, Any]]:
        return {
            group: {
                TopicPartition(*at): SimpleNamespace(offset=offset)
                for at, offset in self._cluster.committed.get(group, {}).items()
            }
            for group in groups
        }

    def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        return [self._describe(name) for name in names]

    def _describe(self, name: str) -> dict[str, Any]:
        topic = self._cluster.topics.get(name)
        if topic is None:
            return {"name": name, "error_code": 3, "partitions": []}
        topic.looks_until_ready -= 1
        leader = -1 if topic.looks_until_ready >= 0 else 1
        partitions = [
            {"partition_index": number, "leader_id": leader, "replica_nodes": [1]} for number in range(len(topic.logs))
        ]
        return {"name": name, "error_code": 0, "partitions": partitions}

    def describe_configs(self, resources: list[Any], config_filter: str) -> dict[str, Any]:
        assert config_filter == "all"
        return {"topic": {resource.name: self._entries(resource.name) for resource in resources}}

    def _entries(self, name: str) -> dict[str, Any]:
        own = self._cluster.topics[name].config
        defaults = {key: {"value": value, "config_source": "DEFAULT_CONFIG"} for key, value in _DEFAULTS.items()}
        return {
            **defaults,
            **{key: {"value": value, "config_source": "DYNAMIC_TOPIC_CONFIG"} for key, value in own.items()},
        }

    def create_topics(
        self, topics: Mapping[str, Any], *, validate_only: bool, raise_errors: bool
    ) -> dict[str, list[dict[str, Any]]]:
        assert not raise_errors
        return {"topics": [self._create(name, wanted, validate_only) for name, wanted in topics.items()]}

    def _create(self, name: str, wanted: Mapping[str, Any], validate_only: bool) -> dict[str, Any]:
        if wanted["replication_factor"] > self._cluster.brokers:
            return {"name": name, "error_code": 38, "error_message": "Unable to replicate the partition 3 time(s)"}
        problem = _config_problem(wanted["configs"])
        if problem:
            return {"name": name, "error_code": 40, "error_message": problem}
        count = self._cluster.default_partitions if wanted["num_partitions"] == -1 else wanted["num_partitions"]
        if not validate_only:
            self._cluster.changes.append(f"create {name}")
            self._cluster.topics[name] = FakeTopic(
                [[] for _ in range(count)], dict(wanted["configs"]), looks_until_ready=self._cluster.looks_until_ready
            )
        return {"name": name, "error_code": 0, "error_message": None, "num_partitions": count, "replication_factor": 1}

    def create_partitions(self, counts: Mapping[str, int], *, validate_only: bool, raise_errors: bool) -> Any:
        assert not raise_errors
        for name, count in counts.items():
            logs = self._cluster.topics[name].logs
            if not validate_only:
                self._cluster.changes.append(f"grow {name}")
                logs.extend([] for _ in range(count - len(logs)))
        done = [{"name": name, "error_code": 0, "error_message": None} for name in counts]
        return SimpleNamespace(results=[SimpleNamespace(to_dict=lambda one=one: one) for one in done])

    def alter_configs(
        self, resources: list[Any], *, validate_only: bool, raise_on_unknown: bool, incremental: bool
    ) -> dict[str, Any]:
        assert incremental
        assert not raise_on_unknown
        return {"topic": {resource.name: self._alter(resource, validate_only) for resource in resources}}

    def _alter(self, resource: Any, validate_only: bool) -> str:
        wanted = {key: value for key, (_, value) in resource.configs.items()}
        problem = _config_problem({key: value for key, value in wanted.items() if value is not None})
        if problem:
            return f"[Error 40] InvalidConfigurationError: {problem}"
        if not validate_only:
            self._cluster.changes.append(f"configure {resource.name}")
            topic = self._cluster.topics[resource.name]
            config = {**topic.config, **wanted}
            topic.config = {key: value for key, value in config.items() if value is not None}
        return "OK"

    def delete_topics(self, names: list[str], *, raise_errors: bool) -> dict[str, Any]:
        assert not raise_errors
        for name in names:
            self._cluster.changes.append(f"delete {name}")
            del self._cluster.topics[name]
        return {"topics": [{"name": name, "error_code": 0, "error_message": None} for name in names]}


def _config_problem(config: Mapping[str, str]) -> str:
    for key, value in config.items():
        if key not in _DEFAULTS:
            return f"Unknown topic config name: {key}"
        if key in _NUMBERS and not value.isdigit():
            return f"Invalid value {value} for configuration {key}: Not a number of type LONG"
    return ""


class FakeConsumer:
    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()

    def partitions_for_topic(self, name: str) -> set[int]:
        topic = self._cluster.topics.get(name)
        return set(range(len(topic.logs))) if topic else set()

    def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: self._topic(tp).earliest for tp in partitions}

    def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: len(self._log(tp)) for tp in partitions}

    def offsets_for_times(self, timestamps: Mapping[TopicPartition, int]) -> dict[TopicPartition, Any]:
        found = {}
        for tp, timestamp in timestamps.items():
            offsets = [one.offset for one in self._log(tp)[self._topic(tp).earliest :] if one.timestamp >= timestamp]
            found[tp] = SimpleNamespace(offset=offsets[0]) if offsets else None
        return found

    def assign(self, partitions: list[TopicPartition]) -> None:
        # As kafka-python has it: a partition that was assigned before and is again keeps its state, paused or not.
        self._paused &= set(self._positions) & set(partitions)
        self._positions = {tp: self._positions.get(tp, 0) for tp in partitions}

    def assignment(self) -> set[TopicPartition]:
        return set(self._positions)

    def seek(self, tp: TopicPartition, offset: int) -> None:
        self._positions[tp] = offset

    def pause(self, tp: TopicPartition) -> None:
        self._paused.add(tp)

    def resume(self, tp: TopicPartition) -> None:
        self._paused.discard(tp)

    def position(self, tp: TopicPartition) -> int:
        return self._positions[tp]

    def poll(self, timeout_ms: float, max_records: int) -> dict[TopicPartition, list[Any]]:
        for tp, position in self._positions.items():
            # None in a log is an offset that holds no record: a transaction's marker, or what compaction took away.
            batch = self._log(tp)[position : position + max_records]
            if batch and tp not in self._paused:
                self._positions[tp] = position + len(batch)
                return {tp: [record for record in batch if record is not None]}
        return {}

    def _topic(self, tp: TopicPartition) -> FakeTopic:
        if tp.topic not in self._cluster.topics:
            raise UnknownTopicOrPartitionError
        return self._cluster.topics[tp.topic]

    def _log(self, tp: TopicPartition) -> list[Any]:
        return self._topic(tp).logs[tp.partition]
