# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one stop has seen of a run: which numbers, how often, where Loggy was. Bounded memory. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..log.event import LOGGY, Event
from ..ranges import Ranges
from .coordinates import Coordinates

_MISSING = re.compile(rb"\x00+")
_TWICE = re.compile(rb"[^\x00\x01]+")
# A byte holds so many copies; the sum of all copies is counted apart.
_MOST_COPIES = 255
_MOST_UNEXPECTED_RANGES = 100


@dataclass(frozen=True)
class Arrival:
    """Where and when Loggy was seen at a stop.

    :param place: in words: file:line, topic-partition@offset, index/id.
    :param where: the same as values.
    :param at: seconds since 1970.
    :param clock: whose clock that was: ``host`` for the one that this runs on, else ``broker``.
    :param sent: when the line says that it was sent, by the sender's clock.
    """

    place: str
    where: Mapping[str, Any]
    at: float
    clock: str
    sent: float | None

    @property
    def latency_ms(self) -> float | None:
        return None if self.sent is None else round((self.at - self.sent) * 1000, 3)


class Account:
    """A byte for each number that is expected: 0, which is Loggy, and his neighbours up to ``neighbours``.

    :ivar found: how many different numbers were seen.
    :ivar sightings: how often any event of the run was seen, copies and unexpected ones included.
    :ivar copies: how many sightings were not the first of their number.
    """

    def __init__(self, neighbours: int) -> None:
        self.expected = neighbours + 1
        self.coordinates = Coordinates(self.expected)
        self._times = bytearray(self.expected)
        self.found = self.sightings = self.copies = 0
        self.unexpected_count = 0
        self.unexpected = Ranges()
        self.loggy: Arrival | None = None
        self.first_at: float | None = None
        self.last_at: float | None = None

    def replace_by(self, other: Account) -> None:
        """Takes over all that ``other`` saw, at once: who looks meanwhile sees the one account or the other."""
        self.__dict__ = other.__dict__

    def see(self, seq: int, at: float) -> bool:
        """Counts one sighting; whether it is the first one of an expected number.

        :param at: seconds since 1970.
        """
        self.sightings += 1
        if not 0 <= seq < self.expected:
            self._see_unexpected(seq)
            return False
        self.first_at = at if self.first_at is None else self.first_at
        self.last_at = at
        times = self._times[seq]
        if times < _MOST_COPIES:
            self._times[seq] = times + 1
        if times:
            self.copies += 1
            return False
        self.found += 1
        return True

    def see_loggy(self, event: Event, place: str, where: Mapping[str, Any], at: float, clock: str = "host") -> None:
        """Keeps where Loggy was seen first; other events are passed over."""
        if event.seq == LOGGY and self.loggy is None:
            self.loggy = Arrival(place, where, at, clock, event.sent)

    @property
    def complete(self) -> bool:
        return self.found == self.expected

    @property
    def missing(self) -> Ranges:
        return self._numbers(_MISSING)

    @property
    def duplicates(self) -> Ranges:
        """The numbers that were seen more than once."""
        return self._numbers(_TWICE)

    def _numbers(self, pattern: re.Pattern[bytes]) -> Ranges:
        return Ranges((match.start(), match.end() - 1) for match in pattern.finditer(self._times))

    def _see_unexpected(self, seq: int) -> None:
        self.unexpected_count += 1
        if sum(1 for _range in self.unexpected) < _MOST_UNEXPECTED_RANGES:
            self.unexpected.add(seq)
