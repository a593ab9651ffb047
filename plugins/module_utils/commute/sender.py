# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends Loggy and his neighbours, each producer in a thread of its own, while the stops are followed."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol

from ..errors import PipelineError
from ..log.options import Sending
from ..log.send import Sent, counted, send, sent_result
from ..log.writers import Entry
from ..ranges import Ranges
from . import verdict
from .account import Starts
from .stops.stop import first_line


class Sender(Protocol):
    """:ivar error: why not everything was sent or acknowledged, "" while there is nothing to complain of.
    :ivar crash: an error of this program.
    """

    @property
    def error(self) -> str: ...
    @property
    def crash(self) -> Exception | None: ...
    @property
    def ended(self) -> bool: ...
    def start(self) -> None: ...
    def facts(self) -> verdict.Sender: ...
    def result(self) -> dict[str, Any]: ...
    def counts(self) -> dict[str, Any]: ...


class _Noted(Sent):
    """Also tells the accounts when each number was made."""

    def __init__(self, starts: Starts) -> None:
        super().__init__()
        self._starts = starts

    def note(self, entries: list[Entry]) -> None:
        self._starts.note_row(entries[0].seq, array("q", [entry.time_us for entry in entries]))
        super().note(entries)


class _Producer:
    def __init__(self, sending: Sending, seqs: range, until: float, starts: Starts, notify: Callable[[], None]) -> None:
        self.error = ""
        self.crash: Exception | None = None
        self.sending = sending
        self.seqs = seqs
        self.planned = Ranges([(seqs[0], seqs[-1])])
        self.writer = sending.writer(until=until)
        self.sent = _Noted(starts)
        self._until = until
        self._notify = notify
        self.thread = threading.Thread(target=self._run, daemon=True)

    def result(self) -> dict[str, Any]:
        return {
            "producer": self.sending.producer,
            "planned": counted(self.planned),
            "sent": counted(self.sent.numbers),
            "acknowledged": counted(self.writer.acknowledged),
        }

    def _run(self) -> None:
        try:
            send(self.sending, self.seqs, self.writer, self.sent, until=self._until)
        except PipelineError as error:
            # The advice is for who sends alone; here the stops say what to look at.
            self.error = first_line(error).split(". ", 1)[0]
        except Exception as error:
            self.crash = error
        finally:
            self._notify()


class Producers:
    """Each producer has its own name, and an equal share of the numbers, in a row, and of the rate."""

    def __init__(
        self,
        sending: Sending,
        neighbours: int,
        *,
        producers: int,
        until: float,
        starts: Starts,
        notify: Callable[[], None],
    ) -> None:
        """:param until: a time of the monotonic clock at which sending ends, done or not."""
        self._sending = sending
        self._seqs = range(neighbours + 1)
        self._producers = [
            _Producer(one, seqs, until, starts, notify) for one, seqs in shares(sending, self._seqs, producers)
        ]

    def start(self) -> None:
        for producer in self._producers:
            producer.thread.start()

    @property
    def error(self) -> str:
        return next((one.error for one in self._producers if one.error), "")

    @property
    def crash(self) -> Exception | None:
        return next((one.crash for one in self._producers if one.crash), None)

    @property
    def ended(self) -> bool:
        return not any(one.thread.is_alive() for one in self._producers)

    def facts(self) -> verdict.Sender:
        planned = Ranges([(self._seqs[0], self._seqs[-1])])
        acknowledged, error = self._acknowledged(), self.error
        if not error and len(acknowledged) < len(planned):
            error = "the acknowledgements had not come at the deadline"
        return verdict.Sender(self._sending.destination, planned, self._sent(), acknowledged, error)

    def result(self) -> dict[str, Any]:
        """As ``log_event`` returns it, of all producers together and of each."""
        parts = [sent_result(one.sending, one.seqs, one.writer, one.sent) for one in self._producers]
        firsts, lasts = ([part[name] for part in parts if part[name]] for name in ("first_time", "last_time"))
        return {
            "run": self._sending.run,
            "producer": self._sending.producer,
            "destination": self._sending.destination,
            "planned": counted(Ranges([(self._seqs[0], self._seqs[-1])])),
            "sent": counted(self._sent()),
            "acknowledged": counted(self._acknowledged()),
            "chunks": sum(part["chunks"] for part in parts),
            "resent": sum(part["resent"] for part in parts),
            "first_time": min(firsts, default=None),
            "last_time": max(lasts, default=None),
            "producers": [one.result() for one in self._producers],
        }

    def counts(self) -> dict[str, Any]:
        return {
            "planned": len(self._seqs),
            "sent": sum(len(one.sent.numbers) for one in self._producers),
            "acknowledged": sum(len(one.writer.acknowledged) for one in self._producers),
            "error": self.error or None,
        }

    def _sent(self) -> Ranges:
        return Ranges(pair for one in self._producers for pair in one.sent.numbers)

    def _acknowledged(self) -> Ranges:
        return Ranges(pair for one in self._producers for pair in one.writer.acknowledged)


class AnotherSender:
    """Somebody else sends: nothing is known of it but what it was asked for."""

    error = ""
    crash = None
    ended = True

    def __init__(self, run: str, neighbours: int) -> None:
        self._run = run
        self._planned = Ranges([(0, neighbours)])

    def start(self) -> None:
        pass

    def facts(self) -> verdict.Sender:
        return verdict.Sender("another sender", self._planned, self._planned, self._planned, is_own=False)

    def result(self) -> dict[str, Any]:
        return {
            "run": self._run,
            "producer": None,
            "destination": "another sender",
            "planned": counted(self._planned),
            "sent": None,
            "acknowledged": None,
            "chunks": 0,
            "resent": 0,
            "first_time": None,
            "last_time": None,
            "producers": [],
        }

    def counts(self) -> dict[str, Any]:
        return {"planned": len(self._planned), "sent": None, "acknowledged": None, "error": None}


def shares(sending: Sending, seqs: range, producers: int) -> list[tuple[Sending, range]]:
    """The numbers in ``producers`` rows of equal length, as near as it goes, with who sends each."""
    if producers == 1:
        return [(sending, seqs)]
    cuts = [len(seqs) * position // producers for position in range(producers + 1)]
    rate = sending.rate / producers
    return [
        (replace(sending, producer=f"{sending.producer}-{position + 1}", rate=rate), seqs[start:end])
        for position, (start, end) in enumerate(pairwise(cuts))
    ]
