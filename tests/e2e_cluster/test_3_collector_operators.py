# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role fluentd and the collectors' operators: its objects on a real API server with the published definitions.

No operator runs there, and its part is played: the status of each object, as it would set it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.loggy.pipeline.plugins.module_utils.wait import wait_until

from tests.cluster import node
from tests.e2e_cluster.collector_operators import (
    Answer,
    Operator,
    fluent_operator,
    logging_5,
    logging_6,
    logging_operator,
)
from tests.e2e_cluster.conftest import VENDOR
from tests.e2e_cluster.objects import all_objects, kubectl
from tests.pipeline import ROOT, Pipeline

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAMESPACE = "collected"
GROUPS = ("fluentd.fluent.io", "logging.banzaicloud.io", "logging.openshift.io", "observability.openshift.io")
REFUSAL = "secret loggy-collector was not found"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Kind:
    """One of fluentd_kind with the objects that the role makes for it; ``changed`` is what another topic changes."""

    api_version: str
    kinds: tuple[str, ...]
    answer: Answer
    variables: dict[str, Any]
    changed: str = "ClusterOutput"

    @property
    def resources(self) -> list[str]:
        return [f"{kind.lower()}s.{self.api_version.partition('/')[0]}" for kind in self.kinds]

    def is_served(self) -> bool:
        group = self.api_version.partition("/")[0]
        return set(self.resources) <= set(node.kubectl("api-resources", f"--api-group={group}", "-o", "name").split())

    def operator(self, refuses: str = "") -> Operator:
        return Operator(self.api_version, self.kinds, self.answer, refuses)

    def objects(self) -> dict[str, Any]:
        """What there is of its kinds, by kind and name: what was asked for, and in which generation."""
        found = kubectl("get", ",".join(self.resources), "--all-namespaces")["items"]
        return {
            f"{one['kind']}/{one['metadata']['name']}": (one["metadata"]["generation"], one["spec"]) for one in found
        }


FLOW = {"fluentd_kind": "logging_operator", "fluentd_output": "kafka"}
FLUENT = {"fluentd_kind": "fluent_operator", "fluentd_output": "kafka"}
BANZAI, FLUENT_IO = "logging.banzaicloud.io/v1beta1", "fluentd.fluent.io/v1alpha1"
OPERATED = {
    "flow": Kind(BANZAI, ("ClusterOutput", "ClusterFlow"), logging_operator, FLOW),
    "flow-of-a-namespace": Kind(
        BANZAI, ("Output", "Flow"), logging_operator, {**FLOW, "fluentd_flow_scope": "namespace"}, "Output"
    ),
    "fluent": Kind(FLUENT_IO, ("ClusterOutput", "ClusterFilter", "ClusterFluentdConfig"), fluent_operator, FLUENT),
    "fluent-of-namespaces": Kind(
        FLUENT_IO,
        ("ClusterOutput", "ClusterFluentdConfig"),
        fluent_operator,
        {**FLUENT, "fluentd_namespaces": ["shop"]},
    ),
}
FORWARDER = {"fluentd_kind": "cluster_log_forwarder", "fluentd_output": "kafka"}
FORWARDERS = {
    "logging-6": Kind("observability.openshift.io/v1", ("ClusterLogForwarder",), logging_6, FORWARDER),
    "logging-5": Kind("logging.openshift.io/v1", ("ClusterLogForwarder",), logging_5, FORWARDER),
}
SOMEBODY_S: dict[str, Any] = {
    "logging-6": {
        "serviceAccount": {"name": "collector"},
        "inputs": [{"name": "shop", "type": "application", "application": {"includes": [{"namespace": "shop"}]}}],
        "outputs": [
            {"name": "default", "type": "http", "http": {"url": "https://store.example.com"}},
            {"name": "siem", "type": "http", "http": {"url": "https://siem.example.com", "timeout": 10}},
        ],
        "pipelines": [
            {"name": "all", "inputRefs": ["application", "infrastructure"], "outputRefs": ["default"]},
            {"name": "both", "inputRefs": ["application"], "outputRefs": ["siem", "default"]},
            {"name": "shop", "inputRefs": ["shop"], "outputRefs": ["siem"]},
        ],
    },
    "logging-5": {
        "inputs": [{"name": "shop", "application": {"namespaces": ["shop"]}}],
        "outputs": [{"name": "siem", "type": "http", "url": "https://siem.example.com"}],
        "pipelines": [
            {"name": "all", "inputRefs": ["application", "infrastructure"], "outputRefs": ["default"]},
            {"name": "both", "inputRefs": ["application"], "outputRefs": ["siem", "default"]},
            {"name": "shop", "inputRefs": ["shop"], "outputRefs": ["siem"]},
        ],
    },
}


