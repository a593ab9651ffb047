from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.manifests import dropped_versions, fitted

VENDOR = Path(os.environ.get("LOGGY_VENDOR_DIR") or Path(__file__).resolve().parents[3].parent / "shared" / "vendor")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LABELS = {"team": "logging"}


@lru_cache
def release(version: str) -> list[dict[str, Any]]:
    files = sorted((VENDOR / f"strimzi-{version}").glob("*.yaml"))
    if not files:
        pytest.skip("there are no release manifests: set LOGGY_VENDOR_DIR")
    return [one for file in files for one in yaml.load_all(file.read_text(encoding="utf-8"), LOADER) if one]


def of(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in objects if one["kind"] == kind]


def watched_by(objects: list[dict[str, Any]]) -> Any:
    (deployment,) = of(objects, "Deployment")
    variables = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    return next(one for one in variables if one["name"] == "STRIMZI_NAMESPACE")


@pytest.mark.parametrize("version", ["1.2.0", "0.45.2"])
def test_no_binding_is_left_in_the_namespace_of_the_release(version: str) -> None:
    before = release(version)
    made = fitted(before, "logs", [], LABELS)
    subjects = [subject["namespace"] for one in made for subject in one.get("subjects", ())]
    assert len(subjects) == 7
    assert set(subjects) == {"logs"}
    assert "myproject" in str(before)
    assert "myproject" not in str([one for one in made if one["kind"] != "CustomResourceDefinition"])
    assert all(one["metadata"]["labels"]["team"] == "logging" for one in made)
    namespaces = {one["metadata"].get("namespace") for kind in ("Deployment", "RoleBinding") for one in of(made, kind)}
    assert namespaces == {"logs"}
    assert all("namespace" not in one["metadata"] for one in of(made, "ClusterRole"))
    assert "valueFrom" in watched_by(made)


def test_each_watched_namespace_gets_the_bindings() -> None:
    documents = release("1.2.0")
    made = fitted(documents, "logs", ["logs", "shop"], {})
    bindings = of(made, "RoleBinding")
    assert len(bindings) == 2 * len(of(documents, "RoleBinding"))
    assert {one["metadata"]["namespace"] for one in bindings} == {"logs", "shop"}
    assert {subject["namespace"] for one in bindings for subject in one["subjects"]} == {"logs"}
    assert watched_by(made) == {"name": "STRIMZI_NAMESPACE", "value": "logs,shop"}


def test_an_operator_for_all_namespaces_is_bound_to_the_whole_cluster() -> None:
    documents = release("1.2.0")
    made = fitted(documents, "logs", ["*"], {})
    assert len(of(made, "ClusterRoleBinding")) == len(of(documents, "ClusterRoleBinding")) + len(
        of(documents, "RoleBinding")
    )
    assert watched_by(made)["value"] == "*"
    names = [(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in made]
    assert len(set(names)) == len(names)


def test_what_is_no_operator_is_refused() -> None:
    with pytest.raises(InvalidInput, match="holds no Deployment, but ConfigMap"):
        fitted([{"kind": "ConfigMap", "metadata": {"name": "one"}}], "logs", [], {})


def test_an_upgrade_that_would_drop_what_is_stored_names_it() -> None:
    old, new = release("0.45.2"), release("1.2.0")
    installed = [
        {**one, "status": {"storedVersions": [v["name"] for v in one["spec"]["versions"] if v["storage"]]}}
        for one in of(old, "CustomResourceDefinition")
    ]
    assert dropped_versions(installed, old) == []
    dropped = dropped_versions(installed, new)
    assert "kafkas.kafka.strimzi.io v1beta2" in dropped
    # It is not in the release any more, so that nothing drops its versions.
    assert not [one for one in dropped if one.startswith("kafkamirrormakers.")]


def test_what_another_installation_made_gets_no_label_of_ours() -> None:
    documents = release("1.2.0")
    theirs = [one for one in documents if one["kind"] in ("ClusterRole", "CustomResourceDefinition")]
    made = fitted(documents, "logs", [], LABELS, theirs)
    labelled = {one["kind"] for one in made if "team" in one["metadata"]["labels"]}
    assert labelled == {"ServiceAccount", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Deployment"}
    # The next run finds its own labels on what it made, and keeps them.
    ours = [one for one in fitted(documents, "logs", [], LABELS) if one["kind"] == "ClusterRole"]
    again = fitted(documents, "logs", [], LABELS, ours)
    assert all("team" in one["metadata"]["labels"] for one in again)
