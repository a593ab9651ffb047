# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A topic: every record from the offsets on that were its ends before sending. In no group, committing nothing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from ...errors import NotFound, PipelineError, Unreachable
from ...kafka.options import Connection
from ...kafka.records import Record, RecordReader, open_topic
from ...log.event import read_event
from ..account import Account
from ..coordinates import Coordinate
from .stop import POLL_SECONDS, Feed, first_line, joined_health


class TopicStop:
    def __init__(
        self,
        to: Connection,
        topic: str,
        run: str,
        feed: Feed | None,
        open_reader: Callable[[Connection, str], AbstractContextManager[RecordReader]] = open_topic,
    ) -> None:
        self._to = to
        self._topic = topic
        self._run = run
        self._marker = run.encode()
        self._feed = feed
        self._open_reader = open_reader
        self._opened = contextlib.ExitStack()
        self._reader: RecordReader | None = None
        self._next: dict[int, int] = {}
        self._read = 0
        self._deleted = 0

    def start(self) -> None:
        # The first record may make the topic: then all of it is new.
        with contextlib.suppress(NotFound):
            self._next = self._open().end_offsets()

    def poll(self, account: Account, *, last: bool = False) -> None:
        try:
            self._poll(account)
        except NotFound:
            # Deleted; all is new in the one that may come in its place.
            self.close()
            self._next = {}
        except PipelineError:
            # A client that lost its broker tries in silence; a new one says at once what is wrong.
            self.close()
            raise

    def health(self) -> str:
        try:
            with self._open_reader(self._to, self._topic) as reader:
                own = f"topic {self._topic} has {len(reader.partitions)} partitions, {self._read} new records were read"
        except Unreachable:
            own = "Kafka does not answer"
        except PipelineError as error:
            own = first_line(error)
        if self._deleted:
            own += f", {self._deleted} were deleted before they could be read"
        return joined_health(self._feed, own)

    def close(self) -> None:
        self._opened.close()
        self._reader = None

    def _open(self) -> RecordReader:
        if self._reader is None:
            self._reader = self._opened.enter_context(self._open_reader(self._to, self._topic))
        return self._reader

    def _poll(self, account: Account) -> None:
        reader = self._open()
        ends = reader.end_offsets()
        # An end that went back is another topic of the same name.
        self._next = {one: at if at <= ends.get(one, 0) else 0 for one, at in self._next.items()}
        ends = {one: end for one, end in ends.items() if end > self._next.get(one, 0)}
        if not ends:
            return
        start = self._starts(reader.earliest_offsets(), ends)
        try:
            for record in reader.read(start, ends, deadline=time.monotonic() + POLL_SECONDS):
                self._see(record, account)
        finally:
            self._next.update(reader.next_offsets)

    def _starts(self, earliest: dict[int, int], ends: dict[int, int]) -> dict[int, int]:
        """Where to go on; what retention or a person deleted meanwhile is counted and passed over."""
        start = {one: max(self._next.get(one, 0), earliest[one]) for one in ends}
        self._deleted += sum(start[one] - self._next[one] for one in ends if one in self._next)
        return start

    def _see(self, record: Record, account: Account) -> None:
        self._read += 1
        if record.value is None or self._marker not in record.value:
            return
        event = read_event(record.value)
        if event is None or event.run != self._run:
            return
        now = time.time()
        account.see(event.seq, now)
        account.coordinates.note(event.seq, Coordinate(record.topic, record.partition, record.offset, record.timestamp))
        if event.seq == 0 and account.loggy is None:
            appended = record.timestamp_type == "LogAppendTime"
            where = {
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "timestamp": record.timestamp,
                "timestamp_type": record.timestamp_type,
            }
            place = f"{record.topic}-{record.partition}@{record.offset}"
            # CreateTime is the time of the event: it says nothing of when the broker had it.
            at, clock = (record.timestamp / 1000, "broker") if appended else (now, "host")
            account.see_loggy(event, place, where, at, clock)
