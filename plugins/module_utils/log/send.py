# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes events when they are due and hands them to a writer; memory holds one part of them, however many there are."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..ranges import Ranges
from .event import iso_time, make_record
from .options import Sending
from .pace import paced
from .writers import Entry, Writer


def _now_us() -> int:
    return time.time_ns() // 1000


@dataclass
class Sent:
    """What has been sent so far; another thread may look at it.

    :param first_us: when the first event was made, in microseconds since 1970; None before that.
    """

    numbers: Ranges = field(default_factory=Ranges)
    first_us: int | None = None
    last_us: int | None = None

    def note(self, entries: list[Entry]) -> None:
        self.first_us = self.first_us or entries[0].time_us
        self.last_us = entries[-1].time_us
        self.numbers.add(entries[0].seq, entries[-1].seq)


def send(
    sending: Sending,
    seqs: range,
    writer: Writer,
    sent: Sent,
    *,
    until: float = math.inf,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    now_us: Callable[[], int] = _now_us,
) -> None:
    """Sends the events numbered ``seqs`` and waits until the destination has them.

    :param sent: is brought up to date as it goes, so that it is right after an error too.
    :param until: a time of ``clock`` after which no more is sent.
    """
    try:
        writer.open()
        for part in paced(seqs, rate=sending.rate, most=writer.most, clock=clock, sleep=sleep, until=until):
            times = ((seq, now_us()) for seq in part)
            entries = [Entry(seq, at, make_record(sending.run, seq, sending.producer, at)) for seq, at in times]
            sent.note(entries)
            writer.write(entries)
        writer.finish()
    finally:
        writer.close()


def sent_result(sending: Sending, seqs: range, writer: Writer, sent: Sent) -> dict[str, Any]:
    """What a task returns of a run, also of one that failed."""
    return {
        "run": sending.run,
        "producer": sending.producer,
        "destination": sending.destination,
        "planned": counted(Ranges([(seqs[0], seqs[-1])])),
        "sent": counted(sent.numbers),
        "acknowledged": counted(writer.acknowledged),
        "chunks": writer.chunks,
        "resent": writer.resent,
        "first_time": iso_time(sent.first_us) if sent.first_us else None,
        "last_time": iso_time(sent.last_us) if sent.last_us else None,
    }


def counted(numbers: Ranges) -> dict[str, Any]:
    """JSON-ready: how many, and which as ranges of [first, last]."""
    return {"count": len(numbers), "ranges": numbers.pairs()}