@dataclass
class Definitions:
    """Those of the collectors' operators that are at hand, and those that are on the cluster because of us."""

    at_hand: dict[str, Path] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    def have(self, kind: Kind) -> None:
        """On the cluster, from now on."""
        if missing := [one for one in kind.resources if one not in self.at_hand]:
            pytest.skip(f"{VENDOR}/crds has no definition of {', '.join(missing)}")
        there = set(node.kubectl("get", "customresourcedefinitions", "-o", "name").split())
        for resource in (one for one in self.at_hand if one.endswith(kind.api_version.partition("/")[0])):
            name = f"customresourcedefinition.apiextensions.k8s.io/{resource}"
            if name not in there:
                node.kubectl("create", "-f", str(self.at_hand[resource]))
                self.made.append(name)
        wait_until(lambda: (kind.is_served() or None, "they are not served yet"), what="the definitions", timeout=30)
        # A kind that is new is not ready to be listed for a moment, in which kubectl asks again.
        kind.objects()


@pytest.fixture(scope="module")
def definitions(cluster: None) -> Iterator[Definitions]:
    found = Definitions()
    for file in sorted((VENDOR / "crds").glob("*.yaml")):
        definition = yaml.load(file.read_text(encoding="utf-8"), LOADER)
        if definition["spec"]["group"] in GROUPS:
            found.at_hand[definition["metadata"]["name"]] = file
    yield found
    if found.made:
        node.kubectl("delete", *found.made)


