# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator by the Operator Lifecycle Manager, whose part the tests play: they tell the statuses that it would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import node
from tests.e2e_cluster.objects import kubectl
from tests.pipeline import ROOT, Pipeline
from tests.unit.run_play import run_play_well

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DEFINITIONS = ROOT / "tests" / "cluster" / "olm.yaml"
SUBSCRIPTION = "subscription/strimzi-kafka-operator"
VERSION = "strimzi-cluster-operator.v1.2.0"
OLM: dict[str, Any] = {"cluster_operator_source": "olm"}


@pytest.fixture(scope="module")
def olm(built: Pipeline) -> Iterator[Pipeline]:
    """The pipeline that the tests share, whose operator is there; afterwards as it was."""
    node.kubectl("apply", "-f", str(DEFINITIONS))
    node.kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", str(DEFINITIONS))
    yield built
    node.kubectl("delete", "-f", str(DEFINITIONS))
    built.playbook("site").expect_success()


def tell(what: str, **status: Any) -> None:
    told = json.dumps({"status": status})
    node.kubectl("-n", "loggy", "patch", what, "--subresource=status", "--type=merge", "-p", told)


def test_the_reason_of_a_subscription_that_is_not_resolved_is_told_at_once(olm: Pipeline) -> None:
    running = olm.start_playbook("site", **OLM)
    node.kubectl("-n", "loggy", "wait", "--for=create", SUBSCRIPTION, "--timeout=60s")
    message = "no operators found in package strimzi-kafka-operator in the catalog community-operators"
    failed = {"type": "ResolutionFailed", "status": "True", "reason": "ConstraintsNotSatisfiable", "message": message}
    tell(SUBSCRIPTION, conditions=[failed])
    output, _none = running.communicate(timeout=60)
    assert running.returncode, output
    said = "Subscription strimzi-kafka-operator in namespace loggy can't become ready: ConstraintsNotSatisfiable: "
    assert said + message in " ".join(output.split())
    (group,) = kubectl("-n", "loggy", "get", "operatorgroups")["items"]
    assert group["spec"] == {"targetNamespaces": ["loggy"]}
    subscription = kubectl("-n", "loggy", "get", SUBSCRIPTION)
    assert subscription["spec"] == {
        "name": "strimzi-kafka-operator",
        "channel": "stable",
        "source": "community-operators",
        "sourceNamespace": "openshift-marketplace",
        "installPlanApproval": "Automatic",
    }


def test_the_reason_of_a_version_that_is_not_installed_is_told_at_once(olm: Pipeline) -> None:
    version = {
        "apiVersion": "operators.coreos.com/v1alpha1",
        "kind": "ClusterServiceVersion",
        "metadata": {
            "name": VERSION,
            "namespace": "loggy",
            "labels": {"operators.coreos.com/strimzi-kafka-operator.loggy": ""},
        },
    }
    node.kubectl("apply", "-f", "-", given=json.dumps(version))
    tell(SUBSCRIPTION, conditions=[], state="AtLatestKnown", installedCSV=VERSION)
    tell(f"csv/{VERSION}", phase="Failed", reason="InstallCheckFailed", message="the deployment is not available")
    run = olm.playbook("site", **OLM).expect_failure()
    assert (
        f"ClusterServiceVersion {VERSION} in namespace loggy can't become ready: InstallCheckFailed: the deployment is "
        "not available" in run.words
    )


def test_once_it_is_installed_the_pipeline_is_built_on_it(olm: Pipeline) -> None:
    tell(f"csv/{VERSION}", phase="Succeeded", reason="InstallSucceeded", message="install strategy completed")
    assert olm.playbook("site", **OLM).expect_success().changed == 0


def test_what_was_subscribed_to_is_taken_out(olm: Pipeline, tmp_path: Path) -> None:
    absent = {"name": "loggy.pipeline.cluster_operator", "tasks_from": "absent"}
    connection = {"group/loggy.pipeline.kubernetes": olm.variables["loggy_kubernetes_connection"]}
    stays = {"cluster_operator_purge_definitions": False, "cluster_operator_purge_namespace": False}
    variables = {**olm.variables, **OLM, **stays, "loggy_platform": "openshift", "loggy_state_dir": str(olm.state_dir)}
    tasks = [{"ansible.builtin.include_role": absent}]
    run_play_well(tmp_path, {"module_defaults": connection, "vars": variables, "tasks": tasks})
    left = kubectl("-n", "loggy", "get", "subscriptions,operatorgroups,clusterserviceversions")["items"]
    assert left == []
