"""Many documents at once: what blocks tell is what reading every document tells, against the fake and a real server."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.coordinates import Coordinate
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops import blocks, index
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.documents import FromSort
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import ApiError
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.commute.test_index_stop import Followed, source
from tests.contract.elasticsearch.test_elasticsearch import REAL, Server, server

__all__ = ["server"]

# Of 1 to 4, 5 to 8, and 9 to 10.
SIZE, NEIGHBOURS = 4, 10
# Of the document's stamp in test_index_stop.
TIMESTAMP = 1795372200123


@pytest.fixture(autouse=True)
def _a_few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_MANY", 1)
    monkeypatch.setattr(index, "_PATIENCE", 1e-9)
    monkeypatch.setattr(index, "_OWN_PAUSE", 0)
    monkeypatch.setattr(index, "SIZE", SIZE)
    monkeypatch.setattr(blocks, "SIZE", SIZE)
    monkeypatch.setattr(Followed, "knows_starts", True)


def topic(numbers: range = range(NEIGHBOURS + 1)) -> Account:
    """As it is when each number is the record at its own offset."""
    account = Account(NEIGHBOURS)
    for seq in numbers:
        account.coordinates.note(seq, Coordinate("t", 0, seq, TIMESTAMP))
    return account


def followed_behind(before: Account, server: Server, pattern: str = "logs-*") -> Followed:
    followed = Followed(server, pattern, NEIGHBOURS)
    followed.account.before = before
    return followed


def rows_read(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the documents that are read one by one from now on."""
    read: list[int] = []
    row = FromSort.row

    def noted(way: FromSort, hit: Any) -> Any:
        found = row(way, hit)
        read.append(int(found.seq or 0))
        return found

    monkeypatch.setattr(FromSort, "row", noted)
    monkeypatch.setattr(FromSort, "in_a_row", lambda way, hits: None)
    return read


