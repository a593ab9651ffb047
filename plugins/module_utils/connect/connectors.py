# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""connect_connectors: read, plan, check, change, wait, report. Each step is another file's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..errors import NotFound, PipelineError
from ..operation import Context, Operation, Result
from .apply import ChangesError, apply_changes, wait_for_states, wait_until_ready
from .client import ConnectClient
from .health import is_as_wanted
from .model import Connector
from .options import CONNECTION_RULES, CONNECTION_SPEC, connect_client, read_desired, read_purge_prefix
from .plan import Change, Desired, diff, masked_keys, plan
from .preflight import check_changes, check_names
from .secrets import Secrets

ARGUMENT_SPEC: Mapping[str, Any] = {
    **CONNECTION_SPEC,
    "connectors": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "config": {"type": "dict"},
            "state": {"type": "str", "choices": ["running", "paused", "stopped", "absent"], "default": "running"},
        },
    },
    "purge": {"type": "bool", "default": False},
    "purge_prefix": {"type": "str"},
    "validate_configs": {"type": "bool", "default": True},
    "restart_failed": {"type": "bool", "default": True},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 120},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    secrets = Secrets()
    try:
        return _reconcile(params, context, secrets)
    except PipelineError as error:
        # Without the cause: a log may show the chain, and only this error is without secrets.
        raise secrets.masked_error(error) from None


def _reconcile(params: Mapping[str, Any], context: Context, secrets: Secrets) -> Result:
    desired, prefix = read_desired(params), read_purge_prefix(params)
    secrets.add(one.config for one in desired if one.config is not None)
    client = connect_client(params)
    client.mask_with(secrets.masked_text)
    wait_until_ready(client, params["wait_timeout"], context.progress)
    check_names(client, [one.name for one in desired])
    actual = read_connectors(client, desired, prefix)
    changes = plan(desired, actual, purge_prefix=prefix, restart_failed=params["restart_failed"])
    _learn_secrets(client, secrets, desired, changes, actual)
    warnings = _warnings_of_masks(desired, actual)
    warnings += check_changes(client, changes, secrets, validate=params["validate_configs"])

    def result(done: Sequence[Change], seen: Mapping[str, Connector]) -> Result:
        report = {"changed": bool(done), "diff": diff(done, secrets.redact), "warnings": warnings}
        return {**report, "connectors": _report(desired, done, seen)}

    if context.check_mode:
        return result(changes, {**actual, **{change.name: change.predicted() for change in changes}})
    done: Sequence[Change] = ()
    try:
        done = apply_changes(client, changes, params["wait_timeout"])
        if params["wait"]:
            timeout, progress = params["wait_timeout"], context.progress
            return result(done, wait_for_states(client, desired, changes, actual, timeout=timeout, progress=progress))
        return result(done, read_connectors(client, desired, prefix) if done else actual)
    except PipelineError as error:
        done = error.done if isinstance(error, ChangesError) else done
        error.details = {**result(done, _last_seen(client, desired, actual)), **error.details}
        raise


def read_connectors(client: ConnectClient, desired: Sequence[Desired], prefix: str | None) -> dict[str, Connector]:
    """What the worker lists, and surely those of ``desired`` and those whose names begin with ``prefix``."""
    actual = client.list_connectors()
    names = {one.name for one in desired}
    if names <= actual.keys() and prefix is None:
        return actual
    for name in client.list_names() - actual.keys():
        # The expanded list leaves out a connector that no worker has taken yet.
        if name in names or (prefix is not None and name.startswith(prefix)):
            with suppress(NotFound):
                actual[name] = client.get_connector(name)
    return actual


def _last_seen(
    client: ConnectClient, desired: Sequence[Desired], actual: Mapping[str, Connector]
) -> Mapping[str, Connector]:
    """What is there after a failure; what was there before it, where even that can't be asked any more."""
    try:
        return read_connectors(client, desired, None)
    except PipelineError:
        return actual


def _learn_secrets(
    client: ConnectClient,
    secrets: Secrets,
    desired: Sequence[Desired],
    changes: Sequence[Change],
    actual: Mapping[str, Connector],
) -> None:
    """All that a message of this run could quote. A run that has nothing to do, and nothing to say, asks nothing."""
    listed = [(one, actual[one.name]) for one in desired if one.name in actual]
    secrets.add(connector.config for _one, connector in listed)
    secrets.add(change.actual.config for change in changes if change.actual)
    if changes or not all(is_as_wanted(connector, one.state) for one, connector in listed):
        secrets.ask(client)


def _warnings_of_masks(desired: Sequence[Desired], actual: Mapping[str, Connector]) -> list[str]:
    return [
        f"connector {one.name}: the worker masks {', '.join(keys)}, so a change there is not noticed."
        for one in desired
        if one.config is not None and one.name in actual and (keys := masked_keys(actual[one.name]))
    ]


def _report(
    desired: Sequence[Desired], changes: Sequence[Change], actual: Mapping[str, Connector]
) -> list[dict[str, Any]]:
    """The listed connectors, then those that were purged."""
    kinds = {change.name: list(change.kinds) for change in changes}
    names = dict.fromkeys([*(one.name for one in desired), *kinds])
    return [{"name": name, **_state(actual.get(name)), "changes": kinds.get(name, [])} for name in names]


def _state(connector: Connector | None) -> dict[str, Any]:
    if connector is None:
        return {"state": "ABSENT", "tasks": []}
    tasks = [{"id": task.id, "state": task.state, "worker_id": task.worker_id} for task in connector.tasks]
    return {"state": connector.state, "tasks": tasks}


def shown(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Which key is secret is known only once the worker was asked: no value of a config is shown before."""
    connectors = params.get("connectors")
    if not isinstance(connectors, list):
        return params
    hidden = [
        {**one, "config": dict.fromkeys(one["config"], "(not shown)")}
        if isinstance(one, dict) and isinstance(one.get("config"), dict)
        else {"name": one["name"]}
        if isinstance(one, dict) and "name" in one
        else "(not shown)"
        for one in connectors
    ]
    return {**params, "connectors": hidden}


OPERATION = Operation(
    ARGUMENT_SPEC, run, {**CONNECTION_RULES, "required_if": [("purge", True, ("purge_prefix",))]}, shown
)
