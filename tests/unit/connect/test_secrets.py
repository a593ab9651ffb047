# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A planted secret is looked for in all that a person may read: results, diffs, errors, verbose output, logs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect import connector_info, connectors
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, NotReady, PipelineError

from tests.unit.fakes.connect import FakeWorker, Fault, fake_connect
from tests.unit.fakes.connect_cluster import FakeCluster
from tests.unit.run_operation import run_operation

ROOT = Path(__file__).parents[3]
HUSH, OLD = "hush-Ohph7-new", "hush-Ohph7-old"
# By its name, by its type, and by both in what a JDBC URL and a JAAS entry hold.
CONFIG = {
    "connector.class": "VaultSource",
    "topic": "t",
    "my.password": HUSH,
    "pin": HUSH,
    "connection.url": f"https://me:{HUSH}@host/?password={HUSH}&x=1",
    "producer.override.sasl.jaas.config": f'org.Module required username="me" password="{HUSH}";',
}
A = {"name": "a", "config": CONFIG}
OLD_CONFIG = {key: value.replace(HUSH, OLD) for key, value in CONFIG.items()}


def apply(worker: FakeWorker, *wanted: dict[str, Any], **params: Any) -> Any:
    return run_operation(
        connectors.OPERATION, urls=[worker.url], connectors=list(wanted), **{"wait_timeout": 5, **params}
    )


def assert_silent(seen: Any) -> None:
    text = seen if isinstance(seen, str) else json.dumps(seen)
    assert "hush" not in text


def test_results_and_diffs_show_that_a_secret_is_set_and_that_it_changed() -> None:
    with fake_connect() as worker:
        created = apply(worker, A)
        assert_silent(created)
        shown = created["diff"]["after"]["a"]["config"]
        assert (shown["my.password"], shown["pin"], shown["topic"]) == ("(set)", "(set)", "t")
        worker.add("a", OLD_CONFIG)
        changed = apply(worker, A)
        assert_silent(changed)
        assert changed["diff"]["before"]["a"]["config"]["pin"] == "(set)"
        assert changed["diff"]["after"]["a"]["config"]["pin"] == "(changed)"
        assert_silent(apply(worker, {"name": "a", "state": "absent"}))


def test_a_key_of_type_password_is_hidden_without_a_validation_too() -> None:
    with fake_connect() as worker:
        assert_silent(apply(worker, A, validate_configs=False))
        assert_silent(run_operation(connector_info.OPERATION, urls=[worker.url]))


def test_where_types_can_not_be_asked_for_only_what_is_surely_public_is_shown() -> None:
    with fake_connect(FakeCluster(version="3.1.0")) as worker:
        created = apply(worker, A, validate_configs=False)
        assert_silent(created)
        shown = created["diff"]["after"]["a"]["config"]
        assert (shown["connector.class"], shown["topic"]) == ("VaultSource", "(set)")


def test_references_are_shown_as_what_they_are() -> None:
    with fake_connect() as worker:
        config = {**CONFIG, "pin": "${file:/etc/secrets:pin}"}
        assert (
            apply(worker, {**A, "config": config})["diff"]["after"]["a"]["config"]["pin"] == "${file:/etc/secrets:pin}"
        )


def test_a_trace_that_quotes_a_secret_is_masked() -> None:
    with fake_connect() as worker:
        worker.add("a", CONFIG)
        worker.cluster.fail("a", f"org.X: can't log in with {HUSH}\n\tat A\nCaused by: Y: [{HUSH}]")
        with pytest.raises(NotReady, match=r"can't log in with \*\*\*") as caught:
            apply(worker, {**A, "state": "running"}, restart_failed=False)
        assert_silent(str(caught.value))
        assert_silent(caught.value.details)
        assert_silent(run_operation(connector_info.OPERATION, urls=[worker.url]))


@pytest.mark.parametrize("request_path", ["PUT /connectors/a/config", "PUT .*/validate", "GET /connectors"])
def test_an_error_that_quotes_a_config_is_masked_even_where_it_is_cut_off(request_path: str) -> None:
    with fake_connect() as worker:
        for length in range(370, 410):
            message = json.dumps({"error_code": 500, "message": "x" * length + HUSH})
            worker.faults = [Fault(request_path, 500, message)]
            with pytest.raises(PipelineError) as caught:
                apply(worker, A, wait=False)
            assert_silent(str(caught.value))


def test_validation_errors_quote_neither_a_secret_nor_what_a_reference_stands_for() -> None:
    with fake_connect() as worker:
        errors = [f"Invalid value {HUSH} for my.password", "Invalid value hush-resolved for topic"]
        fields = [
            {
                "definition": {"name": "topic", "type": "STRING"},
                "value": {"name": "topic", "value": "hush-resolved", "errors": errors},
            }
        ]
        worker.faults.append(Fault("/validate", 200, json.dumps({"configs": fields})))
        with pytest.raises(InvalidInput, match=r"Invalid value \*\*\* for my\.password") as caught:
            apply(worker, {**A, "config": {**CONFIG, "topic": "${file:/etc/secrets:topic}"}})
        assert_silent(str(caught.value))
        assert_silent(caught.value.details)


def test_an_error_carries_no_chain_that_a_traceback_could_show() -> None:
    with fake_connect() as worker:
        worker.faults.append(Fault("GET /connectors", 200, f'["{HUSH}"]'))
        with pytest.raises(PipelineError) as caught:
            apply(worker, A)
        assert caught.value.__suppress_context__


@pytest.mark.parametrize("how", ["in process", "as a module"])
@pytest.mark.parametrize("outcome", ["changed", "refused", "invalid"])
def test_the_most_verbose_output_is_silent(how: str, outcome: str, tmp_path: Path) -> None:
    config = {**CONFIG, **({"tasks.max": "zwei"} if outcome == "refused" else {})}
    state = "no-such-state" if outcome == "invalid" else "running"
    with fake_connect() as worker:
        worker.add("a", OLD_CONFIG)
        task = {
            "loggy.pipeline.connect_connectors": {
                "urls": [worker.url],
                "connectors": [{"name": "a", "config": "{{ config }}", "state": state}],
            },
            "environment": {"ANY": "thing"} if how == "as a module" else {},
        }
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
        play["vars"] = {"config": config, "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        (tmp_path / "play.json").write_text(json.dumps([play]))
        run = subprocess.run(
            [str(Path(sys.executable).with_name("ansible-playbook")), "-vvv", "--diff", str(tmp_path / "play.json")],
            check=False,
            env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_LOG_PATH": str(tmp_path / "log")},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        output = run.stdout + run.stderr + (tmp_path / "log").read_text()
    assert_silent(output)
    said = {"changed": "changed=1", "refused": "Not a number of type INT", "invalid": "value of state must be one of"}
    assert said[outcome] in output
    assert ("[WARNING]: connector a: VaultSource has no setting my.password." in output) == (outcome == "changed")
    # That the module ran in its own process is seen by its invocation, which an action plug-in does not return.
    assert ('"invocation"' in output or "invocation:" in output) == (how == "as a module")
