# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an object can't become ready: its reason, and what its pods, their events and their logs say. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..errors import NotReady, PipelineError
from .client import Cluster, Object
from .pods import name_of, trouble

_EVENTS = 5
_LOG_LINES = 15
_BUILD_POD = "openshift.io/build.pod-name"
_STRIMZI_WITH_PODS = ("Kafka", "KafkaBridge", "KafkaConnect", "KafkaMirrorMaker2")


class Wanted(NamedTuple):
    api_version: str
    kind: str
    namespace: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" + (f" in namespace {self.namespace}" if self.namespace else "")


def failure(to: Cluster, one: Wanted, reason: str, pods: Sequence[Object]) -> NotReady:
    """:param pods: of the object; those in trouble explain it."""
    bad = [pod for pod in [*pods, *_builders(to, one, reason)] if trouble(pod)]
    events = _events(to, one, bad)
    log = _log(to, bad[0]) if bad else []
    said = [f"pod {name_of(pod)}: {trouble(pod)}" for pod in bad if trouble(pod) not in reason]
    lines = [*said, *(f"event: {event}" for event in events), *(f"log: {line}" for line in log)]
    return NotReady(
        f"{one} can't become ready: {reason.rstrip('.')}.",
        advice="\n".join(["", *lines]) if lines else "See kubectl describe for it.",
        reason=reason,
        events=events,
        log=log,
    )


def pod_selector(thing: Object) -> str:
    """The labels of the pods that do an object's work, as kubectl takes them; "" when it has none. Pure."""
    kind, name = thing["kind"], thing["metadata"]["name"]
    if "strimzi.io" in thing["apiVersion"]:
        return f"strimzi.io/cluster={name},strimzi.io/kind={kind}" if kind in _STRIMZI_WITH_PODS else ""
    labels = (thing.get("spec") or {}).get("selector") or {}
    if kind in ("DaemonSet", "Deployment", "Job", "StatefulSet"):
        return ",".join(f"{label}={value}" for label, value in sorted((labels.get("matchLabels") or {}).items()))
    return ""


def _builders(to: Cluster, one: Wanted, reason: str) -> list[Object]:
    """On OpenShift, Strimzi has a Build make the image of a KafkaConnect, whose pod has none of Strimzi's labels."""
    if one.kind != "KafkaConnect" or "build failed" not in reason:
        return []
    labels = f"strimzi.io/cluster={one.name},strimzi.io/kind={one.kind}"
    try:
        builds = to.list("build.openshift.io/v1", "Build", one.namespace, label_selector=labels)
        newest = max(builds, key=lambda build: str(build["metadata"]["creationTimestamp"]))
        pod = to.get("v1", "Pod", one.namespace, newest["metadata"]["annotations"][_BUILD_POD])
    except (PipelineError, KeyError, ValueError):
        # No OpenShift, no right to look, no Build, or one that has no pod.
        return []
    return [pod] if pod else []


def _events(to: Cluster, one: Wanted, pods: Sequence[Object]) -> list[str]:
    """The newest of the object's and its pods', oldest first; none where they may not be read."""
    names = {one.name, *(name_of(pod) for pod in pods)}
    try:
        found = to.list("v1", "Event", one.namespace)
    except PipelineError:
        return []
    mine = [event for event in found if event["involvedObject"].get("name") in names and event.get("type") == "Warning"]
    mine.sort(key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""))
    texts = [f"{event.get('reason')}: {' '.join(str(event.get('message')).split())}" for event in mine]
    return list(dict.fromkeys(texts))[-_EVENTS:]


def _log(to: Cluster, pod: Object) -> list[str]:
    """What the container said that is in trouble: the life before, when it has begun another."""
    status = pod.get("status") or {}
    for one in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]:
        if not one.get("ready") and (one.get("restartCount") or (one.get("state") or {}).get("terminated")):
            return _last_words(to, pod, one["name"], has_restarted=bool(one.get("restartCount")))
    return []


def _last_words(to: Cluster, pod: Object, container: str, *, has_restarted: bool) -> list[str]:
    """A container may begin its next life between two questions: what was asked for is gone then, or still silent."""
    for previous in (True, False, True) if has_restarted else (False, True):
        namespace, name = pod["metadata"]["namespace"], name_of(pod)
        if text := to.pod_log(namespace, name, container, tail=_LOG_LINES, previous=previous):
            return text.splitlines()
    return []
