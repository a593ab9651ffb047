# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""connect_plugin_info and connect_connector_info: what they show, and of which worker."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect import connector_info, plugin_info
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import (
    NotReady,
    UnexpectedAnswer,
    Unreachable,
)

from tests.unit.fakes.connect import FakeWorker, Fault, fake_connect
from tests.unit.fakes.connect_cluster import PLUGINS, FakeCluster
from tests.unit.run_operation import run_operation

CONFIG = {"connector.class": "FileStreamSource", "topic": "t"}
NOT_FOUND = "<html><h2>HTTP ERROR 404 Not Found</h2></html>"


def plugins(*urls: str, **params: Any) -> Any:
    return run_operation(plugin_info.OPERATION, urls=list(urls), **params)


def test_each_worker_is_asked_for_its_own_plugins() -> None:
    cluster = FakeCluster()
    with fake_connect(cluster) as first, fake_connect(cluster, plugins=PLUGINS[:1]) as second:
        shown = plugins(first.url, second.url, classes=[{"class": "FileStreamSource"}])
        assert [(one["url"], len(one["plugins"])) for one in shown["workers"]] == [(first.url, 3), (second.url, 1)]
        assert [one["url"] for one in shown["missing"]] == [second.url]
        with pytest.raises(NotReady, match=f"- {second.url} lacks FileStreamSource: it has no plug-in") as caught:
            plugins(first.url, second.url, classes=[{"class": "FileStreamSource"}], require=True)
        assert caught.value.details["missing"] == shown["missing"]


def test_another_version_is_named() -> None:
    with fake_connect() as worker, pytest.raises(NotReady, match=r"lacks FileStreamSource 9\.9: it has source 4\.3\.1"):
        plugins(worker.url, classes=[{"class": "FileStreamSource", "version": "9.9"}], require=True)


def test_a_worker_that_does_not_run_is_an_error_that_names_it() -> None:
    with fake_connect() as worker, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Unreachable, match=f"GET {dead}/health: Connection refused"):
            plugins(worker.url, dead)


def test_a_worker_that_starts_is_waited_for_through_all_its_stages() -> None:
    with fake_connect() as worker:
        worker.faults += [
            Fault("GET /health", 404, NOT_FOUND, 2, "text/html"),
            Fault("GET /health", 503, '{"status": "starting", "message": "Worker is still starting up."}', 2),
        ]
        assert plugins(worker.url, wait_timeout=5)["workers"][0]["version"] == "4.3.1"


def test_a_worker_that_is_not_there_yet_is_waited_for() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(NotReady, match=f"Waited 0.3 s for the worker at {url}; last seen: .*Connection refused"):
        plugins(url, wait_timeout=0.3)


def test_without_a_wait_a_worker_that_is_starting_is_an_error() -> None:
    with fake_connect() as worker:
        worker.faults.append(Fault("GET /health", 404, NOT_FOUND, 1, "text/html"))
        with pytest.raises(UnexpectedAnswer, match="Is this really Kafka Connect"):
            plugins(worker.url)


def test_what_is_no_worker_at_all_is_not_waited_for() -> None:
    with fake_connect() as worker:
        worker.faults.append(Fault("GET /health", 200, "<html>hello</html>", 99, "text/html"))
        start = time.monotonic()
        with pytest.raises(UnexpectedAnswer, match="text/html instead of JSON"):
            plugins(worker.url, wait_timeout=20)
        assert time.monotonic() - start < 5


@pytest.fixture
def shown() -> Any:
    with fake_connect() as worker:
        worker.add("b", {**CONFIG, "x.password": "hush"})
        worker.add("a", CONFIG, "PAUSED")
        worker.cluster.fail("b", "org.X: broken\n\tat A")
        return run_operation(connector_info.OPERATION, urls=[worker.url])["connectors"]


def test_connectors_come_by_name_each_with_its_health(shown: Any) -> None:
    assert [(one["name"], one["state"]) for one in shown] == [("a", "PAUSED"), ("b", "RUNNING")]
    assert shown[0]["health"] == "PAUSED, 1/1 tasks"
    assert shown[1]["health"].startswith("task 0 FAILED on 127.0.0.1:")
    assert shown[1]["health"].endswith(": org.X: broken")


def test_a_config_comes_without_the_name_and_without_secrets(shown: Any) -> None:
    assert shown[1]["config"] == {**CONFIG, "x.password": "(set)"}


def test_a_trace_comes_with_its_task(shown: Any) -> None:
    assert shown[1]["tasks"][0]["trace"] == "org.X: broken\nat A"


def info(worker: FakeWorker, **params: Any) -> Any:
    return run_operation(connector_info.OPERATION, urls=[worker.url], **params)


def test_only_the_named_are_shown_and_those_that_do_not_exist_are_missing() -> None:
    with fake_connect() as worker:
        for name in "abc":
            worker.add(name, CONFIG)
        shown = info(worker, names=["c", "nope", "a"])
        assert [one["name"] for one in shown["connectors"]] == ["a", "c"]
        assert shown["missing"] == ["nope"]
        assert not shown["changed"]


def test_a_connector_that_no_worker_has_taken_yet_is_shown_when_it_is_named() -> None:
    with fake_connect(FakeCluster(lag=99)) as worker:
        worker.put_config({}, "a", CONFIG)
        (shown,) = info(worker, names=["a"])["connectors"]
        assert shown["state"] == "NO STATUS"


def test_offsets_and_topics_come_on_request() -> None:
    with fake_connect() as worker:
        worker.add("a", CONFIG).offsets = [{"partition": {"filename": "f"}, "offset": {"position": 3}}]
        (shown,) = info(worker, offsets=True, topics=True)["connectors"]
        assert shown["offsets"][0]["offset"] == {"position": 3}
        assert shown["topics"] == ["t"]
