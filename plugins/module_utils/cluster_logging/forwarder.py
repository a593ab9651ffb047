# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of cluster_log_forwarder: reads, plans, writes, has the operator judge it, tells what was done."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from ..errors import InvalidInput
from ..kubernetes.client import Cluster, cluster
from ..kubernetes.options import CONNECTION_RULES, CONNECTION_SPEC, LIBRARIES
from ..operation import Context, Operation, Result
from .apply import KIND, Found, Target
from .mark import LISTS, Mark, Replaces, mark_of
from .plan import Declared, Planned, diff, refusals

#: As they are preferred: a cluster that was upgraded may serve both.
API_VERSIONS = ("observability.openshift.io/v1", "logging.openshift.io/v1")
_ITEMS = {"type": "list", "elements": "dict", "default": []}

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "api_version": {"type": "str", "choices": list(API_VERSIONS)},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "inputs": _ITEMS,
    "outputs": _ITEMS,
    "pipelines": _ITEMS,
    "replaces": {
        "type": "dict",
        "options": {
            "inputs": {"type": "list", "elements": "str", "required": True},
            "outputs": {"type": "list", "elements": "str", "required": True},
            "input": {"type": "dict", "required": True},
        },
    },
    "service_account": {"type": "str", "default": ""},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 300.0},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    declared = _declared(params) if params["state"] == "present" else None
    with closing(cluster(params)) as to:
        return _run(to, params, declared, context)


def _run(to: Cluster, params: Mapping[str, Any], declared: Declared | None, context: Context) -> Result:
    is_present = declared is not None
    api_version = params["api_version"] or _api_version(to, params["namespace"], params["name"], is_present)
    if not api_version:
        return _result(Found(None, Planned({}, None), {}), "", [], diffed=[])
    target = Target(
        cluster=to,
        api_version=api_version,
        namespace=params["namespace"],
        name=params["name"],
        declared=declared,
        service_account=params["service_account"],
        timeout=params["wait_timeout"],
        progress=context.progress,
    )
    found = target.read()
    if not context.check_mode:
        found = target.write(found)
        if params["wait"] and not _is_unmanaged(found):
            target.wait(found)
    diffed = diff(target.name, found.spec, found.planned.spec)
    return _result(found, api_version, _warnings(found, target), diffed=diffed)


def _declared(params: Mapping[str, Any]) -> Declared:
    given = params["replaces"]
    replaces = None if given is None else Replaces(given["inputs"], given["outputs"], given["input"])
    declared = Declared({kind: params[kind] for kind in LISTS}, replaces)
    reasons = refusals(declared)
    if not declared.items["outputs"] or not declared.items["pipelines"]:
        reasons.append("it takes an output and a pipeline at least")
    if reasons:
        raise InvalidInput(f"Nothing was changed: {'; '.join(reasons)}.", reasons=reasons)
    return declared


def _api_version(to: Cluster, namespace: str, name: str, is_present: bool) -> str:
    """The one that the cluster serves; of two, that of the forwarder that is there. Empty: there is none to take out.

    :raises InvalidInput: OpenShift Logging is not there.
    """
    served = [one for one in API_VERSIONS if KIND in to.served(one)]
    found = {one: forwarder for one in served if (forwarder := to.get(one, KIND, namespace, name)) is not None}
    if not is_present:
        return next((one for one, forwarder in found.items() if mark_of(forwarder) is not None), "")
    if not served:
        raise InvalidInput(
            f"{to.url} serves no {KIND}, neither of {API_VERSIONS[0]} nor of {API_VERSIONS[1]}.",
            advice="Have an administrator install the operator of OpenShift Logging.",
        )
    return next(iter(found), served[0])


def _is_unmanaged(found: Found) -> bool:
    return found.spec.get("managementState") == "Unmanaged"


def _warnings(found: Found, target: Target) -> list[str]:
    warnings = []
    if _is_unmanaged(found):
        warnings.append(f"{target}: its managementState is Unmanaged, so that the operator does nothing with a change.")
    mark = found.planned.mark
    if mark is not None and mark.replaces is not None and not mark.replaced:
        warnings.append(
            f"{target}: no pipeline sends {' or '.join(mark.replaces.inputs)} to {' or '.join(mark.replaces.outputs)}:"
            " there was nothing to take off the direct store."
        )
    gone = found.mark
    if target.declared is None and gone is not None and gone.created and not found.drops:
        warnings.append(f"{target}: the pipeline had made it, and others use it by now; it stays.")
    return warnings


def _result(found: Found, api_version: str, warnings: list[str], *, diffed: list[dict[str, Any]]) -> Result:
    mark = found.planned.mark or Mark()
    return {
        "changed": found.changed,
        "api_version": api_version,
        **{kind: list(mark.names.get(kind, ())) for kind in LISTS},
        "replaced": [one.name for one in mark.replaced],
        "created": mark.created,
        "diff": diffed,
        "warnings": warnings,
    }


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules=CONNECTION_RULES, libraries=LIBRARIES)
