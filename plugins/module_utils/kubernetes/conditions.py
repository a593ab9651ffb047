# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an object says of itself: ready, on its way, or never to be. Pure; one small rule for each kind, in a table.

An object that has a generation counts only once its controller has seen that generation: what its status says is
otherwise about the object before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .pods import said


class Judgement(NamedTuple):
    """:param failed: why it can't become ready by itself; "" otherwise. :param state: where it is, in words.
    :param since: when it failed, in ISO 8601, where it says so.
    """

    ready: bool
    failed: str
    state: str
    since: str = ""


Object = Mapping[str, Any]
Conditions = Mapping[str, Mapping[str, Any]]

_READY = Judgement(True, "", "ready")
#: What Strimzi says while it is at work for the first time.
_CREATING = "Creating"


def judge(thing: Object) -> Judgement:
    """:param thing: an object of the API, whole."""
    if thing.get("metadata", {}).get("deletionTimestamp"):
        return _waiting("it is being deleted")
    group, _slash, _version = str(thing.get("apiVersion", "")).rpartition("/")
    rule = _RULES.get((group, str(thing.get("kind"))))
    if rule is None and group.endswith("strimzi.io"):
        rule = _strimzi
    return _READY if rule is None else rule(thing)


def name_of(thing: Object) -> str:
    return f"{thing.get('kind')} {thing.get('metadata', {}).get('name')}"


def _strimzi(thing: Object) -> Judgement:
    conditions = _conditions(thing)
    not_ready, ready = conditions.get("NotReady", {}), conditions.get("Ready", {})
    if unseen := _unseen(thing):
        return _waiting(unseen)
    if not_ready.get("status") == "True":
        reason = said(not_ready)
        return _waiting(reason) if not_ready.get("reason") == _CREATING else _failed(reason, not_ready)
    if ready.get("status") == "False":
        return _failed(said(ready), ready)
    if ready.get("status") == "True":
        return _READY
    if conditions.get("ReconciliationPaused", {}).get("status") == "True":
        return _failed("its reconciliation is paused (annotation strimzi.io/pause-reconciliation)")
    return _waiting("no condition yet")


def _deployment(thing: Object) -> Judgement:
    conditions, status = _conditions(thing), _status(thing)
    if unseen := _unseen(thing):
        return _waiting(unseen)
    progressing, failure = conditions.get("Progressing", {}), conditions.get("ReplicaFailure", {})
    if progressing.get("status") == "False":
        return _failed(said(progressing))
    if failure.get("status") == "True":
        return _failed(said(failure))
    wanted = thing["spec"].get("replicas", 1)
    return _counted(
        wanted, updated=status.get("updatedReplicas", 0), available=status.get("availableReplicas", 0), of=status
    )


def _stateful_set(thing: Object) -> Judgement:
    if unseen := _unseen(thing):
        return _waiting(unseen)
    wanted, status = thing["spec"].get("replicas", 1), _status(thing)
    return _counted(
        wanted, updated=status.get("updatedReplicas", 0), available=status.get("readyReplicas", 0), of=status
    )


def _daemon_set(thing: Object) -> Judgement:
    if unseen := _unseen(thing):
        return _waiting(unseen)
    status = _status(thing)
    wanted = status.get("desiredNumberScheduled", 0)
    return _counted(
        wanted, updated=status.get("updatedNumberScheduled", 0), available=status.get("numberAvailable", 0), of=status
    )


def _counted(wanted: int, *, updated: int, available: int, of: Object) -> Judgement:
    if updated < wanted or available < wanted:
        return _waiting(f"{updated} of {wanted} pods are of the new revision, {available} are available")
    left = of.get("replicas", wanted) - wanted
    return _waiting(f"{left} pods of the old revision are still there") if left > 0 else _READY


def _crd(thing: Object) -> Judgement:
    conditions = _conditions(thing)
    refused = conditions.get("NamesAccepted", {})
    if refused.get("status") == "False":
        return _failed(said(refused))
    if conditions.get("Established", {}).get("status") == "True":
        return _READY
    return _waiting("not established yet")


def _pod(thing: Object) -> Judgement:
    phase = _status(thing).get("phase", "Pending")
    if phase == "Failed":
        return _failed(said(_status(thing), "Failed"))
    is_ready = _conditions(thing).get("Ready", {}).get("status") == "True"
    return _READY if is_ready or phase == "Succeeded" else _waiting(f"its phase is {phase}")


def _job(thing: Object) -> Judgement:
    conditions = _conditions(thing)
    if conditions.get("Failed", {}).get("status") == "True":
        return _failed(said(conditions["Failed"]))
    is_complete = conditions.get("Complete", {}).get("status") == "True"
    return _READY if is_complete else _waiting(f"{_status(thing).get('active', 0)} of its pods are at work")


def _phases(good: str, bad: str) -> Callable[[Object], Judgement]:
    def rule(thing: Object) -> Judgement:
        phase = _status(thing).get("phase", "")
        if phase in bad.split():
            return _failed(said(_status(thing), phase))
        return _READY if phase in good.split() else _waiting(f"its phase is {phase or 'not known yet'}")

    return rule


def _subscription(thing: Object) -> Judgement:
    """An OLM Subscription: the version that it installed is what has to be looked at next."""
    status = _status(thing)
    for kind in ("ResolutionFailed", "InstallPlanFailed", "BundleUnpackFailed"):
        condition = _conditions(thing).get(kind, {})
        if condition.get("status") == "True":
            return _failed(said(condition))
    if status.get("state") == "UpgradePending" and thing["spec"].get("installPlanApproval") == "Manual":
        return _failed("its install plan waits for somebody to approve it (installPlanApproval is Manual)")
    if status.get("installedCSV"):
        return _READY
    return _waiting(f"its state is {status.get('state') or 'not known yet'}")


def _route(thing: Object) -> Judgement:
    for ingress in _status(thing).get("ingress") or ():
        for condition in ingress.get("conditions") or ():
            if condition.get("type") == "Admitted":
                return _READY if condition.get("status") == "True" else _failed(said(condition))
    return _waiting("no router has taken it yet")


_RULES: Mapping[tuple[str, str], Callable[[Object], Judgement]] = {
    ("", "Namespace"): _phases("Active", ""),
    ("", "PersistentVolumeClaim"): _phases("Bound", "Lost"),
    ("", "Pod"): _pod,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _crd,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("batch", "Job"): _job,
    ("build.openshift.io", "Build"): _phases("Complete", "Failed Error Cancelled"),
    ("operators.coreos.com", "ClusterServiceVersion"): _phases("Succeeded", "Failed"),
    ("operators.coreos.com", "Subscription"): _subscription,
    ("route.openshift.io", "Route"): _route,
    # A node pool has no condition of its own: its Kafka speaks for it.
    ("kafka.strimzi.io", "KafkaNodePool"): lambda _thing: _READY,
}


def _unseen(thing: Object) -> str:
    generation, seen = thing.get("metadata", {}).get("generation"), _status(thing).get("observedGeneration", 0)
    if generation is None or seen >= generation:
        return ""
    return f"its controller has not seen generation {generation} yet" + (f" (but {seen})" if seen else "")


def _status(thing: Object) -> Mapping[str, Any]:
    return thing.get("status") or {}


def _conditions(thing: Object) -> Conditions:
    return {one["type"]: one for one in _status(thing).get("conditions") or ()}


def _waiting(state: str) -> Judgement:
    return Judgement(False, "", state)


def _failed(reason: str, condition: Mapping[str, Any] | None = None) -> Judgement:
    return Judgement(False, reason, reason, str((condition or {}).get("lastTransitionTime") or ""))
