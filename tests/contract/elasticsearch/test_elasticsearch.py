"""What this project expects of an Elasticsearch: the same tests against the fake and, when named, a real server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from ansible_collections.loggy.pipeline.plugins.module_utils.elasticsearch import document_info, documents, index_info
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import ApiError, NotFound

from tests.unit.fakes.elasticsearch import fake_elasticsearch
from tests.unit.run_operation import run_operation

REAL_URL = os.environ.get("LOGGY_ELASTICSEARCH_URL")
FAKES: dict[str, dict[str, Any]] = {
    "fake of 6.8": {"version": "6.8.23"},
    "fake of 7.6": {"version": "7.6.2"},
    "fake of 8 without rest-root": {"version": "8.19.21", "serves_root": False},
    "fake of OpenSearch": {"version": "2.19.6", "distribution": "opensearch"},
    "fake of OpenSearch without rest-root": {"version": "3.6.0", "distribution": "opensearch", "serves_root": False},
}
REAL = pytest.param(
    "real",
    marks=[
        pytest.mark.integration,
        pytest.mark.skipif(not REAL_URL, reason="LOGGY_ELASTICSEARCH_URL names no Elasticsearch"),
    ],
)


@dataclass
class Server:
    """:param prefix: what the names of this test's indices begin with."""

    url: str
    prefix: str

    def put(self, path: str, body: Any = None) -> None:
        requests.put(f"{self.url}/{path}", json=body or {}, timeout=30).raise_for_status()

    def index(self, name: str, **settings: Any) -> str:
        self.put(self.prefix + name, {"settings": {"number_of_shards": 1, "number_of_replicas": 0, **settings}})
        return self.prefix + name

    def fresh_index(self) -> str:
        return self.index(f"i{uuid.uuid4().hex[:8]}")

    def write(self, index: str, document_id: str, source: Any) -> None:
        self.put(f"{index}/_doc/{document_id}", source)

    def indices(self, *patterns: str, **params: Any) -> list[dict[str, Any]]:
        result = run_operation(index_info.OPERATION, urls=[self.url], index=list(patterns), **params)
        found: list[dict[str, Any]] = result["indices"]
        return found

    def find(self, index: str, **params: Any) -> dict[str, Any]:
        return run_operation(document_info.OPERATION, urls=[self.url], index=index, **{"refresh": True, **params})


@pytest.fixture(params=[*FAKES, REAL])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    prefix = f"t{uuid.uuid4().hex[:8]}-"
    if request.param != "real":
        with fake_elasticsearch(**FAKES[request.param]) as fake:
            yield Server(fake.url, prefix)
        return
    assert REAL_URL is not None
    yield Server(REAL_URL, prefix)
    for name in requests.get(f"{REAL_URL}/_cat/indices/{prefix}*,.{prefix}*?h=index", timeout=30).text.split():
        requests.delete(f"{REAL_URL}/{name}", timeout=30).raise_for_status()


def test_an_index_is_listed_with_its_numbers(server: Server) -> None:
    name = server.index("a", number_of_shards=2)
    server.write(name, "1", {"n": 1})
    server.find(name)
    (index,) = server.indices(name)
    assert (index["name"], index["health"], index["status"]) == (name, "green", "open")
    assert (index["primaries"], index["replicas"], index["documents"]) == (2, 0, 1)
    assert index["bytes"] > 0
    assert index["uuid"]
    assert index["blocks"] == index["aliases"] == []


def test_a_write_block_is_shown(server: Server) -> None:
    name = server.index("a")
    server.put(f"{name}/_settings", {"index.blocks.write": True})
    assert server.indices(name)[0]["blocks"] == ["write"]


def test_a_block_that_was_taken_back_is_not_shown(server: Server) -> None:
    name = server.index("a")
    for value in (True, False):
        server.put(f"{name}/_settings", {"index.blocks.write": value})
    assert server.indices(name)[0]["blocks"] == []


def test_aliases_are_shown_and_can_be_asked_for(server: Server) -> None:
    name, alias = server.index("a"), f"{server.prefix}alias"
    server.put(f"{name}/_alias/{alias}")
    assert server.indices(alias)[0]["aliases"] == [alias]


def test_a_closed_index_is_listed_without_documents(server: Server) -> None:
    name = server.index("a")
    requests.post(f"{server.url}/{name}/_close", timeout=30).raise_for_status()
    (index,) = server.indices(f"{server.prefix}*")
    assert (index["name"], index["status"], index["documents"]) == (name, "close", None)


