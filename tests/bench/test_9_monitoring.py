# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What being watched costs the pipeline: sender to searchable, with all that ``monitoring_enabled`` runs and without.

One pipeline for both, because two workers are never warmed alike. Without, nobody asks: Prometheus, the exporter and
the canary are stopped in their tracks (SIGSTOP), so that none of them has to start in what is measured. The agents stay
in their JVMs, where they do nothing but wait for who asks. Many short pairs, since the difference is smaller than what
a machine's speed changes by from one minute to the next.
"""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.bench.events import CHUNK, EVENTS, SIZE
from tests.bench.measure import ROUNDS, Contest, print_table, programs, write
from tests.bench.test_4_chain import through_chain
from tests.pipeline import WATCHED_PORTS, Pipeline, free_ports

WATCHERS = ("prometheus", "elasticsearch_exporter", "canary")


@pytest.fixture
def watched(built: Pipeline) -> Iterator[Pipeline]:
    mine = {"monitoring_enabled": True, **dict(zip(WATCHED_PORTS, free_ports(len(WATCHED_PORTS)), strict=True))}
    built.variables.update(mine)
    built.playbook("site").expect_success()
    yield built
    for name in mine:
        built.variables.pop(name)
    built.playbook("site").expect_success()


@contextmanager
def unwatched(pids: dict[str, int]) -> Iterator[None]:
    for pid in pids.values():
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids.values():
            os.kill(pid, signal.SIGCONT)


def test_being_watched_costs_little(watched: Pipeline) -> None:
    events = max(EVENTS // 4 // CHUNK, 1) * CHUNK
    pairs = 5 * ROUNDS
    contest = Contest(events)
    pids = programs(watched, **{name: name for name in WATCHERS})
    through_chain(watched, EVENTS)
    began, spent = time.monotonic(), cpu_of(pids)
    for number in range(pairs):
        # Whoever goes second finds the machine as the first one left it.
        for is_watched in (True, False) if number % 2 else (False, True):
            if is_watched:
                contest.add("watched", through_chain(watched, events))
            else:
                with unwatched(pids):
                    contest.add("not watched", through_chain(watched, events))
    # They ran for half of the time.
    share = 2 * (cpu_of(pids) - spent) / (time.monotonic() - began) / (psutil.cpu_count() or 1)
    title = f"Metrics: {events:,} events of {SIZE} bytes from the sender until they can be searched, {pairs} pairs"
    contest.report("monitoring", title, against="not watched")
    sides = zip(contest.rounds["watched"], contest.rounds["not watched"], strict=True)
    ratios = [with_it.seconds / without.seconds for with_it, without in sides]
    low, middle, high = statistics.quantiles(ratios, n=4)
    rows = [
        ["time that being watched adds, median of the pairs", f"{middle - 1:+.1%}"],
        ["quartiles", f"{low - 1:+.1%} to {high - 1:+.1%}"],
        ["CPU of Prometheus, the exporter and the canary, of the machine", f"{share:.1%}"],
    ]
    print_table("What being watched costs", ["", ""], rows)
    write("monitoring_cost", {"ratios": ratios, "cpu_share": share})


def cpu_of(pids: dict[str, int]) -> float:
    times = [psutil.Process(pid).cpu_times() for pid in pids.values()]
    return sum(each.user + each.system for each in times)
