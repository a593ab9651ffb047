# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Kafka Connect worker in this process: what this project asks of one, with the oddities that real ones have.

The contract suite runs against it and against real workers. It shares no code with what is under test.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.unit.fakes.connect_cluster import PLUGINS, FakeCluster, FakeConnector, FakePlugin

REBALANCE = "Cannot complete request because of a conflicting operation (e.g. worker rebalance)"


class Refused(Exception):
    """:param body: a message for Connect's own error, or a whole page of HTML or text."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


@dataclass
class Fault:
    """What is answered in place of the worker's own answer, ``times`` times, to requests that match."""

    request: str
    status: int
    body: str = ""
    times: int = 1
    content_type: str = "application/json"
    after: bool = False


@dataclass
class FakeWorker:
    """
    :param user: (name, password) without which every request is a 401; None asks for none.
    :param delay: seconds that each change takes.
    :ivar requests: "METHOD /path?query" of each request, in order.
    :ivar most_at_once: how many requests were under way together at the most.
    """

    cluster: FakeCluster = field(default_factory=FakeCluster)
    plugins: tuple[FakePlugin, ...] = PLUGINS
    user: tuple[str, str] | None = None
    delay: float = 0
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    levels: dict[str, str] = field(default_factory=lambda: {"root": "INFO"})
    url: str = ""
    most_at_once: int = 0
    _under_way: int = 0

    @property
    def connectors(self) -> dict[str, FakeConnector]:
        return self.cluster.connectors

    @property
    def writes(self) -> list[str]:
        """The requests that change something."""
        return [one for one in self.requests if not one.startswith("GET") and "/config/validate" not in one]

    @property
    def worker_id(self) -> str:
        return urlsplit(self.url).netloc

    def add(self, name: str, config: Mapping[str, str], state: str = "RUNNING") -> FakeConnector:
        """A connector that is there, at rest."""
        kind = self.plugin(config["connector.class"]).kind
        connector = FakeConnector(name, {**config, "name": name}, kind)
        self.cluster.start(connector, self.worker_id)
        connector.target = state
        self.cluster.start(connector, self.worker_id)
        self.connectors[name] = connector
        return connector

    def plugin(self, name: str) -> FakePlugin:
        for plugin in self.plugins:
            if plugin.answers_to(name):
                return plugin
        raise Refused(400, f"Failed to find any class that implements Connector and which name matches {name}")

    def validation(self, config: Mapping[str, str]) -> list[dict[str, Any]]:
        plugin = self.plugin(config["connector.class"])
        fields = []
        for key, kind in plugin.all_keys.items():
            value, errors = config.get(key), []
            if value is None and key in plugin.required:
                errors.append(f'Missing required configuration "{key}" which has no default value.')
            if value is not None and kind == "INT" and not value.lstrip("-").isdigit():
                errors.append(f"Invalid value {value} for configuration {key}: Not a number of type {kind}")
            shown = "[hidden]" if kind == "PASSWORD" and value else value
            fields.append(_field(key, kind, shown, errors))
        for alias in filter(None, config.get("transforms", "").split(",")):
            key = f"transforms.{alias}.type"
            known = config.get(key, "").startswith("org.apache.kafka.connect.transforms.")
            error = f"Invalid value {config.get(key)} for configuration {key}: Class could not be found."
            fields.append(_field(key, "CLASS", config.get(key), [] if known else [error]))
        return fields

    # The requests, each by its method and its path.

    def get_root(self, query: Mapping[str, str]) -> Any:
        return {"version": self.cluster.version, "commit": "26b251a451ce941d", "kafka_cluster_id": "fake"}

    def get_health(self, query: Mapping[str, str]) -> Any:
        self._since(3, 8)
        return {"status": "healthy", "message": "Worker has completed startup and is ready to handle requests."}

    def get_connectors(self, query: Mapping[str, str]) -> Any:
        if "expand" not in query:
            return list(self.connectors)
        self.cluster.listed()
        return {
            name: {"info": _info(connector), "status": _status(connector, self.worker_id)}
            for name, connector in self.connectors.items()
            if connector.state
        }

    def post_connectors(self, query: Mapping[str, str], body: Any) -> Any:
        name = body["name"]
        if "initial_state" in body:
            self._since(3, 7, 'Unrecognized field "initial_state"', status=500)
        if name in self.connectors:
            raise Refused(409, f"Connector {name} already exists")
        return 201, self._create(name, body["config"], body.get("initial_state", "RUNNING"))

    def put_config(self, query: Mapping[str, str], name: str, body: Any) -> Any:
        if name not in self.connectors:
            return 201, self._create(name, body, "RUNNING")
        self._check(body)
        connector = self.connectors[name]
        connector.config = {**_as_text(body), "name": name}
        self.cluster.later(lambda: self.cluster.start(connector, self.worker_id))
        return _info(connector)

    def _create(self, name: str, config: Mapping[str, Any], target: str) -> Any:
        self._check(config)
        connector = FakeConnector(
            name, {**_as_text(config), "name": name}, self.plugin(config["connector.class"]).kind, target
        )
        self.connectors[name] = connector
        self.cluster.later(lambda: self.cluster.start(connector, self.worker_id))
        return _info(connector)

    def _check(self, config: Mapping[str, Any]) -> None:
        if "connector.class" not in config:
            raise Refused(400, f"Connector config {config} contains no connector type")
        errors = [error for one in self.validation(_as_text(config)) for error in one["value"]["errors"]]
        if errors:
            raise Refused(
                400, f"Connector configuration is invalid and contains the following {len(errors)} error(s): {errors}"
            )

    def get_connector(self, query: Mapping[str, str], name: str) -> Any:
        return _info(self._connector(name))

    def get_config(self, query: Mapping[str, str], name: str) -> Any:
        return self._connector(name).config

    def get_status(self, query: Mapping[str, str], name: str) -> Any:
        self.cluster.listed()
        if name in self.cluster.statuses_of_deleted:
            return {"name": name, "connector": {"state": "UNASSIGNED", "worker_id": self.worker_id}, "tasks": []}
        connector = self._connector(name)
        if not connector.state:
            raise Refused(404, f"No status found for connector {name}")
        return _status(connector, self.worker_id)

    def put_pause(self, query: Mapping[str, str], name: str, body: Any) -> Any:
        return 202, self._move(name, "PAUSED")

    def put_resume(self, query: Mapping[str, str], name: str, body: Any) -> Any:
        return 202, self._move(name, "RUNNING")

    def put_stop(self, query: Mapping[str, str], name: str, body: Any) -> Any:
        self._since(3, 5)
        return 204, self._move(name, "STOPPED")

    def _move(self, name: str, target: str) -> None:
        connector = self._connector(name)
        connector.target = target
        self.cluster.later(lambda: self.cluster.start(connector, self.worker_id))

    def post_restart(self, query: Mapping[str, str], name: str, body: Any) -> Any:
        connector = self._connector(name)
        assert query == {"includeTasks": "true", "onlyFailed": "true"}
        self.cluster.later(lambda: self.cluster.start(connector, self.worker_id))
        return 202, _status(connector, self.worker_id)

    def delete_connector(self, query: Mapping[str, str], name: str) -> Any:
        del self.connectors[self._connector(name).name]
        self.cluster.statuses_of_deleted.add(name)
        self.cluster.later(lambda: self.cluster.statuses_of_deleted.discard(name))
        return 204, None

    def get_topics(self, query: Mapping[str, str], name: str) -> Any:
        return {name: {"topics": [self._connector(name).config.get("topic", "t")]}}

    def get_offsets(self, query: Mapping[str, str], name: str) -> Any:
        self._since(3, 5)
        return {"offsets": self._connector(name).offsets}

    def patch_offsets(self, query: Mapping[str, str], name: str, body: Any) -> Any:
        connector = self._stopped(name)
        for one in body["offsets"]:
            if connector.kind == "source" and not isinstance((one["offset"] or {}).get("position", 0), int):
                raise Refused(500, f"Failed to alter connector offsets for connector {name}: position is no number")
        after = {json.dumps(one["partition"], sort_keys=True): one for one in connector.offsets + body["offsets"]}
        connector.offsets = [one for one in after.values() if one["offset"] is not None]
        return {"message": f"The offsets for this connector have been altered successfully {name}"}

    def delete_offsets(self, query: Mapping[str, str], name: str) -> Any:
        self._stopped(name).offsets = []
        return {"message": "The offsets for this connector have been reset successfully"}

    def _stopped(self, name: str) -> FakeConnector:
        self._since(3, 6)
        connector = self._connector(name)
        if connector.state != "STOPPED":
            raise Refused(400, "Connectors must be in the STOPPED state before their offsets can be modified.")
        return connector

    def get_plugins(self, query: Mapping[str, str]) -> Any:
        return [{"class": one.name, "type": one.kind, "version": one.version} for one in self.plugins]

    def get_plugin_config(self, query: Mapping[str, str], name: str) -> Any:
        self._since(3, 2)
        try:
            return [{"name": key, "type": kind} for key, kind in self.plugin(name).all_keys.items()]
        except Refused:
            raise Refused(404, f"Unknown plugin {name}.") from None

    def put_validate(self, query: Mapping[str, str], name: str, body: Any) -> Any:
        assert self.plugin(body["connector.class"]) is self.plugin(name)
        fields = self.validation(body)
        return {"name": name, "error_count": sum(bool(one["value"]["errors"]) for one in fields), "configs": fields}

    def get_logger(self, query: Mapping[str, str], name: str) -> Any:
        if name not in self.levels:
            raise Refused(404, f"Logger {name} not found.")
        return {"level": self.levels[name], "last_modified": None}

    def put_logger(self, query: Mapping[str, str], name: str, body: Any) -> Any:
        everywhere = query.get("scope") == "cluster" and self.cluster.number >= (3, 7)
        for levels in self.cluster.loggers if everywhere else [self.levels]:
            below = [other for other in levels if name == "root" or other.startswith(f"{name}.")]
            levels.update(dict.fromkeys([name, *below], body["level"]))
        return (204, None) if everywhere else [name]

    def _connector(self, name: str) -> FakeConnector:
        if name not in self.connectors:
            raise Refused(404, f"Connector {name} not found")
        return self.connectors[name]

    def _since(self, major: int, minor: int, message: str = "HTTP 404 Not Found", status: int = 404) -> None:
        if self.cluster.number < (major, minor):
            raise Refused(status, message)

    # Below: HTTP.

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, bytes]:
        with self.cluster.lock:
            self.requests.append(f"{method} {target}")
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            if method != "GET":
                time.sleep(self.delay)
            with self.cluster.lock:
                return self._answer(method, target, headers, body)
        finally:
            with self.cluster.lock:
                self._under_way -= 1

    def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, bytes]:
        try:
            fault = self._fault(f"{method} {target}")
            if fault is not None and not fault.after:
                return fault.status, fault.content_type, fault.body.encode()
            if self.user and headers.get("Authorization") != _basic(self.user):
                raise Refused(401, "User cannot access the resource.")
            answer = self._routed(method, target, json.loads(body) if body else None)
            if fault is not None:
                return fault.status, fault.content_type, fault.body.encode()
        except Refused as refused:
            if refused.body.startswith("<") or refused.status == 401:
                return refused.status, "text/html", refused.body.encode()
            status, answer = refused.status, {"error_code": refused.status, "message": refused.body}
        else:
            status, answer = answer if isinstance(answer, tuple) else (200, answer)
        return status, "application/json", b"" if answer is None else json.dumps(answer).encode()

    def _fault(self, request: str) -> Fault | None:
        for fault in self.faults:
            if fault.times and re.search(fault.request, request):
                fault.times -= 1
                return fault
        return None

    def _routed(self, method: str, target: str, body: Any) -> Any:
        parts = urlsplit(target)
        if self.cluster.number >= (4, 0) and re.search("%2F|%25", parts.path, re.IGNORECASE):
            raise Refused(400, "<html><title>Error 400 Ambiguous URI path separator</title></html>")
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        for verb, pattern, call in ROUTES:
            match = re.fullmatch(pattern, parts.path)
            if match and verb == method:
                names = [unquote(name) for name in match.groups()]
                return call(self, query, *names, *([body] if method in ("PUT", "POST", "PATCH") else []))
        raise Refused(404, "HTTP 404 Not Found")


