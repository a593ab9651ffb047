"""The index stop against the fake of several versions and, when one is named, a real server."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.coordinates import Coordinate
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops import index
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.documents import FromSort, FromSource
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.index import IndexStop
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.texts import FromText
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch.options import ARGUMENT_SPEC, connection
from ansible_collections.loggy.pipeline.plugins.module_utils.log.event import make_record
from ansible_collections.loggy.pipeline.plugins.module_utils.log.writers import json_line
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.elasticsearch.test_elasticsearch import REAL, Server, server

__all__ = ["server"]

STAMP = {"topic": "t", "partition": 0, "offset": 7, "timestamp": "2026-11-22T18:30:00.123Z"}


def source(seq: int, run: str = "mine", **stamp: Any) -> dict[str, Any]:
    return {**make_record(run, seq, "p", 1_000_000), "kafka": {**STAMP, "offset": seq, **stamp}}


def text_source(seq: int, run: str = "mine", field: str = "message", **stamp: Any) -> dict[str, Any]:
    """As Vector of OpenShift Logging 6 writes what a container logs: it parses nothing."""
    return {
        "@timestamp": "2026-11-22T18:30:00.100Z",
        "hostname": "node1",
        "kubernetes": {"container_name": "application", "namespace_name": "loggy", "pod_name": f"sender-{run}"},
        "level": "default",
        "log_source": "container",
        "log_type": "application",
        field: json_line(make_record(run, seq, "pod", 1_000_000)),
        "kafka": {**STAMP, "offset": seq, **stamp},
    }


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
        for way in (FromSource, FromSort, FromText):
            monkeypatch.setattr(way, "size", 4)
        read = self.stop._post

        def post(verb: str, body: Any = None, **query: Any) -> Any:
            return read(verb, {**body, "size": 4} if verb == "_search" else body, **query)

        monkeypatch.setattr(self.stop, "_post", post)

    def requests(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The verb of each that is sent from now on."""
        sent: list[str] = []
        post = self.stop._post

        def noted(verb: str, body: Any = None, **query: Any) -> Any:
            sent.append(verb)
            return post(verb, body, **query)

        monkeypatch.setattr(self.stop, "_post", noted)
        return sent

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


@pytest.mark.parametrize("field", ["message", "log"])
def test_lines_that_were_not_parsed_are_found_as_they_come(server: Server, field: str) -> None:
    followed = Followed(server)
    one, two = server.index("logs-a", number_of_shards=2), server.index("logs-b")
    server.write(one, "t+0+2", text_source(2, field=field))
    assert followed.missing() == Ranges([(0, 1), (3, 3)])
    server.write(two, "t+2+0", text_source(0, field=field, partition=2))
    server.write(one, "t+1+3", text_source(3, field=field, partition=1))
    server.write(one, "t+0+1", text_source(1, field=field, run="other"))
    # Only a mention, which is no line of the run.
    server.write(one, "x", {**text_source(7, run="other"), "message": "the run is mine, with 1 loggy"})
    assert followed.missing() == Ranges([(1, 1)])
    server.write(one, "t+0+9", text_source(1, field=field, offset=9))

    assert not followed.missing(last=True)
    assert followed.account.sightings == 4
    assert followed.account.coordinates.first(1) == Coordinate("t", 0, 9, 1795372200123)
    loggy = followed.account.loggy
    assert loggy is not None
    assert (loggy.place, loggy.where["kafka"]["offset"]) == (f"{two}/t+2+0", 0)


def test_the_time_in_a_line_that_was_not_parsed_is_when_it_was_sent(server: Server, way: str) -> None:
    followed = Followed(server, neighbours=0)
    server.write(server.index("logs-a"), "t+0+0", text_source(0))
    followed.missing()

    assert followed.account.starts.us[0] == (1 if way == "sort" else 1_000_000)


