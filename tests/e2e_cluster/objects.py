# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on the cluster, as the tests compare it."""

from __future__ import annotations

import json
from typing import Any

from tests.cluster import node

# What a cluster makes by itself, or counts.
_NOISE = {"events", "events.events.k8s.io", "leases.coordination.k8s.io", "endpoints", "componentstatuses"}
_OWNED = ("Pod", "ControllerRevision", "EndpointSlice")


def kubectl(*words: str) -> Any:
    return json.loads(node.kubectl(*words, "-o", "json"))


def all_objects() -> set[str]:
    """Every object that somebody made, as kind, namespace and name."""
    kinds = set(node.kubectl("api-resources", "--verbs=list", "-o", "name").split())
    found = kubectl("get", ",".join(sorted(kinds - _NOISE)), "--all-namespaces", "--ignore-not-found")
    return {
        f"{one['kind']} {one['metadata'].get('namespace', '')}/{one['metadata']['name']}"
        for one in found["items"]
        if one["kind"] not in _OWNED
    }


def collector() -> dict[str, Any]:
    """What the collector's ConfigMap holds, and its pods' template without what Kubernetes adds."""
    template = kubectl("-n", "logging", "get", "daemonset", "logging-fluentd")["spec"]["template"]
    template["metadata"].pop("creationTimestamp", None)
    template["metadata"]["annotations"] = template["metadata"].get("annotations") or {}
    return {"data": kubectl("-n", "logging", "get", "configmap", "logging-fluentd")["data"], "template": template}


def generations(namespace: str) -> dict[str, int]:
    """Of the pipeline's objects: what was asked for, and not what their controllers say of it."""
    kinds = "kafkas,kafkanodepools,kafkatopics,kafkaconnects,services,networkpolicies"
    found = kubectl("-n", namespace, "get", kinds, "-l", "app.kubernetes.io/managed-by=loggy.pipeline")["items"]
    return {f"{one['kind']}/{one['metadata']['name']}": one["metadata"].get("generation", 0) for one in found}
