# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verification: how soon it knows, what it adds to the time of a long run, and how it compares with asking by hand."""

from __future__ import annotations

import os
import statistics
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from tests.bench import by_hand
from tests.bench.connect_side import SINK, SOURCE, connector
from tests.bench.elasticsearch_side import index, searchable, wait_for
from tests.bench.kafka_side import count, topic
from tests.bench.measure import MEBI, ROUNDS, Contest, Usage, measured, print_table, programs, write
from tests.module_process import Done, ModuleProcess
from tests.pipeline import Pipeline, free_ports

NEIGHBOURS = int(os.environ.get("LOGGY_BENCH_NEIGHBOURS", "1000000"))
WARM_UPS = int(os.environ.get("LOGGY_BENCH_WARM_UPS", "4"))
FEW = 100
# What the walk-through's consumer has to read through first, once it is no new pipeline any more.
OLDER = 200_000


@dataclass(frozen=True)
class Way:
    """A topic, an index and connectors of their own."""

    pipeline: Pipeline
    topic: str
    index: str
    port: int
    source: str
    sink: str

    @property
    def forward(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.port, "tag": self.topic}

    def send(self, neighbours: int, run: str) -> Done:
        options = {"kind": "both", "count": neighbours, "run": run, "forward": self.forward}
        return ModuleProcess("log_event", options).done()

    def commute(self, neighbours: int, run: str) -> ModuleProcess:
        stops = [
            {"name": "topic", "kind": "topic", "topic": self.topic, "connector": self.source},
            {"name": "index", "kind": "index", "index": self.index, "connector": self.sink},
        ]
        options = {
            "neighbours": neighbours,
            "run": run,
            "deadline": 900,
            "forward": self.forward,
            "stops": stops,
            "kafka": {"bootstrap_servers": [self.pipeline.bootstrap_servers]},
            "elasticsearch": {"urls": [self.pipeline.elasticsearch_url]},
            "connect": {"urls": [self.pipeline.connect_url]},
        }
        return ModuleProcess("loggy_commute", options)


@contextmanager
def way(pipeline: Pipeline) -> Iterator[Way]:
    port = free_ports(1)[0]
    with (
        topic(pipeline, "bench-commute") as through,
        index(pipeline, through) as name,
        connector(pipeline, f"{through}-source", SOURCE, topic="${tag}", listen_ports=str(port)) as source,
        connector(pipeline, f"{through}-sink", SINK, topics=through, index=name) as sink,
    ):
        yield Way(pipeline, through, name, port, source, sink)


class Searchable(threading.Thread):
    """Notes when so many documents of a run could be searched first, by asking all the time."""

    def __init__(self, way: Way, run: str, documents: int) -> None:
        super().__init__(daemon=True)
        self._url = f"{way.pipeline.elasticsearch_url}/{way.index}"
        self._query = {"query": {"match_phrase": {"loggy.run": run}}}
        self._documents = documents
        self.at = 0.0
        self.start()

    def run(self) -> None:
        session = requests.Session()
        while not self.at:
            session.post(f"{self._url}/_refresh", timeout=60)
            found = session.post(f"{self._url}/_count", json=self._query, timeout=60).json().get("count", 0)
            if found >= self._documents:
                self.at = time.time()


def test_a_hundred_neighbours_are_judged_soon_after_the_last_can_be_searched(built: Pipeline) -> None:
    rounds = []
    with way(built) as there:
        there.commute(FEW, uuid.uuid4().hex).done()
        for _ in range(max(ROUNDS, 5)):
            run = uuid.uuid4().hex
            watcher = Searchable(there, run, FEW + 1)
            done = there.commute(FEW, run).done()
            watcher.join()
            assert done.result["verdict"] == "arrived", done.result
            rounds.append({"after_searchable": done.at - watcher.at, "whole": done.result["seconds"], "cpu": done.cpu})
    rows = [[name, *_spread([each[name] for each in rounds])] for name in rounds[0]]
    print_table(f"{FEW} neighbours, seconds", ["", "least", "median", "most"], rows)
    write("commute_few", {"neighbours": FEW, "rounds": rounds})


