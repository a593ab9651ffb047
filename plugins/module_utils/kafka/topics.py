# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of kafka_topic: reads, plans, has the broker validate, changes, waits until the cluster shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..errors import InvalidInput
from ..operation import Context, Operation, Result
from ..wait import wait_until
from . import options
from .client import admin_client
from .plan import Change, Declared, Topic, after, plan, refusals
from .topics_client import Topics

ARGUMENT_SPEC: dict[str, Any] = {
    **options.ARGUMENT_SPEC,
    "topics": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "partitions": {"type": "int"},
            "replication_factor": {"type": "int"},
            "config": {"type": "dict"},
            "config_exact": {"type": "bool", "default": False},
        },
    },
    "wait_timeout": {"type": "float", "default": 60.0},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    to = options.connection(params)
    declared = [_declared(topic) for topic in params["topics"]]
    with admin_client(to) as admin:
        topics = Topics(admin, to)
        return _reconcile(topics, declared, params["wait_timeout"], context)


def _declared(params: Mapping[str, Any]) -> Declared:
    config = params["config"]
    for option in ("partitions", "replication_factor"):
        if params[option] is not None and params[option] < 1:
            raise InvalidInput(f"topic {params['name']}: {option} is {params[option]}; it must be at least 1.")
    if params["config_exact"] and config is None:
        raise InvalidInput(
            f"topic {params['name']}: config_exact needs config.", advice="An empty config removes every override."
        )
    texts = None if config is None else {str(key): _config_text(value) for key, value in config.items()}
    names = ("name", "state", "partitions", "replication_factor", "config_exact")
    return Declared(config=texts, **{name: params[name] for name in names})


def _config_text(value: Any) -> str | None:
    """A config value as Kafka writes it: true, 604800000, delete,compact."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ",".join(str(item) for item in value)
    return None if value is None else str(value)


def _reconcile(topics: Topics, declared: Sequence[Declared], wait_timeout: float, context: Context) -> Result:
    names = list(dict.fromkeys(want.name for want in declared))
    before, _leaderless = topics.get(names)
    if reasons := refusals(before, declared):
        raise InvalidInput(f"Nothing was changed: {'; '.join(reasons)}.", reasons=reasons)
    changes = plan(before, declared)
    # The broker judges everything before anything is changed, and tells the defaults that new topics will get.
    created = _apply(topics, changes, validate_only=True)
    wanted = after(before, changes, created)
    if not context.check_mode:
        topics.delete(change.name for change in changes if change.delete)
        _apply(topics, changes, validate_only=False)
        wanted = _wait(topics, names, wanted, wait_timeout, context)
    return {
        "changed": bool(changes),
        "topics": [_shown(name, wanted.get(name), changes) for name in names],
        "diff": {"before": _diff_side(before, changes), "after": _diff_side(wanted, changes)},
    }


def _apply(topics: Topics, changes: Sequence[Change], *, validate_only: bool) -> dict[str, Topic]:
    created = topics.create([change.create for change in changes if change.create], validate_only=validate_only)
    topics.grow(changes, validate_only=validate_only)
    topics.configure(changes, validate_only=validate_only)
    return created


def _wait(
    topics: Topics, names: Sequence[str], wanted: Mapping[str, Topic], wait_timeout: float, context: Context
) -> dict[str, Topic]:
    def look() -> tuple[dict[str, Topic] | None, str]:
        seen, leaderless = topics.get(names)
        state = "; ".join(leaderless or _differences(names, seen, wanted))
        return (None, state) if state else (seen, "")

    return wait_until(
        look,
        what="the topics to be as declared, with a leader for each partition",
        timeout=wait_timeout,
        advice="Look at the brokers' logs: a broker may be down, or something keeps producing to a deleted topic.",
        progress=context.progress,
    )


def _differences(names: Sequence[str], seen: Mapping[str, Topic], wanted: Mapping[str, Topic]) -> list[str]:
    differences = []
    for name in names:
        has, want = seen.get(name), wanted.get(name)
        if (has is None) != (want is None):
            differences.append(f"topic {name} is {'still there' if has else 'not there yet'}")
        elif has and want and (want.partitions not in (-1, has.partitions) or has.config != want.config):
            differences.append(f"topic {name} does not show its new partitions or config yet")
    return differences


def _shown(name: str, topic: Topic | None, changes: Sequence[Change]) -> dict[str, Any]:
    changed = any(change.name == name for change in changes)
    if topic is None:
        return {"name": name, "state": "absent", "changed": changed}
    return {**asdict(topic), "state": "present", "changed": changed}


def _diff_side(topics: Mapping[str, Topic], changes: Sequence[Change]) -> dict[str, Any]:
    """The changed topics only, so that a diff shows what is done and nothing else."""
    shown = {}
    for change in changes:
        topic = topics.get(change.name)
        if topic is not None:
            shown[change.name] = {key: value for key, value in asdict(topic).items() if key != "name"}
    return shown


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules={"required_if": options.REQUIRED_IF})
