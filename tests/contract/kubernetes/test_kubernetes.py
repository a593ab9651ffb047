# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this project expects of an API server: the same tests against the fake and, where one runs, a real cluster."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import (
    ApiError,
    Conflict,
    InvalidInput,
    NotFound,
    Unauthorized,
    Unreachable,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes import apply_info, object_info, schema_info
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.client import Cluster, UnknownKind, cluster
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Operation, Result
from ansible_collections.loggy.pipeline.plugins.module_utils.wait import wait_until

from tests.cluster import node
from tests.unit.fakes.api_server import api_server
from tests.unit.kubernetes.fake_objects import NAMESPACE
from tests.unit.run_operation import run_operation

CONFIG_MAPS = ("v1", "ConfigMap")
FINALIZER = "loggy.example/test"
DEFINITIONS = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")


@dataclass
class Server:
    """:param connection: an administrator's; :param powerless: of an account without rights; :param late: a kind that
    is served since a while after version 1.
    """

    connection: dict[str, Any]
    powerless: dict[str, Any]
    namespace: str
    late: tuple[str, str]
    prefix: str = field(default_factory=lambda: f"loggy-{uuid.uuid4().hex[:8]}-")

    def __post_init__(self) -> None:
        self.client = cluster(self.connection)
        self.of = (*CONFIG_MAPS, self.namespace)

    def name(self, name: str) -> str:
        return self.prefix + name

    def create(self, name: str, client: Cluster | None = None, **metadata: Any) -> dict[str, Any]:
        body = {"metadata": {"name": self.name(name), **metadata}, "data": {"a": "1"}}
        return (client or self.client).create(*self.of, body)

    def names(self, **selectors: str) -> list[str]:
        found = self.client.list(*self.of, **selectors)
        return [one["metadata"]["name"].removeprefix(self.prefix) for one in found]

    def definition(self, name: str, **data: str) -> dict[str, Any]:
        metadata = {"name": self.name(name), "namespace": self.namespace}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}

    def apply(self, definition: dict[str, Any], manager: str) -> None:
        path = self.client.path(*self.of, definition["metadata"]["name"])
        query = {"fieldManager": manager, "force": "true"}
        self.client._ask("PATCH", path, query=query, body=definition, content_type="application/apply-patch+yaml")

    def changes(self, *definitions: dict[str, Any], force: bool = False) -> list[str]:
        """What applying them as "ours" would make or change."""
        found = self.run(
            apply_info.OPERATION, definitions=list(definitions), field_manager="ours", force_conflicts=force
        )
        return [one["metadata"]["name"].removeprefix(self.prefix) for one in found["definitions"]]

    def run(self, operation: Operation, **params: Any) -> Result:
        return run_operation(operation, **self.connection, **params)


@pytest.fixture(scope="session")
def real() -> Iterator[tuple[dict[str, Any], dict[str, Any], str, tuple[str, str]]]:
    if not (node.is_given() or node.is_running()):
        pytest.skip("no cluster runs: `python -m tests.cluster up` starts one; LOGGY_KUBECONFIG names another")
    connection = {"kubeconfig": str(node.kubeconfig())}
    namespace = f"loggy-{uuid.uuid4().hex[:8]}"
    with closing(cluster(connection)) as client:
        client.create("v1", "Namespace", None, {"metadata": {"name": namespace}})
        try:
            client.create("v1", "ServiceAccount", namespace, {"metadata": {"name": "nobody"}})
            path = client.path("v1", "ServiceAccount", namespace, "nobody")
            token = client._ask("POST", f"{path}/token", body={"spec": {}})["status"]["token"]
            with served_late(client, connection, namespace) as late:
                yield connection, {**connection, "api_key": token}, namespace, late
        finally:
            client.delete("v1", "Namespace", None, namespace)


