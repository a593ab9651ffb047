# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline watched all day: a canary in a pod, and the objects of Prometheus' and Grafana's operators."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.canary_reports import Report, Reports, assert_it_adds_up, stop_of
from tests.cluster import canary_image, images, node
from tests.cluster.errors import ClusterError
from tests.e2e_cluster.conftest import VENDOR
from tests.e2e_cluster.objects import all_objects, kubectl
from tests.pipeline import Pipeline

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CANARY = {f"{kind} loggy/loggy-canary" for kind in ("Deployment", "PersistentVolumeClaim", "Secret", "Service")}
PLAIN = {"ConfigMap loggy/loggy-metrics", "ConfigMap loggy/loggy-scrape-config"}
DASHBOARDS = {"loggy-commute", "loggy-kafka", "loggy-connect", "loggy-elasticsearch"}
WITH_OPERATORS = {
    "ConfigMap loggy/loggy-metrics",
    "PrometheusRule loggy/loggy",
    *(f"PodMonitor loggy/loggy-{job}" for job in ("kafka", "connect", "lag", "canary")),
    *(f"GrafanaDashboard loggy/{name}" for name in DASHBOARDS),
}
DEFINITIONS = {
    name: VENDOR / "crds" / f"{name.split('.', 1)[1]}_{name.split('.', 1)[0]}.yaml"
    for name in (
        "podmonitors.monitoring.coreos.com",
        "prometheusrules.monitoring.coreos.com",
        "grafanadashboards.grafana.integreatly.org",
    )
}
PROXIED = "/api/v1/namespaces/loggy/services/loggy-canary:metrics/proxy"
WATCHED: dict[str, Any] = {"monitoring_enabled": True, "monitoring_grafana_objects": "resources"}
NOBODY_HAS = json.dumps({"spec": {"template": {"spec": {"nodeSelector": {"nobody": "has"}}}}})
EVERYBODY_HAS = json.dumps([{"op": "remove", "path": "/spec/template/spec/nodeSelector"}])


class Canary(Reports):
    """Read as somebody does who has only the API server."""

    def __init__(self) -> None:
        logs = ("-n", "loggy", "logs", "deployment/loggy-canary", "--tail=50")
        super().__init__(self.read_or_nothing, lambda: node.kubectl(*logs), seconds=240)

    def ask(self, path: str) -> str:
        return node.kubectl("get", "--raw", f"{PROXIED}/{path}")

    def report(self) -> Report:
        return dict(json.loads(self.ask("report")))

    def read_or_nothing(self) -> Report:
        try:
            return self.report()
        except ClusterError:
            return {}

    def counters(self) -> dict[str, float]:
        lines = [line.rsplit(" ", 1) for line in self.ask("metrics").splitlines() if line.startswith("loggy_canary_")]
        return {name: float(value) for name, value in lines if "_total" in name}

    @property
    def pod(self) -> dict[str, Any]:
        (pod,) = kubectl("-n", "loggy", "get", "pods", "-l", "app.kubernetes.io/name=canary")["items"]
        return dict(pod)

    def has_not_restarted(self) -> bool:
        return [one["restartCount"] for one in self.pod["status"]["containerStatuses"]] == [0]


def in_namespaces() -> set[str]:
    """Without what Deployments make, and what a definition or a claim brings with it."""
    return {one for one in all_objects() if " /" not in one and not one.startswith("ReplicaSet ")}


@pytest.fixture(scope="module")
def unwatched(built: Pipeline) -> set[str]:
    """What is on the cluster with a pipeline that nobody watches."""
    return in_namespaces()


@pytest.fixture(scope="module")
def canary(built: Pipeline, unwatched: set[str]) -> Iterator[Canary]:
    if not node.is_given():
        node.load(images.build(canary_image.canary()))
    mine = {
        "canary_enabled": True,
        "canary_image": canary_image.NAME,
        "canary_interval": 1.0,
        "canary_poll_interval": 0.5,
        "canary_deadline": 30,
    }
    built.variables.update(mine)
    assert built.playbook("site", "--check").expect_success().changed == 2
    assert in_namespaces() == unwatched
    assert built.playbook("site").expect_success().changed == 2
    yield Canary()
    for name in mine:
        built.variables.pop(name, None)


@pytest.fixture(scope="module")
def definitions(built: Pipeline) -> Iterator[None]:
    """Those of the operators of Prometheus and Grafana: who serves them already keeps them."""
    made = [path for name, path in DEFINITIONS.items() if not is_served(name)]
    for path in made:
        node.kubectl("apply", "--server-side", "-f", str(path))
    for name in DEFINITIONS:
        node.kubectl("wait", "--for=condition=Established", f"crd/{name}", "--timeout=30s")
    yield
    for path in made:
        node.kubectl("delete", "-f", str(path))


def is_served(name: str) -> bool:
    return f"CustomResourceDefinition /{name}" in all_objects()


