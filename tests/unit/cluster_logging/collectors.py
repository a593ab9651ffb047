"""Variants of the role fluentd for the operators of collectors, and a play that renders all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.unit.run_play import run_play_well

ROOT = Path(__file__).resolve().parents[3]
Object = dict[str, Any]

SIX = {
    "fluentd_kind": "cluster_log_forwarder",
    "_fluentd_forwarder_api": "observability.openshift.io/v1",
    "fluentd_namespace": "openshift-logging",
}
FIVE = {**SIX, "_fluentd_forwarder_api": "logging.openshift.io/v1"}
FLOW = {"fluentd_kind": "logging_operator", "fluentd_namespace": "logging"}
FLUENT = {"fluentd_kind": "fluent_operator"}
# Bools and numbers as a command line hands them over.
SECURE = {
    "fluentd_output": "kafka",
    "fluentd_kafka_tls": "true",
    "fluentd_kafka_ca_secret": "my-cluster-cluster-ca-cert",
    "fluentd_kafka_sasl": "SCRAM-SHA-512",
    "fluentd_kafka_secret": "loggy-collector",
}
ONLY = {"fluentd_namespaces": ["shop", "billing"]}
TAKES = {"fluentd_keep_direct_store": "false"}
FORWARDERS: dict[str, Object] = {
    "six": SIX,
    "six-secure": {**SIX, **SECURE},
    "six-only": {**SIX, **ONLY, "fluentd_forwarder_inputs": ["application", "audit"]},
    "six-takes": {**SIX, **TAKES},
    "six-takes-only": {**SIX, **TAKES, **ONLY},
    "six-nothing-own": {**SIX, "fluentd_excluded_containers": ["*"]},
    "five": {**FIVE, "loggy_forward_port": "24224"},
    "five-secure": {**FIVE, **SECURE},
    "five-only": {**FIVE, **ONLY},
    "five-takes": {**FIVE, **TAKES},
}
OBJECTS: dict[str, Object] = {
    "flow": {**FLOW, "loggy_forward_port": "24224", "fluentd_logging_ref": "main"},
    "flow-secure": {**FLOW, **SECURE},
    "flow-plain": {**FLOW, **SECURE, "fluentd_kafka_sasl": "PLAIN", "fluentd_kafka_ca_secret": ""},
    "flow-only": {**FLOW, **ONLY},
    "flow-here": {**FLOW, "fluentd_flow_scope": "namespace"},
    "flow-own": {**FLOW, "fluentd_flow_scope": "namespace", "fluentd_namespace": "loggy"},
    "fluent": {**FLUENT, "loggy_forward_port": "24224"},
    "fluent-kafka": {**FLUENT, "fluentd_output": "kafka"},
    "fluent-only": {**FLUENT, **ONLY},
}
REFUSED: dict[str, tuple[Object, str]] = {
    "infrastructure": (
        {**SIX, "loggy_namespace": "openshift-loggy", "fluentd_forwarder_inputs": ["infrastructure"]},
        "without end",
    ),
    "loop": ({**FLOW, "fluentd_excluded_containers": []}, "would be fed its own log"),
    "no-store": ({**FLOW, **TAKES}, "takes fluentd_kind cluster_log_forwarder"),
    "unknown-rest": ({**SIX, **TAKES, "fluentd_namespaces": ["loggy"]}, "what the direct store still has to get"),
    "pattern": ({**FLUENT, "fluentd_namespaces": ["shop-*"]}, "Name each namespace"),
    "two-scopes": ({**FLOW, **ONLY, "fluentd_flow_scope": "namespace"}, "of its own namespace only"),
    "no-secret": ({**SIX, "fluentd_kafka_sasl": "PLAIN"}, "names no Secret"),
    "no-tls": ({**FLUENT, **SECURE}, "neither TLS nor SASL"),
}
SHARED = {"loggy_platform": "kubernetes"}


def written(folder: Path, name: str, variables: Object, content: str) -> Object:
    return {
        "ansible.builtin.copy": {"content": "{{ " + content + " | to_json }}", "dest": str(folder / name)},
        "vars": {**SHARED, **variables},
    }


def refused(folder: Path, name: str, variables: Object) -> Object:
    guard = {"ansible.builtin.include_tasks": str(ROOT / "roles/fluentd/tasks/kubernetes_validate_operators.yml")}
    rescue = written(folder, name, {}, "ansible_failed_result.msg")
    return {"block": [guard], "rescue": [rescue], "vars": {**SHARED, **variables}}


def play(folder: Path) -> dict[str, Any]:
    """What each variant makes of the templates, by its name; what is refused with its message."""
    (folder / "templates").mkdir()
    for template in ROOT.glob("roles/fluentd/templates/*.yml.j2"):
        # Outside of a role's own tasks, lookups search beside the play.
        (folder / "templates" / template.name).symlink_to(template)
    # The one that does nothing brings the role's variables.
    tasks = [{"ansible.builtin.import_role": {"name": "loggy.pipeline.fluentd"}, "when": False}]
    tasks += [written(folder, name, given, "_fluentd_forwarder") for name, given in FORWARDERS.items()]
    tasks += [written(folder, name, given, "_fluentd_objects") for name, given in OBJECTS.items()]
    tasks += [refused(folder, name, given) for name, (given, _reason) in REFUSED.items()]
    tasks += [refused(folder, f"accepted-{name}", given) for name, given in {**FORWARDERS, **OBJECTS}.items()]
    run_play_well(folder, {"tasks": tasks})
    files = [path for path in folder.iterdir() if path.is_file() and path.suffix == ""]
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in files}
