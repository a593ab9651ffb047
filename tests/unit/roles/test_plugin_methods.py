"""How connect plug-ins come to the workers: what the role declares, what it refuses, and what OpenShift builds from."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.schema import problems

from tests.unit.fakes.api_server import ApiServer, api_server
from tests.unit.run_play import run_play

ROOT = Path(__file__).resolve().parents[3]
VENDOR = Path(os.environ.get("LOGGY_VENDOR_DIR") or ROOT.parent / "shared" / "vendor")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NEW, OLD = "kafka.strimzi.io/v1", "kafka.strimzi.io/v1beta2"
RELEASES = {NEW: "1.2.0", OLD: "0.45.2"}
VOLUMES = {
    "connect_plugins_method": "volumes",
    "connect_plugins": [
        {"name": "sink", "artifacts": [{"image": "example.com/sink@sha256:1", "pull_policy": "IfNotPresent"}]}
    ],
}
BINARY = {
    "loggy_platform": "openshift",
    "connect_plugins_method": "binary",
    "connect_plugins_base_image": "example.com/kafka@sha256:2",
}

Play = Callable[..., tuple[int, str, Any]]


@lru_cache
def schema(api_version: str) -> dict[str, Any]:
    file = VENDOR / f"strimzi-{RELEASES[api_version]}" / "041-Crd-kafkaconnect.yaml"
    if not file.exists():
        pytest.skip("there are no published schemas: set LOGGY_VENDOR_DIR")
    definition = yaml.load(file.read_text(encoding="utf-8"), LOADER)
    (found,) = [one for one in definition["spec"]["versions"] if f"kafka.strimzi.io/{one['name']}" == api_version]
    served: dict[str, Any] = found["schema"]["openAPIV3Schema"]
    return served


def document(api_version: str) -> dict[str, Any]:
    """As an API server serves it."""
    about = {"group": "kafka.strimzi.io", "kind": "KafkaConnect", "version": api_version.rpartition("/")[2]}
    return {"components": {"schemas": {"c": {**schema(api_version), "x-kubernetes-group-version-kind": [about]}}}}


@pytest.fixture
def fake() -> Iterator[ApiServer]:
    with api_server() as fake:
        yield fake


@pytest.fixture
def play(tmp_path: Path, fake: ApiServer) -> Play:
    (tmp_path / "templates").mkdir()
    for template in ROOT.glob("roles/connect*/templates/*.yml.j2"):
        # Outside of a role's own tasks, lookups search beside the play.
        (tmp_path / "templates" / template.name).symlink_to(template)

    def play(shown: str, *options: str, **variables: Any) -> tuple[int, str, Any]:
        """:returns: how it ended, what it said, and what ``shown`` is after the role's part."""

        def role(name: str, tasks_from: str) -> dict[str, Any]:
            return {"ansible.builtin.import_role": {"name": f"loggy.pipeline.{name}", "tasks_from": tasks_from}}

        names = ("kafka", "connect", "connect_plugins", "connectors")
        told = {"content": "{{ " + shown + " | to_json }}", "dest": str(tmp_path / "shown")}
        one = {
            "vars": {
                "loggy_state_dir": str(tmp_path / "state"),
                "loggy_cache_dir": str(tmp_path / "cache"),
                **variables,
            },
            "tasks": [
                # Those that do nothing bring the roles' variables.
                *({**role(name, "main"), "when": False} for name in names),
                role("connect_plugins", "apply"),
                {"ansible.builtin.copy": told, "check_mode": False},
            ],
        }
        done = run_play(tmp_path, one, *options, K8S_AUTH_HOST=fake.url, K8S_AUTH_API_KEY="a token")
        found = tmp_path / "shown"
        return (
            done.returncode,
            " ".join((done.stdout + done.stderr).split()),
            json.loads(found.read_text(encoding="utf-8")) if found.exists() else None,
        )

    return play


def test_volumes_fit_the_published_schema(fake: ApiServer, play: Play) -> None:
    fake.documents[NEW] = document(NEW)
    ended, said, objects = play("_connect_objects", loggy_platform="kubernetes", loggy_strimzi_api=NEW, **VOLUMES)
    assert ended == 0, said
    (connect,) = [one for one in objects if one["kind"] == "KafkaConnect"]
    artifact = {"type": "image", "reference": "example.com/sink@sha256:1", "pullPolicy": "IfNotPresent"}
    assert connect["spec"]["plugins"] == [{"name": "sink", "artifacts": [artifact]}]
    assert not {"image", "build"} & connect["spec"].keys()
    assert problems(connect, schema(NEW), {}) == []
    broken = {**connect, "spec": {**connect["spec"], "plugins": [{"name": "sink", "artifacts": [{"type": "jar"}]}]}}
    assert len(problems(broken, schema(NEW), {})) == 2


