# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Indices: the documents of the run, each with the record that its ``kafka`` stamp names. Refreshes before it looks,
unless many are coming: then the index shows by itself what is new.

A few new documents are read one by one; of many, the blocks of which the sums tell all, and the others after a while.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ...elasticsearch.client import Elasticsearch, index_path
from ...elasticsearch.cluster import get_health, get_release
from ...elasticsearch.dialect import dialect_of
from ...elasticsearch.documents import kept, query_for
from ...elasticsearch.indices import Index, list_indices
from ...elasticsearch.options import Connection
from ...errors import ApiError, NotFound, PipelineError, Unauthorized, Unreachable
from ...log.event import LOGGY
from ...ranges import Ranges
from ..account import Account
from .blocks import ANSWER, MOST, SIZE, Block, blocks_body, blocks_of, size_of
from .documents import FromSort, FromSource, Row, page_of, sorted_way
from .feed import Feed, with_feed
from .stop import POLL_SECONDS, Health, first_line, now_us
from .texts import FromText

# Clauses of one query; with more holes than that, what lies between the last of them is found again and passed over.
_MOST_RANGES = 50
# As many new documents are read one by one in less time than it takes to look for blocks first.
_MANY = 5_000
# An index that has shown many documents shows more of them by itself in this time; most do so each second.
_OWN_SECONDS = 1.5
_OWN_PAUSE = 0.5
# A block whose sums have not told it for so many seconds is read: one whose numbers went to several partitions has to
# wait for the slowest.
_PATIENCE = 3.0
# Counts as unexpected: no event has it.
_UNREADABLE = -1
_WRITES = "/_nodes/stats/thread_pool"
_VARIABLE = re.compile(r"\$\{[^}]*\}")


