# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kubernetes_object_info: until objects are ready or gone, and what it says of those that can't be."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotReady, Unauthorized, Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes import object_info
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.client import UnknownKind
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.pods import trouble

from tests.unit.fakes.api_server import ApiServer
from tests.unit.kubernetes.conftest import Begin, Run
from tests.unit.kubernetes.fake_objects import NAMESPACE
from tests.unit.kubernetes.objects import CRASHING, CREATING, NO_IMAGE, NO_NODE, container, kafka, not_ready, pod, ready

SECONDS = 5


def test_what_is_ready_is_told_at_once(fake: ApiServer, run: Run) -> None:
    fake.put(kafka(status=ready()))
    assert run("Kafka one", wait_timeout=0) == {
        "changed": False,
        "objects": [
            {
                "api_version": "kafka.strimzi.io/v1",
                "kind": "Kafka",
                "name": "one",
                "namespace": NAMESPACE,
                "exists": True,
                "ready": True,
                "state": "ready",
                "status": ready(),
            }
        ],
    }


def test_a_change_is_noticed_at_once_without_asking_again(
    fake: ApiServer, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_info, "_LOOK_SECONDS", 60.0)
    fake.put(kafka())
    running = begin("Kafka one")
    fake.until(lambda: len(fake.watches) == 2)
    start = time.monotonic()
    fake.change("kafkas", "one", {"status": ready()})
    assert running.result(SECONDS)["objects"][0]["ready"]
    assert time.monotonic() - start < 0.2
    assert (fake.lists("kafkas"), fake.lists("pods")) == (1, 1)


def test_what_is_not_there_yet_is_waited_for(fake: ApiServer, begin: Begin) -> None:
    running = begin("Kafka one")
    fake.until(lambda: fake.watches)
    fake.put(kafka(status=ready()))
    assert running.result(SECONDS)["objects"][0]["ready"]


def test_a_status_of_an_older_generation_does_not_count(fake: ApiServer, run: Run, begin: Begin) -> None:
    fake.put(kafka(status=ready()))
    fake.change("kafkas", "one", {"spec": {"kafka": {"replicas": 3}}})
    with pytest.raises(NotReady, match=r"last seen: Kafka one .*: its controller has not seen generation 2 yet"):
        run("Kafka one", wait_timeout=0)
    running = begin("Kafka one")
    fake.until(lambda: len(fake.watches) == 2)
    fake.change("kafkas", "one", {"status": ready(2)})
    assert running.result(SECONDS)["objects"][0]["status"]["observedGeneration"] == 2


def test_an_older_generations_failure_does_not_count_either(fake: ApiServer, begin: Begin) -> None:
    fake.put(kafka(status=not_ready("InvalidResourceException", "a listener has no port")))
    fake.change("kafkas", "one", {"spec": {"kafka": {"replicas": 3}}})
    running = begin("Kafka one")
    fake.until(lambda: len(fake.watches) == 2)
    fake.change("kafkas", "one", {"status": ready(2)})
    assert running.result(SECONDS)["objects"][0]["ready"]


def test_several_objects_of_a_kind_are_watched_together(fake: ApiServer, begin: Begin) -> None:
    for name in ("one", "two", "three"):
        fake.put({**kafka(name), "kind": "KafkaTopic"})
    running = begin("KafkaTopic one", "KafkaTopic two", "KafkaTopic three")
    fake.until(lambda: fake.watches)
    for name in ("three", "one", "two"):
        assert not running.done()
        fake.change("kafkatopics", name, {"status": ready()})
    found = running.result(SECONDS)["objects"]
    assert [(one["name"], one["ready"]) for one in found] == [("one", True), ("two", True), ("three", True)]
    assert sum("watch=true" in one for one in fake.asked) == 1
    assert fake.lists("kafkatopics") == 1


def test_a_single_object_is_watched_alone(fake: ApiServer, run: Run) -> None:
    fake.put(kafka(status=ready()))
    fake.put(kafka("other"))
    run("Kafka one")
    assert "fieldSelector=metadata.name%3Done" in next(one for one in fake.asked if "/kafkas" in one)


def test_what_is_in_no_namespace_is_told_so(fake: ApiServer, run: Run) -> None:
    crd = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "kafkas"}}
    fake.put({**crd, "status": {"conditions": [{"type": "Established", "status": "True"}]}})
    (one,) = run("CustomResourceDefinition kafkas")["objects"]
    assert (one["ready"], one["namespace"]) == (True, None)


