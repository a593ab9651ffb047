"""The index stop against the fake of several versions and, when one is named, a real server."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.coordinates import Coordinate
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops import index
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.documents import FromSort, FromSource
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.index import IndexStop
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch.options import ARGUMENT_SPEC, connection
from ansible_collections.loggy.pipeline.plugins.module_utils.log.event import make_record
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges

from tests.contract.elasticsearch.test_elasticsearch import Server, server

__all__ = ["server"]

STAMP = {"topic": "t", "partition": 0, "offset": 7, "timestamp": "2026-11-22T18:30:00.123Z"}


def source(seq: int, run: str = "mine", **stamp: Any) -> dict[str, Any]:
    return {**make_record(run, seq, "p", 1_000_000), "kafka": {**STAMP, "offset": seq, **stamp}}


@pytest.fixture(autouse=True, params=["source", "sort"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How documents are read: when it is known when all were sent, by the values that they are sorted by."""
    monkeypatch.setattr(Followed, "knows_starts", request.param == "sort")
    return str(request.param)


class Followed:
    knows_starts = False

    def __init__(self, server: Server, pattern: str = "logs-*", neighbours: int = 3) -> None:
        options = {**{name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}, "urls": [server.url]}
        self.account = Account(neighbours)
        if self.knows_starts:
            for seq in range(neighbours + 1):
                self.account.starts.note(seq, 1)
        self.stop = IndexStop(connection(options), server.prefix + pattern, "mine", None)
        self.stop.start()

    def small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for way in (FromSource, FromSort):
            monkeypatch.setattr(way, "size", 4)
        read = self.stop._post

        def post(verb: str, body: Any = None, **query: Any) -> Any:
            return read(verb, {**body, "size": 4} if verb == "_search" else body, **query)

        monkeypatch.setattr(self.stop, "_post", post)

    def missing(self, *, last: bool = False) -> Ranges:
        self.stop._next_look = 0.0  # no test waits for the pause between two looks
        self.stop.poll(self.account, last=last)
        return self.account.missing


def test_documents_are_found_as_they_come_in_any_order_and_index(server: Server) -> None:
    followed = Followed(server)
    assert followed.missing() == Ranges([(0, 3)])

    one, two = server.index("logs-a"), server.index("logs-b")
    server.write(one, "x:2", source(2))
    assert followed.missing() == Ranges([(0, 1), (3, 3)])
    server.write(two, "x:0", source(0))
    server.write(one, "x:3", source(3))
    server.write(one, "y:1", source(1, run="other"))
    assert followed.missing() == Ranges([(1, 1)])

    loggy = followed.account.loggy
    assert loggy is not None
    assert loggy.place == f"{two}/x:0"
    assert loggy.where["kafka"]["offset"] == 0
    assert followed.account.sightings == 3


def test_stamp_is_read_as_the_record_that_it_names(server: Server) -> None:
    followed = Followed(server, neighbours=0)
    server.write(server.index("logs-a"), "x:0", source(0, partition=4, offset=99))
    followed.missing()

    assert followed.account.coordinates.first(0) == Coordinate("t", 4, 99, 1795372200123)


@pytest.mark.parametrize("stamp", [{"topic": 5}, {"partition": "0"}, {"offset": None}, {"timestamp": "yesterday"}])
def test_incomplete_stamp_names_no_record(server: Server, stamp: dict[str, Any]) -> None:
    followed = Followed(server, neighbours=0)
    server.put(f"{server.index('logs-a')}/_doc/x:0", source(0, **{**stamp}))
    followed.missing()

    assert followed.account.found == 1
    assert followed.account.coordinates.unproven(Account(0).coordinates) == Ranges([(0, 0)])


def test_source_is_read_only_where_sorted_values_do_not_tell_all(server: Server, way: str) -> None:
    followed = Followed(server, neighbours=1)
    name = server.index("logs-a")
    server.write(name, "x:0", source(0))
    server.write(name, "x:1", source(1))
    followed.missing()

    assert (followed.stop._sorted is not None) == (way == "sort")
    assert followed.account.coordinates.first(1) == Coordinate("t", 0, 1, 1795372200123)


