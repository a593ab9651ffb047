# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be broken on a real pipeline while Loggy is under way. Each undoes its damage when its block ends."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from tests.bench.connect_side import SINK, SOURCE, connector, pause, resume, wait_for_state
from tests.bench.kafka_side import topic
from tests.bench.measure import wait_until
from tests.forward_proxy import ForwardProxy
from tests.module_process import ModuleProcess
from tests.pipeline import ROOT, Pipeline

Options = dict[str, Any]


def nothing(process: ModuleProcess) -> None:
    pass


@dataclass
class Broken:
    """:param options: of loggy_commute, in place of the usual ones; a None takes one away.
    :param during: is called when all stops are watched.
    """

    options: Options = field(default_factory=dict)
    during: Callable[[ModuleProcess], None] = nothing


class Way:
    """Loggy's way through a pipeline, and the ways to break it."""

    def __init__(self, pipeline: Pipeline, folder: Path) -> None:
        self.pipeline = pipeline
        self._folder = folder

    def follow(self, broken: Broken, **options: Any) -> Options:
        """The result of one run of loggy_commute."""
        wanted = {**self._options(), **options, **broken.options}
        process = ModuleProcess("loggy_commute", {name: value for name, value in wanted.items() if value is not None})
        try:
            process.wait_until_it_watches()
            broken.during(process)
            return process.done().result
        finally:
            process.kill()

    def _options(self) -> Options:
        pipeline = self.pipeline
        return {
            "forward": {"host": "127.0.0.1", "port": pipeline.ports["loggy_forward_port"], "tag": "output_tag"},
            "stops": [topic_stop(), index_stop()],
            "kafka": {"bootstrap_servers": [pipeline.bootstrap_servers]},
            "elasticsearch": {"urls": [pipeline.elasticsearch_url]},
            "connect": {"urls": [pipeline.connect_url]},
        }

    @contextmanager
    def paused(self, name: str) -> Iterator[Broken]:
        pause(self.pipeline, name)
        try:
            yield Broken()
        finally:
            resume(self.pipeline, name)
            wait_for_state(self.pipeline, name, "RUNNING")

    @contextmanager
    def aggregator(self, *, runs: bool = True) -> Iterator[Broken]:
        """Something that tails the application's file, notes what it saw, and forwards it."""
        folder = self._folder / uuid.uuid4().hex
        folder.mkdir()
        config = folder / "fluent.conf"
        port = self.pipeline.ports["loggy_forward_port"]
        config.write_text(
            f"<source>\n@type tail\npath {folder}/*.app\npos_file {folder}/pos\ntag output_tag\n</source>\n"
            f"<server>\nhost 127.0.0.1\nport {port}\n</server>\n@id loggy_seen\npath {folder}/seen\n"
        )
        program = [sys.executable, str(ROOT / "tests" / "fluentd_stand_in.py"), "-c", str(config)]
        process = subprocess.Popen(program if runs else ["true"])
        stop = {"name": "aggregator", "kind": "file", "path": f"{folder}/seen*.log"}
        application = {"path": str(folder / "loggy.app")}
        try:
            yield Broken({"forward": None, "file": application, "stops": [stop, topic_stop(), index_stop()]})
        finally:
            process.kill()
            process.wait()

    @contextmanager
    def source_paused(self) -> Iterator[Broken]:
        with self.aggregator() as broken, self.paused(SOURCE):
            yield broken

    @contextmanager
    def sink_paused(self) -> Iterator[Broken]:
        lag = {"name": "lag", "kind": "lag", "topic": "output_tag", "connector": SINK}
        wait_until(lambda: self.lag() == 0, "the sink has committed all that came before", timeout=60, pause=0.5)
        with self.paused(SINK):
            yield Broken({"observations": [lag]})

    @contextmanager
    def proxied(self, **meddling: Any) -> Iterator[Broken]:
        """:param meddling: as ForwardProxy takes it."""
        with ForwardProxy(self.pipeline.ports["loggy_forward_port"], **meddling) as proxy:
            yield Broken({"forward": {"host": "127.0.0.1", "port": proxy.port, "tag": "output_tag"}})

    @contextmanager
    def deleted_records(self, run: str, neighbours: int, deleted: int) -> Iterator[Broken]:
        """The oldest records of the run are gone before anybody could read them."""

        def during(process: ModuleProcess) -> None:
            process.suspend()
            first = self.produce("output_tag", run, range(neighbours + 1))
            admin = KafkaAdminClient(bootstrap_servers=self.pipeline.bootstrap_servers)
            admin.delete_records({TopicPartition("output_tag", 0): first + deleted})
            admin.close()
            process.go_on()

        with self.paused(SINK):
            yield Broken({"forward": None, "send": False, "run": run}, during)

    @contextmanager
    def write_blocked(self) -> Iterator[Broken]:
        """The index of today takes no writes; what waited for it has arrived when the block ends."""
        run = uuid.uuid4().hex
        index = f"logs-output_tag-{datetime.now(UTC):%Y.%m.%d}"
        self._block(index, True)
        try:
            yield Broken({"run": run})
        finally:
            self._block(index, None)
            wait_until(lambda: self.indexed("logs-output_tag-*", run) > 0, "the sink goes on", timeout=60)

    def _block(self, index: str, blocked: bool | None) -> None:
        url = f"{self.pipeline.elasticsearch_url}/{index}/_settings"
        requests.put(url, json={"index.blocks.write": blocked}, timeout=30).raise_for_status()

    @contextmanager
    def refusing(self, run: str, neighbours: int, **settings: str) -> Iterator[Broken]:
        """A topic, a sink and an index of their own; the mapping of the index has no room for numbers above 127.

        :param settings: of the sink, with ``_`` for a dot.
        """
        with (
            topic(self.pipeline, "fault") as refused,
            topic(self.pipeline, "fault-refused") as dead,
            self.mapped(refused),
            connector(self.pipeline, refused, SINK, topics=refused, index=refused, **_filled(settings, dead)),
        ):
            stops = [topic_stop(refused), index_stop(refused, sink=refused)]
            letters = {"name": "dead letters", "kind": "dead_letters", "topic": dead}
            yield Broken(
                {"forward": None, "send": False, "run": run, "stops": stops, "observations": [letters]},
                lambda process: self._produce_all(refused, run, neighbours),
            )

    def _produce_all(self, name: str, run: str, neighbours: int) -> None:
        self.produce(name, run, range(neighbours + 1))

    @contextmanager
    def mapped(self, name: str) -> Iterator[None]:
        url = f"{self.pipeline.elasticsearch_url}/{name}"
        fields = {"loggy": {"properties": {"seq": {"type": "byte"}}}}
        requests.put(url, json={"mappings": {"properties": fields}}, timeout=30).raise_for_status()
        try:
            yield
        finally:
            requests.delete(url, timeout=30).raise_for_status()

    @contextmanager
    def written_beside(
        self, run: str, neighbours: int, numbers: Iterable[int], change: Callable[[Options], Options], *, anew: bool
    ) -> Iterator[Broken]:
        """All went its way; then some of the documents are written again, not by the sink.

        :param change: makes the other document; :param anew: under another id, beside the first one.
        """
        since = datetime.now(UTC).isoformat()
        self.produce("output_tag", run, range(neighbours + 1))
        wait_until(lambda: self.indexed("logs-output_tag-*", run) > neighbours, "all are indexed", timeout=60)
        for hit in self._documents(run, numbers):
            name = uuid.uuid4().hex if anew else hit["_id"]
            url = f"{self.pipeline.elasticsearch_url}/{hit['_index']}/_doc/{requests.utils.quote(name, safe='')}"
            requests.put(url, json=change(hit["_source"]), timeout=30).raise_for_status()
        yield Broken({"forward": None, "send": False, "run": run, "since": since})

    @contextmanager
    def sent_beside(self, run: str, numbers: Iterable[int]) -> Iterator[Broken]:
        """Some go straight into the index, and never through the topic; the others take their way."""
        url = f"{self.pipeline.elasticsearch_url}/logs-output_tag-{datetime.now(UTC):%Y.%m.%d}/_doc"

        def meddle(entries: list[Any]) -> list[Any]:
            beside = [record for _time, record in entries if record["loggy"]["seq"] in set(numbers)]
            for record in beside:
                requests.post(url, json=record, timeout=30).raise_for_status()
            return [entry for entry in entries if entry[1] not in beside]

        with self.proxied(meddle=meddle) as broken:
            broken.options["run"] = run
            yield broken

    def produce(self, name: str, run: str, numbers: Iterable[int], wrap: Callable[[Options], Options] = dict) -> int:
        """Writes events into partition 0 of a topic without the source; the offset of the first.

        :param wrap: makes the record that a collector would make of the line.
        """
        producer = KafkaProducer(bootstrap_servers=self.pipeline.bootstrap_servers)
        values = (json.dumps(wrap(event(run, number))).encode() for number in numbers)
        sent = [producer.send(name, value, partition=0) for value in values]
        producer.flush()
        producer.close()
        return int(sent[0].get(timeout=30).offset)

    def lag(self) -> int:
        """Records of the topic that the sink has not committed."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.pipeline.bootstrap_servers, group_id=f"connect-{SINK}", enable_auto_commit=False
        )
        partitions = [TopicPartition("output_tag", number) for number in consumer.partitions_for_topic("output_tag")]
        ends = consumer.end_offsets(partitions)
        committed = {partition: consumer.committed(partition) or 0 for partition in partitions}
        consumer.close()
        return sum(ends[partition] - committed[partition] for partition in partitions)

    def indexed(self, index: str, run: str) -> int:
        url = f"{self.pipeline.elasticsearch_url}/{index}"
        requests.post(f"{url}/_refresh", timeout=30)
        query = {"query": {"match_phrase": {"loggy.run": run}}}
        return int(requests.post(f"{url}/_count", json=query, timeout=30).json().get("count", 0))

    def _documents(self, run: str, numbers: Iterable[int]) -> list[Options]:
        filters = [{"match_phrase": {"loggy.run": run}}, {"terms": {"loggy.seq": list(numbers)}}]
        body = {"query": {"bool": {"filter": filters}}, "size": 1000}
        url = f"{self.pipeline.elasticsearch_url}/logs-output_tag-*/_search"
        hits: list[Options] = requests.post(url, json=body, timeout=30).json()["hits"]["hits"]
        return hits


def topic_stop(name: str = "output_tag") -> Options:
    return {"name": "topic", "kind": "topic", "topic": name, "connector": SOURCE}


def index_stop(name: str = "logs-output_tag-*", *, sink: str = SINK) -> Options:
    return {"name": "index", "kind": "index", "index": name, "connector": sink}


def event(run: str, number: int) -> Options:
    """As the collection makes it; written here once more, so that the test knows what it looks for."""
    message = f"Loggy neighbor:{number} :)" if number else "( Loggy ) :D"
    sent = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"message": message, "loggy": {"run": run, "seq": number, "producer": "test", "sent": sent}}


def _filled(settings: dict[str, str], dead: str) -> dict[str, str]:
    return {name: dead if value == "DEAD" else value for name, value in settings.items()}
