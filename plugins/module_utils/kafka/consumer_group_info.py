# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of kafka_consumer_group_info: reads what a group has committed, and waits until it is through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..errors import InvalidInput
from ..operation import Context, Operation, Result
from ..wait import wait_until
from . import options
from .groups import open_groups
from .lag import PartitionLag, lag_of
from .records import open_topic

ARGUMENT_SPEC: dict[str, Any] = {
    **options.ARGUMENT_SPEC,
    "group": {"type": "str", "required": True},
    "topic": {"type": "str", "required": True},
    "wait_for_lag": {"type": "int"},
    "wait_timeout": {"type": "float", "default": 60.0},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    to = options.connection(params)
    group, topic, most = params["group"], params["topic"], params["wait_for_lag"]
    if most is not None and most < 0:
        raise InvalidInput(f"wait_for_lag is {most}; it must be 0 or more.")
    with open_topic(to, topic) as reader, open_groups(to) as groups:

        def look() -> tuple[list[PartitionLag] | None, str]:
            found = lag_of(group, topic, reader, groups)
            return (found, "") if most is None or _total(found) <= most else (None, _state(found))

        found = wait_until(
            look,
            what=f"group {group} to be at most {most} records behind the end of topic {topic}",
            timeout=params["wait_timeout"],
            advice="Look whether something still writes to the topic, and whether the group's consumers run.",
            progress=context.progress,
        )
    return {
        "changed": False,
        "group": group,
        "topic": topic,
        "lag": _total(found),
        "partitions": [asdict(one) for one in found],
    }


def _total(found: Sequence[PartitionLag]) -> int:
    return sum(one.lag for one in found)


def _state(found: Sequence[PartitionLag]) -> str:
    if all(one.committed is None for one in found):
        return f"it has committed nothing of the {_total(found)} records that are there"
    return f"it is {_total(found)} records behind"


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules={"required_if": options.REQUIRED_IF})
