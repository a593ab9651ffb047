# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loggy and his neighbours: what such a log line looks like, and how it is known again in whatever carries it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

LOGGY = 0
LOGGY_MESSAGE = "( Loggy ) :D"
#: What is before the number in a neighbour's message, and what is behind it.
BEFORE_NUMBER, BEHIND_NUMBER = "Loggy neighbor:", " :)"
#: How long ``iso_time`` is.
ISO_TIME_LENGTH = 27

# Where parts on the way put a line that they did not parse: Docker's and Kubernetes' own field, Fluentd's default.
WRAPPED_IN = ("log", "message")


@dataclass(frozen=True)
class Event:
    """One log line as it was seen somewhere.

    :param seq: 0 is Loggy, 1 and up are the neighbours.
    :param sent: seconds since 1970; None when the line does not say when it was sent.
    """

    run: str
    seq: int
    producer: str
    sent: float | None


def make_record(run: str, seq: int, producer: str, time_us: int) -> dict[str, Any]:
    """The log line that is sent.

    :param time_us: microseconds since 1970.
    """
    message = LOGGY_MESSAGE if seq == LOGGY else f"{BEFORE_NUMBER}{seq}{BEHIND_NUMBER}"
    return {"message": message, "loggy": {"run": run, "seq": seq, "producer": producer, "sent": iso_time(time_us)}}


def read_event(value: bytes | str | Mapping[str, Any] | None) -> Event | None:
    """The event in ``value``, or None: anything else may pass the same way."""
    record = _mapping(value)
    if record is None:
        return None
    # JsonConverter with schemas enabled wraps the value.
    if "loggy" not in record and isinstance(record.get("payload"), Mapping):
        record = record["payload"]
    loggy = record.get("loggy")
    if not isinstance(loggy, Mapping):
        return _unwrap(record)
    run, seq = loggy.get("run"), loggy.get("seq")
    if not isinstance(run, str) or not isinstance(seq, int) or isinstance(seq, bool):
        return None
    return Event(run, seq, str(loggy.get("producer", "")), read_time(loggy.get("sent")))


def _unwrap(record: Mapping[str, Any]) -> Event | None:
    for field in WRAPPED_IN:
        inner = record.get(field)
        if isinstance(inner, str) and '"loggy"' in inner:
            return read_event(inner)
    return None


def _mapping(value: bytes | str | Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if isinstance(value, Mapping):
        return value
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    # Before the costly parse: a line in a text file may have a time and a tag before its JSON (Fluentd's out_file).
    if text is None or "loggy" not in text or (start := text.find("{")) < 0:
        return None
    try:
        record, _end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, Mapping) else None


def iso_time(time_us: int) -> str:
    """Microseconds since 1970 as ISO 8601 in UTC, always with six digits of fraction."""
    whole, fraction = divmod(time_us, 1_000_000)
    return f"{_second(whole)}.{fraction:06d}Z"


# Of a million events in a row, thousands are of one second.
@lru_cache(maxsize=8)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def read_time(text: object) -> float | None:
    """Seconds since 1970, or None when ``text`` is no ISO 8601 time."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
