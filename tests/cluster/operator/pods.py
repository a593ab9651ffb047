# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller of StrimziPodSets: makes pods, replaces outdated ones one by one, waits until all are ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.cluster.operator.api import Api, ApiError, Object
from tests.cluster.operator.objects import LABEL, Component, owner_reference
from tests.cluster.operator.status import Waiting, is_news

_REVISION = f"{LABEL}revision"
_ROLL = f"{LABEL}manual-rolling-update"


def sync(
    api: Api, component: Component, wanted: Mapping[str, Sequence[Object]], annotations: Mapping[str, str] | None = None
) -> None:
    """:param wanted: name of a set to its pods.
    :param annotations: of the sets.
    """
    sets = {name: _apply_set(api, component, name, pods, annotations or {}) for name, pods in wanted.items()}
    every = {pod["metadata"]["name"]: _controlled(pod, sets[name]) for name, pods in wanted.items() for pod in pods}
    found = {pod["metadata"]["name"]: pod for pod in _found(api, component)}
    for name in found.keys() - every.keys():
        api.delete("Pod", component.namespace, name)
    for name in sorted(every.keys() - found.keys()):
        found[name] = _create(api, every[name])
    for name, pod_set in sets.items():
        _tell(api, pod_set, [found[pod["metadata"]["name"]] for pod in wanted[name]], every)
    _roll(api, component.namespace, found, every)
    for name in sorted(every):
        if not is_ready(found[name]):
            raise Waiting(_awaited(component.namespace, name))
    for name in found.keys() - every.keys():
        raise Waiting(f"Pods resource {name} in namespace {component.namespace} to be deleted")


def is_ready(pod: Object) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    is_there = "deletionTimestamp" not in pod["metadata"]
    return is_there and any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)


def _apply_set(
    api: Api, component: Component, name: str, pods: Sequence[Object], annotations: Mapping[str, str]
) -> Object:
    """Asked to roll by the set's annotation, it hands that on to the pods."""
    selector = {"matchLabels": component.selector}
    spec = {"selector": selector, "pods": list(pods)}
    applied = api.apply(component.object("StrimziPodSet", name, annotations=annotations, spec=spec))
    if applied["metadata"].get("annotations", {}).get(_ROLL) == "true":
        for pod in _found(api, component):
            if pod["metadata"]["labels"].get(f"{LABEL}controller-name") == name:
                api.patch(pod, {"metadata": {"annotations": {_ROLL: "true"}}})
        api.patch(applied, {"metadata": {"annotations": {_ROLL: None}}})
    return applied


def _controlled(pod: Object, pod_set: Object) -> Object:
    name = pod_set["metadata"]["name"]
    controlled = {f"{LABEL}controller": "strimzipodset", f"{LABEL}controller-name": name}
    metadata = {
        **pod["metadata"],
        "labels": {**pod["metadata"]["labels"], **controlled},
        "ownerReferences": [owner_reference(pod_set, controller=True)],
    }
    return {**pod, "metadata": metadata}


def _found(api: Api, component: Component) -> list[Object]:
    """Those of sets only: a build's pod is none of them."""
    labels = {"cluster": component.cluster, "name": component.name, "controller": "strimzipodset"}
    return [{**pod, "kind": "Pod"} for pod in api.list("Pod", component.namespace, **labels)]


def _create(api: Api, pod: Object) -> Object:
    try:
        return api.create(pod)
    except ApiError as error:
        # One of a cluster that was there before under the same name, and is still being collected.
        if error.code == 409:
            raise Waiting(_awaited(pod["metadata"]["namespace"], pod["metadata"]["name"])) from error
        raise


def _roll(api: Api, namespace: str, found: Mapping[str, Object], every: Mapping[str, Object]) -> None:
    """One at a time, those first that are not ready anyway; all others must be ready before a ready one goes."""
    for name in sorted(every, key=lambda name: (is_ready(found[name]), name)):
        if "deletionTimestamp" in found[name]["metadata"]:
            raise Waiting(_awaited(namespace, name))
        if _is_current(found[name], every[name]):
            continue
        others = [other for other in every if other != name and not is_ready(found[other])]
        if others and is_ready(found[name]):
            raise Waiting(_awaited(namespace, others[0]))
        api.delete("Pod", namespace, name)
        raise Waiting(_awaited(namespace, name))


def _is_current(found: Object, wanted: Object) -> bool:
    annotations = found["metadata"].get("annotations", {})
    if found.get("status", {}).get("phase") in {"Failed", "Succeeded"} or annotations.get(_ROLL) == "true":
        return False
    return bool(annotations.get(_REVISION) == wanted["metadata"]["annotations"][_REVISION])


def _tell(api: Api, pod_set: Object, pods: Sequence[Object], every: Mapping[str, Object]) -> None:
    told = {
        "observedGeneration": pod_set["metadata"]["generation"],
        "pods": len(pods),
        "readyPods": sum(is_ready(pod) for pod in pods),
        "currentPods": sum(_is_current(pod, every[pod["metadata"]["name"]]) for pod in pods),
    }
    if is_news(pod_set, told):
        api.patch(pod_set, {"status": told}, "status")


def _awaited(namespace: str, name: str) -> str:
    return f"Pods resource {name} in namespace {namespace} to be ready"
