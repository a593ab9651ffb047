# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What being watched costs the pipeline: sender to searchable, with all that ``monitoring_enabled`` runs and without.

One pipeline for both, because two workers are never warmed alike. Without, nobody asks: Prometheus, the exporter and
the canary are stopped. The agents stay in their JVMs, where they do nothing but wait for who asks.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.events import EVENTS, SIZE, WARM_UP
from tests.bench.measure import ROUNDS, Contest
from tests.bench.test_4_chain import through_chain
from tests.pipeline import Pipeline, free_ports

WATCHERS = ("prometheus", "elasticsearch_exporter", "canary")
PORTS = (
    "monitoring_prometheus_port",
    "monitoring_kafka_port",
    "monitoring_connect_port",
    "monitoring_elasticsearch_exporter_port",
    "canary_port",
)


@pytest.fixture
def watched(built: Pipeline) -> Iterator[Pipeline]:
    mine = {"monitoring_enabled": True, **dict(zip(PORTS, free_ports(len(PORTS)), strict=True))}
    built.variables.update(mine)
    built.playbook("site").expect_success()
    yield built
    for name in mine:
        built.variables.pop(name)
    built.playbook("site").expect_success()


def test_being_watched_costs_little(watched: Pipeline) -> None:
    contest = Contest(EVENTS)
    through_chain(watched, EVENTS)
    for _ in range(ROUNDS):
        watched.supervisorctl("stop", *WATCHERS)
        through_chain(watched, WARM_UP)
        contest.add("not watched", through_chain(watched, EVENTS))
        watched.supervisorctl("start", *WATCHERS)
        # What they take to start is none of what they cost.
        through_chain(watched, WARM_UP)
        contest.add("watched", through_chain(watched, EVENTS))
    title = f"Metrics: {EVENTS:,} events of {SIZE} bytes from the sender until they can be searched"
    contest.report("monitoring", title, against="not watched")
