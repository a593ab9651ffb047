# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels as the page draws them: numbers in words, lines as paths of SVG, alerts as stretches of time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..commute.report import html_charts as charts
from .dashboard import Panel
from .series import Series, legend, stretches

# More lines than there are colours can't be told apart.
MOST_LINES = 8
_SIZES = ("", "k", "M", "G", "T")
_BYTES = ("B", "KiB", "MiB", "GiB", "TiB")
_RATES = {"reqps": "/s", "cps": "/s", "ops": "/s", "Bps": ""}


@dataclass(frozen=True)
class Window:
    """What is looked at, in seconds since 1970."""

    start: float
    end: float
    step: float

    def at(self, moment: float) -> float:
        """As percent of the width."""
        return charts.Axis(self.start, self.end).at(moment)


def shown(value: float | None, unit: str) -> str:
    """:param unit: as Grafana names it; one that is not known is shown behind the number."""
    if value is None:
        return "–"
    if unit in ("s", "ms"):
        return charts.shown(value, unit)
    if unit in ("percentunit", "percent"):
        return f"{_digits(value * (100 if unit == 'percentunit' else 1))}\u00a0%"
    if unit in ("bytes", "Bps"):
        return _scaled(value, 1024, _BYTES) + ("/s" if unit == "Bps" else "")
    number = _scaled(value, 1000, _SIZES).strip()
    word = _RATES.get(unit, "" if unit in ("short", "none", "") else unit.removeprefix("suffix:").strip())
    return f"{number}\u00a0{word}".strip()


def _scaled(value: float, base: int, names: Sequence[str]) -> str:
    power = 0
    while abs(value) >= base and power < len(names) - 1:
        value, power = value / base, power + 1
    return f"{_digits(value)}\u00a0{names[power]}"


def _digits(value: float) -> str:
    """Three figures, and no noughts at their end."""
    size = abs(value)
    text = f"{value:.0f}" if size >= 99.95 else f"{value:.1f}" if size >= 9.995 else f"{value:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def panel_view(panel: Panel, answers: Sequence[Sequence[Series]], window: Window) -> dict[str, Any]:
    """:param answers: the series of each of the panel's queries."""
    named = [
        (legend(query.legend, series.labels), series)
        for query, found in zip(panel.queries, answers, strict=True)
        for series in found
    ]
    view: dict[str, Any] = {"panel": panel, "is_empty": not named, "left_out": max(len(named) - MOST_LINES, 0)}
    if panel.kind == "stat":
        # One number by itself needs no name.
        names = [name if len(named) > 1 else "" for name, _series in named]
        values = [series.points[-1][1] for _name, series in named]
        return {**view, "figures": list(zip(names, values, strict=True))[:MOST_LINES]}
    drawn = sorted(named, key=lambda one: one[1].points[-1][1], reverse=True)[:MOST_LINES]
    most = max((value for _name, series in drawn for _moment, value in series.points), default=0.0)
    return {**view, "most": most, "lines": [_line(name, series, most, window) for name, series in drawn]}


def _line(name: str, series: Series, most: float, window: Window) -> dict[str, Any]:
    values = [value for _moment, value in series.points]
    parts = stretches(series.points, window.step)
    return {
        "name": name,
        "last": values[-1],
        "most": max(values),
        "path": "".join(charts.line(_placed(part, window), most) for part in parts if len(part) > 1),
        "dots": charts.dots([place for part in parts if len(part) == 1 for place in _placed(part, window)], most),
    }


def _placed(points: Iterable[tuple[float, float]], window: Window) -> list[tuple[float, float]]:
    return [(window.at(moment), max(value, 0.0)) for moment, value in points]


def alert_views(rules: Iterable[Mapping[str, Any]], history: Iterable[Series], window: Window) -> list[dict[str, Any]]:
    """Alerts that are active or were in the window, the worst first.

    :param rules: as Prometheus lists them; :param history: its series ALERTS over the window.
    """
    views: dict[str, dict[str, Any]] = {
        rule["name"]: {"name": rule["name"], "state": rule["state"], "alerts": rule.get("alerts", []), "stretches": []}
        for rule in rules
    }
    for series in history:
        name, state = series.labels.get("alertname", ""), series.labels.get("alertstate", "")
        view = views.setdefault(name, {"name": name, "state": "inactive", "alerts": [], "stretches": []})
        for part in stretches(series.points, window.step):
            first, last = window.at(part[0][0]), window.at(min(part[-1][0] + window.step, window.end))
            view["stretches"].append({"state": state, "x": first, "width": round(max(last - first, 0.4), 2)})
    chosen = [view for view in views.values() if view["state"] != "inactive" or view["stretches"]]
    order = {"firing": 0, "pending": 1}
    return sorted(chosen, key=lambda view: (order.get(view["state"], 2), view["name"]))


def tone(state: str) -> str:
    return {"firing": "bad", "pending": "warn"}.get(state, "good")


def headline(alerts: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The page's tone, and what is the case in a few words."""
    firing = sum(alert["state"] == "firing" for alert in alerts)
    pending = sum(alert["state"] == "pending" for alert in alerts)
    if firing:
        return "bad", "One alert fires" if firing == 1 else f"{firing} alerts fire"
    if pending:
        return "warn", "One alert is pending" if pending == 1 else f"{pending} alerts are pending"
    return "good", "No alert fires"


def clock(moment: float, form: str = "%H:%M") -> str:
    return datetime.fromtimestamp(moment, UTC).strftime(form)
