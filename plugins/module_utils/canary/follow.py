# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows one stop without end, in a thread of its own: what went away is asked until it is back. Judges nothing."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable

from ..commute.stops.stop import first_line
from ..errors import PipelineError
from .book import Book
from .look import Look
from .stops import LastingStop

# A look that takes longer is one that hangs: every request of a stop has a time limit.
LONGEST_LOOK_SECONDS = 300.0


class Follower:
    """:ivar started: set once the stop was reached: what is sent from then on will be seen there.
    :ivar looked_at: when the last look ended, by the monotonic clock.
    """

    def __init__(self, name: str, open_stop: Callable[[], LastingStop], book: Book, pause: float) -> None:
        """:param open_stop: makes a new one. :param pause: seconds between two looks."""
        self.name = name
        self.started = threading.Event()
        self.looked_at = time.monotonic()
        self._open = open_stop
        self._book = book
        self._pause = pause
        self._stop: LastingStop | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"stop {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def close(self, timeout: float) -> None:
        self._closing.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._closing.is_set():
            self.look()
            self._closing.wait(self._pause)
        # Here, and not by whoever tidies up at the end of the program, when the client's own thread is frozen already.
        self._give_up()

    def look(self) -> None:
        """Looks once, whatever state the stop is in."""
        try:
            self._look()
        except PipelineError as error:
            self._fail(first_line(error))
        except Exception as error:
            # Whatever a client library comes up with while its server goes away must not end a probe that is there to
            # see servers go away. It begins anew with a new client, and says so.
            traceback.print_exc()
            self._give_up()
            self._fail(f"{type(error).__name__}: {first_line(error)}")
        self.looked_at = time.monotonic()

    def _look(self) -> None:
        stop = self._opened()
        with self._book.reading() as account:
            began = self._book.now_us()
            asked = account.asked()
            for first, last in account.tallies[self.name].missing:
                asked.add(first, last)
        look = Look(asked)
        try:
            stop.poll(look)
        finally:
            self._take_in(stop, look)
        with self._book.reading() as account:
            if account.error(self.name):
                self._book.touch()
            account.read(self.name, began)

    def _opened(self) -> LastingStop:
        if self._stop is None:
            self._stop = self._open()
            position = self._book.positions.get(self.name)
            try:
                if position is None:
                    self._stop.start()
                else:
                    self._stop.resume(position)
            except BaseException:
                self._give_up()
                raise
            with self._book.changing():
                self._book.positions[self.name] = self._stop.position()
            self.started.set()
        return self._stop

    def _take_in(self, stop: LastingStop, look: Look) -> None:
        """Also of a look that failed: what it found will not be handed out again."""
        position = stop.position()
        with self._book.reading() as account:
            tally = account.tallies[self.name]
            before = (tally.seen, tally.duplicates, tally.unexpected, self._book.positions[self.name])
            (account.find if stop.has_all else account.see)(self.name, look.seen)
            self._book.positions[self.name] = position
            if before != (tally.seen, tally.duplicates, tally.unexpected, position):
                self._book.touch()

    def _fail(self, error: str) -> None:
        with self._book.changing() as account:
            account.fail(self.name, self._book.now_us(), error)

    def _give_up(self) -> None:
        stop, self._stop = self._stop, None
        try:
            if stop is not None:
                stop.close()
        except Exception:
            traceback.print_exc()
