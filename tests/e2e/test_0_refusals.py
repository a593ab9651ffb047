# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused before anything is touched: each with its message, and with nothing left behind."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e


@pytest.fixture
def untouched(tmp_path: Path) -> Iterator[Pipeline]:
    pipeline = Pipeline(tmp_path / "state")
    yield pipeline
    assert not pipeline.state_dir.exists()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"kafka_mode": "raft"}, "value of kafka_mode must be one of: kraft, zookeeper, got: raft"),
        (
            {"loggy_platform": "nomad"},
            "value of loggy_platform must be one of: local, kubernetes, openshift, got: nomad",
        ),
        (
            {"loggy_platform": "kubernetes"},
            "cluster_operator_manifests is empty",
        ),
        ({"loggy_neighbours": "many"}, "loggy_neighbours"),
        ({"loggy_java_home": "/no/such/jdk"}, "/no/such/jdk"),
        ({"cluster_operator_minimum_disk_mib": 10**9}, "MiB"),
    ],
)
def test_a_bad_value_is_refused_by_name(untouched: Pipeline, variables: dict[str, Any], message: str) -> None:
    assert message in untouched.playbook("site", **variables).expect_failure().words


def test_check_mode_on_a_machine_with_nothing_on_it_says_what_it_would_build_and_builds_nothing(
    untouched: Pipeline,
) -> None:
    assert untouched.playbook("site", "--check").expect_success().changed > 10


def test_a_taken_port_is_refused_naming_the_process_that_has_it(untouched: Pipeline) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", untouched.ports["loggy_kafka_port"]))
        taken.listen()
        words = untouched.playbook("site").expect_failure().words
    assert str(untouched.ports["loggy_kafka_port"]) in words
    assert f"pid {os.getpid()}" in words
    assert "Kafka" in words


def test_a_purge_refuses_a_folder_that_site_yml_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "photographs").mkdir()
    (tmp_path / "photographs" / "cat.txt").write_text("a cat")
    run = Pipeline(tmp_path / "photographs").playbook("purge").expect_failure()
    assert "Nothing was removed" in run.words
    assert (tmp_path / "photographs" / "cat.txt").read_text() == "a cat"


def test_a_purge_of_nothing_changes_nothing(untouched: Pipeline) -> None:
    assert untouched.playbook("purge").expect_success().changed == 0
