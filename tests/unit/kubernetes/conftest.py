# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake API server, and operations that go on while a test changes what is there."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes import object_info, watched
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Result

from tests.unit.fakes.api_server import ApiServer, api_server
from tests.unit.kubernetes.fake_objects import NAMESPACE
from tests.unit.run_operation import run_operation

Run = Callable[..., Result]
Begin = Callable[..., "Future[Result]"]


def expect_nothing_left(fake: ApiServer) -> None:
    """No thread, and no connection."""
    assert [thread for thread in threading.enumerate() if "_follow" in thread.name] == []
    # An idle connection ends with its pool, which the traceback of a caught error still knows.
    gc.collect()
    fake.until(lambda: not fake.connections, seconds=1)


@pytest.fixture
def fake() -> Iterator[ApiServer]:
    with api_server() as fake:
        yield fake


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for without a change comes soon."""
    monkeypatch.setattr(watched, "_PAUSES", (0.05, 0.05, 0.05))
    monkeypatch.setattr(object_info, "_LOOK_SECONDS", 0.05)


@pytest.fixture
def run(fake: ApiServer) -> Iterator[Run]:
    """Of kubernetes_object_info; nothing of it may be left."""

    def run(*objects: str, check_mode: bool = False, **params: Any) -> Result:
        """:param objects: "Kafka one"."""
        kinds = {"Deployment": "apps/v1", "CustomResourceDefinition": "apiextensions.k8s.io/v1", "ConfigMap": "v1"}
        wanted = [
            {"api_version": kinds.get(kind, "kafka.strimzi.io/v1"), "kind": kind, "name": name}
            for kind, name in (one.split() for one in objects)
        ]
        options = {"namespace": NAMESPACE, "wait_timeout": 5.0, **fake.connection, **params}
        return run_operation(object_info.OPERATION, check_mode=check_mode, objects=wanted, **options)

    yield run
    expect_nothing_left(fake)


@pytest.fixture
def begin(run: Run) -> Iterator[Begin]:
    """The same, in a thread."""
    with ThreadPoolExecutor() as pool:
        yield partial(pool.submit, run)
