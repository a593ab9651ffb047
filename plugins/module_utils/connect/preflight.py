# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds, before anything is changed, what Connect would refuse, and what it should refuse and does not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from ..errors import ApiError, InvalidInput, PipelineError
from .client import ConnectClient
from .parallel import in_parallel
from .plan import Change
from .secrets import Secrets
from .validation import FieldError, Validation, read_validation, unknown_class

_PLAIN_NAME = re.compile(r"[\w.\- ]*\w[\w.\- ]*", re.ASCII)


def check_names(client: ConnectClient, names: Iterable[str]) -> None:
    """:raises InvalidInput: for a name that can be created, but not asked for by its own URL."""
    for name in names:
        if _PLAIN_NAME.fullmatch(name):
            continue
        try:
            client.has_status(name)
        except PipelineError as error:
            raise InvalidInput(
                f"connector {name}: the worker can't be asked for a connector of this name: {error}",
                advice="Workers from Kafka 4.0 on refuse / and % in names. Choose another name.",
            ) from error


def check_changes(client: ConnectClient, changes: Sequence[Change], secrets: Secrets, *, validate: bool) -> list[str]:
    """What to warn of.

    :param validate: whether the worker is asked to validate each config that is to be sent.
    :raises InvalidInput: with all that is wrong with all of them.
    """
    for change in changes:
        if "created" in change.kinds and change.desired.config is None:
            raise InvalidInput(
                f"connector {change.name} does not exist, and it has no config to create it from.",
                advice="Give its config, or use state absent.",
            )
    _check_version(client, changes)
    configs = {change.name: change.desired.config for change in changes if change.sends_config()}
    sent = {name: config for name, config in configs.items() if config is not None}
    if not sent:
        return []
    plugins = client.list_plugins()
    errors = [error for name, config in sent.items() if (error := unknown_class(name, config, plugins))]
    warnings: list[str] = []
    if validate:
        refused = {error.connector for error in errors}
        known = {name: config for name, config in sent.items() if name not in refused}
        for name, validation in _validate(client, known).items():
            secrets.add_validation(validation)
            errors += validation.errors
            warnings += _warnings(name, known[name]["connector.class"], validation.unknown_keys)
    if errors:
        raise _refusal(errors)
    return warnings


def _check_version(client: ConnectClient, changes: Sequence[Change]) -> None:
    stopped = sorted(change.name for change in changes if change.desired.state == "stopped")
    if not stopped:
        return
    version = client.get_version()
    if version < (3, 5):
        raise InvalidInput(
            f"state stopped of {', '.join(stopped)} needs Kafka 3.5 or newer (KIP-875); the worker runs "
            f"{'.'.join(map(str, version))}.",
            advice="Use state paused, or upgrade the workers.",
        )


def _validate(client: ConnectClient, configs: Mapping[str, Mapping[str, str]]) -> dict[str, Validation]:
    def validate(item: tuple[str, Mapping[str, str]]) -> Validation:
        name, config = item
        try:
            answer = client.validate_config(config["connector.class"], {**config, "name": name})
        except ApiError as error:
            # The plug-in's own check broke: no field to name, and still no reason to keep the others' errors back.
            return Validation(errors=(FieldError(name, "config", (str(error),)),))
        return read_validation(name, config, answer)

    validations: dict[str, Validation] = {}
    for name, outcome in zip(configs, in_parallel(validate, configs.items()), strict=True):
        if isinstance(outcome, PipelineError):
            raise outcome
        validations[name] = outcome
    return validations


def _warnings(name: str, plugin: str, keys: Collection[str]) -> list[str]:
    return [
        f"connector {name}: {plugin} has no setting {key}. Connect takes it and ignores it: is it a typing error?"
        for key in keys
    ]


def _refusal(errors: Sequence[FieldError]) -> InvalidInput:
    connectors = len({error.connector for error in errors})
    return InvalidInput(
        f"Refused before anything was changed: {len(errors)} wrong setting(s) in {connectors} connector(s):\n"
        + "\n".join(f"- {error}" for error in errors),
        errors=[{"connector": one.connector, "field": one.field, "errors": list(one.errors)} for one in errors],
    )
