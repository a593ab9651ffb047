# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""connect_connector_info: connectors as they are, each with its health in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import NotFound, PipelineError
from ..operation import Context, Operation, Result
from .client import ConnectClient
from .health import first_lines, summary
from .model import Connector
from .options import CONNECTION_RULES, CONNECTION_SPEC, connect_client
from .parallel import in_parallel
from .secrets import Secrets

_TRACE_LINES = 15

ARGUMENT_SPEC: Mapping[str, Any] = {
    **CONNECTION_SPEC,
    "names": {"type": "list", "elements": "str"},
    "offsets": {"type": "bool", "default": False},
    "topics": {"type": "bool", "default": False},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    client = connect_client(params)
    client.check_ready()
    names = params["names"]
    actual = client.list_connectors()
    missing = [] if names is None else [name for name in names if name not in actual]
    for name in list(missing):
        try:
            # The expanded list leaves out a connector that no worker has taken yet.
            actual[name] = client.get_connector(name)
        except NotFound:
            continue
        missing.remove(name)
    chosen = sorted(actual if names is None else set(names) - set(missing))
    secrets = Secrets()
    secrets.add(actual[name].config for name in chosen)
    secrets.ask(client)
    read = in_parallel(lambda name: _with_extras(client, actual[name], params, secrets), chosen)
    for outcome in read:
        if isinstance(outcome, PipelineError):
            raise outcome
    return {"changed": False, "connectors": read, "missing": missing}


def _with_extras(
    client: ConnectClient, connector: Connector, params: Mapping[str, Any], secrets: Secrets
) -> dict[str, Any]:
    report = report_connector(connector, secrets)
    if params["offsets"]:
        report["offsets"] = client.get_offsets(connector.name)
    if params["topics"]:
        report["topics"] = client.list_topics(connector.name)
    return report


def report_connector(connector: Connector, secrets: Secrets) -> dict[str, Any]:
    report: dict[str, Any] = {
        "name": connector.name,
        "type": connector.type,
        "state": connector.state,
        "worker_id": connector.worker_id,
        "trace": first_lines(connector.trace, _TRACE_LINES) if connector.trace else "",
        "tasks": [
            {
                "id": task.id,
                "state": task.state,
                "worker_id": task.worker_id,
                "trace": first_lines(task.trace, _TRACE_LINES) if task.trace else "",
            }
            for task in connector.tasks
        ],
        "health": summary(connector),
    }
    masked: dict[str, Any] = secrets.masked(report)
    return {**masked, "name": connector.name, "config": dict(secrets.redact(connector.config))}


OPERATION = Operation(ARGUMENT_SPEC, run, CONNECTION_RULES)
