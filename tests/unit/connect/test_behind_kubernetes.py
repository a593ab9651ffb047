# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connect through an API server's proxy: the same operations, and what the API server says for itself."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.loggy.pipeline.plugins.module_utils.connect import connector_info, connectors, plugin_info
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotReady, Unauthorized, Unreachable

from tests.unit.fakes.connect import fake_connect
from tests.unit.run_operation import run_operation

CONFIG = {"connector.class": "FileStreamSource", "topic": "t", "file": "/f"}
SERVICE = "/api/v1/namespaces/logs/services/http:my-connect-cluster-connect-api:8083/proxy"
POD = "/api/v1/namespaces/logs/pods/http:my-connect-cluster-connect-0:8083/proxy"


@dataclass
class ApiServer:
    """Answers for itself, or hands on to the worker as the API server's proxy does: without the authorization."""

    url: str = ""
    worker: str = ""
    says: tuple[int, str] | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def connection(self) -> dict[str, Any]:
        return {"host": self.url, "api_key": "a token", "namespace": "logs"}

    def reply(self, request: http.server.BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        self.asked.append(request.path)
        if request.headers.get("authorization") != "Bearer a token":
            return self.status(401, "Unauthorized")
        if self.says:
            return self.status(*self.says)
        path = next(request.path.removeprefix(one) for one in (SERVICE, POD) if request.path.startswith(one))
        headers = {"Content-Type": "application/json"}
        to = urllib.request.Request(self.worker + path, body or None, headers, method=request.command)
        try:
            with urllib.request.urlopen(to, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    @staticmethod
    def status(code: int, message: str) -> tuple[int, bytes]:
        return code, json.dumps({"kind": "Status", "apiVersion": "v1", "message": message, "code": code}).encode()


@pytest.fixture
def api_server() -> Iterator[ApiServer]:
    api = ApiServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        def _serve(self) -> None:
            status, body = api.reply(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = _serve

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    with fake_connect() as worker:
        api.worker = worker.url
        yield api
    server.shutdown()
    server.server_close()


def service(api: ApiServer) -> dict[str, Any]:
    return {**api.connection, "service": "my-connect-cluster-connect-api"}


def test_connectors_are_reconciled_through_the_proxy(api_server: ApiServer) -> None:
    wanted: dict[str, Any] = {"connectors": [{"name": "mine", "config": CONFIG}], "kubernetes": service(api_server)}
    assert run_operation(connectors.OPERATION, **wanted)["changed"]
    assert not run_operation(connectors.OPERATION, **wanted)["changed"]
    assert all(path.startswith(SERVICE) for path in api_server.asked)
    found = run_operation(connector_info.OPERATION, names=["mine", "none"], kubernetes=service(api_server))
    assert [one["name"] for one in found["connectors"]] == ["mine"]
    assert found["missing"] == ["none"]


def test_each_worker_can_be_asked_by_its_pod(api_server: ApiServer) -> None:
    to = {**api_server.connection, "pods": ["my-connect-cluster-connect-0"]}
    assert len(run_operation(plugin_info.OPERATION, kubernetes=to)["workers"]) == 1
    assert all(path.startswith(POD) for path in api_server.asked)


def test_who_may_not_use_the_proxy_is_told_what_it_takes(api_server: ApiServer) -> None:
    api_server.says = (403, 'services "x" is forbidden: User "me" cannot get resource "services/proxy"')
    with pytest.raises(
        Unauthorized, match=r"cannot get .* The account needs the verbs .* on services/proxy in .* logs"
    ):
        run_operation(connector_info.OPERATION, kubernetes=service(api_server))


def test_a_service_that_is_not_there_is_no_connector_that_is_not_there(api_server: ApiServer) -> None:
    api_server.says = (404, 'services "my-connect-cluster-connect-api" not found')
    with pytest.raises(Unreachable, match="there is no service my-connect-cluster-connect-api in namespace logs"):
        run_operation(connector_info.OPERATION, kubernetes=service(api_server), names=["mine"])


def test_workers_that_start_are_waited_for(api_server: ApiServer) -> None:
    api_server.says = (503, "no endpoints available for service")
    with pytest.raises(NotReady, match=r"(?s)Waited 0.2 s .*no pod is ready behind service my-connect-cluster"):
        run_operation(
            connectors.OPERATION, kubernetes=service(api_server), connectors=[{"name": "a"}], wait_timeout=0.2
        )


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "one of the following is required: urls, kubernetes"),
        ({"urls": ["http://c"], "kubernetes": {}}, "mutually exclusive: urls|kubernetes"),
        ({"kubernetes": {"namespace": "logs"}}, "one of the following is required: service, pods found in kubernetes"),
        ({"username": "me", "password": "x", "kubernetes": {}}, "mutually exclusive: username|kubernetes"),
    ],
)
def test_options_that_do_not_go_together_are_refused(params: dict[str, Any], message: str) -> None:
    operation = connector_info.OPERATION
    validation = ArgumentSpecValidator(dict(operation.argument_spec), **operation.rules).validate(params)
    assert message in "; ".join(validation.error_messages)
