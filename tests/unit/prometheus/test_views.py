"""Numbers and lines of a panel, and stretches of an alert."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.prometheus import views
from ansible_collections.loggy.pipeline.plugins.module_utils.prometheus.dashboard import Panel, Query, read_dashboard
from ansible_collections.loggy.pipeline.plugins.module_utils.prometheus.series import (
    Series,
    legend,
    read_series,
    stretches,
)

WINDOW = views.Window(0, 100, 10)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "short", "–"),
        (0, "short", "0"),
        (1234, "short", "1.23 k"),
        (999.96, "short", "1000"),
        (200, "suffix: logs/s", "200 logs/s"),
        (12_340, "suffix: logs/s", "12.3 k logs/s"),
        (0.125, "percentunit", "12.5 %"),
        (31, "percent", "31 %"),
        (0.07, "s", "70.0 ms"),
        (3 * 1024**2, "bytes", "3 MiB"),
        (2048, "Bps", "2 KiB/s"),
        (3, "reqps", "3 /s"),
    ],
)
def test_a_number_is_shown_in_its_unit(value: float | None, unit: str, text: str) -> None:
    assert views.shown(value, unit).replace("\u00a0", " ") == text


def test_what_is_no_number_is_left_out() -> None:
    metric: dict[str, Any] = {"metric": {"a": "b"}}
    data = {"resultType": "matrix", "result": [{**metric, "values": [[1, "NaN"], [2, "3"], [3, "+Inf"]]}]}
    assert read_series(data) == [Series({"a": "b"}, [(2.0, 3.0)])]
    assert read_series({"resultType": "vector", "result": [{**metric, "value": [1, "NaN"]}]}) == []
    assert read_series({"resultType": "scalar", "result": [1, "5"]}) == [Series({}, [(1.0, 5.0)])]


@pytest.mark.parametrize(
    ("template", "text"),
    [("{{stop}}, p95", "index, p95"), ("{{ no_such }}", ""), ("", "job=canary, stop=index"), ("all", "all")],
)
def test_a_legend_is_filled_in_as_grafana_does(template: str, text: str) -> None:
    assert legend(template, {"stop": "index", "job": "canary", "__name__": "x"}) == text


def test_a_hole_in_the_numbers_is_a_hole_in_the_line() -> None:
    points = [(0.0, 1.0), (10.0, 1.0), (50.0, 2.0), (60.0, 2.0), (90.0, 2.0)]
    assert [len(part) for part in stretches(points, 10)] == [2, 2, 1]
    panel = Panel("T", "timeseries", "short", "", 12, [Query("x", "")])
    (line,) = views.panel_view(panel, [[Series({}, points)]], WINDOW)["lines"]
    assert line["path"].count("M") == 2
    assert line["dots"] == "M90 4h0"


def test_more_lines_than_can_be_told_apart_are_counted() -> None:
    panel = Panel("T", "timeseries", "short", "", 12, [Query("x", "{{n}}")])
    found = [Series({"n": str(number)}, [(0.0, float(number)), (10.0, float(number))]) for number in range(11)]
    view = views.panel_view(panel, [found], WINDOW)
    assert [line["name"] for line in view["lines"]] == ["10", "9", "8", "7", "6", "5", "4", "3"]
    assert view["left_out"] == 3


def test_a_panel_without_a_number_is_empty() -> None:
    panel = Panel("T", "stat", "short", "", 12, [Query("x", "")])
    assert views.panel_view(panel, [[]], WINDOW)["is_empty"]
    assert not views.panel_view(panel, [[Series({}, [(1.0, 0.0)])]], WINDOW)["is_empty"]


def test_an_alert_that_never_was_is_not_shown() -> None:
    rules = [{"name": name, "state": state} for name, state in (("A", "inactive"), ("B", "pending"), ("C", "firing"))]
    assert [one["name"] for one in views.alert_views(rules, [], WINDOW)] == ["C", "B"]


@pytest.mark.parametrize(
    ("states", "tone", "words"),
    [
        (["inactive"], "good", "No alert fires"),
        (["pending", "inactive"], "warn", "One alert is pending"),
        (["firing", "firing", "pending"], "bad", "2 alerts fire"),
    ],
)
def test_the_headline_says_the_worst(states: list[str], tone: str, words: str) -> None:
    assert views.headline([{"state": state} for state in states]) == (tone, words)


def test_panels_in_a_folded_row_and_before_any_row_are_read() -> None:
    one = {"title": "One", "type": "stat", "targets": [{"expr": "up"}, {"expr": ""}]}
    model = {"title": "T", "panels": [one, {"type": "row", "title": "R", "panels": [one]}, {"type": "text"}]}
    rows = read_dashboard(model).rows
    assert [(row.title, len(row.panels)) for row in rows] == [("", 1), ("R", 1)]
    assert rows[0].panels[0].queries == [Query("up", "")]
