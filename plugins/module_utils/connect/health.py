# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says how a connector is, and whether it is as it was wanted. Pure: what was seen goes in, a judgement comes out."""

from __future__ import annotations

from .model import Connector, Task


def summary(connector: Connector) -> str:
    """The connector's health in one line, the first line of the first failure included."""
    if connector.state == "FAILED":
        return f"connector FAILED on {_on(connector.worker_id)}: {first_line(connector.trace)}"
    for task in connector.failed_tasks:
        return _failed_task(task)
    if connector.state == "STOPPED" and not connector.tasks:
        return "STOPPED"
    running = sum(task.state == connector.state for task in connector.tasks)
    expected = max(len(connector.tasks), len(connector.expected_tasks))
    others = sorted({task.state for task in connector.tasks} - {connector.state})
    return f"{connector.state}, {running}/{expected} tasks" + (f" ({', '.join(others)})" if others else "")


def is_as_wanted(connector: Connector, state: str) -> bool:
    """Whether the connector and each of its tasks has its state.

    A running connector has a task at least. One that was paused or stopped when it was created has none before it runs.

    :param state: running, paused or stopped.
    """
    if connector.state != state.upper():
        return False
    if state == "stopped":
        return not connector.tasks
    seen = {task.id for task in connector.tasks if task.state == connector.state}
    are_all_there = len(seen) == len(connector.tasks) and seen >= set(connector.expected_tasks)
    return are_all_there and (bool(seen) or state == "paused")


def failure(connector: Connector, lines: int = 5) -> str:
    """What failed and where, with the first lines of the trace; "" when nothing did."""
    parts = []
    if connector.state == "FAILED":
        parts.append(f"connector FAILED on {_on(connector.worker_id)}: {first_lines(connector.trace, lines)}")
    parts += [
        f"task {task.id} FAILED on {_on(task.worker_id)}: {first_lines(task.trace, lines)}"
        for task in connector.failed_tasks
    ]
    return "\n".join(parts)


def first_line(trace: str) -> str:
    return first_lines(trace, 1)


def first_lines(trace: str, count: int) -> str:
    """The first lines of a stack trace, and the lines that name its causes: these are what a reader looks for."""
    lines = [line.strip() for line in trace.splitlines() if line.strip()]
    if not lines:
        return "no trace"
    causes = [line for line in lines[count:] if line.startswith("Caused by:")] if count > 1 else []
    return "\n".join(lines[:count] + causes)


def _failed_task(task: Task) -> str:
    return f"task {task.id} FAILED on {_on(task.worker_id)}: {first_line(task.trace)}"


def _on(worker_id: str) -> str:
    return worker_id or "no worker"
