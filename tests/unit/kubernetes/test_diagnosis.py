# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an object can't become ready, as kubernetes_object_info says it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotReady
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.diagnosis import _last_words, pod_selector

from tests.unit.fakes.api_server import ApiServer
from tests.unit.kubernetes.conftest import Run
from tests.unit.kubernetes.fake_objects import KINDS, Kind
from tests.unit.kubernetes.objects import CRASHING, NO_IMAGE, container, event, kafka, not_ready, pod

BROKEN = not_ready("InvalidResourceException", "a listener has no port.")


def failure(run: Run, *objects: str, **params: Any) -> NotReady:
    with pytest.raises(NotReady) as caught:
        run(*(objects or ("Kafka one",)), **params)
    return caught.value


def test_what_says_that_it_can_not_be_ready_fails_at_once_with_all_that_is_known(fake: ApiServer, run: Run) -> None:
    fake.put(kafka(status=BROKEN))
    fake.put(pod(**CRASHING))
    fake.put(pod("one-kafka-1", **container("running")))
    fake.put(event("b", "one-kafka-0", "BackOff", "Back-off restarting\nfailed container", at=2))
    fake.put(event("a", "one", "Invalid", "no port", at=1))
    fake.logs["one-kafka-0", "kafka", True] = "starting\nException in thread main\n"
    start = time.monotonic()
    error = failure(run)
    assert time.monotonic() - start < 1
    assert str(error).splitlines() == [
        "Kafka one in namespace apps can't become ready: InvalidResourceException: a listener has no port.",
        "pod one-kafka-0: container kafka: CrashLoopBackOff: back-off 10s restarting failed container",
        "event: Invalid: no port",
        "event: BackOff: Back-off restarting failed container",
        "log: starting",
        "log: Exception in thread main",
    ]
    assert error.details["reason"] == "InvalidResourceException: a listener has no port."
    assert error.details["events"] == ["Invalid: no port", "BackOff: Back-off restarting failed container"]
    assert error.details["log"] == ["starting", "Exception in thread main"]


def test_where_nothing_more_is_known_kubectl_is_named(fake: ApiServer, run: Run) -> None:
    fake.put(kafka(status=BROKEN))
    assert str(failure(run)) == (
        "Kafka one in namespace apps can't become ready: InvalidResourceException: a listener has no port. "
        "See kubectl describe for it."
    )


def test_who_may_see_neither_events_nor_pods_gets_the_reason(fake: ApiServer, run: Run) -> None:
    fake.put(kafka(status=BROKEN))
    fake.put(pod(**CRASHING))
    fake.forbids = {("list", "events"), ("list", "pods")}
    assert failure(run).details == {"reason": failure(run).details["reason"], "events": [], "log": []}


def test_the_pod_in_trouble_is_the_reason_and_not_told_twice(fake: ApiServer, run: Run) -> None:
    fake.put(kafka())
    fake.put(pod(**NO_IMAGE))
    lines = str(failure(run, patience=0)).splitlines()
    assert lines == [
        "Kafka one in namespace apps can't become ready: pod one-kafka-0: container kafka: ImagePullBackOff: "
        'Back-off pulling image "kafka:nope". See kubectl describe for it.'
    ]


def test_events_are_the_newest_warnings_of_what_is_concerned_each_once(fake: ApiServer, run: Run) -> None:
    fake.put(kafka(status=BROKEN))
    for at in range(8):
        fake.put(event(f"e{at}", "one", "Failed", f"for the {at}th time", at=at))
        fake.put(event(f"same{at}", "one", "Same", "again", at=at))
    fake.put(event("other", "two", "Failed", "not ours", at=9))
    fake.put(event("fine", "one", "Created", "all is well", at=9, kind="Normal"))
    events = failure(run).details["events"]
    assert events == [f"Failed: for the {at}th time" for at in range(3, 8)]


@pytest.mark.parametrize(
    ("status", "is_previous", "text", "log"),
    [
        (CRASHING, True, "".join(f"{number}\n" for number in range(99)), [str(number) for number in range(84, 99)]),
        (CRASHING, False, "of this life\n", ["of this life"]),
        (container("terminated", "Error", exitCode=1), False, "it ended\n", ["it ended"]),
        (NO_IMAGE, False, "not asked for\n", []),
        (container("terminated", "Error", exitCode=1), False, "", []),
    ],
    ids=["the life before", "no life before", "no restart", "never ran", "it said nothing"],
)
def test_the_log_is_the_last_words_of_the_container_in_trouble(
    fake: ApiServer, run: Run, status: dict[str, Any], is_previous: bool, text: str, log: list[str]
) -> None:
    fake.put(kafka(status=BROKEN))
    fake.put(pod(**status))
    fake.logs["one-kafka-0", "kafka", is_previous] = text
    assert failure(run).details["log"] == log


