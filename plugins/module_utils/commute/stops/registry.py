# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of stop and of observation there is. A new kind is one new file beside this one, and one entry here: a
module that is sent to another host takes along only what is imported by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ...connect.client import ConnectClient
from ...elasticsearch.options import Connection as ElasticsearchConnection
from ...errors import InvalidInput
from ...kafka.options import Connection as KafkaConnection
from ...kubernetes.pod_logs import PodLogs
from .dead_letters import DeadLetters
from .feed import Feed
from .file import FileStop
from .index import IndexStop
from .lag import Lag
from .pod_log import PodLogStop
from .stop import Observation, Stop
from .topic import TopicStop

T = TypeVar("T")
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Servers:
    """How to reach what the stops are asked through; None for what no stop needs."""

    kafka: KafkaConnection | None = None
    elasticsearch: ElasticsearchConnection | None = None
    connect: ConnectClient | None = None
    kubernetes: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Run:
    """What is followed, and through what.

    :param since_ms: milliseconds since 1970 from which on there may be something of the run; None: from now on.
    """

    id: str
    servers: Servers = field(default_factory=Servers)
    since_ms: int | None = None


@dataclass(frozen=True)
class Kind:
    """:param settings: options of a stop of this kind that must be set."""

    settings: tuple[str, ...]
    open: Callable[[Settings, Run, Feed | None], Stop]


@dataclass(frozen=True)
class ObservationKind:
    settings: tuple[str, ...]
    open: Callable[[Settings, Run], Observation]


def _file(settings: Settings, run: Run, feed: Feed | None) -> Stop:
    return FileStop(settings["path"], run.id, from_start=run.since_ms is not None)


def _pod_log(settings: Settings, run: Run, feed: Feed | None) -> Stop:
    to = _needed(run.servers.kubernetes, "kubernetes", settings, "stops")
    return PodLogStop(PodLogs(to, settings["namespace"], settings["selector"]), run.id, since_ms=run.since_ms)


def _topic(settings: Settings, run: Run, feed: Feed | None) -> Stop:
    return TopicStop(_kafka(settings, run, "stops"), settings["topic"], run.id, feed, since_ms=run.since_ms)


def _index(settings: Settings, run: Run, feed: Feed | None) -> Stop:
    to = _needed(run.servers.elasticsearch, "elasticsearch", settings, "stops")
    return IndexStop(to, settings["index"], run.id, feed)


def _lag(settings: Settings, run: Run) -> Observation:
    group = settings["group"] or f"connect-{settings['connector']}"
    return Lag(_kafka(settings, run, "observations"), settings["topic"], group)


def _dead_letters(settings: Settings, run: Run) -> Observation:
    return DeadLetters(_kafka(settings, run, "observations"), settings["topic"], run.id, run.since_ms)


KINDS: dict[str, Kind] = {
    "file": Kind(("path",), _file),
    "pod_log": Kind(("namespace", "selector"), _pod_log),
    "topic": Kind(("topic",), _topic),
    "index": Kind(("index",), _index),
}
OBSERVATION_KINDS: dict[str, ObservationKind] = {
    "lag": ObservationKind(("connector", "topic"), _lag),
    "dead_letters": ObservationKind(("topic",), _dead_letters),
}


def open_stop(settings: Settings, run: Run) -> Stop:
    """:param settings: one element of the option ``stops``."""
    kind = KINDS[settings["kind"]]
    _check(settings, kind.settings, "stops")
    connector = settings["connector"]
    feed = Feed(_needed(run.servers.connect, "connect", settings, "stops"), connector) if connector else None
    return kind.open(settings, run, feed)


def open_observation(settings: Settings, run: Run) -> Observation:
    """:param settings: one element of the option ``observations``."""
    kind = OBSERVATION_KINDS[settings["kind"]]
    _check(settings, kind.settings, "observations")
    return kind.open(settings, run)


def _check(settings: Settings, needed: tuple[str, ...], option: str) -> None:
    for name in needed:
        if not settings[name]:
            raise InvalidInput(f"{option}: {settings['name']} is of kind {settings['kind']} and has no {name}.")


def _kafka(settings: Settings, run: Run, option: str) -> KafkaConnection:
    return _needed(run.servers.kafka, "kafka", settings, option)


def _needed(server: T | None, name: str, settings: Settings, option: str) -> T:
    if server is None:
        raise InvalidInput(f"{option}: {settings['name']} needs {name}, which is not set.")
    return server
