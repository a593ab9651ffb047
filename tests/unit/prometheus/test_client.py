"""What is refused before anything is sent, and what is said of servers that are not as they should be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import (
    InvalidInput,
    PipelineError,
    Unauthorized,
    UnexpectedAnswer,
    Unreachable,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.prometheus.dashboard_page import OPERATION

from tests.unit.run_operation import run_operation
from tests.unit.test_http import serving

SECRET = "s3cret-token"
PANEL = {"title": "One", "type": "stat", "targets": [{"expr": "up"}]}
DASHBOARD = {"title": "Test", "panels": [PANEL]}


def run(url: str, **options: Any) -> dict[str, Any]:
    return run_operation(OPERATION, **{"url": url, "dashboard": DASHBOARD, **options})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "prometheus:9090"}, "is no URL of Prometheus"),
        ({"url": "http://u:p@prometheus:9090"}, "holds a user or a password"),
        ({"ca_path": "/no/such/file"}, "there is no /no/such/file"),
        ({"timeout": 0}, "timeout is 0"),
        ({"range": 10}, "range is 10"),
        ({"dashboard": {}}, "no title or no panels"),
        ({"dashboard": {"title": "T", "panels": [{"type": "row"}]}}, '"T" has no panel that can be drawn'),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        run(**{"url": "http://127.0.0.1:1", **options})


def test_nobody_there_is_said_in_one_line() -> None:
    with pytest.raises(
        Unreachable, match=r"^No answer from Prometheus: GET http://127.0.0.1:1/api/v1/query: .*\n?"
    ) as got:
        run("http://127.0.0.1:1")
    assert "\n" not in str(got.value)


def test_a_token_is_sent_and_never_told() -> None:
    seen: list[str] = []

    def reply(request: Any) -> tuple[int, str, str]:
        seen.append(request.headers["Authorization"])
        return 401, "application/json", json.dumps({"message": f"{seen[-1]} is not known"})

    with serving(reply) as url, pytest.raises(Unauthorized) as got:
        run(url, token=SECRET)
    assert seen == [f"Bearer {SECRET}"]
    assert SECRET not in str(got.value) + repr(got.value.details)


@pytest.mark.parametrize(
    ("kind", "text"), [("text/html", "<h1>Log in</h1>"), ("application/json", '{"status": "green"}')]
)
def test_something_else_is_told_from_prometheus(kind: str, text: str) -> None:
    with serving(lambda _request: (200, kind, text)) as url, pytest.raises(UnexpectedAnswer, match="really Prometheus"):
        run(url)


def test_errors_are_one_line_for_whatever_is_answered() -> None:
    with serving(lambda _request: (503, "text/plain", "starting\nup")) as url, pytest.raises(PipelineError) as got:
        run(url)
    assert "503: starting up" in str(got.value)
