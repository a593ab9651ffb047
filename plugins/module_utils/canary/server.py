# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers /metrics, /healthz and /report. Reads what it is handed; changes nothing."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from ..errors import InvalidInput


class Answer(NamedTuple):
    content: bytes
    content_type: str
    status: HTTPStatus = HTTPStatus.OK


#: Gets what the client would like to have, the header Accept.
View = Callable[[str], Answer]


class Server:
    """:ivar port: that it listens on; another than was asked for when that was 0."""

    def __init__(self, address: str, port: int, views: Mapping[str, View]) -> None:
        """:param views: by path.

        :raises InvalidInput: it can't listen there.
        """
        try:
            self._server = _server(address)((address, port), _request_class(views))
        except (OSError, OverflowError) as error:
            raise InvalidInput(
                f"Could not listen on {address}:{port}: {getattr(error, 'strerror', None) or error}.",
                advice="Set listen_address and listen_port to where nothing else listens.",
            ) from error
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="http", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def json_answer(data: Any, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    return Answer(json.dumps(data, indent=2).encode() + b"\n", "application/json", status)


def text_answer(text: str, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    return Answer(text.encode() + b"\n", "text/plain; charset=utf-8", status)


def _server(address: str) -> type[ThreadingHTTPServer]:
    class IPv6Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6

    return IPv6Server if ":" in address else ThreadingHTTPServer


def _request_class(views: Mapping[str, View]) -> type[BaseHTTPRequestHandler]:
    class Request(BaseHTTPRequestHandler):
        # A client that sends nothing must not keep a thread for ever.
        timeout = 10
        server_version = "loggy-canary"
        sys_version = ""

        def do_GET(self) -> None:
            self._answer(with_content=True)

        def do_HEAD(self) -> None:
            self._answer(with_content=False)

        def log_message(self, format: str, *args: Any) -> None:
            """A scrape every few seconds is no news."""

        def _answer(self, *, with_content: bool) -> None:
            view = views.get(self.path.split("?", 1)[0])
            if view is None:
                answer = text_answer("not found: " + " ".join(views), HTTPStatus.NOT_FOUND)
            else:
                answer = view(self.headers.get("Accept", ""))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.content)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            if with_content:
                self.wfile.write(answer.content)

    return Request
