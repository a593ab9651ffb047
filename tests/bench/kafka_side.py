# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kafka without the pipeline's connectors: topics, what is in them, and a plain producer."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from tests.bench.events import documents
from tests.bench.measure import Usage, measured
from tests.pipeline import Pipeline

PARTITIONS = 3
PRODUCER = Path(__file__).with_name("java") / "PlainProducer.java"


@contextmanager
def topic(pipeline: Pipeline, prefix: str) -> Iterator[str]:
    """A fresh topic, as the pipeline's own is, that goes afterwards with its data.

    Its name is one that was not there before: clients remember the old topic of a name for a while.
    """
    name = f"{prefix}-{time.time_ns():x}"
    admin = KafkaAdminClient(bootstrap_servers=pipeline.bootstrap_servers)
    try:
        admin.create_topics([NewTopic(name, num_partitions=PARTITIONS, replication_factor=1)])
        # Until each partition has its leader: an idempotent producer with several requests in flight never gets over a
        # first one that is refused while a later one is taken.
        assert count(pipeline, name) == 0
        yield name
        admin.delete_topics([name])
    finally:
        admin.close()


def count(pipeline: Pipeline, name: str) -> int:
    consumer = KafkaConsumer(bootstrap_servers=pipeline.bootstrap_servers, enable_auto_commit=False)
    partitions = [TopicPartition(name, number) for number in range(PARTITIONS)]
    first, last = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
    consumer.close()
    return sum(last[partition] - first[partition] for partition in partitions)


class PlainProducer:
    """The same JVM for all rounds: the worker it is compared with is not a new one each time either."""

    def __init__(self, pipeline: Pipeline, folder: Path) -> None:
        self._pipeline = pipeline
        file = folder / "documents.jsonl"
        file.write_bytes(b"\n".join(documents()) + b"\n")
        self._log = folder / "producer.log"
        worker = psutil.Process(int(pipeline.supervisorctl("pid", "connect")))
        software = next((pipeline.state_dir / "software").glob("kafka-*"))
        self._process = subprocess.Popen(
            [worker.exe(), "-Xmx512m", "-cp", f"{software}/*", str(PRODUCER), pipeline.bootstrap_servers, str(file)],
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log.open("w"),
        )

    def send(self, name: str, count: int, *, headers: bool, broker: int) -> Usage:
        with measured({"sender": self._process.pid, "broker": broker}) as usage:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(f"{name} {count} {str(headers).lower()}\n")
            self._process.stdin.flush()
            nanoseconds = self._process.stdout.readline()
        assert nanoseconds, self._log.read_text()
        usage.seconds = int(nanoseconds) / 1e9
        return usage

    def close(self) -> None:
        self._process.communicate()
