# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline on a cluster that serves OpenShift's kinds: plug-ins that are built there, and what is left of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import NotReady
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes import object_info

from tests.cluster import node, standard_images
from tests.e2e_cluster.objects import generations, kubectl
from tests.e2e_cluster.plugin_server import PluginServer, plugin_server
from tests.pipeline import ROOT, Pipeline
from tests.unit.run_operation import run_operation
from tests.unit.run_play import run_play_well

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DEFINITIONS = ROOT / "tests" / "cluster" / "openshift.yaml"
CONNECT = "my-connect-cluster"
OURS = "app.kubernetes.io/managed-by=loggy.pipeline"
REST = f"/api/v1/namespaces/loggy/services/{CONNECT}-connect-api:8083/proxy"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PluginServer]:
    with plugin_server(tmp_path_factory.mktemp("archives")) as server:
        yield server


@pytest.fixture(scope="module")
def openshift(built: Pipeline, served: PluginServer) -> Iterator[Pipeline]:
    """The pipeline that the tests share, as it is on OpenShift; afterwards as it was."""
    node.kubectl("apply", "-f", str(DEFINITIONS))
    node.kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", str(DEFINITIONS))
    building = {
        "connect_plugins_method": "build",
        "connect_plugins_output": {"type": "imagestream", "image": "plugins:latest"},
        "connect_plugins": served.plugins("1"),
    }
    yield replace(built, variables={**built.variables, **building}, inventory="inventories/openshift")
    built.playbook("site").expect_success()
    node.kubectl("delete", "-f", str(DEFINITIONS))


def builds() -> dict[str, str]:
    """Strimzi's, with their phases."""
    found = kubectl("-n", "loggy", "get", "builds", "-l", f"strimzi.io/cluster={CONNECT}")["items"]
    return {one["metadata"]["name"].removeprefix(f"{CONNECT}-connect-build-"): one["status"]["phase"] for one in found}


def tag_on_the_worker() -> str:
    path = "/opt/kafka/plugins/forward-source/.tag"
    return node.kubectl("-n", "loggy", "exec", f"{CONNECT}-connect-0", "-c", f"{CONNECT}-connect", "--", "cat", path)


def test_plug_ins_are_built_into_an_image_stream_that_is_made_first(openshift: Pipeline) -> None:
    before = generations("loggy")
    assert openshift.playbook("site").expect_success().changed == 2
    (stream,) = kubectl("-n", "loggy", "get", "imagestreams", "-l", OURS)["items"]
    assert stream["metadata"]["name"] == "plugins"
    changed = {key for key, generation in generations("loggy").items() if before.get(key) != generation}
    assert changed == {f"KafkaConnect/{CONNECT}"}
    assert "image" not in kubectl("-n", "loggy", "get", "kafkaconnect", CONNECT)["spec"]
    assert builds() == {"1": "Complete"}
    assert tag_on_the_worker() == "1"
    classes = {one["class"] for one in json.loads(node.kubectl("get", "--raw", f"{REST}/connector-plugins"))}
    assert "loggy.connect.forward.ForwardSourceConnector" in classes
    assert "loggy.connect.elasticsearch.ElasticsearchSinkConnector" in classes
    assert "Loggy arrived." in openshift.playbook("verify-loggy").expect_success().output


def test_an_unchanged_set_of_plug_ins_is_not_built_again(openshift: Pipeline) -> None:
    assert openshift.playbook("site").expect_success().changed == 0
    assert builds() == {"1": "Complete"}


def test_a_changed_artifact_is_built_anew_and_is_on_the_workers(openshift: Pipeline, served: PluginServer) -> None:
    openshift.variables["connect_plugins"] = served.plugins("2")
    assert openshift.playbook("site").expect_success().changed == 1
    assert builds() == {"1": "Complete", "2": "Complete"}
    assert tag_on_the_worker() == "2"


def test_a_build_that_fails_is_told_with_its_log(openshift: Pipeline) -> None:
    good = openshift.variables["connect_plugins"]
    (artifact,) = good[0]["artifacts"]
    wrong = {**good[0], "artifacts": [{**artifact, "checksum": f"sha512:{'0' * 128}"}]}
    run = openshift.playbook("site", connect_plugins=[wrong, *good[1:]]).expect_failure()
    assert f"KafkaConnect {CONNECT} in namespace loggy can't become ready" in run.error
    assert "The Kafka Connect build failed" in run.error
    assert f"pod {CONNECT}-connect-build-3-build: container {CONNECT}-connect-build: " in run.words
    assert f"log: {artifact['url']}: FAILED" in run.words
    assert "1 computed checksum did NOT match" in run.words
    assert builds()["3"] == "Failed"
    # The workers are those of the build before, and with its plug-ins nothing is to be built.
    assert openshift.playbook("site").expect_success().changed == 1
    assert builds()["2"] == "Complete"
    assert "4" not in builds()
    assert tag_on_the_worker() == "2"


