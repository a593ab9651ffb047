# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as paths of SVG, and as a person reads them. Knows no result and no page. Pure.

The page stretches its charts to its width and puts their words beside them as text, so that a phone shows both well;
coordinates are therefore in hundredths of the chart, not in pixels.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEIGHT = 100.0


def shown(value: float | None, unit: str) -> str:
    """:param unit: ``count``, ``ms`` or ``s``, of ``value``; a dash for no value."""
    if value is None:
        return "–"
    if unit == "count":
        return f"{value:,}"
    return _duration(value * 1000 if unit == "s" else value)


def _duration(milliseconds: float) -> str:
    size = abs(milliseconds)
    if size < 99.95:
        return f"{milliseconds:.1f}\u00a0ms"
    if size < 999.5:
        return f"{milliseconds:.0f}\u00a0ms"
    if size < 9_995:
        return f"{milliseconds / 1000:.2f}\u00a0s"
    if size < 119_950:
        return f"{milliseconds / 1000:.1f}\u00a0s"
    return f"{milliseconds / 60_000:.1f}\u00a0min"


def round_value(value: float, unit: str) -> str:
    """A duration on an axis: 5 ms, where a measured one is 5.0 ms."""
    return re.sub(r"\.?0+(?=\u00a0)", "", text) if "." in (text := shown(value, unit)) else text


def rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 9.95 or not value else f"{value:.1f}"


@dataclass(frozen=True)
class Axis:
    """From ``low`` to ``high``, as percent of the width."""

    low: float
    high: float
    is_log: bool = False

    def at(self, value: float) -> float:
        low, high, value = (math.log10(one) if self.is_log else one for one in (self.low, self.high, value))
        return round(min(max((value - low) / ((high - low) or 1), 0), 1) * 100, 2)

    def ticks(self, count: int = 5) -> list[float]:
        """Round values, at most ``count`` and one."""
        if self.is_log:
            powers = range(math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9) + 1)
            return [10.0**power for power in powers]
        step = _round_step((self.high - self.low) / count)
        first = math.ceil(self.low / step - 1e-9)
        return [round(number * step, 9) for number in range(first, math.floor(self.high / step + 1e-9) + 1)]


def _round_step(least: float) -> float:
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))


def log_axis(values: Iterable[float]) -> Axis:
    """Whole powers of ten around ``values``; what is below a tenth is at its beginning."""
    positive = [value for value in values if value > 0.1] or [1.0]
    low = 10.0 ** math.floor(math.log10(min(positive)))
    high = 10.0 ** math.ceil(math.log10(max(positive)))
    return Axis(low, high if high > low else low * 10, is_log=True)


def bars(counts: Sequence[int]) -> list[tuple[float, float, float, float]]:
    """x, y, width, height of a bar for each count; what is not nought can be seen."""
    most, width = max(counts, default=0) or 1, 100 / (len(counts) or 1)
    sizes = [max(count / most * HEIGHT, 1.5) if count else 0.0 for count in counts]
    return [
        (round(number * width + width * 0.06, 3), round(HEIGHT - size, 2), round(width * 0.88, 3), round(size, 2))
        for number, size in enumerate(sizes)
        if size
    ]


def steps(axis: Axis, first: float, width: float, values: Sequence[float], most: float) -> tuple[str, str]:
    """The outline of stretches of ``width`` from ``first`` on, and the same closed, to be filled."""
    if not values:
        return "", ""
    parts = [f"M{axis.at(first):g} {HEIGHT:g}"]
    for number, value in enumerate(values):
        parts.append(f"V{_up(value, most):g}H{axis.at(first + (number + 1) * width):g}")
    parts.append(f"V{HEIGHT:g}")
    return "".join(parts), "".join(parts) + "Z"


def line(points: Sequence[tuple[float, float]], most: float) -> str:
    """:param points: x in percent, and a value that is ``most`` at the top."""
    return "".join(f"{'L' if number else 'M'}{x:g} {_up(value, most):g}" for number, (x, value) in enumerate(points))


def dots(points: Sequence[tuple[float, float]], most: float) -> str:
    """Lines of no length: with round ends that do not scale, they are round in a stretched chart."""
    return "".join(f"M{x:g} {_up(value, most):g}h0" for x, value in points)


def strip(ranges: Iterable[Sequence[int]], expected: int) -> tuple[list[tuple[float, float]], str]:
    """Where in a run some numbers are: x and width of the wide ranges, and a path of hair lines for the narrow ones."""
    wide: list[tuple[float, float]] = []
    narrow: set[float] = set()
    for first, last in ranges:
        x, width = first / expected * 100, (last - first + 1) / expected * 100
        if width >= 0.5:
            wide.append((round(x, 2), round(width, 2)))
        else:
            narrow.add(round(x + width / 2, 1))
    return wide, "".join(f"M{x:g} 0v{HEIGHT:g}" for x in sorted(narrow))


def _up(value: float, most: float) -> float:
    return round(HEIGHT - value / (most or 1) * (HEIGHT - 4), 2)
