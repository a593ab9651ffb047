# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the canary counts at one place, the sender or a stop, for as long as it runs. Bounded memory. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..ranges import Ranges

# Upper bounds in seconds; what took longer is counted after the last.
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
COUNTERS = ("seen", "lost", "late", "duplicates", "unexpected", "out_of_order", "unproven")
_MOST_MISSING_RANGES = 1000
_MOST_LANES = 1000


@dataclass
class Tally:
    """
    :param kind: of the stop; ``sender`` for the sender.
    :param seen: different Loggys; :param late: those of them that came after their deadline.
    :param lost: Loggys that were not here at their deadline, and at every place before.
    :param missing: those of which the deadline is over and that have not been here since.
    :param forgotten: numbers below it are not known one by one any more.
    :param highest: the highest number seen, by what the stop keeps in order by itself.
    :param buckets: how many latencies by BUCKETS.
    :param read_us: when it was looked at last with success, the beginning of that look.
    """

    kind: str
    seen: int = 0
    lost: int = 0
    late: int = 0
    duplicates: int = 0
    unexpected: int = 0
    out_of_order: int = 0
    unproven: int = 0
    missing: Ranges = field(default_factory=Ranges)
    forgotten: int = 0
    highest: dict[str, int] = field(default_factory=dict)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    latency_sum: float = 0.0
    last_number: int = 0
    last_us: int = 0
    read_us: int = 0
    unexpected_at_once: int = 0

    def count(self, number: int, at_us: int, sent_us: int, lane: str | None) -> None:
        """The first sighting of a Loggy."""
        self.seen += 1
        # The clocks of a broker and of this machine may differ by more than the way takes.
        seconds = max(0.0, (at_us - sent_us) / 1_000_000)
        self.buckets[bisect_left(BUCKETS, seconds)] += 1
        self.latency_sum += seconds
        if at_us >= self.last_us:
            self.last_number, self.last_us = number, at_us
        if lane is not None:
            self._put_in_order(number, lane)

    def miss(self, number: int) -> None:
        self.missing.add(number)
        if sum(1 for _range in self.missing) > _MOST_MISSING_RANGES:
            _first, last = next(iter(self.missing))
            self.forgotten = last + 1
            self.missing = self.missing.minus(Ranges([(0, last)]))

    def find(self, number: int) -> None:
        """A missing one came after all."""
        self.missing = self.missing.minus(Ranges([(number, number)]))
        self.late += 1

    def _put_in_order(self, number: int, lane: str) -> None:
        highest = self.highest.pop(lane, 0)
        if number < highest:
            self.out_of_order += 1
        self.highest[lane] = max(number, highest)
        while len(self.highest) > _MOST_LANES:
            self.highest.pop(next(iter(self.highest)))

    def to_json(self) -> dict[str, Any]:
        return {**self.__dict__, "missing": self.missing.pairs(_MOST_MISSING_RANGES)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Tally:
        return cls(**{**data, "missing": Ranges((first, last) for first, last in data["missing"])})
