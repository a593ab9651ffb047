# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each hop of a real pipeline broken on purpose: the verdict names the hop and the numbers; the advice, the cause."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.forward_proxy import swapped, twice, without
from tests.integration.faults import Broken, Way
from tests.pipeline import Pipeline

pytestmark = pytest.mark.integration

# What arrives takes a second at most; what does not is waited for so long.
DEADLINE = 7
DEAD_LETTERS = {
    "errors_tolerance": "all",
    "errors_deadletterqueue_topic_name": "DEAD",
    "errors_deadletterqueue_topic_replication_factor": "1",
    "errors_deadletterqueue_context_headers_enable": "true",
}


@dataclass(frozen=True)
class Case:
    """:param numbers: the ranges that the verdict is about.
    :param advice: words of it.
    """

    name: str
    fault: Callable[[Way], AbstractContextManager[Broken]]
    verdict: str
    last_seen: str | None
    numbers: list[list[int]]
    advice: str
    neighbours: int = 100
    options: dict[str, Any] | None = None


def run_id() -> str:
    return uuid.uuid4().hex


def restamped(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "kafka": {**document["kafka"], "offset": document["kafka"]["offset"] + 100_000}}


CASES = [
    Case(
        "the aggregator is stopped",
        lambda way: way.aggregator(runs=False),
        "lost at aggregator",
        "sender",
        [[0, 100]],
        "Start what writes",
    ),
    Case(
        "the source connector is paused",
        lambda way: way.source_paused(),
        "lost at topic",
        "aggregator",
        [[0, 100]],
        "Resume connector loggy-forward-source",
    ),
    Case(
        "the oldest 41 records of the topic are deleted",
        lambda way: way.deleted_records(run_id(), 100, deleted=41),
        "lost at topic",
        "sender",
        [[0, 40]],
        "deletes records of topic output_tag",
    ),
    Case(
        "7 of 1,000 are dropped before the topic",
        lambda way: way.proxied(meddle=without(3, 4, 5, 500, 998, 999, 1000)),
        "lost at topic",
        "sender",
        [[3, 5], [500, 500], [998, 1000]],
        "what sends to the topic",
        neighbours=1000,
    ),
    Case(
        "the sink is paused",
        lambda way: way.sink_paused(),
        "lost at index",
        "topic",
        [[0, 100]],
        "Resume connector loggy-elasticsearch-sink",
    ),
    Case(
        "the index has a write block",
        lambda way: way.write_blocked(),
        "lost at index",
        "topic",
        [[0, 100]],
        "index.blocks.write to null",
    ),
    Case(
        "the mapping refuses 7, and there is a dead-letter topic",
        lambda way: way.refusing(run_id(), 134, **DEAD_LETTERS),
        "lost at index",
        "topic",
        [[128, 134]],
        "7 of them are in the dead-letter topic",
        neighbours=134,
    ),
    Case(
        "the mapping refuses 7, and there is no dead-letter topic",
        lambda way: way.refusing(run_id(), 134),
        "lost at index",
        "topic",
        [[128, 134]],
        "then restart its failed tasks",
        neighbours=134,
    ),
    Case(
        "the mapping refuses 7, and the sink drops them",
        lambda way: way.refusing(run_id(), 134, on_refused_document="drop"),
        "lost at index",
        "topic",
        [[128, 134]],
        "Look at the sink's log",
        neighbours=134,
    ),
    Case(
        "5 are delivered twice to the topic",
        lambda way: way.proxied(meddle=twice(10, 11, 12, 13, 700)),
        "duplicated at topic",
        "sender",
        [[10, 13], [700, 700]],
        "delivers to topic twice",
        neighbours=1000,
    ),
    Case(
        "5 are indexed twice",
        lambda way: way.written_beside(run_id(), 100, (1, 2, 3, 4, 100), dict, anew=True),
        "duplicated at index",
        "topic",
        [[1, 4], [100, 100]],
        "a document's id",
    ),
    Case(
        "3 documents are stale copies of other records",
        lambda way: way.written_beside(run_id(), 100, (20, 21, 22), restamped, anew=False),
        "not through Kafka",
        None,
        [[20, 22]],
        "Take out what writes to index beside the pipeline",
    ),
    Case(
        "one went straight into the index",
        lambda way: way.sent_beside(run_id(), (7,)),
        "not through Kafka",
        "sender",
        [[7, 7]],
        "Take out what writes to index beside the pipeline",
    ),
    Case(
        "all are held up for 2 s before the topic",
        lambda way: way.proxied(delay=2),
        "late at topic",
        "sender",
        [[0, 100]],
        "what is slow before topic",
        options={"limits": {"latency_ms": 1500}},
    ),
]


@pytest.fixture(scope="module")
def way(built: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Way:
    way = Way(built, tmp_path_factory.mktemp("way"))
    assert way.follow(Broken(), neighbours=1, deadline=30)["verdict"] == "arrived"
    return way


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_verdict_names_the_hop_and_the_numbers_and_the_advice_the_cause(way: Way, case: Case) -> None:
    with case.fault(way) as broken:
        result = way.follow(broken, neighbours=case.neighbours, deadline=DEADLINE, **(case.options or {}))
    assert result["verdict"] == case.verdict, result["msg"]
    assert result["numbers"]["ranges"] == case.numbers
    assert result["last_seen"] == case.last_seen
    assert case.advice in result["advice"]
    assert result["msg"].splitlines()[0].startswith(result["line"])


def test_two_that_change_places_are_named_and_are_no_failure(way: Way) -> None:
    with way.proxied(meddle=swapped(500, 501)) as broken:
        result = way.follow(broken, neighbours=1000, deadline=30)
    topic = result["stops"][0]
    assert result["verdict"] == "arrived"
    assert topic["out_of_order"] == {"count": 1, "ranges": [[500, 500]]}
    assert "out of order at topic" in result["line"]


def test_a_chunk_that_is_delivered_twice_is_in_the_topic_twice_and_once_in_the_index(way: Way) -> None:
    with way.proxied(times=2) as broken:
        result = way.follow(broken, neighbours=100, deadline=30)
    topic, index = result["stops"]
    assert result["verdict"] == "arrived"
    assert topic["duplicates"]["copies"] == 101
    assert index["duplicates"]["copies"] == 0


def test_the_lag_of_a_paused_sink_is_what_was_sent(way: Way) -> None:
    with way.sink_paused() as broken:
        result = way.follow(broken, neighbours=250, deadline=DEADLINE)
    lag = result["observations"][0]
    assert lag["last"] == lag["highest"] == 251


def test_through_an_aggregator_all_arrive_and_afterwards_all_is_as_it_was(way: Way) -> None:
    with way.aggregator() as broken:
        result = way.follow(broken, neighbours=100, deadline=30)
    assert result["verdict"] == "arrived"
    assert [stop["found"] for stop in result["stops"]] == [101, 101, 101]
    assert way.follow(Broken(), neighbours=100, deadline=30)["verdict"] == "arrived"