def test_the_timeout_names_each_last_state(fake: ApiServer, run: Run) -> None:
    fake.put(kafka())
    with pytest.raises(NotReady, match=r"Waited 0\.2 s for Kafka one .*, Kafka two .* to be ready") as caught:
        run("Kafka one", "Kafka two", wait_timeout=0.2)
    assert caught.value.details["last_state"] == (
        "Kafka one in namespace apps: Creating: Kafka cluster is being deployed; "
        "Kafka two in namespace apps: it is not there"
    )


@pytest.mark.parametrize("trouble", [CRASHING, NO_IMAGE, NO_NODE], ids=["crashing", "no image", "no node"])
def test_a_pod_in_trouble_fails_after_patience_and_not_before(
    fake: ApiServer, begin: Begin, trouble: dict[str, Any]
) -> None:
    fake.put(kafka())
    fake.put(pod(**container("running")))
    fake.put(pod("other-kafka-0", of="other", **NO_IMAGE))
    running = begin("Kafka one", patience=0.3)
    fake.until(lambda: len(fake.watches) == 2)
    start = time.monotonic()
    fake.put(pod(**trouble))
    with pytest.raises(NotReady, match=r"Kafka one in namespace apps can't become ready: pod one-kafka-0: "):
        running.result(SECONDS)
    assert 0.3 <= time.monotonic() - start < 0.6


def test_a_pod_that_heals_is_forgiven(fake: ApiServer, begin: Begin) -> None:
    fake.put(kafka())
    fake.put(pod(**NO_IMAGE))
    running = begin("Kafka one", patience=0.3, wait_timeout=0.7)
    fake.until(lambda: len(fake.watches) == 2)
    fake.put(pod(**container("running")))
    with pytest.raises(NotReady, match=r"Waited 0\.7 s"):
        running.result(SECONDS)


