"""A pipeline in this process: a receiver, a topic, an index, and between them two steps that can be told to fail."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.loggy_commute import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import PipelineError
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka import groups, records
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context

from tests.unit.fakes.elasticsearch import FakeElasticsearch, fake_elasticsearch
from tests.unit.fakes.forward import ForwardServer, forward_server
from tests.unit.kafka.fakes import FakeCluster, FakeTopic
from tests.unit.run_operation import validated

WHY = [
    ("__connect.errors.exception.class.name", b"loggy.connect.elasticsearch.RefusedDocument"),
    (
        "__connect.errors.exception.message",
        b"logs-0@5: mapper_parsing_exception: failed to parse field [loggy.seq] of type [long]",
    ),
]

Copies = Callable[[int], int]


@dataclass
class Pipeline:
    """
    :param source: how many records become of an event, by its number.
    :param sink: how many documents become of a record.
    :param refused: which records the sink puts into the dead-letter topic in place of a document.
    :param beside: whether the index also gets a document that did not come through Kafka.
    """

    cluster: FakeCluster
    elasticsearch: FakeElasticsearch
    source: Copies = lambda seq: 1
    sink: Copies = lambda seq: 1
    refused: Callable[[int], bool] = lambda seq: False
    beside: Copies = lambda seq: 0
    server: ForwardServer | None = None
    said: list[str] = field(default_factory=list)
    shown: list[Mapping[str, Any]] = field(default_factory=list)

    def carry(self, number: int) -> bool:
        """Takes a chunk that has arrived all the way; the answer is whether its ack is kept back."""
        assert self.server is not None
        for record in [record for _, record in self.server.chunks[number][2]]:
            self._carry(record)
        return False

    def _carry(self, record: dict[str, Any]) -> None:
        seq = record["loggy"]["seq"]
        for _ in range(self.source(seq)):
            timestamp = time.time_ns() // 1_000_000
            offset = len(self.cluster.topics["logs"].logs[0])
            self.cluster.produce("logs", json.dumps(record).encode(), timestamp=timestamp)
        if not self.source(seq):
            offset, timestamp = -1, 0
        elif self.refused(seq):
            self.cluster.produce("refused", json.dumps(record).encode(), headers=WHY)
            return
        for copy in range(self.sink(seq) if offset >= 0 else 0):
            moment = datetime.fromtimestamp(timestamp / 1000, UTC).isoformat(timespec="milliseconds")
            stamp = {"topic": "logs", "partition": 0, "offset": offset, "timestamp": moment.replace("+00:00", "Z")}
            self.elasticsearch.put("logs-1", f"{seq}-{copy}", {**record, "kafka": stamp})
        for copy in range(self.beside(seq)):
            self.elasticsearch.put("logs-1", f"direct-{seq}-{copy}", record)

    def run(self, *, check_mode: bool = False, **changes: Any) -> dict[str, Any]:
        assert self.server is not None
        options: dict[str, Any] = {
            "neighbours": 20,
            "deadline": 1.5,
            "forward": {"port": self.server.port, "chunk_events": 7},
            "stops": [
                {"name": "aggregator", "kind": "file", "path": "/none", "deployed": False},
                {"name": "topic", "kind": "topic", "topic": "logs"},
                {"name": "index", "kind": "index", "index": "logs-*"},
            ],
            "observations": [
                {"name": "lag", "kind": "lag", "topic": "logs", "connector": "sink"},
                {"name": "dead letters", "kind": "dead_letters", "topic": "refused"},
            ],
            "kafka": {"bootstrap_servers": ["fake:9092"]},
            "elasticsearch": {"urls": [self.elasticsearch.url]},
        }
        whole = {name: value for name, value in {**options, **changes}.items() if value is not None}
        context = Context(check_mode=check_mode, progress=self.said.append, snapshot=self.shown.append)
        return OPERATION.run(validated(OPERATION, **whole), context)

    def failure(self, **changes: Any) -> PipelineError:
        with pytest.raises(PipelineError) as caught:
            self.run(**changes)
        return caught.value


@contextmanager
def running_pipeline(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    cluster = FakeCluster(topics={"logs": FakeTopic([[]]), "refused": FakeTopic([[]])})
    monkeypatch.setattr(records, "consumer_client", cluster.consumer_client)
    monkeypatch.setattr(groups, "admin_client", cluster.admin_client)
    with fake_elasticsearch() as elasticsearch:
        pipeline = Pipeline(cluster, elasticsearch)
        with forward_server(keep_ack=pipeline.carry) as server:
            pipeline.server = server
            yield pipeline
