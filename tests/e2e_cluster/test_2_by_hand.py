# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One stop of a pipeline on a cluster asked by hand, by a playbook of its own."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from tests.bench.measure import wait_until
from tests.cluster import node
from tests.e2e_cluster.objects import all_objects, kubectl
from tests.pipeline import Pipeline, Run

pytestmark = pytest.mark.e2e


def ask(pipeline: Pipeline, playbook: str, until: str, **variables: Any) -> Run:
    """Asks until ``until`` is in the answer: what was just logged may still be on its way."""
    end = time.monotonic() + 60
    while True:
        run = pipeline.playbook(f"playbooks/{playbook}", **variables).expect_success()
        if until in run.output or time.monotonic() > end:
            assert until in run.output, run.output
            assert run.changed == 0
            return run


def jobs() -> list[str]:
    return [one["metadata"]["name"] for one in kubectl("-n", "loggy", "get", "jobs")["items"]]


def test_what_a_pod_logs_by_hand_is_found_at_each_stop_by_hand_and_the_pod_goes_by_itself(built: Pipeline) -> None:
    logged = built.playbook("playbooks/gen_logs", loggy_count=3, loggy_sender_stays=20).expect_success()
    assert "Loggy neighbor:1 to neighbor:3 :)" in logged.output
    assert logged.changed == 1
    told = re.search(
        r"went to the log of a pod of Job (\S+) in namespace loggy, which goes by itself 20 s from now: by then the "
        r"collector has read it run (\S+)",
        logged.words,
    )
    assert told, logged.output
    brokers = ask(built, "read_brokers", until="3 records with", loggy_grep=told[2])
    index = ask(built, "elasticsearch", until="3 documents with", loggy_grep=told[2])
    for number in (1, 2, 3):
        assert re.search(rf"output_tag-\d+@\d+  .*Loggy neighbor:{number} :\)", brokers.output)
        assert re.search(rf"logs-output_tag-\S+/\S+  .*Loggy neighbor:{number} :\)", index.output)
    assert "( Loggy )" not in brokers.output
    wait_until(lambda: told[1] not in jobs(), "the Job is gone", timeout=60, pause=1)


def test_check_mode_makes_no_pod_and_says_where_it_would_go(built: Pipeline) -> None:
    before = all_objects()
    run = built.playbook("playbooks/gen_logs", "--check", loggy_count=5).expect_success()
    assert "would go to the log of a pod in namespace loggy" in run.words
    assert all_objects() == before


def test_a_pod_that_can_not_run_is_named_and_would_go_by_itself(built: Pipeline) -> None:
    nowhere: dict[str, Any] = {"loggy_sender_image": "localhost/loggy-test/nowhere:1", "loggy_deadline": 40}
    run = built.playbook("playbooks/gen_logs", **nowhere).expect_failure()
    assert re.search(r"Job loggy-\S+ in namespace loggy can't become ready: pod loggy-", run.words), run.output
    (job,) = kubectl("-n", "loggy", "get", "jobs")["items"]
    assert (job["spec"]["activeDeadlineSeconds"], job["spec"]["ttlSecondsAfterFinished"]) == (100, 300)
    node.kubectl("-n", "loggy", "delete", "job", job["metadata"]["name"])


def test_without_a_collector_it_is_logged_by_forward(built: Pipeline) -> None:
    address = kubectl("-n", "loggy", "get", "service", "src-connector")["spec"]["clusterIP"]
    run = built.playbook("playbooks/gen_logs", fluentd_kind="none", loggy_forward_host=address).expect_success()
    assert f"went to forward {address}:24224 tag output_tag, 1 acknowledged" in run.words
    assert "( Loggy ) :D" in run.output
    answer = built.playbook("playbooks/aggregate_logger", fluentd_kind="none").expect_success()
    assert "There is no aggregator." in answer.words


def test_the_collectors_pods_are_told_with_their_last_words(built: Pipeline) -> None:
    run = ask(built, "aggregate_logger", until="following containers for 1 stores", loggy_limit=100)
    assert re.search(r"logging/logging-fluentd-\w+  Running, 1 of 1 containers ready, \d+ restarts\n", run.output)
    assert "1 pods have the labels of the collector configmap: app=logging-fluentd" in run.words
    wrong = ask(built, "aggregate_logger", until="0 pods", fluentd_workload_name="nobody")
    assert "there is no DaemonSet nobody in namespace logging" in wrong.words


def test_the_indices_are_listed_with_their_counts(built: Pipeline) -> None:
    listed = ask(built, "elasticsearch", until="logs-output_tag-").output
    assert re.search(r"(green|yellow) +\d+  logs-output_tag-", listed)
    assert "documents with" not in listed
