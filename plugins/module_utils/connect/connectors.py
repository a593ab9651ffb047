# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""connect_connectors: reads, plans, validates everything, changes in parallel, waits. Each step is another file's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ApiError, InvalidInput, PipelineError
from ..operation import Context, Operation, Result
from .apply import Settling, change_connector, check_versions, wait_for_states
from .client import ConnectClient
from .model import Connector
from .options import CONNECTION_RULES, CONNECTION_SPEC, connect_client
from .parallel import in_parallel
from .plan import Change, Desired, diff, masked_keys, normalize, plan, state_after
from .secrets import Secrets
from .validation import FieldError, Validation, read_validation, unknown_class

_PLAIN_NAME = re.compile(r"[\w.\- ]+", re.ASCII)

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
        return _Reconciliation(params, context, secrets).run()
    except PipelineError as error:
        raise secrets.masked_error(error) from None


class _Reconciliation:
    """One run. What it has found out so far is in its fields, so that an error can tell it."""

    def __init__(self, params: Mapping[str, Any], context: Context, secrets: Secrets) -> None:
        self._params = params
        self._context = context
        self._secrets = secrets
        self._desired = read_desired(params["connectors"])
        self._purge_prefix = _purge_prefix(params)
        for one in self._desired:
            secrets.add_config(one.config or {})
        self._client = connect_client(params)
        self._warnings: list[str] = []

    def run(self) -> Result:
        actual = self._read()
        changes = plan(
            self._desired,
            actual,
            purge_prefix=self._purge_prefix,
            restart_failed=self._params["restart_failed"],
        )
        self._warn_of_masks(actual)
        self._check(changes)
        self._secrets.ask(self._client, _configs_to_show(changes))
        result = {"changed": bool(changes), "diff": diff(changes, self._secrets.redact), "warnings": self._warnings}
        if self._context.check_mode:
            return {**result, "connectors": self._report(changes, actual, predicted=True)}
        try:
            changes, actual = self._apply(changes, actual)
        except PipelineError as error:
            error.details = {**result, **error.details}
            raise
        result["changed"] = bool(changes)
        return {**result, "connectors": self._report(changes, actual)}

    def _read(self) -> dict[str, Connector]:
        self._client.check_ready()
        _check_names(self._client, self._desired)
        actual = self._client.list_connectors()
        wanted = {one.name for one in self._desired}
        if self._purge_prefix is not None or not wanted <= actual.keys():
            # The expanded list leaves out a connector that no worker has taken yet.
            for name in self._client.list_names() - actual.keys():
                if name in wanted or (self._purge_prefix is not None and name.startswith(self._purge_prefix)):
                    actual[name] = self._client.get_connector(name)
        for connector in actual.values():
            if connector.name in wanted:
                self._secrets.add_config(connector.config)
        return actual

    def _check(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if "created" in change.kinds and change.desired.config is None:
                raise InvalidInput(
                    f"connector {change.name} does not exist, and it has no config to create it from.",
                    advice="Give its config, or use state absent.",
                )
        if any(change.desired.state in ("paused", "stopped") for change in changes):
            self._version = self._client.get_version()
            check_versions([change.desired for change in changes], self._version)
        else:
            self._version = ()
        configs = {
            change.name: change.desired.config
            for change in changes
            if change.desired.config is not None and {"created", "config"} & set(change.kinds)
        }
        if configs:
            self._validate(configs)

    def _validate(self, configs: Mapping[str, Mapping[str, str]]) -> None:
        plugins = self._client.list_plugins()
        errors = [error for name, config in configs.items() if (error := unknown_class(name, config, plugins))]
        if self._params["validate_configs"]:
            known = {
                name: config for name, config in configs.items() if name not in {error.connector for error in errors}
            }
            errors += self._validate_on_worker(known)
        if errors:
            raise _refusal(errors)

    def _validate_on_worker(self, configs: Mapping[str, Mapping[str, str]]) -> list[FieldError]:
        def validate(item: tuple[str, Mapping[str, str]]) -> Validation:
            name, config = item
            plugin = config["connector.class"]
            try:
                answer = self._client.validate_config(plugin, {**config, "name": name})
            except ApiError as error:
                return Validation(errors=(FieldError(name, "config", (str(error),)),))
            return read_validation(name, config, answer)

        errors: list[FieldError] = []
        for (name, config), validation in zip(configs.items(), in_parallel(validate, configs.items()), strict=True):
            if isinstance(validation, PipelineError):
                raise validation
            self._secrets.add_validation(config["connector.class"], validation)
            errors += validation.errors
            self._warnings += [
                f"connector {name}: {config['connector.class']} has no setting {key}. Connect takes it and ignores it: "
                "is it a typing error?"
                for key in validation.unknown_keys
            ]
        return errors

    def _warn_of_masks(self, actual: Mapping[str, Connector]) -> None:
        for one in self._desired:
            keys = masked_keys(actual[one.name]) if one.config is not None and one.name in actual else []
            if keys:
                self._warnings.append(
                    f"connector {one.name}: the worker masks {', '.join(keys)}: a change there is not noticed."
                )

    def _apply(
        self, changes: Sequence[Change], actual: dict[str, Connector]
    ) -> tuple[list[Change], dict[str, Connector]]:
        timeout = self._params["wait_timeout"]
        outcomes = in_parallel(
            lambda change: change_connector(self._client, change, self._version, timeout), list(changes)
        )
        errors = [
            (change, one) for change, one in zip(changes, outcomes, strict=True) if isinstance(one, PipelineError)
        ]
        done = [
            change for change, one in zip(changes, outcomes, strict=True) if one and not isinstance(one, PipelineError)
        ]
        if errors:
            raise self._failed(errors, done)
        if not self._params["wait"]:
            return done, self._client.list_connectors() if done else actual
        gone = [change.desired for change in changes if change.desired.state == "absent"]
        settling = Settling([*(one for one in self._desired if one.state != "absent"), *gone], changes)
        if not changes and not settling.look(actual, lambda name: True):
            return done, actual
        try:
            return done, wait_for_states(self._client, settling, timeout, self._context.progress)
        except PipelineError as error:
            error.details.update(connectors=self._report(done, self._client.list_connectors()))
            raise

    def _failed(self, errors: Sequence[tuple[Change, PipelineError]], done: Sequence[Change]) -> PipelineError:
        lines = "\n".join(f"- {change.name} ({', '.join(change.kinds)}): {error}" for change, error in errors)
        return PipelineError(
            f"{len(errors)} of {len(errors) + len(done)} connectors could not be changed:\n{lines}",
            changed=bool(done),
            connectors=self._report(done, self._client.list_connectors()),
        )

    def _report(
        self, changes: Sequence[Change], actual: Mapping[str, Connector], *, predicted: bool = False
    ) -> list[dict[str, Any]]:
        by_name = {change.name: change for change in changes}
        names = [one.name for one in self._desired]
        names += [change.name for change in changes if change.name not in names]
        return [_reported(name, by_name.get(name), actual.get(name), predicted) for name in names]


def read_desired(connectors: Sequence[Mapping[str, Any]]) -> list[Desired]:
    """:raises InvalidInput: for names that Connect would change or mix up."""
    desired: list[Desired] = []
    for one in connectors:
        name = one["name"]
        if not name or name != name.strip() or not name.isprintable():
            raise InvalidInput(
                f"connectors: {name!r} is no name for a connector: it is empty, or has blanks around it."
            )
        if any(other.name == name for other in desired):
            raise InvalidInput(f"connectors: {name} is listed twice.", advice="Give each connector once.")
        config = normalize(name, one["config"]) if one.get("config") is not None else None
        desired.append(Desired(name, config, one["state"]))
    return desired


def _purge_prefix(params: Mapping[str, Any]) -> str | None:
    if not params["purge"]:
        return None
    prefix: str = params["purge_prefix"] or ""
    if not prefix:
        raise InvalidInput(
            "purge needs a purge_prefix that is not empty.",
            advice="Only connectors whose names begin with it are ever purged.",
        )
    return prefix


def _check_names(client: ConnectClient, desired: Sequence[Desired]) -> None:
    for one in desired:
        if _PLAIN_NAME.fullmatch(one.name):
            continue
        try:
            client.has_status(one.name)
        except PipelineError as error:
            raise InvalidInput(
                f"connector {one.name}: the worker can't be asked for a connector of this name ({error})",
                advice="Workers from Kafka 4.0 on refuse / and % in names (Jetty 12). Choose another name.",
            ) from error


def _refusal(errors: Sequence[FieldError]) -> InvalidInput:
    connectors = len({error.connector for error in errors})
    return InvalidInput(
        f"The worker refuses {len(errors)} settings of {connectors} connectors; nothing was changed:\n"
        + "\n".join(f"- {error}" for error in errors),
        errors=[{"connector": one.connector, "field": one.field, "errors": list(one.errors)} for one in errors],
    )


def _configs_to_show(changes: Sequence[Change]) -> list[Mapping[str, str]]:
    configs = [change.actual.config for change in changes if change.actual]
    return configs + [change.desired.config for change in changes if change.desired.config is not None]


def _reported(name: str, change: Change | None, actual: Connector | None, predicted: bool) -> dict[str, Any]:
    tasks = [
        {"id": task.id, "state": task.state, "worker_id": task.worker_id} for task in (actual.tasks if actual else ())
    ]
    if predicted and change:
        return {"name": name, "state": state_after(change), "tasks": tasks, "changes": list(change.kinds)}
    state = actual.state if actual else "ABSENT"
    return {"name": name, "state": state, "tasks": tasks, "changes": list(change.kinds) if change else []}


OPERATION = Operation(ARGUMENT_SPEC, run, {**CONNECTION_RULES, "required_if": [("purge", True, ("purge_prefix",))]})