class IndexStop:
    # Documents are read by their numbers.
    ordered = False

    def __init__(self, to: Connection, index: str, run: str, feed: Feed | None) -> None:
        """:param index: a name or pattern; a sink's own pattern is one when its variables stand for anything."""
        self._server = Elasticsearch(to)
        self._index = _VARIABLE.sub("*", index)
        self._run = run
        self._feed = feed
        self._may_refresh = True
        self._source = FromSource(run)
        self._texts = FromText(run)
        self._sorted: FromSort | None = None
        self._may_sort = True
        # Of blocks by their first numbers, since when they have been there and their sums do not tell them.
        self._untold: dict[int, float] = {}
        # Until then the index shows by itself what is new.
        self._own_until = 0.0
        self._next_look = 0.0

    def start(self) -> None:
        self._count(_run_query(self._run))

    def poll(self, account: Account, *, last: bool = False) -> None:
        began = time.monotonic()
        if last or began >= self._next_look:
            self._look(account, last)
            now = time.monotonic()
            # A refresh and a search cost the cluster as well: it is left alone for as long as they took.
            pause = min(now - began, POLL_SECONDS)
            self._next_look = now + (max(pause, _OWN_PAUSE) if now < self._own_until else pause)

    def _look(self, account: Account, last: bool) -> None:
        if not last and time.monotonic() < self._own_until:
            # Each refresh makes a segment, which is merged later: asked for all the time, they double that work.
            self._read_blocks(account)
            return
        self._refresh()
        before = account.sightings
        new = self._count(_run_query(self._run)) - (before - self._texts.seen)
        if new >= _MANY and not last and self._read_blocks(account):
            return
        if new:
            self._read_missing(account)
        is_end = last or account.complete
        # Few indices have lines as texts: those are asked for when nothing else is new.
        if account.sightings != before and not is_end:
            return
        # Not as many as were read, though all was asked for that was missing: there are copies, or unexpected ones.
        if (is_end | self._read_texts(account)) and self._count(self._texts.any_form) != account.sightings:
            self._read_anew(account)

    def _read_texts(self, account: Account) -> bool:
        """Whether there are some that can't be found behind those that were read."""
        if self._count(self._texts.query) == self._texts.seen:
            return False
        before = account.sightings
        self._read_pages(self._texts, self._texts.query_on, account, time.monotonic() + POLL_SECONDS)
        self._texts.seen += account.sightings - before
        return account.sightings == before

    def _read_anew(self, account: Account) -> None:
        anew = Account(account.expected - 1, account.starts, before=account.before)
        self._read(_run_query(self._run), anew)
        others = anew.sightings
        self._read_pages(self._texts, self._texts.query, anew)
        self._texts.seen = anew.sightings - others
        account.replace_by(anew)

    def health(self) -> Health:
        advice = ""
        try:
            health = get_health(self._server)
            indices = list_indices(self._server, [self._index], dialect_of(get_release(self._server)), hidden=False)
            own = f"cluster {health.status}; {_described(indices) or f'no index {self._index}'}{self._rejected()}"
            advice = _advice(health.status, indices)
        except NotFound:
            own = f"no index {self._index}"
        except Unreachable:
            own, advice = "Elasticsearch does not answer", "Start Elasticsearch, or make it reachable."
        except PipelineError as error:
            own = first_line(error)
        return with_feed(self._feed, Health(own, advice))

    def _rejected(self) -> str:
        """How many writes the nodes turned away; "" for none, and where the user may not ask."""
        try:
            answer = self._server.get(_WRITES, filter_path="nodes.*.thread_pool.write.rejected")
        except PipelineError:
            return ""
        pools = [pool for node in (answer or {}).get("nodes", {}).values() for pool in node["thread_pool"].values()]
        count = sum(int(pool["rejected"]) for pool in pools)
        return f"; {count} writes were rejected since the nodes started" if count else ""

    def close(self) -> None:
        pass

    def _refresh(self) -> None:
        if self._may_refresh:
            try:
                self._post("_refresh")
            except Unauthorized:
                # A user who may only read sees a document when the index refreshes by itself.
                self._may_refresh = False

    def _count(self, query: Mapping[str, Any]) -> int:
        return int((self._post("_count", {"query": query}) or {}).get("count", 0))

    def _read_blocks(self, account: Account) -> bool:
        """Sees each block of which the sums tell all, and reads those that they have not told for a while.

        :returns: whether there was any: the index may have the fields in forms that can't be added up.
        """
        way, first = self._way(account), account.first_missing
        if first is None or not isinstance(way, FromSort):
            return False
        near = account.missing.minus(Ranges([(first + MOST * SIZE, account.expected)]))
        body = blocks_body(way.topic_field, missing_query(self._run, near))
        now = now_us()
        try:
            answer = self._post("_search", body, allow_partial_search_results="false", filter_path=ANSWER)
        except ApiError:
            return False
        looked, found = time.monotonic(), account.found
        blocks = blocks_of(answer, account.expected) if answer else []
        untold = [block.first for block in blocks if not _see_block(block, account, now)]
        if _MANY <= account.found - found <= account.expected - account.found:
            self._own_until = looked + _OWN_SECONDS
        self._untold = {first: self._untold.get(first, looked) for first in untold}
        long = [first for first, since in self._untold.items() if looked - since >= _PATIENCE]
        to_read = Ranges((first, first + SIZE - 1) for first in long)
        # Loggy is no block's: everybody wants to know when he came.
        to_read.add(LOGGY)
        self._read_missing(account, to_read)
        return bool(blocks)

    def _read_missing(self, account: Account, among: Ranges | None = None) -> None:
        """What can be read of it in a poll's time.

        :param among: only these numbers; None for all.
        """
        missing = account.missing
        if among is not None:
            missing = missing.minus(missing.minus(among))
        if not missing:
            return
        covers_others = sum(1 for _range in missing) > _MOST_RANGES
        query = missing_query(self._run, missing)
        self._read(query, account, time.monotonic() + POLL_SECONDS, missing if covers_others else None)

    def _read(
        self, query: Mapping[str, Any], account: Account, end: float | None = None, only: Ranges | None = None
    ) -> None:
        """:param only: the numbers to see, where the query finds others as well; None: all that it finds."""
        way = self._way(account)
        try:
            self._read_pages(way, query, account, end, only)
        except ApiError:
            if way is self._source:
                raise
            # An index that came meanwhile has the fields in other forms.
            self._may_sort = False
            self._read_pages(self._source, query, account, end, only)

    def _read_pages(
        self,
        way: FromSource | FromSort,
        query: Mapping[str, Any],
        account: Account,
        end: float | None = None,
        only: Ranges | None = None,
    ) -> None:
        body: dict[str, Any] = {**way.body, "query": query}
        while end is None or time.monotonic() < end:
            # What a search finds was there to be found when it was asked.
            now = now_us()
            page = page_of(self._post("_search", body, allow_partial_search_results="false", **way.options))
            is_last = len(page) < way.size
            hits = page if is_last else kept(page)
            if not self._see_row(way, hits, account, now):
                for hit in hits:
                    row = way.row(hit)
                    if only is None or row.seq is None or row.seq in only:
                        self._see(row, hit, account, now)
            if is_last:
                return
            body["search_after"] = kept(page)[-1]["sort"]

    def _way(self, account: Account) -> FromSource | FromSort:
        """The cheaper way, unless it is the documents that have to tell when they were sent."""
        first = account.first_missing
        if not self._may_sort or (first is not None and not account.starts.knows(first)):
            return self._source
        self._sorted = self._sorted or sorted_way(self._server, self._index)
        return self._sorted or self._source

    def _see_row(
        self, way: FromSource | FromSort, hits: Sequence[Mapping[str, Any]], account: Account, now: int
    ) -> bool:
        """Whether the page is nothing but events in a row, as most are while many come; then they are seen."""
        row = way.in_a_row(hits) if isinstance(way, FromSort) else None
        if row is None or not account.see_row(row.first, len(row.places), now):
            return False
        account.coordinates.note_row(row.first, row.places, row.offsets, row.timestamps)
        return True

    def _see(self, row: Row, hit: Mapping[str, Any], account: Account, now: int) -> None:
        seq = row.seq
        if seq is None:
            account.see(_UNREADABLE, now)
            return
        if row.sent is not None and not account.starts.knows(seq):
            account.starts.note(seq, round(row.sent * 1_000_000))
        account.see(seq, now)
        account.coordinates.note(seq, row.coordinate)
        if seq == LOGGY and account.loggy is None:
            self._see_loggy(hit, account)

    def _see_loggy(self, hit: Mapping[str, Any], account: Account) -> None:
        """:param hit: without its id where nothing but what it is sorted by was asked for."""
        query = query_for({"loggy.run": self._run}, query={"term": {"loggy.seq": LOGGY}})
        one = {**self._source.body, "query": query, "size": 1}
        for found in [hit] if "_id" in hit else page_of(self._post("_search", one)):
            where = {"index": found["_index"], "id": found["_id"], "kafka": found.get("_source", {}).get("kafka")}
            account.see_loggy(f"{found['_index']}/{found['_id']}", where)

    def _post(self, verb: str, body: Any = None, **query: Any) -> Any:
        """The answer; None while there is no such index."""
        try:
            return self._server.post(index_path(self._index, verb), body, ignore_unavailable="true", **query)
        except NotFound:
            return None


