# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knows the events of one run in raw bytes. As most are as they were sent, most need no JSON parser. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from ..log.event import BEFORE_NUMBER, BEHIND_NUMBER, ISO_TIME_LENGTH, read_event, read_time

# A pattern for each: a run whose producers' names never end is none of ours.
_MOST_PRODUCERS = 100


class Sighting(NamedTuple):
    """:param sent: as the line has it, or seconds since 1970; ``sent_us`` reads both. Few need to be read."""

    seq: int
    producer: str
    sent: bytes | float | None

    def sent_us(self) -> int:
        """Microseconds since 1970, 0 when the line does not say."""
        seconds = read_time(self.sent.decode("ascii", "replace")) if isinstance(self.sent, bytes) else self.sent
        return 0 if seconds is None else round(seconds * 1_000_000)


class Row(NamedTuple):
    """Events with numbers in a row.

    :param deltas: of each record, its timestamp as the batch has it: a varint that counts from the batch's first.
    """

    first: int
    producer: str
    deltas: tuple[bytes, ...]


class Recogniser:
    def __init__(self, run: str) -> None:
        self._run = run
        self._marker = run.encode()
        # The line that make_record makes, from its first brace on; what a part on the way puts behind it does no harm.
        self._as_sent = re.compile(
            rb'[^{]*\{"message":"[^"\\]*","loggy":\{"run":"%s","seq":(\d{1,18}),"producer":"([^"\\]*)","sent":"([^"\\]*)"\}'
            % re.escape(self._marker)
        ).match

        self._producer_in = re.compile(
            rb'"loggy":\{"run":"%s","seq":\d{1,18},"producer":"([^"\\]*)"' % re.escape(self._marker)
        ).search
        self._rows: dict[bytes, Callable[[bytes], list[tuple[bytes, bytes]]]] = {}

    def is_in(self, data: bytes) -> bool:
        """Whether there may be an event of the run anywhere in ``data``."""
        return self._marker in data

    def row(self, data: bytes, count: int) -> Row | None:
        """The events in the records of a batch; None unless all are events, as sent by one producer, in a row."""
        producer = self._producer_in(data)
        if producer is None:
            return None
        found = self._row_of(producer[1])(data)
        if len(found) != count:
            return None
        deltas, numbers = zip(*found, strict=True)
        seqs = list(map(int, numbers))
        first = seqs[0]
        if seqs != list(range(first, first + count)):
            return None
        return Row(first, producer[1].decode("utf-8", "replace"), deltas)

    def _row_of(self, producer: bytes) -> Callable[[bytes], list[tuple[bytes, bytes]]]:
        """Finds each neighbour's line in a batch of Kafka's format v2, behind what its record has before a value: no
        attributes, its timestamp, its offset, a null key, a length.

        All that is the same in each line is spelt out: that takes half the time of a pattern for it.
        """
        if producer not in self._rows:
            if len(self._rows) >= _MOST_PRODUCERS:
                self._rows.clear()
            message = rb"\d++".join(re.escape(part.encode()) for part in (BEFORE_NUMBER, BEHIND_NUMBER))
            self._rows[producer] = re.compile(
                rb"\x00([\x80-\xff]*+[\x00-\x7f])[\x80-\xff]*+[\x00-\x7f]\x01[\x80-\xff]*+[\x00-\x7f]"
                rb'\{"message":"%s","loggy":\{"run":"%s","seq":(\d{1,18}+),"producer":"%s","sent":".{%d}"\}'
                % (message, re.escape(self._marker), re.escape(producer), ISO_TIME_LENGTH)
            ).findall
        return self._rows[producer]

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
