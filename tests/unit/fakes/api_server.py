# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of an API server as reading, watching and writing objects takes, in the words of the real one."""

from __future__ import annotations

import http.server
import json
import re
import select
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.unit.fakes.server_side_apply import applied
from tests.unit.kubernetes.fake_objects import KINDS, NAMESPACE, FakeObjects, Object, Refused, merged

_PATH = re.compile(
    r"/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+/[^/]+))(?:/namespaces/(?P<namespace>[^/]+))?"
    r"/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?(?:/(?P<part>log))?"
)
_CONFIG_MAP = {
    "type": "object",
    "x-kubernetes-group-version-kind": [{"group": "", "kind": "ConfigMap", "version": "v1"}],
    "properties": {
        "data": {"type": "object", "additionalProperties": {"type": "string", "default": ""}},
        "immutable": {"type": "boolean"},
    },
}
_VERBS = {"POST": "create", "PATCH": "patch", "DELETE": "delete"}


class ApiServer(FakeObjects):
    """:param asked: method and target of each request; :param forbids: (verb, plural) that nobody may;
    :param nobodies: tokens that may nothing but discover; :param logs: by pod, container, and whether of the life
    before; :param documents: of OpenAPI, by group and version; :param watches: those of its connections that are one;
    :param unwell: to how many requests from now on it is not ready to answer; :param busy: how many it asks to come
    again; :param namespaces: that there are.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.unwell = 0
        self.busy = 0
        self.namespaces = {NAMESPACE, "logging"}
        self.forbids: set[tuple[str, str]] = set()
        self.nobodies: set[str] = set()
        self.logs: dict[tuple[str, str, bool], str] = {}
        self.documents: dict[str, Object] = {"v1": {"components": {"schemas": {"ConfigMap": _CONFIG_MAP}}}}
        self.connections: set[socket.socket] = set()
        self.watches: set[socket.socket] = set()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def connection(self) -> dict[str, Any]:
        return {"host": self.url, "api_key": "a token"}

    def lists(self, plural: str) -> int:
        """How often it was asked for a list."""
        return sum(1 for one in self.asked if re.search(rf"^GET .*/{plural}(\?(?!.*watch=)|$)", one))

    def cut(self, connections: set[socket.socket]) -> None:
        for connection in list(connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.cut(self.connections)

    def answer(self, method: str, target: str, token: str, given: Any) -> tuple[int, Any]:
        """:returns: the status and JSON, a log's text, or the events of a watch, which go on."""
        parts = urlsplit(target)
        with self.turn:
            self.asked.append(f"{method} {target}")
            self.turn.notify_all()
            try:
                if self.unwell:
                    self.unwell -= 1
                    raise Refused(503, "ServiceUnavailable", "apiserver not ready")
                if self.busy:
                    self.busy -= 1
                    raise Refused(429, "TooManyRequests", "storage is (re)initializing")
                found = _PATH.fullmatch(parts.path)
                if parts.path.startswith("/openapi/v3/") or found is None:
                    return self._discovery(parts.path)
                return self._resource(method, found, dict(parse_qsl(parts.query)), token, given)
            except Refused as refused:
                return refused.code, refused.status

    def _discovery(self, path: str) -> tuple[int, Any]:
        version = re.sub("^/(openapi/v3/)?apis?/", "", path)
        if path.startswith("/openapi/"):
            return (200, self.documents[version]) if version in self.documents else (404, None)
        kinds = [kind for kind in KINDS if kind.api_version == version]
        versions = list(dict.fromkeys(kind.api_version for kind in KINDS if kind[0].startswith(f"{version}/")))
        if kinds:
            resources = [{"name": one.plural, "kind": one.kind, "namespaced": one.namespaced} for one in kinds]
            parts = [{**one, "name": f"{one['name']}/status"} for one in resources]
            return 200, {"kind": "APIResourceList", "groupVersion": version, "resources": resources + parts}
        if versions:
            told = [{"groupVersion": one, "version": one.rpartition("/")[2]} for one in versions]
            return 200, {"kind": "APIGroup", "name": version, "versions": told, "preferredVersion": told[0]}
        return 404, "404 page not found\n"

    def _resource(
        self, method: str, found: re.Match[str], query: dict[str, str], token: str, given: Any
    ) -> tuple[int, Any]:
        plural, namespace, name = found["plural"], found["namespace"], found["name"]
        api_version = found["core"] or found["group"]
        kind = next((one for one in KINDS if (one.api_version, one.plural) == (api_version, plural)), None)
        if kind is None:
            raise Refused(404, "NotFound", "the server could not find the requested resource")
        is_watch = query.get("watch") == "true"
        self._allow(_VERBS.get(method) or ("get" if name else "watch" if is_watch else "list"), found, token)
        makes = method == "POST" or (method == "PATCH" and "fieldManager" in query)
        if makes and namespace and namespace not in self.namespaces:
            raise Refused(404, "NotFound", f'namespaces "{namespace}" not found')
        if method == "POST":
            return 201, self._create({**given, "apiVersion": api_version, "kind": kind.kind}, plural, namespace)
        if not name:
            return 200, self.events(plural, namespace, query) if is_watch else self.listed(kind, namespace, query)
        old = self.find(plural, namespace, name)
        if method == "PATCH" and "fieldManager" in query:
            return 200, self._apply(plural, old, given, query)
        if old is None:
            raise Refused(404, "NotFound", f'{plural} "{name}" not found')
        if found["part"]:
            return 200, self._log(name, query)
        if method == "DELETE":
            return 200, self.delete(plural, name, namespace) or {"kind": "Status", "status": "Success"}
        return 200, self._patch(plural, old, given) if method == "PATCH" else old

    def _create(self, one: Object, plural: str, namespace: str | None) -> Object:
        name = one["metadata"]["name"]
        if self.find(plural, namespace, name):
            raise Refused(409, "AlreadyExists", f'{plural} "{name}" already exists')
        one["metadata"] = {**one["metadata"], **({"namespace": namespace} if namespace else {})}
        return self.store(plural, None, one)

    def _patch(self, plural: str, old: Object, patch: Object) -> Object:
        meta = old["metadata"]
        if (patch.get("metadata") or {}).get("resourceVersion", meta["resourceVersion"]) != meta["resourceVersion"]:
            message = "the object has been modified; please apply your changes to the latest version and try again"
            raise Refused(409, "Conflict", f'Operation cannot be fulfilled on {plural} "{meta["name"]}": {message}')
        return self.store(plural, old, merged(old, patch))

    def _apply(self, plural: str, old: Object | None, definition: Object, query: Mapping[str, str]) -> Object:
        new = applied(old, definition, query["fieldManager"], query.get("force") == "true")
        return new if query.get("dryRun") else self.store(plural, old, new)

    def _allow(self, verb: str, found: re.Match[str], token: str) -> None:
        plural, group = found["plural"], (found["group"] or "").partition("/")[0]
        if token not in self.nobodies and (verb, plural) not in self.forbids:
            return
        what = f"{plural}.{group}" if group else plural
        what += f' "{found["name"]}"' if found["name"] else ""
        where = f'in the namespace "{found["namespace"]}"' if found["namespace"] else "at the cluster scope"
        may = f'User "nobody" cannot {verb} resource "{plural}" in API group "{group}" {where}'
        raise Refused(403, "Forbidden", f"{what} is forbidden: {may}")

    def _log(self, pod: str, query: Mapping[str, str]) -> str:
        key = (pod, query["container"], query.get("previous") == "true")
        if key not in self.logs:
            raise Refused(400, "BadRequest", f'container "{key[1]}" in pod "{pod}" has no such log')
        return "".join(self.logs[key].splitlines(keepends=True)[-int(query["tailLines"]) :])


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: ApiServer

    def setup(self) -> None:
        super().setup()
        self._tell(self.fake.connections.add)

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self._tell(self.fake.connections.discard)

    def _answer(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        status, answer = self.fake.answer(self.command, self.path, token, given)
        is_text = isinstance(answer, str)
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if is_text else "application/json")
        if isinstance(answer, Iterator):
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._tell(self.fake.watches.add)
            with suppress(OSError):
                self._stream(answer)
            self._tell(self.fake.watches.discard)
            return
        body = (answer if is_text else json.dumps(answer) if answer else "").encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer

    def _stream(self, events: Iterator[Object | None]) -> None:
        for event in events:
            if event:
                line = json.dumps(event).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            elif select.select([self.connection], [], [], 0)[0]:
                # Nothing is to be read during a watch, but its end.
                self.close_connection = True
                return
        self.wfile.write(b"0\r\n\r\n")

    def _tell(self, what: Callable[[socket.socket], None]) -> None:
        with self.fake.turn:
            what(self.connection)
            self.fake.turn.notify_all()

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def api_server() -> Iterator[ApiServer]:
    fake = ApiServer()
    try:
        yield fake
    finally:
        fake.stop()
