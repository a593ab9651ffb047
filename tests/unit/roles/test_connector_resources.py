"""What the role connectors makes of its variables as resources, against the schemas that Strimzi publishes."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.options import read_desired
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.schema import problems
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.connectors import (
    ANNOTATION,
    Seen,
    Target,
    Wish,
    plan,
)

from tests.unit.run_play import run_play_well

ROOT = Path(__file__).resolve().parents[3]
VENDOR = Path(os.environ.get("LOGGY_VENDOR_DIR") or ROOT.parent / "shared" / "vendor")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NEW, OLD = "kafka.strimzi.io/v1", "kafka.strimzi.io/v1beta2"
RELEASES = {NEW: "1.2.0", OLD: "0.45.2"}
TASKS = ROOT / "roles" / "connectors" / "tasks"
EVERY = ["forward_source", "elasticsearch_sink", "fluentd_source", "fluentd_sink"]
EVERY += ["confluent_elasticsearch_sink", "aiven_opensearch_sink"]
VARIABLES = {
    "loggy_platform": "kubernetes",
    "loggy_strimzi_api": NEW,
    "connectors_api": "resources",
    "connectors_use": EVERY,
    "loggy_elasticsearch_urls": ["http://elasticsearch:9200"],
}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("connectors")
    content = (
        "{{ {'connectors': connectors, 'labels': loggy_labels, 'connect': _connectors_annotation, 'timeout': "
        "connectors_wait_timeout, 'rest': _connectors_rest} | to_json }}"
    )
    play = {
        "tasks": [
            {"ansible.builtin.import_role": {"name": "loggy.pipeline.connectors"}, "when": False},
            {"ansible.builtin.copy": {"content": content, "dest": str(folder / "found")}, "vars": VARIABLES},
        ],
    }
    run_play_well(folder, play)
    found: dict[str, Any] = json.loads((folder / "found").read_text(encoding="utf-8"))
    return found


@lru_cache
def schema(api: str) -> dict[str, Any]:
    file = VENDOR / f"strimzi-{RELEASES[api]}" / "047-Crd-kafkaconnector.yaml"
    if not file.is_file():
        pytest.skip("there are no published schemas: set LOGGY_VENDOR_DIR")
    versions = yaml.load(file.read_text(encoding="utf-8"), LOADER)["spec"]["versions"]
    (version,) = [one for one in versions if one["name"] == api.rpartition("/")[2]]
    found: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    return found


def objects(rendered: dict[str, Any], api: str) -> list[dict[str, Any]]:
    connectors = [{"state": "running", **one} for one in rendered["connectors"]]
    target = Target("my-connect-cluster", "loggy", api, rendered["labels"])
    return list(plan(read_desired({"connectors": connectors}), Seen(True, {}), target, Wish()).objects)


@pytest.mark.parametrize("api", [NEW, OLD])
def test_each_definition_of_the_role_fits_the_published_schema(rendered: dict[str, Any], api: str) -> None:
    made = objects(rendered, api)
    assert len(made) == len(EVERY)
    assert [problem for one in made for problem in problems(one, schema(api), {})] == []


def test_a_misspelt_field_would_be_found(rendered: dict[str, Any]) -> None:
    broken = objects(rendered, NEW)[0]
    broken["spec"]["taskMax"] = 1
    assert problems(broken, schema(NEW), {}) == ["spec.taskMax: there is no such field; did you mean tasksMax?"]


def test_each_keeps_its_name_and_what_connect_takes_as_its_config(rendered: dict[str, Any]) -> None:
    for declared, made in zip(rendered["connectors"], objects(rendered, NEW), strict=True):
        assert made["metadata"]["name"] == declared["name"]
        assert made["spec"]["class"] == declared["config"]["connector.class"]
        assert made["spec"]["config"].keys() == declared["config"].keys() - {"connector.class", "tasks.max", "name"}
        assert all(isinstance(value, str) for value in made["spec"]["config"].values())


def test_the_annotation_is_patched_alone(rendered: dict[str, Any]) -> None:
    """The role connect applies the rest, and by another field manager: it neither sets the annotation nor drops it."""
    assert rendered["connect"] == {
        "apiVersion": NEW,
        "kind": "KafkaConnect",
        "metadata": {"name": "my-connect-cluster", "namespace": "loggy"},
    }
    assert ANNOTATION not in (ROOT / "roles" / "connect" / "templates" / "objects.yml.j2").read_text(encoding="utf-8")
    assert rendered["rest"]["kubernetes"]["service"] == "my-connect-cluster-connect-api"


def test_the_operator_gets_its_two_minutes(rendered: dict[str, Any]) -> None:
    assert int(rendered["timeout"]) > 2 * 120


def order(file: str, *actions: str) -> list[int]:
    """Where the tasks are, by what they say first."""
    text = yaml.safe_dump(yaml.safe_load((TASKS / file).read_text(encoding="utf-8")), sort_keys=False)
    places = [text.find(action) for action in actions]
    assert -1 not in places, (file, actions, places)
    return places


@pytest.mark.parametrize(
    ("file", "actions"),
    [
        ("resources.yml", ["strimzi_connector_objects_info", "tasks_from: objects", "annotate.yml", "objects_absent"]),
        ("annotate.yml", ["strimzi_connector_objects_info", "kubernetes.core.k8s"]),
        ("release.yml", ["strimzi_connector_objects_info", "kubernetes.core.k8s", "state: released", "objects_absent"]),
    ],
)
def test_what_would_delete_a_connector_comes_last(file: str, actions: list[str]) -> None:
    places = order(file, *actions)
    assert places == sorted(places)
