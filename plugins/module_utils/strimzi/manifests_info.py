# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation of strimzi_manifests_info: reads a release, makes it fit, and compares it with what the cluster has."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ..errors import InvalidInput, MissingLibrary, Unauthorized
from ..kubernetes.client import Cluster, cluster
from ..kubernetes.dry_run import to_apply
from ..kubernetes.options import APPLY_SPEC, CONNECTION_RULES, CONNECTION_SPEC, LIBRARIES
from ..operation import Context, Operation, Result
from .manifests import Object, dropped_versions, fitted

ARGUMENT_SPEC: dict[str, Any] = {
    **CONNECTION_SPEC,
    **APPLY_SPEC,
    "path": {"type": "path", "required": True},
    "namespace": {"type": "str", "required": True},
    "watched_namespaces": {"type": "list", "elements": "str", "default": []},
    "labels": {"type": "dict", "default": {}},
}

_CLUSTER_WIDE = (
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
)
_AWAITED = ("CustomResourceDefinition", "Deployment")


def run(params: Mapping[str, Any], context: Context) -> Result:
    documents = _documents(Path(params["path"]))
    with closing(cluster(params)) as to:
        found = {kind: _found(to, api_version, kind) for api_version, kind in _CLUSTER_WIDE}
        others = [one for things in found.values() for one in things]
        objects = fitted(documents, params["namespace"], params["watched_namespaces"], params["labels"], others)
        if dropped := dropped_versions(found["CustomResourceDefinition"], documents):
            raise InvalidInput(
                f"{params['path']} drops versions that objects on the cluster are still stored in: "
                f"{', '.join(dropped)}.",
                advice="Go to a Strimzi that serves both versions first (0.49 to 0.51), convert the objects with its "
                "api-conversion tool, and then come here again.",
                dropped=dropped,
            )
        changes, homeless = to_apply(to, objects, params["field_manager"], force=params["force_conflicts"])
    return {
        "changed": False,
        "definitions": [*changes, *homeless],
        "can_be_applied": not homeless,
        "awaited": [
            {
                "api_version": one["apiVersion"],
                "kind": one["kind"],
                "name": one["metadata"]["name"],
                "namespace": one["metadata"].get("namespace"),
            }
            for one in objects
            if one["kind"] in _AWAITED
        ],
    }


def _documents(path: Path) -> list[Object]:
    """:raises InvalidInput: these are no manifests."""
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise InvalidInput(
            f"There are no manifests at {path} on the host that runs this task.",
            advice="Name Strimzi's release: its one file, or its folder of *.yaml files.",
        )
    try:
        import yaml
    except ImportError as error:
        raise MissingLibrary("PyYAML", error) from error
    # A release is a megabyte, which the loader in Python takes some ten seconds for.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    documents = []
    for file in files:
        try:
            documents += [one for one in yaml.load_all(file.read_text(encoding="utf-8"), loader) if one]
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            reason = str(error).split("\n", 1)[0]
            raise InvalidInput(f"{file} is no YAML: {reason}.", advice="Fetch the release again.") from error
    if not all(isinstance(one, dict) and isinstance(one.get("metadata"), dict) for one in documents):
        raise InvalidInput(f"{path} holds what is no manifest of Kubernetes.", advice="Name Strimzi's release.")
    return documents


def _found(to: Cluster, api_version: str, kind: str) -> list[Object]:
    """Strimzi's, whoever installed it."""
    try:
        return to.list(api_version, kind, None, label_selector="app=strimzi")
    except Unauthorized as error:
        raise Unauthorized(
            "Asking for",
            f"the cluster's {kind}s",
            error.status,
            error.excerpt,
            advice="Installing an operator takes an administrator of the cluster. Where one has done so already, set "
            "cluster_operator_source to present.",
        ) from error


OPERATION = Operation(argument_spec=ARGUMENT_SPEC, run=run, rules=CONNECTION_RULES, libraries=LIBRARIES)
