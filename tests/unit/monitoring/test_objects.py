"""What the role applies on a cluster, against the published schemas, and the plain scrape configuration by promtool."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.promtool import prometheus_program
from tests.unit.run_play import run_play_well

ROOT = Path(__file__).resolve().parents[3]
VENDOR = Path(os.environ.get("LOGGY_VENDOR_DIR") or ROOT.parent / "shared" / "vendor")
DASHBOARDS = {"loggy-commute", "loggy-kafka", "loggy-connect", "loggy-elasticsearch"}
# What role loggy has for a cluster.
SHARED = {
    "loggy_namespace": "loggy",
    "loggy_instance": "loggy",
    "loggy_kafka_name": "my-cluster",
    "loggy_connect_name": "my-connect-cluster",
    "loggy_labels": {"app.kubernetes.io/managed-by": "loggy.pipeline", "app.kubernetes.io/part-of": "loggy"},
}
WITH = {"groups": {"monitoring.coreos.com": {"PodMonitor": ["v1"]}}}
WITHOUT = {"groups": {"monitoring.coreos.com": {}}}
VARIANTS = {
    "operator": {"_monitoring_operator": WITH, "monitoring_grafana_objects": "resources"},
    "plain": {"_monitoring_operator": WITHOUT, "monitoring_grafana_objects": "configmaps"},
    "quiet": {"_monitoring_operator": WITH, "monitoring_rule_labels": {"release": "stack"}},
}


def task(folder: Path, name: str) -> dict[str, Any]:
    objects = "[_monitoring_metrics_object] + _monitoring_objects"
    content = f"{{{{ {{'objects': {objects}, 'metrics_config': _monitoring_metrics_config}} | to_json }}}}"
    return {
        "ansible.builtin.copy": {"content": content, "dest": str(folder / name)},
        "vars": {**SHARED, **VARIANTS[name]},
    }


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("objects")
    for kind in ("files", "templates"):
        # Outside of the role's own tasks, lookups search beside the play.
        (folder / kind).symlink_to(ROOT / "roles" / "monitoring" / kind)
    nothing = {"ansible.builtin.import_role": {"name": "loggy.pipeline.monitoring", "tasks_from": "grafana"}}
    play = {
        "tasks": [nothing, *(task(folder, name) for name in VARIANTS)],
    }
    run_play_well(folder, play)
    return {name: json.loads((folder / name).read_text(encoding="utf-8")) for name in VARIANTS}


def crd(name: str) -> dict[str, Any]:
    for path in (VENDOR / "crds" / f"{name}.yaml", *(VENDOR / "strimzi-1.2.0").glob(f"*-Crd-{name}.yaml")):
        if path.exists():
            return yaml.safe_load(path.read_text(encoding="utf-8"))
    pytest.skip("there are no published schemas: set LOGGY_VENDOR_DIR")


CRDS = {
    "PrometheusRule": "monitoring.coreos.com_prometheusrules",
    "PodMonitor": "monitoring.coreos.com_podmonitors",
    "GrafanaDashboard": "grafana.integreatly.org_grafanadashboards",
}


def strict(schema: Any) -> Any:
    """As an API server takes it with strict validation: a field that it does not know is an error."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    # Python has no flags in the middle of an expression; Go has.
    told = {key: strict(value) for key, value in schema.items() if not (key == "pattern" and "(?i)" in str(value))}
    if schema.get("x-kubernetes-int-or-string"):
        told = {"type": ["integer", "string"]}
    elif isinstance(schema.get("properties"), dict) and not schema.get("x-kubernetes-preserve-unknown-fields"):
        told["additionalProperties"] = False
    return told


def check(kind: str, given: dict[str, Any]) -> None:
    (version,) = [one for one in crd(CRDS[kind])["spec"]["versions"] if given["apiVersion"].endswith(one["name"])]
    schema = strict(version["schema"]["openAPIV3Schema"])
    schema["properties"]["metadata"] = {"type": "object"}
    jsonschema.validate(given, schema)


