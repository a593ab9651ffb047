# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a stop: in place of the commute's account, which a run without end would make grow. Keeps nothing."""

from __future__ import annotations

from collections.abc import Hashable

from ..commute.account import Account, Starts
from ..commute.coordinates import Coordinate, Coordinates
from ..ranges import Ranges
from .way import Sighting


class Look(Account):
    """:ivar seen: in the order in which the stop handed them out."""

    def __init__(self, asked: Ranges) -> None:
        """:param asked: the numbers that a stop is asked for that can be asked by number."""
        super().__init__(0, _Known(0))
        self.seen: list[Sighting] = []
        self.coordinates = _Noted(self.seen)
        self._asked = asked

    def see(self, seq: int, at_us: int, lane: Hashable = None) -> bool:
        self.seen.append(Sighting(seq, at_us, None if lane is None else str(lane)))
        self.sightings += 1
        return False

    @property
    def complete(self) -> bool:
        return False

    @property
    def missing(self) -> Ranges:
        return self._asked


class _Known(Starts):
    """When a Loggy was sent, the canary knows better than his line, which a part on the way may have changed."""

    def knows(self, seq: int) -> bool:
        return True


class _Noted(Coordinates):
    """A stop notes a number's coordinate right after it saw the number."""

    def __init__(self, seen: list[Sighting]) -> None:
        super().__init__(0)
        self._seen = seen

    def note(self, seq: int, coordinate: Coordinate | None) -> None:
        if self._seen and self._seen[-1].number == seq:
            self._seen[-1] = self._seen[-1]._replace(coordinate=coordinate)
