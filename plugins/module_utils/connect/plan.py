# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is wanted and what is there to the changes between them, and their diff. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InvalidInput
from ..redact import is_secret
from .model import Connector

# What some hosted workers answer in place of a secret.
_MASK = re.compile(r"^(\*{4,}|\[hidden\])$", re.IGNORECASE)

Redact = Callable[
    [Mapping[str, str], Mapping[str, str] | None],  # pylint: disable=unsupported-binary-operation
    Mapping[str, Any],
]


@dataclass(frozen=True)
class Desired:
    """:param config: as Connect returns it, or None to leave it as it is.

    :param state: running, paused, stopped or absent.
    """

    name: str
    config: Mapping[str, str] | None
    state: str = "running"


@dataclass(frozen=True)
class Change:
    """What is to happen to one connector.

    :param kinds: created, config, state, deleted, restarted; what the result reports.
    :param actual: None where there is none yet.
    """

    desired: Desired
    actual: Connector | None
    kinds: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.desired.name

    def sends_config(self) -> bool:
        return "created" in self.kinds or "config" in self.kinds

    def config_after(self) -> Mapping[str, str]:
        if self.desired.config is not None:
            return self.desired.config
        return self.actual.config if self.actual else {}

    def predicted(self) -> Connector:
        """The connector as it is to be; tasks are Connect's to make, and are taken for what they are."""
        now = self.actual or Connector(self.name, {}, "")
        if self.desired.state == "absent":
            return replace(now, state="ABSENT", tasks=())
        state = self.desired.state.upper()
        stays_failed = "restarted" not in self.kinds
        tasks = tuple(
            task if task in now.failed_tasks and stays_failed else replace(task, state=state) for task in now.tasks
        )
        return replace(now, state=state, config=self.config_after(), tasks=() if state == "STOPPED" else tasks)


def normalize(name: str, config: Mapping[str, Any]) -> dict[str, str]:
    """A config as Connect returns it: strings, without the ``name`` that the server adds; a null is no key at all."""
    given = config.get("name")
    if given is not None and given != name:
        raise InvalidInput(
            f"connector {name}: its config has the name {given!r}.",
            advice="Leave name out of config, or make it equal.",
        )
    return {
        str(key): _text(name, str(key), value) for key, value in config.items() if key != "name" and value is not None
    }


def _text(name: str, key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, (list, tuple)) and all(isinstance(item, (str, int, float)) for item in value):
        return ",".join(_text(name, key, item) for item in value)
    raise InvalidInput(
        f"connector {name}: the value of {key} is a {type(value).__name__}.",
        advice="Connect's values are strings: give a scalar, or a list of scalars, which is joined with commas.",
    )


def plan(
    desired: Sequence[Desired],
    actual: Mapping[str, Connector],
    *,
    purge_prefix: str | None = None,
    restart_failed: bool = True,
) -> list[Change]:
    """The changes, in the order of ``desired``, then what is purged, by name. Nothing to change: an empty list.

    :param purge_prefix: connectors that are not in ``desired`` and whose names begin with it are deleted; None: none.
    """
    wanted = list(desired)
    if purge_prefix is not None:
        listed = {one.name for one in desired}
        wanted += [
            Desired(name, None, "absent")
            for name in sorted(actual)
            if name.startswith(purge_prefix) and name not in listed
        ]
    changes = [Change(one, actual.get(one.name), _kinds(one, actual.get(one.name), restart_failed)) for one in wanted]
    return [change for change in changes if change.kinds]


def _kinds(desired: Desired, actual: Connector | None, restart_failed: bool) -> tuple[str, ...]:
    if desired.state == "absent":
        return ("deleted",) if actual else ()
    if actual is None:
        return ("created",)
    kinds = []
    if desired.config is not None and not is_same_config(desired.config, actual.config):
        kinds.append("config")
    if needs_state(desired.state, actual):
        kinds.append("state")
    # A stopped connector has no tasks; stopping is what ends the failure there.
    if restart_failed and actual.has_failed and desired.state != "stopped":
        kinds.append("restarted")
    return tuple(kinds)


def is_same_config(desired: Mapping[str, str], actual: Mapping[str, str]) -> bool:
    """A secret that the server masks can't be compared: it counts as the same, or every run would be a change."""
    return desired.keys() == actual.keys() and all(
        desired[key] == actual[key] or (is_secret(key, desired[key]) and _MASK.match(actual[key])) for key in desired
    )


def masked_keys(actual: Connector) -> list[str]:
    return sorted(key for key, value in actual.config.items() if is_secret(key, value) and _MASK.match(value))


def needs_state(state: str, actual: Connector) -> bool:
    """REST shows the state that is reached, not the one aimed at: FAILED or UNASSIGNED is no reason to resume."""
    if state == "running":
        return actual.state in ("PAUSED", "STOPPED")
    return actual.state != state.upper()


def diff(changes: Sequence[Change], redact: Redact) -> dict[str, Any]:
    """The connectors that change, before and after. ``redact`` hides the secrets of a config."""
    before = {change.name: _shown(change.actual, redact, None) for change in changes if change.actual}
    after = {
        change.name: _shown(change.predicted(), redact, change.actual)
        for change in changes
        if change.desired.state != "absent"
    }
    return {"before": before, "after": after}


def _shown(connector: Connector, redact: Redact, other: Connector | None) -> dict[str, Any]:
    return {
        "state": connector.state,
        "failed_tasks": [task.id for task in connector.failed_tasks],
        "config": dict(redact(connector.config, other.config if other else None)),
    }
