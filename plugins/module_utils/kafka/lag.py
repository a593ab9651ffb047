# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a consumer group is behind the end of a topic, by partition. Changes no group and joins none."""

from __future__ import annotations

from dataclasses import dataclass

from .groups import Groups
from .records import RecordReader


@dataclass(frozen=True)
class PartitionLag:
    """
    :param committed: the offset at which the group goes on; None when it has committed nothing.
    :param end: the offset behind the last record.
    :param lag: the records in between; without a commit all that are there, as a sink of Connect begins with the first.
    """

    partition: int
    committed: int | None
    end: int
    lag: int


def lag_of(group: str, topic: str, reader: RecordReader, groups: Groups) -> list[PartitionLag]:
    committed = groups.committed(group, topic)
    ends = reader.end_offsets()
    first = {} if committed.keys() >= ends.keys() else reader.earliest_offsets()
    return [
        PartitionLag(one, committed.get(one), end, max(end - committed.get(one, first.get(one, end)), 0))
        for one, end in sorted(ends.items())
    ]
