from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.build import build_plugins, volume_plugins

SUM = "a1" * 64


@pytest.mark.parametrize(
    ("artifact", "built"),
    [
        (
            {"url": "https://example.com/sink-1.0.jar", "checksum": f"sha512:{SUM}"},
            {"type": "jar", "url": "https://example.com/sink-1.0.jar", "sha512sum": SUM},
        ),
        (
            {"url": "https://example.com/sink.tar.gz?raw=1", "checksum": f"sha512:{SUM}"},
            {"type": "tgz", "url": "https://example.com/sink.tar.gz?raw=1", "sha512sum": SUM},
        ),
        (
            {"maven": ["org.example:sink:1.0"]},
            {"type": "maven", "group": "org.example", "artifact": "sink", "version": "1.0"},
        ),
    ],
)
def test_an_artifact_takes_strimzis_form(artifact: dict[str, Any], built: dict[str, Any]) -> None:
    assert build_plugins([{"name": "sink", "artifacts": [artifact]}]) == [{"name": "sink", "artifacts": [built]}]


@pytest.mark.parametrize(
    ("artifact", "words"),
    [
        ({"project": "connect-plugins"}, "given as project"),
        ({"path": "jars"}, "given as path"),
        ({"url": "https://example.com/sink.jar"}, "no checksum"),
        ({"url": "https://example.com/sink.jar", "checksum": "sha256:" + "a" * 64}, "no checksum"),
        ({"url": "https://example.com/sink.exe", "checksum": f"sha512:{SUM}"}, "no jar"),
        ({"maven": ["org.example:a:1", "org.example:b:1"]}, "takes one"),
    ],
)
def test_what_strimzi_could_not_fetch_or_verify_is_refused(artifact: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        build_plugins([{"name": "sink", "artifacts": [artifact]}])


def test_an_image_becomes_a_volume() -> None:
    plugins = [
        {"name": "sink", "artifacts": [{"image": "example.com/sink@sha256:1"}]},
        {"name": "a_2", "artifacts": [{"image": "example.com/a:2", "pull_policy": "Always"}]},
    ]
    assert volume_plugins(plugins) == [
        {"name": "sink", "artifacts": [{"type": "image", "reference": "example.com/sink@sha256:1"}]},
        {
            "name": "a_2",
            "artifacts": [{"type": "image", "reference": "example.com/a:2", "pullPolicy": "Always"}],
        },
    ]


@pytest.mark.parametrize(
    ("name", "artifacts", "words"),
    [
        ("sink", [{"project": "connect-plugins"}], "given as project"),
        ("sink", [{"image": ""}], "given as nothing"),
        ("sink", [{"image": "a:1", "pull_policy": "Sometimes"}], "no pull_policy"),
        ("sink", [], "no artifacts"),
        ("Sink", [{"image": "a:1"}], "can't name a volume"),
        ("s", [{"image": "a:1"}], "can't name a volume"),
    ],
)
def test_what_can_not_be_mounted_is_refused(name: str, artifacts: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        volume_plugins([{"name": name, "artifacts": artifacts}])


def test_two_volumes_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidInput, match="sink is there more than once"):
        volume_plugins([{"name": "sink", "artifacts": [{"image": "a:1"}]}] * 2)
