# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends Loggy and his neighbours in a thread of its own, while the stops are followed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ..errors import PipelineError
from ..log.options import Sending
from ..log.send import Sent, send, sent_result
from ..ranges import Ranges
from . import verdict
from .stops.stop import first_line


class Sender:
    """:ivar error: why not everything was sent or acknowledged, "" while there is nothing to complain of.
    :ivar crash: an error of this program.
    """

    def __init__(self, sending: Sending, neighbours: int, until: float, notify: Callable[[], None]) -> None:
        """:param until: a time of the monotonic clock at which sending ends, done or not."""
        self.error = ""
        self.crash: Exception | None = None
        self._sending = sending
        self._seqs = range(neighbours + 1)
        self._until = until
        self._notify = notify
        self._writer = sending.writer(until=until)
        self._sent = Sent()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def facts(self) -> verdict.Sender:
        planned = Ranges([(self._seqs[0], self._seqs[-1])])
        error = self.error
        if not error and len(self._writer.acknowledged) < len(planned):
            error = "the acknowledgements had not come at the deadline"
        return verdict.Sender(self._sending.destination, planned, self._sent.numbers, self._writer.acknowledged, error)

    def result(self) -> dict[str, Any]:
        return sent_result(self._sending, self._seqs, self._writer, self._sent)

    def _run(self) -> None:
        try:
            send(self._sending, self._seqs, self._writer, self._sent, until=self._until)
        except PipelineError as error:
            # The advice is for who sends alone; here the stops say what to look at.
            self.error = first_line(error).split(". ", 1)[0]
        except Exception as error:
            self.crash = error
        finally:
            self._notify()
