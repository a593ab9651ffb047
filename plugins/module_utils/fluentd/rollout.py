# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has every pod of a workload start anew with the configuration that its ConfigMap has now.

The pod template's annotation names the configuration, and a pod has its template's annotations: so each pod tells which
one it was started with. What the next step is, is decided by a pure function of the objects.

Without a readiness probe a pod is ready as soon as its process has begun, also when that ends a moment later: it counts
once it was seen to run for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from ..errors import NotReady
from ..kubernetes.client import Cluster, Object
from ..kubernetes.conditions import judge
from ..kubernetes.diagnosis import pod_selector
from ..kubernetes.pods import name_of, trouble
from ..wait import wait_until

ANNOTATION = "loggy.pipeline/configuration"
_LOG_LINES = 20
#: A container that waits for one of these does not get any further with this configuration or image.
_HOPELESS = {
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "RunContainerError",
}


@dataclass(frozen=True)
class Step:
    """:param delete: the pod to delete now; :param failed: why it can't get any further; :param state: in words."""

    done: bool = False
    delete: str = ""
    failed: str = ""
    state: str = ""


@dataclass(frozen=True)
class Words:
    """What a pod that does not run says."""

    pod: str
    reason: str
    log: Sequence[str]


@dataclass(frozen=True)
class Workload:
    cluster: Cluster
    namespace: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} in namespace {self.namespace}"

    def read(self) -> Object | None:
        return self.cluster.get("apps/v1", self.kind, self.namespace, self.name)

    def list_pods(self, workload: Object) -> list[Object]:
        """Those that it runs, without what is left of evicted ones."""
        found = self.cluster.list("v1", "Pod", self.namespace, label_selector=pod_selector(workload))
        return [pod for pod in found if _is_owned(pod, workload) and _phase(pod) not in ("Failed", "Succeeded")]

    def annotate(self, configuration: str | None) -> None:
        """Where that changes the template, its controller replaces the pods, unless it does so OnDelete."""
        template = {"metadata": {"annotations": {ANNOTATION: configuration}}}
        self.cluster.patch("apps/v1", self.kind, self.namespace, self.name, {"spec": {"template": template}})

    def wait(
        self,
        configuration: str | None,
        *,
        min_ready: float,
        stale: Collection[str] = (),
        timeout: float,
        progress: Callable[[str], None] | None = None,
    ) -> bool:
        """Until each pod runs with the configuration. Deletes the others one by one where nothing else does.

        :param min_ready: seconds that a pod without a readiness probe has to be seen running in one life.
        :param stale: uids of pods that have to go although their annotation is right.
        :returns: whether a pod was deleted.
        :raises NotReady: at the timeout; at once when a new pod can't run.
        """
        deleted: list[str] = []
        lives = _Lives(min_ready)

        def look() -> tuple[bool | None, str]:
            workload = self.read()
            if workload is None:
                raise NotReady(f"{self} is gone.")
            pods = self.list_pods(workload)
            step = next_step(workload, pods, configuration, stale, lives.unsettled(pods))
            if step.failed:
                raise NotReady(f"{self}: {step.failed}.", reason=step.failed)
            if step.delete:
                deleted.append(step.delete)
                self.cluster.delete("v1", "Pod", self.namespace, step.delete)
            return (True, "") if step.done else (None, step.state)

        wait_until(look, what=f"the pods of {self}", timeout=timeout, progress=progress)
        return bool(deleted)

    def last_words(self, configuration: str | None) -> Words | None:
        """Of the first pod with this configuration that is not ready, or was begun anew."""
        workload = self.read()
        pods = [] if workload is None else self.list_pods(workload)
        for pod in sorted(pods, key=_is_ready):
            container, restarts = _container_in_trouble(pod)
            if configuration_of(pod) == configuration and (restarts or not _is_ready(pod)):
                log = ""
                if restarts:
                    log = self.cluster.pod_log(self.namespace, name_of(pod), container, tail=_LOG_LINES, previous=True)
                log = log or self.cluster.pod_log(self.namespace, name_of(pod), container, tail=_LOG_LINES)
                otherwise = f"container {container} was begun anew" if _is_ready(pod) else "it is not ready"
                return Words(name_of(pod), trouble(pod) or otherwise, log.splitlines()[-_LOG_LINES:])
        return None