def test_a_pod_that_has_healed_has_patience_anew(
    fake: ApiServer, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: SimpleQueue[str] = SimpleQueue()

    def looked(one: dict[str, Any]) -> str:
        looks.put(trouble(one))
        return trouble(one)

    monkeypatch.setattr(object_info, "trouble", looked)
    fake.put(kafka())
    fake.put(pod(**NO_IMAGE))
    running = begin("Kafka one", patience=0.4)
    assert looks.get(timeout=SECONDS)
    first = time.monotonic()
    fake.put(pod(**container("running")))
    while looks.get(timeout=SECONDS) or time.monotonic() - first < 0.2:
        pass
    again = time.monotonic()
    fake.put(pod(**NO_IMAGE))
    with pytest.raises(NotReady, match="can't become ready"):
        running.result(SECONDS)
    assert time.monotonic() - again >= 0.4


def test_what_failed_long_ago_gets_patience_and_what_fails_now_gets_none(fake: ApiServer, begin: Begin) -> None:
    broken = not_ready("ConnectTimeoutException", "no Kafka")
    broken["conditions"][0]["lastTransitionTime"] = "2026-01-01T00:00:00Z"
    fake.put(kafka(status=broken))
    running = begin("Kafka one", patience=60)
    fake.until(lambda: len(fake.watches) == 1)
    now = datetime.now(UTC).isoformat()
    again = {"conditions": [{**broken["conditions"][0], "message": "no port", "lastTransitionTime": now}]}
    fake.change("kafkas", "one", {"status": again})
    with pytest.raises(NotReady, match="ConnectTimeoutException: no port"):
        running.result(SECONDS)


def test_what_failed_long_ago_fails_when_patience_is_at_its_end(fake: ApiServer, begin: Begin) -> None:
    broken = not_ready("ConnectTimeoutException", "no Kafka")
    broken["conditions"][0]["lastTransitionTime"] = "2026-01-01T00:00:00Z"
    fake.put(kafka(status=broken))
    start = time.monotonic()
    with pytest.raises(NotReady, match="ConnectTimeoutException: no Kafka"):
        begin("Kafka one", patience=0.2).result(SECONDS)
    assert time.monotonic() - start >= 0.2


def test_a_pod_that_is_being_deleted_is_nobodys_trouble(fake: ApiServer, run: Run) -> None:
    fake.put(kafka())
    fake.put({**pod(**CRASHING), "metadata": {**pod()["metadata"], "finalizers": ["a.b/c"]}})
    fake.delete("pods", "one-kafka-0")
    with pytest.raises(NotReady, match=r"Waited 0\.2 s"):
        run("Kafka one", patience=0, wait_timeout=0.2)


def test_who_may_not_see_pods_is_told_what_the_object_says(fake: ApiServer, begin: Begin) -> None:
    fake.put(kafka())
    fake.put(pod(**CRASHING))
    fake.forbids = {("list", "pods")}
    running = begin("Kafka one", patience=0)
    for state in range(3):
        fake.until(lambda: fake.watches)
        fake.change("kafkas", "one", {"status": {**CREATING, "state": state}})
    fake.change("kafkas", "one", {"status": ready()})
    assert running.result(SECONDS)["objects"][0]["ready"]
    assert fake.lists("pods") == 1


def test_who_may_list_pods_but_not_watch_them_is_told_what_the_object_says(fake: ApiServer, begin: Begin) -> None:
    fake.put(kafka())
    fake.forbids = {("watch", "pods")}
    running = begin("Kafka one")
    fake.until(lambda: any("/pods?" in one and "watch=true" in one for one in fake.asked))
    fake.change("kafkas", "one", {"status": ready()})
    assert running.result(SECONDS)["objects"][0]["ready"]


@pytest.mark.parametrize("verb", ["list", "watch"])
def test_who_may_not_see_the_object_is_told_so_at_once(fake: ApiServer, run: Run, verb: str) -> None:
    fake.put(kafka())
    fake.forbids = {(verb, "kafkas")}
    with pytest.raises(Unauthorized, match=f'cannot {verb} resource "kafkas" in API group "kafka.strimzi.io"'):
        run("Kafka one")


def test_a_kind_that_is_not_served_fails_at_once(fake: ApiServer, run: Run) -> None:
    with pytest.raises(UnknownKind, match=r"serves no KafkaUser of kafka\.strimzi\.io/v1"):
        run("KafkaUser one")


def test_a_server_that_was_never_there_is_told(fake: ApiServer, run: Run) -> None:
    fake.stop()
    with pytest.raises(Unreachable, match="No answer from the Kubernetes API server"):
        run("Kafka one")


def test_a_server_that_is_gone_for_good_is_told(fake: ApiServer, begin: Begin) -> None:
    fake.put(kafka())
    running = begin("Kafka one")
    fake.until(lambda: len(fake.watches) == 2)
    fake.stop()
    with pytest.raises(Unreachable, match="No answer from the Kubernetes API server"):
        running.result(SECONDS)


@pytest.mark.parametrize(("state", "check_mode"), [("ready", True), ("absent", True), ("any", False)])
def test_a_look_is_one_look_and_fails_for_nothing(fake: ApiServer, run: Run, state: str, check_mode: bool) -> None:
    fake.put(kafka())
    fake.put(pod(**CRASHING))
    found = run("Kafka one", "Kafka two", "KafkaUser three", check_mode=check_mode, state=state, patience=0)["objects"]
    assert [one["exists"] for one in found] == [True, False, False]
    assert [one["state"] for one in found] == ["Creating: Kafka cluster is being deployed", *["it is not there"] * 2]
    assert [one["ready"] for one in found] == [False] * 3
    assert (fake.lists("kafkas"), fake.lists("pods")) == (1, 0)


def test_what_is_absent_already_is_not_waited_for(fake: ApiServer, run: Run) -> None:
    found = run("Kafka one", "KafkaUser two", state="absent", wait_timeout=0)["objects"]
    assert [one["ready"] for one in found] == [False, False]


def test_absent_waits_for_finalizers(fake: ApiServer, begin: Begin) -> None:
    fake.put(kafka(finalizers=["strimzi.io/topic-operator"]))
    running = begin("Kafka one", state="absent")
    fake.until(lambda: fake.watches)
    fake.delete("kafkas", "one")
    assert not running.done()
    fake.change("kafkas", "one", {"metadata": {"finalizers": None}})
    assert running.result(SECONDS)["objects"][0]["state"] == "it is not there"
    assert fake.lists("kafkas") == 1


def test_absent_names_the_finalizers_at_the_timeout(fake: ApiServer, run: Run) -> None:
    fake.put(kafka(finalizers=["strimzi.io/topic-operator", "a.b/c"]))
    with pytest.raises(NotReady, match=r"to be gone; last seen: Kafka one .* is there, and nobody has deleted it"):
        run("Kafka one", state="absent", wait_timeout=0)
    fake.delete("kafkas", "one")
    with pytest.raises(NotReady, match=r"Kafka one .* is held by strimzi\.io/topic-operator, a\.b/c"):
        run("Kafka one", state="absent", wait_timeout=0.1)
