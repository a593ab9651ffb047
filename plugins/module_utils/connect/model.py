# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Connect tells about a connector, as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """:param trace: the Java stack trace of a failure, "" when there is none."""

    id: int
    state: str
    worker_id: str
    trace: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Task:
        return cls(int(data["id"]), data["state"], data.get("worker_id", ""), data.get("trace") or "")


@dataclass(frozen=True)
class Connector:
    """A connector as a worker sees it.

    :param state: RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED or RESTARTING; NO STATUS until a worker has taken it.
    :param expected_tasks: the ids of the tasks that its configuration has brought about.
    """

    name: str
    config: Mapping[str, str]
    state: str
    worker_id: str = ""
    trace: str = ""
    type: str = ""
    tasks: tuple[Task, ...] = ()
    expected_tasks: tuple[int, ...] = ()

    @property
    def connector_class(self) -> str:
        return self.config.get("connector.class", "")

    @property
    def has_failed(self) -> bool:
        return self.state == "FAILED" or bool(self.failed_tasks)

    @property
    def failed_tasks(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if task.state == "FAILED")

    @classmethod
    def from_json(cls, name: str, info: Mapping[str, Any], status: Mapping[str, Any] | None) -> Connector:
        """From the two expansions of ``GET /connectors``."""
        connector = (status or {}).get("connector") or {}
        return cls(
            name=name,
            config={key: value for key, value in info["config"].items() if key != "name"},
            state=connector.get("state", "NO STATUS"),
            worker_id=connector.get("worker_id", ""),
            trace=connector.get("trace") or "",
            type=info.get("type") or "",
            tasks=tuple(Task.from_json(task) for task in (status or {}).get("tasks", ())),
            expected_tasks=tuple(task["task"] for task in info.get("tasks", ())),
        )


@dataclass(frozen=True)
class Plugin:
    plugin_class: str
    type: str
    version: str

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plugin:
        version = data.get("version")
        return cls(data["class"], data.get("type", ""), "" if version in (None, "null") else str(version))

    def answers_to(self, name: str) -> bool:
        """Connect takes the full name, the simple name, and the simple name without its suffix."""
        simple = self.plugin_class.rpartition(".")[2]
        return name in (self.plugin_class, simple, simple.removesuffix("Connector"))
