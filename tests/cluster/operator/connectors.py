# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `KafkaConnector`: kept over Connect's REST API, as long as its `KafkaConnect` has the annotation for it.

With the annotation, connectors without a resource of their name are deleted; without, nothing is done to any.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tests.cluster.operator.api import Api, Object
from tests.cluster.operator.objects import LABEL
from tests.cluster.operator.status import Refused, condition, is_news

ANNOTATION = f"{LABEL}use-connector-resources"
_PORT = 8083
_TIMEOUT = 30
_FORBIDDEN = ("name", "connector.class", "tasks.max", "connector.plugin.version")
_VERBS = {"running": "resume", "paused": "pause", "stopped": "stop"}
_REST = ("RUNNING", "PAUSED", "STOPPED")
_FIELDS = ("connectorStatus", "tasksMax", "topics", "autoRestart")


class RestError(Exception):
    """:param status: of HTTP, or 0 when nobody answered."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Rest:
    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._url + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise RestError(error.code, _message(error.read())) from error
        except OSError as error:
            raise RestError(0, str(error)) from error
        return json.loads(text) if text else None


def is_on(connect: Object) -> bool:
    return str((connect["metadata"].get("annotations") or {}).get(ANNOTATION, "")).lower() == "true"


def wanted_config(connector: Object) -> dict[str, str]:
    """As Connect returns it."""
    spec = connector["spec"]
    config = {key: _text(value) for key, value in (spec.get("config") or {}).items() if key not in _FORBIDDEN}
    config |= {"name": connector["metadata"]["name"], "connector.class": spec.get("class", "")}
    fields = {"tasks.max": spec.get("tasksMax"), "connector.plugin.version": spec.get("version")}
    return {**config, **{key: str(value) for key, value in fields.items() if value is not None}}


def verb(found: str, wanted: str) -> str:
    """What brings a connector from a state to another; nothing where it is on its way, or can't."""
    if found == "FAILED":
        return "stop" if wanted == "stopped" else ""
    return _VERBS[wanted] if found in _REST and found != wanted.upper() else ""


def is_restart_due(spec: Object, before: Object, now: datetime) -> bool:
    """At once, then 2 minutes after that, then 6, 12 and so on, up to an hour."""
    settings = spec.get("autoRestart") or {}
    count = int(before.get("count", 0))
    if not settings.get("enabled") or count >= settings.get("maxRestarts", count + 1):
        return False
    if not before.get("lastRestartTimestamp"):
        return True
    waited = now - datetime.fromisoformat(before["lastRestartTimestamp"])
    return waited.total_seconds() >= 60 * min(count * count + count, 60)


def failed_parts(status: Object) -> str:
    """What is told of a failure; nothing where there is none."""
    if status["connector"]["state"] == "FAILED":
        return "Connector has failed, see connectorStatus for more details."
    failed = [str(task["id"]) for task in status["tasks"] if task["state"] == "FAILED"]
    return f"The following tasks have failed: {', '.join(failed)}, see connectorStatus for more details." * bool(failed)


def keep(api: Api, connect: Object) -> Object:
    """What its `KafkaConnect` has to do with connectors; :returns: what its status tells of them."""
    if not is_on(connect):
        return {"connectorPlugins": None}
    rest = _rest(connect)
    metadata = connect["metadata"]
    try:
        plugins = [
            {"class": one["class"], "type": one["type"], "version": one.get("version")}
            for one in rest.ask("GET", "/connector-plugins")
        ]
        has_resource = {
            one["metadata"]["name"]
            for one in api.list("KafkaConnector", metadata["namespace"], cluster=metadata["name"])
        }
        for name in set(rest.ask("GET", "/connectors")) - has_resource:
            rest.ask("DELETE", _path(name))
    except RestError as error:
        raise Refused("ConnectRestException", str(error)) from error
    return {"connectorPlugins": plugins}


def reconcile(api: Api, connector: Object) -> Object | None:
    """Tells the status by itself, for a failure leaves part of it; it is soon looked at again, for Connect tells nobody
    of what has changed.
    """
    metadata = connector["metadata"]
    cluster = metadata.get("labels", {}).get(f"{LABEL}cluster", "")
    if not cluster:
        message = f"Resource lacks label '{LABEL}cluster': No connect cluster in which to create this connector."
        raise Refused("InvalidResourceException", message)
    connect = api.get("KafkaConnect", metadata["namespace"], cluster)
    fields: Object = {}
    failed: Object | None
    if connect is None:
        where = f"identified by label '{LABEL}cluster' does not exist in namespace {metadata['namespace']}"
        failed = condition("NotReady", "True", "NoSuchResourceException", f"KafkaConnect resource '{cluster}' {where}.")
    elif not is_on(connect):
        message = f"KafkaConnect {cluster} is not configured with annotation {ANNOTATION}"
        failed = condition("NotReady", "True", "NoSuchResourceException", message)
    else:
        fields, failed = _kept(_rest(connect), connector)
    status = {
        **dict.fromkeys(_FIELDS),
        **fields,
        "conditions": [failed or condition("Ready", "True")],
        "observedGeneration": metadata["generation"],
    }
    if is_news(connector, status):
        api.patch(connector, {"status": status}, "status")
    return None


def _kept(rest: Rest, connector: Object) -> tuple[Object, Object | None]:
    """:returns: what the status tells, and the condition of a failure."""
    path = _path(connector["metadata"]["name"])
    spec, before = connector["spec"], (connector.get("status") or {}).get("autoRestart") or {}
    wanted = spec.get("state") or "running"
    try:
        config = wanted_config(connector)
        if _found(rest, f"{path}/config") != config:
            rest.ask("PUT", f"{path}/config", config)
        status = _found(rest, f"{path}/status")
        if status is None:
            return {}, condition("NotReady", "True", "ConnectRestException", "Status not found")
        step = verb(status["connector"]["state"], wanted)
        if step:
            rest.ask("PUT", f"{path}/{step}")
            status = _found(rest, f"{path}/status") or status
        failed = failed_parts(status)
        if failed and is_restart_due(spec, before, datetime.now(UTC)):
            rest.ask("POST", f"{path}/restart?includeTasks=true&onlyFailed=true")
            stamp = datetime.now(UTC).isoformat()
            before = {"count": before.get("count", 0) + 1, "lastRestartTimestamp": stamp}
        topics = sorted(rest.ask("GET", f"{path}/topics")[connector["metadata"]["name"]]["topics"])
    except RestError as error:
        kind = "ConnectRestException" if error.status else "ConnectTimeoutException"
        return {}, condition("NotReady", "True", kind, str(error))
    fields = {
        "connectorStatus": status,
        "tasksMax": len(status["tasks"]),
        "topics": topics,
        "autoRestart": before or None,
    }
    return fields, condition("NotReady", "True", "Throwable", failed) if failed else None


def _rest(connect: Object) -> Rest:
    metadata = connect["metadata"]
    return Rest(f"http://{metadata['name']}-connect-api.{metadata['namespace']}.svc:{_PORT}")


def _found(rest: Rest, path: str) -> Any:
    try:
        return rest.ask("GET", path)
    except RestError as error:
        if error.status == 404:
            return None
        raise


def _path(name: str) -> str:
    return f"/connectors/{quote(name, safe='')}"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _message(text: bytes) -> str:
    try:
        answer = json.loads(text)
    except ValueError:
        return text.decode(errors="replace")[:500]
    return str(answer.get("message", answer)) if isinstance(answer, Mapping) else str(answer)
