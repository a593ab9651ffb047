# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canary's account without end: every Loggy on the way, and a tally for each place. Bounded memory. Pure.

Each Loggy is judged once: when he has been at every stop, or at his deadline. sent = arrived + lost + on the way.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..ranges import Ranges
from .tally import Tally
from .way import Loggy, Loss, Outage, Sighting, as_json

SENDER = "sender"
ARRIVED = "arrived"
NOT_THROUGH_KAFKA = "not through Kafka"
# More are judged before their deadline, the oldest first; only a stop that can't be asked for so long keeps so many.
MOST_ON_THE_WAY = 10_000
_LAST_VERDICTS = 20
_LAST_LOSSES = 100
_LAST_OUTAGES = 100
# A stop that is asked by number is also asked for so many that were never sent.
_ASKED_BEYOND = 1000
# In place of a time: the stop was not there yet when he was sent.
_NOT_ASKED = 0


class Account:
    """
    :ivar way: by number, from the oldest of whom anything is still to be learned to the last who was sent.
    :ivar tallies: by place, in the order in which a Loggy passes them; the sender is the first.
    :ivar skipped: how many times a Loggy was due and none could be sent.
    :ivar news: lines for whoever reads the program's log; taken out by who prints them.
    """

    def __init__(self, run: str, stops: Mapping[str, str], deadline: float) -> None:
        """:param stops: kind by name. :param deadline: seconds from being sent."""
        self.run = run
        self.deadline_us = round(deadline * 1_000_000)
        self.tallies = {SENDER: Tally("sender"), **{name: Tally(kind) for name, kind in stops.items()}}
        self.way: dict[int, Loggy] = {}
        self.sent = self.arrived = self.skipped = 0
        self.verdicts: deque[dict[str, Any]] = deque(maxlen=_LAST_VERDICTS)
        self.losses: deque[Loss] = deque(maxlen=_LAST_LOSSES)
        self.outages: deque[Outage] = deque(maxlen=_LAST_OUTAGES)
        self.news: deque[str] = deque(maxlen=100)

    @property
    def lost(self) -> int:
        return sum(tally.lost for tally in self.tallies.values())

    @property
    def on_the_way(self) -> list[Loggy]:
        return [loggy for loggy in self.way.values() if not loggy.verdict]

    def take(self, now_us: int) -> Loggy:
        """The next Loggy, who is on his way from now on."""
        self.sent += 1
        loggy = self.way[self.sent] = Loggy(self.sent, now_us)
        return loggy

    def take_back(self) -> None:
        """The last one was not sent after all."""
        del self.way[self.sent]
        self.sent -= 1

    def acknowledge(self, number: int, now_us: int) -> None:
        """The pipeline's entry says that it has him."""
        if number in self.way or number in self.tallies[SENDER].missing:
            self._see(SENDER, Sighting(number, now_us))
        self.read(SENDER, now_us)

    def asked(self) -> Ranges:
        """What to ask a stop that is asked by number, but for what it misses."""
        return Ranges([(next(iter(self.way), self.sent + 1), self.sent + _ASKED_BEYOND)])

    def read(self, place: str, began_us: int) -> None:
        """The place could be used."""
        self.tallies[place].read_us = began_us
        outage = self._outage(place)
        if outage is not None:
            outage.to_us = began_us
            self.news.append(f"{place} is back after {(began_us - outage.from_us) / 1_000_000:.0f} s")

    def fail(self, place: str, now_us: int, error: str) -> None:
        """The place could not be used."""
        outage = self._outage(place)
        if outage is None:
            self.outages.append(Outage(place, now_us, error))
            self.news.append(f"{place}: {error}")
        else:
            outage.error = error

    def error(self, place: str) -> str:
        """Why the place can't be used now, "" when it can."""
        outage = self._outage(place)
        return "" if outage is None else outage.error

    def see(self, stop: str, sightings: Iterable[Sighting]) -> None:
        """Of a stop that hands out everything once, in the order in which it got it."""
        for sighting in sightings:
            self._see(stop, sighting)

    def find(self, stop: str, sightings: Sequence[Sighting]) -> None:
        """Of a stop that is asked by number, and has all that it has at every look."""
        tally = self.tallies[stop]
        known, unknown = [], 0
        for sighting in sightings:
            if not 0 < sighting.number <= self.sent:
                unknown += 1
            elif sighting.number in self.way or sighting.number in tally.missing:
                known.append(sighting)
        tally.unexpected += max(0, unknown - tally.unexpected_at_once)
        tally.unexpected_at_once = max(unknown, tally.unexpected_at_once)
        self._find(stop, known)

    def judge(self, now_us: int) -> bool:
        """Judges those whose deadline is over, and forgets those of whom nothing is to be learned any more.

        :return: whether there were any.
        """
        before = (self.lost, len(self.way))
        for loggy in list(self.way.values()):
            if loggy.sent_us + self.deadline_us > now_us:
                break
            if not loggy.verdict:
                self._judge_overdue(loggy, now_us, forced=False)
        for loggy in list(self.way.values()):
            full = len(self.way) > MOST_ON_THE_WAY
            if full and not loggy.verdict:
                self._judge_overdue(loggy, now_us, forced=True)
            if not full and (not loggy.verdict or loggy.sent_us + 2 * self.deadline_us > now_us):
                break
            self._leave(loggy)
        return before != (self.lost, len(self.way))

    def _find(self, stop: str, known: Sequence[Sighting]) -> None:
        tally = self.tallies[stop]
        claims: dict[int, list[Any]] = {}
        first: dict[int, Sighting] = {}
        for sighting in known:
            claims.setdefault(sighting.number, []).append(sighting.coordinate)
            first.setdefault(sighting.number, sighting)
        for sighting in first.values():
            if loggy := self.way.get(sighting.number):
                loggy.claims = claims[sighting.number]
            if loggy is None or stop not in loggy.seen:
                self._see(stop, sighting)
        for number, copies in Counter(one.number for one in known).items():
            loggy = self.way.get(number)
            before = loggy.copies.get(stop, 1) if loggy else 1
            tally.duplicates += max(0, copies - before)
            if loggy and copies > before:
                loggy.copies[stop] = copies

    def _see(self, place: str, sighting: Sighting) -> None:
        tally, number = self.tallies[place], sighting.number
        if not 0 < number <= self.sent:
            tally.unexpected += 1
            return
        loggy = self.way.get(number)
        if loggy is not None and sighting.coordinate and tally.kind == "topic":
            loggy.note_record(sighting.coordinate)
        is_late = number in tally.missing
        if is_late:
            self._come_late(place, tally, number, sighting.at_us)
        elif loggy is None and number < max(tally.forgotten, 1):
            tally.unexpected += 1
            return
        elif loggy is None or place in loggy.seen:
            tally.duplicates += loggy is None or loggy.seen[place] != _NOT_ASKED
            return
        self._count(place, tally, loggy, sighting)

    def _count(self, place: str, tally: Tally, loggy: Loggy | None, sighting: Sighting) -> None:
        if loggy is None:
            # Forgotten but for his number: when he was sent is known only of the last that were lost.
            sent_us = next((loss.sent_us for loss in self.losses if loss.number == sighting.number), sighting.at_us)
            tally.count(sighting.number, sighting.at_us, sent_us, sighting.lane)
            return
        loggy.seen[place] = sighting.at_us
        tally.count(sighting.number, sighting.at_us, loggy.sent_us, sighting.lane)
        if not loggy.verdict and all(name in loggy.seen for name in self.tallies if name != SENDER):
            self.arrived += 1
            self._say(loggy, ARRIVED, max(loggy.seen.values()))

    def _come_late(self, place: str, tally: Tally, number: int, at_us: int) -> None:
        tally.find(number)
        loss = next((loss for loss in self.losses if loss.number == number), None)
        if loss is not None and loss.find(place, at_us):
            seconds = (at_us - loss.sent_us) / 1_000_000
            self.news.append(f"Loggy {number}, lost at {loss.place}, came late: after {seconds:.1f} s")
            if loggy := self.way.get(number):
                loggy.verdict = loss.verdict
            self.verdicts.append(_verdict(number, loss.sent_us, loss.verdict, at_us))

    def _judge_overdue(self, loggy: Loggy, now_us: int, *, forced: bool) -> None:
        lacking = [place for place in self.tallies if place not in loggy.seen]
        if len(lacking) < len(self.tallies):
            # Whoever was seen anywhere has left the sender, whether or not the sender was told.
            lacking = [place for place in lacking if place != SENDER]
        place = lacking[0]
        overdue_us = loggy.sent_us + self.deadline_us
        if place != SENDER and self.tallies[place].read_us < overdue_us and not forced:
            return  # nobody knows whether he is there
        for one in lacking:
            self.tallies[one].miss(loggy.number)
        self.tallies[place].lost += 1
        passed = [one for one in self.tallies if one in loggy.seen]
        around = [one for one in passed if list(self.tallies).index(one) > list(self.tallies).index(place)]
        verdict = NOT_THROUGH_KAFKA if around and self.tallies[place].kind == "topic" else f"lost at {place}"
        last_seen = passed[-1] if passed else None
        self.losses.append(Loss(loggy.number, loggy.sent_us, now_us, place, last_seen, lacking, verdict))
        self.news.append(f"Loggy {loggy.number} {verdict}, last seen at {last_seen or 'no stop'}")
        self._say(loggy, verdict, now_us)

    def _leave(self, loggy: Loggy) -> None:
        if not loggy.is_proven:
            stop = [name for name, tally in self.tallies.items() if tally.kind == "index" and name in loggy.seen]
            self.tallies[stop[0] if stop else SENDER].unproven += 1
            self._say(loggy, NOT_THROUGH_KAFKA, max(loggy.seen.values()))
        del self.way[loggy.number]

    def _say(self, loggy: Loggy, verdict: str, at_us: int) -> None:
        loggy.verdict = verdict
        self.verdicts.append(_verdict(loggy.number, loggy.sent_us, verdict, at_us))

    def _outage(self, place: str) -> Outage | None:
        return next((one for one in reversed(self.outages) if one.place == place and one.to_us is None), None)

    def to_json(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "sent": self.sent,
            "arrived": self.arrived,
            "skipped": self.skipped,
            "tallies": {name: tally.to_json() for name, tally in self.tallies.items()},
            "way": [loggy.to_json() for loggy in self.way.values()],
            "verdicts": list(self.verdicts),
            "losses": [as_json(loss) for loss in self.losses],
            "outages": [as_json(outage) for outage in self.outages],
        }

    def restore(self, data: Mapping[str, Any]) -> None:
        """Goes on from what ``to_json`` gave. A stop that is new since then is not waited for by those on the way."""
        self.run, self.sent, self.arrived, self.skipped = (data[key] for key in ("run", "sent", "arrived", "skipped"))
        new = [name for name in self.tallies if name not in data["tallies"]]
        for name, tally in data["tallies"].items():
            if name in self.tallies and self.tallies[name].kind == tally["kind"]:
                self.tallies[name] = Tally.from_json(tally)
        for loggy in map(Loggy.from_json, data["way"]):
            loggy.seen.update(dict.fromkeys(new, _NOT_ASKED))
            self.way[loggy.number] = loggy
        self.verdicts.extend(data["verdicts"])
        for loss in data["losses"]:
            loss["lacking"] = [place for place in loss["lacking"] if place in self.tallies]
            self.losses.append(Loss(**loss))
        self.outages.extend(Outage(**outage) for outage in data["outages"])


def _verdict(number: int, sent_us: int, verdict: str, at_us: int) -> dict[str, Any]:
    return {"number": number, "sent_us": sent_us, "verdict": verdict, "seconds": (at_us - sent_us) / 1_000_000}
