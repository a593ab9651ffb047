"""What the role fluentd sends to the operators of collectors, against their published schemas, and what it refuses."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.schema import problems

from tests.unit.cluster_logging.collectors import FORWARDERS, OBJECTS, REFUSED, ROOT, Object, play

VENDOR = Path(os.environ.get("LOGGY_VENDOR_DIR") or ROOT.parent / "shared" / "vendor")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return play(tmp_path_factory.mktemp("collectors"))


@lru_cache
def definitions() -> dict[tuple[str, str], Object]:
    """Each kind's schema."""
    files = sorted((VENDOR / "crds").glob("*.yaml"))
    if not files:
        pytest.skip("there are no published schemas: set LOGGY_VENDOR_DIR")
    found: dict[tuple[str, str], Object] = {}
    for file in files:
        spec = yaml.load(file.read_text(encoding="utf-8"), LOADER)["spec"]
        for version in spec["versions"]:
            about = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
            found[about] = version["schema"]["openAPIV3Schema"]
    return found


def problems_of(one: Object) -> list[str]:
    schema = definitions().get((one["apiVersion"], one["kind"]))
    if schema is None:
        pytest.skip(f"the schema of {one['kind']} of {one['apiVersion']} is not among the published ones")
    return problems(one, schema, {})


def as_forwarder(parts: Object, api_version: str) -> Object:
    """Whole, with what it replaces in it."""
    inputs = (parts["inputs"] or []) + ([parts["replaces"]["input"]] if "replaces" in parts else [])
    is_new = api_version.startswith("observability")
    account = {"serviceAccount": {"name": "collector"}} if is_new else {"serviceAccountName": "collector"}
    spec = {**account, **parts, "inputs": inputs}
    spec.pop("replaces", None)
    return {"apiVersion": api_version, "kind": "ClusterLogForwarder", "spec": spec}


def of(objects: list[Object], kind: str) -> Object:
    (found,) = [one for one in objects if one["kind"] == kind]
    return found


@pytest.mark.parametrize("name", FORWARDERS)
def test_a_forwarder_fits_the_published_schema(rendered: dict[str, Any], name: str) -> None:
    assert problems_of(as_forwarder(rendered[name], FORWARDERS[name]["_fluentd_forwarder_api"])) == []


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("kind", [0, 1, 2])
def test_an_object_fits_the_published_schema(rendered: dict[str, Any], name: str, kind: int) -> None:
    for one in rendered[name][kind : kind + 1]:
        assert problems_of(one) == []


def test_a_misspelt_field_would_be_found(rendered: dict[str, Any]) -> None:
    flow = of(rendered["flow"], "ClusterFlow")
    broken = {**flow, "spec": {**flow["spec"], "globalOutputRef": ["x"]}}
    assert problems_of(broken) == ["spec.globalOutputRef: there is no such field; did you mean globalOutputRefs?"]


@pytest.mark.parametrize("name", OBJECTS)
def test_each_object_is_marked_as_ours(rendered: dict[str, Any], name: str) -> None:
    for one in rendered[name]:
        labels = one["metadata"]["labels"]
        assert labels["app.kubernetes.io/managed-by"] == "loggy.pipeline"
        assert labels["app.kubernetes.io/component"] == "fluentd"


@pytest.mark.parametrize("name", FORWARDERS)
def test_a_forwarder_s_pipeline_has_its_own_inputs_and_outputs(rendered: dict[str, Any], name: str) -> None:
    parts = rendered[name]
    (pipeline,) = parts["pipelines"]
    assert pipeline["outputRefs"] == [one["name"] for one in parts["outputs"]] == ["loggy"]
    assert set(pipeline["inputRefs"]) - {"infrastructure", "audit"} == {one["name"] for one in parts["inputs"]}


def test_logging_6_writes_to_kafka_and_loses_nothing(rendered: dict[str, Any]) -> None:
    (output,) = rendered["six"]["outputs"]
    assert output["kafka"] == {
        "brokers": ["tcp://my-cluster-kafka-bootstrap.loggy.svc:9092"],
        "topic": "output_tag",
        "tuning": {"deliveryMode": "AtLeastOnce"},
    }
    (secure,) = rendered["six-secure"]["outputs"]
    assert secure["kafka"]["brokers"] == ["tls://my-cluster-kafka-bootstrap.loggy.svc:9093"]
    assert secure["kafka"]["authentication"]["sasl"]["password"] == {"secretName": "loggy-collector", "key": "password"}


def test_logging_5_sends_to_the_source_connector_or_to_kafka(rendered: dict[str, Any]) -> None:
    (output,) = rendered["five"]["outputs"]
    assert output == {"name": "loggy", "type": "fluentdForward", "url": "tcp://src-connector.loggy.svc:24224"}
    (secure,) = rendered["five-secure"]["outputs"]
    assert secure["url"] == "tls://my-cluster-kafka-bootstrap.loggy.svc:9093/output_tag"
    assert secure["secret"] == {"name": "loggy-collector"}


