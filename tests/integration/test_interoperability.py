# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that others wrote, in front of the forward source: what they send is what is in the topic."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fluent.sender import FluentSender
from kafka import KafkaConsumer, TopicPartition

from tests.bench.connect_side import SOURCE, connector
from tests.bench.kafka_side import topic
from tests.pipeline import Pipeline, free_ports

pytestmark = pytest.mark.integration

EVENTS = 500
VALUES: dict[str, Any] = {
    "message": "( Loggy ) :D \u00fc \U0001f600",
    "nested": {"list": [1, None, [], {}], "null": None, "empty": {}},
    "big": 2**63,
    "small": -(2**63),
    "float": 0.1,
    "true": True,
    "": "empty name",
}
FLUENTD = """
<source>
  @type tail
  path {folder}/app.log
  pos_file {folder}/app.pos
  read_from_head true
  tag {tag}
  <parse>
    @type json
  </parse>
</source>
<match **>
  @type forward
  require_ack_response true
  heartbeat_type none
  <server>
    host 127.0.0.1
    port {port}
  </server>
  <buffer>
    @type file
    path {folder}/buffer
    flush_interval 1s
    retry_forever true
  </buffer>
</match>
"""


@dataclass(frozen=True)
class Source:
    port: int
    topic: str


@pytest.fixture
def source(built: Pipeline) -> Iterator[Source]:
    """A source connector with a topic of its own: some of these values are none that an index would take."""
    port = free_ports(1)[0]
    with (
        topic(built, "interoperability") as name,
        connector(built, name, SOURCE, topic=name, listen_ports=str(port)),
    ):
        yield Source(port, name)


def records(pipeline: Pipeline, source: Source, tag: str, expected: int, timeout: float = 60) -> list[Any]:
    """The topic's records of this tag, once there are as many as expected, or those that are there at the timeout."""
    consumer = KafkaConsumer(bootstrap_servers=pipeline.bootstrap_servers, enable_auto_commit=False)
    partitions = [TopicPartition(source.topic, number) for number in consumer.partitions_for_topic(source.topic)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    found: list[Any] = []
    end = time.monotonic() + timeout
    while len(found) < expected and time.monotonic() < end:
        for polled in consumer.poll(timeout_ms=500).values():
            found += [record for record in polled if dict(record.headers).get("forward.tag") == tag.encode()]
    consumer.close()
    return found


@pytest.mark.parametrize("nanoseconds", [False, True])
def test_what_fluent_logger_sends_is_in_the_topic(built: Pipeline, source: Source, nanoseconds: bool) -> None:
    tag = f"fluent-logger.{uuid.uuid4().hex}"
    began = int(time.time())
    sender = FluentSender(tag, host="127.0.0.1", port=source.port, nanosecond_precision=nanoseconds)

    assert all(sender.emit(None, {**VALUES, "number": number}) for number in range(EVENTS))
    sender.close()
    found = records(built, source, tag, EVENTS)

    values = sorted((json.loads(record.value) for record in found), key=lambda value: value["number"])
    assert values == [{**VALUES, "number": number} for number in range(EVENTS)]
    assert all(began * 1000 <= record.timestamp <= time.time() * 1000 for record in found)


@pytest.fixture
def fluentd(source: Source, tmp_path: Path) -> Iterator[str]:
    """Fluentd itself, which tails a file; gives the tag."""
    program = shutil.which("fluentd")
    if program is None:
        pytest.skip("fluentd is not installed")
    tag = f"fluentd.{uuid.uuid4().hex}"
    lines = (json.dumps({**VALUES, "number": number}) + "\n" for number in range(EVENTS))
    (tmp_path / "app.log").write_text("".join(lines))
    settings = tmp_path / "fluent.conf"
    settings.write_text(FLUENTD.format(folder=tmp_path, tag=tag, port=source.port))
    with (tmp_path / "fluentd.log").open("w") as log:
        process = subprocess.Popen([program, "-c", settings], stdout=log, stderr=log)
    yield tag
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def test_what_fluentd_tails_is_in_the_topic(built: Pipeline, source: Source, fluentd: str) -> None:
    found = records(built, source, fluentd, EVENTS)

    assert {json.loads(record.value)["number"] for record in found} == set(range(EVENTS))
    assert all(b":" in dict(record.headers)["event.id"] for record in found)
