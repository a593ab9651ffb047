# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a build: waits for it, and says with its log's last lines why it failed. Starts none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import NotReady, PipelineError
from ..kubernetes.client import Cluster, Object, cluster
from ..kubernetes.conditions import judge
from ..kubernetes.pods import name_of, trouble
from ..kubernetes.watched import Collection, Watched
from ..operation import Context
from ..wait import wait_until
from .upload import BUILD_API

_LOG_LINES = 15
_LOOK_SECONDS = 2.0
_OF_CONFIG, _POD = "openshift.io/build-config.name", "openshift.io/build.pod-name"


def builds_of(to: Cluster, namespace: str, config: str) -> list[Object]:
    return to.list(BUILD_API, "Build", namespace, label_selector=f"{_OF_CONFIG}={config}")


def commit_of(build: Object) -> str:
    revision = (build.get("spec") or {}).get("revision") or {}
    return str((revision.get("git") or {}).get("commit", ""))


def wait_for(connection: Mapping[str, Any], namespace: str, name: str, *, timeout: float, context: Context) -> Object:
    """The build when it is complete.

    :raises NotReady: at once when it failed or is gone, with its log; or at the timeout.
    """
    to = cluster(connection)
    watched = Watched(to)
    mine = Collection(BUILD_API, "Build", namespace, field_selector=f"metadata.name={name}")
    what = f"Build {name} in namespace {namespace}"

    def look() -> tuple[Object | None, str]:
        build = watched.objects(mine).get(name)
        if build is None:
            raise NotReady(f"{what} is gone: somebody has deleted it.", advice="Run it again.", build=name)
        is_ready, failed, state, _since = judge(build)
        if failed:
            raise failure(to, build, failed)
        return (build, "") if is_ready else (None, state)

    try:
        watched.add([mine])
        return wait_until(
            look,
            what=f"{what} to be complete",
            timeout=timeout,
            interval=_LOOK_SECONDS,
            longest_interval=_LOOK_SECONDS,
            progress=context.progress,
            advice=f"See oc logs build/{name} -n {namespace}; oc cancel-build {name} ends it.",
            sleep=watched.wait,
        )
    finally:
        watched.close()


def failure(to: Cluster, build: Object, reason: str) -> NotReady:
    name, namespace = name_of(build), build["metadata"]["namespace"]
    pod = _pod(to, build)
    said = trouble(pod) if pod else ""
    log = (_log(to, pod) if pod else []) or str((build.get("status") or {}).get("logSnippet") or "").splitlines()
    lines = [f"pod {name_of(pod)}: {said}" if pod and said else "", *(f"log: {line}" for line in log)]
    return NotReady(
        f"Build {name} in namespace {namespace} can't be completed: {reason.rstrip('.')}. The image before it stays.",
        advice="\n".join(["", *filter(None, lines)]) if any(lines) else f"See oc describe build/{name} -n {namespace}.",
        reason=reason,
        build=name,
        log=log,
    )


def state_of(to: Cluster, build: Object) -> str:
    """In words, with what is wrong with its pod."""
    pod = _pod(to, build)
    said = trouble(pod) if pod else ""
    state = f"Build {name_of(build)}: {judge(build).state}"
    return f"{state}; pod {name_of(pod)}: {said}" if pod and said else state


def _pod(to: Cluster, build: Object) -> Object | None:
    about = build["metadata"]
    name = (about.get("annotations") or {}).get(_POD) or f"{about['name']}-build"
    try:
        return to.get("v1", "Pod", about["namespace"], name)
    except PipelineError:
        # Who may not see pods is told what the build says.
        return None


def _log(to: Cluster, pod: Object) -> list[str]:
    """Of the container that failed: the archive is unpacked in one before the one that builds."""
    status = pod.get("status") or {}
    begun = [
        one
        for one in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
        if {"running", "terminated"} & (one.get("state") or {}).keys()
    ]
    bad = [one for one in begun if ((one["state"] or {}).get("terminated") or {}).get("exitCode")]
    if not begun:
        return []
    container = (bad[:1] or begun[-1:])[0]["name"]
    return to.pod_log(pod["metadata"]["namespace"], name_of(pod), container, tail=_LOG_LINES).splitlines()
