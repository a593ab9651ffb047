# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds documents: all hits of a query, page by page, the same way on every version. Changes nothing but a refresh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .client import Elasticsearch, index_path

# More than an index can have shards (1024), which is as many documents as can share one place in the order; see kept().
_PAGE = 2000
# Every version sorts by these two without fielddata. `_id` can't be sorted by on 8 and 9, `_doc` is no place to go on
# from without a snapshot, and the snapshots (PIT) of 7.10, OpenSearch 2.4 and 6.8 are three different things or none.
_ORDER = ["_seq_no", "_index"]

Hit = Mapping[str, Any]


@dataclass(frozen=True)
class Document:
    index: str
    id: str
    source: Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """:param total: how many match. :param complete: whether ``documents`` has all of them."""

    documents: list[Document]
    total: int
    complete: bool


def query_for(
    match: Mapping[str, Any] | None = None,
    text: str | None = None,
    query: Mapping[str, Any] | None = None,
    *,
    fields: Sequence[str] = ("*",),
) -> dict[str, Any]:
    """One query that asks for all that is given; for everything when nothing is.

    :param match: dotted field and the value that it has: the whole of a keyword, these words in this order in a text.
    :param text: words that some field has, in this order.
    :param query: Query DSL.
    :param fields: those that ``text`` may be in.
    """
    clauses: list[Mapping[str, Any]] = [_field_clause(name, value) for name, value in (match or {}).items()]
    if text is not None:
        clauses.append({"multi_match": {"query": text, "type": "phrase", "fields": list(fields), "lenient": True}})
    if query is not None:
        clauses.append(query)
    return {"bool": {"filter": clauses}} if clauses else {"match_all": {}}


def _field_clause(name: str, value: Any) -> dict[str, Any]:
    return {"match_phrase" if isinstance(value, str) else "match": {name: {"query": value}}}


def find_documents(
    server: Elasticsearch,
    index: str,
    query: Mapping[str, Any],
    *,
    limit: int,
    fields: Sequence[str] | None = None,
    refresh: bool = False,
) -> Found:
    """The documents that match, in the order in which their shards took them in.

    :param index: a name, a pattern, or several joined by commas.
    :param limit: how many to return at most.
    :param fields: the parts of the source to return; None for the whole.
    :param refresh: makes what was indexed up to now visible first.
    :raises NotFound: an index that is named without a pattern does not exist.
    """
    if refresh:
        server.post(index_path(index, "_refresh"))
    body: dict[str, Any] = {
        "query": query,
        "sort": _ORDER,
        "size": min(limit, _PAGE),
        "track_total_hits": True,
        "_source": True if fields is None else list(fields),
    }
    # By index and id, since some are met twice: those of a page's last place, and what is written again meanwhile.
    documents: dict[tuple[str, str], Document] = {}
    total: int | None = None
    while True:
        hits = server.post(index_path(index, "_search"), body, allow_partial_search_results="false")["hits"]
        total = total_hits(hits) if total is None else total
        page = hits["hits"]
        is_last = len(page) < body["size"]
        for hit in page:
            documents[hit["_index"], hit["_id"]] = Document(hit["_index"], hit["_id"], hit.get("_source", {}))
        if is_last or len(documents) >= limit:
            found = list(documents.values())[:limit]
            return Found(found, total, complete=len(found) == len(documents) and (is_last or len(found) >= total))
        body["search_after"] = kept(page)[-1]["sort"]


def kept(page: Sequence[Hit]) -> Sequence[Hit]:
    """A full page without the documents that share its last place, since the next page begins behind that place.

    The shards of one index count ``_seq_no`` each for itself, so that some documents may share a place.
    """
    last = page[-1]["sort"]
    end = len(page)
    while end > 0 and page[end - 1]["sort"] == last:
        end -= 1
    return page[:end]


def total_hits(hits: Mapping[str, Any]) -> int:
    """A number up to 6.8, an object since 7.0."""
    total = hits["total"]
    return int(total["value"] if isinstance(total, Mapping) else total)
