# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of an API server as reading pods' logs takes: lists by label, and lines from a whole second on."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

POD_OF = "/api/v1/namespaces/apps/pods"


@dataclass
class FakePod:
    """:param lines: (time, text); the time in RFC 3339 with nanoseconds, in their order."""

    name: str
    labels: dict[str, str]
    lines: list[tuple[str, str]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=lambda: {"running": {}})
    status: dict[str, Any] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        container = {"name": "main", "restartCount": 0, "state": self.state}
        status = {"phase": "Running", "containerStatuses": [container], **self.status}
        return {"metadata": {"name": self.name, "labels": self.labels}, "status": status}

    def log(self, since: str) -> str:
        return "".join(f"{at} {text}\n" for at, text in self.lines if at[:19] >= since[:19])


@dataclass
class FakeKubernetes:
    """:param refuses: status and message that it answers everything with."""

    url: str = ""
    pods: list[FakePod] = field(default_factory=list)
    refuses: tuple[int, str] | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def connection(self) -> dict[str, Any]:
        return {"host": self.url, "api_key": "a token"}

    def answer(self, target: str) -> tuple[int, str, str]:
        self.asked.append(target)
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        if self.refuses:
            status, message = self.refuses
            return status, "application/json", json.dumps({"kind": "Status", "apiVersion": "v1", "message": message})
        if parts.path == POD_OF:
            wanted = dict(one.split("=") for one in query["labelSelector"][0].split(","))
            found = [pod.json() for pod in self.pods if wanted.items() <= pod.labels.items()]
            return 200, "application/json", json.dumps({"kind": "PodList", "items": found})
        name = parts.path.removeprefix(f"{POD_OF}/").removesuffix("/log")
        pod = next((pod for pod in self.pods if pod.name == name), None)
        if pod is None:
            return 404, "application/json", json.dumps({"kind": "Status", "apiVersion": "v1", "message": "not found"})
        assert query["timestamps"] == ["true"]
        return 200, "text/plain", pod.log(query["sinceTime"][0])


@contextmanager
def fake_kubernetes() -> Iterator[FakeKubernetes]:
    fake = FakeKubernetes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, text = fake.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
