# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this project expects of Kafka Connect: the same tests against the fake and, when named, real workers.

A real worker needs the FileStream connectors on its plugin.path, and shares this machine's file system.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect import (
    connector_info,
    connector_offsets,
    connectors,
    logger,
    plugin_info,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.client import ConnectClient
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import (
    ApiError,
    Conflict,
    InvalidInput,
    NotFound,
    NotReady,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.http import HttpClient
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Operation, Result

from tests.unit.fakes.connect import fake_connect
from tests.unit.fakes.connect_cluster import FakeCluster
from tests.unit.run_operation import run_operation

REAL_URL = os.environ.get("LOGGY_CONNECT_URL")
FAKES = {
    "fake of 4.3": FakeCluster,
    "fake of 3.9": lambda: FakeCluster(version="3.9.2"),
    "fake of 3.6": lambda: FakeCluster(version="3.6.0"),
    "fake that is slow to settle": lambda: FakeCluster(lag=3),
}
REAL = pytest.param(
    "real",
    marks=[
        pytest.mark.integration,
        pytest.mark.skipif(not REAL_URL, reason="LOGGY_CONNECT_URL names no Kafka Connect worker"),
    ],
)


@dataclass
class Server:
    """:param prefix: what the names of this test's connectors begin with."""

    url: str
    prefix: str
    folder: Path

    @property
    def client(self) -> ConnectClient:
        return ConnectClient(HttpClient([self.url], api="Kafka Connect", timeout=30))

    def run(self, operation: Operation, **params: Any) -> Result:
        return run_operation(operation, urls=[self.url], timeout=30, **params)

    def apply(self, *wanted: dict[str, Any], **params: Any) -> Result:
        return self.run(connectors.OPERATION, connectors=list(wanted), wait_timeout=60, **params)

    def source(self, name: str, state: str = "running", **config: Any) -> dict[str, Any]:
        settings = {
            "connector.class": "FileStreamSource",
            "topic": f"{self.prefix}t",
            "file": self.file(name),
            **config,
        }
        return {"name": self.prefix + name, "config": settings, "state": state}

    def sink(self, name: str, state: str = "running", **config: Any) -> dict[str, Any]:
        settings = {"connector.class": "FileStreamSink", "topics": f"{self.prefix}t", "file": self.file(name), **config}
        return {"name": self.prefix + name, "config": settings, "state": state}

    def file(self, name: str) -> str:
        path = self.folder / name
        path.touch()
        return str(path)

    def state(self, name: str) -> str:
        result = self.run(connector_info.OPERATION, names=[self.prefix + name])
        return str(result["connectors"][0]["health"]) if result["connectors"] else "ABSENT"


@pytest.fixture(params=[*FAKES, REAL])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    prefix = f"loggy-{uuid.uuid4().hex[:8]}-"
    tmp_path.chmod(0o755)
    if request.param == "real":
        assert REAL_URL
        real = Server(REAL_URL, prefix, tmp_path)
        yield real
        real.apply(purge=True, purge_prefix=prefix)
    else:
        with fake_connect(FAKES[request.param]()) as fake:
            yield Server(fake.url, prefix, tmp_path)


def test_a_list_is_created_then_unchanged_then_gone(server: Server) -> None:
    wanted = [server.source("a", **{"tasks.max": 1}), server.sink("b"), server.source("c", "paused")]
    created = server.apply(*wanted)
    assert [one["changes"] for one in created["connectors"]] == [["created"]] * 3
    assert [server.state(name) for name in "ab"] == ["RUNNING, 1/1 tasks"] * 2
    assert server.state("c").startswith("PAUSED")
    again = server.apply(*wanted)
    assert not again["changed"]
    assert again["diff"] == {"before": {}, "after": {}}
    gone = server.apply(*({"name": one["name"], "state": "absent"} for one in wanted))
    assert [one["changes"] for one in gone["connectors"]] == [["deleted"]] * 3
    assert [server.state(name) for name in "abc"] == ["ABSENT"] * 3


@pytest.mark.parametrize("former", ["running", "paused", "stopped"])
@pytest.mark.parametrize("state", ["running", "paused", "stopped"])
def test_every_state_is_reached_from_every_other(server: Server, former: str, state: str) -> None:
    server.apply(server.source("a", former))
    assert server.state("a").startswith(former.upper())
    changed = server.apply({"name": server.prefix + "a", "state": state})
    assert changed["changed"] == (state != former)
    assert server.state("a").startswith(state.upper())
    assert not server.apply(server.source("a", state))["changed"]


def test_a_connector_is_created_in_the_state_that_it_is_to_have(server: Server) -> None:
    Path(server.file("a")).write_text("must not be read\n")
    server.apply(server.source("a", "stopped"))
    assert server.state("a") == "STOPPED"
    assert server.run(connector_offsets.OPERATION, name=server.prefix + "a")["offsets"] == []


def test_values_of_any_type_are_the_strings_that_come_back(server: Server) -> None:
    wanted = server.source("a", **{"tasks.max": 1, "errors.log.enable": True, "batch.size": "100", "predicates": []})
    server.apply(wanted)
    assert not server.apply(wanted)["changed"]
    (read,) = server.run(connector_info.OPERATION, names=[wanted["name"]])["connectors"]
    assert {"tasks.max": "1", "errors.log.enable": "true", "batch.size": "100", "predicates": ""}.items() <= read[
        "config"
    ].items()


def test_a_removed_key_is_removed(server: Server) -> None:
    server.apply(server.source("a", **{"batch.size": 100}))
    changed = server.apply(server.source("a"))
    assert changed["connectors"][0]["changes"] == ["config"]
    assert "batch.size" not in server.client.get_connector(server.prefix + "a").config


@pytest.mark.parametrize("name", ["a b", "ä-ö", "a+b&c=d", "a?b#c", "a:b", "a.b_c"])
def test_odd_names_are_encoded(server: Server, name: str) -> None:
    wanted = server.source("x")
    wanted["name"] = server.prefix + name
    server.apply(wanted)
    assert server.state(name) == "RUNNING, 1/1 tasks"
    assert not server.apply(wanted)["changed"]
    server.apply({"name": wanted["name"], "state": "absent"})
    assert server.state(name) == "ABSENT"


@pytest.mark.parametrize("name", ["a/b", "a%b"])
def test_a_name_that_the_worker_can_not_be_asked_for_is_refused_or_works(server: Server, name: str) -> None:
    wanted = {**server.source("x"), "name": server.prefix + name}
    if server.client.get_version() >= (4, 0):
        with pytest.raises(InvalidInput, match="can't be asked for a connector of this name"):
            server.apply(wanted)
        assert server.prefix + name not in server.client.list_names()
    else:
        server.apply(wanted)
        assert server.state(name) == "RUNNING, 1/1 tasks"


def test_wrong_settings_of_all_connectors_are_refused_before_any_is_changed(server: Server) -> None:
    wanted = [
        server.source("good"),
        server.source("a", **{"batch.size": "many", "tasks.max": "zwei"}),
        server.source("b", topic=None),
        server.source("c", **{"connector.class": "com.acme.Nope"}),
        {"name": server.prefix + "d", "config": {"topic": "t"}},
    ]
    with pytest.raises(InvalidInput, match="Refused before anything was changed") as caught:
        server.apply(*wanted)
    fields = {(one["connector"].removeprefix(server.prefix), one["field"]) for one in caught.value.details["errors"]}
    assert {("a", "batch.size"), ("a", "tasks.max"), ("b", "topic")} <= fields
    assert {("c", "connector.class"), ("d", "connector.class")} <= fields
    assert "FileStreamSourceConnector" in str(caught.value)
    assert not [name for name in server.client.list_names() if name.startswith(server.prefix)]


def test_a_key_that_nothing_reads_is_warned_of(server: Server) -> None:
    warnings = server.apply(server.source("a", **{"bach.size": 7, "value.converter.x": 1}))["warnings"]
    assert warnings == [
        f"connector {server.prefix}a: FileStreamSource has no setting bach.size. Connect takes it and ignores it: "
        "is it a typing error?"
    ]


def test_a_task_that_can_not_start_fails_the_run_at_once_with_its_trace(server: Server) -> None:
    wanted = server.sink("a", file=str(server.folder / "missing" / "out"))
    start = time.monotonic()
    with pytest.raises(NotReady, match=r"task 0 FAILED on .*Couldn't find or create file") as caught:
        server.apply(wanted)
    assert time.monotonic() - start < 30
    assert "Caused by: java.nio.file.NoSuchFileException" in str(caught.value)
    assert caught.value.details["changed"]
    with pytest.raises(NotReady, match="Couldn't find or create file"):
        server.apply(wanted)
    (server.folder / "missing").mkdir(mode=0o777)
    healed = server.apply(wanted)
    assert healed["connectors"][0]["changes"] == ["restarted"]
    assert server.state("a") == "RUNNING, 1/1 tasks"
    assert not server.apply(wanted)["changed"]


def test_a_config_that_breaks_a_running_task_fails_the_run(server: Server) -> None:
    server.apply(server.sink("a"))
    with pytest.raises(NotReady, match="Couldn't find or create file"):
        server.apply(server.sink("a", file=str(server.folder / "missing" / "out")))
    server.apply(server.sink("a"))
    assert server.state("a") == "RUNNING, 1/1 tasks"


def test_purge_takes_its_prefix_and_nothing_else(server: Server) -> None:
    server.apply(server.source("a-1"), server.source("a-2"), server.source("b-1"))
    purged = server.apply(server.source("a-1"), purge=True, purge_prefix=f"{server.prefix}a-")
    assert [one["changes"] for one in purged["connectors"]] == [[], ["deleted"]]
    assert {name for name in server.client.list_names() if name.startswith(server.prefix)} == {
        f"{server.prefix}a-1",
        f"{server.prefix}b-1",
    }


def test_a_delete_of_what_is_not_there_changes_nothing(server: Server) -> None:
    assert not server.apply({"name": f"{server.prefix}a", "state": "absent"})["changed"]
    with pytest.raises(NotFound):
        server.client.delete_connector(f"{server.prefix}a")


def test_exists_is_a_conflict_of_its_own(server: Server) -> None:
    if server.client.get_version() < (3, 7):
        pytest.skip("Kafka < 3.7 does not know initial_state")
    wanted = server.source("a")
    server.apply(wanted)
    config = {key: str(value) for key, value in wanted["config"].items()}
    with pytest.raises(Conflict, match="already exists"):
        server.client.create_connector(wanted["name"], config, "stopped")


def test_offsets_are_changed_only_when_the_connector_may_be_stopped(server: Server) -> None:
    server.apply(server.source("a", "paused"))
    name, partition = server.prefix + "a", {"filename": server.file("a")}
    wanted = [{"partition": partition, "offset": {"position": 3}}]
    alter = {"name": name, "state": "altered", "offsets": wanted}
    with pytest.raises(InvalidInput, match=r"is PAUSED.*of a STOPPED one only.*stop: true"):
        server.run(connector_offsets.OPERATION, **alter)
    changed = server.run(connector_offsets.OPERATION, **alter, stop=True)
    assert changed["changed"]
    assert changed["offsets"] == wanted
    assert server.state("a").startswith("PAUSED")
    assert not server.run(connector_offsets.OPERATION, **alter)["changed"]
    server.apply({"name": name, "state": "stopped"})
    reset = server.run(connector_offsets.OPERATION, name=name, state="reset")
    assert reset["diff"] == {"before": {"offsets": wanted}, "after": {"offsets": []}}
    assert server.state("a") == "STOPPED"


def test_offsets_that_the_connector_refuses_leave_it_as_it_was(server: Server) -> None:
    server.apply(server.source("a"))
    wanted = [{"partition": {"filename": server.file("a")}, "offset": {"position": "three"}}]
    with pytest.raises(ApiError, match="position"):
        server.run(connector_offsets.OPERATION, name=server.prefix + "a", state="altered", offsets=wanted, stop=True)
    assert server.state("a") == "RUNNING, 1/1 tasks"


def test_a_logger_is_set_once(server: Server) -> None:
    name = f"loggy.{server.prefix.strip('-')}"
    assert server.run(logger.OPERATION, loggers={name: "debug"})["changed"]
    assert not server.run(logger.OPERATION, loggers={name: "DEBUG"})["changed"]
    with pytest.raises(InvalidInput, match="has the level 'LOUD'"):
        server.run(logger.OPERATION, loggers={name: "LOUD"})


def test_a_logger_is_set_in_the_whole_cluster(server: Server) -> None:
    params = {"loggers": {f"loggy.{server.prefix.strip('-')}": "TRACE"}, "scope": "cluster"}
    if server.client.get_version() < (3, 7):
        with pytest.raises(InvalidInput, match=r"needs Kafka 3\.7"):
            server.run(logger.OPERATION, **params)
    else:
        assert server.run(logger.OPERATION, **params)["changed"]
        assert not server.run(logger.OPERATION, **params)["changed"]


def test_plugins_are_found_by_class_version_and_type(server: Server) -> None:
    (worker,) = server.run(plugin_info.OPERATION, wait_timeout=60)["workers"]
    (source,) = [one for one in worker["plugins"] if one["class"].endswith("FileStreamSourceConnector")]
    wanted = [
        {"class": "FileStreamSource", "version": source["version"], "type": "source"},
        {"class": "FileStreamSource", "type": "sink"},
        {"class": "FileStreamSource", "version": "0.0.1"},
        {"class": "com.acme.Nope"},
    ]
    missing = server.run(plugin_info.OPERATION, classes=wanted)["missing"]
    found = [f"source {source['version']}"]
    assert [(one["class"], one["found"]) for one in missing] == [
        ("FileStreamSource", found),
        ("FileStreamSource", found),
        ("com.acme.Nope", []),
    ]
    with pytest.raises(NotReady, match=r"Plug-ins are missing:\n- http.* lacks com.acme.Nope: it has no plug-in"):
        server.run(plugin_info.OPERATION, classes=wanted[3:], require=True)


def test_topics_and_offsets_are_shown_on_request(server: Server) -> None:
    server.apply(server.source("a"))
    (shown,) = server.run(connector_info.OPERATION, names=[server.prefix + "a"], topics=True, offsets=True)[
        "connectors"
    ]
    assert shown["offsets"] == []
    assert isinstance(shown["topics"], list)
    assert server.run(connector_info.OPERATION, names=["no-such"])["missing"] == ["no-such"]
