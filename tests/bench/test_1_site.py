# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of a first and of a second site.yml goes, with caches that are warm."""

from __future__ import annotations

import re
import time

from tests.bench.measure import print_table, write
from tests.pipeline import Pipeline, Run

SHOWN = 12


def test_a_first_run_arrives_and_a_second_changes_nothing(pipeline: Pipeline) -> None:
    pipeline.playbook("site").expect_success()
    pipeline.playbook("purge").expect_success()

    first_seconds, first = timed(pipeline, "site")
    verify_seconds, verify = timed(pipeline, "verify-loggy")
    second_seconds, second = timed(pipeline, "site")

    assert "arrived" in verify.output, verify.output
    assert second.changed == 0
    totals = {"site": first_seconds, "verify-loggy": verify_seconds, "site again": second_seconds}
    print_table("make run, caches warm", ["", "seconds"], [[name, f"{took:.1f}"] for name, took in totals.items()])
    for title, run in (("first", first), ("second", second)):
        slowest = sorted(tasks(run), key=lambda task: -task[1])[:SHOWN]
        rows = [[name, f"{took:.2f}"] for name, took in slowest]
        print_table(f"The slowest tasks of the {title} run", ["task", "seconds"], rows)
    write("site", {"seconds": totals, "first": dict(tasks(first)), "second": dict(tasks(second))})


def timed(pipeline: Pipeline, playbook: str) -> tuple[float, Run]:
    started = time.monotonic()
    run = pipeline.playbook(playbook).expect_success()
    return time.monotonic() - started, run


def tasks(run: Run) -> list[tuple[str, float]]:
    """From the list that the callback prints at the end."""
    found = re.findall(r"^(\S.*?) -{2,} +(\d+\.\d+)s$", run.output, re.MULTILINE)
    assert found, run.output
    return [(name, float(seconds)) for name, seconds in found]
