"""Which hosts the collector, the canary and verification send to: with several workers, each by its own name."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.unit.run_play import ROOT, run_play_well

SERVICE = "src-connector.loggy.svc"
CLUSTER = {"loggy_platform": "kubernetes", "fluentd_deployed": False}
# Numbers as a command line hands them over, too.
VARIANTS: dict[str, dict[str, Any]] = {
    "one": CLUSTER,
    "three": {**CLUSTER, "connect_replicas": "3"},
    "spec": {**CLUSTER, "connect_replicas": 1, "connect_spec": {"replicas": 2}},
    "spec-one": {**CLUSTER, "connect_replicas": 3, "connect_spec": {"replicas": 1}},
    "named": {**CLUSTER, "connect_replicas": 2, "loggy_connect_name": "c", "loggy_namespace": "n"},
    "given": {**CLUSTER, "connect_replicas": 3, "loggy_forward_host": "mine.example.com"},
    "list": {**CLUSTER, "loggy_forward_hosts": ["a.example.com", "b.example.com"]},
    "local": {"loggy_platform": "local", "fluentd_deployed": False, "connect_replicas": 3},
}
SHOWN = {
    "hosts": ({}, "loggy_forward_hosts"),
    "stores": ({}, "_fluentd_files"),
    "flow": ({"fluentd_kind": "logging_operator"}, "_fluentd_objects"),
    "fluent": ({"fluentd_kind": "fluent_operator"}, "_fluentd_objects"),
    "five": (
        {"fluentd_kind": "cluster_log_forwarder", "_fluentd_forwarder_api": "logging.openshift.io/v1"},
        "_fluentd_forwarder",
    ),
    "canary": ({}, "_canary_entry"),
}


def workers(count: int, connect: str = "my-connect-cluster", namespace: str = "loggy") -> list[str]:
    return [f"{connect}-connect-{number}.{connect}-connect.{namespace}.svc" for number in range(count)]


HOSTS = {
    "one": [SERVICE],
    "three": workers(3),
    "spec": workers(2),
    "spec-one": [SERVICE],
    "named": workers(2, "c", "n"),
    "given": ["mine.example.com"],
    "list": ["a.example.com", "b.example.com"],
    "local": ["127.0.0.1"],
}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What is shown, by its name, of each variant."""
    folder = tmp_path_factory.mktemp("hosts")
    (folder / "templates").symlink_to(ROOT / "roles/fluentd/templates")
    roles = ("fluentd", "canary")
    tasks: list[dict[str, Any]] = [
        {"ansible.builtin.import_role": {"name": f"loggy.pipeline.{role}"}, "when": False} for role in roles
    ]
    for name, variables in VARIANTS.items():
        for shown, (given, content) in SHOWN.items():
            copy = {"content": f"{{{{ {content} | to_json }}}}", "dest": str(folder / f"{name}.{shown}")}
            tasks.append({"ansible.builtin.copy": copy, "vars": {**variables, **given}})
    run_play_well(folder, {"tasks": tasks})
    return {
        name: {shown: json.loads((folder / f"{name}.{shown}").read_text(encoding="utf-8")) for shown in SHOWN}
        for name in VARIANTS
    }


@pytest.mark.parametrize("name", VARIANTS)
def test_each_worker_is_tried_by_its_own_name(rendered: dict[str, dict[str, Any]], name: str) -> None:
    assert rendered[name]["hosts"] == HOSTS[name]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_forward_collector_has_a_server_for_each_host(rendered: dict[str, dict[str, Any]], name: str) -> None:
    (one,) = rendered[name]["stores"]
    assert re.findall(r"<server>\n    host (\S+)\n    port 24224\n  </server>", one["store"]) == HOSTS[name]
    flow, fluent = rendered[name]["flow"][0], rendered[name]["fluent"][0]
    assert flow["spec"]["forward"]["servers"] == [{"host": host, "port": 24224} for host in HOSTS[name]]
    servers = [{"host": host, "port": "24224"} for host in HOSTS[name]]
    assert fluent["spec"]["outputs"][0]["forward"]["servers"] == servers


@pytest.mark.parametrize("name", VARIANTS)
def test_a_server_that_says_nothing_does_not_hold_up_the_others(rendered: dict[str, dict[str, Any]], name: str) -> None:
    (one,) = rendered[name]["stores"]
    assert "\n  connect_timeout 5\n" in one["store"]
    assert rendered[name]["flow"][0]["spec"]["forward"]["connect_timeout"] == 5
    assert rendered[name]["fluent"][0]["spec"]["outputs"][0]["forward"]["connectTimeout"] == "5s"


def test_logging_5_takes_one_address_and_keeps_the_service(rendered: dict[str, dict[str, Any]]) -> None:
    assert rendered["three"]["five"]["outputs"][0]["url"] == f"tcp://{SERVICE}:24224"
    assert rendered["given"]["five"]["outputs"][0]["url"] == "tcp://mine.example.com:24224"


@pytest.mark.parametrize("name", VARIANTS)
def test_who_sends_without_a_collector_tries_each_too(rendered: dict[str, dict[str, Any]], name: str) -> None:
    forward = rendered[name]["canary"]["forward"]
    assert [forward["host"], *forward["other_hosts"]] == HOSTS[name]
