# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the records of one topic between offsets, in no consumer group and committing nothing. Always ends."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .broker_errors import UNKNOWN_TOPIC, refused, translated
from .client import consumer_client
from .options import Connection
from .slim import decode_slim

ISOLATION_LEVELS = ("read_uncommitted", "read_committed")
TIMESTAMP_TYPES = {0: "CreateTime", 1: "LogAppendTime"}
# What may be in memory at a time, whatever the topic holds; one larger record still comes through (KIP-74).
_FETCH_BYTES = 8 * 1024 * 1024
_RECORDS_AT_A_TIME = 500
_LONGEST_POLL = 0.5


@dataclass(frozen=True)
class Record:
    """:param timestamp: milliseconds since the epoch; -1 when the record has none."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: str
    key: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    value: bytes | None


@contextlib.contextmanager
def open_topic(
    to: Connection,
    topic: str,
    *,
    isolation_level: str = "read_uncommitted",
    check_crcs: bool = True,
    slim: bool = False,
) -> Iterator[RecordReader]:
    """
    :param isolation_level: read_committed leaves out what aborted transactions wrote, and ends at the first open one.
    :param check_crcs: kafka-python computes them in Python when crc32c is not installed: most of a reader's time.
    :param slim: ``follow`` gives records without key and headers; needs ``check_crcs`` to be off.
    :raises NotFound: there is no such topic. It is not created.
    """
    settings = {
        "isolation_level": isolation_level,
        "check_crcs": check_crcs,
        # A position that retention deleted is an error to tell, not a reason to jump.
        "auto_offset_reset": "none",
        "fetch_max_bytes": _FETCH_BYTES,
        "max_partition_fetch_bytes": _FETCH_BYTES // 8,
    }
    _keep_freed_pages()
    with consumer_client(to, **settings) as consumer:
        if slim:
            decode_slim(consumer)
        yield RecordReader(consumer, topic, to)


@functools.cache
def _keep_freed_pages() -> None:
    """What glibc sees freed once, it keeps the next time; else each fetch takes its pages from the kernel anew, which
    is a third of a reader's time. Once in a process is enough; ``bytes`` touches none of the pages.
    """
    bytes(2 * _FETCH_BYTES)


class RecordReader:
    """:ivar next_offsets: for each partition that was read, the offset at which to go on."""

    def __init__(self, consumer: Any, topic: str, to: Connection) -> None:
        self._consumer = consumer
        self._topic = topic
        self._to = to
        self.next_offsets: dict[int, int] = {}
        with translated(f"reading topic {topic}", to):
            self.partitions: list[int] = sorted(consumer.partitions_for_topic(topic))
        if not self.partitions:
            raise refused(f"reading topic {topic}", to, UNKNOWN_TOPIC, None)

    def earliest_offsets(self) -> dict[int, int]:
        with self._looking_up():
            return self._numbers(self._consumer.beginning_offsets(self._assignment(self.partitions)))

    def end_offsets(self) -> dict[int, int]:
        """The offset behind the last record of each partition, as the isolation level sees it."""
        with self._looking_up():
            return self._numbers(self._consumer.end_offsets(self._assignment(self.partitions)))

    def offsets_at(self, timestamp: int) -> dict[int, int]:
        """The first offset of each partition that has a record not older than ``timestamp`` (ms)."""
        with self._looking_up():
            found = self._consumer.offsets_for_times(dict.fromkeys(self._assignment(self.partitions), timestamp))
        # A partition without such a record is answered with offset -1 by some brokers, with nothing by others.
        return {tp.partition: at.offset for tp, at in found.items() if at is not None and at.offset >= 0}

    def read(
        self,
        start: Mapping[int, int],
        end: Mapping[int, int],
        *,
        deadline: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> Iterator[Record]:
        """The records from ``start`` up to, not including, ``end``; in order within each partition.

        :param start: offset by partition; a partition that is not in both is not read.
        :param deadline: the value of ``clock`` at which to stop, done or not; ``next_offsets`` tells.
        """
        self.next_offsets = {partition: offset for partition, offset in start.items() if partition in end}
        unread = [partition for partition, offset in self.next_offsets.items() if offset < end[partition]]
        with self._reading():
            self._consumer.assign(self._assignment(unread))
            for tp in self._consumer.assignment():
                self._consumer.seek(tp, start[tp.partition])
                # A partition that the read before this one paused when it was done stays paused when assigned again.
                self._consumer.resume(tp)
        while unread and clock() < deadline:
            yield from self._poll(end, min(_LONGEST_POLL, deadline - clock()))
            unread = self._still_unread(end)

    def follow(
        self,
        start: Mapping[int, int],
        end: Mapping[int, int],
        *,
        deadline: float,
        most: int = _RECORDS_AT_A_TIME,
        clock: Callable[[], float] = time.monotonic,
    ) -> Iterator[list[Any]]:
        """What is between ``start`` and ``end`` at least, as kafka-python's own objects: for who reads on and on.

        Nothing is paused and nothing that was fetched is thrown away: a consumer that is paused, resumed and sent back
        again and again may stop fetching for good.

        :param start: for every partition; where it is ``next_offsets``, the consumer goes on as it is.
        :param most: records at a time. ``next_offsets`` counts a batch as read when it is given out.
        """
        with self._reading():
            known = {tp.partition for tp in self._consumer.assignment()}
            if known != set(start):
                self._consumer.assign(self._assignment(list(start)))
            for tp in self._assignment(list(start)):
                if tp.partition not in known or self.next_offsets.get(tp.partition) != start[tp.partition]:
                    self._consumer.seek(tp, start[tp.partition])
        self.next_offsets = dict(start)
        while clock() < deadline and any(self.next_offsets[partition] < last for partition, last in end.items()):
            with self._reading():
                timeout = max(min(_LONGEST_POLL, deadline - clock()), 0)
                polled = self._consumer.poll(timeout_ms=timeout * 1000, max_records=most)
            for tp, records in polled.items():
                if records:
                    self.next_offsets[tp.partition] = records[-1].offset + 1
                    yield records
            self._pass_gaps()

    def _pass_gaps(self) -> None:
        """The consumer's own position also counts offsets that hold no record: markers, what compaction took."""
        for tp in self._consumer.assignment():
            position = self._consumer.position(tp)
            if position is not None:
                self.next_offsets[tp.partition] = max(self.next_offsets[tp.partition], position)

    def _poll(self, end: Mapping[int, int], timeout: float) -> Iterator[Record]:
        with self._reading():
            batches = self._consumer.poll(timeout_ms=max(timeout, 0) * 1000, max_records=_RECORDS_AT_A_TIME)
        for tp, records in batches.items():
            for record in records:
                if record.offset >= end[tp.partition]:
                    break
                self.next_offsets[tp.partition] = record.offset + 1
                yield _record(record)

    def _still_unread(self, end: Mapping[int, int]) -> list[int]:
        """Stops reading the partitions that are done; the consumer's own position also counts markers and gaps."""
        unread = []
        for tp in self._consumer.assignment():
            position = self._consumer.position(tp)
            if position is not None:
                self.next_offsets[tp.partition] = min(position, end[tp.partition])
            if self.next_offsets[tp.partition] < end[tp.partition]:
                unread.append(tp.partition)
            else:
                self._consumer.pause(tp)
        return unread

    def _assignment(self, partitions: Sequence[int]) -> list[Any]:
        from kafka import TopicPartition

        return [TopicPartition(self._topic, partition) for partition in partitions]

    def _numbers(self, offsets: Mapping[Any, int]) -> dict[int, int]:
        return {tp.partition: offset for tp, offset in offsets.items()}

    def _looking_up(self) -> contextlib.AbstractContextManager[None]:
        return translated(f"looking up offsets of topic {self._topic}", self._to)

    def _reading(self) -> contextlib.AbstractContextManager[None]:
        return translated(f"reading topic {self._topic}", self._to)


def _record(record: Any) -> Record:
    return Record(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
        timestamp_type=TIMESTAMP_TYPES.get(record.timestamp_type, "NoTimestampType"),
        key=record.key,
        headers=tuple((name, value) for name, value in record.headers or ()),
        value=record.value,
    )