@contextmanager
def served_late(client: Cluster, connection: dict[str, Any], namespace: str) -> Iterator[tuple[str, str]]:
    """A kind of our own: how far back a new cluster remembers its ConfigMaps is as may be."""
    group, name = f"{uuid.uuid4().hex[:8]}.loggy.example", "lates"
    schema = {"openAPIV3Schema": {"type": "object"}}
    spec = {
        "group": group,
        "scope": "Namespaced",
        "names": {"plural": name, "singular": "late", "kind": "Late"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
    }
    client.create(*DEFINITIONS, None, {"metadata": {"name": f"{name}.{group}"}, "spec": spec})
    try:
        awaited = {"api_version": DEFINITIONS[0], "kind": DEFINITIONS[1], "name": f"{name}.{group}"}
        run_operation(object_info.OPERATION, objects=[awaited], wait_timeout=20, **connection)
        until_it_can_be_watched(client, (f"{group}/v1", "Late", namespace))
        yield f"{group}/v1", "Late"
    finally:
        client.delete(*DEFINITIONS, None, f"{name}.{group}")


def until_it_can_be_watched(client: Cluster, of: tuple[str, str, str]) -> None:
    """For a moment the API server says that it initialises the storage of a new kind."""
    _found, since = client.list_at(*of)

    def look() -> tuple[bool | None, str]:
        try:
            list(client.watch(*of, since=since, seconds=1))
        except ApiError as error:
            if error.status != 429:
                raise
            return None, error.excerpt
        return True, ""

    wait_until(look, what="a new kind to be watched", timeout=20)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.integration)])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    if request.param == "real":
        server = Server(*request.getfixturevalue("real"))
        with closing(server.client):
            yield server
        return
    with api_server() as fake:
        fake.nobodies.add("nobody's")
        server = Server(fake.connection, {"host": fake.url, "api_key": "nobody's"}, NAMESPACE, CONFIG_MAPS)
        with closing(server.client):
            yield server


def test_an_object_is_created_read_patched_and_deleted(server: Server) -> None:
    created = server.create("one", labels={"is": "ours"})
    name, of = server.name("one"), server.of
    assert server.client.get(*of, name) == created
    patch = {"data": {"a": None, "b": "2"}, "metadata": {"resourceVersion": created["metadata"]["resourceVersion"]}}
    patched = server.client.patch(*of, name, patch)
    assert (patched["data"], patched["metadata"]["labels"]) == ({"b": "2"}, {"is": "ours"})
    assert patched["metadata"]["resourceVersion"] != created["metadata"]["resourceVersion"]
    assert patched["metadata"]["uid"] == created["metadata"]["uid"]
    assert server.client.delete(*of, name)
    assert server.client.get(*of, name) is None


def test_a_stale_version_is_a_conflict_and_changes_nothing(server: Server) -> None:
    created = server.create("one")
    server.client.patch(*server.of, server.name("one"), {"data": {"a": "2"}})
    stale = {"data": {"a": "3"}, "metadata": {"resourceVersion": created["metadata"]["resourceVersion"]}}
    with pytest.raises(Conflict, match="the object has been modified"):
        server.client.patch(*server.of, server.name("one"), stale)
    left = server.client.get(*server.of, server.name("one"))
    assert left
    assert left["data"] == {"a": "2"}


def test_a_patch_that_changes_nothing_makes_no_version(server: Server) -> None:
    created = server.create("one")
    assert server.client.patch(*server.of, server.name("one"), {"data": {"a": "1"}}) == created


def test_what_is_there_already_can_not_be_created(server: Server) -> None:
    server.create("one")
    with pytest.raises(Conflict, match=r'configmaps ".*one" already exists'):
        server.create("one")


@pytest.mark.parametrize(
    ("api_version", "kind"), [("nope.example/v1", "Kafka"), ("apps/v9", "Deployment"), ("v1", "X")]
)
def test_a_kind_that_is_not_served_is_named(server: Server, api_version: str, kind: str) -> None:
    with pytest.raises(UnknownKind, match=f"serves no {kind} of {api_version}"):
        server.client.get(api_version, kind, server.namespace, "one")


def test_what_is_missing_is_none_or_not_found(server: Server) -> None:
    assert server.client.get(*server.of, server.name("no")) is None
    assert server.client.delete(*server.of, server.name("no")) is False
    assert server.client.pod_log(server.namespace, server.name("no"), "main") == ""
    with pytest.raises(NotFound, match=r'configmaps ".*no" not found'):
        server.client.patch(*server.of, server.name("no"), {"data": {}})


def test_what_has_finalizers_stays_until_they_are_gone(server: Server) -> None:
    server.create("held", finalizers=[FINALIZER])
    name = server.name("held")
    assert server.client.delete(*server.of, name)
    left = server.client.get(*server.of, name)
    assert left
    assert left["metadata"]["deletionTimestamp"]
    server.client.patch(*server.of, name, {"metadata": {"finalizers": None}})
    assert server.client.get(*server.of, name) is None


