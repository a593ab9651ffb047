"""Connectors as resources: what the plan says, what it refuses, and when a connector counts as running."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.model import Connector
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.plan import Desired
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.connectors import (
    Plan,
    Seen,
    Target,
    Wish,
    is_legal,
    plain_secrets,
    plan,
    release,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.connectors_state import judge_connector
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.names import resource_name

API = "kafka.strimzi.io/v1"
OURS = {"app.kubernetes.io/managed-by": "loggy.pipeline", "app.kubernetes.io/part-of": "loggy"}
TARGET = Target("connect", "loggy", API, OURS)
CONFIG = {"connector.class": "Sink", "tasks.max": "2", "topics": "logs"}
COMPONENT = "app.kubernetes.io/component"


def running(*names: str, state: str = "RUNNING", **config: str) -> dict[str, Connector]:
    return {name: Connector(name, {**CONFIG, **config}, state) for name in names}


def resource(name: str, *, ours: bool = True, component: str = "connectors", of: str = "connect") -> dict[str, Any]:
    labels = {"strimzi.io/cluster": of, **({**OURS, COMPONENT: component} if ours else {})}
    spec = {"class": "Sink", "tasksMax": 2, "config": {"topics": "old", "flag": True}}
    return {"metadata": {"name": name, "labels": labels}, "spec": spec}


def resources(*found: dict[str, Any]) -> dict[str, Any]:
    return {one["metadata"]["name"]: one for one in found}


def wanted(*names: str, state: str = "running") -> list[Desired]:
    return [Desired(name, CONFIG, state) for name in names]


def names(planned: Plan) -> list[str]:
    return [one["metadata"]["name"] for one in planned.objects]


OFF, ON = Seen(False, {}), Seen(True, {})


def test_a_connector_becomes_a_resource() -> None:
    (made,) = plan(wanted("sink", state="paused"), ON, TARGET, Wish(restart_failed=False)).objects
    assert made == {
        "apiVersion": API,
        "kind": "KafkaConnector",
        "metadata": {
            "name": "sink",
            "namespace": "loggy",
            "labels": {**OURS, COMPONENT: "connectors", "strimzi.io/cluster": "connect"},
        },
        "spec": {
            "class": "Sink",
            "tasksMax": 2,
            "state": "paused",
            "config": {"topics": "logs"},
            "autoRestart": {"enabled": False},
        },
    }


@pytest.mark.parametrize(("api", "is_field"), [("kafka.strimzi.io/v1", True), ("kafka.strimzi.io/v1beta2", False)])
def test_the_plug_ins_version_is_a_field_where_there_is_one(api: str, *, is_field: bool) -> None:
    desired = [Desired("sink", {**CONFIG, "connector.plugin.version": "1.2"})]
    spec = plan(desired, ON, Target("connect", "loggy", api, OURS), Wish()).objects[0]["spec"]
    assert (spec.get("version"), spec["config"].get("connector.plugin.version")) == (
        ("1.2", None) if is_field else (None, "1.2")
    )


@pytest.mark.parametrize(
    ("desired", "seen", "adopt", "doomed"),
    [
        # Turned on for the first time: what is there over REST counts.
        ([], Seen(False, {}, running("orders")), False, ["orders"]),
        (wanted("orders"), Seen(False, {}, running("orders")), False, []),
        (wanted("orders", state="absent"), Seen(False, {}, running("orders")), False, []),
        (wanted("orders"), Seen(False, {}, running("orders", "more", "much")), False, ["more", "much"]),
        # Somebody's resource of this KafkaConnect keeps a connector; one of another KafkaConnect does not.
        ([], Seen(False, resources(resource("orders", ours=False)), running("orders")), False, []),
        ([], Seen(False, resources(resource("orders", of="other")), running("orders")), False, ["orders"]),
        # A name that is not legal for a resource is another connector there.
        (wanted("Orders"), Seen(False, {}, running("Orders")), False, ["Orders"]),
        (wanted("Orders", state="absent"), Seen(False, {}, running("Orders")), False, []),
        # It is on already: the operator has long decided.
        ([], Seen(True, {}, running("orders")), False, []),
        # Adopted, so that none is deleted.
        (wanted("sink"), Seen(False, {}, running("sink", "orders")), True, []),
    ],
)
def test_none_is_deleted_unasked(desired: list[Desired], seen: Seen, *, adopt: bool, doomed: list[str]) -> None:
    if not doomed:
        planned = plan(desired, seen, TARGET, Wish(adopt=adopt))
        kept = {*names(planned), *seen.resources, *(one.name for one in desired if one.state == "absent")}
        assert seen.annotated or seen.running.keys() <= kept
        return
    with pytest.raises(InvalidInput, match="would delete") as refused:
        plan(desired, seen, TARGET, Wish(adopt=adopt))
    assert refused.value.details["connectors"] == doomed
    assert all(name in str(refused.value) for name in doomed)
    assert "connectors_adopt" in str(refused.value)


@pytest.mark.parametrize(
    ("state", "adopted"),
    [
        ("RUNNING", "running"),
        ("PAUSED", "paused"),
        ("STOPPED", "stopped"),
        ("FAILED", "running"),
        ("NO STATUS", "running"),
    ],
)
def test_an_adopted_connector_stays_as_it_is(state: str, adopted: str) -> None:
    reference = "${secrets:loggy/sink:password}"
    seen = Seen(False, {}, running("orders", state=state, password=reference))
    planned = plan(wanted("sink"), seen, TARGET, Wish(adopt=True))
    assert (names(planned), planned.adopted) == (["sink", "orders"], ["orders"])
    spec = planned.objects[1]["spec"]
    config = {"topics": "logs", "password": reference}
    assert spec == {"class": "Sink", "tasksMax": 2, "state": adopted, "config": config}
    assert planned.objects[1]["metadata"]["labels"][COMPONENT] == "connectors-adopted"


@pytest.mark.parametrize(
    ("found", "secret_keys", "said"),
    [
        (running("orders", password="hunter2"), (), "orders: password"),
        (running("orders", password="****************"), (), "orders: password"),
        (running("orders", **{"connection.url": "http://me:hunter2@db"}), (), "orders: connection.url"),
        (running("orders", pin="hunter2"), ("pin",), "orders: pin"),
        (running("Orders"), (), "Orders: a resource can't have this name"),
        (running("a.-b"), (), "a.-b: a resource can't have this name"),
        (running("a b", "orders", password="hunter2"), (), "a b: password"),
    ],
)
def test_what_can_not_be_adopted_is_named_without_its_value(
    found: dict[str, Connector], secret_keys: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        plan([], Seen(False, {}, found, secret_keys), TARGET, Wish(adopt=True))
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert len(refused.value.details["problems"]) == len(found)


def test_a_declared_secret_is_refused_too() -> None:
    with pytest.raises(InvalidInput, match="password") as refused:
        plan([Desired("sink", {**CONFIG, "password": "hunter2"})], ON, TARGET, Wish())
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("config", "keys"),
    [
        ({"password": "${file:/secrets:password}", "topics": "logs"}, []),
        ({"password": ""}, []),
        ({"token.enabled": "true"}, []),
        ({"password": "a", "jdbc.url": "jdbc:x?password=b"}, ["jdbc.url", "password"]),
    ],
)
def test_a_reference_is_no_secret(config: dict[str, str], keys: list[str]) -> None:
    assert plain_secrets(config) == keys


@pytest.mark.parametrize(
    ("seen", "config"),
    [
        (Seen(True, resources(resource("sink"))), {"topics": "old", "flag": "true"}),
        (Seen(False, {}, running("sink")), {"topics": "logs"}),
    ],
)
def test_without_a_config_a_connector_keeps_what_it_has(seen: Seen, config: dict[str, str]) -> None:
    (made,) = plan([Desired("sink", None, "stopped")], seen, TARGET, Wish()).objects
    assert (made["spec"]["class"], made["spec"]["tasksMax"], made["spec"]["config"]) == ("Sink", 2, config)


@pytest.mark.parametrize(
    ("desired", "said"),
    [
        (Desired("sink", None), "no config"),
        (Desired("sink", {"topics": "logs"}), "connector.class"),
        (Desired("sink", {**CONFIG, "tasks.max": "${env:TASKS}"}), "tasks.max"),
        (Desired("sink", {**CONFIG, "tasks.max": "0"}), "tasks.max"),
    ],
)
def test_what_has_no_form_as_a_resource_is_refused(desired: Desired, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        plan([desired], ON, TARGET, Wish())


@pytest.mark.parametrize(
    ("desired", "purge", "absent"),
    [
        (wanted("a", state="absent"), False, ["a"]),
        (wanted("gone", state="absent"), False, []),
        (wanted("a"), True, ["b"]),
        (wanted("a", state="absent"), True, ["a", "b"]),
        (wanted("a"), False, []),
    ],
)
def test_what_is_deleted_is_ours(desired: list[Desired], *, purge: bool, absent: list[str]) -> None:
    found = resources(
        resource("a"),
        resource("b"),
        resource("adopted", component="connectors-adopted"),
        resource("foreign", ours=False),
        resource("elsewhere", of="other"),
    )
    assert plan(desired, Seen(True, found), TARGET, Wish(purge=purge)).absent == absent


@pytest.mark.parametrize(
    ("desired", "found", "said"),
    [
        (wanted("a", state="absent"), resource("a", ours=False), "not of this pipeline"),
        (wanted("a"), resource("a", of="other"), "of KafkaConnect other"),
    ],
)
def test_others_resources_are_left_alone(desired: list[Desired], found: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        plan(desired, Seen(True, resources(found)), TARGET, Wish())


def test_on_the_way_back_all_of_ours_go() -> None:
    found = resources(resource("a"), resource("b", component="connectors-adopted"), resource("c", of="other"))
    assert release(Seen(True, found), TARGET) == ["a", "b"]


def test_the_way_back_does_not_drop_what_is_somebody_elses() -> None:
    found = resources(resource("a"), resource("theirs", ours=False))
    with pytest.raises(InvalidInput, match="theirs"):
        release(Seen(True, found), TARGET)
    assert release(Seen(False, found), TARGET) == ["a"]


@pytest.mark.parametrize("name", ["orders", "a.b-c", "0"])
def test_a_legal_name_is_the_resources(name: str) -> None:
    assert is_legal(name)
    assert resource_name(name) == name


def connector(*tasks: str, state: str = "RUNNING", spec: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    told = {
        "connector": {"state": state, "worker_id": "w:8083", "trace": "boom" if state == "FAILED" else ""},
        "tasks": [
            {"id": number, "state": one, "worker_id": "w:8083", "trace": "boom" if one == "FAILED" else ""}
            for number, one in enumerate(tasks)
        ],
    }
    ready = {"observedGeneration": 2, "conditions": [{"type": "Ready", "status": "True"}], "connectorStatus": told}
    return {
        "apiVersion": API,
        "kind": "KafkaConnector",
        "metadata": {"name": "sink", "generation": 2},
        "spec": spec or {},
        "status": {**ready, **status},
    }


def failed(reason: str, message: str) -> list[dict[str, str]]:
    return [{"type": "NotReady", "status": "True", "reason": reason, "message": message}]


BROKEN = failed("Throwable", "The following tasks have failed: 0, see connectorStatus for more details.")
RESTARTED = {"autoRestart": {"enabled": True}}


@pytest.mark.parametrize(
    ("thing", "is_ready", "fails", "said"),
    [
        (connector("RUNNING", "RUNNING"), True, False, "ready"),
        (connector("RUNNING", "UNASSIGNED"), False, False, "1/2 tasks"),
        (connector(), False, False, "0/0 tasks"),
        (connector("PAUSED", state="PAUSED", spec={"state": "paused"}), True, False, "ready"),
        (connector("RUNNING", spec={"state": "paused"}), False, False, "RUNNING"),
        (connector(state="STOPPED", spec={"state": "stopped"}), True, False, "ready"),
        (connector("RUNNING", observedGeneration=1), False, False, "generation 2"),
        # It says so of every resource that was there before the annotation.
        (
            connector(conditions=failed("NoSuchResourceException", "KafkaConnect connect is not configured")),
            False,
            False,
            "not taken it up",
        ),
        (connector("FAILED", conditions=BROKEN), False, True, "boom"),
        (connector("FAILED", conditions=BROKEN, spec=RESTARTED), False, False, "FAILED"),
        (connector("FAILED", conditions=BROKEN, spec=RESTARTED, autoRestart={"count": 1}), False, False, "FAILED"),
        (connector("FAILED", conditions=BROKEN, spec=RESTARTED, autoRestart={"count": 2}), False, True, "boom"),
        (
            connector(conditions=failed("ConnectRestException", "no such class"), spec=RESTARTED),
            False,
            True,
            "no such class",
        ),
    ],
)
def test_a_connector_is_ready_when_its_tasks_are(
    thing: dict[str, Any], *, is_ready: bool, fails: bool, said: str
) -> None:
    judged = judge_connector(thing)
    assert (judged.ready, bool(judged.failed)) == (is_ready, fails)
    assert said in (judged.failed or judged.state)
