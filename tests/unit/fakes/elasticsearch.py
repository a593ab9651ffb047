"""An Elasticsearch in this process: what this project asks of one, and the differences between versions that it meets.

The contract suite runs against it and against real servers. It shares no code with what is under test.
"""

from __future__ import annotations

import base64
import fnmatch
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.unit.fakes.elasticsearch_aggregations import aggregated, milliseconds

_HIGHEST = (1 << 63) - 1


class Refused(Exception):
    def __init__(self, status: int, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.body: dict[str, Any] = {
            "error": {"type": kind, "reason": reason, "root_cause": [{"type": kind, "reason": reason}]}
        }


@dataclass
class FakeDocument:
    source: dict[str, Any]
    shard: int
    seq_no: int
    visible: bool


@dataclass
class FakeIndex:
    shards: int = 1
    hidden: bool = False
    closed: bool = False
    blocks: dict[str, str] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)
    documents: dict[str, FakeDocument] = field(default_factory=dict)
    counters: dict[int, int] = field(default_factory=dict)

    def put(self, document_id: str, source: dict[str, Any], *, visible: bool) -> None:
        shard = sum(document_id.encode()) % self.shards
        self.counters[shard] = self.counters.get(shard, -1) + 1
        self.documents[document_id] = FakeDocument(source, shard, self.counters[shard], visible)


@dataclass
class FakeElasticsearch:
    """
    :param user: (name, password) without which every request is a 401; None asks for none.
    :param serves_root: whether GET / is answered; servers built without that module say 405.
    :ivar requests: "METHOD /path" of each request, in order.
    """

    version: str = "8.19.21"
    distribution: str = "elasticsearch"
    user: tuple[str, str] | None = None
    serves_root: bool = True
    status: str = "green"
    url: str = ""
    indices: dict[str, FakeIndex] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def number(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split("."))

    @property
    def hides_indices(self) -> bool:
        return self.distribution == "opensearch" or self.number >= (7, 7)

    def put(self, index: str, document_id: str, source: dict[str, Any]) -> None:
        """Writes a document that a search can see at once."""
        self.indices.setdefault(index, FakeIndex()).put(document_id, source, visible=True)

    def resolve(self, pattern: str, *, closed: bool, hidden: bool = False) -> dict[str, FakeIndex]:
        found: dict[str, FakeIndex] = {}
        for part in pattern.split(","):
            wild = "*" in part
            names = {
                name: index
                for name, index in self.indices.items()
                if any(fnmatch.fnmatchcase(one, part) for one in (name, *index.aliases))
                and (not wild or ((closed or not index.closed) and (hidden or not index.hidden)))
            }
            if not names and not wild:
                raise _no_such_index(self, part)
            found.update(names)
        return found


def _no_such_index(fake: FakeElasticsearch, name: str) -> Refused:
    if fake.hides_indices:
        return Refused(404, "index_not_found_exception", f"no such index [{name}]")
    refused = Refused(404, "index_not_found_exception", "no such index")
    refused.body["error"]["root_cause"][0]["index"] = name
    return refused


def _root(fake: FakeElasticsearch) -> Any:
    if not fake.serves_root:
        raise Refused(405, "method_not_allowed", "Incorrect HTTP method for uri [/] and method [GET], allowed: [POST]")
    version = {"number": fake.version}
    if fake.distribution == "opensearch":
        version["distribution"] = "opensearch"
    return {"name": "fake", "cluster_name": "fake", "version": version}


def _nodes(fake: FakeElasticsearch) -> Any:
    flavor = {} if fake.distribution == "opensearch" else {"build_flavor": "default"}
    return {"nodes": {"node-1": {"version": fake.version, **flavor}}}


def _health(fake: FakeElasticsearch) -> Any:
    unassigned = 0 if fake.status == "green" else 1
    return {"cluster_name": "fake", "status": fake.status, "number_of_nodes": 1, "unassigned_shards": unassigned}


def _states(fake: FakeElasticsearch, query: Mapping[str, str]) -> dict[str, bool]:
    states = query.get("expand_wildcards", "open,closed").split(",")
    if "hidden" in states and not fake.hides_indices:
        raise Refused(400, "illegal_argument_exception", "No valid expand wildcard value [hidden]")
    return {"closed": "closed" in states, "hidden": "hidden" in states}


