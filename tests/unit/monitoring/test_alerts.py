"""Every alert, by Prometheus' own checker: it fires when it should, keeps quiet when it should, and has a page."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from tests.promtool import prometheus_program

ROOT = Path(__file__).resolve().parents[3]
RUNBOOKS = ROOT / "docs" / "runbooks"
CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "alert_cases.yml").read_text(encoding="utf-8")
)


def rendered() -> str:
    """The rules as the role writes them with its defaults."""
    defaults = yaml.safe_load((ROOT / "roles/monitoring/defaults/main.yml").read_text(encoding="utf-8"))
    template = (ROOT / "roles/monitoring/templates/alerts.yml.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        variable_start_string="<<", variable_end_string=">>", undefined=jinja2.StrictUndefined
    )
    return environment.from_string(template).render(defaults)


RULES = {rule["alert"]: rule for group in yaml.safe_load(rendered())["groups"] for rule in group["rules"]}


@pytest.fixture(scope="module")
def promtool() -> str:
    found = prometheus_program("promtool")
    if not found:
        pytest.skip("promtool is not installed")
    return found


def test_rules_are_well_formed(promtool: str, tmp_path: Path) -> None:
    (tmp_path / "alerts.yml").write_text(rendered(), encoding="utf-8")
    assert f"{len(RULES)} rules found" in run(tmp_path, promtool, "check", "rules", "--lint-fatal", "alerts.yml")


def test_every_alert_has_a_case_that_fires_and_one_that_does_not() -> None:
    assert list(CASES) == list(RULES)
    one_sided = [name for name, cases in CASES.items() if {bool(case.get("fires")) for case in cases} != {True, False}]
    assert one_sided == []


@pytest.mark.parametrize("name", RULES)
def test_an_alert_fires_and_keeps_quiet_as_it_should(name: str, promtool: str, tmp_path: Path) -> None:
    (tmp_path / "alerts.yml").write_text(rendered(), encoding="utf-8")
    tests = {
        "rule_files": ["alerts.yml"],
        "evaluation_interval": "1m",
        "tests": [as_test(name, c) for c in CASES[name]],
    }
    (tmp_path / "tests.yml").write_text(json.dumps(tests), encoding="utf-8")
    run(tmp_path, promtool, "test", "rules", "tests.yml")


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def as_test(name: str, case: dict[str, Any]) -> dict[str, Any]:
    """A case as promtool wants it. What an alert says beside its summary is the same whatever fires."""
    return {
        "interval": "1m",
        "input_series": [{"series": series, "values": str(values)} for series, values in case["series"].items()],
        "alert_rule_test": [
            {
                "eval_time": f"{case['minute']}m",
                "alertname": name,
                "exp_alerts": [as_expected(RULES[name], one) for one in case.get("fires", [])],
            }
        ],
    }


def as_expected(rule: dict[str, Any], fired: dict[str, Any]) -> dict[str, Any]:
    action = rule["annotations"]["action"]
    for label, value in fired["labels"].items():
        action = action.replace(f"{{{{ $labels.{label} }}}}", value)
    return {
        "exp_labels": {**rule["labels"], **fired["labels"]},
        "exp_annotations": {**rule["annotations"], "summary": fired["summary"], "action": action},
    }


@pytest.mark.parametrize("name", RULES)
def test_an_alert_says_how_bad_it_is_and_what_to_do(name: str) -> None:
    rule = RULES[name]
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert set(rule["annotations"]) == {"summary", "action", "runbook_url"}
    assert rule["annotations"]["runbook_url"].endswith(f"/{name}.md")


@pytest.mark.parametrize("name", RULES)
def test_an_alert_has_a_page_that_says_what_it_means_and_what_to_do(name: str) -> None:
    page = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {name}\n")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == ["Meaning", "Impact", "Look at", "Do"]
    assert all(len(part.strip()) > 60 for part in re.split(r"^## .*$", page, flags=re.MULTILINE)[1:])


def test_no_page_is_left_of_an_alert_that_is_gone() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == {*RULES, "README"}


def test_the_list_of_pages_names_every_alert_with_its_severity() -> None:
    listed = re.findall(
        r"^\| \[(\w+)\]\(\1\.md\) \| (\w+) \|", (RUNBOOKS / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert listed == [(name, rule["labels"]["severity"]) for name, rule in RULES.items()]
