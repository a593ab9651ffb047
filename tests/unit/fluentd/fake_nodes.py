"""The controller and nodes of the cluster in memory: one workload of three pods, which read their ConfigMap once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from ansible_collections.loggy.pipeline.plugins.module_utils.fluentd.rollout import ANNOTATION

Object = dict[str, Any]
NAME = "logging-fluentd"
LABELS = {"component": "fluentd"}
KINDS = ("DaemonSet", "Deployment", "StatefulSet")


class FakeNodes:
    """The controller makes one step each time that the pods are listed."""

    def __init__(
        self, data: Mapping[str, str], *, kind: str = "DaemonSet", strategy: str = "RollingUpdate", **container: Any
    ) -> None:
        self.objects: dict[tuple[str, str], Object] = {}
        #: What each pod has read, by its name.
        self.started_with: dict[str, dict[str, str]] = {}
        self.most_away = 0
        self._count = itertools.count(1)
        self._looks_complete = 0
        self.add("ConfigMap", NAME, data=dict(data))
        self.add("ConfigMap", "other", data={"a": "b"})
        self.container: Object = {"name": "fluentd", **container}
        self.add(kind, NAME, spec=_workload_spec(kind, strategy))
        for _ in range(3):
            self._start_pod()
        self._settle()

    def add(self, kind: str, name: str, **content: Any) -> Object:
        metadata = {"name": name, "namespace": "logging", "uid": f"uid-{next(self._count)}", "generation": 1}
        given = content.pop("metadata", {})
        thing = {"kind": kind, "metadata": {**metadata, **given, "resourceVersion": str(next(self._count))}, **content}
        thing["apiVersion"] = "apps/v1" if kind in KINDS else "v1"
        self.objects[kind, name] = thing
        return thing

    @property
    def data(self) -> dict[str, str]:
        return dict(self.objects["ConfigMap", NAME]["data"])

    @property
    def workload(self) -> Object:
        return next(thing for (kind, _name), thing in self.objects.items() if kind in KINDS)

    @property
    def annotation(self) -> str | None:
        return self.workload["spec"]["template"]["metadata"].get("annotations", {}).get(ANNOTATION)

    def pods(self) -> list[Object]:
        return [one for (kind, _), one in self.objects.items() if kind == "Pod" and one["metadata"]["labels"] == LABELS]

    def running_with(self) -> list[dict[str, str]]:
        return [self.started_with[pod["metadata"]["name"]] for pod in self.pods()]

    def names(self, kind: str) -> list[str]:
        return sorted(name for one, name in self.objects if one == kind)

    def _settle(self) -> None:
        for _ in range(5):
            self._step()

    def _step(self) -> None:
        if not any(kind in KINDS for kind, _ in self.objects):
            return
        self._end_lives()
        old = [pod for pod in self.pods() if _annotation(pod) != self.annotation]
        waiting = [pod for pod in self.pods() if not _is_ready(pod)]
        self.most_away = max(self.most_away, 3 - len(self.pods()) + len(waiting))
        for pod in waiting:
            if pod["status"]["phase"] == "Pending":
                self._start(pod)
        if len(self.pods()) < 3:
            self._start_pod()
        elif self.workload["spec"]["updateStrategy"]["type"] == "RollingUpdate" and old:
            broken = [pod for pod in old if not _is_ready(pod)]
            if broken or (not waiting and self.workload["kind"] != "StatefulSet"):
                self._replace((broken or old)[0])
            elif not waiting:
                self._replace(old[-1])
        self._tell()

    def _replace(self, pod: Object) -> None:
        # As in Kubernetes, a StatefulSet leaves a pod alone that never became ready.
        if self.workload["kind"] == "StatefulSet" and not _is_ready(pod):
            return
        del self.objects["Pod", pod["metadata"]["name"]]

    def _start_pod(self) -> None:
        owner = {"kind": self.workload["kind"], "name": NAME}
        if owner["kind"] == "Deployment":
            owner = {"kind": "ReplicaSet", "name": f"{NAME}-5d8f"}
        metadata = {
            "labels": dict(LABELS),
            "annotations": dict(self.workload["spec"]["template"]["metadata"].get("annotations", {})),
            "ownerReferences": [owner],
        }
        name = f"{NAME}-{next(self._count)}"
        pod = self.add("Pod", name, metadata=metadata, spec={"containers": [self.container]})
        pod["status"] = {"phase": "Pending"}
        self.started_with[name] = self.data

    def _start(self, pod: Object) -> None:
        text = str(self.started_with[pod["metadata"]["name"]])
        if "broken" in text:
            pod["status"] = _crashed()
        elif "silent" not in text:
            pod["status"] = _running()

    def _end_lives(self) -> None:
        """Once the rollout looked complete: pods that crash then for good, and some that only start anew."""
        status = self.workload.get("status", {})
        is_complete = status.get("updatedNumberScheduled") == status.get("numberAvailable") == 3
        self._looks_complete = self._looks_complete + 1 if is_complete else 0
        for pod in self.pods() if self._looks_complete > 1 else ():
            text = str(self.started_with[pod["metadata"]["name"]])
            if "fleeting" in text:
                pod["status"] = _crashed()
            elif "restless" in text:
                pod["status"] = _running(restarts=pod["status"]["containerStatuses"][0]["restartCount"] + 1)

    def _tell(self) -> None:
        new = [pod for pod in self.pods() if _annotation(pod) == self.annotation]
        ready = sum(map(_is_ready, self.pods()))
        self.workload["status"] = {
            "observedGeneration": self.workload["metadata"]["generation"],
            "desiredNumberScheduled": 3,
            "updatedNumberScheduled": len(new),
            "numberAvailable": ready,
            "replicas": len(self.pods()),
            "updatedReplicas": len(new),
            "readyReplicas": ready,
            "availableReplicas": ready,
        }

    def _end_check(self, name: str) -> None:
        text = str(self.objects["ConfigMap", name]["data"])
        code = 1 if "unknown_plugin" in text else 0
        container = {"name": "check", "state": {"terminated": {"exitCode": code, "reason": "Error"}}}
        self.objects["Pod", name]["status"] = {
            "phase": "Failed" if code else "Succeeded",
            "containerStatuses": [container],
        }


def _workload_spec(kind: str, strategy: str) -> Object:
    container = {
        "name": "fluentd",
        "image": "example.com/fluentd:1",
        "env": [{"name": "HOST", "value": "es"}],
        "securityContext": {"privileged": True, "runAsUser": 0},
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/fluent/configs.d/user"},
            {"name": "certs", "mountPath": "/etc/fluent/keys"},
            {"name": "varlog", "mountPath": "/var/log"},
        ],
    }
    volumes = [
        {"name": "config", "configMap": {"name": NAME}},
        {"name": "certs", "secret": {"secretName": "fluentd"}},
        {"name": "varlog", "hostPath": {"path": "/var/log"}},
    ]
    return {
        **({} if kind == "DaemonSet" else {"replicas": 3}),
        "selector": {"matchLabels": dict(LABELS)},
        "updateStrategy": {"type": strategy},
        "template": {
            "metadata": {"labels": dict(LABELS)},
            "spec": {"serviceAccountName": "fluentd", "containers": [container], "volumes": volumes},
        },
    }


def _crashed() -> Object:
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}
    container = {"name": "fluentd", "ready": False, "restartCount": 1, "state": {"waiting": waiting}}
    return {"phase": "Running", "containerStatuses": [container]}


def _running(restarts: int = 0) -> Object:
    container = {"name": "fluentd", "ready": True, "restartCount": restarts, "state": {"running": {}}}
    conditions = [{"type": "Ready", "status": "True"}]
    return {"phase": "Running", "conditions": conditions, "containerStatuses": [container]}


def _annotation(pod: Object) -> str | None:
    return pod["metadata"].get("annotations", {}).get(ANNOTATION)


def _is_ready(pod: Object) -> bool:
    return bool(pod.get("status", {}).get("conditions"))