ROUTES: list[tuple[str, str, Callable[..., Any]]] = [
    ("GET", "/", FakeWorker.get_root),
    ("GET", "/health", FakeWorker.get_health),
    ("GET", "/connectors", FakeWorker.get_connectors),
    ("POST", "/connectors", FakeWorker.post_connectors),
    ("GET", "/connectors/([^/]+)", FakeWorker.get_connector),
    ("DELETE", "/connectors/([^/]+)", FakeWorker.delete_connector),
    ("GET", "/connectors/([^/]+)/config", FakeWorker.get_config),
    ("PUT", "/connectors/([^/]+)/config", FakeWorker.put_config),
    ("GET", "/connectors/([^/]+)/status", FakeWorker.get_status),
    ("PUT", "/connectors/([^/]+)/pause", FakeWorker.put_pause),
    ("PUT", "/connectors/([^/]+)/resume", FakeWorker.put_resume),
    ("PUT", "/connectors/([^/]+)/stop", FakeWorker.put_stop),
    ("POST", "/connectors/([^/]+)/restart", FakeWorker.post_restart),
    ("GET", "/connectors/([^/]+)/topics", FakeWorker.get_topics),
    ("GET", "/connectors/([^/]+)/offsets", FakeWorker.get_offsets),
    ("PATCH", "/connectors/([^/]+)/offsets", FakeWorker.patch_offsets),
    ("DELETE", "/connectors/([^/]+)/offsets", FakeWorker.delete_offsets),
    ("GET", "/connector-plugins", FakeWorker.get_plugins),
    ("GET", "/connector-plugins/([^/]+)/config", FakeWorker.get_plugin_config),
    ("PUT", "/connector-plugins/([^/]+)/config/validate", FakeWorker.put_validate),
    ("GET", "/admin/loggers/([^/]+)", FakeWorker.get_logger),
    ("PUT", "/admin/loggers/([^/]+)", FakeWorker.put_logger),
]


