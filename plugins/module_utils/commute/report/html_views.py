# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page's sections show, drawn up from a result: places in charts, and which number stands where. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from . import html_charts as charts
from .html_way import tone

FIGURES = ("min", "median", "p95", "p99", "max")

_FAULTS = (
    ("missing", "bad"),
    ("unproven", "bad"),
    ("duplicates", "warn"),
    ("out_of_order", "soft"),
    ("unexpected", "soft"),
)

Numbered = Sequence[tuple[int, Mapping[str, Any]]]


def strips(result: Mapping[str, Any], deployed: Numbered) -> list[dict[str, Any]]:
    """For each stop, where in the run its faults are; nothing when no stop has any, or nothing was sent."""
    drawn = [
        {
            "name": stop["name"],
            "marks": [
                _mark(number, stop, field, colour)
                for field, colour in _FAULTS
                if stop[field] is not None and stop[field]["count"]
            ],
        }
        for number, stop in deployed
    ]
    return drawn if any(strip["marks"] for strip in drawn) and _is_sent(result) else []


def _mark(number: int, stop: Mapping[str, Any], field: str, colour: str) -> dict[str, Any]:
    # What is unexpected has no place among the expected numbers.
    ranges = stop[field]["ranges"] if field != "unexpected" else ()
    wide, narrow = charts.strip(ranges, stop["expected"])
    return {
        "at": f"stops.{number}.{field}.count",
        "word": field.replace("_", " "),
        "tone": colour,
        "wide": wide,
        "narrow": narrow,
    }


def hops(deployed: Numbered) -> dict[str, Any]:
    """A histogram for each hop, all with the same bins, so that they can be compared."""
    drawn = []
    for number, stop in deployed:
        before = stop["latency"]["from_stop_before"]
        at = f"stops.{number}.latency.{'from_stop_before' if before else 'from_start'}"
        latency = before or stop["latency"]["from_start"]
        drawn.append({"from": before["stop"] if before else "sender", "to": stop["name"], "at": at, "latency": latency})
    edges = _edges([hop["latency"]["histogram"] for hop in drawn])
    for hop in drawn:
        places = {one["le"]: place for place, one in enumerate(hop["latency"]["histogram"])}
        counts = {one["le"]: one["count"] for one in hop["latency"]["histogram"]}
        hop["bars"] = charts.bars([counts.get(edge, 0) for edge in edges])
        hop["bins"] = [
            (edge, f"{hop['at']}.histogram.{places[edge]}.count" if edge in places else "") for edge in edges
        ]
    ticks = [(round((place + 1) / len(edges) * 100, 2), edge) for place, edge in enumerate(edges) if edge is not None]
    return {"list": drawn, "ticks": _thinned(ticks, 5), "measured": bool(edges)}


def _edges(histograms: Sequence[Sequence[Mapping[str, Any]]]) -> list[float | None]:
    """The upper edges of the bins, without the empty ones at both ends; None is the edge of what is above all."""
    edges = sorted(
        {bucket["le"] for histogram in histograms for bucket in histogram}, key=lambda le: (le is None, le or 0)
    )
    filled = {bucket["le"] for histogram in histograms for bucket in histogram if bucket["count"]}
    places = [place for place, edge in enumerate(edges) if edge in filled]
    return edges[max(places[0] - 1, 0) : places[-1] + 2] if places else []