@contextmanager
def no_collector() -> Iterator[None]:
    daemonset = ("-n", "logging", "patch", "daemonset", "logging-fluentd")
    node.kubectl(*daemonset, "--type=merge", "-p", NOBODY_HAS)
    node.kubectl("-n", "logging", "wait", "pod", "-l", "app=logging-fluentd", "--for=delete", "--timeout=60s")
    try:
        yield
    finally:
        node.kubectl(*daemonset, "--type=json", "-p", EVERYBODY_HAS)
        node.kubectl("-n", "logging", "rollout", "status", "daemonset/logging-fluentd", "--timeout=120s")


def generations() -> dict[str, int]:
    """Of what watches the pipeline, and of what it watches."""
    served = {name.split(".")[0] for name in node.kubectl("api-resources", "--verbs=list", "-o", "name").split()}
    kinds = {"podmonitors", "prometheusrules", "grafanadashboards", "deployments", "kafkas", "kafkaconnects"} & served
    ours = ("-l", "app.kubernetes.io/managed-by=loggy.pipeline")
    found = kubectl("-n", "loggy", "get", ",".join(sorted(kinds)), *ours)["items"]
    return {f"{one['kind']} loggy/{one['metadata']['name']}": one["metadata"]["generation"] for one in found}


def changed_since(before: dict[str, int]) -> set[str]:
    return {name for name, generation in generations().items() if before.get(name) != generation}


def test_every_loggy_of_a_pods_log_arrives_and_a_second_run_changes_nothing(
    built: Pipeline, canary: Canary, unwatched: set[str]
) -> None:
    told = canary.wait(lambda told: told["arrived"] >= 10)
    assert (told["lost"], told["trouble"]) == (0, None)
    assert [stop["name"] for stop in told["stops"]] == ["sender", "topic", "index"]
    assert all(stop["up"] and stop["seen"] >= 10 for stop in told["stops"])
    assert_it_adds_up(told)
    metrics = canary.ask("metrics")
    for line in ('loggy_canary_up{stop="topic"} 1.0', 'loggy_canary_up{stop="index"} 1.0'):
        assert line in metrics
    assert 'kafka_consumergroup_lag{consumergroup="connect-loggy-elasticsearch-sink"' in metrics
    assert canary.counters()['loggy_canary_lost_total{stop="topic"}'] == 0
    assert canary.ask("healthz") == "ok\n"
    assert in_namespaces() - unwatched == CANARY
    assert built.playbook("site").expect_success().changed == 0


def test_another_setting_is_another_pod_with_the_same_account(built: Pipeline, canary: Canary) -> None:
    before, pod, generation = canary.report(), canary.pod["metadata"]["uid"], generations()
    built.variables["canary_poll_interval"] = 0.4
    assert built.playbook("site").expect_success().changed == 2
    assert changed_since(generation) == {"Deployment loggy/loggy-canary"}
    assert canary.pod["metadata"]["uid"] != pod
    told = canary.settled(before["sent"])
    assert told["run"] == before["run"]


def test_a_worker_that_is_away_for_a_while_loses_nothing(canary: Canary) -> None:
    before = canary.settled(canary.report()["sent"])
    node.kubectl("-n", "loggy", "delete", "pod", "my-connect-cluster-connect-0", "--wait=false")
    canary.wait(lambda told: told["on_the_way"]["count"] > 8)
    told = canary.settled(canary.report()["sent"])
    assert_it_adds_up(told)
    assert told["arrived"] + told["lost"] > before["sent"]
    assert all(loss["verdict"].startswith("late at ") and loss["came"] for loss in told["last_losses"])
    late = [stop_of(told, stop)["late"] for stop in ("topic", "index")]
    assert all(count >= told["lost"] for count in late)
    assert canary.has_not_restarted()


def test_a_canary_whose_pod_is_deleted_goes_on_with_its_account(canary: Canary) -> None:
    before = canary.settled(canary.report()["sent"])
    pod = canary.pod["metadata"]["name"]
    counted = canary.counters()
    node.kubectl("-n", "loggy", "delete", "pod", pod)
    told = canary.settled(before["sent"])
    assert canary.pod["metadata"]["name"] != pod
    assert told["run"] == before["run"]
    assert_it_adds_up(told)
    assert told["lost"] == before["lost"]
    after = canary.counters()
    assert {name for name, value in counted.items() if after[name] < value} == set()


