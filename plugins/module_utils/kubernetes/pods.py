# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pod is at, and what keeps it from running, in a line. Pure: an object of the API goes in, words come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Container(NamedTuple):
    """One life of a container: a restart is another one.

    :param state: waiting, running or terminated.
    """

    pod: str
    name: str
    restarts: int
    state: str


def containers(pod: Mapping[str, Any]) -> list[Container]:
    """Those that do the pod's work, as far as the node has told of them."""
    return [
        Container(name_of(pod), one["name"], one.get("restartCount", 0), next(iter(one.get("state") or {}), "waiting"))
        for one in pod.get("status", {}).get("containerStatuses") or ()
    ]


def name_of(pod: Mapping[str, Any]) -> str:
    return str(pod["metadata"]["name"])


def trouble(pod: Mapping[str, Any]) -> str:
    """Why it does not run, or did not end well: reason and message; "" when nothing is known to be wrong."""
    status = pod.get("status", {})
    for one in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]:
        if reason := _trouble_of(one):
            return f"container {one['name']}: {reason}"
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return said(condition, "Unschedulable")
    return said(status, "Failed") if status.get("phase") == "Failed" else ""


def _trouble_of(container: Mapping[str, Any]) -> str:
    state = container.get("state") or {}
    waiting, ended = state.get("waiting"), state.get("terminated")
    if waiting and waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
        return said(waiting, "waiting")
    if ended and ended.get("exitCode"):
        return f"{said(ended, 'Error')} (exit code {ended['exitCode']})"
    return ""


def said(thing: Mapping[str, Any], otherwise: str = "no reason given") -> str:
    """Reason and message, as statuses and conditions have them."""
    reason, message = thing.get("reason") or otherwise, " ".join(str(thing.get("message") or "").split())
    return f"{reason}: {message}" if message else str(reason)
