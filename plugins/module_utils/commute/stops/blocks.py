# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents by the hundred: for each block of numbers, the sums of what an index has of them. Pure.

While many come, most blocks are as they were sent; a block whose sums are those of its numbers, and of the records that
these have in the topic, needs no document to be read. It costs a tenth of reading them. A block that lacks a number and
has another one twice has other sums: always for one or two numbers, and for more of them but for an odd coincidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...elasticsearch.documents import total_hits
from ...log.event import LOGGY
from ..coordinates import Sums
from .documents import SEQ, STAMP_NUMBERS

SIZE = 250
# An answer has no more of them than any version of Elasticsearch allows.
MOST = 8_000
#: What is read of the answer, a fifth of it.
ANSWER = ",".join(
    ["error", "hits.total", "aggregations.topics.buckets"]
    + [f"aggregations.blocks.buckets.{name}" for name in ("key", "doc_count", "*.count", "*.sum", "*.sum_of_squares")]
)
_FIRST = LOGGY + 1


class Block(NamedTuple):
    """
    :param first: the lowest number that may be in it.
    :param is_whole: whether there are as many documents as its numbers, with the same sum and sum of squares.
    :param sums: of the records that the documents name; None when one names none.
    """

    first: int
    is_whole: bool
    sums: Sums | None


def blocks_body(topic_field: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """The search that ``blocks_of`` reads the answer to.

    :param topic_field: the field that has the topic as a keyword.
    """
    sums = {name: {"stats": {"field": field}} for name, field in STAMP_NUMBERS.items()}
    numbers = {"numbers": {"extended_stats": {"field": SEQ}}}
    histogram = {"field": SEQ, "interval": SIZE, "offset": _FIRST, "min_doc_count": 1}
    return {
        "query": query,
        "size": 0,
        "track_total_hits": True,
        "aggs": {
            "topics": {"terms": {"field": topic_field, "size": 2}},
            "blocks": {"histogram": histogram, "aggs": {**numbers, **sums}},
        },
    }


def blocks_of(answer: Mapping[str, Any], expected: int) -> list[Block]:
    """:param expected: one more than the highest number that is."""
    aggregations = answer.get("aggregations", {})
    buckets = {name: aggregations.get(name, {}).get("buckets", []) for name in ("topics", "blocks")}
    topics = [(each["key"], each["doc_count"]) for each in buckets["topics"]]
    # Sums know nothing of topics: they are of use where all documents are of one.
    topic = topics[0][0] if len(topics) == 1 and topics[0][1] == total_hits(answer["hits"]) else None
    return [_block(bucket, topic, expected) for bucket in buckets["blocks"]]


def size_of(first: int, expected: int) -> int:
    """How many numbers the block has that begins with ``first``; the last one is shorter."""
    return max(0, min(SIZE, expected - first)) if first >= _FIRST else 0


def _block(bucket: Mapping[str, Any], topic: str | None, expected: int) -> Block:
    first, count = int(bucket["key"]), int(bucket["doc_count"])
    numbers = range(first, first + size_of(first, expected))
    stats = bucket["numbers"]
    is_whole = (
        len(numbers) == count == stats["count"]
        and stats["sum"] == _sum_below(numbers.stop) - _sum_below(numbers.start)
        and stats["sum_of_squares"] == _squares_below(numbers.stop) - _squares_below(numbers.start)
    )
    if topic is None or any(bucket[name]["count"] != count for name in STAMP_NUMBERS):
        return Block(first, is_whole, None)
    return Block(first, is_whole, Sums(topic, **{name: int(bucket[name]["sum"]) for name in STAMP_NUMBERS}))


def _sum_below(end: int) -> int:
    return end * (end - 1) // 2


def _squares_below(end: int) -> int:
    return (end - 1) * end * (2 * end - 1) // 6
