# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Operation as a module runs it: what goes into the result, what into the log, and what into neither."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import ApiError, PipelineError
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context, Operation, Result, run_module


def shown(params: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**params, "config": "(not shown)"}


def operation(outcome: Result | PipelineError) -> Operation:
    def run(params: Mapping[str, Any], context: Context) -> Result:
        if isinstance(outcome, PipelineError):
            raise outcome
        return {**outcome, "check_mode": context.check_mode, "got": params["config"] == {"k": "hush"}}

    spec = {"config": {"type": "dict"}, "state": {"type": "str", "choices": ["a", "b"]}}
    return Operation(spec, run, shown=shown)


class Ran:
    """What a module wrote: its result, and its line in the system's log."""

    def __init__(self, capsys: pytest.CaptureFixture[str], logged: list[str], code: int) -> None:
        self.text = capsys.readouterr().out
        self.result: dict[str, Any] = json.loads(self.text)
        self.logged = " ".join(logged)
        self.code = code


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    logged: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda self, msg, log_args=None: logged.append(f"{msg} {log_args}"))
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def run_with(outcome: Result | PipelineError, **params: Any) -> Ran:
        with patch_module_args({"config": {"k": "hush"}, **params}), pytest.raises(SystemExit) as ended:
            run_module(operation(outcome))
        return Ran(capsys, logged, int(ended.value.code or 0))

    return run_with


def test_a_result_is_the_modules_result(run: Any) -> None:
    ran = run({"changed": True, "x": 1})
    assert ran.code == 0
    assert (ran.result["changed"], ran.result["x"], ran.result["got"], ran.result["check_mode"]) == (
        True,
        1,
        True,
        False,
    )


def test_check_mode_is_told(run: Any) -> None:
    assert run({"changed": False}, _ansible_check_mode=True).result["check_mode"] is True


def test_an_error_fails_with_its_message_and_its_details(run: Any) -> None:
    ran = run(ApiError("GET", "http://x", 500, "broken", advice="Mend it."))
    assert ran.code == 1
    assert ran.result["msg"] == "GET http://x answered 500: broken Mend it."
    assert (ran.result["failed"], ran.result["status"]) == (True, 500)


@pytest.mark.parametrize("outcome", [{"changed": False, "warnings": ["mind"]}, PipelineError("no", warnings=["mind"])])
def test_warnings_go_the_way_that_modules_have_for_them(
    run: Any, outcome: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda self, text: warned.append(text))
    result = run(outcome).result
    assert warned == ["mind"]
    # AnsibleModule calls it deprecated that a result holds warnings itself.
    assert not {"warnings", "deprecations"} & result.keys()


@pytest.mark.parametrize("outcome", [{"changed": False}, PipelineError("no")])
def test_neither_the_log_nor_the_invocation_shows_what_is_not_to_be_shown(run: Any, outcome: Any) -> None:
    ran = run(outcome)
    assert "hush" not in ran.text + ran.logged
    assert ran.result["invocation"]["module_args"]["config"] == "(not shown)"
    assert "Invoked with config=(not shown)" in ran.logged


def test_refused_options_are_not_shown_either(run: Any) -> None:
    ran = run({"changed": False}, state="c")
    assert ran.code == 1
    assert "value of state must be one of: a, b" in ran.result["msg"]
    assert "hush" not in ran.text + ran.logged