@pytest.fixture(scope="module")
def playbooks(cluster: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the role's tasks as site.yml and purge.yml call them, and a namespace for them."""
    folder = tmp_path_factory.mktemp("role")
    for name in ("ansible.cfg", "collections"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "fluentd.yml").write_text(play("kubernetes_validate", "main"), encoding="utf-8")
    (folder / "fluentd_absent.yml").write_text(play("absent"), encoding="utf-8")
    node.kubectl("create", "namespace", NAMESPACE)
    yield folder
    node.kubectl("delete", "namespace", NAMESPACE)


def play(*parts: str) -> str:
    (whole,) = yaml.safe_load((ROOT / "playbooks" / "purge.yml").read_text(encoding="utf-8"))
    include = "ansible.builtin.include_role"
    tasks = [{include: {"name": "loggy.pipeline.fluentd", "tasks_from": part}} for part in parts]
    return yaml.safe_dump([{**whole, "tasks": tasks}])


@pytest.fixture
def kind(request: pytest.FixtureRequest, definitions: Definitions) -> Kind:
    found: Kind = (OPERATED | FORWARDERS)[request.param]
    definitions.have(found)
    return found


@pytest.fixture
def role(playbooks: Path, kind: Kind) -> Pipeline:
    """The role alone."""
    variables = {
        "loggy_kubernetes_connection": {"kubeconfig": str(node.kubeconfig())},
        "loggy_namespace": NAMESPACE,
        "fluentd_namespace": NAMESPACE,
        "fluentd_wait_timeout": 60,
        **kind.variables,
    }
    inventory = str(ROOT / "inventories" / "kubernetes")
    return Pipeline(playbooks / "state", variables, ports={}, site=playbooks, inventory=inventory)


@pytest.mark.parametrize("kind", OPERATED, indirect=True)
def test_an_operator_s_objects_are_made_changed_each_for_itself_and_taken_out(role: Pipeline, kind: Kind) -> None:
    before = all_objects()
    with kind.operator():
        assert role.playbook("fluentd", "--check").expect_success().changed == 1
        assert all_objects() == before
        assert role.playbook("fluentd").expect_success().changed == 1
        made = kind.objects()
        assert sorted(made) == sorted(f"{one}/loggy" for one in kind.kinds)
        assert len(all_objects() - before) == len(kind.kinds)
        assert role.playbook("fluentd").expect_success().changed == 0
        assert role.playbook("fluentd", fluentd_kafka_topic="other").expect_success().changed == 1
        changed = kind.objects()
        assert {name for name in made if made[name] != changed[name]} == {f"{kind.changed}/loggy"}
    assert role.playbook("fluentd_absent", "--check").expect_success().changed == 1
    assert kind.objects() == changed
    assert role.playbook("fluentd_absent").expect_success().changed == 1
    assert all_objects() == before
    assert role.playbook("fluentd_absent").expect_success().changed == 0


@pytest.mark.parametrize("kind", ["flow", "fluent-of-namespaces"], indirect=True)
def test_what_an_operator_does_not_take_is_told_with_its_words(role: Pipeline, kind: Kind) -> None:
    with kind.operator(refuses=REFUSAL):
        run = role.playbook("fluentd", fluentd_wait_timeout=3).expect_failure()
    assert f"after 3 s its operator has not taken it: {REFUSAL}" in run.error
    role.playbook("fluentd_absent").expect_success()


@pytest.mark.parametrize("kind", ["flow", "fluent-of-namespaces"], indirect=True)
def test_an_operator_that_is_silent_is_told_of_with_what_it_may_lack(role: Pipeline, kind: Kind) -> None:
    run = role.playbook("fluentd", fluentd_wait_timeout=3).expect_failure()
    assert "after 3 s its operator has not taken it: it has said nothing. If it says nothing, no " in run.error
    role.playbook("fluentd_absent").expect_success()


@pytest.fixture
def forwarder(request: pytest.FixtureRequest, kind: Kind, playbooks: Path) -> Iterator[Callable[[], Any]]:
    """Somebody's.

    :returns: what reads all of it that somebody may write.
    """
    name = request.node.callspec.params["kind"]
    about = {"name": "instance", "namespace": NAMESPACE, "annotations": {"somebody": "wrote it"}}
    one = {"apiVersion": kind.api_version, "kind": "ClusterLogForwarder", "metadata": about, "spec": SOMEBODY_S[name]}
    node.kubectl("create", "--validate=strict", "-f", "-", given=json.dumps(one))

    def read() -> dict[str, Any]:
        found = kubectl("-n", NAMESPACE, "get", kind.resources[0], "instance")
        return {"annotations": found["metadata"]["annotations"], "spec": found["spec"]}

    yield read
    node.kubectl("-n", NAMESPACE, "delete", kind.resources[0], "instance")


def without_ours(found: dict[str, Any]) -> dict[str, Any]:
    lists = {
        kind: [one for one in found["spec"][kind] if not one["name"].startswith("loggy")]
        for kind in ("inputs", "outputs", "pipelines")
    }
    annotations = {key: text for key, text in found["annotations"].items() if not key.startswith("loggy.pipeline/")}
    return {"annotations": annotations, "spec": {**found["spec"], **lists}}


@pytest.mark.parametrize("kind", FORWARDERS, indirect=True)
def test_a_forwarder_gets_our_parts_and_gives_them_back(
    role: Pipeline, kind: Kind, forwarder: Callable[[], Any]
) -> None:
    before, objects = forwarder(), all_objects()
    with kind.operator():
        assert role.playbook("fluentd", "--check").expect_success().changed == 1
        assert forwarder() == before
        assert role.playbook("fluentd").expect_success().changed == 1
        made = forwarder()
        assert without_ours(made) == before
        assert [one["name"] for one in made["spec"]["outputs"]][-1] == "loggy"
        assert all_objects() == objects
        assert role.playbook("fluentd").expect_success().changed == 0
        assert role.playbook("fluentd", fluentd_kafka_topic="other").expect_success().changed == 1
        changed = forwarder()
        assert {part for part in made["spec"] if made["spec"][part] != changed["spec"][part]} == {"outputs"}
        assert without_ours(changed) == before
        assert role.playbook("fluentd_absent", "--check").expect_success().changed == 1
        assert forwarder() == changed
        assert role.playbook("fluentd_absent").expect_success().changed == 1
        assert json.dumps(forwarder()) == json.dumps(before)
        assert role.playbook("fluentd_absent").expect_success().changed == 0


@pytest.mark.parametrize("kind", FORWARDERS, indirect=True)
def test_a_forwarder_s_direct_store_is_taken_off_and_given_back(
    role: Pipeline, kind: Kind, forwarder: Callable[[], Any]
) -> None:
    before = forwarder()
    with kind.operator():
        taken: dict[str, Any] = {"fluentd_keep_direct_store": False}
        assert role.playbook("fluentd", **taken).expect_success().changed == 1
        pipelines = {one["name"]: one for one in forwarder()["spec"]["pipelines"]}
        assert pipelines["all"]["inputRefs"] == ["loggy-rest", "infrastructure"]
        assert pipelines["both"]["outputRefs"] == ["siem"]
        assert role.playbook("fluentd", **taken).expect_success().changed == 0
        assert role.playbook("fluentd_absent").expect_success().changed == 1
    assert json.dumps(forwarder()) == json.dumps(before)


@pytest.mark.parametrize("kind", FORWARDERS, indirect=True)
def test_what_the_operator_refuses_of_a_forwarder_is_taken_back_with_its_words(
    role: Pipeline, kind: Kind, forwarder: Callable[[], Any]
) -> None:
    before = forwarder()
    secured: dict[str, Any] = {"fluentd_kafka_sasl": "PLAIN", "fluentd_kafka_secret": "loggy-collector"}
    with kind.operator(refuses=REFUSAL):
        run = role.playbook("fluentd", **secured).expect_failure()
    assert f"The operator refuses ClusterLogForwarder instance in namespace {NAMESPACE}" in run.error
    assert f"output loggy: ValidationFailure: {REFUSAL}" in run.words
    assert "It was taken back: instance is as it was." in run.words
    assert json.dumps(forwarder()) == json.dumps(before)


@pytest.mark.parametrize("kind", FORWARDERS, indirect=True)
def test_a_forwarder_that_is_not_there_is_made_when_told_by_whom_it_runs(role: Pipeline, kind: Kind) -> None:
    before = all_objects()
    with kind.operator():
        assert "There is no ClusterLogForwarder instance" in role.playbook("fluentd").expect_failure().error
        told: dict[str, Any] = {"fluentd_forwarder_service_account": "collector"}
        assert role.playbook("fluentd", **told).expect_success().changed == 1
        assert role.playbook("fluentd", **told).expect_success().changed == 0
        assert role.playbook("fluentd_absent").expect_success().changed == 1
    assert all_objects() == before
