"""The two operations, against an API server and a worker in this process. No operator is behind them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, NotReady, Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Result
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi import connectors_objects, connectors_wait

from tests.unit.fakes.api_server import ApiServer, api_server
from tests.unit.fakes.connect import FakeWorker, fake_connect
from tests.unit.fakes.connect_cluster import FakeConnector
from tests.unit.kubernetes import fake_objects
from tests.unit.run_operation import run_operation

API = "kafka.strimzi.io/v1"
ANNOTATION = "strimzi.io/use-connector-resources"
LABELS = {"app.kubernetes.io/managed-by": "loggy.pipeline"}
SINK = "org.apache.kafka.connect.file.FileStreamSinkConnector"
VAULT = "org.example.VaultSourceConnector"
CONFIG = {"connector.class": SINK, "tasks.max": 1, "topics": "logs", "file": "/tmp/out"}
CONNECTORS, CONNECTS = "kafkaconnectors", "kafkaconnects"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    kinds = [fake_objects.Kind(API, "KafkaConnect", CONNECTS), fake_objects.Kind(API, "KafkaConnector", CONNECTORS)]
    fake_objects.KINDS.extend(kinds)
    monkeypatch.setattr(connectors_wait, "_LOOK_SECONDS", 0.05)
    try:
        with api_server() as fake:
            yield fake
    finally:
        for kind in kinds:
            fake_objects.KINDS.remove(kind)


@pytest.fixture
def worker() -> Iterator[FakeWorker]:
    with fake_connect() as fake:
        yield fake


def has(worker: FakeWorker, name: str, **config: str) -> None:
    told = {"name": name, "connector.class": SINK, "topics": "logs", **config}
    worker.connectors[name] = FakeConnector(name, told, "sink", state="RUNNING")


def connect(*, annotated: str = "", plugins: bool = False) -> dict[str, Any]:
    metadata = {"name": "connect", "annotations": {ANNOTATION: annotated} if annotated else {}}
    told = {"connectorPlugins": [{"class": SINK}]} if plugins else {}
    status = {"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}], **told}
    return {"apiVersion": API, "kind": "KafkaConnect", "metadata": metadata, "spec": {}, "status": status}


def resource(name: str, *, ours: bool = True, **status: Any) -> dict[str, Any]:
    labels = {"strimzi.io/cluster": "connect", **(LABELS if ours else {})}
    about = {"apiVersion": API, "kind": "KafkaConnector", "metadata": {"name": name, "labels": labels}}
    return {**about, "spec": {"class": SINK, "config": {}}, "status": status}


def planned(fake: ApiServer, worker: FakeWorker | None, *, check_mode: bool = False, **options: Any) -> Result:
    rest = {"connect": {"urls": [worker.url]}} if worker else {}
    about = {"name": "connect", "namespace": fake_objects.NAMESPACE, "labels": LABELS, "wait_timeout": 2}
    everything = {**about, **fake.connection, **rest, **options}
    return run_operation(connectors_objects.OPERATION, check_mode=check_mode, **everything)


def test_the_first_time_what_connect_runs_counts(cluster: ApiServer, worker: FakeWorker) -> None:
    cluster.put(connect())
    has(worker, "sink")
    has(worker, "orders")
    declared = [{"name": "sink", "config": CONFIG}]
    with pytest.raises(InvalidInput, match=r"would delete 1 connector.*orders"):
        planned(cluster, worker, connectors=declared)
    found = planned(cluster, worker, connectors=declared, adopt=True)
    assert [one["metadata"]["name"] for one in found["objects"]] == ["sink", "orders"]
    assert (found["adopted"], found["annotated"], found["exists"], found["changed"]) == (["orders"], False, True, False)
    assert worker.writes == []


@pytest.mark.parametrize("value", ["true", "TRUE"])
def test_where_the_operator_keeps_them_connect_is_not_asked(cluster: ApiServer, worker: FakeWorker, value: str) -> None:
    cluster.put(connect(annotated=value))
    has(worker, "orders")
    assert planned(cluster, worker)["annotated"] is True
    assert worker.requests == []


def test_a_worker_that_can_not_be_asked_is_no_reason_to_go_on(cluster: ApiServer) -> None:
    cluster.put(connect(annotated="false"))
    with pytest.raises(InvalidInput, match="how to ask"):
        planned(cluster, None)
    with pytest.raises(Unreachable):
        planned(cluster, None, connect={"urls": ["http://127.0.0.1:1"]})
    assert planned(cluster, None, check_mode=True)["objects"] == []


def test_before_there_is_a_connect_there_is_nothing_to_lose(cluster: ApiServer) -> None:
    found = planned(cluster, None, connectors=[{"name": "sink", "config": CONFIG}])
    assert (found["exists"], len(found["objects"])) == (False, 1)


def test_a_secret_that_only_the_plug_in_knows_of_is_not_exported(cluster: ApiServer, worker: FakeWorker) -> None:
    cluster.put(connect())
    has(worker, "vault", **{"connector.class": VAULT, "pin": "hunter2"})
    with pytest.raises(InvalidInput, match="vault: pin") as refused:
        planned(cluster, worker, adopt=True)
    assert "hunter2" not in str(refused.value)


def test_no_value_of_a_config_is_shown_with_the_options() -> None:
    shown = connectors_objects.OPERATION.shown({"connectors": [{"name": "sink", "config": {"password": "hunter2"}}]})
    assert "hunter2" not in str(shown)


def test_on_the_way_back_ours_are_named(cluster: ApiServer) -> None:
    cluster.put(connect(annotated="true", plugins=True))
    cluster.put(resource("sink"))
    assert planned(cluster, None, api="rest")["absent"] == ["sink"]
    cluster.put(resource("theirs", ours=False))
    with pytest.raises(InvalidInput, match="theirs"):
        planned(cluster, None, api="rest")


def test_the_way_back_waits_for_an_operator_that_has_seen_the_way_there(cluster: ApiServer) -> None:
    """Else nobody could tell from its silence that it has seen the way back."""
    cluster.put(connect(annotated="true"))
    with pytest.raises(InvalidInput, match="not observed"):
        planned(cluster, None, api="rest")


def test_over_rest_nobody_needs_a_right_on_resources(cluster: ApiServer) -> None:
    cluster.put(connect())
    cluster.forbids.add(("list", CONNECTORS))
    assert planned(cluster, None, api="rest")["absent"] == []


def waited(fake: ApiServer, *, check_mode: bool = False, **options: Any) -> Result:
    about = {"name": "connect", "namespace": fake_objects.NAMESPACE, "wait_timeout": 3, "patience": 0.2}
    return run_operation(connectors_wait.OPERATION, check_mode=check_mode, **{**about, **fake.connection, **options})


def told(task: str = "RUNNING", **more: Any) -> dict[str, Any]:
    one = {"id": 0, "state": task, "worker_id": "w:8083", "trace": "boom" if task == "FAILED" else ""}
    status = {"connector": {"state": "RUNNING", "worker_id": "w:8083"}, "tasks": [one]}
    ready = {"type": "Ready", "status": "True"}
    return {"observedGeneration": 1, "conditions": [ready], "connectorStatus": status, **more}


def broken(reason: str) -> list[dict[str, str]]:
    return [{"type": "NotReady", "status": "True", "reason": reason, "message": "it is so"}]


def test_it_waits_for_the_operator_and_for_the_tasks(cluster: ApiServer) -> None:
    cluster.put(resource("sink", observedGeneration=1, conditions=broken("NoSuchResourceException")))
    with ThreadPoolExecutor() as pool:
        result = pool.submit(waited, cluster, names=["sink"])
        time.sleep(0.3)
        assert not result.done()
        cluster.change(CONNECTORS, "sink", {"status": told("UNASSIGNED")})
        time.sleep(0.3)
        assert not result.done()
        cluster.change(CONNECTORS, "sink", {"status": told()})
        (one,) = result.result(timeout=3)["connectors"]
    assert (one["name"], one["ready"], one["state"]) == ("sink", True, "RUNNING")


def test_it_says_at_once_why_one_can_not_run(cluster: ApiServer) -> None:
    cluster.put(resource("sink", **told("FAILED", conditions=broken("Throwable"))))
    began = time.monotonic()
    with pytest.raises(NotReady, match="boom"):
        waited(cluster)
    assert time.monotonic() - began < 2


def test_in_check_mode_it_looks_once(cluster: ApiServer) -> None:
    (one,) = waited(cluster, check_mode=True, names=["sink"])["connectors"]
    assert (one["ready"], one["state"]) == (False, "ABSENT")


def test_they_are_let_go_when_the_operator_has_seen_it(cluster: ApiServer) -> None:
    cluster.put(connect(annotated="true", plugins=True))
    with ThreadPoolExecutor() as pool:
        result = pool.submit(waited, cluster, state="released")
        cluster.change(CONNECTS, "connect", {"metadata": {"annotations": {ANNOTATION: None}}})
        time.sleep(0.3)
        assert not result.done()
        cluster.change(CONNECTS, "connect", {"status": {"connectorPlugins": None}})
        assert result.result(timeout=3)["released"] is True


def test_an_operator_that_does_not_look_is_waited_for_and_told_of(cluster: ApiServer) -> None:
    cluster.put(connect(plugins=True))
    with pytest.raises(NotReady, match="not seen yet that the annotation is gone"):
        waited(cluster, state="released", wait_timeout=0.2)
    assert waited(cluster, state="released", check_mode=True)["released"] is False