def _cat_indices(fake: FakeElasticsearch, pattern: str, query: Mapping[str, str]) -> Any:
    if "expand_wildcards" in query and not fake.hides_indices:
        raise Refused(400, "illegal_argument_exception", "contains unrecognized parameter: [expand_wildcards]")
    return [_cat_row(fake, name, index) for name, index in fake.resolve(pattern, **_states(fake, query)).items()]


def _cat_row(fake: FakeElasticsearch, name: str, index: FakeIndex) -> dict[str, Any]:
    closed = index.closed
    keeps_shards = not closed or fake.hides_indices
    documents = sum(document.visible for document in index.documents.values())
    return {
        "index": name,
        "uuid": f"uuid-of-{name}",
        "health": "green" if keeps_shards else None,
        "status": "close" if closed else "open",
        "pri": str(index.shards) if keeps_shards else None,
        "rep": "0" if keeps_shards else None,
        "docs.count": None if closed else str(documents),
        "store.size": None if closed else str(1000 + documents),
    }


def _blocks(fake: FakeElasticsearch, pattern: str, query: Mapping[str, str]) -> Any:
    indices = fake.resolve(pattern, **_states(fake, query))
    return {name: {"settings": index.blocks} for name, index in indices.items() if index.blocks}


def _aliases(fake: FakeElasticsearch, pattern: str, query: Mapping[str, str]) -> Any:
    indices = fake.resolve(pattern, **_states(fake, query))
    return {name: {"aliases": {alias: {} for alias in index.aliases}} for name, index in indices.items()}


def _refresh(fake: FakeElasticsearch, pattern: str) -> Any:
    for index in fake.resolve(pattern, closed=False).values():
        for document in index.documents.values():
            document.visible = True
    return {"_shards": {"failed": 0}}


def _search(fake: FakeElasticsearch, pattern: str, body: Mapping[str, Any]) -> Any:
    _check(body["query"])
    found = [
        (name, document_id, document)
        for name, index in fake.resolve(pattern, closed=False).items()
        for document_id, document in index.documents.items()
        if document.visible and _matches(body["query"], document.source)
    ]
    total = len(found)
    hits: list[dict[str, Any]] = [
        {
            "_index": name,
            **({} if body.get("stored_fields") == "_none_" else {"_id": document_id}),
            **({"_source": _part(document.source, body["_source"])} if body["_source"] else {}),
            "sort": [_place(key, name, document) for key in body["sort"]],
        }
        for name, document_id, document in (found if body["size"] else [])
    ]
    hits.sort(key=lambda hit: _order(hit["sort"]))
    after = body.get("search_after")
    page = [hit for hit in hits if after is None or _order(hit["sort"]) > _order(after)][: body["size"]]
    is_number = fake.distribution == "elasticsearch" and fake.number < (7,)
    answer: dict[str, Any] = {
        "hits": {"total": total if is_number else {"value": total, "relation": "eq"}, "hits": page}
    }
    if "aggs" in body:
        sources = [document.source for _name, _document_id, document in found]
        answer["aggregations"] = aggregated(body["aggs"], sources, _value)
    return answer


def _place(key: Any, index: str, document: FakeDocument) -> Any:
    if isinstance(key, Mapping):
        ((name, how),) = key.items()
        value = _value(document.source, name.removesuffix(".keyword"))
        if how["unmapped_type"] == "date" and isinstance(value, str):
            return milliseconds(value)
        # A document without a number comes behind all others, and says so by the highest one there is.
        return _HIGHEST if value is None and how["unmapped_type"] != "keyword" else value
    if key not in ("_seq_no", "_index"):
        raise Refused(400, "illegal_argument_exception", f"the fake does not sort by {key}")
    return document.seq_no if key == "_seq_no" else index


def _order(place: list[Any]) -> list[tuple[bool, Any]]:
    return [(value is None, value) for value in place]


