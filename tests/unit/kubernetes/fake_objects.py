# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a fake cluster, with their versions, and what has happened to them. No controller is behind it."""

from __future__ import annotations

import copy
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Object = dict[str, Any]
NAMESPACE = "apps"


class Kind(NamedTuple):
    api_version: str
    kind: str
    plural: str
    namespaced: bool = True


KINDS = [
    Kind("v1", "ConfigMap", "configmaps"),
    Kind("v1", "Event", "events"),
    Kind("v1", "Pod", "pods"),
    Kind("apps/v1", "Deployment", "deployments"),
    Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False),
    Kind("kafka.strimzi.io/v1", "Kafka", "kafkas"),
    Kind("kafka.strimzi.io/v1", "KafkaTopic", "kafkatopics"),
    Kind("kafka.strimzi.io/v1beta2", "Kafka", "kafkas"),
]


class Refused(Exception):
    """:param status: as the API server says it."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        self.code = code
        self.status: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        self.status |= {"message": message, "reason": reason, "code": code}


class _Change(NamedTuple):
    version: int
    plural: str
    before: Object | None
    after: Object | None


class FakeObjects:
    """:param turn: is notified of each change."""

    def __init__(self) -> None:
        self.turn = threading.Condition(threading.RLock())
        self._objects: dict[tuple[str, str | None, str], Object] = {}
        self._history: list[_Change] = []
        self._version, self._oldest, self._ended = 100, 100, 0

    def put(self, one: Mapping[str, Any]) -> Object:
        """Creates or replaces it, as somebody else; in NAMESPACE, where it names none."""
        kind = next(kind for kind in KINDS if kind[:2] == (one["apiVersion"], one["kind"]))
        meta = {"namespace": NAMESPACE, **one["metadata"]} if kind.namespaced else one["metadata"]
        with self.turn:
            old = self.find(kind.plural, meta.get("namespace"), meta["name"])
            return self.store(kind.plural, old, copy.deepcopy({**one, "metadata": meta}))

    def change(self, plural: str, name: str, patch: Mapping[str, Any], namespace: str | None = NAMESPACE) -> Object:
        """:param patch: is merged, the status too."""
        with self.turn:
            old = self._objects[plural, namespace, name]
            return self.store(plural, old, merged(old, patch))

    def delete(self, plural: str, name: str, namespace: str | None = NAMESPACE) -> Object | None:
        """:returns: what is left, for its finalizers."""
        with self.turn:
            old = self._objects[plural, namespace, name]
            if old["metadata"].get("finalizers"):
                return self.store(plural, old, merged(old, {"metadata": {"deletionTimestamp": _now()}}))
            self.store(plural, old, None)
            return None

    def compact(self) -> None:
        """Forgets what has changed: who watches from before has to list."""
        with self.turn:
            self._version += 1
            self._oldest = self._version

    def end_watches(self) -> None:
        with self.turn:
            self._ended += 1
            self.turn.notify_all()

    def until(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        """:raises AssertionError: it has not come true."""
        with self.turn:
            assert self.turn.wait_for(condition, timeout=seconds)

    def find(self, plural: str, namespace: str | None, name: str) -> Object | None:
        return self._objects.get((plural, namespace, name))

    def listed(self, kind: Kind, namespace: str | None, query: Mapping[str, str]) -> Object:
        found = [one for key, one in self._objects.items() if key[0] == kind.plural and _chosen(one, namespace, query)]
        items = [{name: value for name, value in one.items() if name not in ("apiVersion", "kind")} for one in found]
        about = {"kind": f"{kind.kind}List", "apiVersion": kind.api_version}
        return {**about, "metadata": {"resourceVersion": str(self._version)}, "items": items}

    def events(self, plural: str, namespace: str | None, query: Mapping[str, str]) -> Iterator[Object | None]:
        """None now and then, where nothing happens."""
        return self._told(plural, namespace, query, self._ended)

    def _told(
        self, plural: str, namespace: str | None, query: Mapping[str, str], ended: int
    ) -> Iterator[Object | None]:
        since = int(query["resourceVersion"])
        end = time.monotonic() + float(query["timeoutSeconds"])
        if since < self._oldest:
            message = f"too old resource version: {since} ({self._oldest})"
            yield {"type": "ERROR", "object": Refused(410, "Expired", message).status}
            return
        while time.monotonic() < end and self._ended == ended:
            with self.turn:
                if self._version == since and self._ended == ended:
                    self.turn.wait(0.02)
                news = [one for one in self._history if one.version > since and one.plural == plural]
                since = self._version
            for change in news:
                was, now = (_chosen(one, namespace, query) for one in (change.before, change.after))
                if was or now:
                    what = ("MODIFIED" if was else "ADDED") if now else "DELETED"
                    gone = merged(change.before, {"metadata": {"resourceVersion": str(change.version)}})
                    yield {"type": what, "object": change.after if now else gone}
            yield None

    def store(self, plural: str, old: Object | None, new: Object | None) -> Object:
        if new is not None and new == old:
            return new
        self._version += 1
        left = dict(new or old or {})
        born = {"creationTimestamp": _now(), "uid": str(uuid.uuid4())}
        kept = {name: old["metadata"][name] for name in born} if old else {}
        left["metadata"] = {**born, **left["metadata"], **kept}
        left["metadata"]["resourceVersion"] = str(self._version)
        if "spec" in left:
            before = old["metadata"]["generation"] if old else 0
            left["metadata"]["generation"] = before + (old is None or old.get("spec") != left["spec"])
        is_gone = new is None or ("deletionTimestamp" in left["metadata"] and not left["metadata"].get("finalizers"))
        key = (plural, left["metadata"].get("namespace"), left["metadata"]["name"])
        if is_gone:
            del self._objects[key]
        else:
            self._objects[key] = left
        self._history.append(_Change(self._version, plural, old, None if is_gone else left))
        self.turn.notify_all()
        return left


def merged(old: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, Mapping):
        return copy.deepcopy(patch)
    old = old if isinstance(old, Mapping) else {}
    kept = {name: value for name, value in old.items() if name not in patch}
    news = {name: merged(old.get(name), value) for name, value in patch.items() if value is not None}
    return copy.deepcopy({**kept, **news})


def _chosen(one: Object | None, namespace: str | None, query: Mapping[str, str]) -> bool:
    if one is None or (namespace and one["metadata"].get("namespace") != namespace):
        return False
    labels = dict(pair.split("=") for pair in query.get("labelSelector", "").split(",") if pair)
    fields = dict(pair.split("=") for pair in query.get("fieldSelector", "").split(",") if pair)
    if not fields.keys() <= {"metadata.name", "metadata.namespace"}:
        raise Refused(400, "BadRequest", f"{', '.join(fields)} is not a known field selector")
    meta = one["metadata"]
    return labels.items() <= meta.get("labels", {}).items() and all(
        meta.get(name.removeprefix("metadata.")) == value for name, value in fields.items()
    )


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
