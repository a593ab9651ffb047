# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of ``loggy_commute``: the only place that reads them. They become the stops in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..connect import options as connect_options
from ..elasticsearch import options as elasticsearch_options
from ..errors import InvalidInput
from ..kafka import options as kafka_options
from ..kubernetes.options import CONNECTION_RULES as KUBERNETES_RULES
from ..kubernetes.options import CONNECTION_SPEC as KUBERNETES_SPEC
from ..log.event import read_time
from ..log.options import SENDING_RULES, SENDING_SPEC, Sending, sending
from .stops.registry import KINDS, OBSERVATION_KINDS, Run, Servers, open_observation, open_stop
from .stops.stop import Observation, Stop
from .verdict import SENDER, Limits

MOST_PRODUCERS = 64

ARGUMENT_SPEC: dict[str, Any] = {
    **SENDING_SPEC,
    "send": {"type": "bool", "default": True},
    "since": {"type": "str"},
    "producers": {"type": "int", "default": 1},
    "neighbours": {"type": "int", "default": 100},
    "deadline": {"type": "float", "default": 60.0},
    "limits": {
        "type": "dict",
        "options": {
            "latency_ms": {"type": "float"},
            "lost": {"type": "int", "default": 0},
            "duplicated": {"type": "int", "default": 0},
        },
    },
    "stops": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "kind": {"type": "str", "choices": list(KINDS), "required": True},
            "deployed": {"type": "bool", "default": True},
            "path": {"type": "path"},
            "namespace": {"type": "str"},
            "selector": {"type": "str"},
            "topic": {"type": "str"},
            "index": {"type": "str"},
            "connector": {"type": "str"},
        },
    },
    "observations": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "kind": {"type": "str", "choices": list(OBSERVATION_KINDS), "required": True},
            "topic": {"type": "str"},
            "connector": {"type": "str"},
            "group": {"type": "str"},
        },
    },
    "kafka": kafka_options.NESTED,
    "elasticsearch": elasticsearch_options.NESTED,
    "connect": {
        "type": "dict",
        "options": dict(connect_options.CONNECTION_SPEC),
        **connect_options.CONNECTION_RULES,
    },
    "kubernetes": {"type": "dict", "options": dict(KUBERNETES_SPEC), **KUBERNETES_RULES},
    "report_dir": {"type": "path"},
}
RULES: dict[str, Any] = {
    **SENDING_RULES,
    "required_if": [("send", True, ("file", "forward"), True), ("send", False, ("run",))],
}


@dataclass(frozen=True)
class StopPlan:
    """:param stop: None when it is not deployed."""

    name: str
    kind: str
    stop: Stop | None


@dataclass(frozen=True)
class ObservationPlan:
    name: str
    kind: str
    observation: Observation


@dataclass(frozen=True)
class Commute:
    """:param sends: whether this run sends, or follows what somebody else does.
    :param neighbours: how many events follow Loggy.
    :param deadline: seconds from the start of sending on.
    """

    sending: Sending
    sends: bool
    producers: int
    neighbours: int
    deadline: float
    limits: Limits
    stops: tuple[StopPlan, ...]
    observations: tuple[ObservationPlan, ...]
    report_dir: Path | None


def commute(params: Mapping[str, Any]) -> Commute:
    """:param params: the values of ARGUMENT_SPEC."""
    for option, least in (("neighbours", 0), ("deadline", 0.001), ("producers", 1)):
        if params[option] < least:
            raise InvalidInput(f"{option} is {params[option]:g}; {least:g} is the least.")
    plan = sending(params)
    _check_sending(params, plan)
    servers = Servers(
        kafka=kafka_options.connection(params["kafka"]) if params["kafka"] else None,
        elasticsearch=elasticsearch_options.connection(params["elasticsearch"]) if params["elasticsearch"] else None,
        connect=connect_options.connect_client(params["connect"]) if params["connect"] else None,
        kubernetes=params["kubernetes"],
    )
    run = Run(plan.run, servers, _since_ms(params["since"]))
    stops = tuple(_stop(stop, run) for stop in params["stops"])
    observations = tuple(
        ObservationPlan(one["name"], one["kind"], open_observation(one, run)) for one in params["observations"]
    )
    _check_names([*(stop.name for stop in stops), *(one.name for one in observations)])
    if not any(stop.stop for stop in stops):
        raise InvalidInput("stops: none is deployed, so there is nowhere to look for Loggy.")
    return Commute(
        sending=plan,
        sends=params["send"],
        producers=params["producers"],
        neighbours=params["neighbours"],
        deadline=params["deadline"],
        limits=_limits(params["limits"]),
        stops=stops,
        observations=observations,
        report_dir=Path(params["report_dir"]) if params["report_dir"] else None,
    )


def _check_sending(params: Mapping[str, Any], plan: Sending) -> None:
    if params["send"] and params["since"]:
        raise InvalidInput(
            "since is set, and this run sends by itself.", advice="Set send to false to follow another run."
        )
    if not params["send"] and plan.to is not None:
        raise InvalidInput("send is false, and there is a destination.", advice="Leave out file and forward.")
    most = min(MOST_PRODUCERS, params["neighbours"] + 1)
    if params["producers"] > most:
        raise InvalidInput(
            f"producers is {params['producers']}; {most} is the most for {params['neighbours']} neighbours."
        )
    seconds = params["neighbours"] / plan.rate if plan.rate and params["send"] else 0
    if seconds >= params["deadline"]:
        raise InvalidInput(
            f"{params['neighbours']} neighbours at {plan.rate:g} per second take {seconds:g} s to send; "
            f"deadline is {params['deadline']:g} s."
        )


def _check_names(names: Sequence[str]) -> None:
    if twice := [name for name in names if names.count(name) > 1]:
        raise InvalidInput(f"stops: two have the name {twice[0]}.")
    if SENDER in names:
        raise InvalidInput(f"stops: {SENDER} is the name of what sends; call the stop something else.")


def _limits(settings: Mapping[str, Any] | None) -> Limits:
    if settings is None:
        return Limits()
    for option, value in settings.items():
        if value is not None and value < 0:
            raise InvalidInput(f"limits.{option} is {value:g}; 0 is the least.")
    return Limits(**settings)


def _since_ms(text: str | None) -> int | None:
    if not text:
        return None
    seconds = read_time(text)
    if seconds is None:
        raise InvalidInput(f"since is {text!r}, which is no ISO 8601 time.", advice="For example 2026-11-22T18:30:00Z.")
    return int(seconds * 1000)


def _stop(settings: Mapping[str, Any], run: Run) -> StopPlan:
    stop = open_stop(settings, run) if settings["deployed"] else None
    return StopPlan(settings["name"], settings["kind"], stop)