@dataclass
class _Lives:
    """When each pod was first seen running in the life that it has now."""

    min_ready: float
    since: dict[tuple[str, int], float] = field(default_factory=dict)

    def unsettled(self, pods: Sequence[Object]) -> frozenset[str]:
        """The uids of those that are ready only because nothing asks them, and have not been for long."""
        now = monotonic()
        lives = {_uid(pod): _life(pod) for pod in pods if _is_ready(pod) and not _is_probed(pod)}
        self.since = {life: self.since.get(life, now) for life in lives.values()}
        return frozenset(uid for uid, life in lives.items() if now - self.since[life] < self.min_ready)


def next_step(
    workload: Object,
    pods: Sequence[Object],
    configuration: str | None,
    stale: Collection[str],
    unsettled: Collection[str],
) -> Step:
    """:param pods: the workload's, those that are being deleted too.
    :param unsettled: uids of pods that are ready, which says nothing yet.
    """
    alive = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    new = [pod for pod in alive if configuration_of(pod) == configuration and _uid(pod) not in stale]
    old = [pod for pod in alive if pod not in new]
    for pod in new:
        if is_hopeless(pod):
            return Step(failed=f"pod {name_of(pod)} does not run: {trouble(pod)}")
    judgement = judge(workload)
    fresh = sum(_uid(pod) in unsettled for pod in new)
    if judgement.ready and not old and not fresh:
        return Step(done=True)
    ready = sum(map(_is_ready, new))
    state = f"{ready} of {len(alive)} pods run with the configuration; {judgement.state}"
    if fresh:
        state = f"{state}; without a readiness probe, and only just begun: {fresh}"
    # A StatefulSet does not replace a pod that never became ready, whatever its template says by then.
    stuck = [pod for pod in old if not _is_ready(pod)] if workload["kind"] == "StatefulSet" else []
    is_complete = len(alive) == len(pods) and len(alive) >= _desired(workload) and ready == len(new)
    # The first of them shows whether the configuration can be used; the others do not have to wait for each other.
    is_tried = not new or fresh < len(new)
    if stuck or (old and is_complete and is_tried and (stale or is_on_delete(workload))):
        return Step(delete=name_of((stuck or old)[0]), state=state)
    return Step(state=state)


def configuration_of(thing: Mapping[str, Any]) -> str | None:
    """Of a pod, or of the template of a workload."""
    template = (thing.get("spec") or {}).get("template") or thing
    found = ((template.get("metadata") or {}).get("annotations") or {}).get(ANNOTATION)
    return None if found is None else str(found)


def is_on_delete(workload: Object) -> bool:
    return ((workload["spec"].get("updateStrategy") or {}).get("type")) == "OnDelete"


def is_hopeless(pod: Object) -> bool:
    return any(((one.get("state") or {}).get("waiting") or {}).get("reason") in _HOPELESS for one in _statuses(pod))


def uids(pods: Sequence[Object]) -> frozenset[str]:
    return frozenset(_uid(pod) for pod in pods)


def _container_in_trouble(pod: Object) -> tuple[str, int]:
    """Its name and restarts; the first that is not ready, or else the first that was begun anew."""
    for one in _statuses(pod):
        ended = (one.get("state") or {}).get("terminated") or {}
        if not one.get("ready") and (not ended or ended.get("exitCode")):
            return str(one["name"]), int(one.get("restartCount") or 0)
    for one in _statuses(pod):
        if one.get("restartCount"):
            return str(one["name"]), int(one["restartCount"])
    return str(pod["spec"]["containers"][0]["name"]), 0


def _is_owned(pod: Object, workload: Object) -> bool:
    """A selector says too little to delete pods by: a Deployment's pods belong to its ReplicaSets."""
    kind, name = workload["kind"], workload["metadata"]["name"]
    for owner in pod["metadata"].get("ownerReferences") or ():
        if owner["kind"] == kind and owner["name"] == name:
            return True
        if kind == "Deployment" and owner["kind"] == "ReplicaSet" and owner["name"].rpartition("-")[0] == name:
            return True
    return False


def _desired(workload: Object) -> int:
    if workload["kind"] == "DaemonSet":
        return int((workload.get("status") or {}).get("desiredNumberScheduled", 0))
    return int(workload["spec"].get("replicas", 1))


def _is_ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _is_probed(pod: Object) -> bool:
    return all(one.get("readinessProbe") for one in pod["spec"]["containers"])


def _life(pod: Object) -> tuple[str, int]:
    return _uid(pod), sum(int(one.get("restartCount") or 0) for one in _statuses(pod))


def _statuses(pod: Object) -> list[Mapping[str, Any]]:
    status = pod.get("status") or {}
    return [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]


def _phase(pod: Object) -> str:
    return str((pod.get("status") or {}).get("phase", ""))


def _uid(pod: Object) -> str:
    return str(pod["metadata"].get("uid", ""))
