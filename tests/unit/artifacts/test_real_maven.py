# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real ``mvn``: Kafka's checksum lists, Elasticsearch's archive, builds that succeed and that fail."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import CommandFailed

from tests.unit.artifacts.machine import Machine

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("mvn") is None, reason="there is no command mvn"),
]
ROOT = Path(__file__).resolve().parents[3]
SUMS = ROOT / "roles/kafka/files"
KAFKA = ("kafka_2.13", "connect-runtime", "connect-file", "connect-json", "connect-mirror", "kafka-tools")
BINDINGS = {
    "4.3.1": "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",
    "3.9.2": "org.slf4j:slf4j-reload4j:1.7.36",
}
# 7.17 is the smallest of them.
ELASTICSEARCH = "org.elasticsearch.distribution.integ-test-zip:elasticsearch:7.17.29:zip"
ELASTICSEARCH_SUM = "sha256:841ee00be1a72ba8e707b5a2fb55f23fe7a4184369b4585393238b1c903eedaf"


@pytest.mark.parametrize("version", BINDINGS)
def test_kafka_comes_as_its_checksum_list_says(machine: Machine, version: str) -> None:
    sums = SUMS / f"kafka-{version}.sha256"
    coordinates = [f"org.apache.kafka:{name}:{version}" for name in KAFKA]
    artifact = {"maven": [*coordinates, BINDINGS[version]], "checksums": str(sums)}
    result = machine.run({"path": "kafka", "artifacts": [artifact]}, maven_executable="mvn")
    assert result["folders"][0]["files"] == len(sums.read_text().splitlines())


def test_a_checksum_list_is_sorted_and_names_one_logging_binding() -> None:
    for version in BINDINGS:
        names = [line.split()[1] for line in (SUMS / f"kafka-{version}.sha256").read_text().splitlines()]
        assert names == sorted(names)
        # Of several on the class path chance takes one.
        bindings = [
            name for name in names if name.startswith(("log4j-slf4j-impl", "slf4j-reload4j", "logback-classic"))
        ]
        assert len(bindings) == 1


def test_elasticsearch_is_unpacked_ready_to_start(machine: Machine) -> None:
    artifact = {"maven": [ELASTICSEARCH], "checksum": ELASTICSEARCH_SUM, "strip": 1}
    machine.run({"path": "elasticsearch", "artifacts": [artifact]}, maven_executable="mvn")
    assert os.access(machine.opt / "elasticsearch/bin/elasticsearch", os.X_OK)
    assert (machine.opt / "elasticsearch/lib").is_dir()


def test_an_artefact_that_is_nowhere_is_told_in_one_line(machine: Machine) -> None:
    with pytest.raises(CommandFailed) as failed:
        machine.run(
            {"path": "one", "artifacts": [{"maven": ["org.apache.kafka:no-such-thing:1.0"]}]}, maven_executable="mvn"
        )
    first = str(failed.value).splitlines()[0]
    assert first.startswith("Maven could not get org.apache.kafka:no-such-thing:1.0 (exit 1): ")
    assert "no-such-thing" in first.partition("(exit 1)")[2]
    assert list(machine.opt.iterdir()) == []


def test_a_project_that_does_not_compile_shows_file_and_line(machine: Machine) -> None:
    project = machine.path / "connect-plugins"
    shutil.copytree(ROOT / "connect-plugins", project, ignore=shutil.ignore_patterns("target", "test"))
    broken = project / "forward-source/src/main/java/loggy/connect/forward/Broken.java"
    broken.write_text("package loggy.connect.forward;\nclass Broken { int count = nothing; }\n")
    artifact = {"project": str(project), "folder": "forward-source/target/plugin"}
    with pytest.raises(CommandFailed) as failed:
        machine.run({"path": "one", "artifacts": [artifact]}, maven_executable="mvn")
    assert str(failed.value).splitlines()[0].startswith(f"Maven could not build {project} (exit 1): {broken}:[2,")
    assert list(machine.opt.iterdir()) == []
