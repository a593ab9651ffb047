# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A topic: every record from the offsets on that were its ends before sending, or those of a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import PipelineError, Unreachable
from ...kafka.options import Connection
from ...kafka.records import TIMESTAMP_TYPES
from ...kafka.slim import SlimBatch
from ...log.event import LOGGY
from ..account import Account
from ..coordinates import Coordinate
from ..recognise import Recogniser, Sighting
from .feed import Feed, with_feed
from .stop import Health, first_line, now_us
from .tail import Opened, Tail, open_slim

_APPENDED = 1


class TopicStop:
    ordered = True

    def __init__(
        self,
        to: Connection,
        topic: str,
        run: str,
        feed: Feed | None,
        *,
        since_ms: int | None = None,
        open_reader: Callable[[Connection, str], Opened] = open_slim,
    ) -> None:
        self._topic = topic
        self._recogniser = Recogniser(run)
        self._feed = feed
        self._tail = Tail(to, topic, since_ms, open_reader)

    def start(self) -> None:
        self._tail.start()

    def poll(self, account: Account, *, last: bool = False) -> None:
        for batch in self._tail.batches():
            now = now_us()
            for item in batch:
                if not isinstance(item, SlimBatch):
                    self._see_record(item, account, now)
                elif self._recogniser.is_in(item.data) and not self._see_row(item, account, now):
                    for record in item.records():
                        self._see_record(record, account, now)

    def health(self) -> Health:
        advice = ""
        try:
            own = (
                f"topic {self._topic} has {self._tail.partitions()} partitions, {self._tail.read} new records were read"
            )
        except Unreachable:
            own, advice = "Kafka does not answer", "Start Kafka, or make its brokers reachable."
        except PipelineError as error:
            own = first_line(error)
        if self._tail.deleted:
            own += f", {self._tail.deleted} were deleted before they could be read"
            advice = f"Look who or what deletes records of topic {self._topic}: its retention, or a person."
        return with_feed(self._feed, Health(own, advice))

    def close(self) -> None:
        self._tail.close()

    def _see_row(self, batch: SlimBatch, account: Account, now: int) -> bool:
        """Whether the batch is nothing but events in a row, as most are while many come; then they are seen."""
        row = self._recogniser.row(batch.data, batch.length) if batch.is_gapless else None
        if row is None or not account.starts.knows_row(row.first, batch.length):
            return False
        at = now
        if batch.timestamp_type == _APPENDED:
            at, account.clock = batch.timestamp * 1000, "broker"
        if not account.see_row(row.first, batch.length, at, (batch.partition, row.producer)):
            return False
        offsets = range(batch.base_offset, batch.offset + 1)
        place = (batch.topic, batch.partition)
        account.coordinates.note_batch(row.first, place, offsets, batch.timestamps(row.deltas))
        return True

    def _see_record(self, record: Any, account: Account, now: int) -> None:
        if record.value is not None and (sighting := self._recogniser.look(record.value)):
            self._see(record, sighting, account, now)

    def _see(self, record: Any, sighting: Sighting, account: Account, now: int) -> None:
        seq = sighting.seq
        if not account.starts.knows(seq):
            account.starts.note(seq, sighting.sent_us())
        at = now
        # CreateTime is the time of the event: it says nothing of when the broker had it.
        if record.timestamp_type == _APPENDED:
            at, account.clock = record.timestamp * 1000, "broker"
        account.see(seq, at, (record.partition, sighting.producer))
        account.coordinates.note(seq, Coordinate(record.topic, record.partition, record.offset, record.timestamp))
        if seq == LOGGY:
            where = {
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "timestamp": record.timestamp,
                "timestamp_type": TIMESTAMP_TYPES.get(record.timestamp_type, "NoTimestampType"),
            }
            account.see_loggy(f"{record.topic}-{record.partition}@{record.offset}", where)
