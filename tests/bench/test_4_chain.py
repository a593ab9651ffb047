# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sender to searchable, beside plain bulk requests; and what the worker's memory comes to while the index is away."""

from __future__ import annotations

import os
from pathlib import Path

from tests.bench import forward_sender
from tests.bench.connect_side import SINK, SOURCE, connector, states
from tests.bench.elasticsearch_side import PlainBulk, index, searchable, wait_for
from tests.bench.events import EVENTS, SIZE, WARM_UP
from tests.bench.kafka_side import topic
from tests.bench.measure import MEBI, ROUNDS, Contest, Usage, measured, print_table, programs, watched_memory, write
from tests.pipeline import Pipeline, free_ports


def test_every_event_that_was_acknowledged_can_be_searched(built: Pipeline, tmp_path: Path) -> None:
    contest = Contest(EVENTS)
    through_chain(built, WARM_UP)
    stamped = PlainBulk(built, tmp_path, EVENTS, as_indexed=True)
    sent = PlainBulk(built, tmp_path, EVENTS, as_indexed=False)
    for _ in range(ROUNDS):
        contest.add("plain bulk", through_bulk(built, stamped))
        contest.add("plain bulk, no id or stamp", through_bulk(built, sent))
        contest.add("chain", through_chain(built, EVENTS))
    title = f"Chain: {EVENTS:,} events of {SIZE} bytes from the sender until they can be searched"
    contest.report("chain", title, against=["plain bulk", "plain bulk, no id or stamp"])


def test_the_worker_s_memory_stays_bounded_while_the_index_is_away(built: Pipeline) -> None:
    port = free_ports(1)[0]
    worker = programs(built, worker="connect")["worker"]
    with (
        topic(built, "bench-outage") as full,
        index(built, "bench-outage") as name,
        connector(built, "bench-source", SOURCE, topic="${tag}", listen_ports=str(port)),
        connector(built, "bench-sink", SINK, topics=full, index=name) as sink,
        watched_memory(worker) as peak,
    ):
        before = peak()
        built.supervisorctl("stop", "elasticsearch")
        forward_sender.send(port, full, EVENTS)
        away = peak()
        assert states(built, sink) == {"RUNNING"}
        built.supervisorctl("start", "elasticsearch")
        wait_for(built, name, EVENTS)
        assert searchable(built, name) == EVENTS
        rows = {"before": before, "index away": away, "until all was indexed": peak()}
    sizes = f"{EVENTS * SIZE / MEBI:,.0f} MiB of events came meanwhile"
    shown = [[what, f"{size:,.0f}"] for what, size in rows.items()]
    print_table(f"Memory: the worker's largest resident set; {sizes}", ["", "MiB"], shown)
    write("memory", {"events": EVENTS, "mebibytes": rows})


def through_chain(pipeline: Pipeline, events: int) -> Usage:
    port = free_ports(1)[0]
    pids = {
        "sender": os.getpid(),
        **programs(pipeline, worker="connect", broker="kafka", elasticsearch="elasticsearch"),
    }
    with (
        topic(pipeline, "bench-chain") as through,
        index(pipeline, "bench-chain") as name,
        connector(pipeline, "bench-source", SOURCE, topic="${tag}", listen_ports=str(port)),
        connector(pipeline, "bench-sink", SINK, topics=through, index=name),
    ):
        with measured(pids) as usage:
            forward_sender.send(port, through, events)
            wait_for(pipeline, name, events)
            found = searchable(pipeline, name)
        assert found == events
    return usage


def through_bulk(pipeline: Pipeline, plain: PlainBulk) -> Usage:
    pids = {"sender": os.getpid(), **programs(pipeline, elasticsearch="elasticsearch")}
    with index(pipeline, "bench-bulk") as name:
        with measured(pids) as usage:
            plain.send(name, concurrency=2)
            found = searchable(pipeline, name)
        assert found == EVENTS
    return usage
