# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a kafka-python consumer decode no more of a record than its coordinate and value: a third of the time for each.

It replaces a part of kafka-python that is not public. Where that is not as it is known, everything stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_READ_UNCOMMITTED = 0
# What is used of kafka-python's batch (format v2).
_BATCH = ("_maybe_uncompress", "_buffer", "_pos", "_num_records")


class SlimRecord(NamedTuple):
    """:param timestamp: milliseconds since the epoch; :param timestamp_type: 0 is CreateTime, 1 is LogAppendTime."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    value: bytes | None


def decode_slim(consumer: Any) -> None:
    """Has this consumer, and no other one, hand out SlimRecords from ``poll``."""
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
                        for record in slim_records(batch, tp.topic, tp.partition):
                            self.next_fetch_offset = record.offset + 1
                            yield record
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


def slim_records(batch: Any, topic: str, partition: int) -> Iterator[SlimRecord]:
    """:param batch: a DefaultRecordBatch of kafka-python; it can't be read again afterwards."""
    base_offset, kind = batch.base_offset, batch.timestamp_type
    base_timestamp = batch.max_timestamp if kind else batch.first_timestamp
    batch._maybe_uncompress()
    data, at = bytes(batch._buffer), batch._pos
    for _ in range(batch._num_records):
        length, at = _varint(data, at)
        end = at + length
        # One byte of attributes, which are not in use.
        delta, at = _varint(data, at + 1)
        offset, at = _varint(data, at)
        size, at = _varint(data, at)
        size, at = _varint(data, at + max(size, 0))
        value = data[at : at + size] if size >= 0 else None
        timestamp = base_timestamp if kind else base_timestamp + delta
        yield SlimRecord(topic, partition, base_offset + offset, timestamp, kind, value)
        # Headers are passed over.
        at = end


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
