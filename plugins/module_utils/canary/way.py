# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Loggy on his way, and what is said of him when it is over. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..commute.coordinates import Coordinate

# A way that is at-least-once may make several records of him; more than these are not compared with his document.
_MOST_RECORDS = 16


class Sighting(NamedTuple):
    """
    :param lane: what the stop keeps in order by itself, None where it keeps none.
    :param coordinate: the record of a topic that it is, or says that it was made of.
    """

    number: int
    at_us: int
    lane: str | None = None
    coordinate: Coordinate | None = None


@dataclass
class Loggy:
    """
    :param seen: by place, when he was seen there first, in microseconds since 1970.
    :param copies: by stop, how many documents there are of him.
    :param records: of the topic.
    :param claims: the records that his documents say they were made of.
    :param verdict: "" while he is on the way.
    """

    number: int
    sent_us: int
    seen: dict[str, int] = field(default_factory=dict)
    copies: dict[str, int] = field(default_factory=dict)
    records: list[Coordinate] = field(default_factory=list)
    claims: list[Coordinate | None] = field(default_factory=list)
    verdict: str = ""

    def note_record(self, coordinate: Coordinate) -> None:
        if len(self.records) < _MOST_RECORDS:
            self.records.append(coordinate)

    @property
    def is_proven(self) -> bool:
        """False when a document of his names a record that is none of his."""
        if not self.records or len(self.records) == _MOST_RECORDS:
            return True
        return all(claim in self.records for claim in self.claims)

    def to_json(self) -> dict[str, Any]:
        return {
            **self.__dict__,
            "records": [list(one) for one in self.records],
            "claims": list(map(_list, self.claims)),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Loggy:
        records = [Coordinate(*one) for one in data["records"]]
        claims = [Coordinate(*one) if one else None for one in data["claims"]]
        return cls(**{**data, "records": records, "claims": claims})


def _list(coordinate: Coordinate | None) -> list[Any] | None:
    return None if coordinate is None else list(coordinate)


@dataclass
class Loss:
    """A Loggy that was not everywhere at his deadline.

    :param place: the first that he was not at. :param last_seen: the one before.
    :param lacking: the places that he has not come to since.
    :param came_us: when he was at the last of them.
    """

    number: int
    sent_us: int
    judged_us: int
    place: str
    last_seen: str | None
    lacking: list[str]
    verdict: str
    came_us: int | None = None

    def find(self, place: str, at_us: int) -> bool:
        """He came to this place late; whether he is everywhere now."""
        if place in self.lacking:
            self.lacking.remove(place)
        if self.lacking or self.came_us is not None:
            return False
        self.came_us = at_us
        self.verdict = f"late at {self.place}"
        return True


@dataclass
class Outage:
    """A place that could not be used, from its first error to the next success."""

    place: str
    from_us: int
    error: str
    to_us: int | None = None


def as_json(entry: Loss | Outage) -> dict[str, Any]:
    return dict(entry.__dict__)