def _see_block(block: Block, account: Account, now: int) -> bool:
    """Whether nothing of the block has to be read any more."""
    first, count = block.first, size_of(block.first, account.expected)
    topic = account.before.coordinates if account.before is not None else None
    # Also where the topic's reader has not come as far yet.
    is_proven = topic is None or (block.sums is not None and topic.sums(first, count) == block.sums)
    if not (block.is_whole and is_proven and account.see_row(first, count, now)):
        return False
    if topic is not None:
        account.coordinates.note_same(topic, first, count)
    return True


def _run_query(run: str) -> dict[str, Any]:
    return query_for({"loggy.run": run})


def missing_query(run: str, missing: Ranges) -> dict[str, Any]:
    pairs = list(missing)
    if len(pairs) > _MOST_RANGES:
        pairs = [*pairs[: _MOST_RANGES - 1], (pairs[_MOST_RANGES - 1][0], pairs[-1][1])]
    ranges = [{"range": {"loggy.seq": {"gte": first, "lte": last}}} for first, last in pairs]
    return query_for({"loggy.run": run}, query={"bool": {"should": ranges, "minimum_should_match": 1}})


def _advice(status: str, indices: Sequence[Index]) -> str:
    for index in indices:
        if index.blocks:
            names = " and ".join(f"index.blocks.{block}" for block in index.blocks)
            disk = ", after making room on its disks" if "read_only_allow_delete" in index.blocks else ""
            return f"Lift the block of index {index.name} by setting {names} to null{disk}."
    if status == "red":
        return "Make the cluster's primary shards available: GET /_cluster/allocation/explain says what is in the way."
    return ""


def _described(indices: Sequence[Index]) -> str:
    """The last three by name, which for indices by date are the newest."""
    words = []
    for index in indices[-3:]:
        blocks = f", blocked for {', '.join(index.blocks)}" if index.blocks else ""
        words.append(f"index {index.name} {index.health}, {index.documents} documents{blocks}")
    return "; ".join(words)
