# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of kubernetes_objects_absent: deletes what carries the labels given, and waits until it is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InvalidInput, NotReady
from ..operation import Context, Operation, Result
from .client import Cluster, UnknownKind, cluster
from .diagnosis import Wanted
from .object_info import Waiting
from .options import CONNECTION_RULES, CONNECTION_SPEC, LIBRARIES
from .watched import Watched

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    "kinds": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "api_version": {"type": "str", "required": True},
            "kind": {"type": "str", "required": True},
        },
    },
    "namespace": {"type": "str"},
    "names": {"type": "list", "elements": "str"},
    "labels": {"type": "dict", "required": True},
    "wait_timeout": {"type": "float", "default": 180.0},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    if not params["labels"]:
        raise InvalidInput("labels is empty.", advice="Name the labels of what is to be deleted: only that ever is.")
    to = cluster(params)
    found = _labelled(to, params)
    shown = [str(one) for one in found]
    if found and not context.check_mode:
        for one in found:
            to.delete(*one)
        _wait(to, found, params["wait_timeout"], context)
    return {"changed": bool(found), "deleted": shown, "diff": {"before": {"objects": shown}, "after": {"objects": []}}}


def _labelled(to: Cluster, params: Mapping[str, Any]) -> list[Wanted]:
    """In the order of the kinds. Of a kind that the cluster does not serve, there is none."""
    selector = ",".join(f"{name}={value}" for name, value in params["labels"].items())
    found = []
    for one in params["kinds"]:
        api_version, kind = one["api_version"], one["kind"]
        try:
            things = to.list(api_version, kind, params["namespace"], label_selector=selector)
        except UnknownKind:
            continue
        for thing in things:
            about = thing["metadata"]
            if params["names"] is None or about["name"] in params["names"]:
                found.append(Wanted(api_version, kind, about.get("namespace"), about["name"]))
    return found


def _wait(to: Cluster, found: Sequence[Wanted], timeout: float, context: Context) -> None:
    watched = Watched(to)
    try:
        Waiting(to, watched, found, {"wait_timeout": timeout, "patience": timeout}).until_absent(context)
    except NotReady as error:
        raise NotReady(
            error.message,
            advice="What holds an object is a finalizer, which its operator takes away when it has done its part: see "
            "whether that operator runs. Where it will not come back, take the finalizer out of the object by hand.",
            **error.details,
        ) from error
    finally:
        watched.close()


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules=CONNECTION_RULES, libraries=LIBRARIES)
