# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that a well-known module for the same task makes. Each is a test of its own here, that it stays away."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect import connectors
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import (
    NotReady,
    PipelineError,
    UnexpectedAnswer,
    Unreachable,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Result

from tests.unit.certificates import Certificates
from tests.unit.fakes.connect import FakeWorker, Fault, fake_connect
from tests.unit.run_operation import run_operation

CONFIG = {"connector.class": "FileStreamSource", "topic": "t"}


def apply(worker: FakeWorker, *wanted: dict[str, Any], **params: Any) -> Result:
    return run_operation(
        connectors.OPERATION, urls=[worker.url], connectors=list(wanted), **{"wait_timeout": 5, **params}
    )


def test_1_a_delete_is_a_change() -> None:
    with fake_connect() as worker:
        worker.add("a", CONFIG)
        assert apply(worker, {"name": "a", "state": "absent"})["changed"]
        assert not worker.connectors


def test_2_a_removed_key_is_noticed() -> None:
    with fake_connect() as worker:
        worker.add("a", {**CONFIG, "batch.size": "7"})
        assert apply(worker, {"name": "a", "config": CONFIG})["changed"]
        assert "batch.size" not in worker.connectors["a"].config


def test_3_html_in_answer_to_a_read_makes_nothing_be_written() -> None:
    with fake_connect() as worker:
        worker.faults.append(Fault("GET /connectors", 200, "<html><title>Log in</title></html>", 9, "text/html"))
        with pytest.raises(UnexpectedAnswer, match=r'instead of JSON: "Log in"\. Is this really'):
            apply(worker, {"name": "a", "config": CONFIG})
        assert worker.writes == []


def test_4_a_500_in_answer_to_a_restart_is_no_success() -> None:
    with fake_connect() as worker:
        worker.add("a", CONFIG)
        worker.cluster.fail("a", "org.X: broken")
        worker.faults.append(Fault("POST /connectors/a/restart", 500, '{"error_code": 500, "message": "no such luck"}'))
        with pytest.raises(PipelineError, match=r"- a \(restarted\): POST .* answered 500: no such luck"):
            apply(worker, {"name": "a", "config": CONFIG})


def test_5_check_mode_looks_and_says_what_would_change() -> None:
    with fake_connect() as worker:
        worker.add("a", CONFIG)
        wanted = [{"name": "a", "config": {**CONFIG, "batch.size": 7}}, {"name": "b", "config": CONFIG}]
        predicted = apply(worker, *wanted, check_mode=True)
        assert worker.writes == []
        assert [one["changes"] for one in predicted["connectors"]] == [["config"], ["created"]]
        applied = apply(worker, *wanted)
        assert (applied["changed"], applied["diff"]) == (predicted["changed"], predicted["diff"])


def test_6_a_certificate_is_verified(certificates: Certificates) -> None:
    with fake_connect(tls=certificates.server_context()) as worker:
        with pytest.raises(Unreachable, match=r"TLS failed, .*certificate"):
            apply(worker, {"name": "a", "config": CONFIG})
        assert worker.requests == []
        assert apply(worker, {"name": "a", "config": CONFIG}, ca_path=str(certificates.ca))["changed"]
        assert not apply(worker, {"name": "a", "config": CONFIG}, validate_certs=False)["changed"]


def test_7_nothing_sleeps_where_nothing_is_to_wait_for() -> None:
    with fake_connect() as worker:
        wanted = [{"name": f"c{number}", "config": CONFIG} for number in range(20)]
        start = time.monotonic()
        apply(worker, *wanted)
        apply(worker, *wanted)
        assert time.monotonic() - start < 5


def test_8_a_connector_whose_task_failed_is_no_success() -> None:
    with fake_connect() as worker:
        config = {"connector.class": "FileStreamSink", "topics": "t", "file": "/no/such/folder/out"}
        with pytest.raises(NotReady, match=r"connector a: task 0 FAILED on 127.0.0.1:.*Couldn't find or create file"):
            apply(worker, {"name": "a", "config": config})


def test_9_connectors_are_read_with_one_request() -> None:
    with fake_connect() as worker:
        for number in range(20):
            worker.add(f"c{number}", CONFIG)
        apply(worker, *({"name": f"c{number}", "config": CONFIG} for number in range(20)))
        assert worker.requests == ["GET /health", "GET /connectors?expand=info&expand=status"]


def test_10_changes_are_sent_in_parallel_a_bounded_number_at_a_time() -> None:
    with fake_connect(delay=0.05) as worker:
        apply(worker, *({"name": f"c{number}", "config": CONFIG} for number in range(50)))
        assert 8 <= worker.most_at_once <= 32


def test_11_an_update_is_a_put_of_the_whole_config_and_not_a_delete_and_a_post() -> None:
    with fake_connect() as worker:
        worker.add("a", CONFIG)
        apply(worker, {"name": "a", "config": {**CONFIG, "batch.size": 7}})
        assert worker.writes == ["PUT /connectors/a/config"]


def test_12_a_paused_connector_stays_paused_when_its_config_changes() -> None:
    with fake_connect() as worker:
        worker.add("a", CONFIG, "PAUSED")
        apply(worker, {"name": "a", "config": {**CONFIG, "batch.size": 7}, "state": "paused"})
        assert worker.connectors["a"].state == "PAUSED"
        assert worker.writes == ["PUT /connectors/a/config"]
