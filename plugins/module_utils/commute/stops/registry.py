# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of stop there is. A new kind is one new file beside this one, and one entry here: a module that is sent to
another host takes along only what is imported by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ...connect.client import ConnectClient
from ...elasticsearch.options import Connection as ElasticsearchConnection
from ...errors import InvalidInput
from ...kafka.options import Connection as KafkaConnection
from .file import FileStop
from .index import IndexStop
from .stop import Feed, Stop
from .topic import TopicStop

T = TypeVar("T")


@dataclass(frozen=True)
class Servers:
    """How to reach what the stops are asked through; None for what no stop needs."""

    kafka: KafkaConnection | None = None
    elasticsearch: ElasticsearchConnection | None = None
    connect: ConnectClient | None = None


@dataclass(frozen=True)
class Kind:
    """:param settings: options of a stop of this kind that must be set."""

    settings: tuple[str, ...]
    open: Callable[[Mapping[str, Any], str, Servers, Feed | None], Stop]


def _file(settings: Mapping[str, Any], run: str, servers: Servers, feed: Feed | None) -> Stop:
    return FileStop(settings["path"], run)


def _topic(settings: Mapping[str, Any], run: str, servers: Servers, feed: Feed | None) -> Stop:
    to = _needed(servers.kafka, "kafka", settings)
    return TopicStop(to, settings["topic"], run, feed)


def _index(settings: Mapping[str, Any], run: str, servers: Servers, feed: Feed | None) -> Stop:
    to = _needed(servers.elasticsearch, "elasticsearch", settings)
    return IndexStop(to, settings["index"], run, feed)


KINDS: dict[str, Kind] = {
    "file": Kind(("path",), _file),
    "topic": Kind(("topic",), _topic),
    "index": Kind(("index",), _index),
}


def open_stop(settings: Mapping[str, Any], run: str, servers: Servers) -> Stop:
    """:param settings: one element of the option ``stops``."""
    connector = settings["connector"]
    feed = Feed(_needed(servers.connect, "connect", settings), connector) if connector else None
    return KINDS[settings["kind"]].open(settings, run, servers, feed)


def _needed(server: T | None, option: str, settings: Mapping[str, Any]) -> T:
    if server is None:
        raise InvalidInput(f"stops: {settings['name']} needs {option}, which is not set.")
    return server
