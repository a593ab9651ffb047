# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built and installed collection, in the walk-through's own mode: Kafka 3.9 with one ZooKeeper node."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import short_folder
from tests.pipeline import ROOT, Pipeline

pytestmark = pytest.mark.e2e


def galaxy(*words: str | Path) -> None:
    command = [Path(sys.executable).with_name("ansible-galaxy"), "collection", *words]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def installed() -> Iterator[Pipeline]:
    folder = short_folder()
    galaxy("build", "--output-path", folder)
    galaxy("install", next(folder.glob("*.tar.gz")), "-p", folder / "collections", "--no-deps", "--force")
    site = folder / "collections" / "ansible_collections" / "loggy" / "pipeline"
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(folder / "collections")}
    pipeline = Pipeline(folder / "state", {"kafka_mode": "zookeeper"}, environment=environment, site=site)
    yield pipeline
    pipeline.playbook("purge").expect_success()
    shutil.rmtree(folder)


def test_loggy_arrives_through_kafka_3_9_and_zookeeper(installed: Pipeline) -> None:
    installed.playbook("site").expect_success()
    assert "RUNNING" in installed.supervisorctl("status", "zookeeper")
    assert "kafka-3.9" in (installed.state_dir / "supervisor" / "conf.d" / "kafka.conf").read_text()
    assert "arrived" in installed.playbook("verify-loggy").expect_success().output


def test_a_second_run_of_the_installed_collection_changes_nothing(installed: Pipeline) -> None:
    assert installed.playbook("site").expect_success().changed == 0


def test_changing_the_mode_takes_zookeeper_out(installed: Pipeline) -> None:
    installed.playbook("site", kafka_mode="kraft").expect_success()
    assert "zookeeper" not in installed.supervisorctl("status")
    assert not (installed.state_dir / "supervisor" / "conf.d" / "zookeeper.conf").exists()
    assert "arrived" in installed.playbook("verify-loggy", kafka_mode="kraft").expect_success().output
