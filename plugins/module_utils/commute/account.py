# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one stop has seen of a run: which numbers, how often, when, in which order, and where Loggy was. Pure.

Arrays by number in place of objects: a million numbers take 10 MB, and those of Starts 8 MB more for all stops.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from ..log.event import LOGGY
from ..ranges import Ranges
from .coordinates import Coordinates

# With one byte in front that is always the same: what is between the matches is skipped at a twentieth of the cost.
_MISSING = re.compile(rb"\x00\x00*")
_SET = re.compile(rb"\x01\x01*")
_TWICE = re.compile(rb"[^\x00\x01]+")
# A byte holds so many copies; the sum of all copies is counted apart.
_MOST_COPIES = 255
_MOST_UNEXPECTED_RANGES = 100
# Each takes the memory of a few numbers; a run whose producers' names never end is none of ours.
_MOST_LANES = 10_000


class Starts:
    """When each number was sent, as its sender or its line says; shared by the accounts of all stops.

    :ivar us: microseconds since 1970 by number, 0 where it is not known.
    """

    def __init__(self, expected: int) -> None:
        self.us = array("q", [0]) * expected

    def knows(self, seq: int) -> bool:
        """Whether there is nothing to learn of this number, which may be an unexpected one."""
        return not 0 <= seq < len(self.us) or self.us[seq] != 0

    def knows_row(self, first: int, count: int) -> bool:
        row = self.us[max(first, 0) : first + count]
        return len(row) == count and 0 not in row

    def note(self, seq: int, us: int) -> None:
        if 0 <= seq < len(self.us):
            self.us[seq] = us

    def note_row(self, first: int, us: array[int]) -> None:
        """Of numbers in a row, which are all expected."""
        self.us[first : first + len(us)] = us


@dataclass(frozen=True)
class Arrival:
    """Where Loggy was seen at a stop.

    :param place: in words: file:line, topic-partition@offset, index/id.
    :param where: the same as values.
    """

    place: str
    where: Mapping[str, Any]


class Account:
    """A byte for each number that is expected: 0, which is Loggy, and his neighbours up to ``neighbours``.

    :ivar found: how many different numbers were seen.
    :ivar sightings: how often any event of the run was seen, copies and unexpected ones included.
    :ivar copies: how many sightings were not the first of their number.
    :ivar seen_us: when each number was seen first, microseconds since 1970; 0 for those that were not.
    :ivar clock: whose clock told that: ``host`` for the one that this runs on, else ``broker`` or ``node``.
    """

    def __init__(
        self,
        neighbours: int,
        starts: Starts | None = None,
        *,
        ordered: bool = False,
        before: Account | None = None,
    ) -> None:
        """:param ordered: whether the stop hands out events in the order in which it got them.
        :param before: of the topic whose records the stop's documents should be made of; None where there is none.
        """
        self.before = before
        self.expected = neighbours + 1
        self.starts = starts or Starts(self.expected)
        self.coordinates = Coordinates(self.expected)
        self.seen_us = array("q", [0]) * self.expected
        self.clock = "host"
        self._times = bytearray(self.expected)
        self._late = bytearray(self.expected) if ordered else None
        self._highest: dict[Hashable, int] = {}
        self.found = self.sightings = self.copies = 0
        self.unexpected_count = 0
        self.unexpected = Ranges()
        self.loggy: Arrival | None = None

    def replace_by(self, other: Account) -> None:
        """Takes over all that ``other`` saw, at once: who looks meanwhile sees the one account or the other.

        A number that was seen before was not seen any later for having been read again.
        """
        for seq, us in enumerate(self.seen_us):
            if us and other.seen_us[seq]:
                other.seen_us[seq] = us
        self.__dict__ = other.__dict__

    def see(self, seq: int, at_us: int, lane: Hashable = None) -> bool:
        """Counts one sighting; whether it is the first one of an expected number.

        :param at_us: microseconds since 1970.
        :param lane: what the stop keeps in order by itself: a producer within a partition, or within a file.
        """
        self.sightings += 1
        if not 0 <= seq < self.expected:
            self._see_unexpected(seq)
            return False
        times = self._times[seq]
        if times:
            if times < _MOST_COPIES:
                self._times[seq] = times + 1
            self.copies += 1
            return False
        self._times[seq] = 1
        self.seen_us[seq] = at_us
        self.found += 1
        if self._late is not None:
            self._put_in_order(self._late, seq, lane)
        return True

    def see_row(self, first: int, count: int, at_us: int, lane: Hashable = None) -> bool:
        """The same as ``see`` for neighbours with numbers in a row, at a fraction of the cost for each.

        :returns: False, with nothing counted, unless all are expected, none was seen before, and all are in order.
        """
        end = first + count
        if first <= LOGGY or end > self.expected or self._times.count(0, first, end) != count:
            return False
        if self._late is not None:
            highest = self._highest.get(lane, -1)
            if first < highest or (highest < 0 and len(self._highest) >= _MOST_LANES):
                return False
            self._highest[lane] = end - 1
        self._times[first:end] = b"\x01" * count
        self.seen_us[first:end] = array("q", [at_us]) * count
        self.found += count
        self.sightings += count
        return True

    def see_loggy(self, place: str, where: Mapping[str, Any]) -> None:
        """Keeps where Loggy was seen first."""
        if self.loggy is None:
            self.loggy = Arrival(place, where)

    @property
    def complete(self) -> bool:
        return self.found == self.expected

    @property
    def latency_ms(self) -> float | None:
        """Loggy's, from when he was sent."""
        start, end = self.starts.us[LOGGY], self.seen_us[LOGGY]
        return (end - start) / 1000 if start and end else None

    @property
    def missing(self) -> Ranges:
        return _numbers(_MISSING, self._times)

    @property
    def first_missing(self) -> int | None:
        """The lowest of them."""
        at = self._times.find(0)
        return None if at < 0 else at

    @property
    def duplicates(self) -> Ranges:
        """The numbers that were seen more than once."""
        return _numbers(_TWICE, self._times) if self.copies else Ranges()

    @property
    def out_of_order(self) -> Ranges | None:
        """The numbers of which a higher one of the same lane had come before; None where there is no order."""
        return None if self._late is None else _numbers(_SET, self._late)

    def _put_in_order(self, late: bytearray, seq: int, lane: Hashable) -> None:
        highest = self._highest.get(lane, -1)
        if seq < highest:
            late[seq] = 1
        elif highest >= 0 or len(self._highest) < _MOST_LANES:
            self._highest[lane] = seq

    def _see_unexpected(self, seq: int) -> None:
        self.unexpected_count += 1
        if sum(1 for _range in self.unexpected) < _MOST_UNEXPECTED_RANGES:
            self.unexpected.add(seq)


def _numbers(pattern: re.Pattern[bytes], flags: bytearray) -> Ranges:
    return Ranges((match.start(), match.end() - 1) for match in pattern.finditer(flags))
