# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``from`` and ``to`` mean in offsets. Pure: asks what it is handed, opens nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from ..errors import InvalidInput


class OffsetSource(Protocol):
    """What RecordReader knows of a topic's offsets."""

    partitions: list[int]

    def earliest_offsets(self) -> dict[int, int]: ...

    def end_offsets(self) -> dict[int, int]: ...

    def offsets_at(self, timestamp: int) -> dict[int, int]: ...


@dataclass(frozen=True)
class Bound:
    """One end of what is read; of the four at most one is set, and none means the end that is the default there.

    :param word: earliest or latest.
    :param offset: the same offset in every partition.
    :param offsets: offset by partition; the default end in the partitions that it does not name.
    :param timestamp: milliseconds since the epoch.
    """

    word: str | None = None
    offset: int | None = None
    offsets: Mapping[int, int] = field(default_factory=dict)
    timestamp: int | None = None


def parse_bound(option: str, value: Any) -> Bound:
    """:raises InvalidInput: it is no word, offset, offsets by partition, or time."""
    if isinstance(value, Mapping):
        return Bound(
            offsets={_number(option, partition): _number(option, offset) for partition, offset in value.items()}
        )
    if isinstance(value, datetime):
        return Bound(timestamp=_milliseconds(value))
    text = str(value).strip()
    if text in ("earliest", "latest"):
        return Bound(word=text)
    if text.isascii() and text.isdigit():
        return Bound(offset=int(text))
    try:
        return Bound(timestamp=_milliseconds(datetime.fromisoformat(text)))
    except ValueError as error:
        raise InvalidInput(
            f"{option}: {text!r} is not earliest, latest, an offset, offsets by partition, or an ISO-8601 time.",
            advice="A time looks like 2026-11-22T18:30:00Z.",
        ) from error


def _number(option: str, value: Any) -> int:
    text = str(value).strip()
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput(f"{option}: {text!r} is not a number of 0 or more.")
    return int(text)


def _milliseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def offsets_between(
    source: OffsetSource, start: Bound, end: Bound, partitions: list[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """The offsets to read from and up to, by partition, never outside of what the topic holds now.

    :param partitions: those to read; empty for all.
    :raises InvalidInput: the topic lacks a partition that is named.
    """
    named = {*partitions, *start.offsets, *end.offsets}
    if missing := sorted(named - set(source.partitions)):
        raise InvalidInput(f"The topic has no partition {missing[0]}; it has {len(source.partitions)} partitions.")
    earliest, latest = source.earliest_offsets(), source.end_offsets()
    first = _resolve(source, start, earliest, earliest, latest)
    last = _resolve(source, end, latest, earliest, latest)
    wanted = partitions or source.partitions
    return {one: first[one] for one in wanted}, {one: max(first[one], last[one]) for one in wanted}


def _resolve(
    source: OffsetSource,
    bound: Bound,
    default: Mapping[int, int],
    earliest: Mapping[int, int],
    latest: Mapping[int, int],
) -> dict[int, int]:
    if bound.timestamp is not None:
        # No record is that new: everything of the partition is before that time.
        found = {**latest, **source.offsets_at(bound.timestamp)}
    elif bound.offset is not None:
        found = dict.fromkeys(latest, bound.offset)
    elif bound.word is not None:
        found = dict(earliest if bound.word == "earliest" else latest)
    else:
        found = {**default, **bound.offsets}
    return {one: min(max(offset, earliest[one]), latest[one]) for one, offset in found.items()}
