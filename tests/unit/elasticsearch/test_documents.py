"""Laws of reading page by page: nothing missing, nothing twice, whatever share a place in the order."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch import documents
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch.documents import (
    find_documents,
    kept,
    query_for,
    total_hits,
)
from hypothesis import given
from hypothesis import strategies as st


class Pages:
    """Answers searches from a list of (seq_no, index) places, as a server does."""

    def __init__(self, places: list[tuple[int, str]]) -> None:
        self.hits: list[dict[str, Any]] = [
            {"_index": index, "_id": str(number), "_source": {}, "sort": [seq_no, index]}
            for number, (seq_no, index) in enumerate(places)
        ]
        self.hits.sort(key=lambda hit: hit["sort"])
        self.sizes: list[int] = []

    def post(self, path: str, body: dict[str, Any], **_: Any) -> Any:
        after = body.get("search_after")
        self.sizes.append(body["size"])
        hits = [hit for hit in self.hits if after is None or hit["sort"] > after]
        return {"hits": {"total": {"value": len(self.hits), "relation": "eq"}, "hits": hits[: body["size"]]}}


def at_most_four_in_a_place(places: list[tuple[int, str]]) -> bool:
    return all(places.count(place) <= 4 for place in places)


PLACES = st.lists(st.tuples(st.integers(0, 6), st.sampled_from("ab")), max_size=40).filter(at_most_four_in_a_place)


@given(places=PLACES, limit=st.integers(1, 60))
def test_every_document_comes_once_up_to_the_limit(places: list[tuple[int, str]], limit: int) -> None:
    pages: Any = Pages(places)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "_PAGE", 5)
        found = find_documents(pages, "x", {}, limit=limit)
    expected = min(limit, len(places))
    assert len({document.id for document in found.documents}) == len(found.documents) == expected
    assert found.total == len(places)
    assert found.complete == (expected == len(places))


@given(places=PLACES.filter(bool))
def test_a_page_is_cut_before_the_place_that_may_go_on_behind_it(places: list[tuple[int, str]]) -> None:
    page = Pages(places).hits
    rest = kept(page)
    assert list(rest) == page[: len(rest)]
    assert all(hit["sort"] < page[-1]["sort"] for hit in rest)
    assert all(hit["sort"] == page[-1]["sort"] for hit in page[len(rest) :])


def test_a_small_limit_is_one_small_page() -> None:
    pages: Any = Pages([(number, "a") for number in range(9)])
    find_documents(pages, "x", {}, limit=3)
    assert pages.sizes == [3]


def test_a_document_that_is_written_again_meanwhile_is_returned_once_as_it_is_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents, "_PAGE", 3)
    pages: Any = Pages([(number, "a") for number in range(4)])
    first_page = pages.post

    def post(path: str, body: dict[str, Any], **query: Any) -> Any:
        answer = first_page(path, body, **query)
        if "search_after" not in body:
            pages.hits[0] = {**pages.hits[0], "_source": {"again": True}, "sort": [9, "a"]}
            pages.hits.sort(key=lambda hit: hit["sort"])
        return answer

    pages.post = post
    found = find_documents(pages, "x", {}, limit=100)
    assert {document.id: document.source for document in found.documents} == {
        "0": {"again": True},
        "1": {},
        "2": {},
        "3": {},
    }


def test_a_total_is_read_in_the_shape_of_6_and_of_7() -> None:
    assert total_hits({"total": 12}) == total_hits({"total": {"value": 12, "relation": "eq"}}) == 12


def test_without_any_condition_everything_is_asked_for() -> None:
    assert query_for() == {"match_all": {}}
    assert query_for(match={}) == {"match_all": {}}


def test_text_is_matched_as_a_phrase_and_a_number_is_not() -> None:
    assert query_for(match={"run": "ab cd", "seq": 3}) == {
        "bool": {"filter": [{"match_phrase": {"run": {"query": "ab cd"}}}, {"match": {"seq": {"query": 3}}}]}
    }
