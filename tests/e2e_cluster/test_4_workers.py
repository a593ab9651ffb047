# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several Connect workers: logs reach the one that listens, also when the source connector's task has moved."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest

from tests.cluster import node
from tests.e2e_cluster.objects import collector, generations
from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e

CONNECT = "my-connect-cluster-connect"
WORKERS = [f"{CONNECT}-{number}.{CONNECT}.loggy.svc" for number in range(3)]
STATUS = f"/api/v1/namespaces/loggy/services/{CONNECT}-api:8083/proxy/connectors/loggy-forward-source/status"


def servers() -> list[str]:
    """The hosts that the collector's store names."""
    return re.findall(r"^\s*host (\S+)$", collector()["data"]["output-extra-kafka.conf"], re.MULTILINE)


def listening() -> str:
    """The pod whose worker has the source connector's task, once one has."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        status = json.loads(node.kubectl("get", "--raw", STATUS))
        if [task["state"] for task in status["tasks"]] == ["RUNNING"]:
            return str(status["tasks"][0]["worker_id"].split(".")[0])
        time.sleep(1)
    raise AssertionError(f"no worker has the task: {status}")


def expect_arrival(pipeline: Pipeline) -> None:
    assert "Loggy arrived." in pipeline.playbook("verify-loggy").expect_success().output


@pytest.fixture(scope="module")
def several(built: Pipeline) -> Iterator[Pipeline]:
    before = generations("loggy")
    built.variables["connect_replicas"] = len(WORKERS)
    try:
        assert built.playbook("site").expect_success().changed == 2
        changed = {key for key, generation in generations("loggy").items() if before.get(key) != generation}
        assert changed == {"KafkaConnect/my-connect-cluster"}
        yield built
    finally:
        built.variables["connect_replicas"] = 1
        run = built.playbook("site").expect_success()
    assert run.changed == 2
    assert servers() == ["src-connector.loggy.svc"]
    expect_arrival(built)
    assert built.playbook("site").expect_success().changed == 0


def test_the_collector_is_given_each_worker_and_loggy_arrives(several: Pipeline) -> None:
    assert servers() == WORKERS
    expect_arrival(several)


def test_a_second_run_with_several_workers_changes_nothing(several: Pipeline) -> None:
    assert several.playbook("site").expect_success().changed == 0


def test_without_the_worker_that_listened_loggy_arrives_by_another(several: Pipeline) -> None:
    """Twice, so that it is not the first in the list both times."""
    for _ in range(2):
        worker = listening()
        node.kubectl("-n", "loggy", "delete", "pod", worker, "--wait=false")
        expect_arrival(several)
    assert servers() == WORKERS