def _field_caps(fake: FakeElasticsearch, pattern: str, asked_for: str) -> Any:
    types: dict[str, set[str]] = {}
    for index in fake.resolve(pattern, closed=False).values():
        for document in index.documents.values():
            for asked in asked_for.split(","):
                name = asked.removesuffix(".keyword")
                kind = _type(_value(document.source, name), is_sub_field=name != asked)
                if kind:
                    types.setdefault(asked, set()).add(kind)
    return {"fields": {name: {kind: {"type": kind} for kind in kinds} for name, kinds in types.items()}}


def _type(value: Any, *, is_sub_field: bool) -> str | None:
    """As dynamic mapping has it."""
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return "keyword" if is_sub_field else "text"
        return None if is_sub_field else "date"
    return "long" if isinstance(value, int) and not is_sub_field else None


def _count(fake: FakeElasticsearch, pattern: str, body: Mapping[str, Any]) -> Any:
    _check(body["query"])
    indices = fake.resolve(pattern, closed=False).values()
    found = [one for index in indices for one in index.documents.values() if one.visible]
    return {"count": sum(_matches(body["query"], one.source) for one in found), "_shards": {"failed": 0}}


def _part(source: dict[str, Any], wanted: Any) -> dict[str, Any]:
    if wanted is True:
        return source
    return {key: value for key, value in source.items() if any(fnmatch.fnmatchcase(key, one) for one in wanted)}


def _check(query: Mapping[str, Any]) -> None:
    ((kind, content),) = query.items()
    if kind not in ("match_all", "bool", "match", "match_phrase", "multi_match", "term", "range", "exists"):
        raise Refused(400, "parsing_exception", f"unknown query [{kind}]")
    for occurrence in ("filter", "should", "must_not"):
        for clause in content.get(occurrence, []):
            _check(clause)


def _matches(query: Mapping[str, Any], source: Mapping[str, Any]) -> bool:
    ((kind, content),) = query.items()
    if kind == "match_all":
        return True
    if kind == "bool":
        wanted = [_matches(clause, source) for clause in content.get("should", [])]
        refused = any(_matches(clause, source) for clause in content.get("must_not", []))
        needed = all(_matches(clause, source) for clause in content.get("filter", []))
        return needed and not refused and any(wanted or [True])
    if kind in ("match", "match_phrase"):
        ((name, wanted),) = content.items()
        return _says(_value(source, name), wanted["query"])
    if kind == "multi_match":
        leaves = dict(_leaves(source))
        asked = {name for name in leaves for one in content["fields"] if fnmatch.fnmatchcase(name, one)}
        return any(_says(leaves[name], content["query"]) for name in asked)
    if kind == "exists":
        return _value(source, content["field"]) is not None
    ((name, wanted),) = content.items()
    if kind == "range":
        value = _value(source, name)
        return value is not None and wanted.get("gte", value) <= value <= wanted["lte"]
    return bool(_value(source, name) == wanted)


def _value(source: Any, path: str) -> Any:
    for key in path.split("."):
        source = source.get(key) if isinstance(source, Mapping) else None
    return source


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}" if path else name)
    else:
        yield path, value


def _says(value: Any, wanted: Any) -> bool:
    if value is None:
        return False
    has, words = (re.findall(r"\w+", json.dumps(one).lower()) for one in (value, wanted))
    return any(has[start : start + len(words)] == words for start in range(len(has) - len(words) + 1))


def _create(fake: FakeElasticsearch, name: str, body: Mapping[str, Any]) -> Any:
    settings = body.get("settings", {})
    fake.indices[name] = FakeIndex(
        shards=int(settings.get("number_of_shards", 1)), hidden=bool(settings.get("index.hidden"))
    )
    return {"acknowledged": True}


def _write(fake: FakeElasticsearch, name: str, document_id: str, body: dict[str, Any]) -> Any:
    index = fake.indices.setdefault(name, FakeIndex())
    if "true" in (
        index.blocks.get(f"index.blocks.{kind}") for kind in ("write", "read_only", "read_only_allow_delete")
    ):
        raise Refused(403, "cluster_block_exception", f"index [{name}] blocked by: [FORBIDDEN/8/index write (api)];")
    index.put(document_id, body, visible=False)
    return {"_id": document_id, "result": "created"}


