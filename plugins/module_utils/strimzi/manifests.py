# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strimzi's release manifests, made to fit: another namespace, other watched namespaces, our labels. Pure.

The release writes one namespace into its bindings; applied elsewhere as it is, it binds an account that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from ..errors import InvalidInput

Object = dict[str, Any]

_CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "Namespace"}
_ALL = "*"


def fitted(
    documents: Sequence[Mapping[str, Any]],
    namespace: str,
    watched: Sequence[str],
    labels: Mapping[str, str],
    found: Sequence[Mapping[str, Any]] = (),
) -> list[Object]:
    """:param watched: the namespaces whose resources the operator is to see; ["*"] for all of them.
    :param labels: of what is ours.
    :param found: what is in no namespace and on the cluster already. What another installation made gets no label of
        ours, since it is not ours to take out.

    :raises InvalidInput: these are not an operator's manifests.
    """
    objects = [deepcopy(dict(one)) for one in documents if one]
    if not any(one.get("kind") == "Deployment" for one in objects):
        kinds = ", ".join(sorted({str(one.get("kind")) for one in objects})) or "nothing"
        raise InvalidInput(
            f"cluster_operator_manifests holds no Deployment, but {kinds}.",
            advice="Name Strimzi's release manifests, strimzi-cluster-operator-VERSION.yaml or its folder of them.",
        )
    others = {_key(one) for one in found if not labels.items() <= (one["metadata"].get("labels") or {}).items()}
    made = []
    for one in objects:
        if _key(one) not in others:
            one["metadata"]["labels"] = {**one["metadata"].get("labels", {}), **labels}
        if one["kind"] not in _CLUSTER_WIDE:
            one["metadata"]["namespace"] = namespace
        for subject in one.get("subjects", ()):
            if subject.get("kind") == "ServiceAccount":
                subject["namespace"] = namespace
        if one["kind"] == "Deployment":
            _watch(one, watched)
        made += _bindings(one, namespace, watched)
    return made


def dropped_versions(installed: Sequence[Mapping[str, Any]], documents: Sequence[Mapping[str, Any]]) -> list[str]:
    """Versions that some objects are still stored in, and that these definitions know no more.

    :param installed: the CustomResourceDefinitions of the cluster.
    """
    known = {
        one["metadata"]["name"]: {version["name"] for version in one["spec"]["versions"]}
        for one in documents
        if one and one.get("kind") == "CustomResourceDefinition"
    }
    return [
        f"{one['metadata']['name']} {version}"
        for one in installed
        for version in one.get("status", {}).get("storedVersions", ())
        if one["metadata"]["name"] in known and version not in known[one["metadata"]["name"]]
    ]


def _key(one: Mapping[str, Any]) -> tuple[str, str]:
    return one["kind"], one["metadata"]["name"]


def _watch(deployment: Object, watched: Sequence[str]) -> None:
    """An operator that is told no namespaces watches its own."""
    for container in deployment["spec"]["template"]["spec"]["containers"]:
        for variable in container.get("env", ()):
            if variable["name"] == "STRIMZI_NAMESPACE" and watched:
                variable.pop("valueFrom", None)
                variable["value"] = ",".join(watched)


def _bindings(one: Object, namespace: str, watched: Sequence[str]) -> list[Object]:
    """A RoleBinding gives rights in one namespace: one for each that is watched, or one for the whole cluster."""
    if one["kind"] != "RoleBinding" or not watched or list(watched) == [namespace]:
        return [one]
    if _ALL in watched:
        name = f"{one['metadata']['name']}-all-namespaces"
        metadata = {key: value for key, value in one["metadata"].items() if key != "namespace"}
        # It watches leases in its own namespace alone, whatever else it watches.
        return [one, {**one, "kind": "ClusterRoleBinding", "metadata": {**metadata, "name": name}}]
    places = [namespace, *(other for other in watched if other != namespace)]
    return [{**one, "metadata": {**one["metadata"], "namespace": place}} for place in places]
