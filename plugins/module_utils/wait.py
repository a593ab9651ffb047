# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one loop that waits. What to wait for is a function of the caller's that looks once; nothing else here sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from .errors import NotReady

T = TypeVar("T")


def wait_until(
    look: Callable[[], tuple[T | None, str]],
    *,
    what: str,
    timeout: float,
    interval: float = 0.05,
    longest_interval: float = 1.0,
    advice: str = "",
    progress: Callable[[str], None] | None = None,
    quiet: float = 0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Looks until ``look`` returns a value, at growing intervals.

    :param look: returns (value, "") when there is one, else (None, the state seen, in words). It raises when the state
        can't come any more.
    :param what: what is waited for, to follow the words "waited for".
    :param timeout: seconds; 0 looks exactly once.
    :param progress: gets each new state once.
    :param quiet: seconds before the first of them, where a short wait is no news.
    :raises NotReady: at the timeout, naming the last state seen.
    """
    start = clock()
    told = ""
    while True:
        value, state = look()
        if value is not None:
            return value
        waited = clock() - start
        if progress is not None and state != told and waited >= quiet:
            progress(f"waiting for {what}: {state}")
            told = state
        left = timeout - waited
        if left <= 0:
            raise NotReady(f"Waited {timeout:g} s for {what}; last seen: {state}.", advice=advice, last_state=state)
        sleep(min(interval, left))
        interval = min(interval * 1.5, longest_interval)