@pytest.mark.parametrize("name", ["six", "five"])
def test_a_forwarder_leaves_the_pipeline_s_pods_out_and_verification_s_in(rendered: dict[str, Any], name: str) -> None:
    (one,) = rendered[name]["inputs"]
    excludes = one["application"]["excludes"]
    assert {"namespace": "loggy", "container": "kafka"} in excludes
    assert {"namespace": "loggy", "container": "my-connect-cluster-connect"} in excludes
    assert "application" not in {exclude["container"] for exclude in excludes}
    (all_own,) = rendered["six-nothing-own"]["inputs"]
    assert all_own["application"] == {"excludes": [{"namespace": "loggy"}]}


@pytest.mark.parametrize("name", ["six-takes", "five-takes"])
def test_the_direct_store_still_gets_what_the_pipeline_leaves_out(rendered: dict[str, Any], name: str) -> None:
    parts = rendered[name]
    assert parts["replaces"]["inputs"] == ["application"]
    assert parts["replaces"]["input"]["application"]["includes"] == parts["inputs"][0]["application"]["excludes"]
    only = rendered["six-takes-only"]
    assert only["replaces"]["input"]["application"]["excludes"] == only["inputs"][0]["application"]["includes"]


def test_a_flow_leaves_the_pipeline_s_pods_out_before_it_selects(rendered: dict[str, Any]) -> None:
    first, second = of(rendered["flow"], "ClusterFlow")["spec"]["match"]
    assert first["exclude"]["namespaces"] == ["loggy"]
    assert "kafka" in first["exclude"]["container_names"]
    assert second == {"select": {}}
    assert of(rendered["flow-only"], "ClusterFlow")["spec"]["match"] == [
        {"select": {"namespaces": ["shop", "billing"]}}
    ]
    assert of(rendered["flow-here"], "Flow")["spec"]["match"] == [{"select": {}}]
    assert "namespaces" not in of(rendered["flow-own"], "Flow")["spec"]["match"][0]["exclude"]


def test_an_operator_s_forward_waits_for_the_acknowledgement_and_drops_nothing(rendered: dict[str, Any]) -> None:
    forward = of(rendered["flow"], "ClusterOutput")["spec"]["forward"]
    assert forward["require_ack_response"] is True
    assert (forward["buffer"]["overflow_action"], forward["buffer"]["retry_forever"]) == ("block", True)
    assert forward["servers"] == [{"host": "src-connector.loggy.svc", "port": 24224}]
    (output,) = of(rendered["fluent"], "ClusterOutput")["spec"]["outputs"]
    assert output["forward"]["requireAckResponse"] is True
    assert (output["buffer"]["overflowAction"], output["buffer"]["retryForever"]) == ("block", True)


def test_flow_s_kafka_gets_its_secrets_by_reference(rendered: dict[str, Any]) -> None:
    kafka = of(rendered["flow-secure"], "ClusterOutput")["spec"]["kafka"]
    assert kafka["password"] == {"valueFrom": {"secretKeyRef": {"name": "loggy-collector", "key": "password"}}}
    assert (kafka["scram_mechanism"], kafka["sasl_over_ssl"]) == ("sha512", True)
    plain = of(rendered["flow-plain"], "ClusterOutput")["spec"]["kafka"]
    assert "scram_mechanism" not in plain
    assert plain["ssl_ca_certs_from_system"] is True


def test_fluent_operator_s_configuration_chooses_ours_and_leaves_the_pipeline_s_pods_out(
    rendered: dict[str, Any],
) -> None:
    config, output = (of(rendered["fluent"], kind) for kind in ("ClusterFluentdConfig", "ClusterOutput"))
    chosen = config["spec"]["clusterOutputSelector"]["matchLabels"]
    assert chosen == output["metadata"]["labels"]
    assert config["metadata"]["labels"] == {**chosen, "config.fluentd.fluent.io/enabled": "true"}
    assert "watchedNamespaces" not in config["spec"]
    (grep,) = of(rendered["fluent"], "ClusterFilter")["spec"]["filters"]
    lines = [line.strip() for line in grep["customPlugin"]["config"].splitlines()]
    assert lines.count("<exclude>") == 2
    assert "pattern /^loggy$/" in lines
    assert any("my-connect-cluster-connect" in line for line in lines)
    only = rendered["fluent-only"]
    assert [one["kind"] for one in only] == ["ClusterOutput", "ClusterFluentdConfig"]
    assert of(only, "ClusterFluentdConfig")["spec"]["watchedNamespaces"] == ["shop", "billing"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_done_is_refused(rendered: dict[str, Any], name: str) -> None:
    assert REFUSED[name][1] in rendered[name]


@pytest.mark.parametrize("name", [*FORWARDERS, *OBJECTS])
def test_what_can_be_done_is_not_refused(rendered: dict[str, Any], name: str) -> None:
    assert f"accepted-{name}" not in rendered
