from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.build import build_plugins

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
