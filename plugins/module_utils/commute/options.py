# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ``loggy_commute``: the only place that reads them. They become the stops in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..connect import options as connect_options
from ..elasticsearch import options as elasticsearch_options
from ..errors import InvalidInput
from ..kafka import options as kafka_options
from ..log.options import SENDING_RULES, SENDING_SPEC, Sending, sending
from .stops.registry import KINDS, Servers, open_stop
from .stops.stop import Stop

ARGUMENT_SPEC: dict[str, Any] = {
    **SENDING_SPEC,
    "neighbours": {"type": "int", "default": 100},
    "deadline": {"type": "float", "default": 60.0},
    "stops": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "kind": {"type": "str", "choices": list(KINDS), "required": True},
            "deployed": {"type": "bool", "default": True},
            "path": {"type": "path"},
            "topic": {"type": "str"},
            "index": {"type": "str"},
            "connector": {"type": "str"},
        },
    },
    "kafka": {
        "type": "dict",
        "options": kafka_options.ARGUMENT_SPEC,
        "required_if": kafka_options.REQUIRED_IF,
    },
    "elasticsearch": {
        "type": "dict",
        "options": elasticsearch_options.ARGUMENT_SPEC,
        **elasticsearch_options.RULES,
    },
    "connect": {
        "type": "dict",
        "options": dict(connect_options.CONNECTION_SPEC),
        **connect_options.CONNECTION_RULES,
    },
    "report_dir": {"type": "path"},
}
RULES: dict[str, Any] = {**SENDING_RULES, "required_one_of": [["file", "forward"]]}


@dataclass(frozen=True)
class StopPlan:
    """:param stop: None when it is not deployed."""

    name: str
    kind: str
    stop: Stop | None


@dataclass(frozen=True)
class Commute:
    """:param neighbours: how many events follow Loggy.
    :param deadline: seconds from the start of sending on.
    """

    sending: Sending
    neighbours: int
    deadline: float
    stops: tuple[StopPlan, ...]
    report_dir: Path | None


def commute(params: Mapping[str, Any]) -> Commute:
    """:param params: the values of ARGUMENT_SPEC."""
    for option, least in (("neighbours", 0), ("deadline", 0.001)):
        if params[option] < least:
            raise InvalidInput(f"{option} is {params[option]:g}; {least:g} is the least.")
    plan = sending(params)
    servers = Servers(
        kafka=kafka_options.connection(params["kafka"]) if params["kafka"] else None,
        elasticsearch=elasticsearch_options.connection(params["elasticsearch"]) if params["elasticsearch"] else None,
        connect=connect_options.connect_client(params["connect"]) if params["connect"] else None,
    )
    stops = tuple(_stop(stop, plan.run, servers) for stop in params["stops"])
    seconds = params["neighbours"] / plan.rate if plan.rate else 0
    if seconds >= params["deadline"]:
        raise InvalidInput(
            f"{params['neighbours']} neighbours at {plan.rate:g} per second take {seconds:g} s to send; "
            f"deadline is {params['deadline']:g} s."
        )
    names = [stop.name for stop in stops]
    if twice := [name for name in names if names.count(name) > 1]:
        raise InvalidInput(f"stops: two stops have the name {twice[0]}.")
    if not any(stop.stop for stop in stops):
        raise InvalidInput("stops: none is deployed, so there is nowhere to look for Loggy.")
    report_dir = Path(params["report_dir"]) if params["report_dir"] else None
    return Commute(plan, params["neighbours"], params["deadline"], stops, report_dir)


def _stop(settings: Mapping[str, Any], run: str, servers: Servers) -> StopPlan:
    name, kind = settings["name"], settings["kind"]
    if not settings["deployed"]:
        return StopPlan(name, kind, None)
    for option in KINDS[kind].settings:
        if not settings[option]:
            raise InvalidInput(f"stops: {name} is of kind {kind} and has no {option}.")
    return StopPlan(name, kind, open_stop(settings, run, servers))
