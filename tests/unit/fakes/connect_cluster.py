# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fake workers of one group share: connectors that come to rest some listings after a change, as real ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_COMMON: dict[str, str] = {
    "name": "STRING",
    "connector.class": "STRING",
    "tasks.max": "INT",
    "key.converter": "CLASS",
    "value.converter": "CLASS",
    "header.converter": "CLASS",
    "transforms": "LIST",
    "predicates": "LIST",
    "errors.tolerance": "STRING",
}
_SOURCE = {"topic.creation.groups": "LIST", "offsets.storage.topic": "STRING"}
_SINK = {"topics": "LIST", "topics.regex": "STRING", "errors.deadletterqueue.topic.name": "STRING"}


@dataclass(frozen=True)
class FakePlugin:
    """:param keys: type by name; :param required: those without a default."""

    name: str
    kind: str
    keys: Mapping[str, str]
    required: tuple[str, ...] = ()
    version: str = "4.3.1"

    @property
    def all_keys(self) -> dict[str, str]:
        return {**_COMMON, **(_SOURCE if self.kind == "source" else _SINK), **self.keys}

    def answers_to(self, name: str) -> bool:
        simple = self.name.rpartition(".")[2]
        return name in (self.name, simple, simple.removesuffix("Connector"))


FILE = "org.apache.kafka.connect.file.FileStream"
PLUGINS = (
    FakePlugin(f"{FILE}SinkConnector", "sink", {"file": "STRING"}),
    FakePlugin(
        f"{FILE}SourceConnector", "source", {"file": "STRING", "topic": "STRING", "batch.size": "INT"}, ("topic",)
    ),
    FakePlugin("org.example.VaultSourceConnector", "source", {"pin": "PASSWORD", "topic": "STRING"}, version="1.2"),
)


@dataclass
class FakeConnector:
    name: str
    config: dict[str, str]
    kind: str
    target: str = "RUNNING"
    state: str = ""
    trace: str = ""
    tasks: list[dict[str, Any]] = field(default_factory=list)
    offsets: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class FakeCluster:
    """What the workers of one group have in common.

    :param lag: how many times the connectors are still listed as they were before a change.
    """

    version: str = "4.3.1"
    lag: int = 1
    connectors: dict[str, FakeConnector] = field(default_factory=dict)
    statuses_of_deleted: set[str] = field(default_factory=set)
    loggers: list[dict[str, str]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _due: list[tuple[int, Callable[[], None]]] = field(default_factory=list)
    _listings: int = 0

    @property
    def number(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split(".")[:2])

    def later(self, effect: Callable[[], None]) -> None:
        self._due.append((self._listings + self.lag, effect))

    def listed(self) -> None:
        """To be called before a listing: lets happen what was due."""
        due = [effect for when, effect in self._due if when <= self._listings]
        self._due = [(when, effect) for when, effect in self._due if when > self._listings]
        self._listings += 1
        for effect in due:
            effect()

    def settle(self) -> None:
        """Lets happen all that is still to happen."""
        due, self._due = self._due, []
        for _when, effect in due:
            effect()

    def start(self, connector: FakeConnector, worker_id: str) -> None:
        connector.state, connector.trace = connector.target, ""
        file = connector.config.get("file", "")
        trace = ""
        if connector.kind == "sink" and file and not Path(file).parent.is_dir():
            trace = (
                "org.apache.kafka.connect.errors.ConnectException: "
                f"Couldn't find or create file '{file}' for FileStreamSinkTask"
                "\n\tat org.apache.kafka.connect.file.FileStreamSinkTask.start(FileStreamSinkTask.java:74)"
                f"\nCaused by: java.nio.file.NoSuchFileException: {file}\n\t... 10 more\n"
            )
        state = "FAILED" if trace else connector.target
        # A connector that was created PAUSED has no tasks before it runs for the first time.
        count = len(connector.tasks) if connector.target == "PAUSED" else 0 if connector.target == "STOPPED" else 1
        connector.tasks = [
            {"id": task, "state": state, "worker_id": worker_id, "trace": trace} for task in range(count)
        ]

    def fail(self, name: str, trace: str, *, task: int | None = 0) -> None:
        """As when something breaks while it runs; a restart heals it."""
        connector = self.connectors[name]
        failed: dict[str, Any] = {"state": "FAILED", "trace": trace}
        if task is None:
            connector.state, connector.trace = "FAILED", trace
        else:
            connector.tasks[task].update(failed)
