# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""connect_connectors against workers that rebalance, start, break, or are no workers at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect import connectors
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.apply import ChangesError
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import (
    ApiError,
    InvalidInput,
    NotReady,
    PipelineError,
    Unauthorized,
    UnexpectedAnswer,
    Unreachable,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Result

from tests.unit.certificates import Certificates
from tests.unit.fakes.connect import REBALANCE, FakeWorker, Fault, fake_connect
from tests.unit.fakes.connect_cluster import FakeCluster
from tests.unit.run_operation import run_operation

CONFIG = {"connector.class": "FileStreamSource", "topic": "t"}
A = {"name": "a", "config": CONFIG}


@pytest.fixture
def worker() -> Iterator[FakeWorker]:
    with fake_connect() as worker:
        yield worker


@pytest.fixture
def dead_url() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def apply(urls: str | list[str], *wanted: dict[str, Any], **params: Any) -> Result:
    urls = [urls] if isinstance(urls, str) else urls
    return run_operation(connectors.OPERATION, urls=urls, connectors=list(wanted), **{"wait_timeout": 5, **params})


def refusal(status: int, message: str, request: str = "(PUT|POST|DELETE)", times: int = 1, **settings: Any) -> Fault:
    return Fault(request, status, f'{{"error_code": {status}, "message": "{message}"}}', times, **settings)


def test_a_rebalance_is_waited_out(worker: FakeWorker) -> None:
    worker.faults.append(refusal(409, REBALANCE, "PUT /connectors/a/config", times=3))
    assert apply(worker.url, A)["changed"]
    assert worker.writes == ["PUT /connectors/a/config"] * 4


def test_a_rebalance_that_does_not_end_is_an_error_that_says_so(worker: FakeWorker) -> None:
    worker.faults.append(refusal(409, REBALANCE, "PUT /connectors/a/config", times=1000))
    with pytest.raises(
        PipelineError, match=r"Waited 0\.3 s for the workers to take a change of a; .*rebalance"
    ) as caught:
        apply(worker.url, A, wait_timeout=0.3)
    assert caught.value.details["changed"] is False


def test_exists_is_not_retried(worker: FakeWorker) -> None:
    worker.faults.append(refusal(409, "Connector a already exists", "POST /connectors"))
    with pytest.raises(PipelineError, match="already exists"):
        apply(worker.url, {**A, "state": "stopped"})
    assert worker.writes == ["POST /connectors"]


def test_a_leader_that_has_just_gone_is_asked_again(worker: FakeWorker) -> None:
    worker.faults.append(refusal(500, "IO Error trying to forward REST request: refused", "PUT .*/a/config"))
    assert apply(worker.url, A)["changed"]


def test_a_500_for_the_delete_of_what_is_gone_is_no_error_and_no_change(worker: FakeWorker) -> None:
    worker.add("a", CONFIG)
    worker.faults.append(refusal(500, "Unexpected status", "DELETE", after=True))
    result = apply(worker.url, {"name": "a", "state": "absent"})
    assert not result["changed"]
    assert result["diff"] == {"before": {}, "after": {}}
    assert not worker.connectors


def test_a_500_for_the_delete_of_what_is_there_is_an_error(worker: FakeWorker) -> None:
    worker.add("a", CONFIG)
    worker.faults.append(refusal(500, "Disk full", "DELETE"))
    with pytest.raises(PipelineError, match=r"- a \(deleted\): DELETE .* answered 500: Disk full"):
        apply(worker.url, {"name": "a", "state": "absent"})


def test_one_that_fails_does_not_keep_the_others_from_being_changed(worker: FakeWorker) -> None:
    worker.faults.append(refusal(500, "Disk full", "PUT /connectors/b/config"))
    with pytest.raises(ChangesError, match="1 of 3 connectors could not be changed:\n- b ") as caught:
        apply(worker.url, *({"name": name, "config": CONFIG} for name in "abc"))
    assert sorted(worker.connectors) == ["a", "c"]
    assert caught.value.details["changed"] is True
    assert [one["changes"] for one in caught.value.details["connectors"]] == [["created"], [], ["created"]]
    assert set(caught.value.details["diff"]["after"]) == {"a", "c"}
    assert [
        one["changes"] for one in apply(worker.url, *({"name": n, "config": CONFIG} for n in "abc"))["connectors"]
    ] == [
        [],
        ["created"],
        [],
    ]


def test_a_dead_worker_is_left_for_the_next_one(worker: FakeWorker, dead_url: str) -> None:
    assert apply([dead_url, worker.url], A)["changed"]


def test_a_worker_that_dies_in_the_middle_is_left_for_the_next_one() -> None:
    cluster = FakeCluster()
    with fake_connect(cluster) as second:
        with fake_connect(cluster) as first:
            assert apply([first.url, second.url], A)["changed"]
            assert second.requests == []
        assert apply([first.url, second.url], {"name": "a", "state": "absent"})["changed"]


def test_no_worker_at_all_is_an_error_that_names_each_and_its_reason(dead_url: str) -> None:
    with pytest.raises(Unreachable) as caught:
        apply([dead_url, "http://no.such.host.invalid:8083"], A)
    assert f"No answer from Kafka Connect: GET {dead_url}/health: Connection refused; GET http://no.such" in str(
        caught.value
    )
    assert "Check that it runs" in str(caught.value)


def test_a_worker_that_does_not_answer_in_time_is_an_error_that_says_so(worker: FakeWorker) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NotReady, match=r"no answer within 0\.3 s"):
            apply(url, A, timeout=0.2, wait_timeout=0)


