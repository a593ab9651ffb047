# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pipeline on a cluster, from nothing to nothing: built, verified, changed piece by piece, and taken out again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import pipeline_images
from tests.e2e_cluster.objects import all_objects, collector, generations, kubectl
from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e


STRAY = {
    "name": "stray",
    "config": {
        "connector.class": "org.apache.kafka.connect.mirror.MirrorHeartbeatConnector",
        "tasks.max": 1,
        "source.cluster.alias": "here",
        "target.cluster.alias": "there",
        "target.cluster.bootstrap.servers": "my-cluster-kafka-bootstrap:9092",
        "source.cluster.bootstrap.servers": "my-cluster-kafka-bootstrap:9092",
        "heartbeats.topic.replication.factor": 1,
    },
}


def test_check_mode_on_an_empty_cluster_tells_what_it_would_make_and_makes_nothing(
    pipeline: Pipeline, before: tuple[set[str], dict[str, Any]]
) -> None:
    run = pipeline.playbook("site", "--check", "--diff").expect_success()
    assert run.changed > 0
    assert "Would make: KafkaNodePool dual, Kafka my-cluster." in run.words
    assert (all_objects(), collector()) == before


def test_a_cluster_without_strimzi_is_named_as_one(pipeline: Pipeline, before: tuple[set[str], dict[str, Any]]) -> None:
    run = pipeline.playbook("site", cluster_operator_source="present", loggy_namespace="logging").expect_failure()
    assert "serves no Kafka of kafka.strimzi.io" in run.output
    assert "cluster_operator" in run.words
    assert (all_objects(), collector()) == before


def test_loggy_arrives_through_the_pods_log_the_topic_and_the_index(built: Pipeline) -> None:
    run = built.playbook("verify-loggy").expect_success()
    assert "Loggy arrived." in run.output
    report = json.loads((Path(built.variables["loggy_report_dir"]) / "commute.json").read_text(encoding="utf-8"))
    assert [stop["name"] for stop in report["stops"]] == ["application", "topic", "index"]
    assert [stop["found"] for stop in report["stops"]] == [101, 101, 101]
    assert kubectl("-n", "loggy", "get", "jobs")["items"] == []


def test_a_second_run_changes_nothing(built: Pipeline) -> None:
    assert built.playbook("site").expect_success().changed == 0
    assert built.playbook("site", "--check").expect_success().changed == 0


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        (
            {"kafka_topics": [{"name": "output_tag", "partitions": 4, "replication_factor": 1}]},
            "KafkaTopic/output-tag",
        ),
        ({"connectors_settings": {"elasticsearch_sink": {"bulk.max.documents": 500}}}, ""),
        ({"connect_plugins_image": f"{pipeline_images.CONNECT}:2"}, "KafkaConnect/my-connect-cluster"),
    ],
    ids=["topic", "connector", "plug_in"],
)
def test_a_changed_part_changes_just_that(built: Pipeline, changes: dict[str, Any], part: str) -> None:
    before = generations("loggy")
    built.variables.update(changes)
    assert built.playbook("site").expect_success().changed == 1
    changed = {key for key, generation in generations("loggy").items() if before.get(key) != generation}
    assert all(key.startswith(part) for key in changed)
    assert bool(changed) == bool(part)


def test_after_the_changes_a_run_changes_nothing_and_loggy_arrives(built: Pipeline) -> None:
    assert built.playbook("site").expect_success().changed == 0
    assert "Loggy arrived." in built.playbook("verify-loggy").expect_success().output


def test_check_mode_tells_of_a_change_and_makes_none(built: Pipeline) -> None:
    before = generations("loggy")
    assert built.playbook("site", "--check", kafka_settings={"log.retention.hours": 5}).expect_success().changed == 1
    assert generations("loggy") == before


def test_no_connector_is_deleted_by_the_switch_to_resources_and_back(built: Pipeline) -> None:
    declared = "{{ connectors_use | map('extract', connectors_definitions) | list + [stray] }}"
    built.playbook("site", connectors=declared, stray=STRAY).expect_success()
    refused = built.playbook("site", connectors_api="resources").expect_failure()
    assert "stray" in refused.error
    adopting = {"connectors_api": "resources", "connectors_adopt": True}
    assert built.playbook("site", **adopting).expect_success().changed > 0
    names = {one["metadata"]["name"] for one in kubectl("-n", "loggy", "get", "kafkaconnectors")["items"]}
    assert names == {"loggy-forward-source", "loggy-elasticsearch-sink", "stray"}
    assert built.playbook("site", **adopting).expect_success().changed == 0
    # The resources go, and the connectors run on: they are the operator's no more.
    assert built.playbook("site").expect_success().changed > 0
    assert kubectl("-n", "loggy", "get", "kafkaconnectors")["items"] == []
    gone = {"name": "stray", "state": "absent"}
    assert built.playbook("site", connectors=declared, stray=gone).expect_success().changed == 1
