# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Prometheus answers, as series of numbers. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """:param points: moment in seconds and number, in their order; what is no number (NaN, infinite) is left out."""

    labels: Mapping[str, str]
    points: Sequence[Point]


def read_series(data: Mapping[str, Any]) -> list[Series]:
    """:param data: the field of that name in an answer: a matrix, a vector or a scalar. Empty series are left out."""
    if data["resultType"] == "scalar":
        found = [Series({}, _numbers([data["result"]]))]
    else:
        found = [
            Series(one["metric"], _numbers(one["values"] if "values" in one else [one["value"]]))
            for one in data["result"]
        ]
    return [series for series in found if series.points]


def _numbers(values: Iterable[Sequence[Any]]) -> list[Point]:
    points = [(float(moment), float(value)) for moment, value in values]
    return [point for point in points if math.isfinite(point[1])]


def legend(template: str, labels: Mapping[str, str]) -> str:
    """As Grafana fills it in: ``{{label}}``; without a template all labels."""
    if not template:
        return ", ".join(f"{name}={value}" for name, value in sorted(labels.items()) if name != "__name__")
    return re.sub(r"{{\s*(\w+)\s*}}", lambda found: labels.get(found[1], ""), template).strip(" ,")


def stretches(points: Sequence[Point], step: float) -> list[list[Point]]:
    """Points that follow each other; where Prometheus had none in between, a new stretch begins."""
    parts: list[list[Point]] = []
    for point in points:
        if not parts or point[0] - parts[-1][-1][0] > step * 1.5:
            parts.append([])
        parts[-1].append(point)
    return parts
