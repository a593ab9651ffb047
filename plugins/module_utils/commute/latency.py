# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the numbers of a run took between two points, and how many came in each stretch of time. Exact. Pure."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import sub

from ..ranges import Ranges

#: Upper ends of the histogram's buckets, in milliseconds; what is above the last is counted in one more.
BOUNDS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000)
MOST_STRETCHES = 120
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400)


@dataclass(frozen=True)
class Latency:
    """:param rising: microseconds."""

    rising: Sequence[int]

    def quantile(self, part: float) -> float | None:
        """The smallest latency, in milliseconds, that ``part`` of all do not exceed; None of none."""
        if not self.rising:
            return None
        return self.rising[max(math.ceil(part * len(self.rising)), 1) - 1] / 1000

    @property
    def negative(self) -> int:
        return bisect_left(self.rising, 0)

    def histogram(self) -> list[tuple[int | None, int]]:
        """Upper end of each bucket, None for the last, and how many are in it."""
        up_to = [bisect_right(self.rising, bound * 1000) for bound in BOUNDS_MS]
        ends = [*up_to, len(self.rising)]
        return [
            (bound, end - start) for bound, start, end in zip((*BOUNDS_MS, None), [0, *ends[:-1]], ends, strict=True)
        ]


def latency_between(starts: array[int], ends: array[int]) -> Latency:
    """Of the numbers that have both times; 0 is none."""
    if _are_all_known(starts) and _are_all_known(ends):
        # The rule, and without a turn of Python's own loop for each of a million.
        return Latency(sorted(map(sub, ends, starts)))
    return Latency(sorted(end - start for start, end in zip(starts, ends, strict=True) if start and end))


def span(times: array[int]) -> tuple[int, int] | None:
    """The first and the last of them; 0 is none. None of none."""
    # Whatever one look found came at one time, so that the many are a few runs.
    known = [at for at, _run in groupby(times) if at]
    return (min(known), max(known)) if known else None


def _are_all_known(times: array[int]) -> bool:
    """Tells at once when none is 0. Eight zero bytes of two numbers may be taken for a 0, which costs only time."""
    return bytes(times.itemsize) not in times.tobytes()


def later_than(starts: array[int], ends: array[int], limit_ms: float) -> tuple[Ranges, float]:
    """The numbers that took longer, and the longest time of all in milliseconds, 0 when there is none."""
    limit, longest, late = limit_ms * 1000, 0, Ranges()
    if math.isinf(limit):
        return late, 0.0
    for seq, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if start and end and end - start > limit:
            late.add(seq)
            longest = max(longest, end - start)
    return late, longest / 1000


@dataclass(frozen=True)
class Stretches:
    """:param start_us: when the first one begins; :param seconds: how long each is."""

    start_us: int
    seconds: float

    def counts(self, times: array[int]) -> list[int]:
        """How many of ``times`` are in each, up to the last one that has any; 0 is no time."""
        step = round(self.seconds * 1_000_000)
        counted: Counter[int] = Counter()
        for at, run in groupby(times):
            if at:
                counted[(at - self.start_us) // step] += len(list(run))
        last = min(max(counted, default=-1), MOST_STRETCHES - 1)
        before = sum(count for position, count in counted.items() if position < 0)
        counts = [counted.get(position, 0) for position in range(last + 1)]
        # A clock that was set back must not make events vanish.
        return [counts[0] + before, *counts[1:]] if counts else [before] if before else []


def stretches(start_us: int, spans: Iterable[tuple[int, int] | None]) -> Stretches:
    """Stretches that hold all times of every one, so that these can be compared."""
    last = max((each[1] for each in spans if each), default=0)
    seconds = max(last - start_us, 0) / 1_000_000
    for step in _STEPS:
        if seconds < step * MOST_STRETCHES:
            return Stretches(start_us, step)
    return Stretches(start_us, math.ceil((seconds + 1) / MOST_STRETCHES))
