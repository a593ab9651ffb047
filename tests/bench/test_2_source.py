# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sender to topic: the forward source beside a plain producer of the same payload."""

from __future__ import annotations

import os
from pathlib import Path

from tests.bench import forward_sender
from tests.bench.connect_side import SOURCE, connector
from tests.bench.events import EVENTS, SIZE, WARM_UP
from tests.bench.kafka_side import PlainProducer, count, topic
from tests.bench.measure import ROUNDS, Contest, Usage, measured, programs
from tests.pipeline import Pipeline, free_ports


def test_every_event_that_was_acknowledged_is_in_the_topic(built: Pipeline, tmp_path: Path) -> None:
    contest = Contest(EVENTS)
    port = free_ports(1)[0]
    plain = PlainProducer(built, tmp_path)
    try:
        with connector(built, "bench-source", SOURCE, topic="${tag}", listen_ports=str(port)):
            for number in range(ROUNDS + 1):
                events = EVENTS if number else WARM_UP
                for name, usage in one_round(built, plain, port, events):
                    if number:
                        contest.add(name, usage)
    finally:
        plain.close()
    title = f"Source: {EVENTS:,} events of {SIZE} bytes, {forward_sender.IN_FLIGHT} chunks in flight"
    contest.report("source", title, against=["plain producer", "plain with headers"])


def one_round(pipeline: Pipeline, plain: PlainProducer, port: int, events: int) -> list[tuple[str, Usage]]:
    """The source's records have headers, which the payload has not: the plain producer runs without and with such."""
    broker = programs(pipeline, broker="kafka")["broker"]
    return [
        ("plain producer", through_producer(pipeline, plain, events, broker, headers=False)),
        ("plain with headers", through_producer(pipeline, plain, events, broker, headers=True)),
        ("source", through_source(pipeline, port, events, compressed=False)),
        ("source, gzip", through_source(pipeline, port, events, compressed=True)),
    ]


def through_producer(pipeline: Pipeline, plain: PlainProducer, events: int, broker: int, *, headers: bool) -> Usage:
    with topic(pipeline, f"bench-plain-{headers}".lower()) as name:
        usage = plain.send(name, events, headers=headers, broker=broker)
        assert count(pipeline, name) == events
    return usage


def through_source(pipeline: Pipeline, port: int, events: int, *, compressed: bool) -> Usage:
    pids = {"sender": os.getpid(), **programs(pipeline, worker="connect", broker="kafka")}
    with topic(pipeline, f"bench-source-{compressed}".lower()) as name:
        with measured(pids) as usage:
            forward_sender.send(port, name, events, compressed=compressed)
        assert count(pipeline, name) == events
    return usage
