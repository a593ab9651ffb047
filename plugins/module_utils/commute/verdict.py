# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run amounts to: one word, the stop that it is about, and the sentence that says so. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ..log.event import LOGGY
from ..ranges import Ranges

SENDER = "sender"


class Word(StrEnum):
    ARRIVED = "arrived"
    LATE = "late"
    LOST = "lost"
    DUPLICATED = "duplicated"
    NOT_THROUGH_KAFKA = "not through Kafka"
    UNREACHABLE = "stop unreachable"
    NOT_DEPLOYED = "not deployed"
    NOTHING_SENT = "nothing sent"


@dataclass(frozen=True)
class Limits:
    """What is still good.

    :param latency_ms: the longest time from the start; None is any.
    :param lost: how many numbers a stop may miss; :param duplicated: how many the last one may have more than once.
    """

    latency_ms: float | None = None
    lost: int = 0
    duplicated: int = 0


STRICT = Limits()


@dataclass(frozen=True)
class Sender:
    """:param error: why it could not send, or was not told that all arrived; "" when all was acknowledged.
    :param is_own: whether this run sends; of another sender nothing is known but what it was asked for.
    """

    destination: str
    planned: Ranges
    sent: Ranges
    acknowledged: Ranges
    error: str = ""
    is_own: bool = True


@dataclass(frozen=True)
class Seen:
    """What a stop saw.

    :param waited: whether there was anything to wait for: something had been sent.
    :param error: why it could not be read to the end.
    :param place: where Loggy was found, "" when he was not.
    :param late: numbers that took longer than the limit, by their time from the start; :param slowest_ms: of them.
    :param out_of_order: numbers of which a higher one of their producer came before; None where there is no order.
    :param unproven: numbers whose way through Kafka is not proven; None where that is not asked.
    """

    name: str
    kind: str
    deployed: bool = True
    waited: bool = True
    error: str = ""
    place: str = ""
    missing: Ranges = field(default_factory=Ranges)
    duplicates: Ranges = field(default_factory=Ranges)
    late: Ranges = field(default_factory=Ranges)
    slowest_ms: float = 0.0
    out_of_order: Ranges | None = None
    unproven: Ranges | None = None

    def word(self, limits: Limits = STRICT) -> Word:
        """The stop's own state, whatever the others saw."""
        if not self.deployed:
            return Word.NOT_DEPLOYED
        if self.error:
            return Word.UNREACHABLE
        if len(self.missing) > limits.lost:
            return Word.LOST if self.waited else Word.NOTHING_SENT
        if self.unproven:
            return Word.NOT_THROUGH_KAFKA
        if len(self.duplicates) > limits.duplicated:
            return Word.DUPLICATED
        return Word.LATE if self.late else Word.ARRIVED


@dataclass(frozen=True)
class Verdict:
    """:param stop: the stop that it is about, None when all arrived.
    :param last_seen: the stop before, at which the numbers still were.
    :param numbers: what is lost, duplicated or unproven.
    :param line: one sentence.
    """

    word: Word
    stop: str | None
    last_seen: str | None
    numbers: Ranges
    line: str

    def __str__(self) -> str:
        if self.word in (Word.LATE, Word.LOST, Word.DUPLICATED):
            return f"{self.word} at {self.stop}"
        return str(self.word)


def judge(sender: Sender, stops: Sequence[Seen], limits: Limits = STRICT) -> Verdict:
    """:param stops: in the order in which an event passes them; at least one is deployed."""
    unsent = sender.planned.minus(sender.sent)
    # Sending may have halted because a stop took no more: that stop comes before what was never sent.
    deployed = [replace(stop, missing=stop.missing.minus(unsent)) for stop in stops if stop.deployed]
    for check in (_on_the_way, _beside_kafka, _unsent, _twice, _untold, _late):
        if verdict := check(sender, deployed, limits):
            return verdict
    return Verdict(Word.ARRIVED, None, deployed[-1].name, Ranges(), _arrived(sender, deployed))


def _arrived(sender: Sender, deployed: Sequence[Seen]) -> str:
    """The good sentence, with what was seen and is no failure."""
    neighbours, last = len(sender.planned) - 1, deployed[-1]
    who = f"Loggy and his {neighbours} neighbours" if neighbours else "Loggy"
    notes = [
        f"{_who(stop.out_of_order, sender)} came out of order at {stop.name}" for stop in deployed if stop.out_of_order
    ]
    if last.duplicates:
        notes.insert(0, f"{_who(last.duplicates, sender)} more than once, which the limit allows")
    if missing := next((stop for stop in deployed if stop.missing), None):
        notes.insert(0, f"{_who(missing.missing, sender)} missing at {missing.name}, which the limit allows")
    line = f"{who} arrived at {last.name}" + ("" if last.duplicates else ", none twice")
    return "; ".join([line, *notes]) + "."


def judge_start(sender: Sender, stops: Sequence[Seen]) -> Verdict | None:
    """The verdict when a stop could not be read before sending; None when all could."""
    for stop in stops:
        if stop.deployed and stop.error:
            line = f"{stop.name} could not be read: {stop.error}. Nothing was sent."
            return Verdict(Word.UNREACHABLE, stop.name, None, sender.planned, line)
    return None


