# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents that have the line as a text, as collectors write it that parse nothing, such as Vector.

No field of theirs has the number, so that what is missing can't be asked for. They are read in the order of their
records, and each time from the record on that was read last of its partition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...elasticsearch.documents import query_for
from ...log.event import WRAPPED_IN
from .documents import FromSource, Row

_PARTITION, _OFFSET = "kafka.partition", "kafka.offset"


class FromText(FromSource):
    """:ivar query: for all of the run. :ivar any_form: for these and for those that have it in fields, each once.
    :ivar seen: how many of them an account has; its reader counts that.
    """

    body: Mapping[str, Any] = {
        "sort": [
            *({name: {"order": "asc", "unmapped_type": "long"}} for name in (_PARTITION, _OFFSET)),
            "_seq_no",
            "_index",
        ],
        "_source": [*WRAPPED_IN, "kafka"],
        "size": FromSource.size,
    }

    def __init__(self, run: str) -> None:
        super().__init__(run)
        self.seen = 0
        self._read_to: dict[int, int] = {}
        # The words of the line that make_record makes; an index keeps no other signs of it.
        text = query_for(text=f"loggy run {run} seq", fields=WRAPPED_IN)
        fields = query_for({"loggy.run": run})
        self.query = query_for(query={"bool": {"filter": [text], "must_not": [fields]}})
        self.any_form = {"bool": {"should": [text, fields], "minimum_should_match": 1}}

    @property
    def query_on(self) -> dict[str, Any]:
        """For those whose records come behind what was read of their partition."""
        read = [
            {"bool": {"filter": [{"term": {_PARTITION: partition}}, {"range": {_OFFSET: {"lte": offset}}}]}}
            for partition, offset in self._read_to.items()
        ]
        return query_for(query={"bool": {"filter": [self.query, {"exists": {"field": _OFFSET}}], "must_not": read}})

    def row(self, hit: Mapping[str, Any]) -> Row:
        row = super().row(hit)
        if row.coordinate is not None:
            _topic, partition, offset, _timestamp = row.coordinate
            self._read_to[partition] = max(offset, self._read_to.get(partition, offset))
        return row
