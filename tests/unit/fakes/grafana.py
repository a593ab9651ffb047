"""A Grafana in this process: what community.grafana's modules ask of one. It shares no code with what is under test."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeGrafana:
    """:param token: without it every request is a 401."""

    token: str
    url: str = ""
    dashboards: dict[str, dict[str, Any]] = field(default_factory=dict)
    datasources: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, token: str, body: dict[str, Any]) -> tuple[int, Any]:
        if token != f"Bearer {self.token}":
            return 401, {"message": f"invalid API key {token}"}
        if method != "GET":
            self.changes.append(f"{method} {path}")
        kind, _, rest = path.removeprefix("/api/").partition("/")
        handler = getattr(self, f"_{kind}", None)
        return handler(method, rest, body) if handler else (404, {"message": "Not found"})

    def _org(self, _method: str, _rest: str, _body: dict[str, Any]) -> tuple[int, Any]:
        return 200, {"id": 1, "name": "Main Org."}

    def _frontend(self, _method: str, _rest: str, _body: dict[str, Any]) -> tuple[int, Any]:
        return 200, {"buildInfo": {"version": "11.6.0"}}

    def _dashboards(self, method: str, rest: str, body: dict[str, Any]) -> tuple[int, Any]:
        if method == "POST" and rest == "db":
            dashboard = body["dashboard"]
            known = self.dashboards.get(dashboard["uid"])
            if known and not body.get("overwrite"):
                return 412, {"message": "The dashboard has been changed by someone else"}
            version = known["version"] + 1 if known else 1
            self.dashboards[dashboard["uid"]] = {**dashboard, "id": 7, "version": version}
            return 200, {"uid": dashboard["uid"], "status": "success", "version": version}
        found = self.dashboards.get(rest.removeprefix("uid/"))
        return (200, {"meta": {"folderId": 0}, "dashboard": found}) if found else (404, {"message": "Not found"})

    def _datasources(self, method: str, rest: str, body: dict[str, Any]) -> tuple[int, Any]:
        if method in ("POST", "PUT"):
            number = len(self.datasources) + 1 if method == "POST" else int(rest)
            known = {"id": number, "uid": f"uid-{number}", "readOnly": False, "version": 1, "secureJsonFields": {}}
            kept = {**body, **known}
            self.datasources[body["name"]] = kept
            return 200, {"message": "Datasource added", "id": number, "datasource": kept}
        found = self.datasources.get(rest.removeprefix("name/"))
        return (200, found) if found else (404, {"message": "Data source not found"})


@contextmanager
def grafana(token: str) -> Iterator[FakeGrafana]:
    fake = FakeGrafana(token)

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("Authorization", "")
            status, data = fake.answer(self.command, self.path.split("?")[0], token, json.loads(body or b"{}"))
            text = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = _serve

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
