# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knows the events of one run in raw bytes. As most are as they were sent, most need no JSON parser. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..log.event import read_event, read_time


class Sighting(NamedTuple):
    """:param sent: as the line has it, or seconds since 1970; ``sent_us`` reads both. Few need to be read."""

    seq: int
    producer: str
    sent: bytes | float | None

    def sent_us(self) -> int:
        """Microseconds since 1970, 0 when the line does not say."""
        seconds = read_time(self.sent.decode("ascii", "replace")) if isinstance(self.sent, bytes) else self.sent
        return 0 if seconds is None else round(seconds * 1_000_000)


class Recogniser:
    def __init__(self, run: str) -> None:
        self._run = run
        self._marker = run.encode()
        # The line that make_record makes, from its first brace on; what a part on the way puts behind it does no harm.
        self._as_sent = re.compile(
            rb'[^{]*\{"message":"[^"\\]*","loggy":\{"run":"%s","seq":(\d{1,18}),"producer":"([^"\\]*)","sent":"([^"\\]*)"\}'
            % re.escape(self._marker)
        ).match

    def look(self, value: bytes) -> Sighting | None:
        """The event of the run in ``value``; None when there is none."""
        if match := self._as_sent(value):
            seq, producer, sent = match.groups()
            return Sighting(int(seq), producer.decode("utf-8", "replace"), sent)
        if self._marker not in value:
            return None
        event = read_event(value)
        if event is None or event.run != self._run:
            return None
        return Sighting(event.seq, event.producer, event.sent)
