# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every stop of the commute is: a place that can be asked for the events of one run, in three ways.

What is observed beside the stops is asked in the same three ways, and for its facts at the end.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from ...ranges import Ranges
from ..account import Account

# One poll takes no longer, however much there is to read: the rest is for the next one.
POLL_SECONDS = 2.0


class Health(NamedTuple):
    """:param line: what it says of itself; :param advice: what to do, a sentence; "" when it knows of no trouble."""

    line: str
    advice: str = ""


class Stop(Protocol):
    """One thread calls ``start``, ``poll`` and ``close``; ``health`` may be asked from another one.

    :ivar ordered: whether it hands out events in the order in which it got them.
    """

    @property
    def ordered(self) -> bool: ...

    def start(self) -> None:
        """Notes where the stop is now, before anything is sent.

        :raises PipelineError: when it can't be read.
        """

    def poll(self, account: Account, *, last: bool = False) -> None:
        """Reads what has come since, into ``account``; returns soon when there is nothing.

        :param last: nothing will be read after this, so that what is only counted roughly must be counted exactly.
        :raises PipelineError: when it can't be read now; it is asked again.
        """

    def health(self) -> Health:
        """What the stop says of itself, whatever state it is in."""

    def close(self) -> None: ...


class Observation(Stop, Protocol):
    """Something beside the way that explains what happened on it. Its account counts for nobody's verdict."""

    def explains(self, numbers: Ranges) -> str:
        """What it knows of what became of these very numbers, a sentence; "" when it knows nothing."""

    def facts(self, account: Account) -> Mapping[str, Any]:
        """JSON-ready, as docs/commute.schema.json has them for its kind."""


def now_us() -> int:
    return time.time_ns() // 1000


def first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0].rstrip(".")