def _unsent(sender: Sender, deployed: Sequence[Seen], limits: Limits) -> Verdict | None:
    unsent = sender.planned.minus(sender.sent)
    line = f"{_who(unsent, sender)} could not be sent: {sender.error or 'the deadline ended it'}."
    return Verdict(Word.UNREACHABLE, SENDER, None, unsent, line) if unsent else None


def _on_the_way(sender: Sender, deployed: Sequence[Seen], limits: Limits) -> Verdict | None:
    """The first stop that does not have everything, or that nobody knows of whether it has."""
    before: Seen | None = None
    for position, stop in enumerate(deployed):
        if stop.error:
            return _unreadable(sender, before, stop)
        if len(stop.missing) > limits.lost:
            return _missing(sender, before, stop, deployed[position + 1 :])
        before = stop
    return None


def _unreadable(sender: Sender, before: Seen | None, stop: Seen) -> Verdict:
    line = f"{stop.name} could not be read to the end: {stop.error}. "
    if stop.missing:
        line += f"{_who(stop.missing, sender)} {_was(stop.missing)} last seen at {_at(sender, before)}."
    else:
        line += "All had been found there, and whether any of them twice is not known."
    return Verdict(Word.UNREACHABLE, stop.name, _name(before), stop.missing, line)


def _missing(sender: Sender, before: Seen | None, stop: Seen, after: Sequence[Seen]) -> Verdict:
    who, was = _who(stop.missing, sender), _was(stop.missing)
    # What a later stop has was not lost here: it went another way.
    around = [later for later in after if not later.error and not _overlap(stop.missing, later.missing)]
    if around and stop.kind == "topic":
        place = f" ({around[-1].place})" if LOGGY in stop.missing else ""
        line = f"{who} {was} found at {around[-1].name}{place} and not at {stop.name}."
        return Verdict(Word.NOT_THROUGH_KAFKA, around[-1].name, _name(before), stop.missing, line)
    line = f"{who} {was} last seen at {_at(sender, before)} and missing at {stop.name}"
    line += f", though found at {around[0].name}: that is not the only way." if around else "."
    return Verdict(Word.LOST, stop.name, _name(before), stop.missing, line)


def _beside_kafka(sender: Sender, deployed: Sequence[Seen], limits: Limits) -> Verdict | None:
    for stop in deployed:
        if stop.unproven:
            line = (
                f"{_who(stop.unproven, sender)} {_was(stop.unproven)} found at {stop.name} in documents whose kafka "
                "stamp names no record of theirs in the topic: something writes there beside the pipeline."
            )
            return Verdict(Word.NOT_THROUGH_KAFKA, stop.name, None, stop.unproven, line)
    return None


def _twice(sender: Sender, deployed: Sequence[Seen], limits: Limits) -> Verdict | None:
    """Copies on the way are no fault while the last stop has one of each: the way is at-least-once on purpose."""
    copies = deployed[-1].duplicates
    if len(copies) <= limits.duplicated:
        return None
    position, stop = next((at, stop) for at, stop in enumerate(deployed) if _overlap(copies, stop.duplicates))
    line = f"{_who(copies, sender)} {_was(copies)} found more than once at {deployed[-1].name}, first at {stop.name}."
    return Verdict(Word.DUPLICATED, stop.name, _name(deployed[position - 1] if position else None), copies, line)


def _untold(sender: Sender, deployed: Sequence[Seen], limits: Limits) -> Verdict | None:
    if not sender.error:
        return None
    line = f"Everything arrived, and the sender was not told so: {sender.error}."
    return Verdict(Word.UNREACHABLE, SENDER, deployed[-1].name, sender.planned.minus(sender.acknowledged), line)


def _late(sender: Sender, deployed: Sequence[Seen], limits: Limits) -> Verdict | None:
    """The first stop at which the limit was passed: what comes after it can't be earlier."""
    for position, stop in enumerate(deployed):
        if stop.late:
            line = (
                f"{_who(stop.late, sender)} came to {stop.name} later than {limits.latency_ms:g} ms after the start; "
                f"the slowest took {stop.slowest_ms:.0f} ms."
            )
            return Verdict(Word.LATE, stop.name, _name(deployed[position - 1] if position else None), stop.late, line)
    return None


def _who(numbers: Ranges, sender: Sender) -> str:
    neighbours = len(numbers) - (LOGGY in numbers)
    total = len(sender.planned) - 1
    few = f"{neighbours} of {total} neighbours ({without_loggy(numbers)})" if neighbours else ""
    some = f"all {total} neighbours" if neighbours == total > 1 else few
    if LOGGY not in numbers:
        return some
    return f"Loggy and {some}" if some else "Loggy"


def _name(before: Seen | None) -> str:
    return before.name if before else SENDER


def _was(numbers: Ranges) -> str:
    return "was" if len(numbers) == 1 else "were"


def _at(sender: Sender, before: Seen | None) -> str:
    if before is not None:
        return f"{before.name} ({before.place})" if before.place else before.name
    if not sender.is_own:
        return "its sender"
    told = "acknowledged" if not sender.error else f"not acknowledged: {sender.error}"
    return f"the sender ({sender.destination}, {told})"


def _overlap(left: Ranges, right: Ranges) -> bool:
    return len(left.minus(right)) < len(left)


def without_loggy(numbers: Ranges) -> Ranges:
    return Ranges((max(first, LOGGY + 1), last) for first, last in numbers)