def test_an_image_stream_of_somebody_else_stays_his(openshift: Pipeline) -> None:
    node.kubectl("apply", "-f", "-", given=json.dumps(named("image.openshift.io/v1", "ImageStream", "theirs")))
    output = {"type": "imagestream", "image": "theirs:latest"}
    run = openshift.playbook("site", "--check", connect_plugins_output=output).expect_success()
    assert run.changed == 1
    output["image"] = "nobodys:latest"
    assert openshift.playbook("site", "--check", connect_plugins_output=output).expect_success().changed == 2


def test_what_a_binary_build_is_made_of_is_applied_and_the_upload_that_is_refused_is_told(
    openshift: Pipeline, served: PluginServer
) -> None:
    """An upload is a subresource, which a definition can't have: its own tests have a server that takes it."""
    binary: dict[str, Any] = {
        "connect_plugins_method": "binary",
        "connect_plugins_base_image": standard_images.KAFKA,
        "connect_plugins": [{"name": "forward-source", "artifacts": [{"path": str(served.archive("forward-source"))}]}],
    }
    before = generations("loggy")
    run = openshift.playbook("site", "--check", "--diff", **binary).expect_success()
    assert run.changed == 3
    assert kubectl("-n", "loggy", "get", "buildconfigs", "-l", OURS)["items"] == []
    for _again in range(2):
        run = openshift.playbook("site", **binary).expect_failure()
        assert f"to BuildConfig {CONNECT}-plugins in namespace loggy failed" in run.error
        assert "no build began. Only an OpenShift with its capability Build takes uploads" in run.error
        (config,) = kubectl("-n", "loggy", "get", "buildconfigs", "-l", OURS)["items"]
        assert config["metadata"]["generation"] == 1
    assert config["spec"]["source"] == {
        "type": "Binary",
        "binary": {},
        "dockerfile": f"FROM {standard_images.KAFKA}\nCOPY plugins/ /opt/kafka/plugins/\n",
    }
    assert config["spec"]["output"]["to"] == {"kind": "ImageStreamTag", "name": f"{CONNECT}-plugins:latest"}
    assert generations("loggy") == before


def test_what_builds_is_taken_out_and_nothing_of_somebody_else(openshift: Pipeline, tmp_path: Path) -> None:
    absent = {"name": "loggy.pipeline.connect_plugins", "tasks_from": "absent"}
    connection = {"group/loggy.pipeline.kubernetes": openshift.variables["loggy_kubernetes_connection"]}
    variables = {**openshift.variables, "loggy_platform": "openshift", "loggy_state_dir": str(openshift.state_dir)}
    tasks = [{"ansible.builtin.include_role": absent}]
    run_play_well(tmp_path, {"module_defaults": connection, "vars": variables, "tasks": tasks})
    streams = kubectl("-n", "loggy", "get", "imagestreams")["items"]
    assert [one["metadata"]["name"] for one in streams] == ["theirs"]
    configs = kubectl("-n", "loggy", "get", "buildconfigs")["items"]
    assert [one["metadata"]["name"] for one in configs] == [f"{CONNECT}-connect-build"]


def test_a_route_is_ready_when_its_router_says_so(openshift: Pipeline) -> None:
    route = named("route.openshift.io/v1", "Route", "connect")
    route["spec"] = {"to": {"kind": "Service", "name": f"{CONNECT}-connect-api"}, "port": {"targetPort": 8083}}
    node.kubectl("apply", "-f", "-", given=json.dumps(route))
    with pytest.raises(NotReady, match="no router has taken it yet"):
        wait_for_route()
    admit("False", reason="HostAlreadyClaimed", message="another route has it")
    with pytest.raises(NotReady, match="can't become ready: HostAlreadyClaimed: another route has it"):
        wait_for_route()
    admit("True")
    assert wait_for_route()["ready"]
    node.kubectl("-n", "loggy", "delete", "route", "connect")


def admit(status: str, **said: str) -> None:
    condition = {"type": "Admitted", "status": status, **said}
    told = json.dumps({"status": {"ingress": [{"routerName": "default", "conditions": [condition]}]}})
    node.kubectl("-n", "loggy", "patch", "route", "connect", "--subresource=status", "--type=merge", "-p", told)


def wait_for_route() -> dict[str, Any]:
    wanted = {"api_version": "route.openshift.io/v1", "kind": "Route", "name": "connect", "namespace": "loggy"}
    kubeconfig = str(node.kubeconfig())
    result = run_operation(object_info.OPERATION, kubeconfig=kubeconfig, objects=[wanted], wait_timeout=1)
    (found,) = result["objects"]
    return dict(found)


def named(api_version: str, kind: str, name: str) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "loggy"}}
