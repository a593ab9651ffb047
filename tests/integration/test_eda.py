# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook in ansible-rulebook itself: a task that fails runs again, without anybody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline import ROOT
from tests.unit.fakes.connect import fake_connect
from tests.unit.fakes.connect_cluster import FakeCluster

RULEBOOK = Path(sys.executable).with_name("ansible-rulebook")
CONFIG = {"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector", "file": "x", "topic": "y"}

pytestmark = pytest.mark.integration


def until(condition: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 90
    while not condition():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)


def test_a_task_that_fails_is_restarted(tmp_path: Path) -> None:
    variables, log = tmp_path / "vars.json", tmp_path / "log"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    environment |= {"PATH": f"{RULEBOOK.parent}:{os.environ['PATH']}", "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    environment |= {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections")}
    cluster = FakeCluster()
    with fake_connect(cluster) as worker, log.open("wb") as output:
        worker.put_config({}, "logs", CONFIG)
        cluster.settle()
        variables.write_text(json.dumps({"loggy_connect_urls": [worker.url], "loggy_eda_interval": 0.2}))
        command = [RULEBOOK, "--rulebook", "loggy.pipeline.restart_failed", "--vars", variables]
        process = subprocess.Popen(
            [*command, "--inventory", ROOT / "inventories" / "local" / "hosts.yml"],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            until(lambda: worker.requests.count("GET /connectors?expand=status") > 1, process, log)
            assert worker.writes == []
            cluster.fail("logs", "org.example.Broken: a disk")
            until(lambda: cluster.connectors["logs"].tasks[0]["state"] == "RUNNING", process, log)
        finally:
            process.terminate()
            process.wait(30)
    assert [write for write in worker.writes if "restart" in write], worker.writes
