"""What objects say of themselves: each kind ready, on its way, and never to be."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.conditions import judge

STRIMZI = "kafka.strimzi.io/v1"


def thing(api_version: str, kind: str, status: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    metadata = {"name": "one", "generation": 3}
    seen = {"observedGeneration": 3, **(status or {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec, "status": seen}


def condition(kind: str, status: str, reason: str = "", message: str = "") -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": status, "reason": reason, "message": message}]}


def pods(**numbers: int) -> dict[str, Any]:
    return dict(numbers)


READY = [
    thing(STRIMZI, "Kafka", condition("Ready", "True")),
    thing(STRIMZI, "KafkaTopic", condition("Ready", "True")),
    thing(STRIMZI, "KafkaNodePool"),
    thing("apps/v1", "Deployment", pods(replicas=2, updatedReplicas=2, availableReplicas=2), replicas=2),
    thing("apps/v1", "Deployment", pods(replicas=0), replicas=0),
    thing("apps/v1", "StatefulSet", pods(replicas=1, updatedReplicas=1, readyReplicas=1), replicas=1),
    thing("apps/v1", "DaemonSet", pods(desiredNumberScheduled=3, updatedNumberScheduled=3, numberAvailable=3)),
    thing("apiextensions.k8s.io/v1", "CustomResourceDefinition", condition("Established", "True")),
    thing("v1", "Pod", {"phase": "Running", **condition("Ready", "True")}),
    thing("v1", "Pod", {"phase": "Succeeded"}),
    thing("v1", "Namespace", {"phase": "Active"}),
    thing("v1", "PersistentVolumeClaim", {"phase": "Bound"}),
    thing("v1", "ConfigMap"),
    thing("batch/v1", "Job", condition("Complete", "True")),
    thing("build.openshift.io/v1", "Build", {"phase": "Complete"}),
    thing("operators.coreos.com/v1alpha1", "Subscription", {"state": "AtLatestKnown", "installedCSV": "strimzi.v1"}),
    thing("operators.coreos.com/v1alpha1", "ClusterServiceVersion", {"phase": "Succeeded"}),
    thing("route.openshift.io/v1", "Route", {"ingress": [condition("Admitted", "True")]}),
]
WAITING = [
    (thing(STRIMZI, "Kafka"), "no condition yet"),
    (thing(STRIMZI, "Kafka", condition("NotReady", "True", "Creating", "Kafka cluster is being deployed")), "Creating"),
    (thing(STRIMZI, "Kafka", {**condition("Ready", "True"), "observedGeneration": 2}), "generation 3"),
    (thing(STRIMZI, "Kafka", {**condition("NotReady", "True", "Boom"), "observedGeneration": 2}), "generation 3"),
    (thing("apps/v1", "Deployment", pods(replicas=2, updatedReplicas=1, availableReplicas=2), replicas=2), "1 of 2"),
    (
        thing("apps/v1", "Deployment", pods(replicas=3, updatedReplicas=2, availableReplicas=2), replicas=2),
        "1 pods of the old revision",
    ),
    (thing("apps/v1", "DaemonSet", pods(desiredNumberScheduled=3, updatedNumberScheduled=2)), "2 of 3"),
    (thing("apiextensions.k8s.io/v1", "CustomResourceDefinition"), "not established"),
    (thing("v1", "Pod", {"phase": "Running"}), "Running"),
    (thing("batch/v1", "Job", {"active": 1}), "1 of its pods"),
    (thing("operators.coreos.com/v1alpha1", "Subscription"), "not known yet"),
    (thing("route.openshift.io/v1", "Route"), "no router"),
]
FAILED = [
    (thing(STRIMZI, "Kafka", condition("NotReady", "True", "InvalidResourceException", "no\nport")), "no port"),
    (thing(STRIMZI, "KafkaTopic", condition("Ready", "False", "NotSupported", "fewer")), "NotSupported: fewer"),
    (thing(STRIMZI, "Kafka", condition("ReconciliationPaused", "True")), "paused"),
    (
        thing("apps/v1", "Deployment", condition("Progressing", "False", "ProgressDeadlineExceeded"), replicas=1),
        "ProgressDeadlineExceeded",
    ),
    (thing("apps/v1", "Deployment", condition("ReplicaFailure", "True", "FailedCreate"), replicas=1), "FailedCreate"),
    (
        thing("apiextensions.k8s.io/v1", "CustomResourceDefinition", condition("NamesAccepted", "False", "Taken")),
        "Taken",
    ),
    (thing("v1", "Pod", {"phase": "Failed", "reason": "Evicted"}), "Evicted"),
    (thing("batch/v1", "Job", condition("Failed", "True", "BackoffLimitExceeded")), "BackoffLimitExceeded"),
    (thing("build.openshift.io/v1", "Build", {"phase": "Failed", "reason": "PushImageToRegistryFailed"}), "PushImage"),
    (thing("operators.coreos.com/v1alpha1", "Subscription", condition("ResolutionFailed", "True", "None")), "None"),
    (
        thing(
            "operators.coreos.com/v1alpha1", "Subscription", {"state": "UpgradePending"}, installPlanApproval="Manual"
        ),
        "approve",
    ),
    (thing("route.openshift.io/v1", "Route", {"ingress": [condition("Admitted", "False", "HostTaken")]}), "HostTaken"),
]


def name_of(case: object) -> str:
    one = case[0] if isinstance(case, tuple) else case
    return one["kind"] if isinstance(one, dict) else str(one)


@pytest.mark.parametrize("one", READY, ids=name_of)
def test_what_is_ready_is_said_to_be(one: dict[str, Any]) -> None:
    assert judge(one).ready


@pytest.mark.parametrize(("one", "words"), WAITING, ids=name_of)
def test_what_is_on_its_way_is_waited_for(one: dict[str, Any], words: str) -> None:
    ready, failed, state, _since = judge(one)
    assert not ready
    assert not failed
    assert words in state


@pytest.mark.parametrize(("one", "words"), FAILED, ids=name_of)
def test_what_can_not_become_ready_says_why_in_one_line(one: dict[str, Any], words: str) -> None:
    ready, failed, _state, _since = judge(one)
    assert not ready
    assert words in failed
    assert "\n" not in failed


@pytest.mark.parametrize("one", READY, ids=name_of)
def test_what_is_being_deleted_is_not_ready(one: dict[str, Any]) -> None:
    going = {**one, "metadata": {**one["metadata"], "deletionTimestamp": "2026-11-29T09:00:00Z"}}
    assert judge(going) == (False, "", "it is being deleted", "")
