# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that was acknowledged is lost, whatever is killed while it is on its way, and the index holds it once.

The sender and the counts know nothing of the connectors' own counters: acknowledged numbers are compared with what a
plain consumer and a plain search find.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import requests
from kafka import KafkaConsumer, TopicPartition

from tests.forward_client import ForwardClient
from tests.pipeline import Pipeline

pytestmark = pytest.mark.integration

EVENTS = 50_000
CHUNK = 200


@pytest.mark.parametrize("program", ["connect", "kafka", "elasticsearch"])
def test_every_acknowledged_event_is_in_the_topic_and_once_in_the_index(built: Pipeline, program: str) -> None:
    run = f"kill-{program}-{time.time_ns():x}"
    client = ForwardClient("127.0.0.1", built.ports["loggy_forward_port"], "output_tag")
    kills = Kills(built, program, at=[EVENTS // 4, EVENTS // 2])
    records = ((number, {"run": run, "number": number, "message": "x" * 150}) for number in range(EVENTS))

    client.send(records, chunk_size=CHUNK, progress=kills.at_progress)

    assert client.acknowledged == set(range(EVENTS))
    assert kills.done == 2
    in_topic = Counter(numbers_in_topic(built, run))
    assert client.acknowledged <= set(in_topic)
    in_index = wait_for_numbers_in_index(built, run, EVENTS)
    print(
        f"\n{program} killed twice: {EVENTS} acknowledged, {client.resent} chunks sent again; "
        f"topic: {len(in_topic)} numbers, {in_topic.total() - len(in_topic)} copies; index: {len(in_index)} numbers, "
        f"{in_index.total() - len(in_index)} copies"
    )
    assert in_index == Counter(range(EVENTS))


class Kills:
    """Kills the program with SIGKILL each time the count of acknowledged events passes a mark."""

    def __init__(self, pipeline: Pipeline, program: str, at: list[int]) -> None:
        self._pipeline = pipeline
        self._program = program
        self._marks = at
        self.done = 0

    def at_progress(self, acknowledged: int) -> None:
        if self.done < len(self._marks) and acknowledged >= self._marks[self.done]:
            self._pipeline.kill(self._program)
            self.done += 1


def numbers_in_topic(pipeline: Pipeline, run: str) -> Iterator[int]:
    consumer = KafkaConsumer(bootstrap_servers=pipeline.bootstrap_servers, enable_auto_commit=False)
    partitions = [TopicPartition("output_tag", number) for number in consumer.partitions_for_topic("output_tag")]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    while any(consumer.position(partition) < end for partition, end in ends.items()):
        for records in consumer.poll(timeout_ms=1000).values():
            for record in records:
                event = json.loads(record.value)
                if event.get("run") == run:
                    yield event["number"]
    consumer.close()


def wait_for_numbers_in_index(pipeline: Pipeline, run: str, expected: int, timeout: float = 180) -> Counter[int]:
    """The numbers in the index once there are as many documents as expected, or what is there at the timeout."""
    end = time.monotonic() + timeout
    url = f"{pipeline.elasticsearch_url}/logs-*"
    query = {"query": {"match_phrase": {"run": run}}}
    while time.monotonic() < end:
        try:
            requests.post(f"{url}/_refresh", timeout=30)
            if requests.post(f"{url}/_count", json=query, timeout=30).json().get("count", 0) >= expected:
                break
        except (requests.RequestException, ValueError):
            pass
        time.sleep(0.5)
    return Counter(numbers_in_index(url, query))


def numbers_in_index(url: str, query: dict[str, object]) -> Iterator[int]:
    after: list[object] | None = None
    while True:
        body = {**query, "size": 5000, "sort": ["number", {"kafka.offset": "asc"}], "_source": ["number"]}
        hits = requests.post(f"{url}/_search", json={**body, **({"search_after": after} if after else {})}, timeout=60)
        page = hits.json()["hits"]["hits"]
        if not page:
            return
        yield from (hit["_source"]["number"] for hit in page)
        after = page[-1]["sort"]
