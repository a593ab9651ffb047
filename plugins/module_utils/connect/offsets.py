# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the offsets that a connector has and those it is to have to the change between them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InvalidInput

Offsets = list[dict[str, Any]]


def read_offsets(given: Sequence[Mapping[str, Any]], connector_type: str) -> Offsets:
    """Offsets as Connect returns them. A sink's are numbers, whatever the template that made them turned them into.

    :raises InvalidInput: for what Connect would take for something else.
    """
    offsets = [_read(one, connector_type) for one in given]
    keys = [_key(one) for one in offsets]
    for key in keys:
        if keys.count(key) > 1:
            raise InvalidInput(f"offsets: the partition {key} is listed twice.", advice="Give each partition once.")
    return offsets


def _read(one: Mapping[str, Any], connector_type: str) -> dict[str, Any]:
    partition, offset = one["partition"], one["offset"]
    if connector_type != "sink":
        return {"partition": partition, "offset": offset}
    try:
        return {
            "partition": {
                "kafka_topic": str(partition["kafka_topic"]),
                "kafka_partition": int(partition["kafka_partition"]),
            },
            "offset": None if offset is None else {"kafka_offset": int(offset["kafka_offset"])},
        }
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"offsets: {json.dumps(one)} is not an offset of a sink connector.",
            advice='Write {"partition": {"kafka_topic": "t", "kafka_partition": 0}, "offset": {"kafka_offset": 7}}.',
        ) from error


def altered(actual: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> Offsets:
    """``actual`` with the offsets of ``wanted``; an offset of None takes its partition out. Others stay as they are."""
    after = {_key(one): one for one in actual} | {_key(one): one for one in wanted}
    return in_order([one for one in after.values() if one["offset"] is not None])


def differing(actual: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> Offsets:
    """Those of ``wanted`` that ``actual`` does not have: what there is to send."""
    there = {_key(one): one["offset"] for one in actual}
    return [dict(one) for one in wanted if there.get(_key(one)) != one["offset"]]


def in_order(offsets: Sequence[Mapping[str, Any]]) -> Offsets:
    return sorted((dict(one) for one in offsets), key=_key)


def _key(one: Mapping[str, Any]) -> str:
    return json.dumps(one["partition"], sort_keys=True)
