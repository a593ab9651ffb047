# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topic to index: the sink on a topic that is full, beside plain bulk requests of the same documents."""

from __future__ import annotations

import os
from pathlib import Path

from tests.bench import forward_sender
from tests.bench.connect_side import SINK, SOURCE, connector, pause, resume
from tests.bench.elasticsearch_side import BULK, PlainBulk, index, searchable, wait_for
from tests.bench.events import EVENTS, SIZE, WARM_UP
from tests.bench.kafka_side import topic
from tests.bench.measure import ROUNDS, Contest, Usage, measured, programs
from tests.pipeline import Pipeline, free_ports


def test_every_record_of_the_topic_is_in_the_index(built: Pipeline, tmp_path: Path) -> None:
    contest = Contest(EVENTS)
    warm = PlainBulk(built, tmp_path, WARM_UP, as_indexed=True)
    through_sink(built, WARM_UP)
    for concurrency in (1, 2):
        through_bulk(built, warm, WARM_UP, concurrency)
    stamped = PlainBulk(built, tmp_path, EVENTS, as_indexed=True)
    sent = PlainBulk(built, tmp_path, EVENTS, as_indexed=False)
    for _ in range(ROUNDS):
        contest.add("plain bulk, 1 at a time", through_bulk(built, stamped, EVENTS, 1))
        contest.add("plain bulk, 2 at a time", through_bulk(built, stamped, EVENTS, 2))
        contest.add("sink", through_sink(built, EVENTS))
        contest.add("plain bulk, no id or stamp, 2", through_bulk(built, sent, EVENTS, 2))
    best = min(("plain bulk, 1 at a time", "plain bulk, 2 at a time"), key=contest.seconds)
    title = f"Sink: {EVENTS:,} documents of {SIZE} bytes before their stamp, {BULK:,} in a request"
    contest.report("sink", title, against=[best, "plain bulk, no id or stamp, 2"])


def through_sink(pipeline: Pipeline, events: int) -> Usage:
    """The topic is filled while the sink is paused: what is measured has no start of a task in it."""
    port = free_ports(1)[0]
    pids = {
        "sender": os.getpid(),
        **programs(pipeline, worker="connect", broker="kafka", elasticsearch="elasticsearch"),
    }
    with (
        topic(pipeline, "bench-sink") as full,
        index(pipeline, "bench-sink") as name,
        connector(pipeline, "bench-source", SOURCE, topic="${tag}", listen_ports=str(port)),
        connector(pipeline, "bench-sink", SINK, topics=full, index=name) as sink,
    ):
        pause(pipeline, sink)
        forward_sender.send(port, full, events)
        with measured(pids) as usage:
            resume(pipeline, sink)
            wait_for(pipeline, name, events)
        assert searchable(pipeline, name) == events
    return usage


def through_bulk(pipeline: Pipeline, plain: PlainBulk, events: int, concurrency: int) -> Usage:
    pids = {"sender": os.getpid(), **programs(pipeline, elasticsearch="elasticsearch")}
    with index(pipeline, "bench-bulk") as name:
        with measured(pids) as usage:
            plain.send(name, concurrency)
        assert searchable(pipeline, name) == events
    return usage
