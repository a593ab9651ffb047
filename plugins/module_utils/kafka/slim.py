# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a kafka-python consumer hand out whole batches, and decodes no more of a record than coordinate and value.

It replaces a part of kafka-python that is not public. Where that is not as it is known, everything stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

_READ_UNCOMMITTED = 0
# What is used of kafka-python's batch (format v2).
_BATCH = ("_maybe_uncompress", "_buffer", "_pos", "_num_records")


class SlimBatch(NamedTuple):
    """The records of a batch, not decoded yet; it stands where kafka-python has a record.

    :param offset: the last one; :param start: the first one that was asked for, which may be within the batch.
    :param data: the records, uncompressed; :param length: how many there are.
    :param timestamps: whose each record's counts from; with LogAppendTime all have it.
    """

    topic: str
    partition: int
    base_offset: int
    offset: int
    start: int
    length: int
    timestamp_type: int
    timestamp: int
    data: bytes

    @property
    def is_gapless(self) -> bool:
        """Whether the records' offsets are in a row, and all were asked for."""
        return self.offset - self.base_offset + 1 == self.length and self.start <= self.base_offset

    def timestamps(self, deltas: Sequence[bytes]) -> list[int]:
        """:param deltas: each record's own, as it is in the data."""
        if self.timestamp_type:
            return [self.timestamp for _delta in deltas]
        known = {delta: self.timestamp + _varint(delta, 0)[0] for delta in set(deltas)}
        return list(map(known.__getitem__, deltas))

    def records(self) -> Iterator[SlimRecord]:
        at = 0
        for _record in range(self.length):
            length, at = _varint(self.data, at)
            end = at + length
            # One byte of attributes, which are not in use.
            delta, at = _varint(self.data, at + 1)
            offset, at = _varint(self.data, at)
            size, at = _varint(self.data, at)
            size, at = _varint(self.data, at + max(size, 0))
            value = self.data[at : at + size] if size >= 0 else None
            timestamp = self.timestamp if self.timestamp_type else self.timestamp + delta
            if self.base_offset + offset >= self.start:
                yield SlimRecord(
                    self.topic, self.partition, self.base_offset + offset, timestamp, self.timestamp_type, value
                )
            # Headers are passed over.
            at = end


class SlimRecord(NamedTuple):
    """:param timestamp: milliseconds since the epoch; :param timestamp_type: 0 is CreateTime, 1 is LogAppendTime."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    value: bytes | None


def decode_slim(consumer: Any) -> None:
    """Has this consumer, and no other one, hand out SlimBatches from ``poll``, and SlimRecords of old formats."""
    fetcher: Any = getattr(consumer, "_fetcher", None)
    base = getattr(fetcher, "PartitionRecords", None)
    if base is not None and hasattr(base, "_unpack_records"):
        fetcher.PartitionRecords = _slim(base)


def _slim(base: Any) -> Any:
    class SlimPartitionRecords(base):  # type: ignore[misc]
        def _unpack_records(self, tp: Any, records: Any, key_deserializer: Any, value_deserializer: Any) -> Any:
            if self.isolation_level != _READ_UNCOMMITTED or self.check_crcs:
                yield from super()._unpack_records(tp, records, key_deserializer, value_deserializer)
                return
            last = None
            while (batch := records.next_batch()) is not None:
                last = batch
                if batch.magic == 2 and all(hasattr(batch, name) for name in _BATCH):
                    self.leader_epoch = batch.leader_epoch
                    if not batch.is_control_batch:
                        slim = slim_batch(batch, tp.topic, tp.partition, self.fetch_offset)
                        self.next_fetch_offset = batch.next_offset
                        yield slim
                    self.next_fetch_offset = batch.next_offset
                else:
                    for record in batch:
                        self.next_fetch_offset = record.offset + 1
                        kind = record.timestamp_type or 0
                        yield SlimRecord(tp.topic, tp.partition, record.offset, record.timestamp, kind, record.value)
            # The last offset of a batch counts though compaction took its record.
            if last is not None and last.magic == 2:
                self.next_fetch_offset = last.next_offset
            self.drain()

    return SlimPartitionRecords


def slim_batch(batch: Any, topic: str, partition: int, start: int) -> SlimBatch:
    """:param batch: a DefaultRecordBatch of kafka-python; it can't be read again afterwards."""
    base, last, kind = batch.base_offset, batch.last_offset, batch.timestamp_type
    timestamp = batch.max_timestamp if kind else batch.first_timestamp
    batch._maybe_uncompress()
    data = bytes(memoryview(batch._buffer)[batch._pos :])
    return SlimBatch(topic, partition, base, last, start, batch._num_records, kind, timestamp, data)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at this place, zigzag and by 7 bits as protobuf has it, and the place behind it."""
    byte = data[at]
    at += 1
    value = byte & 0x7F
    shift = 7
    while byte & 0x80:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
    return (value >> 1) ^ -(value & 1), at
