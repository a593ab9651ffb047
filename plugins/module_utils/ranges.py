# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of whole numbers kept as ranges, so that a million of them in a row need the memory of two. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator


class Ranges:
    """Disjoint ranges in rising order; neighbours that touch are one."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        """:param pairs: first and last number of each range, both in it."""
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in pairs:
            self.add(first, last)

    def add(self, first: int, last: int | None = None) -> None:
        """Adds ``first`` to ``last``, both included; ``first`` alone without ``last``."""
        last = first if last is None else last
        if last < first:
            return
        left = bisect_left(self._lasts, first - 1)
        right = bisect_right(self._firsts, last + 1)
        if left < right:
            first = min(first, self._firsts[left])
            last = max(last, self._lasts[right - 1])
        self._firsts[left:right] = [first]
        self._lasts[left:right] = [last]

    def minus(self, other: Ranges) -> Ranges:
        """The numbers that are not in ``other``."""
        left = Ranges()
        taken = list(other)
        behind = 0
        for first, last in self:
            while behind < len(taken) and taken[behind][1] < first:
                behind += 1
            at, position = first, behind
            while position < len(taken) and taken[position][0] <= last:
                left.add(at, taken[position][0] - 1)
                at = taken[position][1] + 1
                position += 1
            left.add(at, last)
        return left

    def __contains__(self, number: int) -> bool:
        at = bisect_left(self._lasts, number)
        return at < len(self._firsts) and self._firsts[at] <= number

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """First and last number of each range."""
        return iter(zip(self._firsts, self._lasts, strict=True))

    def __len__(self) -> int:
        """How many numbers, not how many ranges."""
        return sum(last - first + 1 for first, last in self)

    def __bool__(self) -> bool:
        return bool(self._firsts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Ranges({list(self)})"

    def __str__(self) -> str:
        """As a person writes it: ``1-7, 9``; at most eight ranges, then how many are left out."""
        words = [str(first) if first == last else f"{first}-{last}" for first, last in self]
        more = f" and {len(words) - 8} more ranges" if len(words) > 8 else ""
        return ", ".join(words[:8]) + more

    def pairs(self, limit: int = 1000) -> list[list[int]]:
        """JSON-ready: the first ``limit`` ranges as [first, last]."""
        return [list(pair) for pair, _number in zip(self, range(limit), strict=False)]
