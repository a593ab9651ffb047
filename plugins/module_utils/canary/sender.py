# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends one Loggy after the other in a thread of its own, each until the pipeline's entry has him. Judges nothing."""

from __future__ import annotations

import math
import threading
import time
import traceback
from dataclasses import replace

from ..commute.stops.stop import first_line
from ..errors import PipelineError
from ..forward.options import Forward
from ..log.event import LOGGY_MESSAGE, make_record
from ..log.options import Sending
from ..log.writers import Entry
from .account import SENDER
from .book import Book
from .way import Loggy

_PAUSE_SECONDS = 1.0
# The entry keeps its acknowledgement back while Kafka takes no record: then the sender counts as held up.
_HELD_UP_SECONDS = 5.0


class Sender:
    """While one waits to be taken, the next are counted as skipped: a pipeline that comes back gets no flood."""

    def __init__(self, sending: Sending, book: Book, interval: float) -> None:
        """:param interval: seconds from one Loggy to the next."""
        to = sending.to
        if isinstance(to, Forward):
            # A chunk that is never given up keeps its id however often it is sent again, so that it is indexed once.
            sending = replace(sending, to=replace(to, patience=replace(to.patience, deadline=math.inf)))
        self._sending = sending
        self._book = book
        self._interval = interval
        self._waiting_since: float | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def close(self, timeout: float) -> None:
        self._closing.set()
        self._thread.join(timeout)

    def check(self) -> None:
        """Says that the sender is held up when he is; the sender himself waits and can't."""
        since = self._waiting_since
        if since is not None and (waited := time.monotonic() - since) >= _HELD_UP_SECONDS:
            with self._book.changing() as account:
                error = account.error(SENDER) or f"no acknowledgement from {self._sending.destination}"
                account.fail(SENDER, self._book.now_us(), error.split(" for ", 1)[0] + f" for {waited:.0f} s")

    def _run(self) -> None:
        due = time.monotonic()
        while not self._closing.wait(max(0.0, due - time.monotonic())):
            self.send()
            due += self._interval
            missed = math.ceil(max(0.0, time.monotonic() - due) / self._interval)
            if missed:
                self.skip(missed)
                due += missed * self._interval

    def skip(self, times: int) -> None:
        with self._book.changing() as account:
            account.skipped += times

    def send(self) -> None:
        """One Loggy. His number is on disk before he leaves: no life after this one uses it again."""
        with self._book.changing() as account:
            loggy = account.take(self._book.now_us())
            self._book.save()
            if self._book.trouble:
                account.take_back()
                account.skipped += 1
                return
        self._waiting_since = time.monotonic()
        record = make_record(self._sending.run, loggy.number, self._sending.producer, loggy.sent_us)
        entry = Entry(loggy.number, loggy.sent_us, {**record, "message": LOGGY_MESSAGE})
        while not self._deliver(entry, loggy) and not self._closing.wait(_PAUSE_SECONDS):
            pass
        self._waiting_since = None

    def _deliver(self, entry: Entry, loggy: Loggy) -> bool:
        writer = self._sending.writer()
        try:
            writer.open()
            writer.write([entry])
            writer.finish()
        except PipelineError as error:
            self._fail(first_line(error))
            return False
        except Exception as error:
            traceback.print_exc()
            self._fail(f"{type(error).__name__}: {first_line(error)}")
            return False
        finally:
            writer.close()
        with self._book.changing() as account:
            now = self._book.now_us()
            account.acknowledge(loggy.number, now)
            account.read(SENDER, now)
        return True

    def _fail(self, error: str) -> None:
        with self._book.changing() as account:
            account.fail(SENDER, self._book.now_us(), error)
