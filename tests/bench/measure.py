# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the benches measure and report: CPU and memory of process trees, medians of rounds, one table for each bench.

It judges nothing: a bench asserts that everything arrived, and prints how long that took.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.bench.events import EVENTS
from tests.pipeline import Pipeline

ROUNDS = int(os.environ.get("LOGGY_BENCH_ROUNDS", "3"))
RESULTS = Path(__file__).resolve().parents[2] / "build" / "bench"
MEBI = 1 << 20


@dataclass
class Usage:
    """What one measured stretch took: wall seconds, CPU seconds by process, and the load before it began."""

    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    load: float = 0.0


def cpu_seconds(pid: int) -> float:
    """Of a process and everything it started, so far."""
    process = psutil.Process(pid)
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def programs(pipeline: Pipeline, **names: str) -> dict[str, int]:
    """The pids of the pipeline's programs, under the names that they have in a table."""
    return {shown: int(pipeline.supervisorctl("pid", name)) for shown, name in names.items()}


@contextmanager
def measured(pids: dict[str, int]) -> Iterator[Usage]:
    """:param pids: whose CPU time is of interest, by the name that it has in the table."""
    usage = Usage(load=os.getloadavg()[0])
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    started = time.monotonic()
    yield usage
    usage.seconds = time.monotonic() - started
    usage.cpu = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}


@contextmanager
def watched_memory(pid: int, every: float = 0.1) -> Iterator[Callable[[], float]]:
    """Gives a function that tells the largest resident set so far of one process, in MiB."""
    process = psutil.Process(pid)
    seen = [process.memory_info().rss]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(every):
            seen[0] = max(seen[0], process.memory_info().rss)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield lambda: seen[0] / MEBI
    finally:
        ended.set()
        watcher.join()


def wait_until(reached: Callable[[], bool], what: str, timeout: float = 900, pause: float = 0.05) -> None:
    end = time.monotonic() + timeout
    while not reached():
        assert time.monotonic() < end, f"after {timeout:.0f} s: still waiting until {what}"
        time.sleep(pause)


@dataclass
class Contest:
    """Ways to do the same work, measured in turn, so that what disturbs the machine disturbs all of them alike."""

    events: int
    rounds: dict[str, list[Usage]] = field(default_factory=dict)

    def add(self, name: str, usage: Usage) -> None:
        self.rounds.setdefault(name, []).append(usage)
        busy = ", ".join(f"{who} {seconds:.1f}" for who, seconds in usage.cpu.items())
        rate = self.events / usage.seconds
        print(
            f"  {name}: {rate:,.0f}/s, {usage.seconds:.2f} s; CPU s: {busy}; load before {usage.load:.1f}", flush=True
        )

    def seconds(self, name: str) -> float:
        return statistics.median(usage.seconds for usage in self.rounds[name])

    def ratios(self, name: str, against: str) -> list[float]:
        """Of the times in each round, rising: a machine that changes from one to the next does not get between."""
        pairs = zip(self.rounds[name], self.rounds[against], strict=True)
        return sorted(one.seconds / other.seconds for one, other in pairs)

    def cpu_per_million(self, name: str, process: str) -> float | None:
        spent = [usage.cpu[process] for usage in self.rounds[name] if process in usage.cpu]
        return statistics.median(spent) * 1_000_000 / self.events if spent else None

    def report(self, file: str, title: str, against: str | Sequence[str]) -> None:
        """Prints the table and writes the JSON; times are also given as multiples of each of ``against``."""
        names = list(self.rounds)
        references = [against] if isinstance(against, str) else list(against)
        every = [name for usages in self.rounds.values() for usage in usages for name in usage.cpu]
        processes = list(dict.fromkeys(every))
        heads = ["", "events/s", *(f"time x {names.index(name) + 1}" for name in references), *processes]
        rows = []
        for number, name in enumerate(names, start=1):
            ratios = [f"{self.seconds(name) / self.seconds(reference):.2f}" for reference in references]
            spent = [self.cpu_per_million(name, process) for process in processes]
            busy = ["-" if each is None else f"{each:.1f}" for each in spent]
            rows.append([f"{number} {name}", f"{self.events / self.seconds(name):,.0f}", *ratios, *busy])
        print_table(f"{title}\nMedians; on the right CPU seconds per million events", heads, rows)
        rounds = {name: [asdict(usage) for usage in usages] for name, usages in self.rounds.items()}
        write(file, {"title": title, "events": self.events, "rounds": rounds})


def print_table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The first column is text, the others are figures."""
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    print(f"\n{title}")
    for row in [heads, ["-" * width for width in widths], *rows]:
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  " + "  ".join([row[0].ljust(widths[0]), *cells]).rstrip())
    print(flush=True)


def write(file: str, result: dict[str, Any]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{file}.json").write_text(json.dumps({"machine": machine(), **result}, indent=2) + "\n")


def machine() -> dict[str, Any]:
    """What the figures depend on beside the code."""
    info = Path("/proc/cpuinfo")
    models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return {
        "cores": psutil.cpu_count(),
        "cpu": models[0] if models else platform.processor(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load": [round(each, 2) for each in os.getloadavg()],
    }


def print_machine() -> None:
    facts = machine()
    print(f"\n{facts['cores']} cores ({facts['cpu']}), {facts['memory_gib']} GiB, Linux {facts['kernel']}", end="")
    print(f", Python {facts['python']}; load {facts['load'][0]}; {EVENTS:,} events", flush=True)
    if facts["load"][0] > 1:
        print("  The machine is busy with something else: compare the ratios, not the figures.", flush=True)
