# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one-line health of a connector, and whether it is as it was wanted."""

from __future__ import annotations

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.health import (
    failure,
    first_lines,
    is_as_wanted,
    summary,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.model import Connector, Task

TRACE = "org.apache.X: broken\n\tat A.b(A.java:1)\n\tat A.c(A.java:2)\nCaused by: java.io.Y: disk\n\tat D.e(D.java)\n"


def connector(state: str, *tasks: str, expected: int | None = None, trace: str = "") -> Connector:
    seen = tuple(Task(number, one, "w:8083", TRACE if one == "FAILED" else "") for number, one in enumerate(tasks))
    count = len(tasks) if expected is None else expected
    return Connector("a", {}, state, "v:8083", trace, tasks=seen, expected_tasks=tuple(range(count)))


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (connector("RUNNING", "RUNNING"), "RUNNING, 1/1 tasks"),
        (connector("RUNNING", "RUNNING", expected=3), "RUNNING, 1/3 tasks"),
        (connector("RUNNING"), "RUNNING, 0/0 tasks"),
        (connector("RUNNING", "RUNNING", "UNASSIGNED"), "RUNNING, 1/2 tasks (UNASSIGNED)"),
        (connector("RUNNING", "RUNNING", "FAILED"), "task 1 FAILED on w:8083: org.apache.X: broken"),
        (connector("FAILED", trace=TRACE), "connector FAILED on v:8083: org.apache.X: broken"),
        (connector("PAUSED", "PAUSED", "RUNNING"), "PAUSED, 1/2 tasks (RUNNING)"),
        (connector("STOPPED"), "STOPPED"),
        (connector("STOPPED", "RUNNING"), "STOPPED, 0/1 tasks (RUNNING)"),
        (connector("NO STATUS"), "NO STATUS, 0/0 tasks"),
        (Connector("a", {}, "RUNNING", tasks=(Task(0, "FAILED", ""),)), "task 0 FAILED on no worker: no trace"),
    ],
)
def test_health_is_one_line(seen: Connector, line: str) -> None:
    assert summary(seen) == line


@pytest.mark.parametrize(
    ("seen", "state", "expected"),
    [
        (connector("RUNNING", "RUNNING"), "running", True),
        (connector("RUNNING"), "running", False),
        (connector("RUNNING", "RUNNING", expected=2), "running", False),
        (connector("RUNNING", "RUNNING", "FAILED"), "running", False),
        # A task that a smaller tasks.max has left over.
        (connector("RUNNING", "RUNNING", "UNASSIGNED", expected=1), "running", False),
        (connector("UNASSIGNED", "RUNNING"), "running", False),
        (connector("PAUSED", "PAUSED"), "paused", True),
        (connector("PAUSED", "RUNNING"), "paused", False),
        (connector("PAUSED"), "paused", True),
        (connector("STOPPED"), "stopped", True),
        (connector("STOPPED", "RUNNING"), "stopped", False),
        (connector("RUNNING", "RUNNING"), "paused", False),
    ],
)
def test_a_connector_is_as_wanted_when_all_its_tasks_are(seen: Connector, state: str, expected: bool) -> None:
    assert is_as_wanted(seen, state) is expected


def test_a_failure_names_each_task_and_each_cause() -> None:
    assert failure(connector("RUNNING", "FAILED", "RUNNING", "FAILED"), lines=2) == (
        "task 0 FAILED on w:8083: org.apache.X: broken\nat A.b(A.java:1)\nCaused by: java.io.Y: disk\n"
        "task 2 FAILED on w:8083: org.apache.X: broken\nat A.b(A.java:1)\nCaused by: java.io.Y: disk"
    )
    assert failure(connector("RUNNING", "RUNNING")) == ""


def test_a_cause_within_the_first_lines_is_not_repeated() -> None:
    assert first_lines(TRACE, 4).count("Caused by") == 1
    assert first_lines("", 4) == "no trace"
