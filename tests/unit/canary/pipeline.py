"""A canary in this process, and around it a pipeline of fakes whose parts can be taken away and given back."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.probe import Probe
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.program import make_probe
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.settings import settings_of
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka import records
from kafka import TopicPartition

from tests.unit.fakes.elasticsearch import FakeElasticsearch, fake_elasticsearch
from tests.unit.fakes.forward import Behaviour, ForwardServer
from tests.unit.kafka.fakes import FakeCluster, FakeConsumer, FakeTopic


@dataclass
class Pipeline:
    """
    :param kafka_is_up: whether the topic can be read; the source acknowledges nothing while it can't.
    :param sink_is_running: whether records become documents; what was not carried is carried when it runs again.
    """

    folder: Path
    cluster: FakeCluster
    elasticsearch: FakeElasticsearch
    server: ForwardServer
    kafka_is_up: bool = True
    sink_is_running: bool = True
    said: list[str] = field(default_factory=list)
    carried: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, number: int) -> bool:
        """The source: makes records of a chunk; the answer is whether its ack is kept back."""
        if not self.kafka_is_up:
            return True
        for _, record in self.server.chunks[number][2]:
            self.produce(record)
        self.sink()
        return False

    def produce(self, record: dict[str, Any]) -> None:
        self.cluster.produce("logs", json.dumps(record).encode(), timestamp=time.time_ns() // 1_000_000)

    def sink(self) -> None:
        with self.lock:
            log = self.cluster.topics["logs"].logs[0]
            while self.sink_is_running and self.carried < len(log):
                self.index(log[self.carried])
                self.carried += 1

    def index(self, record: Any, document_id: str = "") -> None:
        moment = datetime.fromtimestamp(record.timestamp / 1000, UTC).isoformat(timespec="milliseconds")
        stamp = {"topic": "logs", "partition": 0, "offset": record.offset, "timestamp": moment}
        source = {**json.loads(record.value), "kafka": stamp}
        self.elasticsearch.put("logs-1", document_id or str(record.offset), source)

    def pause_sink(self) -> None:
        self.sink_is_running = False

    def resume_sink(self) -> None:
        self.sink_is_running = True
        self.sink()

    def settings(self, **changes: Any) -> dict[str, Any]:
        return {
            "interval": 0.05,
            "deadline": 1.0,
            "poll_interval": 0.05,
            "listen_port": 0,
            "state_path": str(self.folder / "state.json"),
            "forward": {"port": self.server.port, "ack_timeout": 0.3, "timeout": 1.0},
            "stops": [
                {"name": "topic", "kind": "topic", "topic": "logs"},
                {"name": "index", "kind": "index", "index": "logs-*"},
            ],
            "kafka": {"bootstrap_servers": ["fake:9092"]},
            "elasticsearch": {"urls": [self.elasticsearch.url], "timeout": 1.0},
            **changes,
        }

    @contextmanager
    def canary(self, **changes: Any) -> Iterator[Canary]:
        """One life of it."""
        canary = Canary(make_probe(settings_of(self.settings(**changes)), self.said.append))
        thread = threading.Thread(target=canary.probe.run)
        thread.start()
        try:
            yield canary
        finally:
            canary.probe.close()
            thread.join()


@dataclass
class Canary:
    probe: Probe

    @property
    def account(self) -> Account:
        return self.probe.book.account

    def wait(self, what: Callable[[Account], object], seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.probe.book.reading() as account:
                if what(account):
                    return
            time.sleep(0.02)
        raise AssertionError(json.dumps(self.account.to_json(), indent=1))

    def wait_for_a_turn(self) -> None:
        turned_at = self.probe._turned_at
        self.wait(lambda account: self.probe._turned_at != turned_at)


@contextmanager
def running_pipeline(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Pipeline]:
    cluster = FakeCluster(topics={"logs": FakeTopic([[]])})
    with fake_elasticsearch() as elasticsearch, ExitStack() as stack:
        kept: list[Pipeline] = []
        server = ForwardServer(Behaviour(keep_ack=lambda number: kept[0].take(number)))  # noqa: PLW0108 - not there yet
        stack.callback(server.close)
        pipeline = Pipeline(folder, cluster, elasticsearch, server)
        kept.append(pipeline)

        class Consumer(FakeConsumer):
            def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
                if not pipeline.kafka_is_up:
                    raise Unreachable("No Kafka broker can be used.")
                return super().end_offsets(partitions)

        monkeypatch.setattr(records, "consumer_client", lambda to, **settings: nullcontext(Consumer(cluster)))
        yield pipeline