def test_selectors_choose_and_a_list_tells_the_kind(server: Server) -> None:
    server.create("a", labels={"test": server.name("x"), "of": "a"})
    server.create("b", labels={"test": server.name("x"), "of": "b"})
    assert sorted(server.names(label_selector=f"test={server.name('x')}")) == ["a", "b"]
    assert server.names(label_selector=f"test={server.name('x')},of=b") == ["b"]
    assert server.names(field_selector=f"metadata.name={server.name('a')}") == ["a"]
    (one,) = server.client.list(*server.of, field_selector=f"metadata.name={server.name('a')}")
    assert (one["apiVersion"], one["kind"]) == CONFIG_MAPS


def test_a_watch_tells_of_a_creation_a_change_and_a_deletion_in_their_order(server: Server) -> None:
    selector = f"metadata.name={server.name('one')}"
    server.create("other")
    _found, since = server.client.list_at(*server.of, field_selector=selector)
    server.create("one")
    server.create("another")
    server.client.patch(*server.of, server.name("one"), {"data": {"a": "2"}})
    server.client.delete(*server.of, server.name("one"))
    watch = server.client.watch(*server.of, since=since, seconds=5, field_selector=selector)
    seen = [(what, one["kind"], one["data"]["a"]) for what, one in islice(watch, 3)]
    assert seen == [("ADDED", "ConfigMap", "1"), ("MODIFIED", "ConfigMap", "2"), ("DELETED", "ConfigMap", "2")]


def test_a_watch_tells_only_of_what_came_after_the_version_it_goes_on_from(server: Server) -> None:
    label = {"test": server.name("x")}
    selector = f"test={server.name('x')}"
    created = server.create("one", labels=label)
    since = created["metadata"]["resourceVersion"]
    server.client.patch(*server.of, server.name("one"), {"data": {"a": "2"}})
    server.create("two", labels=label)
    server.client.patch(*server.of, server.name("one"), {"metadata": {"labels": None}})
    watch = server.client.watch(*server.of, since=since, seconds=5, label_selector=selector)
    seen = [(what, one["metadata"]["name"].removeprefix(server.prefix)) for what, one in islice(watch, 3)]
    # What is not chosen any more is gone, for who watches.
    assert seen == [("MODIFIED", "one"), ("ADDED", "two"), ("DELETED", "one")]


def test_the_version_of_an_event_is_one_to_go_on_from(server: Server) -> None:
    selector = f"metadata.name={server.name('one')}"
    _found, since = server.client.list_at(*server.of, field_selector=selector)
    server.create("one")
    server.client.delete(*server.of, server.name("one"))
    watch = server.client.watch(*server.of, since=since, seconds=5, field_selector=selector)
    deleted = list(islice(watch, 2))[1][1]
    server.create("one")
    since = deleted["metadata"]["resourceVersion"]
    watch = server.client.watch(*server.of, since=since, seconds=5, field_selector=selector)
    assert [what for what, _one in islice(watch, 1)] == ["ADDED"]


def test_a_watch_ends_at_its_time(server: Server) -> None:
    selector = f"metadata.name={server.name('none')}"
    _found, since = server.client.list_at(*server.of, field_selector=selector)
    assert list(server.client.watch(*server.of, since=since, seconds=1, field_selector=selector)) == []


def test_a_version_that_is_too_old_is_said_to_be(server: Server) -> None:
    with pytest.raises(ApiError, match="too old resource version") as caught:
        list(server.client.watch(*server.late, server.namespace, since="1", seconds=5))
    assert caught.value.status == 410


def test_closing_ends_a_watch_of_another_thread(server: Server) -> None:
    selector = f"metadata.name={server.name('one')}"
    seen, errors = threading.Event(), []
    with closing(cluster(server.connection)) as other:
        _found, since = other.list_at(*server.of, field_selector=selector)

        def follow() -> None:
            try:
                for _event in other.watch(*server.of, since=since, seconds=60, field_selector=selector):
                    seen.set()
            except Unreachable as error:
                errors.append(error)

        thread = threading.Thread(target=follow, daemon=True)
        thread.start()
        server.create("one")
        assert seen.wait(5)
    thread.join(2)
    assert not thread.is_alive()
    assert len(errors) == 1


def test_who_may_not_is_told_so_in_the_servers_words(server: Server) -> None:
    with closing(cluster(server.powerless)) as nobody:
        where = f'in API group "" in the namespace "{server.namespace}"'
        with pytest.raises(Unauthorized, match=f'User ".*" cannot list resource "configmaps" {where}'):
            nobody.list(*server.of)
        with pytest.raises(Unauthorized, match=f'User ".*" cannot create resource "configmaps" {where}'):
            server.create("one", nobody)
        with pytest.raises(Unauthorized, match=f'User ".*" cannot watch resource "configmaps" {where}'):
            list(nobody.watch(*server.of, since="1", seconds=1))
    assert server.names(field_selector=f"metadata.name={server.name('one')}") == []


