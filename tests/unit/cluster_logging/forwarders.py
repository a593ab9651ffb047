"""A cluster in memory with the operator of OpenShift Logging 5 or 6, and what the tests declare to it.

The operator looks at a forwarder each time that it is read after a change, and refuses an output named ``broken``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.cluster_logging import apply, forwarder
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotFound, api_error
from ansible_collections.loggy.pipeline.plugins.module_utils.wait import wait_until

from tests.unit.run_operation import run_operation

NEW, OLD = forwarder.API_VERSIONS
INPUT = {"name": "loggy-application", "type": "application", "application": {"excludes": [{"namespace": "loggy"}]}}
REST = {"name": "loggy-rest", "type": "application", "application": {"includes": [{"namespace": "loggy"}]}}
OUTPUT: dict[str, Any] = {
    "name": "loggy",
    "type": "kafka",
    "kafka": {"brokers": ["tcp://kafka:9092"], "topic": "output_tag"},
}
PIPELINE = {"name": "loggy", "inputRefs": ["loggy-application"], "outputRefs": ["loggy"]}
OURS: dict[str, Any] = {"inputs": [INPUT], "outputs": [OUTPUT], "pipelines": [PIPELINE]}
REPLACES: dict[str, Any] = {"inputs": ["application"], "outputs": ["default"], "input": REST}
THEIRS: dict[str, Any] = {
    "serviceAccount": {"name": "collector"},
    "outputs": [{"name": "default", "type": "lokiStack"}, {"name": "siem", "type": "splunk"}],
    "pipelines": [
        {"name": "all", "inputRefs": ["application", "infrastructure"], "outputRefs": ["default"]},
        {"name": "both", "inputRefs": ["application"], "outputRefs": ["siem", "default"], "filterRefs": ["slim"]},
        {"name": "audit", "inputRefs": ["audit"], "outputRefs": ["siem"]},
    ],
}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class FakeLogging:
    url = "https://cluster"

    def __init__(self, spec: Mapping[str, Any] | None = None, *, api_version: str = NEW) -> None:
        self.api_version = api_version
        self.clock = Clock()
        self.forwarder: dict[str, Any] | None = None
        self.writes: list[str] = []
        self.before_write: list[Callable[[], None]] = []
        #: Runs between a reading and the write that follows it, once.
        self.while_planning: list[Callable[[], None]] = []
        self.schema: dict[str, Any] | None = None
        #: Whether the operator runs, and how many seconds it takes to look.
        self.runs, self.delay = True, 0.0
        self.is_authorized = True
        self._looks_at: float | None = None
        if spec is not None:
            self._make({"spec": copy.deepcopy(dict(spec)), "metadata": {}})
            self.look()
            self.writes.clear()

    @property
    def spec(self) -> dict[str, Any]:
        assert self.forwarder is not None
        found: dict[str, Any] = self.forwarder["spec"]
        return found

    def close(self) -> None:
        pass

    def served(self, api_version: str) -> dict[str, Any]:
        return {"ClusterLogForwarder": ("clusterlogforwarders", True)} if api_version == self.api_version else {}

    def document(self, path: str) -> dict[str, Any]:
        if self.while_planning:
            self.while_planning.pop()()
        if self.schema is None:
            raise NotFound("GET", path, 404, "not found")
        group, _slash, version = self.api_version.partition("/")
        about = [{"group": group, "version": version, "kind": "ClusterLogForwarder"}]
        return {"components": {"schemas": {"one": {**self.schema, "x-kubernetes-group-version-kind": about}}}}

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        if self._looks_at is not None and self.clock.now >= self._looks_at and self.runs:
            self.look()
        return copy.deepcopy(self.forwarder)

    def create(self, api_version: str, kind: str, namespace: str, body: Mapping[str, Any]) -> None:
        self._write("create")
        if self.forwarder is not None:
            raise api_error("POST", "fake", 409, "already exists")
        self._make(copy.deepcopy(dict(body)))

    def patch(self, api_version: str, kind: str, namespace: str, name: str, body: Mapping[str, Any]) -> None:
        self._write("patch")
        assert self.forwarder is not None
        body = copy.deepcopy(dict(body))
        if body["metadata"].pop("resourceVersion") != self.forwarder["metadata"]["resourceVersion"]:
            raise api_error("PATCH", "fake", 409, "the object has been modified")
        _merge(self.forwarder, body)
        self.touch()

    def delete(self, api_version: str, kind: str, namespace: str, name: str) -> bool:
        self._write("delete")
        self.forwarder = None
        return True

    def touch(self) -> None:
        """As everybody's write does."""
        assert self.forwarder is not None
        about = self.forwarder["metadata"]
        about["resourceVersion"] = str(int(about.get("resourceVersion", "0")) + 1)
        about["generation"] = about.get("generation", 0) + 1
        self._looks_at = self.clock.now + self.delay

    def look(self) -> None:
        assert self.forwarder is not None
        self._looks_at = None
        self.forwarder["status"] = (_status_6 if self.api_version == NEW else _status_5)(self.spec, self.is_authorized)

    def _make(self, body: dict[str, Any]) -> None:
        self.forwarder = {**body, "apiVersion": self.api_version, "kind": "ClusterLogForwarder"}
        self.touch()

    def _write(self, what: str) -> None:
        if self.before_write:
            self.before_write.pop(0)()
        self.writes.append(what)


