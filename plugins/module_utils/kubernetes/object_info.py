# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of kubernetes_object_info: waits until objects are ready, or gone; says at once when they can't be."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..errors import PipelineError
from ..operation import Context, Operation, Result
from ..wait import wait_until
from .client import Cluster, Object, UnknownKind, cluster
from .conditions import Judgement, judge
from .diagnosis import Wanted, failure, pod_selector
from .options import CONNECTION_RULES, CONNECTION_SPEC, LIBRARIES
from .pods import name_of, trouble
from .watched import Collection, Watched

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    "objects": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "api_version": {"type": "str", "required": True},
            "kind": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "namespace": {"type": "str"},
        },
    },
    "namespace": {"type": "str"},
    "state": {"type": "str", "choices": ["ready", "absent", "any"], "default": "ready"},
    "wait_timeout": {"type": "float", "default": 300.0},
    "patience": {"type": "float", "default": 20.0},
}

# Woken by each change; without one, a look now and then finds that patience is at its end.
_LOOK_SECONDS = 2.0
_MISSING = Judgement(False, "", "it is not there")


def run(params: Mapping[str, Any], context: Context) -> Result:
    wanted = [
        Wanted(one["api_version"], one["kind"], one["namespace"] or params["namespace"], one["name"])
        for one in params["objects"]
    ]
    to = cluster(params)
    watched = Watched(to)
    try:
        if context.check_mode or params["state"] == "any":
            found = Waiting(to, watched, wanted, params).look_once()
        elif params["state"] == "absent":
            found = Waiting(to, watched, wanted, params).until_absent(context)
        else:
            found = Waiting(to, watched, wanted, params).until_ready(context)
    finally:
        watched.close()
    return {"changed": False, "objects": [_shown(one, thing) for one, thing in found.items()]}


class Waiting:
    def __init__(self, to: Cluster, watched: Watched, wanted: Sequence[Wanted], params: Mapping[str, Any]) -> None:
        self._cluster = to
        self._watched = watched
        self._collections = _collections(wanted)
        self._wanted = wanted
        self._timeout: float = params["wait_timeout"]
        self._patience: float = params["patience"]
        self._since: dict[str, float] = {}

    def look_once(self) -> dict[Wanted, Object | None]:
        """A single object is asked for by its name: who may see his namespace may not list them all."""
        return {one: self._named(one) if self._is_single(one) else self._listed(one) for one in self._wanted}

    def seen(self) -> dict[Wanted, Object | None]:
        return {one: self._listed(one) for one in self._wanted}

    def _is_single(self, one: Wanted) -> bool:
        return bool(self._collections[one].field_selector)

    def _named(self, one: Wanted) -> Object | None:
        try:
            return self._cluster.get(*one)
        except UnknownKind:
            return None

    def _listed(self, one: Wanted) -> Object | None:
        try:
            self._watched.add([self._collections[one]])
        except UnknownKind:
            return None
        return self._watched.objects(self._collections[one]).get(one.name)

    def until_ready(self, context: Context) -> dict[Wanted, Object | None]:
        # A kind that the cluster does not serve does not come by waiting.
        self._watched.add(self._collections.values())

        def look() -> tuple[dict[Wanted, Object | None] | None, str]:
            found = self.seen()
            waiting = []
            for one, thing in found.items():
                is_ready, failed, state, since = _MISSING if thing is None else judge(thing)
                if failed and (not self._is_old(since) or self._outlasts(str(one))):
                    raise failure(self._cluster, one, failed, self._pods(thing))
                if not is_ready:
                    self._look_at_pods(one, thing)
                    waiting.append(f"{one}: {state}")
            return (None, "; ".join(waiting)) if waiting else (found, "")

        return self._wait(look, "to be ready", context)

    def until_absent(self, context: Context) -> dict[Wanted, Object | None]:
        def look() -> tuple[dict[Wanted, Object | None] | None, str]:
            found = self.seen()
            left = [_remains(one, thing) for one, thing in found.items() if thing is not None]
            return (None, "; ".join(left)) if left else (found, "")

        return self._wait(look, "to be gone", context)

    def _wait(
        self, look: Callable[[], tuple[dict[Wanted, Object | None] | None, str]], what: str, context: Context
    ) -> dict[Wanted, Object | None]:
        names = ", ".join(str(one) for one in self._wanted)
        return wait_until(
            look,
            what=f"{names} {what}",
            timeout=self._timeout,
            interval=_LOOK_SECONDS,
            longest_interval=_LOOK_SECONDS,
            progress=context.progress,
            quiet=2.0,
            advice="See kubectl describe for it, and the log of the operator that has to do it.",
            sleep=self._watched.wait,
        )

    def _look_at_pods(self, one: Wanted, thing: Object | None) -> None:
        """:raises NotReady: one of its pods has been in trouble for longer than patience."""
        for pod in self._pods(thing):
            said = trouble(pod)
            key = f"{pod['metadata'].get('uid')}"
            if not said:
                self._since.pop(key, None)
            elif self._outlasts(key):
                raise failure(self._cluster, one, f"pod {name_of(pod)}: {said}", [pod])

    def _outlasts(self, key: str) -> bool:
        """Whether what ``key`` stands for has gone on for longer than patience."""
        now = time.monotonic()
        return now - self._since.setdefault(key, now) >= self._patience

    def _is_old(self, since: str) -> bool:
        """An operator that failed for want of something outside looks again after a while, and by now it may be there:
        what it said before this run gets patience. What it says now is about what was just applied.
        """
        try:
            at = datetime.fromisoformat(since)
        except ValueError:
            return False
        return (datetime.now(UTC) - at).total_seconds() > self._patience

    def _pods(self, thing: Object | None) -> list[Object]:
        selector = "" if thing is None else pod_selector(thing)
        if thing is None or not selector:
            return []
        collection = Collection("v1", "Pod", thing["metadata"].get("namespace"), label_selector=selector)
        try:
            self._watched.add([collection])
            pods = self._watched.objects(collection).values()
        except PipelineError:
            # Who may not see pods is told what the object says.
            return []
        return [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]


def _collections(wanted: Sequence[Wanted]) -> dict[Wanted, Collection]:
    """One for each kind in a namespace; where a single object of it is wanted, for that one alone."""
    names = defaultdict(set)
    for one in wanted:
        names[one[:3]].add(one.name)
    return {
        one: Collection(*one[:3], field_selector=f"metadata.name={one.name}" if len(names[one[:3]]) == 1 else "")
        for one in wanted
    }


def _remains(one: Wanted, thing: Object) -> str:
    finalizers = thing["metadata"].get("finalizers") or []
    if not thing["metadata"].get("deletionTimestamp"):
        return f"{one} is there, and nobody has deleted it"
    return f"{one} is held by {', '.join(finalizers) or 'what it owns'}"


def _shown(one: Wanted, thing: Object | None) -> dict[str, Any]:
    is_ready, _failed, state, _since = _MISSING if thing is None else judge(thing)
    return {
        **one._asdict(),
        "namespace": one.namespace if thing is None else thing["metadata"].get("namespace"),
        "exists": thing is not None,
        "ready": is_ready,
        "state": state,
        "status": (thing or {}).get("status") or {},
    }


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules=CONNECTION_RULES, libraries=LIBRARIES)
