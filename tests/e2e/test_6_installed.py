# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built and installed collection, in the walk-through's own mode: Kafka 3.9 with one ZooKeeper node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import short_folder
from tests.pipeline import ROOT, Pipeline

pytestmark = pytest.mark.e2e


def galaxy(*words: str | Path) -> None:
    command = [Path(sys.executable).with_name("ansible-galaxy"), "collection", *words]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def module(pipeline: Pipeline, name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Its result, as of a command line."""
    ansible = Path(sys.executable).with_name("ansible")
    done = subprocess.run(
        [ansible, "localhost", "-m", f"loggy.pipeline.{name}", "-a", json.dumps(options)],
        cwd=pipeline.site,
        env={**os.environ, **pipeline.environment, "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1", "ANSIBLE_NOCOLOR": "1"}
        | {"ANSIBLE_CALLBACK_RESULT_FORMAT": "json"},
        text=True,
        stdout=subprocess.PIPE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    result: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return result


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


def test_what_is_in_the_topic_goes_into_the_index_before_kafka_is_replaced(installed: Pipeline) -> None:
    """The steps of docs/guides/zookeeper_to_kraft.md."""
    source = {"name": "loggy-forward-source", "state": "stopped"}
    stopped = module(installed, "connect_connectors", {"urls": [installed.connect_url], "connectors": [source]})
    assert stopped["changed"] is True
    sink = {"group": "connect-loggy-elasticsearch-sink", "topic": "output_tag"}
    to = {"bootstrap_servers": [installed.bootstrap_servers]}
    through = module(installed, "kafka_consumer_group_info", {**to, **sink, "wait_for_lag": 0})
    assert through["lag"] == 0
    assert sum(one["end"] for one in through["partitions"]) > 100


def test_changing_the_mode_takes_zookeeper_out(installed: Pipeline) -> None:
    installed.playbook("site", kafka_mode="kraft").expect_success()
    assert "zookeeper" not in installed.supervisorctl("status")
    assert not (installed.state_dir / "supervisor" / "conf.d" / "zookeeper.conf").exists()
    assert "arrived" in installed.playbook("verify-loggy", kafka_mode="kraft").expect_success().output
