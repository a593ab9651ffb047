# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collector's ConfigMap on the shared pipeline: what is refused, what is rolled back, and logs of operations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster import node
from tests.e2e_cluster.objects import all_objects, collector, generations, kubectl
from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e

OPERATIONS = "output-ops-extra-kafka.conf"
APPLICATIONS = "output-extra-kafka.conf"
# The collector's own configuration is mounted there, and nobody can write to it.
NO_BUFFERS = "/etc/fluent/configs.d/user/buffers"
CHATTY = {
    "name": "chatty",
    "config": {"connector.class": "org.fluentd.kafka.FluentdSinkConnector", "topics": "output_tag"},
}


@pytest.fixture
def broken_neighbour(built: Pipeline) -> Iterator[None]:
    """Somebody has written a file beside ours that the running pods have not read yet."""
    key = "output-extra-neighbour.conf"
    for text in ("<store>\n  @type nowhere\n</store>\n", None):
        body = json.dumps({"data": {key: text}})
        node.kubectl("-n", "logging", "patch", "configmap", "logging-fluentd", "--type=merge", "-p", body)
        if text:
            yield


def what_is_there() -> tuple[dict[str, Any], set[str]]:
    """The collector's configuration, and pods and ConfigMaps of its namespace, each in this one life of it."""
    found = kubectl("-n", "logging", "get", "pods,configmaps")["items"]
    left = {f"{one['kind']}/{one['metadata']['name']}/{one['metadata']['uid']}" for one in found if is_there(one)}
    return collector(), left


def is_there(one: dict[str, Any]) -> bool:
    return "deletionTimestamp" not in one["metadata"]


def test_a_configuration_that_fluentd_refuses_changes_nothing(built: Pipeline, broken_neighbour: None) -> None:
    before = what_is_there()
    run = built.playbook("site", fluentd_flush_interval=2).expect_failure()
    assert "Nothing was changed: Fluentd refuses the configuration (exit code 1)." in run.error
    assert "Unknown output plugin 'nowhere'" in run.words
    assert what_is_there() == before


def test_a_configuration_that_no_pod_comes_up_with_is_rolled_back(built: Pipeline) -> None:
    before = collector()
    run = built.playbook("site", fluentd_buffer_dir=NO_BUFFERS).expect_failure()
    assert "DaemonSet logging-fluentd in namespace logging: pod logging-fluentd-" in run.error
    assert "Keys and annotation are as they were, and the pods run with them." in run.words
    assert f"Read-only file system: '{NO_BUFFERS}" in run.words
    assert collector() == before
    (pod,) = kubectl("-n", "logging", "get", "pods", "-l", "app=logging-fluentd")["items"]
    assert pod["metadata"].get("annotations") == before["template"]["metadata"]["annotations"]
    assert built.playbook("site").expect_success().changed == 0


def test_the_next_good_configuration_changes_its_key_alone_and_loggy_arrives(built: Pipeline) -> None:
    before = collector()["data"]
    built.variables["fluentd_flush_interval"] = 2
    assert built.playbook("site").expect_success().changed == 1
    after = collector()["data"]
    assert changed(before, after) == {APPLICATIONS}
    assert "flush_interval 2s" in after[APPLICATIONS]
    assert "Loggy arrived." in built.playbook("verify-loggy").expect_success().output


def test_logs_of_operations_are_one_more_key_which_goes_when_it_is_declared_no_more(built: Pipeline) -> None:
    before = collector()["data"]
    with_operations: dict[str, Any] = {"fluentd_configmap_ops_key": OPERATIONS}
    assert built.playbook("site", **with_operations).expect_success().changed == 1
    assert changed(before, collector()["data"]) == {OPERATIONS}
    assert "@id loggy_operations" in collector()["data"][OPERATIONS]
    assert built.playbook("site", **with_operations).expect_success().changed == 0
    assert built.playbook("site").expect_success().changed == 1
    assert collector()["data"] == before


def test_a_connector_that_would_be_fed_its_own_log_is_refused_before_anything_is_sent(built: Pipeline) -> None:
    before = all_objects(), collector(), generations("loggy")
    declared = "{{ connectors_use | map('extract', connectors_definitions) | list + [chatty] }}"
    changes: dict[str, Any] = {"kafka_settings": {"log.retention.hours": 7}, "connectors": declared, "chatty": CHATTY}
    run = built.playbook("site", **changes).expect_failure()
    assert "chatty logs every record that it gets: it would be fed its own log without end" in run.error
    assert run.changed == 0
    assert (all_objects(), collector(), generations("loggy")) == before


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
