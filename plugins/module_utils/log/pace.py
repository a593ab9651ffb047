# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When each event is due. Deals in numbers, never in events; the clock and the sleep are the caller's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

# Events that fall due within one tick travel together: a chunk per event costs more than the event.
TICK = 0.02


def paced(
    seqs: range,
    *,
    rate: float,
    most: int,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    until: float = math.inf,
) -> Iterator[range]:
    """``seqs`` cut into consecutive parts, each given out when its events are due.

    Event i is due at start + i / rate, counted from the start alone, so that no delay adds up: after a halt the events
    that are due meanwhile come at once.

    :param rate: events per second; 0: all are due at once.
    :param most: the longest part.
    :param until: a time of ``clock`` after which nothing more is given out.
    """
    start = clock()
    sent = 0
    while sent < len(seqs) and clock() < until:
        due = len(seqs)
        if rate:
            due = min(due, 1 + int((clock() - start) * rate))
            if due <= sent:
                sleep(min(max(start + sent / rate - clock(), TICK), until - clock()))
                continue
        part = seqs[sent : min(due, sent + most)]
        sent += len(part)
        yield part