class FakeServer(ThreadingHTTPServer):
    # As many as a worker's Jetty lets wait; http.server's own 5 refuses some of 32 that come at once.
    request_queue_size = 50


@contextmanager
def fake_connect(
    cluster: FakeCluster | None = None, *, tls: ssl.SSLContext | None = None, **settings: Any
) -> Iterator[FakeWorker]:
    """A worker that serves; one more of the same group when it is given the first one's cluster."""
    worker = FakeWorker(cluster or FakeCluster(), **settings)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status, kind, content = worker.answer(
                self.command, self.path, dict(self.headers.items()), self.rfile.read(length)
            )
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status == 302:
                self.send_header("Location", content.decode())
            self.send_header("Content-Length", "0" if status == 204 else str(len(content)))
            self.end_headers()
            self.wfile.write(b"" if status == 204 else content)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _serve

        def log_message(self, *args: Any) -> None:
            pass

    server = FakeServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    worker.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    worker.cluster.loggers.append(worker.levels)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield worker
    finally:
        server.shutdown()
        server.server_close()


def _field(key: str, kind: str, value: Any, errors: list[str]) -> dict[str, Any]:
    return {"definition": {"name": key, "type": kind}, "value": {"name": key, "value": value, "errors": errors}}


def _as_text(config: Mapping[str, Any]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


def _info(connector: FakeConnector) -> dict[str, Any]:
    tasks = [{"connector": connector.name, "task": task["id"]} for task in connector.tasks]
    return {"name": connector.name, "config": connector.config, "tasks": tasks, "type": connector.kind}


def _status(connector: FakeConnector, worker_id: str) -> dict[str, Any]:
    state = {
        "state": connector.state,
        "worker_id": worker_id,
        **({"trace": connector.trace} if connector.trace else {}),
    }
    tasks = [{key: value for key, value in task.items() if value != ""} for task in connector.tasks]
    return {"name": connector.name, "connector": state, "tasks": tasks, "type": connector.kind}


def _basic(user: tuple[str, str]) -> str:
    return "Basic " + base64.b64encode(":".join(user).encode()).decode()