def test_an_index_of_the_system_is_listed_only_when_asked_for(server: Server) -> None:
    dotted = f".{server.prefix}system"
    server.put(dotted, {"settings": {"number_of_replicas": 0}})
    pattern = f"*{server.prefix}*"
    assert server.indices(pattern) == []
    assert [index["name"] for index in server.indices(pattern, hidden=True)] == [dotted]
    assert [index["name"] for index in server.indices(f".{server.prefix}*")] == [dotted]


def test_a_pattern_may_match_no_index(server: Server) -> None:
    assert server.indices(f"{server.prefix}*") == []
    assert server.find(f"{server.prefix}*") == {"changed": False, "documents": [], "total": 0, "complete": True}


def test_a_name_that_does_not_exist_is_not_found(server: Server) -> None:
    with pytest.raises(NotFound, match=f"answered 404: index_not_found_exception: no such index .{server.prefix}x"):
        server.find(f"{server.prefix}x")
    with pytest.raises(NotFound, match="answered 404"):
        server.indices(f"{server.prefix}x")


def test_a_text_field_is_matched_by_words_that_follow_each_other(server: Server) -> None:
    name = server.index("a")
    server.write(name, "1", {"message": "( Loggy ) :D", "loggy": {"run": "ab12", "seq": 0}})
    server.write(name, "2", {"message": "Loggy neighbor:1 :)", "loggy": {"run": "ab12", "seq": 1}})
    assert ids(server.find(name, match={"message": "loggy neighbor"})) == ["2"]
    assert ids(server.find(name, match={"message": "neighbor loggy"})) == []
    assert ids(server.find(name, text="( loggy ) :d")) == ["1"]


def test_all_of_match_text_and_query_must_hold(server: Server) -> None:
    name = server.index("a")
    for number in range(3):
        server.write(name, str(number), {"message": f"line {number}", "loggy": {"run": "ab12", "seq": number}})
    assert ids(server.find(name, match={"loggy.run": "ab12"})) == ["0", "1", "2"]
    assert ids(server.find(name, match={"loggy.run": "ab12", "loggy.seq": 1})) == ["1"]
    assert ids(server.find(name, match={"loggy.run": "ab12"}, query={"term": {"loggy.seq": 2}})) == ["2"]
    assert ids(server.find(name, text="line 1", query={"term": {"loggy.seq": 2}})) == []


def test_fields_are_the_only_part_of_the_source_that_is_returned(server: Server) -> None:
    name = server.index("a")
    server.write(name, "1", {"message": "x", "kafka": {"offset": 17}, "other": 1})
    assert server.find(name, fields=["kafka", "mess*"])["documents"] == [
        {"index": name, "id": "1", "source": {"message": "x", "kafka": {"offset": 17}}}
    ]


def test_a_document_is_found_once_the_index_is_refreshed(server: Server) -> None:
    name = server.index("a", refresh_interval="-1")
    server.write(name, "1", {"n": 1})
    assert server.find(name, refresh=False)["total"] == 0
    assert server.find(name)["total"] == 1


def test_a_limit_leaves_the_rest_out_and_says_so(server: Server) -> None:
    name = server.index("a")
    for number in range(5):
        server.write(name, str(number), {"n": number})
    found = server.find(name, limit=3)
    assert (ids(found), found["total"], found["complete"]) == (["0", "1", "2"], 5, False)
    found = server.find(name, limit=5)
    assert (len(found["documents"]), found["total"], found["complete"]) == (5, 5, True)


def test_every_document_of_several_indices_and_shards_is_returned_once(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pages so small that places which documents of several shards share fall onto their edges.
    monkeypatch.setattr(documents, "_PAGE", 7)
    for name, shards in (("a", 5), ("b", 1)):
        index = server.index(name, number_of_shards=shards)
        for number in range(40):
            server.write(index, f"{name}{number}", {"n": number})
    found = server.find(f"{server.prefix}*", limit=1000)
    assert sorted(ids(found)) == sorted(f"{name}{number}" for name in "ab" for number in range(40))
    assert (found["total"], found["complete"]) == (80, True)


def test_a_query_that_is_none_is_refused_with_the_servers_reason(server: Server) -> None:
    with pytest.raises(ApiError, match=r"answered 400: parsing_exception: (no|unknown) .?query.? .*rnge"):
        server.find(server.index("a"), query={"rnge": {"n": 1}})


def test_the_health_is_waited_for_and_the_release_is_told(server: Server) -> None:
    result = run_operation(index_info.OPERATION, urls=[server.url], wait_for_status="yellow", index=["none*"])
    assert result["cluster"]["status"] in ("yellow", "green")
    assert result["cluster"]["nodes"] == 1
    assert result["server"]["distribution"] in ("elasticsearch", "opensearch")
    assert result["server"]["version"][0].isdigit()
    assert result["changed"] is False


def ids(found: dict[str, Any]) -> list[str]:
    return [document["id"] for document in found["documents"]]
