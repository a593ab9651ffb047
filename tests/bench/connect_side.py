# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connectors of the benches: the pipeline's own settings, with another topic, port or index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.bench.measure import wait_until
from tests.pipeline import Pipeline

SOURCE = "loggy-forward-source"
SINK = "loggy-elasticsearch-sink"


@contextmanager
def connector(pipeline: Pipeline, name: str, like: str, **changes: str) -> Iterator[str]:
    """A connector made after another one; it and its tasks run when the block begins, and are gone after it."""
    url = f"{pipeline.connect_url}/connectors"
    config = requests.get(f"{url}/{like}/config", timeout=30).json()
    config.update({key.replace("_", "."): value for key, value in changes.items()}, name=name)
    made = requests.post(url, json={"name": name, "config": config}, timeout=60)
    assert made.status_code == 201, made.text
    wait_for_state(pipeline, name, "RUNNING")
    try:
        yield name
    finally:
        requests.delete(f"{url}/{name}", timeout=60)


def states(pipeline: Pipeline, name: str) -> set[str]:
    """Of the connector and its tasks; not empty only when there are tasks."""
    status = requests.get(f"{pipeline.connect_url}/connectors/{name}/status", timeout=30).json()
    tasks = [task["state"] for task in status.get("tasks", [])]
    return {status["connector"]["state"], *tasks} if tasks else set()


def wait_for_state(pipeline: Pipeline, name: str, state: str) -> None:
    wait_until(lambda: states(pipeline, name) == {state}, f"{name} is {state}", timeout=60)


def pause(pipeline: Pipeline, name: str) -> None:
    requests.put(f"{pipeline.connect_url}/connectors/{name}/pause", timeout=60).raise_for_status()
    wait_for_state(pipeline, name, "PAUSED")


def resume(pipeline: Pipeline, name: str) -> None:
    requests.put(f"{pipeline.connect_url}/connectors/{name}/resume", timeout=60).raise_for_status()