def test_what_a_collector_that_is_away_does_not_read_is_lost_at_the_topic(canary: Canary) -> None:
    before = canary.settled(canary.report()["sent"])
    lost = stop_of(before, "topic")["lost"]
    with no_collector():
        told = canary.wait(lambda told: stop_of(told, "topic")["lost"] >= lost + 3)
    loss = told["last_losses"][0]
    assert (loss["verdict"], loss["last_seen"], loss["came"]) == ("lost at topic", "sender", None)
    assert canary.ask("healthz") == "ok\n"
    # The stand-in keeps no position, as Fluentd does without pos_file: what was logged meanwhile stays lost.
    told = canary.wait(lambda now: now["arrived"] > told["arrived"] + 10 and now["on_the_way"]["count"] <= 5)
    assert_it_adds_up(told)
    assert stop_of(told, "topic")["missing"]["count"] >= 3
    assert canary.counters()['loggy_canary_lost_total{stop="topic"}'] >= lost + 3
    assert canary.has_not_restarted()


def test_past_the_collector_it_sends_to_the_source_connector(built: Pipeline, canary: Canary) -> None:
    entry = {"file": None, "forward": {"host": "src-connector.loggy.svc"}}
    assert built.playbook("site", canary_settings=entry).expect_success().changed == 2
    before = canary.wait(lambda told: stop_of(told, "sender")["up"])
    with no_collector():
        told = canary.wait(lambda told: told["arrived"] > before["arrived"] + 10)
    assert_it_adds_up(told)
    assert told["lost"] == before["lost"]


def test_without_the_operators_the_plain_configuration_is_made_and_dashboards_are_refused(
    built: Pipeline, canary: Canary
) -> None:
    if any(map(is_served, DEFINITIONS)):
        pytest.skip("this cluster serves the definitions of Prometheus' or Grafana's operator already")
    before = in_namespaces()
    built.variables["monitoring_enabled"] = True
    built.playbook("site").expect_success()
    assert in_namespaces() - before == PLAIN
    # Strimzi refuses a metricsConfig whose ConfigMap is not there.
    made = kubectl("-n", "loggy", "get", "configmap", "loggy-metrics")["metadata"]["creationTimestamp"]
    for kind in ("kafka", "kafkaconnect"):
        (one,) = kubectl("-n", "loggy", "get", kind, "--show-managed-fields")["items"]
        ours = next(item for item in one["metadata"]["managedFields"] if item["manager"] == "loggy.pipeline")
        assert made <= ours["time"]
    assert built.playbook("site").expect_success().changed == 0
    run = built.playbook("site", **WATCHED).expect_failure()
    assert "serves no GrafanaDashboard of grafana.integreatly.org/v1beta1" in run.words
    assert in_namespaces() - before == PLAIN


def test_with_the_operators_their_kinds_take_the_place_of_the_plain_configuration(
    built: Pipeline, canary: Canary, definitions: None
) -> None:
    before = in_namespaces()
    built.variables.update(WATCHED)
    assert built.playbook("site", "--check").expect_success().changed > 0
    assert in_namespaces() == before
    built.playbook("site").expect_success()
    assert in_namespaces() == (before - PLAIN) | WITH_OPERATORS
    assert built.playbook("site").expect_success().changed == 0


def test_a_changed_variable_changes_just_what_it_is_about(built: Pipeline, canary: Canary, definitions: None) -> None:
    before = generations()
    assert built.playbook("site", "--check", monitoring_limit_lag=777).expect_success().changed == 1
    assert changed_since(before) == set()
    built.variables["monitoring_limit_lag"] = 777
    assert built.playbook("site").expect_success().changed == 1
    assert changed_since(before) == {"PrometheusRule loggy/loggy"}
    (rule,) = kubectl("-n", "loggy", "get", "prometheusrules")["items"]
    (alert,) = [one for group in rule["spec"]["groups"] for one in group["rules"] if one["alert"] == "LoggyLagGrowing"]
    assert "> 777" in alert["expr"]


def test_dashboards_go_from_one_form_to_the_other(built: Pipeline, canary: Canary, definitions: None) -> None:
    before = in_namespaces()
    built.variables["monitoring_grafana_objects"] = "configmaps"
    assert built.playbook("site").expect_success().changed == 2
    resources = {f"GrafanaDashboard loggy/{name}" for name in DASHBOARDS}
    assert in_namespaces() == (before - resources) | {f"ConfigMap loggy/{name}" for name in DASHBOARDS}
    assert built.playbook("site").expect_success().changed == 0


def test_switched_off_all_that_watched_it_is_gone(
    built: Pipeline, canary: Canary, definitions: None, unwatched: set[str]
) -> None:
    for name in (*WATCHED, "monitoring_limit_lag"):
        built.variables.pop(name, None)
    built.variables["canary_enabled"] = False
    there = in_namespaces()
    assert built.playbook("site", "--check").expect_success().changed > 0
    assert in_namespaces() == there
    built.playbook("site").expect_success()
    assert in_namespaces() == unwatched
    assert built.playbook("site").expect_success().changed == 0
    assert "metricsConfig" not in kubectl("-n", "loggy", "get", "kafka", "my-cluster")["spec"]["kafka"]
    assert "metricsConfig" not in kubectl("-n", "loggy", "get", "kafkaconnect", "my-connect-cluster")["spec"]
