# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of kafka_topic_records_info: reads what is between two bounds, keeps what the filter lets through."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput
from ..operation import Context, Operation, Result
from . import options
from .bounds import offsets_between, parse_bound
from .filters import RecordFilter
from .records import ISOLATION_LEVELS, Record, RecordReader, open_topic

ARGUMENT_SPEC: dict[str, Any] = {
    **options.ARGUMENT_SPEC,
    "topic": {"type": "str", "required": True},
    "partitions": {"type": "list", "elements": "int"},
    "from": {"type": "raw", "default": "earliest"},
    "to": {"type": "raw", "default": "latest"},
    "filter": {
        "type": "dict",
        "options": {"contains": {"type": "str"}, "fields": {"type": "dict"}, "headers": {"type": "dict"}},
    },
    "limit": {"type": "int", "default": 100},
    "deadline": {"type": "float", "default": 30.0},
    "isolation_level": {"type": "str", "choices": list(ISOLATION_LEVELS), "default": "read_uncommitted"},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    to = options.connection(params)
    start, end = (parse_bound(option, params[option]) for option in ("from", "to"))
    for option in ("limit", "deadline"):
        if params[option] <= 0:
            raise InvalidInput(f"{option} is {params[option]:g}; it must be more than 0.")
    deadline = time.monotonic() + params["deadline"]
    with open_topic(to, params["topic"], isolation_level=params["isolation_level"]) as reader:
        first, last = offsets_between(reader, start, end, params["partitions"] or [])
        wanted = _filter(params["filter"] or {})
        return _read(reader, first, last, wanted=wanted, limit=params["limit"], deadline=deadline)


def _filter(params: Mapping[str, Any]) -> RecordFilter:
    return RecordFilter(**{name: value for name, value in params.items() if value is not None})


def _read(
    reader: RecordReader,
    first: Mapping[int, int],
    last: Mapping[int, int],
    *,
    wanted: RecordFilter,
    limit: int,
    deadline: float,
) -> Result:
    found, read = [], 0
    for record in reader.read(first, last, deadline=deadline):
        read += 1
        if wanted.matches(record.value, record.headers):
            found.append(shown(record))
            if len(found) == limit:
                break
    complete = all(reader.next_offsets[partition] >= offset for partition, offset in last.items())
    return {
        "changed": False,
        "records": found,
        "read": read,
        "complete": complete,
        "stopped_by": "end" if complete else "limit" if len(found) == limit else "deadline",
        "start_offsets": _by_text(first),
        "end_offsets": _by_text(last),
        "next_offsets": _by_text(reader.next_offsets),
    }


def _by_text(offsets: Mapping[int, int]) -> dict[str, int]:
    """JSON has no numbers as keys; said here, so that a result is the same in process and as a module."""
    return {str(partition): offset for partition, offset in sorted(offsets.items())}


def shown(record: Record) -> dict[str, Any]:
    key, key_encoding = _text(record.key)
    value, value_encoding = _text(record.value)
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "timestamp_type": record.timestamp_type,
        "key": key,
        "key_encoding": key_encoding,
        "headers": [_header(name, content) for name, content in record.headers],
        "value": value,
        "value_encoding": value_encoding,
    }


def _header(name: str, content: bytes | None) -> dict[str, Any]:
    value, encoding = _text(content)
    return {"key": name, "value": value, "encoding": encoding}


def _text(content: bytes | None) -> tuple[str | None, str]:
    """Bytes as a result can carry them without loss."""
    if content is None:
        return None, "utf-8"
    try:
        return content.decode(), "utf-8"
    except UnicodeDecodeError:
        return base64.b64encode(content).decode(), "base64"


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules={"required_if": options.REQUIRED_IF})
