# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""connect_plugin_info: what each worker can run, and what is missing where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import ApiError, NotReady, PipelineError, UnexpectedAnswer, Unreachable
from ..operation import Context, Operation, Result
from ..wait import wait_until
from .client import ConnectClient, is_passing
from .model import Plugin
from .options import CONNECTION_RULES, CONNECTION_SPEC, connect_client
from .parallel import in_parallel

ARGUMENT_SPEC: Mapping[str, Any] = {
    **CONNECTION_SPEC,
    "classes": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "class": {"type": "str", "required": True},
            "version": {"type": "str"},
            "type": {
                "type": "str",
                "choices": ["source", "sink", "transformation", "predicate", "converter", "header_converter"],
            },
        },
    },
    "require": {"type": "bool", "default": False},
    "wait_timeout": {"type": "float", "default": 0},
}


@dataclass(frozen=True)
class Worker:
    url: str
    info: Mapping[str, Any]
    plugins: tuple[Plugin, ...]

    def report(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "version": self.info.get("version"),
            "commit": self.info.get("commit"),
            "kafka_cluster_id": self.info.get("kafka_cluster_id"),
            "plugins": [{"class": one.plugin_class, "type": one.type, "version": one.version} for one in self.plugins],
        }


@dataclass(frozen=True)
class Missing:
    """:param found: versions of the class that the worker has instead."""

    url: str
    plugin_class: str
    version: str | None
    type: str | None
    found: tuple[str, ...]

    def report(self) -> dict[str, Any]:
        values = asdict(self)
        return {"class": values.pop("plugin_class"), **values, "found": list(self.found)}

    def __str__(self) -> str:
        wanted = " ".join(filter(None, (self.type, self.plugin_class, self.version)))
        instead = f"it has {', '.join(self.found)}" if self.found else "it has no plug-in of this name"
        return f"{self.url} lacks {wanted}: {instead}"


def run(params: Mapping[str, Any], context: Context) -> Result:
    client = connect_client(params)
    workers = [
        _raised(outcome)
        for outcome in in_parallel(
            lambda url: _read(client.only(url), url, params["wait_timeout"], context.progress), client.urls
        )
    ]
    missing = [one for worker in workers for one in missing_plugins(worker, params["classes"])]
    result: Result = {
        "changed": False,
        "workers": [worker.report() for worker in workers],
        "missing": [one.report() for one in missing],
    }
    if missing and params["require"]:
        raise NotReady(
            "Plug-ins are missing:\n" + "\n".join(f"- {one}" for one in missing),
            advice="\nPut them into the worker's plugin.path, and restart the worker: it looks only when it starts.",
            **result,
        )
    return result


def missing_plugins(worker: Worker, classes: Sequence[Mapping[str, Any]]) -> list[Missing]:
    missing = []
    for one in classes:
        named = [plugin for plugin in worker.plugins if plugin.answers_to(one["class"])]
        fitting = [
            plugin
            for plugin in named
            if one.get("version") in (None, plugin.version) and one.get("type") in (None, plugin.type)
        ]
        if not fitting:
            found = tuple(f"{plugin.type} {plugin.version or 'without a version'}" for plugin in named)
            missing.append(Missing(worker.url, one["class"], one.get("version"), one.get("type"), found))
    return missing


def _read(client: ConnectClient, url: str, timeout: float, progress: Callable[[str], None]) -> Worker:
    def look() -> tuple[Worker | None, str]:
        try:
            client.check_ready()
            return Worker(url, client.get_worker(), tuple(client.list_plugins(connectors_only=False))), ""
        except PipelineError as error:
            if not timeout or not _may_be_starting(error):
                raise
            return None, error.message.rstrip(".")

    return wait_until(
        look,
        what=f"the worker at {url}",
        timeout=timeout,
        advice="See the worker's log; it waits there for its Kafka cluster, too.",
        progress=progress,
    )


def _may_be_starting(error: PipelineError) -> bool:
    """A worker that starts refuses connections, then answers 404, then 503 or 500 until it is in its group."""
    if isinstance(error, ApiError):
        return is_passing(error) or error.status == 404 or error.status >= 500
    return isinstance(error, Unreachable) or (
        isinstance(error, UnexpectedAnswer) and error.details.get("status") == 404
    )


def _raised(outcome: Worker | PipelineError) -> Worker:
    if isinstance(outcome, PipelineError):
        raise outcome
    return outcome


OPERATION = Operation(ARGUMENT_SPEC, run, CONNECTION_RULES)