def test_a_deployments_pods_are_found_by_its_selector(fake: ApiServer, run: Run) -> None:
    labels = {"app": "loggy", "part": "agent"}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}}
    fake.put({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "agent"}, "spec": spec, "status": {}})
    fake.put({**pod("agent-x", **NO_IMAGE), "metadata": {"name": "agent-x", "labels": labels}})
    assert "pod agent-x" in failure(run, "Deployment agent", patience=0).details["reason"]


@pytest.fixture
def building(fake: ApiServer) -> Iterator[None]:
    """A KafkaConnect on OpenShift: the newest of its Builds has failed."""
    kinds = [
        Kind("kafka.strimzi.io/v1", "KafkaConnect", "kafkaconnects"),
        Kind("build.openshift.io/v1", "Build", "builds"),
    ]
    KINDS.extend(kinds)
    fake.put({**kafka(status=not_ready("RuntimeException", "The Kafka Connect build failed.")), "kind": "KafkaConnect"})
    for name, made in (("plugins-9", "2026-01-01T00:00:00Z"), ("plugins-10", "2026-01-02T00:00:00Z")):
        about = {
            "name": name,
            "creationTimestamp": made,
            "labels": {"strimzi.io/cluster": "one", "strimzi.io/kind": "KafkaConnect"},
            "annotations": {"openshift.io/build.pod-name": f"{name}-build"},
        }
        fake.put({"apiVersion": "build.openshift.io/v1", "kind": "Build", "metadata": about})
        failed = container("terminated", "Error", exitCode=1)
        labels = {"openshift.io/build.name": name}
        fake.put({**pod(**failed), "metadata": {"name": f"{name}-build", "labels": labels}})
        fake.logs[f"{name}-build", "kafka", False] = f"{name}: the sum did NOT match\n"
    yield
    for kind in kinds:
        KINDS.remove(kind)


def test_a_build_on_openshift_that_failed_is_told_with_its_log(fake: ApiServer, run: Run, building: None) -> None:
    assert str(failure(run, "KafkaConnect one")).splitlines() == [
        "KafkaConnect one in namespace apps can't become ready: RuntimeException: The Kafka Connect build failed.",
        "pod plugins-10-build: container kafka: Error (exit code 1)",
        "log: plugins-10: the sum did NOT match",
    ]


def test_who_may_not_see_builds_is_told_that_one_failed(fake: ApiServer, run: Run, building: None) -> None:
    fake.forbids = {("list", "builds")}
    assert failure(run, "KafkaConnect one").details["log"] == []


def test_a_build_that_failed_once_is_not_the_reason_of_another_failure(
    fake: ApiServer, run: Run, building: None
) -> None:
    fake.change("kafkaconnects", "one", {"status": not_ready("TimeoutException", "no worker")})
    assert failure(run, "KafkaConnect one").details["log"] == []


def test_what_has_no_pods_has_no_selector() -> None:
    assert pod_selector(kafka()) == "strimzi.io/cluster=one,strimzi.io/kind=Kafka"
    assert pod_selector({**kafka(), "kind": "KafkaTopic"}) == ""
    assert pod_selector({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}) == ""
    by_expression = {"selector": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "one"}}
    assert pod_selector({**job, "spec": by_expression}) == ""


class Lives:
    """Answers in turn to questions for a container's log."""

    def __init__(self, answers: list[str]) -> None:
        self.answers = answers
        self.asked: list[bool] = []

    def pod_log(self, *_: str, tail: int, previous: bool) -> str:
        self.asked.append(previous)
        return self.answers[len(self.asked) - 1]


@pytest.mark.parametrize(
    ("has_restarted", "answers", "asked"),
    [
        (True, ["last words"], [True]),
        (True, ["", "last words"], [True, False]),
        # Its life before went, and the next one began.
        (True, ["", "", "last words"], [True, False, True]),
        (False, ["last words"], [False]),
        (False, ["", "last words"], [False, True]),
    ],
)
def test_last_words_are_told_though_another_life_begins(
    has_restarted: bool, answers: list[str], asked: list[bool]
) -> None:
    lives: Any = Lives(answers)

    assert _last_words(lives, {"metadata": {"name": "p", "namespace": "n"}}, "c", has_restarted=has_restarted) == [
        "last words"
    ]
    assert lives.asked == asked
