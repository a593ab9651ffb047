# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends chunks and keeps each until it is acknowledged; after a broken connection they go again under their old ids.

One thread: a receiver's acks are so small that they never block it while a chunk is being written.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..errors import NotReady, PipelineError, Unreachable
from ..ranges import Ranges
from .connection import Address, Connection
from .protocol import Chunk, acknowledged

# How long at most one wait for an ack lasts before the deadlines are looked at again.
_LONGEST_WAIT = 0.25
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class Link(Protocol):
    """What the sender needs of a connection."""

    def write(self, data: bytes, timeout: float) -> None: ...
    def read(self, timeout: float) -> Any | None: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Patience:
    """All in seconds, but ``in_flight``.

    :param in_flight: chunks that may wait for their ack at one time; the next one waits for a place.
    :param ack_timeout: a chunk without ack for so long is sent again over a new connection.
    :param deadline: a chunk without ack for so long, resends included, ends the run.
    """

    in_flight: int = 8
    ack_timeout: float = 20.0
    deadline: float = 60.0


@dataclass
class _Waiting:
    chunk: Chunk
    first_sent: float
    last_sent: float
    attempts: int = 0


class Sender:
    """:param until: a time of ``clock`` that ends the run whatever the chunks' own deadlines say.
    :param connect: opens a connection; raises OSError when another attempt may help.
    """

    def __init__(
        self,
        address: Address,
        patience: Patience,
        *,
        until: float = math.inf,
        connect: Callable[[Address], Link] = Connection,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address = address
        self._patience = patience
        self._until = until
        self._connect = connect
        self._clock = clock
        self._sleep = sleep
        self._link: Link | None = None
        self._waiting: dict[str, _Waiting] = {}
        self._trouble = ""
        self.acknowledged = Ranges()
        self.chunks = 0
        self.resent = 0

    def open(self) -> None:
        """The first connection: nothing has been sent yet, so an address that does not answer is refused at once."""
        try:
            self._link = self._connect(self._address)
        except OSError as error:
            raise Unreachable(
                f"Could not connect to the forward port {self._address}: {_reason(error)}.",
                advice="Check host and port, and that the receiver (aggregator or forward source connector) runs.",
            ) from error

    def send(self, chunk: Chunk) -> None:
        """Returns when ``chunk`` is written; waits first while too many are in flight."""
        # An ack that came before the receiver closed an idle connection is lost when the write meets the closed end.
        self._collect(0)
        while len(self._waiting) >= self._patience.in_flight:
            self._collect(_LONGEST_WAIT)
        now = self._clock()
        self._waiting[chunk.id] = waiting = _Waiting(chunk, now, now)
        self.chunks += 1
        self._attempt(lambda link: self._write(link, waiting))
        self._collect(0)

    def drain(self) -> None:
        """Returns when every chunk is acknowledged."""
        while self._waiting:
            self._collect(_LONGEST_WAIT)

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _collect(self, timeout: float) -> None:
        """Takes the acks that have come, at most ``timeout`` seconds waiting for the first."""
        self._attempt(lambda link: self._take_acks(link, timeout))
        self._check_deadlines()

    def _take_acks(self, link: Link, timeout: float) -> None:
        answer = link.read(timeout)
        while answer is not None:
            waiting = self._waiting.pop(acknowledged(answer) or "", None)
            if waiting is not None:
                self.acknowledged.add(waiting.chunk.first, waiting.chunk.last)
            answer = link.read(0)

    def _check_deadlines(self) -> None:
        self._check_given_up()
        oldest = self._oldest()
        if oldest is not None and self._clock() - oldest.last_sent >= self._patience.ack_timeout:
            self._trouble = f"no acknowledgement within {self._patience.ack_timeout:g} s"
            self.close()
            self._reconnect()

    def _attempt(self, action: Callable[[Link], None]) -> None:
        """Runs ``action`` on the connection. A new connection gets every chunk in flight, in place of ``action``."""
        try:
            if self._link is not None:
                action(self._link)
                return
        except OSError as error:
            self._trouble = _reason(error)
            self.close()
        self._reconnect()

    def _reconnect(self) -> None:
        pause = _FIRST_PAUSE
        while self._link is None and self._waiting:
            try:
                self._link = self._connect(replace(self._address, timeout=self._bounded(self._address.timeout)))
                for waiting in list(self._waiting.values()):
                    self._write(self._link, waiting)
            except OSError as error:
                self._trouble = _reason(error)
                self.close()
                self._check_given_up()
                self._sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _write(self, link: Link, waiting: _Waiting) -> None:
        self.resent += waiting.attempts > 0
        waiting.attempts += 1
        # As long as for an ack: a receiver that has reached its memory limit stops reading, and that is no failure.
        link.write(waiting.chunk.message, self._bounded(self._patience.ack_timeout))
        waiting.last_sent = self._clock()

    def _oldest(self) -> _Waiting | None:
        # Dicts keep their order.
        return next(iter(self._waiting.values()), None)

    def _end(self) -> float:
        oldest = self._oldest()
        return min(self._until, oldest.first_sent + self._patience.deadline if oldest else math.inf)

    def _bounded(self, timeout: float) -> float:
        return max(0.05, min(timeout, self._end() - self._clock()))

    def _check_given_up(self) -> None:
        if self._waiting and self._clock() >= self._end():
            raise self._given_up()

    def _given_up(self) -> PipelineError:
        what = f"{len(self._waiting)} of {self.chunks} chunks sent to {self._address} were not acknowledged"
        because = f"; last trouble: {self._trouble}" if self._trouble else ""
        oldest = self._oldest()
        waited = self._clock() - oldest.first_sent if oldest else 0.0
        message = f"{what} within {waited:.1f} s{because}."
        if self._link is None:
            return Unreachable(message, advice="Look whether the receiver still runs.")
        return NotReady(
            message,
            advice="The receiver takes chunks and keeps its ack back: look at the forward source connector's tasks, "
            "and whether Kafka takes records.",
        )


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