@pytest.mark.parametrize("variant", VARIANTS)
def test_objects_are_what_their_kinds_take(variant: str, rendered: dict[str, dict[str, Any]]) -> None:
    objects = rendered[variant]["objects"]
    for one in objects:
        assert one["metadata"]["namespace"] == "loggy"
        assert one["metadata"]["labels"]["app.kubernetes.io/component"] == "monitoring"
        assert one["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "loggy.pipeline"
        if one["kind"] in CRDS:
            check(one["kind"], one)
    names = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(set(names)) == len(names)


def test_an_unknown_field_would_be_told(rendered: dict[str, dict[str, Any]]) -> None:
    (rule,) = [one for one in rendered["operator"]["objects"] if one["kind"] == "PrometheusRule"]
    rule = json.loads(json.dumps(rule))
    rule["spec"]["groups"][0]["rules"][0]["sumary"] = "x"
    with pytest.raises(jsonschema.ValidationError, match="sumary"):
        check("PrometheusRule", rule)


def test_with_the_operator_all_pods_and_alerts_are_its_own_kinds(rendered: dict[str, dict[str, Any]]) -> None:
    objects = rendered["operator"]["objects"]
    monitors = {one["metadata"]["name"]: one["spec"] for one in objects if one["kind"] == "PodMonitor"}
    assert set(monitors) == {"loggy-kafka", "loggy-connect", "loggy-lag", "loggy-canary"}
    assert monitors["loggy-kafka"]["selector"]["matchLabels"]["strimzi.io/name"] == "my-cluster-kafka"
    assert monitors["loggy-connect"]["podMetricsEndpoints"][0]["port"] == "tcp-prometheus"
    (rule,) = [one for one in objects if one["kind"] == "PrometheusRule"]
    alerts = [one for group in rule["spec"]["groups"] for one in group["rules"]]
    assert len(alerts) > 15
    assert "{{ $labels.stop }}" in alerts[0]["annotations"]["summary"]
    assert {one["metadata"]["name"] for one in objects if one["kind"] == "GrafanaDashboard"} == DASHBOARDS
    quiet = rendered["quiet"]["objects"]
    assert not [one for one in quiet if one["kind"] == "GrafanaDashboard"]
    assert all(one["metadata"]["labels"]["release"] == "stack" for one in quiet if one["kind"] != "ConfigMap")


def test_dashboards_for_a_sidecar_are_the_files(rendered: dict[str, dict[str, Any]]) -> None:
    found = {
        one["metadata"]["name"]: one["data"]
        for one in rendered["plain"]["objects"]
        if one["metadata"]["labels"].get("grafana_dashboard") == "1"
    }
    assert set(found) == DASHBOARDS
    for name, data in found.items():
        file = ROOT / "roles/monitoring/files/dashboards" / f"{name}.json"
        assert data == {f"{name}.json": file.read_text(encoding="utf-8")}


def test_without_the_operator_prometheus_takes_the_plain_configuration(
    rendered: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    promtool = prometheus_program("promtool")
    if not promtool:
        pytest.skip("promtool is not installed")
    objects = rendered["plain"]["objects"]
    assert {one["kind"] for one in objects} == {"ConfigMap"}
    (data,) = [one["data"] for one in objects if one["metadata"]["name"] == "loggy-scrape-config"]
    config = {"rule_files": ["alerts.yml"], **yaml.safe_load(data["scrape.yml"])}
    found = [job.pop("kubernetes_sd_configs") for job in config["scrape_configs"]]
    assert found == [[{"role": "pod", "namespaces": {"names": ["loggy"]}}]] * 4
    # Debian's promtool is built without Kubernetes, and knows the rest.
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (tmp_path / "alerts.yml").write_text(data["alerts.yml"], encoding="utf-8")
    command = [promtool, "check", "config", "prometheus.yml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = {one["job_name"]: one for one in config["scrape_configs"]}
    assert set(jobs) == {"kafka", "connect", "lag", "canary"}
    kept = [one.get("source_labels") for one in jobs["kafka"]["relabel_configs"]]
    assert ["__meta_kubernetes_pod_label_strimzi_io_name"] in kept


def test_strimzi_takes_the_rules_of_the_same_config_map(rendered: dict[str, dict[str, Any]]) -> None:
    reference = rendered["operator"]["metrics_config"]["valueFrom"]["configMapKeyRef"]
    (held,) = [one["data"] for one in rendered["operator"]["objects"] if one["metadata"]["name"] == reference["name"]]
    file = ROOT / "roles/monitoring/files" / reference["key"]
    assert held[reference["key"]] == file.read_text(encoding="utf-8")
    for kind, place in (("kafka", ("spec", "kafka", "metricsConfig")), ("kafkaconnect", ("spec", "metricsConfig"))):
        (version,) = [one for one in crd(kind)["spec"]["versions"] if one["name"] == "v1"]
        schema = version["schema"]["openAPIV3Schema"]
        for step in place:
            schema = schema["properties"][step]
        jsonschema.validate(rendered["operator"]["metrics_config"], strict(schema))