def test_a_wrong_password_is_an_error_that_says_so() -> None:
    with fake_connect(user=("me", "right")) as worker:
        with pytest.raises(
            Unauthorized, match=r"answered 401: User cannot access the resource\. Check username and password"
        ):
            apply(worker.url, A, username="me", password="wrong")
        assert apply(worker.url, A, username="me", password="right")["changed"]


def test_a_client_certificate_is_shown_where_one_is_asked_for(certificates: Certificates) -> None:
    with fake_connect(tls=certificates.server_context(wants_client=True)) as worker:
        trust = {"ca_path": str(certificates.ca)}
        with pytest.raises(Unreachable, match="No answer from Kafka Connect"):
            apply(worker.url, A, **trust)
        assert worker.requests == []
        assert apply(worker.url, A, **trust, client_cert=str(certificates.pem))["changed"]


def test_json_that_is_not_connects_is_refused(worker: FakeWorker) -> None:
    worker.faults.append(Fault("GET /connectors", 200, '["not", "connectors"]', 9))
    with pytest.raises(UnexpectedAnswer, match="JSON that is not Kafka Connect's"):
        apply(worker.url, A)
    assert worker.writes == []


def test_a_redirect_is_not_followed(worker: FakeWorker) -> None:
    worker.faults.append(Fault("GET /health", 302, "https://user:secret@login.example/", 1, "text/html"))
    with pytest.raises(UnexpectedAnswer, match=r"answered 302 with a redirect to https://\*\*\*@login.example/"):
        apply(worker.url, A)


def test_a_404_that_is_not_connects_is_no_missing_connector(worker: FakeWorker) -> None:
    worker.faults.append(Fault("GET /health", 404, "<html><h2>Not Found</h2></html>", 1, "text/html"))
    with pytest.raises(UnexpectedAnswer, match='answered 404 with text/html instead of JSON: "Not Found"'):
        apply(worker.url, A)


def test_a_worker_that_is_starting_is_waited_for(worker: FakeWorker) -> None:
    worker.faults.append(refusal(503, "Worker is still starting up.", "GET /health", times=3))
    assert apply(worker.url, A)["changed"]
    worker.faults.append(refusal(500, "Worker was unable to handle this request", "GET /health"))
    with pytest.raises(ApiError, match="unable to handle"):
        apply(worker.url, A)


@pytest.mark.parametrize("version", ["3.4.0", "3.6.1", "3.7.0"])
def test_old_workers_are_served_as_far_as_they_go(version: str) -> None:
    with fake_connect(FakeCluster(version=version)) as worker:
        apply(worker.url, A, {"name": "p", "config": CONFIG, "state": "paused"})
        assert [worker.connectors[name].state for name in "ap"] == ["RUNNING", "PAUSED"]
        if version == "3.4.0":
            with pytest.raises(InvalidInput, match=r"state stopped of a needs Kafka 3.5 or newer .* runs 3.4.0"):
                apply(worker.url, {**A, "state": "stopped"})
        else:
            assert apply(worker.url, {**A, "state": "stopped"})["changed"]


def test_a_timeout_names_the_last_state_seen(worker: FakeWorker) -> None:
    worker.cluster.lag = 1000
    with pytest.raises(
        NotReady, match=r"Waited 0\.2 s for the connectors; last seen: a: no worker has taken it yet"
    ) as caught:
        apply(worker.url, A, wait_timeout=0.2)
    assert caught.value.details["changed"] is True
    assert caught.value.details["connectors"] == [
        {"name": "a", "state": "NO STATUS", "tasks": [], "changes": ["created"]}
    ]


def test_a_connector_that_no_worker_has_taken_yet_is_not_created_again(worker: FakeWorker) -> None:
    worker.cluster.lag = 1000
    apply(worker.url, A, wait=False)
    worker.requests.clear()
    again = apply(worker.url, A, wait=False)
    assert not again["changed"]
    assert worker.writes == []
    assert apply(worker.url, {"name": "a", "state": "absent"}, wait=False)["changed"]


def test_a_worker_that_is_away_for_a_moment_while_it_is_waited_for_is_no_failure() -> None:
    cluster = FakeCluster(lag=1000)
    with fake_connect(cluster) as worker, fake_connect(cluster) as other:
        timer = threading.Timer(0.3, cluster.settle)
        timer.start()
        result = apply([worker.url, other.url], A)
        timer.join()
    assert result["connectors"][0]["state"] == "RUNNING"


def test_a_failed_task_is_an_error_where_it_may_not_be_restarted(worker: FakeWorker) -> None:
    worker.add("a", CONFIG)
    worker.cluster.fail("a", "org.X: broken\n\tat A.b(A.java:1)")
    with pytest.raises(NotReady, match=r"connector a: task 0 FAILED on 127.*: org.X: broken") as caught:
        apply(worker.url, A, restart_failed=False)
    assert caught.value.details["changed"] is False
    assert worker.writes == []


@pytest.mark.parametrize("task", [0, None])
def test_what_failed_is_restarted_and_only_that(worker: FakeWorker, task: int | None) -> None:
    worker.add("a", CONFIG)
    worker.add("b", CONFIG)
    worker.cluster.fail("a", "org.X: broken", task=task)
    result = apply(worker.url, A, {"name": "b", "config": CONFIG})
    assert [one["changes"] for one in result["connectors"]] == [["restarted"], []]
    assert worker.writes == ["POST /connectors/a/restart?includeTasks=true&onlyFailed=true"]