def _set(fake: FakeElasticsearch, name: str, body: Mapping[str, Any]) -> Any:
    for key, value in body.items():
        fake.indices[name].blocks[key] = str(value).lower()
    return {"acknowledged": True}


def _alias(fake: FakeElasticsearch, name: str, alias: str) -> Any:
    fake.indices[name].aliases.add(alias)
    return {"acknowledged": True}


def _close(fake: FakeElasticsearch, name: str) -> Any:
    fake.indices[name].closed = True
    return {"acknowledged": True}


def _delete(fake: FakeElasticsearch, pattern: str) -> Any:
    for name in list(fake.resolve(pattern, closed=True, hidden=True)):
        del fake.indices[name]
    return {"acknowledged": True}


Route = Callable[[FakeElasticsearch, "re.Match[str]", dict[str, str], Any], Any]
ROUTES: list[tuple[str, str, Route]] = [
    ("GET", r"/", lambda fake, at, query, body: _root(fake)),
    ("GET", r"/_nodes/_all/none", lambda fake, at, query, body: _nodes(fake)),
    ("GET", r"/_cluster/health", lambda fake, at, query, body: _health(fake)),
    ("GET", r"/_cat/indices/([^/]+)", lambda fake, at, query, body: _cat_indices(fake, at[1], query)),
    ("GET", r"/([^/]+)/_settings/index\.blocks\.\*", lambda fake, at, query, body: _blocks(fake, at[1], query)),
    ("GET", r"/([^/]+)/_alias", lambda fake, at, query, body: _aliases(fake, at[1], query)),
    (
        "GET",
        r"/([^/]+)/_field_caps",
        lambda fake, at, query, body: _field_caps(fake, at[1], query["fields"]),
    ),
    ("POST", r"/([^/]+)/_refresh", lambda fake, at, query, body: _refresh(fake, at[1])),
    ("POST", r"/([^/]+)/_count", lambda fake, at, query, body: _count(fake, at[1], body)),
    ("POST", r"/([^/]+)/_search", lambda fake, at, query, body: _search(fake, at[1], body)),
    ("POST", r"/([^/]+)/_close", lambda fake, at, query, body: _close(fake, at[1])),
    ("PUT", r"/([^/]+)/_doc/([^/]+)", lambda fake, at, query, body: _write(fake, at[1], at[2], body)),
    ("PUT", r"/([^/]+)/_settings", lambda fake, at, query, body: _set(fake, at[1], body)),
    ("PUT", r"/([^/]+)/_alias/([^/]+)", lambda fake, at, query, body: _alias(fake, at[1], at[2])),
    ("PUT", r"/([^/_][^/]*)", lambda fake, at, query, body: _create(fake, at[1], body)),
    ("DELETE", r"/([^/_][^/]*)", lambda fake, at, query, body: _delete(fake, at[1])),
]


def _answer(
    fake: FakeElasticsearch, method: str, target: str, headers: Mapping[str, str], body: Any
) -> tuple[int, Any]:
    parts = urlsplit(target)
    path = unquote(parts.path)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    fake.requests.append(f"{method} {path}")
    if fake.user is not None:
        expected = "Basic " + base64.b64encode(":".join(fake.user).encode()).decode()
        if headers.get("authorization") != expected:
            refused = Refused(401, "security_exception", f"unable to authenticate user for REST request [{path}]")
            return 401, refused.body
    try:
        for route_method, pattern, route in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and route_method == method:
                return 200, route(fake, match, query, body)
    except Refused as refused:
        return refused.status, refused.body
    return 400, {"error": f"no handler found for uri [{path}] and method [{method}]"}


@contextmanager
def fake_elasticsearch(**options: Any) -> Iterator[FakeElasticsearch]:
    """Serves a FakeElasticsearch with these options on a free port of the loopback interface."""
    fake = FakeElasticsearch(**options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two would wait 40 ms for a delayed acknowledgement

        def _serve(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            with fake.lock:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = json.loads(content) if content else {}
                status, answer = _answer(fake, self.command, self.path, headers, body)
            encoded = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        do_GET = do_POST = do_PUT = do_DELETE = _serve

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
