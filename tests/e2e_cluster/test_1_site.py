# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pipeline on a cluster, from nothing to nothing: built, verified, changed piece by piece, and taken out again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster import node, pipeline_images
from tests.e2e_cluster.conftest import NAMESPACE
from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e

# What a cluster makes by itself, or counts.
NOISE = {"events", "events.events.k8s.io", "leases.coordination.k8s.io", "endpoints", "componentstatuses"}


def kubectl(*words: str) -> Any:
    return json.loads(node.kubectl(*words, "-o", "json"))


def objects() -> set[str]:
    """Every object of the cluster that somebody made, as kind, namespace and name; pods by their owners."""
    kinds = set(node.kubectl("api-resources", "--verbs=list", "-o", "name").split())
    wanted = ",".join(sorted(kind for kind in kinds - NOISE if not kind.endswith("metrics.k8s.io")))
    found = kubectl("get", wanted, "--all-namespaces", "--ignore-not-found")
    return {
        f"{one['kind']} {one['metadata'].get('namespace', '')}/{one['metadata']['name']}"
        for one in found["items"]
        if one["kind"] not in ("Pod", "ControllerRevision", "EndpointSlice")
        if one["metadata"].get("namespace") != "default"
    }


def of_fluentd() -> dict[str, Any]:
    """The collector's own: what its ConfigMap holds, and its pods' template without what Kubernetes adds."""
    template = kubectl("-n", "logging", "get", "daemonset", "logging-fluentd")["spec"]["template"]
    template["metadata"].pop("creationTimestamp", None)
    template["metadata"]["annotations"] = template["metadata"].get("annotations") or {}
    return {"data": kubectl("-n", "logging", "get", "configmap", "logging-fluentd")["data"], "template": template}


@pytest.fixture(scope="module")
def before(pipeline: Pipeline) -> tuple[set[str], dict[str, Any]]:
    return objects(), of_fluentd()


@pytest.fixture(scope="module")
def built(pipeline: Pipeline, before: object) -> Iterator[Pipeline]:
    pipeline.playbook("site").expect_success()
    yield pipeline
    pipeline.playbook("purge")


def test_check_mode_on_an_empty_cluster_tells_what_it_would_make_and_makes_nothing(
    pipeline: Pipeline, before: tuple[set[str], dict[str, Any]]
) -> None:
    run = pipeline.playbook("site", "--check", "--diff").expect_success()
    assert run.changed > 0
    assert "Would make: Kafka my-cluster" in run.words
    assert (objects(), of_fluentd()) == before


def test_loggy_arrives_through_the_pods_log_the_topic_and_the_index(built: Pipeline) -> None:
    run = built.playbook("verify-loggy").expect_success()
    assert "Loggy arrived." in run.output
    report = json.loads(next(iter_reports(built)).read_text(encoding="utf-8"))
    assert [stop["name"] for stop in report["stops"]] == ["application", "topic", "index"]
    assert [stop["seen"] for stop in report["stops"]] == [101, 101, 101]
    assert kubectl("-n", NAMESPACE, "get", "jobs")["items"] == []


def iter_reports(built: Pipeline) -> Iterator[Any]:
    from pathlib import Path

    return Path(built.variables["loggy_report_dir"]).glob("commute.json")


def test_a_second_run_changes_nothing(built: Pipeline) -> None:
    assert built.playbook("site").expect_success().changed == 0
    assert built.playbook("site", "--check").expect_success().changed == 0


@pytest.mark.parametrize(
    ("variables", "kind", "name"),
    [
        (
            {"kafka_topics": [{"name": "output_tag", "partitions": 4, "replication_factor": 1}]},
            "kafkatopic",
            "output-tag",
        ),
        ({"connectors_settings": {"elasticsearch_sink": {"batch.size": 500}}}, "", ""),
        ({"connect_plugins_image": f"{pipeline_images.CONNECT}:2"}, "kafkaconnect", "my-connect-cluster"),
    ],
    ids=["topic", "connector", "plug_in"],
)
def test_a_changed_part_changes_just_that(built: Pipeline, variables: dict[str, Any], kind: str, name: str) -> None:
    before = generations()
    built.variables.update(variables)
    assert built.playbook("site", "--check").expect_success().changed == 1
    assert generations() == before
    assert built.playbook("site").expect_success().changed == 1
    changed = {key for key, generation in generations().items() if before.get(key) != generation}
    assert all(key.startswith(f"{kind}/{name}") for key in changed)
    assert bool(changed) == bool(kind)
    assert built.playbook("site").expect_success().changed == 0


def generations() -> dict[str, int]:
    """Of the pipeline's resources: what was asked for, and not what their controllers say of it."""
    kinds = "kafkas,kafkanodepools,kafkatopics,kafkaconnects,services,networkpolicies"
    found = kubectl("-n", NAMESPACE, "get", kinds, "-l", "app.kubernetes.io/managed-by=loggy.pipeline")["items"]
    return {f"{one['kind'].lower()}/{one['metadata']['name']}": one["metadata"].get("generation", 0) for one in found}


def test_loggy_arrives_after_the_changes(built: Pipeline) -> None:
    assert "Loggy arrived." in built.playbook("verify-loggy").expect_success().output


def test_purge_tells_what_it_would_take_out_and_then_leaves_the_cluster_as_it_was(
    built: Pipeline, before: tuple[set[str], dict[str, Any]]
) -> None:
    there = objects()
    assert built.playbook("purge", "--check", "--diff").expect_success().changed > 0
    assert objects() == there
    built.playbook("purge").expect_success()
    assert (objects(), of_fluentd()) == before
    assert built.playbook("purge").expect_success().changed == 0
