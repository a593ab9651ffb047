"""Waiting for a cluster, against a small server in this process."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch import index_info
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, NotReady, Unauthorized
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context

from tests.unit.elasticsearch.servers import answering
from tests.unit.fakes.elasticsearch import fake_elasticsearch
from tests.unit.run_operation import run_operation, validated


def wait(url: str, **params: Any) -> dict[str, Any]:
    return run_operation(index_info.OPERATION, urls=[url], **{"wait_for_status": "green", "wait_timeout": 0, **params})


def test_any_health_will_do_when_none_is_waited_for() -> None:
    with fake_elasticsearch(status="red") as fake:
        assert run_operation(index_info.OPERATION, urls=[fake.url])["cluster"]["status"] == "red"


def test_green_is_more_than_yellow() -> None:
    with fake_elasticsearch(status="green") as fake:
        assert wait(fake.url, wait_for_status="yellow")["cluster"]["status"] == "green"


def test_a_health_that_does_not_come_is_told_with_the_last_one() -> None:
    with fake_elasticsearch(status="yellow") as fake, pytest.raises(NotReady) as caught:
        wait(fake.url)
    assert str(caught.value) == (
        "Waited 0 s for the Elasticsearch cluster to be green; last seen: yellow, 1 nodes, 1 unassigned shards."
        " Look at its log, and at GET /_cluster/allocation/explain for shards that are not assigned."
    )
    assert caught.value.details["last_state"] == "yellow, 1 nodes, 1 unassigned shards"


def test_a_health_that_comes_later_is_waited_for_and_told_once() -> None:
    told: list[str] = []
    with fake_elasticsearch(status="yellow") as fake:
        turns_green = threading.Timer(0.3, lambda: setattr(fake, "status", "green"))
        turns_green.start()
        params = validated(index_info.OPERATION, urls=[fake.url], wait_for_status="green", wait_timeout=20)
        result = index_info.OPERATION.run(params, Context(progress=told.append))
        turns_green.join()
    assert result["cluster"]["status"] == "green"
    assert told == ["waiting for the Elasticsearch cluster to be green: yellow, 1 nodes, 1 unassigned shards"]


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_server_that_can_not_answer_yet_is_waited_for(status: int) -> None:
    with (
        answering(status, "starting", "text/plain") as url,
        pytest.raises(NotReady, match=f"answered {status}: starting"),
    ):
        wait(url)


def test_a_server_that_is_not_there_yet_is_waited_for() -> None:
    with pytest.raises(
        NotReady, match=r"last seen: No Elasticsearch answered at http://127\.0\.0\.1:1: Connection refused\."
    ):
        wait("http://127.0.0.1:1")


def test_a_wrong_password_is_not_waited_for() -> None:
    with fake_elasticsearch(user=("loggy", "right")) as fake, pytest.raises(Unauthorized, match="answered 401"):
        wait(fake.url, wait_timeout=60, username="loggy", password="wrong")
    assert len(fake.requests) == 1


def test_a_server_that_is_too_old_is_refused() -> None:
    with (
        fake_elasticsearch(version="5.6.16") as fake,
        pytest.raises(InvalidInput, match=r"elasticsearch 5\.6\.16, older than 6\.8"),
    ):
        run_operation(index_info.OPERATION, urls=[fake.url])


def test_the_indices_behind_a_data_stream_are_listed() -> None:
    with fake_elasticsearch() as fake:
        fake.put(".ds-logs-x-2026.11.22-000001", "1", {})
        fake.put(".security", "1", {})
        indices = run_operation(index_info.OPERATION, urls=[fake.url])["indices"]
    assert [index["name"] for index in indices] == [".ds-logs-x-2026.11.22-000001"]
