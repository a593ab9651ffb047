# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml on a cluster: what it takes beside waiting for pods, and beside stock tasks for the same objects."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bench.measure import print_table, write
from tests.bench.test_1_site import tasks
from tests.cluster import node
from tests.e2e_cluster.conftest import NAMESPACE, cluster, logging, manifests, pipeline, variables
from tests.e2e_cluster.objects import kubectl
from tests.pipeline import Pipeline, Run

__all__ = ["cluster", "logging", "manifests", "pipeline", "variables"]

KINDS = "kafkanodepools,kafkas,kafkatopics,kafkaconnects,services,networkpolicies"
# What the operator itself is made of, as far as nobody else asks for such objects meanwhile.
OPERATORS = "clusterroles,customresourcedefinitions,deployments"
MINE = "app.kubernetes.io/managed-by=loggy.pipeline"
# Tasks that end when pods run or tasks of connectors do, and not before.
WAITS = ("Wait ", "Reconcile the connectors", "Confirm the classes", "Add the pipeline's store", "Take the topics")


@pytest.fixture(scope="module")
def profiled(pipeline: Pipeline) -> Iterator[Pipeline]:
    pipeline.environment["ANSIBLE_CALLBACKS_ENABLED"] = "ansible.posix.profile_tasks"
    pipeline.environment["PROFILE_TASKS_TASK_OUTPUT_LIMIT"] = "all"
    yield pipeline
    pipeline.playbook("purge")


def test_what_site_takes_beside_waiting_and_beside_stock_tasks(profiled: Pipeline, tmp_path: Path) -> None:
    first_seconds, first = timed(profiled, "site")
    waited = sum(took for name, took in tasks(first) if is_wait(name))
    before = requests()
    second_seconds, second = timed(profiled, "site")
    asked = requests() - before
    assert second.changed == 0
    declared = objects()
    stock_seconds = stock(profiled, declared, tmp_path)
    rows = [
        ["site.yml, first run", f"{first_seconds:.1f}"],
        ["of it: waiting for pods and for connectors", f"{waited:.1f}"],
        ["of it: all else", f"{first_seconds - waited:.1f}"],
        ["site.yml, second run, changed=0", f"{second_seconds:.1f}"],
        [f"stock tasks for {len(declared)} of its objects alone, nothing to change", f"{stock_seconds:.1f}"],
    ]
    print_table("On a cluster", ["", "seconds"], rows)
    print_table("Requests of the second run", ["reads and dry runs", "objects"], [[str(asked), str(len(ours()))]])
    print_slowest("The first run, without what waits", [one for one in tasks(first) if not is_wait(one[0])])
    print_slowest("The second run", tasks(second))
    write("cluster", {"first": first_seconds, "waited": waited, "second": second_seconds, "stock": stock_seconds})


def print_slowest(title: str, of: list[tuple[str, float]]) -> None:
    slowest = sorted(of, key=lambda task: -task[1])[:12]
    print_table(f"{title}: its slowest tasks", ["task", "seconds"], [[name, f"{took:.2f}"] for name, took in slowest])


def is_wait(name: str) -> bool:
    return name.rpartition(" : ")[2].startswith(WAITS)


def timed(pipeline: Pipeline, playbook: str) -> tuple[float, Run]:
    started = time.monotonic()
    run = pipeline.playbook(playbook).expect_success()
    return time.monotonic() - started, run


def objects() -> list[dict[str, Any]]:
    found = kubectl("-n", NAMESPACE, "get", KINDS, "-l", MINE)["items"]
    return [
        {
            "apiVersion": one["apiVersion"],
            "kind": one["kind"],
            "metadata": {"name": one["metadata"]["name"], "namespace": NAMESPACE},
            "spec": {key: value for key, value in one["spec"].items() if not key.startswith(("clusterIP", "internal"))},
        }
        for one in found
    ]


def ours() -> list[dict[str, Any]]:
    """The objects whose requests are counted: the pipeline's and its operator's."""
    found: list[dict[str, Any]] = kubectl("get", f"{KINDS},{OPERATORS}", "-A", "-l", MINE)["items"]
    return found


def stock(pipeline: Pipeline, declared: list[dict[str, Any]], folder: Path) -> float:
    """One task of kubernetes.core.k8s for each object, with its own wait, and a question by k8s_info."""
    connection = pipeline.variables["loggy_kubernetes_connection"]
    each = {"definition": "{{ item }}", "apply": True, "wait": True, "wait_timeout": 120}
    shown = {"label": "{{ item.kind }}"}
    asked = {"api_version": "{{ item.apiVersion }}", "kind": "{{ item.kind }}", "namespace": NAMESPACE}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/kubernetes.core.k8s": connection},
        "tasks": [
            {"kubernetes.core.k8s": each, "loop": declared, "loop_control": shown},
            {
                "kubernetes.core.k8s_info": {**asked, "name": "{{ item.metadata.name }}"},
                "loop": declared,
                "loop_control": shown,
            },
        ],
    }
    (folder / "stock.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    by_hand = Pipeline(folder, ports={}, site=pipeline.site, inventory="inventories/local")
    started = time.monotonic()
    by_hand.playbook(str(folder / "stock")).expect_success()
    return time.monotonic() - started


def requests() -> int:
    """What the API server has answered so far about the kinds of the pipeline, watches left out."""
    text = node.kubectl("get", "--raw", "/metrics")
    kinds = f"{KINDS},{OPERATORS}".replace(",", "|")
    labels = rf'[^}}]*resource="(?:{kinds})"[^}}]*verb="(?:GET|APPLY|PATCH)"[^}}]*'
    counts = re.findall(rf"^apiserver_request_total{{{labels}}} (\S+)", text, re.MULTILINE)
    return int(sum(map(float, counts)))
