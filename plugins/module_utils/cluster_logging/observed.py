# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator says of the pipeline's parts of a ClusterLogForwarder. Pure; both APIs' forms of it.

Neither sets an observedGeneration (Logging 5 has none, Logging 6 leaves it out). So a condition that is the same as
before a change may be about what was there before: it counts only after a while.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..kubernetes.conditions import Judgement
from ..kubernetes.pods import said
from .mark import LISTS

Condition = Mapping[str, Any]
#: What the operator tries again by itself.
_PASSING = {"DeploymentError", "FailureToRemoveStaleWorkload", "InitializationFailed", "UnknownState"}


def judge(
    thing: Mapping[str, Any],
    ours: Mapping[str, Collection[str]],
    was: Mapping[str, Any] | None,
    *,
    settled: bool,
) -> Judgement:
    """:param ours: names by list, which have to be there; :param was: the forwarder before the change.
    :param settled: whether the operator has had the time to say otherwise.
    """
    reason = is_invalid(thing)
    if reason and reason != is_invalid(was or {}):
        return _failed(reason)
    for kind in LISTS:
        for name in sorted(ours.get(kind, ())):
            found = condition_of(thing, kind, name)
            if not found:
                return _waiting(f"the operator has not said anything of {kind[:-1]} {name} yet{_why(thing)}")
            if not _counts(thing, found, condition_of(was or {}, kind, name), settled):
                return _waiting(f"the operator has not looked at {kind[:-1]} {name} again yet")
            if found["status"] == "False":
                return _failed(f"{kind[:-1]} {name}: {said(found)}")
    if reason:
        return _failed(reason)
    ready = _top(thing).get("Ready", {})
    return (
        Judgement(True, "", "ready") if ready.get("status") == "True" else _waiting(f"it is not ready yet{_why(thing)}")
    )


def is_invalid(thing: Mapping[str, Any]) -> str:
    """Why the operator refuses it as it is; "" when it does not."""
    top = _top(thing)
    refused = [said(top[kind]) for kind in ("Authorized", "Valid") if top.get(kind, {}).get("status") == "False"]
    if top.get("Validation", {}).get("status") == "True":
        refused.append(said(top["Validation"]))
    ready = top.get("Ready", {})
    if not refused and ready.get("status") == "False" and ready.get("reason") not in _PASSING:
        refused.append(said(ready))
    return "; ".join([*refused, *_invalid_items(thing)]) if refused else ""


def left_of(thing: Mapping[str, Any], names: Mapping[str, Collection[str]]) -> list[str]:
    """Those that the operator still tells of, after they were taken out."""
    return [
        f"{kind[:-1]} {name}"
        for kind in LISTS
        for name in sorted(names.get(kind, ()))
        if condition_of(thing, kind, name)
    ]


def condition_of(thing: Mapping[str, Any], kind: str, name: str) -> Condition:
    """Of an item; empty when there is none."""
    return _items(thing, kind).get(name, {})


def _items(thing: Mapping[str, Any], kind: str) -> dict[str, Condition]:
    status = thing.get("status") or {}
    prefix = f"Valid{kind[:-1].capitalize()}-"
    found = {}
    for one in status.get(f"{kind[:-1]}Conditions") or ():
        _group, has_prefix, name = str(one["type"]).rpartition("/")[2].partition(prefix)
        if has_prefix:
            found[name] = one
    for name, conditions in (status.get(kind) or {}).items():
        found[name] = _of_logging_5(conditions)
    return found


def _of_logging_5(conditions: Collection[Condition]) -> Condition:
    """There an item is bad by Ready=False, or by Validation=True."""
    by_type = {one["type"]: one for one in conditions}
    bad = by_type.get("Validation", {})
    if bad.get("status") == "True":
        return {**bad, "status": "False"}
    return by_type.get("Ready", {})


def _counts(thing: Mapping[str, Any], found: Condition, was: Condition, settled: bool) -> bool:
    seen, generation = found.get("observedGeneration"), (thing.get("metadata") or {}).get("generation")
    if seen is not None and generation is not None:
        return bool(seen >= generation)
    return settled or _said_now(found) != _said_now(was)


def _said_now(condition: Condition) -> tuple[Any, ...]:
    return tuple(condition.get(key) for key in ("status", "reason", "message", "lastTransitionTime"))


def _top(thing: Mapping[str, Any]) -> dict[str, Condition]:
    conditions = (thing.get("status") or {}).get("conditions") or ()
    return {str(one["type"]).rpartition("/")[2]: one for one in conditions}


def _invalid_items(thing: Mapping[str, Any]) -> list[str]:
    return [
        f"{kind[:-1]} {name}: {said(one)}"
        for kind in LISTS
        for name, one in _items(thing, kind).items()
        if one.get("status") == "False"
    ]


def _why(thing: Mapping[str, Any]) -> str:
    ready = _top(thing).get("Ready", {})
    return f" ({said(ready)})" if ready.get("status") not in (None, "True") else ""


def _waiting(state: str) -> Judgement:
    return Judgement(False, "", state)


def _failed(reason: str) -> Judgement:
    return Judgement(False, reason, reason)
