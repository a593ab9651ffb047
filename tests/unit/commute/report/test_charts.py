"""Numbers as a person reads them, and as places in a chart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.report import html_charts as charts


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "ms", "–"),
        (1001, "count", "1,001"),
        (0, "ms", "0.0 ms"),
        (9.94, "ms", "9.9 ms"),
        (9.96, "ms", "10.0 ms"),
        (99.96, "ms", "100 ms"),
        (-3.2, "ms", "-3.2 ms"),
        (999.4, "ms", "999 ms"),
        (999.6, "ms", "1.00 s"),
        (9994, "ms", "9.99 s"),
        (12_340, "ms", "12.3 s"),
        (119_940, "ms", "119.9 s"),
        (120_000, "ms", "2.0 min"),
        (4.8, "s", "4.80 s"),
    ],
)
def test_values_are_shown_with_three_figures_at_most(value: float | None, unit: str, text: str) -> None:
    assert charts.shown(value, unit).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("value", "text"), [(5, "5 ms"), (1000, "1 s"), (0.5, "0.5 ms"), (500, "500 ms"), (10, "10 ms")]
)
def test_values_on_an_axis_have_no_noughts_at_their_end(value: float, text: str) -> None:
    assert charts.round_value(value, "ms").replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("high", "ticks"),
    [(4.8, [0, 1, 2, 3, 4]), (100, [0, 20, 40, 60, 80, 100]), (0.3, [0, 0.1, 0.2, 0.3]), (0, [0])],
)
def test_ticks_are_round(high: float, ticks: list[float]) -> None:
    assert charts.Axis(0, high).ticks() == pytest.approx(ticks)


def test_scale_of_powers_holds_all_values_between_its_ends() -> None:
    axis = charts.log_axis([3.7, 1310])
    assert axis.ticks() == pytest.approx([1, 10, 100, 1000, 10_000])
    assert [axis.at(1), axis.at(100), axis.at(10_000), axis.at(1e6)] == [0, 50, 100, 100]


def test_scale_of_nothing_is_a_scale() -> None:
    assert charts.log_axis([]).at(1) == 0
    assert charts.Axis(0, 0).at(0) == 0


def test_bar_of_one_among_a_million_can_be_seen_and_that_of_none_is_not_there() -> None:
    (_x, low, _width, height), (_x2, top, _width2, whole) = charts.bars([1, 0, 1_000_000])
    assert (low, height) == (98.5, 1.5)
    assert (top, whole) == (0, 100)


def test_bars_do_not_touch_and_stay_inside() -> None:
    drawn = charts.bars([1] * 7)
    assert all(x + width < following[0] for (x, _, width, _), following in pairwise(drawn))
    assert drawn[-1][0] + drawn[-1][2] < 100


def test_stretches_of_time_are_steps_from_the_ground_to_the_ground() -> None:
    outline, area = charts.steps(charts.Axis(0, 4), 1, 1, [2, 4], 4)
    assert outline == "M25 100V52H50V4H75V100"
    assert area == outline + "Z"


def test_long_ranges_of_a_run_are_areas_and_short_ones_hair_lines() -> None:
    wide, hair = charts.strip([[0, 0], [100, 199], [999, 1000]], 1001)
    assert wide == [(9.99, 9.99)]
    assert hair == "M0 0v100M99.9 0v100"


def test_many_short_ranges_are_no_more_lines_than_can_be_told_apart() -> None:
    _wide, hair = charts.strip([[number * 3, number * 3] for number in range(30_000)], 90_000)
    assert hair.count("M") <= 1001
