# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canary's settings: the only place that reads them. They become a destination, stops, and where to listen."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..elasticsearch import options as elasticsearch_options
from ..errors import InvalidInput, PipelineError
from ..kafka import options as kafka_options
from ..log.options import SENDING_SPEC, Sending, sending
from .account import MOST_ON_THE_WAY, SENDER
from .lag import LagWatch, Watched
from .spec import check_rules, checked
from .stops import LastingFile, LastingIndex, LastingStop, LastingTopic

#: What a stop of each kind must have.
KINDS = {"file": "path", "topic": "topic", "index": "index"}
_MOST_STOPS = 16

SPEC: dict[str, Any] = {
    "interval": {"type": "float", "default": 5.0},
    "deadline": {"type": "float", "default": 60.0},
    "poll_interval": {"type": "float", "default": 1.0},
    "listen_address": {"type": "str", "default": "127.0.0.1"},
    "listen_port": {"type": "int", "default": 9480},
    "state_path": {"type": "path", "required": True},
    **{name: SENDING_SPEC[name] for name in ("producer", "file", "forward")},
    "stops": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "kind": {"type": "str", "choices": list(KINDS), "required": True},
            "path": {"type": "path"},
            "topic": {"type": "str"},
            "index": {"type": "str"},
        },
    },
    "lag": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"group": {"type": "str", "required": True}, "topic": {"type": "str", "required": True}},
    },
    "kafka": kafka_options.NESTED,
    "elasticsearch": elasticsearch_options.NESTED,
}
_RULES: dict[str, Any] = {"mutually_exclusive": [["file", "forward"]], "required_one_of": [["file", "forward"]]}

Open = Callable[[str], LastingStop]


@dataclass(frozen=True)
class StopSettings:
    """:param open: makes the stop for a run."""

    name: str
    kind: str
    open: Open


@dataclass(frozen=True)
class Settings:
    """All times in seconds.

    :param sending: of a run that nobody has; ``sending_for`` gives it the account's.
    """

    interval: float
    deadline: float
    poll_interval: float
    listen_address: str
    listen_port: int
    state_path: Path
    sending: Sending
    stops: tuple[StopSettings, ...]
    lag: LagWatch | None

    def sending_for(self, run: str) -> Sending:
        return replace(self.sending, run=run)


def new_run() -> str:
    return f"canary_{uuid.uuid4().hex[:16]}"


def read_settings(path: Path) -> Settings:
    """:raises InvalidInput: with one line for each thing that is wrong."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"The settings {path} could not be read: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidInput(f"The settings {path} are no JSON: {error}.") from error
    if not isinstance(values, dict):
        raise InvalidInput(f"The settings {path} are no JSON object.")
    return settings_of(values)


def settings_of(values: Mapping[str, Any]) -> Settings:
    """:raises InvalidInput: with one line for each thing that is wrong."""
    problems: list[str] = []
    params = checked(values, SPEC, problems)
    check_rules(params, _RULES, problems)
    if not problems:
        problems += _wrong_numbers(params)
        problems += _wrong_stops(params)
        problems += _secret_urls(params)
    if problems:
        raise InvalidInput("\n".join(problems))
    try:
        return Settings(
            **{
                name: params[name]
                for name in ("interval", "deadline", "poll_interval", "listen_address", "listen_port")
            },
            state_path=Path(params["state_path"]),
            sending=sending({**params, "run": None, "rate": 0.0}),
            stops=_stops(params),
            lag=_lag(params),
        )
    except PipelineError as error:
        raise InvalidInput(str(error)) from error


def _wrong_numbers(params: Mapping[str, Any]) -> list[str]:
    problems = [
        f"{name} is {params[name]}; it must be from 0.05 to 86400 seconds."
        for name in ("interval", "deadline", "poll_interval")
        if not 0.05 <= params[name] <= 86400
    ]
    if not 0 <= params["listen_port"] <= 65535:
        problems.append(f"listen_port is {params['listen_port']}; it must be from 0 to 65535.")
    if not problems and math.ceil(2 * params["deadline"] / params["interval"]) > MOST_ON_THE_WAY:
        problems.append(f"interval is too short: more than {MOST_ON_THE_WAY} Loggys would be on the way.")
    return problems


def _wrong_stops(params: Mapping[str, Any]) -> list[str]:
    stops = params["stops"]
    names = [stop["name"] for stop in stops]
    problems = [f"stops: two stops have the name {name}." for name in sorted({n for n in names if names.count(n) > 1})]
    if not 0 < len(stops) <= _MOST_STOPS:
        problems.append(f"stops: there are {len(stops)}; from 1 to {_MOST_STOPS} can be followed.")
    for stop in stops:
        name, kind = stop["name"], stop["kind"]
        if name == SENDER or not name or len(name) > 64:
            problems.append(f"stops: {name!r} is no name for a stop: from 1 to 64 characters, and not {SENDER}.")
        if not stop[KINDS[kind]]:
            problems.append(f"stops: {name} is of kind {kind} and has no {KINDS[kind]}.")
    for kind, server in (("topic", "kafka"), ("index", "elasticsearch")):
        if not params[server]:
            problems += [
                f"stops: {stop['name']} needs {server}, which is not set." for stop in stops if stop["kind"] == kind
            ]
    if params["lag"] and not params["kafka"]:
        problems.append("lag needs kafka, which is not set.")
    return problems


def _secret_urls(params: Mapping[str, Any]) -> list[str]:
    urls = (params["elasticsearch"] or {}).get("urls", ())
    if any("@" in url.split("//", 1)[-1].split("/", 1)[0] for url in urls):
        return ["elasticsearch.urls: a URL holds a user or a password; give elasticsearch.username and .password."]
    return []


def _lag(params: Mapping[str, Any]) -> LagWatch | None:
    if not params["lag"]:
        return None
    return LagWatch(kafka_options.connection(params["kafka"]), [Watched(**one) for one in params["lag"]])


def _stops(params: Mapping[str, Any]) -> tuple[StopSettings, ...]:
    kafka = kafka_options.connection(params["kafka"]) if params["kafka"] else None
    elasticsearch = elasticsearch_options.connection(params["elasticsearch"]) if params["elasticsearch"] else None

    def opener(stop: Mapping[str, Any]) -> Open:
        if stop["kind"] == "topic" and kafka is not None:
            return lambda run: LastingTopic(kafka, stop["topic"], run)
        if stop["kind"] == "index" and elasticsearch is not None:
            return lambda run: LastingIndex(elasticsearch, stop["index"], run)
        return lambda run: LastingFile(stop["path"], run)

    return tuple(StopSettings(stop["name"], stop["kind"], opener(stop)) for stop in params["stops"])