def test_volumes_are_refused_where_the_cluster_takes_none(fake: ApiServer, play: Play) -> None:
    fake.documents[OLD] = document(OLD)
    ended, said, _nothing = play(
        "connect_plugins_declared", loggy_platform="kubernetes", loggy_strimzi_api=OLD, **VOLUMES
    )
    assert ended != 0
    assert f"connect_plugins_method is volumes, and {OLD} of this cluster takes no such plug-ins" in said
    assert "spec.plugins: there is no such field" in said


def test_a_cluster_that_does_not_answer_is_no_cluster_that_takes_volumes(fake: ApiServer, play: Play) -> None:
    fake.unwell = 1000
    ended, said, _nothing = play(
        "connect_plugins_declared", loggy_platform="kubernetes", loggy_strimzi_api=NEW, **VOLUMES
    )
    assert ended != 0
    assert "apiserver not ready" in said


def test_binary_is_refused_where_there_is_no_openshift(fake: ApiServer, play: Play) -> None:
    ended, said, _nothing = play("connect_plugins_method", **{**BINARY, "loggy_platform": "kubernetes"})
    assert ended != 0
    assert "and loggy_platform is kubernetes. Choose image, build or volumes" in said
    assert fake.asked == []


@pytest.mark.parametrize(
    ("variables", "lacks"),
    [
        ({**BINARY, "connect_plugins_base_image": ""}, "connect_plugins_base_image"),
        (
            {"loggy_platform": "kubernetes", "connect_plugins_method": "volumes", "connect_plugins": []},
            "connect_plugins",
        ),
    ],
)
def test_what_would_leave_the_workers_without_is_refused(play: Play, variables: dict[str, Any], lacks: str) -> None:
    ended, said, _nothing = play("connect_plugins_method", **variables)
    assert ended != 0
    assert f"{lacks} is empty: the workers would have no plug-ins" in said


def test_openshift_builds_from_what_is_uploaded_on_the_base_image(tmp_path: Path, play: Play) -> None:
    (tmp_path / "sink.jar").write_bytes(b"a jar")
    own = [{"name": "sink", "artifacts": [{"path": str(tmp_path / "sink.jar")}]}]
    shown = "{'objects': _connect_plugins_objects, 'declared': connect_plugins_declared, 'connect': _connect_spec}"
    # A namespace that is not there yet: nothing is applied in check mode, and all of it would be.
    ended, said, found = play(
        shown,
        "--check",
        **BINARY,
        connect_plugins=own,
        connect_plugins_base_pull_secret="pull",
        loggy_strimzi_api=NEW,
        loggy_namespace="apps",
    )
    assert ended == 0, said
    stream, config = found["objects"]
    assert (stream["kind"], config["kind"]) == ("ImageStream", "BuildConfig")
    for one in found["objects"]:
        assert one["metadata"]["labels"]["app.kubernetes.io/component"] == "connect-plugins"
        assert one["metadata"]["namespace"] == "apps"
        assert one["metadata"]["name"] == "my-connect-cluster-plugins"
    assert config["spec"] == {
        "runPolicy": "Serial",
        "completionDeadlineSeconds": 900,
        "source": {
            "type": "Binary",
            "binary": {},
            "dockerfile": "FROM example.com/kafka@sha256:2\nCOPY plugins/ /opt/kafka/plugins/\n",
        },
        "strategy": {"type": "Docker", "dockerStrategy": {"pullSecret": {"name": "pull"}}},
        "output": {"to": {"kind": "ImageStreamTag", "name": "my-connect-cluster-plugins:latest"}},
    }
    assert found["declared"] == {"image": "known once it is built"}
    assert found["connect"]["image"] == "known once it is built"
    assert "Would make: ImageStream my-connect-cluster-plugins, BuildConfig my-connect-cluster-plugins" in said
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("output", "makes"),
    [
        ({"type": "imagestream", "image": "plugins:latest"}, True),
        ({"type": "docker", "image": "images.example.com/plugins:latest"}, False),
    ],
    ids=["image stream", "registry"],
)
def test_the_image_stream_that_strimzi_builds_into_is_made_first(
    play: Play, output: dict[str, str], makes: bool
) -> None:
    artifact = {"url": "https://example.com/sink.jar", "checksum": f"sha512:{'0' * 128}"}
    ended, said, declared = play(
        "connect_plugins_declared",
        "--check",
        loggy_platform="openshift",
        loggy_namespace="apps",
        connect_plugins_method="build",
        connect_plugins_output=output,
        connect_plugins=[{"name": "sink", "artifacts": [artifact]}],
    )
    assert ended == 0, said
    assert declared["build"]["output"] == output
    assert ("Would make: ImageStream plugins." in said) is makes