def test_whole_blocks_are_seen_and_only_loggy_is_read(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    followed = followed_behind(topic(), server)
    read = rows_read(followed, monkeypatch)
    name = server.index("logs-a")
    for seq in range(NEIGHBOURS + 1):
        server.write(name, f"x:{seq}", source(seq))

    assert not followed.missing()
    assert read == [0]
    assert followed.account.sightings == NEIGHBOURS + 1
    assert followed.account.loggy is not None
    assert followed.account.coordinates.first(9) == Coordinate("t", 0, 9, TIMESTAMP)
    assert not followed.account.coordinates.unproven(topic().coordinates)


def test_block_that_stays_short_is_read_at_the_next_look(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    followed = followed_behind(topic(), server)
    read = rows_read(followed, monkeypatch)
    name = server.index("logs-a")
    for seq in (1, 2, 3, 4, 5, 6, 8):
        server.write(name, f"x:{seq}", source(seq))

    assert followed.missing() == Ranges([(0, 0), (5, 10)])
    assert read == []
    assert followed.missing() == Ranges([(0, 0), (7, 7), (9, 10)])
    assert read == [5, 6, 8]


def test_block_that_is_short_is_left_alone_for_a_while(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_PATIENCE", 60)
    monkeypatch.setattr(index, "_OWN_SECONDS", 0)
    followed = followed_behind(topic(), server)
    read = rows_read(followed, monkeypatch)
    name = server.index("logs-a")
    for seq in (1, 2, 3, 4, 5, 6, 8):
        server.write(name, f"x:{seq}", source(seq))
    followed.missing()

    assert followed.missing() == Ranges([(0, 0), (5, 10)])
    server.write(name, "x:7", source(7))
    assert followed.missing() == Ranges([(0, 0), (9, 10)])
    assert read == []


@pytest.mark.parametrize(("own_seconds", "is_refreshed"), [(60, False), (0, True)])
def test_index_that_shows_many_by_itself_is_not_refreshed(
    server: Server, monkeypatch: pytest.MonkeyPatch, own_seconds: int, is_refreshed: bool
) -> None:
    monkeypatch.setattr(index, "_OWN_SECONDS", own_seconds)
    followed = followed_behind(topic(), server)
    name = server.index("logs-a")
    for seq in (1, 2, 3, 4):
        server.write(name, f"x:{seq}", source(seq))
    assert followed.missing() == Ranges([(0, 0), (5, 10)])
    asked = followed.requests(monkeypatch)
    followed.missing()
    assert ("_refresh" in asked) is is_refreshed

    for seq in (0, *range(5, NEIGHBOURS + 1)):
        server.write(name, f"x:{seq}", source(seq))
    asked.clear()
    assert not followed.missing(last=True)
    assert "_refresh" in asked


def test_block_waits_for_the_reader_of_the_topic_for_one_look(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    before = topic(range(7))
    followed = followed_behind(before, server)
    read = rows_read(followed, monkeypatch)
    name = server.index("logs-a")
    for seq in range(1, NEIGHBOURS + 1):
        server.write(name, f"x:{seq}", source(seq))
    assert followed.missing() == Ranges([(0, 0), (5, 10)])
    for seq in range(7, 9):
        before.coordinates.note(seq, Coordinate("t", 0, seq, TIMESTAMP))

    assert followed.missing() == Ranges([(0, 0)])
    assert read == [9, 10]


@pytest.mark.parametrize("stamp", [{"offset": 77}, {"partition": 1}, {"topic": "u"}, {"offset": None}])
def test_document_of_another_record_is_told_by_its_number(server: Server, stamp: dict[str, Any]) -> None:
    followed = followed_behind(topic(), server)
    name = server.index("logs-a")
    for seq in range(NEIGHBOURS + 1):
        server.write(name, f"x:{seq}", source(seq, **(stamp if seq == 6 else {})))
    followed.missing()

    assert not followed.missing(last=True)
    assert followed.account.coordinates.unproven(topic().coordinates) == Ranges([(6, 6)])


def test_number_that_is_there_twice_in_the_place_of_another_is_told(server: Server) -> None:
    followed = followed_behind(topic(), server)
    name = server.index("logs-a")
    for seq in range(NEIGHBOURS + 1):
        server.write(name, f"x:{seq}", source(6 if seq == 7 else seq))
    followed.missing()

    assert followed.missing(last=True) == Ranges([(7, 7)])
    assert followed.account.duplicates == Ranges([(6, 6)])


def test_server_that_adds_nothing_up_is_read_document_by_document(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = followed_behind(topic(), server)
    name = server.index("logs-a")
    for seq in range(NEIGHBOURS + 1):
        server.write(name, f"x:{seq}", source(seq))
    post = followed.stop._post

    def refusing(verb: str, body: Any = None, **query: Any) -> Any:
        if verb == "_search" and body["size"] == 0:
            raise ApiError("POST", server.url, 400, "too_many_buckets_exception")
        return post(verb, body, **query)

    monkeypatch.setattr(followed.stop, "_post", refusing)

    assert not followed.missing()


def test_index_that_is_read_document_by_document_is_refreshed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    followed = followed_behind(topic(), server)
    monkeypatch.setattr(followed.stop, "_read_blocks", lambda account: False)
    name = server.index("logs-a")
    for seq in (1, 2, 3, 4):
        server.write(name, f"x:{seq}", source(seq))
    assert followed.missing() == Ranges([(0, 0), (5, 10)])
    server.write(name, "x:5", source(5))

    assert followed.missing() == Ranges([(0, 0), (6, 10)])


DOCUMENT = st.tuples(st.integers(0, NEIGHBOURS + 2), st.sampled_from([0, 0, 0, 1]), st.sampled_from([0, 0, 0, 0, 3]))
ALL = st.permutations([(seq, 0, 0) for seq in range(NEIGHBOURS + 1)])
LOOKS = st.tuples(ALL, st.lists(DOCUMENT, max_size=6), st.integers(1, 4), st.integers(0, 3))


@pytest.mark.parametrize("server", ["fake of 6.8", REAL], indirect=True)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks=LOOKS)
def test_account_is_the_same_as_of_reading_every_document(
    server: Server, monkeypatch: pytest.MonkeyPatch, looks: tuple[list[Any], list[Any], int, int]
) -> None:
    """All numbers in any order but for a few that are lost, with some others between them, in several looks."""
    order, others, every, lost = looks
    documents = [*order[lost:], *others]
    name = server.fresh_index()
    pattern = name.removeprefix(server.prefix)
    followed = followed_behind(topic(), server, pattern)
    for at, (seq, partition, shift) in enumerate(documents):
        server.write(name, f"{seq}+{partition}+{shift}", source(seq, partition=partition, offset=seq + shift))
        if at % (every * 3) == 0:
            followed.missing()
    followed.missing(last=True)

    monkeypatch.setattr(index, "_MANY", 10**9)
    each = followed_behind(topic(), server, pattern)
    each.missing(last=True)
    monkeypatch.setattr(index, "_MANY", 1)
    accounts = (followed.account, each.account)
    for told in ("missing", "duplicates", "unexpected", "sightings", "copies", "found"):
        assert getattr(accounts[0], told) == getattr(accounts[1], told), told
    unproven = [account.coordinates.unproven(topic().coordinates) for account in accounts]
    assert unproven[0] == unproven[1]
