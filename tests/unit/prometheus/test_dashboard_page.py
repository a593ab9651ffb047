"""prometheus_dashboard_page against a real Prometheus that holds an hour of a pipeline's numbers."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import ApiError
from ansible_collections.loggy.pipeline.plugins.module_utils.prometheus.dashboard_page import OPERATION

from tests.browser import PROGRAM, Page, browser
from tests.pipeline_metrics import METRICS
from tests.prometheus import backfill, running
from tests.promtool import prometheus_program
from tests.unit.commute.report.test_in_browser import CONTRASTS, TOO_WIDE
from tests.unit.run_operation import run_operation

DASHBOARDS = sorted((Path(__file__).resolve().parents[3] / "roles/monitoring/files/dashboards").glob("*.json"))
RULES = """groups:
  - name: test
    rules:
      - alert: AlwaysFiring
        expr: up{job="kafka"} == 1
        annotations: {summary: "<b>Something</b> is up.", action: Do nothing., runbook_url: "https://example.com/up"}
"""


def between(first: int, last: int, value: float = 1) -> Any:
    return lambda number: value if first <= number < last else math.nan


# An alert that was pending, fired, and is over.
PAST = {
    'ALERTS{alertname="LoggyTargetDown",alertstate="pending"}': between(60, 70),
    'ALERTS{alertname="LoggyTargetDown",alertstate="firing"}': between(70, 90),
}


def model(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def of(*panels: dict[str, Any]) -> dict[str, Any]:
    return {"title": "Test", "panels": list(panels)}


def panel(expr: str, kind: str = "timeseries") -> dict[str, Any]:
    return {"title": "One", "type": kind, "targets": [{"expr": expr, "legendFormat": "{{job}}"}]}


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not prometheus_program("prometheus"):
        pytest.skip("prometheus is not installed")
    folder = tmp_path_factory.mktemp("prometheus")
    data = backfill(folder, {**METRICS, **PAST}, minutes=70, end=time.time())
    with running(folder, data=data, rules=RULES) as url:
        yield url


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_every_query_of_every_dashboard_finds_something(path: Path, prometheus: str) -> None:
    result = run_operation(OPERATION, url=prometheus, dashboard=model(path))
    assert result["empty"] == []
    assert len(result["panels"]) > 10
    assert result["path"] is None
    assert not result["changed"]


def test_a_query_that_finds_nothing_is_named(prometheus: str) -> None:
    result = run_operation(OPERATION, url=prometheus, dashboard=of(panel("up"), panel("no_such_metric"), panel("0/0")))
    assert [one["query"] for one in result["empty"]] == ["no_such_metric", "0/0"]
    assert [one["series"] for one in result["panels"]] == [3, 0, 0]


def test_a_page_is_written_and_in_check_mode_it_is_not(prometheus: str, tmp_path: Path) -> None:
    path = tmp_path / "reports" / "dashboard.html"
    options = {"url": prometheus, "dashboard": of(panel("up")), "path": str(path)}
    assert run_operation(OPERATION, check_mode=True, **options)["changed"]
    assert not path.parent.exists()
    assert run_operation(OPERATION, **options)["changed"]
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_query_that_prometheus_refuses_is_shown_with_its_reason(prometheus: str) -> None:
    with pytest.raises(ApiError, match=r"api/v1/query.* answered 400: .*parse error"):
        run_operation(OPERATION, url=prometheus, dashboard=of(panel("sum(")))


def test_alerts_are_told_with_the_worst_first(prometheus: str) -> None:
    result = run_operation(OPERATION, url=prometheus, dashboard=of(panel("up")))
    assert result["alerts"] == [
        {"name": "AlwaysFiring", "state": "firing"},
        {"name": "LoggyTargetDown", "state": "inactive"},
    ]


@pytest.fixture(scope="module")
def shown(prometheus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if PROGRAM is None:
        pytest.skip("chromium is not installed")
    folder = tmp_path_factory.mktemp("page")
    commute = next(path for path in DASHBOARDS if path.stem == "loggy-commute")
    run_operation(OPERATION, url=prometheus, dashboard=model(commute), path=str(folder / "dashboard.html"))
    with browser(folder) as page:
        page.open(folder / "dashboard.html")
        yield page


def test_console_says_nothing_and_nothing_is_fetched(shown: Page) -> None:
    assert shown.complaints == []
    assert [url.split(":")[0] for url in shown.requests] == ["file"]


def test_page_shows_what_fires_and_what_is_over(shown: Page) -> None:
    assert shown.ask("document.querySelector('h1').textContent.trim()") == "One alert fires"
    text = shown.ask("document.querySelector('.alerts').innerText")
    assert "<b>Something</b> is up. Do nothing." in text
    assert "https://example.com/up" in text
    assert "resolved" in text
    parts = "[...document.querySelectorAll('.alerts li:last-child .part')]"
    drawn = f"{parts}.map(one => [one.classList[1], one.x.baseVal.value])"
    (pending, began), (firing, fired) = sorted(shown.ask(drawn), key=lambda one: one[1])
    assert [pending, firing] == ["is-warn", "is-bad"]
    assert 30 < began < fired < 60


def test_every_panel_is_drawn(shown: Page) -> None:
    panels = shown.ask("document.querySelectorAll('.panel').length")
    figures = shown.ask("document.querySelectorAll('.panel .figure').length")
    drawings = shown.ask(
        "[...document.querySelectorAll('.panel svg.plot')].filter(one => one.querySelector('.series[d^=M]')).length"
    )
    assert (panels, figures, drawings) == (14, 8, 6)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_page_is_never_wider_than_the_screen(width: int, shown: Page) -> None:
    shown.show(width)
    assert shown.ask("document.documentElement.scrollWidth") <= width
    assert shown.ask(TOO_WIDE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_all_words_can_be_read(width: int, scheme: str, shown: Page) -> None:
    shown.show(width, scheme=scheme)
    contrasts = shown.ask(CONTRASTS)
    assert len(contrasts) > 50
    assert [found for found in contrasts if found[0] < 4.5] == []