def test_a_long_run_takes_hardly_longer_when_it_is_verified(built: Pipeline) -> None:
    contest = Contest(NEIGHBOURS + 1)
    peaks = []
    # Java still compiles in the fourth round, mostly what the searches need: a server that has run for a day does not.
    for _ in range(WARM_UPS):
        alone(built, NEIGHBOURS)
        verified(built, NEIGHBOURS)
    for _ in range(ROUNDS):
        contest.add("pipeline alone", alone(built, NEIGHBOURS))
        usage, done = verified(built, NEIGHBOURS)
        contest.add("with loggy_commute", usage)
        peaks.append(done.rss / MEBI)
    contest.report("commute_many", f"Verification: Loggy and {NEIGHBOURS:,} neighbours", against="pipeline alone")
    added = [ratio - 1 for ratio in contest.ratios("with loggy_commute", "pipeline alone")]
    cpu = [contest.cpu_per_million(name, "process") or 0.0 for name in ("with loggy_commute", "pipeline alone")]
    rows = [
        ["time that verification adds, median of the pairs", f"{statistics.median(added):+.1%}"],
        ["the least and the most", f"{added[0]:+.1%}, {added[-1]:+.1%}"],
        ["CPU seconds of verification, per million", f"{cpu[0] - cpu[1]:.1f}"],
        ["peak resident set of the process, MiB", f"{max(peaks):.0f}"],
    ]
    print_table("What verification costs", ["", ""], rows)
    write("commute_cost", {"neighbours": NEIGHBOURS, "added": added, "cpu": cpu, "peak_mebibytes": peaks})


def alone(pipeline: Pipeline, neighbours: int) -> Usage:
    """From the start of the sender's process until a plain count has all."""
    with way(pipeline) as there:
        with measured(_programs(pipeline)) as usage:
            done = there.send(neighbours, uuid.uuid4().hex)
            wait_for(pipeline, there.index, neighbours + 1)
            found = searchable(pipeline, there.index)
        assert found == neighbours + 1
    usage.cpu["process"] = done.cpu
    return usage


def verified(pipeline: Pipeline, neighbours: int) -> tuple[Usage, Done]:
    """From the start of the process that sends and verifies until its verdict."""
    with way(pipeline) as there:
        with measured(_programs(pipeline)) as usage:
            done = there.commute(neighbours, uuid.uuid4().hex).done()
        assert done.result["verdict"] == "arrived", done.result
    usage.cpu["process"] = done.cpu
    return usage, done


def test_a_hundred_neighbours_are_found_faster_than_by_hand(built: Pipeline) -> None:
    rows, results = [], {}
    with way(built) as there:
        for older in (0, OLDER):
            if older:
                there.send(older, uuid.uuid4().hex)
                wait_for(built, there.index, older)
            hand = [timed_by_hand(there) for _ in range(ROUNDS)]
            ours = [timed_module(there) for _ in range(ROUNDS)]
            held = count(built, there.topic)
            for who in hand[0]:
                took = [statistics.median(each[who] for each in hand), statistics.median(ours)]
                shown = [f"{each:.2f}" for each in took]
                rows.append([f"{who}, {held:,} records in the topic", *shown, f"{took[0] / took[1]:.1f}"])
            results[str(held)] = {"hand": hand, "loggy_commute": ours}
    playbook = [timed_playbook(built) for _ in range(ROUNDS)]
    title = "Until Loggy and every neighbour was seen at every stop; ours follows both in one run, and sends them too"
    print_table(title, ["by hand:", "by hand, s", "loggy_commute, s", "ratio"], rows)
    print(f"  verify-loggy.yml, the start of ansible-playbook included: {statistics.median(playbook):.2f} s\n")
    write("commute_by_hand", {"neighbours": FEW, "rounds": results, "verify-loggy": playbook})


def timed_by_hand(there: Way) -> dict[str, float]:
    """The walk-through asked each stop for Loggy, and then again for the neighbours. Without the time of sending."""
    run = uuid.uuid4().hex
    there.send(FEW, run)
    loggy, neighbours = asked(there, run, 1), asked(there, run, FEW + 1)
    return {f"{FEW} neighbours": neighbours, f"Loggy, then {FEW} neighbours": loggy + neighbours}


def asked(there: Way, run: str, lines: int) -> float:
    began = time.monotonic()
    by_hand.read_brokers(there.pipeline, there.topic, run, lines)
    by_hand.elasticsearch(there.pipeline, there.index, run, lines)
    return time.monotonic() - began


def timed_module(there: Way) -> float:
    """With the time of sending."""
    done = there.commute(FEW, uuid.uuid4().hex).done()
    assert done.result["verdict"] == "arrived", done.result
    return float(done.result["seconds"])


def timed_playbook(pipeline: Pipeline) -> float:
    began = time.monotonic()
    pipeline.playbook("verify-loggy", loggy_neighbours=FEW).expect_success()
    return time.monotonic() - began


def _programs(pipeline: Pipeline) -> dict[str, int]:
    return programs(pipeline, worker="connect", broker="kafka", elasticsearch="elasticsearch")


def _spread(figures: list[float]) -> list[str]:
    return [f"{figure:.3f}" for figure in (min(figures), statistics.median(figures), max(figures))]