def test_lines_that_were_not_parsed_are_read_in_pages_and_each_once(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = Followed(server, neighbours=19)
    followed.small_pages(monkeypatch)
    name = server.index("logs-a", number_of_shards=2)

    def write(numbers: range) -> None:
        for seq in numbers:
            partition, offset = seq % 3, seq // 3
            server.write(name, f"t+{partition}+{offset}", text_source(seq, partition=partition, offset=offset))

    write(range(10))
    assert followed.missing() == Ranges([(10, 19)])
    write(range(10, 20))
    monkeypatch.setattr(Account, "replace_by", lambda self, other: pytest.fail("all was read anew"))

    assert not followed.missing()
    assert followed.account.copies == 0


@pytest.mark.parametrize("stamp", [{"offset": 2}, {"topic": None, "partition": None, "offset": None}])
def test_line_that_comes_behind_its_turn_is_found(server: Server, stamp: dict[str, Any]) -> None:
    followed = Followed(server, neighbours=2)
    name = server.index("logs-a")
    for seq in (0, 2):
        server.write(name, f"x:{seq}", text_source(seq, offset=seq + 5))
    followed.missing()
    server.write(name, "x:1", text_source(1, **stamp))

    assert not followed.missing()
    assert followed.account.copies == 0
    assert (followed.account.coordinates.first(1) is None) == (stamp["offset"] is None)


def test_copies_and_the_unexpected_are_told_of_either_form(server: Server) -> None:
    followed = Followed(server)
    name = server.index("logs-a")
    for seq in range(4):
        server.write(name, f"t+0+{seq}", text_source(seq))
    followed.missing()
    server.write(name, "x:1", source(1, offset=11))
    server.write(name, "t+0+12", text_source(2, offset=12))
    server.write(name, "t+0+13", text_source(9, offset=13))
    # Its parser kept the line: one document, one sighting.
    server.write(name, "x:3", {**text_source(3, offset=14), **make_record("mine", 3, "pod", 1_000_000)["loggy"]})
    server.write(name, "x:3", {**source(3, offset=14), "log": text_source(3)["message"]})

    assert not followed.missing(last=True)
    assert followed.account.duplicates == Ranges([(1, 3)])
    assert followed.account.unexpected == Ranges([(9, 9)])
    assert followed.account.sightings == 8


def test_line_that_was_cut_off_counts_as_unexpected(server: Server) -> None:
    followed = Followed(server, neighbours=0)
    name = server.index("logs-a")
    cut = text_source(0, offset=7)
    server.write(name, "t+0+7", {**cut, "message": cut["message"][:-30]})
    server.write(name, "t+0+0", text_source(0))

    assert not followed.missing(last=True)
    assert followed.account.unexpected_count == 1


def test_field_of_that_name_that_is_no_text_does_no_harm(server: Server) -> None:
    followed = Followed(server, neighbours=0)
    server.write(server.index("logs-a"), "y", {"message": 5, "log": {"file": {"path": "/a"}}})
    server.write(server.index("logs-b"), "t+0+0", text_source(0))

    assert not followed.missing(last=True)
    assert followed.account.sightings == 1


def test_texts_cost_an_index_of_fields_one_question_at_the_end(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    followed = Followed(server, neighbours=9)
    name = server.index("logs-a")
    for seq in range(9):
        server.write(name, f"x:{seq}", source(seq))
    sent = followed.requests(monkeypatch)
    followed.missing()
    loggys = ["_search"] * (followed.stop._sorted is not None)
    assert sent == ["_refresh", "_count", "_search", *loggys]
    server.write(name, "x:9", source(9))
    sent.clear()

    assert not followed.missing(last=True)
    assert sent == ["_refresh", "_count", "_search", "_count", "_count"]


LOOKS = st.lists(
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from(["fields", "text"]), st.integers(0, 2), st.integers(0, 5))),
    max_size=4,
)


@pytest.mark.parametrize("server", ["fake of 6.8", REAL], indirect=True)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks=LOOKS)
def test_account_is_what_the_documents_say_in_whatever_form_and_order_they_come(
    server: Server, monkeypatch: pytest.MonkeyPatch, looks: list[list[tuple[int, str, int, int]]]
) -> None:
    """Each look finds new documents: a number, its form, and the record that its stamp names, in any order."""
    name = server.fresh_index()
    followed = Followed(server, name.removeprefix(server.prefix), neighbours=5)
    followed.small_pages(monkeypatch)
    there: dict[str, int] = {}
    for look in looks:
        for seq, form, partition, offset in look:
            made = source if form == "fields" else text_source
            document_id = f"{form}+{seq}+{partition}+{offset}"
            server.write(name, document_id, made(seq, partition=partition, offset=offset))
            there[document_id] = seq
        followed.missing()
    followed.missing(last=True)

    counted = [list(there.values()).count(seq) for seq in range(6)]
    account = followed.account
    assert account.missing == Ranges((seq, seq) for seq in range(6) if not counted[seq])
    assert account.duplicates == Ranges((seq, seq) for seq in range(6) if counted[seq] > 1)
    assert account.unexpected == Ranges((seq, seq) for seq in set(there.values()) if seq > 5)
    assert account.sightings == len(there)


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