def _thinned(ticks: Sequence[Any], most: int) -> list[Any]:
    step = -(-len(ticks) // most) or 1
    return list(ticks[step // 2 :: step])


def spans(deployed: Numbered, limit: float | None) -> dict[str, Any]:
    """From the start to each stop: where the five figures are on one scale."""
    measured = [
        (number, stop, stop["latency"]["from_start"])
        for number, stop in deployed
        if stop["latency"]["from_start"]["median"] is not None
    ]
    values = [latency[figure] for _number, _stop, latency in measured for figure in FIGURES]
    axis = charts.log_axis([*values, *([limit] if limit else [])])
    rows = [
        {
            "name": stop["name"],
            "at": f"stops.{number}.latency.from_start",
            "x": {figure: _log_at(axis, latency[figure]) for figure in FIGURES},
            "latency": latency,
        }
        for number, stop, latency in measured
    ]
    ticks = _thinned([(axis.at(tick), tick) for tick in axis.ticks()], 6)
    return {"rows": rows, "ticks": ticks, "limit": _log_at(axis, limit) if limit else None}


def _log_at(axis: charts.Axis, value: float) -> float:
    return axis.at(max(value, axis.low))


def flow(
    result: Mapping[str, Any],
    deployed: Numbered,
    observations: Numbered,
) -> dict[str, Any]:
    """Throughput of each stop, and lags, over the same time."""
    lags = [(number, one) for number, one in observations if one["kind"] == "lag"]
    ends = [_first(result, stop) + len(_counts(stop)) * _width(stop) for _number, stop in deployed]
    ends += [at for _number, lag in lags for at, _records in lag["samples"]]
    firsts = [_first(result, stop) for _number, stop in deployed if _counts(stop)]
    axis = charts.Axis(min([0.0, *firsts]), max([0.001, *ends]))
    most = max([0.0, *(max(_counts(stop), default=0) / _width(stop) for _number, stop in deployed)])
    rows = []
    for number, stop in deployed:
        rates = [count / _width(stop) for count in _counts(stop)]
        outline, area = charts.steps(axis, _first(result, stop), _width(stop), rates, most)
        rows.append(
            {
                "name": stop["name"],
                "outline": outline,
                "area": area,
                "peak": max(rates, default=0.0),
                "table": [
                    (round(_first(result, stop) + place * _width(stop), 3), f"stops.{number}.throughput.counts.{place}")
                    for place, count in enumerate(_counts(stop))
                    if count
                ],
            }
        )
    return {
        "rows": rows,
        "lags": [_lag(number, lag, axis) for number, lag in lags],
        "ticks": [(axis.at(tick), f"{tick:g} s") for tick in axis.ticks()],
        "seen": most > 0 or any(lag["samples"] for _number, lag in lags),
        "bucket": _width(deployed[0][1]) if deployed else 1.0,
    }


def _first(result: Mapping[str, Any], stop: Mapping[str, Any]) -> float:
    """Seconds from the beginning of the run to the first stretch."""
    began = datetime.fromisoformat(stop["throughput"]["from"]) - datetime.fromisoformat(result["started"])
    return began.total_seconds()


def _counts(stop: Mapping[str, Any]) -> Sequence[int]:
    counts: Sequence[int] = stop["throughput"]["counts"]
    return counts


def _width(stop: Mapping[str, Any]) -> float:
    return float(stop["throughput"]["bucket_seconds"])


def _lag(number: int, lag: Mapping[str, Any], axis: charts.Axis) -> dict[str, Any]:
    points = [(axis.at(at), records) for at, records in lag["samples"]]
    most = max((records for _at, records in points), default=0)
    outline = charts.line(points, most)
    area = f"{outline}V{charts.HEIGHT:g}H{points[0][0]:g}Z" if points else ""
    return {
        "name": lag["name"],
        "at": f"observations.{number}",
        "outline": outline,
        "area": area,
        "table": [f"observations.{number}.samples.{place}" for place in range(len(lag["samples"]))],
    }


def said(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What stops and observations say of themselves, the one that the verdict is about first."""
    said = [
        {"name": one["name"], "error": one.get("error"), "health": one.get("health")}
        for one in (*result["stops"], *result["observations"])
        if one.get("error") or one.get("health")
    ]
    return sorted(said, key=lambda one: one["name"] != result["stop"])


def trend(runs: Sequence[Mapping[str, Any]], this: str) -> dict[str, Any]:
    """Median and p99 of the runs, and their verdicts, each run at the middle of its share of the width."""
    width = 100 / (len(runs) or 1)
    places = [(round((number + 0.5) * width, 2), run) for number, run in enumerate(runs)]
    medians = [(x, run["median_ms"]) for x, run in places if run["median_ms"] is not None]
    p99s = [(x, run["p99_ms"]) for x, run in places if run["p99_ms"] is not None]
    most = max([value for _x, value in p99s] + [value for _x, value in medians], default=0.0)
    return {
        "runs": [{**run, "x": x, "tone": tone(run["word"]), "this": run["run"] == this} for x, run in places],
        "most": most,
        "median": charts.line(medians, most),
        "median_dots": charts.dots(medians, most),
        "p99": charts.line(p99s, most),
        "p99_dots": charts.dots(p99s, most),
        "arrived": sum(run["word"] == "arrived" for run in runs),
    }


def _is_sent(result: Mapping[str, Any]) -> bool:
    sent = result["sender"]["sent"]
    return sent is None or sent["count"] > 0
