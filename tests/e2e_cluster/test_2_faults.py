# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on a cluster is said in one line, with its reason; and the next run mends it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import node, pipeline_images, standard_images
from tests.e2e_cluster.objects import all_objects, generations, kubectl
from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e

# Long enough for what comes, short enough for what does not.
SHORT = {"kafka_wait_timeout": 20, "connect_wait_timeout": 60}


@pytest.fixture(scope="module")
def account(logging: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Somebody who may look at one namespace, and at nothing else."""
    node.kubectl("create", "namespace", "narrow")
    node.kubectl("-n", "narrow", "create", "serviceaccount", "narrow")
    node.kubectl(
        "-n", "narrow", "create", "rolebinding", "narrow", "--clusterrole=view", "--serviceaccount=narrow:narrow"
    )
    config = json.loads(node.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
    (server,) = config["clusters"]
    token = node.kubectl("-n", "narrow", "create", "token", "narrow").strip()
    made = {
        "clusters": [server],
        "users": [{"name": "narrow", "user": {"token": token}}],
        "contexts": [{"name": "narrow", "context": {"cluster": server["name"], "user": "narrow"}}],
        "current-context": "narrow",
    }
    path = tmp_path_factory.mktemp("account") / "kubeconfig"
    path.write_text(json.dumps(made), encoding="utf-8")
    yield {"loggy_kubernetes_connection": {"kubeconfig": str(path)}}
    node.kubectl("delete", "namespace", "narrow")


def test_who_may_not_is_told_what_he_may_not(built: Pipeline, account: dict[str, Any]) -> None:
    before = all_objects()
    run = built.playbook("site", loggy_namespace="narrow", **account).expect_failure()
    assert "system:serviceaccount:narrow:narrow" in run.error
    assert "cluster_operator_source to present" in run.words
    assert all_objects() == before


def test_the_wrong_namespace_is_named(built: Pipeline, account: dict[str, Any]) -> None:
    run = built.playbook(
        "site", loggy_namespace="elsewhere", cluster_operator_source="present", **account
    ).expect_failure()
    assert 'namespaces "elsewhere" is forbidden' in run.error


def test_what_a_schema_does_not_have_is_refused_before_anything_is_sent(built: Pipeline) -> None:
    before = generations("loggy")
    run = built.playbook("site", connect_spec={"jvmOption": {"-Xmx": "1g"}}).expect_failure()
    assert "KafkaConnect my-connect-cluster: spec.jvmOption: there is no such field" in run.words
    assert "did you mean jvmOptions?" in run.words
    assert generations("loggy") == before


def test_an_operator_that_is_down_is_noticed_by_what_it_did_not_observe(built: Pipeline) -> None:
    node.kubectl("-n", "loggy", "scale", "deployment", "strimzi-cluster-operator", "--replicas=0")
    changed = {"kafka_settings": {"log.retention.hours": 5}, "kafka_wait_timeout": 5}
    run = built.playbook("site", cluster_operator_source="present", **changed).expect_failure()
    assert "Kafka my-cluster in namespace loggy" in run.error
    assert "its controller has not seen generation" in run.error
    # The next run has the operator as it is declared, and all else too.
    built.playbook("site").expect_success()


def test_the_reason_of_an_operator_is_told_at_once(built: Pipeline) -> None:
    node.kubectl(
        "-n", "loggy", "annotate", "kafka", "my-cluster", "loggy.test/fail=UnforceableProblem: a pod won't roll"
    )
    try:
        run = built.playbook("site", kafka_settings={"log.retention.hours": 6}).expect_failure()
        assert (
            "Kafka my-cluster in namespace loggy can't become ready: UnforceableProblem: a pod won't roll" in run.words
        )
    finally:
        node.kubectl("-n", "loggy", "annotate", "kafka", "my-cluster", "loggy.test/fail-")


def test_an_image_that_is_not_there_is_named(built: Pipeline) -> None:
    image = f"{pipeline_images.CONNECT}:nowhere"
    run = built.playbook("site", connect_plugins_image=image, **SHORT).expect_failure()
    assert "KafkaConnect my-connect-cluster in namespace loggy can't become ready: pod" in run.error
    assert image in run.words


def test_a_worker_that_crashes_is_told_with_its_last_words(built: Pipeline) -> None:
    run = built.playbook("site", connect_heap="1m", **SHORT).expect_failure()
    assert "KafkaConnect my-connect-cluster in namespace loggy can't become ready: pod" in run.error
    assert "log: Too small" in run.words or "log: Error occurred during initialization of VM" in run.words


def test_a_plug_in_that_is_missing_is_named(built: Pipeline) -> None:
    run = built.playbook(
        "site", connect_plugins_image=standard_images.KAFKA, connect_plugins_wait_timeout=10
    ).expect_failure()
    assert "Plug-ins are missing" in run.error
    assert "loggy.connect.forward.ForwardSourceConnector" in run.words


def test_a_run_that_was_interrupted_is_finished_by_the_next(built: Pipeline) -> None:
    running = built.start_playbook("site")
    assert running.stdout is not None
    for line in running.stdout:
        if "Apply Kafka Connect" in line:
            os.killpg(running.pid, signal.SIGKILL)
            break
    running.wait()
    built.playbook("site").expect_success()
    assert "Loggy arrived." in built.playbook("verify-loggy").expect_success().output


def test_two_users_at_the_same_time_end_with_what_both_declared(built: Pipeline) -> None:
    settings = {"connectors_settings": {"elasticsearch_sink": {"bulk.max.documents": 400}}}
    both = [built.start_playbook("site", **settings) for _ in range(2)]
    for one in both:
        output, _none = one.communicate(timeout=300)
        assert one.returncode == 0, output
    assert built.playbook("site", **settings).expect_success().changed == 0


def test_verification_names_the_stop_where_the_way_ends(built: Pipeline) -> None:
    node.kubectl("-n", "logging", "patch", "daemonset", "logging-fluentd", "--type=merge", "-p", STOPPED)
    try:
        run = built.playbook("verify-loggy", loggy_deadline=15).expect_failure()
        assert "last seen at application" in run.error
        assert "missing at topic" in run.error
    finally:
        node.kubectl("-n", "logging", "patch", "daemonset", "logging-fluentd", "--type=json", "-p", STARTED)
    assert kubectl("-n", "loggy", "get", "jobs")["items"] == []
    assert Path(built.variables["loggy_report_dir"]).is_dir()


STOPPED = json.dumps({"spec": {"template": {"spec": {"nodeSelector": {"nobody": "has"}}}}})
STARTED = json.dumps([{"op": "remove", "path": "/spec/template/spec/nodeSelector"}])
