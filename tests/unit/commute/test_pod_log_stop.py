# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of pods as a stop: nothing is counted twice that a node hands out twice, and a pod's trouble is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.account import Account
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.loggy_commute import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.pod_log import PodLogStop
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import PipelineError, Unauthorized
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.pod_logs import PodLogs
from ansible_collections.loggy.pipeline.plugins.module_utils.log.event import make_record

from tests.unit.fakes.kubernetes import FakeKubernetes, FakePod, fake_kubernetes
from tests.unit.run_operation import run_operation

LABELS = {"job": "loggy"}
START = 1_795_676_400


@pytest.fixture
def cluster() -> Iterator[FakeKubernetes]:
    with fake_kubernetes() as cluster:
        cluster.pods.append(FakePod("loggy-1", LABELS))
        yield cluster


def at(seconds: float) -> str:
    """As a node writes it, with nanoseconds."""
    return f"{datetime.fromtimestamp(START + seconds, UTC):%Y-%m-%dT%H:%M:%S.%f}789Z"


def line(seq: int, run: str = "mine") -> str:
    return json.dumps(make_record(run, seq, "pod", (START - 1) * 1_000_000), separators=(",", ":"))


def started(cluster: FakeKubernetes) -> PodLogStop:
    stop = PodLogStop(PodLogs(cluster.connection, "apps", "job=loggy"), "mine", since_ms=START * 1000)
    stop.start()
    return stop


def test_lines_are_seen_once_however_often_the_node_hands_them_out(cluster: FakeKubernetes) -> None:
    stop, account, log = started(cluster), Account(3, ordered=True), cluster.pods[0].lines
    log += [(at(0.1), line(0)), (at(0.2), "something else"), (at(0.9), line(1))]
    stop.poll(account)
    log += [(at(0.95), line(2)), (at(1.5), line(3))]
    for _time in range(3):
        stop.poll(account)
    assert (account.found, account.copies, account.complete) == (4, 0, True)
    assert not account.out_of_order
    assert account.loggy is not None and account.loggy.place == "apps/loggy-1"
    assert (account.clock, account.latency_ms) == ("node", pytest.approx(1100.0, abs=0.01))


def test_a_line_that_was_logged_twice_counts_twice(cluster: FakeKubernetes) -> None:
    stop, account = started(cluster), Account(1)
    cluster.pods[0].lines += [(at(0.1), line(0)), (at(0.2), line(1)), (at(0.3), line(1))]
    stop.poll(account)
    stop.poll(account)
    assert account.copies == 1


def test_a_pod_that_comes_later_is_read_and_one_that_has_ended_is_read_once(cluster: FakeKubernetes) -> None:
    stop, account = started(cluster), Account(1)
    cluster.pods[0].lines.append((at(0.1), line(0)))
    cluster.pods[0].state = {"terminated": {"exitCode": 0}}
    stop.poll(account)
    cluster.pods += [
        FakePod("loggy-2", LABELS, [(at(2), line(1))]),
        FakePod("other", {"job": "other"}, [(at(2), line(1))]),
        FakePod("starting", LABELS, state={"waiting": {"reason": "ContainerCreating"}}),
    ]
    stop.poll(account)
    assert (account.found, account.copies) == (2, 0)
    assert sum("loggy-1/log" in target for target in cluster.asked) == 1


def test_a_file_that_the_node_began_meanwhile_is_told(cluster: FakeKubernetes) -> None:
    stop, account = started(cluster), Account(2)
    cluster.pods[0].lines.append((at(0.1), line(0)))
    stop.poll(account)
    cluster.pods[0].lines[:] = [(at(5), line(2))]
    stop.poll(account)
    assert "1 times the node had begun a new file" in stop.health().line
    assert "Send fewer neighbours" in stop.health().advice


def test_a_quiet_pod_is_no_new_file(cluster: FakeKubernetes) -> None:
    stop, account = started(cluster), Account(0)
    stop.poll(account)
    cluster.pods[0].lines.append((at(0.1), line(0)))
    stop.poll(account)
    stop.poll(account)
    assert stop.health() == ("1 pods job=loggy in namespace apps: Running", "")


@pytest.mark.parametrize(
    ("pod", "said"),
    [
        (
            {"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}},
            "container main: ImagePullBackOff: no such image",
        ),
        ({"state": {"terminated": {"exitCode": 127, "reason": "Error"}}}, "container main: Error (exit code 127)"),
        (
            {
                "state": {"waiting": {}},
                "status": {
                    "conditions": [
                        {
                            "type": "PodScheduled",
                            "status": "False",
                            "reason": "Unschedulable",
                            "message": "0/1 nodes are available",
                        }
                    ]
                },
            },
            "Unschedulable: 0/1 nodes are available",
        ),
        ({"status": {"phase": "Failed", "reason": "Evicted", "message": "disk"}}, "Evicted: disk"),
    ],
)
def test_what_keeps_a_pod_from_logging_is_the_advice(cluster: FakeKubernetes, pod: dict[str, Any], said: str) -> None:
    cluster.pods[:] = [FakePod("loggy-1", LABELS, **pod)]
    stop = started(cluster)
    assert stop.health().line == f"pod loggy-1: {said}"
    assert stop.health().advice == f"Mend what pod loggy-1 says: {said}."


def test_who_may_not_list_pods_is_told_at_the_start(cluster: FakeKubernetes) -> None:
    cluster.refuses = (403, 'pods is forbidden: User "me" cannot list resource "pods"')
    with pytest.raises(Unauthorized, match='403: pods is forbidden: User "me" cannot list'):
        started(cluster)


def test_a_commute_of_a_pods_lines_arrives_and_one_of_no_pod_says_what_is_missing(cluster: FakeKubernetes) -> None:
    stop = {"name": "application", "kind": "pod_log", "namespace": "apps", "selector": "job=loggy"}
    followed: dict[str, Any] = {
        "send": False,
        "run": "mine",
        "since": "2026-11-26T06:00:00Z",
        "neighbours": 1,
        "stops": [stop],
        "kubernetes": cluster.connection,
        "deadline": 0.3,
    }
    cluster.pods[0].lines += [(at(0.1), line(0)), (at(0.2), line(1))]
    result = run_operation(OPERATION, **followed)
    assert result["verdict"] == "arrived"
    assert result["stops"][0]["where"] == {"namespace": "apps", "pod": "loggy-1", "container": "main"}
    cluster.pods.clear()
    with pytest.raises(PipelineError, match=r"application says: there are no pods job=loggy in namespace apps"):
        run_operation(OPERATION, **followed)


def test_a_commute_with_pods_needs_to_know_the_cluster() -> None:
    stop = {"name": "application", "kind": "pod_log", "namespace": "apps", "selector": "a=b"}
    with pytest.raises(PipelineError, match="stops: application needs kubernetes, which is not set"):
        run_operation(OPERATION, send=False, run="mine", stops=[stop])
    with pytest.raises(PipelineError, match="is of kind pod_log and has no selector"):
        run_operation(OPERATION, send=False, run="mine", stops=[{**stop, "selector": None}], kubernetes={"host": "h"})