def test_stamp_that_only_some_documents_lack_is_missing_for_these_only(server: Server) -> None:
    followed = Followed(server, neighbours=2)
    name = server.index("logs-a")
    server.write(name, "x:0", source(0))
    server.write(name, "x:1", make_record("mine", 1, "p", 1_000_000))
    server.write(name, "x:2", {**source(2), "kafka": {"topic": "t", "partition": 0, "offset": 2}})
    followed.missing()

    first = followed.account.coordinates.first
    assert [first(seq) is None for seq in range(3)] == [False, True, True]
    assert followed.account.found == 3


def test_document_that_is_written_again_under_its_id_is_one(server: Server) -> None:
    followed = Followed(server, neighbours=0)
    name = server.index("logs-a")
    for _ in range(3):
        server.write(name, "x:0", source(0))
        followed.missing(last=True)

    assert (followed.account.found, followed.account.copies) == (1, 0)


def test_copy_that_comes_after_the_first_was_seen_is_found_by_the_last_look(server: Server) -> None:
    followed = Followed(server)
    name = server.index("logs-a")
    server.write(name, "x:1", source(1))
    followed.missing()
    server.write(name, "other:1", source(1))
    server.write(name, "other:9", source(9))

    assert followed.missing(last=True) == Ranges([(0, 0), (2, 3)])
    assert followed.account.duplicates == Ranges([(1, 1)])
    assert followed.account.unexpected == Ranges([(9, 9)])


def test_last_look_at_a_complete_account_reads_no_document_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = Followed(server, neighbours=0)
    server.write(server.index("logs-a"), "x:0", source(0))
    followed.missing()

    monkeypatch.setattr(followed.stop, "_read", lambda *_: pytest.fail("read again"))

    assert not followed.missing(last=True)


def test_more_documents_than_a_page_are_read_in_pages(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    followed = Followed(server, neighbours=19)
    followed.small_pages(monkeypatch)
    name = server.index("logs-a", number_of_shards=2)
    for seq in range(20):
        server.write(name, f"x:{seq}", source(seq))
        if seq % 3 == 0:
            server.write(name, f"y:{seq}", source(seq))

    assert not followed.missing(last=True)
    assert followed.account.duplicates == Ranges((seq, seq) for seq in range(0, 20, 3))
    assert followed.account.copies == 7


def test_more_holes_than_a_query_has_clauses_are_all_filled(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_MOST_RANGES", 3)
    followed = Followed(server, neighbours=19)
    name = server.index("logs-a")
    for seq in range(0, 20, 2):
        server.write(name, f"x:{seq}", source(seq))
    followed.missing()
    for seq in range(1, 20, 2):
        server.write(name, f"x:{seq}", source(seq))
    # The numbers between the holes must not look like copies: then all would be read anew.
    monkeypatch.setattr(Account, "replace_by", lambda self, other: pytest.fail("all was read anew"))

    assert not followed.missing()
    assert followed.account.copies == 0


def test_index_is_left_alone_for_as_long_as_a_look_took(server: Server) -> None:
    followed = Followed(server, neighbours=0)
    followed.missing()
    followed.stop._next_look += 3600
    server.write(server.index("logs-a"), "x:0", source(0))

    followed.stop.poll(followed.account)
    assert followed.account.found == 0
    followed.stop.poll(followed.account, last=True)
    assert followed.account.found == 1


def test_the_sinks_own_pattern_names_every_index_that_it_may_write(server: Server) -> None:
    followed = Followed(server, "logs-${topic}-${yyyy.MM.dd}", neighbours=0)
    server.write(server.index("logs-output_tag-2026.11.22"), "x:0", source(0))

    assert not followed.missing()


def test_index_that_does_not_exist_yet_is_empty(server: Server) -> None:
    followed = Followed(server, "logs-fixed-name", neighbours=0)
    assert followed.missing() == Ranges([(0, 0)])

    server.write(server.index("logs-fixed-name"), "x:0", source(0))

    assert not followed.missing()


def test_health_tells_documents_and_what_is_blocked(server: Server) -> None:
    followed = Followed(server)
    name = server.index("logs-a")
    server.write(name, "x:0", source(0))
    followed.missing()
    server.put(f"{name}/_settings", {"index.blocks.write": True})

    health = followed.stop.health().line

    assert health.startswith("cluster ")
    assert f"index {name} green, 1 documents, blocked for write" in health


def test_health_without_an_index_says_so(server: Server) -> None:
    assert f"no index {server.prefix}logs-*" in Followed(server).stop.health().line
