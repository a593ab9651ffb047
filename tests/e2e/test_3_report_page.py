# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verification leaves behind, opened as its readers open it: a good run, and one that stops before the index."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.loggy.pipeline.plugins.module_utils.wait import wait_until
from prometheus_client.parser import text_string_to_metric_families

from tests.browser import PROGRAM, Page, browser
from tests.pipeline import Pipeline
from tests.unit.commute.report.dom import at, is_what_is_shown

pytestmark = pytest.mark.e2e

in_browser = pytest.mark.skipif(PROGRAM is None, reason="chromium is not installed")


def paused(sink: str) -> tuple[bool | None, str]:
    states = {task["state"] for task in requests.get(f"{sink}/status", timeout=30).json()["tasks"]}
    return states == {"PAUSED"} or None, str(states)


@pytest.fixture(scope="module")
def reports(built: Pipeline) -> tuple[Path, Path]:
    """The folders of the reports of a good run, and of a bad one after another good one."""
    good, bad = built.state_dir / "reports-good", built.state_dir / "reports-bad"
    built.playbook("verify-loggy", loggy_neighbours=500, loggy_report_dir=str(good)).expect_success()
    built.playbook("verify-loggy", loggy_neighbours=50, loggy_report_dir=str(bad)).expect_success()
    sink = f"{built.connect_url}/connectors/loggy-elasticsearch-sink"
    requests.put(f"{sink}/pause", timeout=30).raise_for_status()
    try:
        wait_until(lambda: paused(sink), what="the sink's task to pause", timeout=60)
        variables: dict[str, Any] = {"loggy_neighbours": 50, "loggy_deadline": 10, "loggy_report_dir": str(bad)}
        built.playbook("verify-loggy", **variables).expect_failure()
    finally:
        requests.put(f"{sink}/resume", timeout=30).raise_for_status()
    return good, bad


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


def result_of(folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / "commute.json").read_text())
    return result


@in_browser
@pytest.mark.parametrize(("which", "verdict", "runs"), [(0, "Arrived", 1), (1, "Lost at index", 2)])
def test_page_shows_what_the_result_says(
    reports: tuple[Path, Path], chromium: Page, which: int, verdict: str, runs: int
) -> None:
    folder = reports[which]
    result = result_of(folder)
    chromium.open(folder / "commute.html")
    assert chromium.ask("document.querySelector('h1').textContent.trim()") == verdict
    assert chromium.ask("document.querySelector('.line').textContent") == result["line"]
    figures = chromium.ask(
        "[...document.querySelectorAll('data')].map(one => [one.dataset.at, one.value, one.textContent])"
    )
    assert len(figures) > 50
    for place, value, text in figures:
        assert float(value) == at(result, place), place
        assert is_what_is_shown(at(result, place), text, place), (place, text)
    chromium.show(320)
    assert chromium.ask("document.documentElement.scrollWidth") <= 320
    assert chromium.complaints == []
    assert len(list((folder / "history").iterdir())) == runs


def test_ci_and_the_textfile_collector_read_the_same_verdict(reports: tuple[Path, Path]) -> None:
    for folder, fails in zip(reports, (0, 2), strict=True):
        suite = ET.parse(folder / "junit.xml").getroot()[0]
        assert suite.get("failures") == str(fails)
        families = text_string_to_metric_families((folder / "commute.prom").read_text())
        values = {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}
        assert values["loggy_commute_success"] == (not fails)
        assert values["loggy_commute_duration_seconds"] == result_of(folder)["seconds"]
