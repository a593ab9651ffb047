# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a cluster, as their controllers and the node leave them."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def ready(generation: int = 1) -> Object:
    return {"observedGeneration": generation, "conditions": [{"type": "Ready", "status": "True"}]}


def not_ready(reason: str, message: str, generation: int = 1) -> Object:
    condition = {"type": "NotReady", "status": "True", "reason": reason, "message": message}
    return {"observedGeneration": generation, "conditions": [condition]}


CREATING = not_ready("Creating", "Kafka cluster is being deployed")


def kafka(name: str = "one", status: Object | None = None, **metadata: Any) -> Object:
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "Kafka",
        "metadata": {"name": name, **metadata},
        "spec": {"kafka": {}},
        "status": CREATING if status is None else status,
    }


def pod(name: str = "one-kafka-0", *, of: str = "one", **status: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"strimzi.io/cluster": of, "strimzi.io/kind": "Kafka"}},
        "spec": {},
        "status": {"phase": "Pending", **status},
    }


def container(state: str, reason: str = "", message: str = "", restarts: int = 0, **more: Any) -> Object:
    told = {state: {"reason": reason, "message": message, **more} if reason else {}}
    one = {"name": "kafka", "ready": state == "running", "restartCount": restarts, "state": told}
    return {"containerStatuses": [one]}


CRASHING = container("waiting", "CrashLoopBackOff", "back-off 10s restarting failed container", restarts=3)
NO_IMAGE = container("waiting", "ImagePullBackOff", 'Back-off pulling image "kafka:nope"')
NO_NODE = {
    "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available"}
    ]
}


def event(name: str, of: str, reason: str, message: str, at: int = 0, kind: str = "Warning") -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name},
        "involvedObject": {"name": of},
        "type": kind,
        "reason": reason,
        "message": message,
        "lastTimestamp": f"2026-01-01T00:00:{at:02}Z",
    }
