"""What the roles kafka and connect apply on a cluster, against the schemas that Strimzi publishes, old and new."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.schema import problems

from tests.unit.run_play import run_play_well

ROOT = Path(__file__).resolve().parents[3]
VENDOR = Path(os.environ.get("LOGGY_VENDOR_DIR") or ROOT.parent / "shared" / "vendor")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NEW, OLD = "kafka.strimzi.io/v1", "kafka.strimzi.io/v1beta2"
RELEASES = {NEW: "1.2.0", OLD: "0.45.2"}

BUILD = {
    "connect_plugins_method": "build",
    "connect_plugins_output": {"type": "docker", "image": "registry.example.com/connect:1"},
    "connect_plugins": [
        {
            "name": "sink",
            "artifacts": [{"url": "https://example.com/sink.jar", "checksum": f"sha512:{'a1' * 64}"}],
        }
    ],
}
VARIANTS: dict[str, dict[str, Any]] = {
    "small": {"loggy_strimzi_api": NEW},
    "production": {"loggy_strimzi_api": NEW, "kafka_profile": "production", "connect_replicas": 3},
    "watched": {"loggy_strimzi_api": NEW, "monitoring_enabled": True, "connect_spec": {"logging": {"type": "inline"}}},
    "built": {"loggy_strimzi_api": NEW, **BUILD},
    "old": {"loggy_strimzi_api": OLD},
    "zookeeper": {"loggy_strimzi_api": OLD, "kafka_mode": "zookeeper", "kafka_profile": "production"},
}
SHARED = {"loggy_platform": "kubernetes", "connect_plugins_image": "example.com/connect:1"}


def role(name: str, tasks_from: str) -> dict[str, Any]:
    return {"ansible.builtin.import_role": {"name": f"loggy.pipeline.{name}", "tasks_from": tasks_from}}


def tasks(folder: Path, name: str) -> list[dict[str, Any]]:
    variables = {**SHARED, **VARIANTS[name]}
    content = "{{ (_kafka_objects + _kafka_topic_objects + _connect_objects) | to_json }}"
    return [
        {**role("connect_plugins", "kubernetes"), "vars": variables},
        {"ansible.builtin.copy": {"content": content, "dest": str(folder / name)}, "vars": variables},
    ]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("objects")
    (folder / "templates").mkdir()
    for template in (*ROOT.glob("roles/kafka/templates/*.yml.j2"), *ROOT.glob("roles/connect/templates/*.yml.j2")):
        # Outside of a role's own tasks, lookups search beside the play.
        (folder / "templates" / template.name).symlink_to(template)
    # Those that render nothing bring the roles' variables.
    play = {
        "tasks": [
            {**role(name, "main"), "when": False} for name in ("kafka", "connect", "connect_plugins", "connectors")
        ]
        + [task for name in VARIANTS for task in tasks(folder, name)],
    }
    run_play_well(folder, play)
    return {name: json.loads((folder / name).read_text(encoding="utf-8")) for name in VARIANTS}


@lru_cache
def definitions(release: str) -> dict[str, dict[str, Any]]:
    files = sorted((VENDOR / f"strimzi-{release}").glob("*-Crd-*.yaml"))
    if not files:
        pytest.skip("there are no published schemas: set LOGGY_VENDOR_DIR")
    found = [yaml.load(file.read_text(encoding="utf-8"), LOADER) for file in files]
    return {one["spec"]["names"]["kind"]: one for one in found}


def schema_for(one: dict[str, Any]) -> dict[str, Any]:
    definition = definitions(RELEASES[one["apiVersion"]])[one["kind"]]
    (version,) = [v for v in definition["spec"]["versions"] if v["name"] == one["apiVersion"].rpartition("/")[2]]
    schema: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    return schema


def of(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in objects if one["kind"] == kind]


@pytest.mark.parametrize("name", VARIANTS)
def test_each_resource_fits_the_published_schema(rendered: dict[str, list[dict[str, Any]]], name: str) -> None:
    resources = [one for one in rendered[name] if "strimzi.io" in one["apiVersion"]]
    found = [f"{one['kind']} {problem}" for one in resources for problem in problems(one, schema_for(one), {})]
    assert found == []
    assert {"Kafka", "KafkaTopic", "KafkaConnect"} <= {one["kind"] for one in resources}


def test_a_misspelt_field_would_be_found(rendered: dict[str, list[dict[str, Any]]]) -> None:
    (kafka,) = of(rendered["small"], "Kafka")
    broken = {**kafka, "spec": {"kafka": {**kafka["spec"]["kafka"], "listners": []}}}
    assert problems(broken, schema_for(kafka), {}) == [
        "spec.kafka.listners: there is no such field; did you mean listeners?"
    ]


@pytest.mark.parametrize("name", VARIANTS)
def test_each_object_is_marked_as_ours(rendered: dict[str, list[dict[str, Any]]], name: str) -> None:
    for one in rendered[name]:
        labels = one["metadata"]["labels"]
        assert labels["app.kubernetes.io/managed-by"] == "loggy.pipeline"
        assert labels["app.kubernetes.io/component"] in ("kafka", "kafka-topics", "connect")


def test_the_topic_keeps_its_name(rendered: dict[str, list[dict[str, Any]]]) -> None:
    (topic,) = of(rendered["small"], "KafkaTopic")
    assert topic["spec"]["topicName"] == "output_tag"
    assert "_" not in topic["metadata"]["name"]


def test_production_is_encrypted_knows_its_users_and_survives_a_node(rendered: dict[str, list[dict[str, Any]]]) -> None:
    objects = rendered["production"]
    (kafka,) = of(objects, "Kafka")
    assert all(one["tls"] and one["authentication"] for one in kafka["spec"]["kafka"]["listeners"])
    assert kafka["spec"]["kafka"]["authorization"] == {"type": "simple"}
    assert kafka["spec"]["kafka"]["config"]["min.insync.replicas"] == 2
    assert [pool["spec"]["replicas"] for pool in of(objects, "KafkaNodePool")] == [3, 3]
    (connect,) = of(objects, "KafkaConnect")
    assert connect["spec"]["bootstrapServers"].endswith(":9093")
    users = {user["metadata"]["name"] for user in of(objects, "KafkaUser")}
    assert connect["spec"]["authentication"]["username"] in users
    assert connect["spec"]["config"]["offset.storage.replication.factor"] == 3


def test_the_forward_port_is_open_to_the_collector_and_to_nobody_else(
    rendered: dict[str, list[dict[str, Any]]],
) -> None:
    (service,) = of(rendered["small"], "Service")
    (policy,) = of(rendered["small"], "NetworkPolicy")
    assert service["spec"]["selector"] == policy["spec"]["podSelector"]["matchLabels"]
    (forward,) = [rule for rule in policy["spec"]["ingress"] if "from" in rule]
    assert [port["port"] for port in forward["ports"]] == [service["spec"]["ports"][0]["targetPort"]] == [24224]
    others = [port["port"] for rule in policy["spec"]["ingress"] if "from" not in rule for port in rule["ports"]]
    assert 24224 not in others
    assert 8083 in others


def test_plug_ins_come_as_an_image_or_are_built(rendered: dict[str, list[dict[str, Any]]]) -> None:
    (ready,) = of(rendered["small"], "KafkaConnect")
    assert ready["spec"]["image"] == "example.com/connect:1"
    assert "build" not in ready["spec"]
    (built,) = of(rendered["built"], "KafkaConnect")
    assert built["spec"]["build"]["plugins"][0]["artifacts"][0]["type"] == "jar"
    assert "image" not in built["spec"]


def test_zookeeper_is_one_resource(rendered: dict[str, list[dict[str, Any]]]) -> None:
    (kafka,) = of(rendered["zookeeper"], "Kafka")
    assert kafka["spec"]["zookeeper"]["replicas"] == 3
    assert of(rendered["zookeeper"], "KafkaNodePool") == []
    (connect,) = of(rendered["zookeeper"], "KafkaConnect")
    assert connect["spec"]["config"]["config.storage.topic"] == "loggy-connect-configs"
    assert "groupId" not in connect["spec"]
