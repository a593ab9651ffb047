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

        # The same in a batch of Kafka's format v2, behind the attributes, timestamp, offset and null key of its record.
        self._in_batch = re.compile(
            rb"\x00([\x80-\xff]*[\x00-\x7f])[\x80-\xff]*[\x00-\x7f]\x01[\x80-\xff]*[\x00-\x7f]"
            rb'\{"message":"[^"\\]*","loggy":\{"run":"%s","seq":(\d{1,18}),"producer":"([^"\\]*)","sent":"[^"\\]*"\}'
            % re.escape(self._marker)
        ).findall

    def is_in(self, data: bytes) -> bool:
        """Whether there may be an event of the run anywhere in ``data``."""
        return self._marker in data

    def row(self, data: bytes, count: int) -> Row | None:
        """The events in the records of a batch; None unless all are events, as sent by one producer, in a row."""
        found = self._in_batch(data)
        if len(found) != count or count == 0:
            return None
        deltas, numbers, producers = zip(*found, strict=True)
        seqs = list(map(int, numbers))
        first = seqs[0]
        if seqs != list(range(first, first + count)) or len(set(producers)) != 1:
            return None
        return Row(first, producers[0].decode("utf-8", "replace"), deltas)

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