def ensure(cluster: FakeLogging, *, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"namespace": "openshift-logging", "name": "instance", **OURS, **params}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forwarder, "cluster", lambda params: cluster)
        patch.setattr(apply, "monotonic", cluster.clock)
        patch.setattr(apply, "wait_until", partial(wait_until, clock=cluster.clock, sleep=cluster.clock.sleep))
        return run_operation(forwarder.OPERATION, check_mode=check_mode, **copy.deepcopy(given))


def _status_6(spec: Mapping[str, Any], is_authorized: bool) -> dict[str, Any]:
    group = "observability.openshift.io"
    items: dict[str, Any] = {}
    for kind in ("input", "output", "pipeline"):
        items[f"{kind}Conditions"] = [
            {"type": f"{group}/Valid{kind.capitalize()}-{one['name']}", **_verdict(one)}
            for one in spec.get(f"{kind}s", ())
        ]
    is_good = is_authorized and all(one["status"] == "True" for of in items.values() for one in of)
    said = {"status": str(is_good), "reason": "ReconciliationComplete" if is_good else "ValidationFailure"}
    authorized = {"status": str(is_authorized), "reason": "" if is_authorized else "ClusterRoleMissing"}
    top = [("Authorized", authorized), ("Valid", said), ("Ready", said)]
    return {**items, "conditions": [{"type": kind if kind == "Ready" else f"{group}/{kind}", **of} for kind, of in top]}


def _status_5(spec: Mapping[str, Any], is_authorized: bool) -> dict[str, Any]:
    items = {
        kind: {one["name"]: [{"type": "Ready", **_verdict(one)}] for one in spec.get(kind, ())}
        for kind in ("inputs", "outputs", "pipelines")
    }
    is_good = is_authorized and all(one[0]["status"] == "True" for of in items.values() for one in of.values())
    return {**items, "conditions": [{"type": "Ready", "status": str(is_good), "reason": "" if is_good else "Invalid"}]}


def _verdict(item: Mapping[str, Any]) -> dict[str, str]:
    if "broken" in str(item.get("kafka")):
        return {"status": "False", "reason": "ValidationFailure", "message": "secret not found"}
    return {"status": "True", "reason": "ValidationSuccess", "message": "valid"}


def _merge(thing: dict[str, Any], patch: Mapping[str, Any]) -> None:
    for key, value in patch.items():
        if value is None:
            thing.pop(key, None)
        elif isinstance(value, Mapping):
            _merge(thing.setdefault(key, {}), value)
        else:
            thing[key] = value
