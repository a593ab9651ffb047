# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of fluentd_configmap: reads, plans, has Fluentd check, writes and rolls, tells what was done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput
from ..kubernetes.client import Object, cluster
from ..kubernetes.options import CONNECTION_RULES, CONNECTION_SPEC, LIBRARIES
from ..operation import Context, Operation, Result
from . import store
from .apply import Found, Target
from .backup import Backup
from .dry_run import Check
from .plan import File, after, changed_by_others, diff, refusals
from .rollout import Workload, configuration_of, is_on_delete

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "files": {
        "type": "list",
        "elements": "dict",
        "options": {
            "key": {"type": "str", "required": True, "no_log": False},
            "store": {"type": "str", "required": True},
        },
    },
    "workload": {
        "type": "dict",
        "required": True,
        "options": {
            "kind": {"type": "str", "choices": ["DaemonSet", "Deployment", "StatefulSet"], "default": "DaemonSet"},
            "name": {"type": "str", "required": True},
        },
    },
    "dry_run": {
        "type": "dict",
        "apply_defaults": True,
        "options": {
            "enabled": {"type": "bool", "default": True},
            "image": {"type": "str"},
            "command": {"type": "list", "elements": "str"},
        },
    },
    "min_ready_seconds": {"type": "float", "default": 10.0},
    "wait_timeout": {"type": "float", "default": 600.0},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    is_present = params["state"] == "present"
    files = [File(one["key"], one["store"]) for one in params["files"] or ()] if is_present else []
    if is_present and not files:
        raise InvalidInput("files is empty.", advice="With state absent the pipeline's part is taken out.")
    if reasons := refusals(files):
        raise InvalidInput(f"Nothing was changed: {'; '.join(reasons)}.", reasons=reasons)
    to = cluster(params)
    namespace, name = params["namespace"], params["name"]
    target = Target(
        cluster=to,
        namespace=namespace,
        name=name,
        files=files,
        backup=Backup(to, namespace, name),
        workload=Workload(to, namespace, params["workload"]["kind"], params["workload"]["name"]),
        min_ready=params["min_ready_seconds"],
        timeout=params["wait_timeout"],
        progress=context.progress,
    )
    option = params["dry_run"]
    check = Check(to, namespace, name, option["image"], option["command"])
    if is_present:
        return _put(target, check if option["enabled"] else None, context)
    return _take_out(target, check, context)


def _put(target: Target, check: Check | None, context: Context) -> Result:
    found, workload = target.read(), target.workload.read()
    if workload is None:
        raise InvalidInput(f"There is no {target.workload}.", advice="Name the one whose pods mount the ConfigMap.")
    rolls, checked = _is_to_roll(target, workload, found), False
    if not context.check_mode:
        if check is not None and rolls:
            data = after(found.data, found.changes)
            check.run(
                workload,
                found.config_map or {},
                data,
                hide=target.hide(found),
                timeout=target.timeout,
                progress=target.progress,
            )
            checked = True
        found = target.write(found)
        rolls = _is_to_roll(target, workload, found)
        target.roll(workload, found, rolls=rolls)
    warnings = [
        f"ConfigMap {target.name}: key {file.key} holds the same store outside the pipeline's markers too:"
        " each record goes out twice."
        for file in target.files
        if store.holds_beside(found.data.get(file.key), file.store)
    ]
    return {
        **_result(target, found, warnings),
        "changed": bool(found.changes) or rolls,
        "rolled": rolls and not context.check_mode,
        "checked": checked,
        "backup": target.backup.name,
    }


def _take_out(target: Target, check: Check, context: Context) -> Result:
    found, workload = target.read(), target.workload.read()
    rolls = workload is not None and _is_to_roll(target, workload, found)
    drops = found.kept is not None
    if not context.check_mode:
        found = target.write(found)
        if workload is not None and rolls:
            target.roll(workload, found, rolls=rolls)
        drops = check.sweep() or drops
        target.backup.remove()
    warnings = [
        f"ConfigMap {target.name}: others have changed key {key} since it was kept; it stays as they left it."
        for key in changed_by_others(found.data, found.kept or {})
    ]
    return {
        **_result(target, found, warnings),
        "changed": bool(found.changes) or rolls or drops,
        "rolled": rolls and not context.check_mode,
        "checked": False,
        "backup": "",
    }


def _is_to_roll(target: Target, workload: Object, found: Found) -> bool:
    """Whether pods have to be replaced that nobody replaces yet."""
    if found.changes or configuration_of(workload) != found.configuration:
        return True
    return is_on_delete(workload) and any(
        configuration_of(pod) != found.configuration for pod in target.workload.list_pods(workload)
    )


def _result(target: Target, found: Found, warnings: list[str]) -> Result:
    now = after(found.data, found.changes)
    keys = sorted({file.key for file in target.files} | set(found.changes))
    return {
        "keys": [
            {"key": key, "state": "present" if key in now else "absent", "changed": key in found.changes}
            for key in keys
        ],
        "configuration": found.configuration or "",
        "diff": diff(target.name, found.data, found.changes),
        "warnings": warnings,
    }


def shown(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A store may hold a shared key. It gets them unvalidated."""
    files = params.get("files")
    if not isinstance(files, list):
        return {**params, "files": "(not shown)"} if files else params
    masked = [
        {**one, "store": store.masked(str(one["store"]))} if isinstance(one, Mapping) and "store" in one else one
        for one in files
    ]
    return {**params, "files": masked}


OPERATION = Operation(
    argument_spec=ARGUMENT_SPEC,
    run=run,
    rules={**CONNECTION_RULES, "required_if": [("state", "present", ("files",))]},
    shown=shown,
    libraries=LIBRARIES,
)