def test_definitions_are_compared_with_what_is_served_and_anybody_may(server: Server) -> None:
    fits = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"a": "1"}}
    assert server.run(schema_info.OPERATION, definitions=[fits])["missing"] == []
    wrong = {**fits, "data": {"a": 1}, "imutable": True}
    with pytest.raises(InvalidInput) as caught:
        run_operation(schema_info.OPERATION, **server.powerless, definitions=[wrong])
    assert caught.value.details["problems"] == [
        "ConfigMap one: data.a: 1 is no string",
        "ConfigMap one: imutable: there is no such field; did you mean immutable?",
    ]
    other = {**fits, "apiVersion": "nope.example/v1"}
    found = server.run(schema_info.OPERATION, groups=["nope.example"], definitions=[other], require_kinds=False)
    assert (found["groups"], found["missing"]) == ({"nope.example": {}}, ["ConfigMap of nope.example/v1"])


def test_what_apply_would_change_is_told_and_not_done(server: Server) -> None:
    one, two = server.definition("one", a="1", b="2"), server.definition("two", a="1")
    server.apply(one, "ours")
    before = server.client.get(*server.of, server.name("one"))
    assert server.changes(one, two) == ["two"]
    assert server.changes(server.definition("one", a="1", b="3"), two) == ["one", "two"]
    # A field that is declared no more goes.
    assert server.changes(server.definition("one", a="1")) == ["one"]
    # What somebody else has added is his, until it is declared here too.
    server.apply(server.definition("one", c="3"), "theirs")
    assert server.changes(one) == []
    assert server.changes(server.definition("one", a="1", b="2", c="3")) == ["one"]
    after = server.client.get(*server.of, server.name("one"))
    assert before
    assert after
    assert {**before["data"], "c": "3"} == after["data"]
    assert server.client.get(*server.of, server.name("two")) is None


def test_what_somebody_else_manages_is_refused_by_name_until_it_is_taken_over(server: Server) -> None:
    server.apply(server.definition("one", a="1", b="1", c="1"), "theirs")
    mine, other = server.definition("one", a="2", b="2", c="1"), server.definition("two", a="1")
    with pytest.raises(InvalidInput) as caught:
        server.changes(mine, other)
    assert str(caught.value).startswith(f"Nothing was sent, since {server.client.url} would refuse ConfigMap")
    assert (
        f'would refuse ConfigMap {server.name("one")}: Apply failed with 2 conflicts: conflicts with "theirs": '
        "- .data.a - .data.b. Somebody else manages these fields"
    ) in str(caught.value)
    assert caught.value.details["refused"] == [f"ConfigMap {server.name('one')}"]
    assert server.changes(mine, other, force=True) == ["one", "two"]


def test_where_there_is_no_namespace_apply_is_refused_or_told_of(server: Server) -> None:
    homeless = server.definition("one", a="1")
    homeless["metadata"]["namespace"] = "loggy-nowhere"
    with pytest.raises(InvalidInput, match=r"has no namespace loggy-nowhere\. Make it first"):
        server.changes(server.definition("two", a="1"), homeless)
    found = server.run(
        apply_info.OPERATION,
        definitions=[server.definition("two", a="1"), homeless],
        field_manager="ours",
        require_kinds=False,
    )
    assert [one["metadata"]["name"] for one in found["definitions"]] == [server.name("two")]
    assert found["unknown"] == [f"ConfigMap {server.name('one')}"]


def test_objects_are_waited_for(server: Server) -> None:
    one = {"api_version": "v1", "kind": "ConfigMap", "name": server.name("one")}
    threading.Timer(0.2, server.create, ["one"], {"finalizers": [FINALIZER]}).start()
    found = server.run(object_info.OPERATION, namespace=server.namespace, objects=[one], wait_timeout=10)
    there = {"namespace": server.namespace, "exists": True, "ready": True, "state": "ready", "status": {}}
    assert found["objects"] == [{**one, **there}]
    server.client.delete(*server.of, server.name("one"))
    free = [*server.of, server.name("one"), {"metadata": {"finalizers": None}}]
    threading.Timer(0.2, server.client.patch, free).start()
    gone = server.run(object_info.OPERATION, namespace=server.namespace, objects=[one], state="absent", wait_timeout=10)
    assert not gone["objects"][0]["ready"]
