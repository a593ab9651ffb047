# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of strimzi_connector_info: waits until the operator runs connectors as resources, or lets them go."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from ..kubernetes.client import Cluster, Object, UnknownKind, cluster
from ..kubernetes.conditions import Judgement
from ..kubernetes.diagnosis import Wanted, failure
from ..kubernetes.options import CONNECTION_RULES, CONNECTION_SPEC, LIBRARIES
from ..kubernetes.watched import Collection, Watched
from ..operation import Context, Operation, Result
from ..wait import wait_until
from .connectors import ANNOTATION, CLUSTER, KIND
from .connectors_state import connector_of, judge_connector

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "api_version": {"type": "str", "default": "kafka.strimzi.io/v1"},
    "names": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["ready", "released"], "default": "ready"},
    "wait_timeout": {"type": "float", "default": 300.0},
    "patience": {"type": "float", "default": 20.0},
}

T = TypeVar("T")

_LOOK_SECONDS = 2.0
_MISSING = Judgement(False, "", "it is not there")
_ADVICE = (
    "The operator looks at a connector when it is changed, and every two minutes: see kubectl describe for it, and "
    "the operator's log."
)


def run(params: Mapping[str, Any], context: Context) -> Result:
    to = cluster(params)
    watched = Watched(to)
    try:
        waiting = _Waiting(to, watched, params)
        if params["state"] == "released":
            return {"changed": False, "connectors": [], **waiting.until_released(context)}
        found = waiting.until_ready(context)
    finally:
        watched.close()
    return {"changed": False, "connectors": [_shown(name, thing) for name, thing in found.items()]}


class _Waiting:
    def __init__(self, to: Cluster, watched: Watched, params: Mapping[str, Any]) -> None:
        self._cluster = to
        self._watched = watched
        self._params = params
        self._failed_since: dict[str, float] = {}
        self._connectors = self._collection(KIND, label_selector=f"{CLUSTER}={params['name']}")
        self._connects = self._collection("KafkaConnect", field_selector=f"metadata.name={params['name']}")

    def _collection(self, kind: str, **selector: str) -> Collection:
        return Collection(self._params["api_version"], kind, self._params["namespace"], **selector)

    def until_ready(self, context: Context) -> dict[str, Object | None]:
        if context.check_mode:
            try:
                self._watched.add([self._connectors])
            except UnknownKind:
                return dict.fromkeys(self._params["names"] or ())
            return self._seen()
        self._watched.add([self._connectors])

        def look() -> tuple[dict[str, Object | None] | None, str]:
            found = self._seen()
            waiting = []
            for name, thing in found.items():
                judged = _MISSING if thing is None else judge_connector(thing)
                if judged.failed and (not self._is_old(judged.since) or self._outlasts(name)):
                    one = Wanted(self._params["api_version"], KIND, self._params["namespace"], name)
                    raise failure(self._cluster, one, judged.failed, [])
                if not judged.failed:
                    self._failed_since.pop(name, None)
                if not judged.ready:
                    waiting.append(f"{name}: {judged.state}")
            return (None, "; ".join(waiting)) if waiting else (found, "")

        return self._wait(look, "the connectors", context)

    def until_released(self, context: Context) -> Result:
        """The operator forgets the plug-ins when it has looked at a KafkaConnect without the annotation. Until then, it
        may be at work on what it read before, and deletes the connector of a resource that it does not find any more.
        """

        def look() -> tuple[Result | None, str]:
            thing = self._watched.objects(self._connects).get(self._params["name"])
            if thing is None:
                return {"released": True}, ""
            annotations = thing["metadata"].get("annotations") or {}
            if str(annotations.get(ANNOTATION, "")).lower() == "true":
                return None, f"it has the annotation {ANNOTATION}"
            if (thing.get("status") or {}).get("connectorPlugins"):
                return None, "the operator has not seen yet that the annotation is gone"
            return {"released": True}, ""

        try:
            self._watched.add([self._connects])
        except UnknownKind:
            return {"released": True}
        if context.check_mode:
            return look()[0] or {"released": False}
        return self._wait(look, f"the operator to let the connectors of {self._params['name']} go", context)

    def _seen(self) -> dict[str, Object | None]:
        found = self._watched.objects(self._connectors)
        names = sorted(found) if self._params["names"] is None else self._params["names"]
        return {name: found.get(name) for name in names}

    def _is_old(self, since: str) -> bool:
        """What failed before this run may be on its way up by now."""
        try:
            at = datetime.fromisoformat(since)
        except ValueError:
            return False
        patience: float = self._params["patience"]
        return (datetime.now(UTC) - at).total_seconds() > patience

    def _outlasts(self, name: str) -> bool:
        now = time.monotonic()
        patience: float = self._params["patience"]
        return now - self._failed_since.setdefault(name, now) >= patience

    def _wait(self, look: Callable[[], tuple[T | None, str]], what: str, context: Context) -> T:
        return wait_until(
            look,
            what=what,
            timeout=self._params["wait_timeout"],
            interval=_LOOK_SECONDS,
            longest_interval=_LOOK_SECONDS,
            progress=context.progress,
            quiet=2.0,
            advice=_ADVICE,
            sleep=self._watched.wait,
        )


def _shown(name: str, thing: Object | None) -> dict[str, Any]:
    judged = _MISSING if thing is None else judge_connector(thing)
    connector = None if thing is None else connector_of(thing)
    return {
        "name": name,
        "ready": judged.ready,
        "state": connector.state if connector else "ABSENT",
        "tasks": [{"id": one.id, "state": one.state, "worker_id": one.worker_id} for one in connector.tasks]
        if connector
        else [],
        "said": judged.state,
    }


OPERATION = Operation(ARGUMENT_SPEC, run, CONNECTION_RULES, libraries=LIBRARIES)
