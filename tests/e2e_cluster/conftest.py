# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster with a collector and Elasticsearch in it, and the variables of a pipeline there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster import images, machine, node, pipeline_images, standard_images
from tests.cluster.operator import image as operator_image
from tests.e2e_cluster.objects import all_objects, collector
from tests.pipeline import Pipeline

ROOT = Path(__file__).resolve().parents[2]
VENDOR = Path(os.environ.get("LOGGY_VENDOR_DIR") or ROOT.parent / "shared" / "vendor")
NAMESPACE = "loggy"


@pytest.fixture(scope="session")
def cluster() -> Iterator[None]:
    """Stays up for the next run where it was up before; else a new one, without what an interrupted run left."""
    if reasons := machine.missing():
        pytest.skip(f"no cluster can be had here: {'; '.join(reasons)}")
    if not (VENDOR / "strimzi-1.2.0").is_dir():
        pytest.skip("there are no release manifests of Strimzi: set LOGGY_VENDOR_DIR")
    was_running = node.is_given() or node.is_running()
    if not was_running:
        node.wipe()
    node.up()
    if not node.is_given():
        for image in (
            standard_images.kafka(),
            standard_images.elasticsearch(),
            operator_image.operator(),
            pipeline_images.connect("1"),
            pipeline_images.connect("2"),
            pipeline_images.collector(),
        ):
            node.load(images.build(image))
    yield
    if not was_running:
        node.down()


@pytest.fixture(scope="session")
def logging(cluster: None) -> Iterator[str]:
    """:returns: where Elasticsearch is reached, from the host and from pods alike."""
    # That of a run before may still be going.
    node.kubectl("delete", "namespace", "logging", "--ignore-not-found")
    text = (ROOT / "tests" / "cluster" / "logging.yaml").read_text(encoding="utf-8")
    text = text.replace("@ELASTICSEARCH@", standard_images.ELASTICSEARCH).replace(
        "@COLLECTOR@", pipeline_images.COLLECTOR
    )
    node.kubectl("apply", "-f", "-", given=text)
    for workload in ("deployment/elasticsearch", "daemonset/logging-fluentd"):
        node.kubectl("-n", "logging", "rollout", "status", workload, "--timeout=180s")
    service = json.loads(node.kubectl("-n", "logging", "get", "service", "elasticsearch", "-o", "json"))
    yield f"http://{service['spec']['clusterIP']}:9200"
    node.kubectl("delete", "namespace", "logging", "--wait=false")


@pytest.fixture(scope="session")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Strimzi's release, with the operator's image of LOGGY_STRIMZI_IMAGES or of the stand-in."""
    folder = tmp_path_factory.mktemp("strimzi")
    for file in sorted((VENDOR / "strimzi-1.2.0").glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        if "Deployment" in file.name:
            text = with_image(text, os.environ.get("LOGGY_STRIMZI_IMAGE", operator_image.NAME))
        (folder / file.name).write_text(text, encoding="utf-8")
    return folder


def with_image(text: str, image: str) -> str:
    deployment = yaml.safe_load(text)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    container["image"] = image
    container["imagePullPolicy"] = "Never"
    return yaml.safe_dump(deployment)


@pytest.fixture(scope="session")
def variables(logging: str, manifests: Path) -> dict[str, Any]:
    """Those that only the user of a cluster knows, and waits that end in time."""
    return {
        "loggy_namespace": NAMESPACE,
        "loggy_kubernetes_connection": {"kubeconfig": str(node.kubeconfig())},
        "loggy_elasticsearch_urls": [logging],
        "cluster_operator_manifests": str(manifests),
        "connect_plugins_image": f"{pipeline_images.CONNECT}:1",
        "fluentd_kind": "configmap",
        "fluentd_namespace": "logging",
        "kafka_wait_timeout": 180,
        "connect_wait_timeout": 180,
        "cluster_operator_wait_timeout": 120,
        "fluentd_wait_timeout": 120,
        "cluster_operator_purge": True,
        "cluster_operator_purge_definitions": True,
        "cluster_operator_purge_namespace": True,
    }


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory, variables: dict[str, Any]) -> Pipeline:
    folder = tmp_path_factory.mktemp("pipeline")
    apart = {"loggy_report_dir": str(folder / "reports"), "loggy_cache_dir": str(folder / "cache")}
    return Pipeline(folder / "state", {**variables, **apart}, ports={}, inventory="inventories/kubernetes")


@pytest.fixture(scope="session")
def before(pipeline: Pipeline) -> tuple[set[str], dict[str, Any]]:
    """The cluster without a pipeline."""
    objects = all_objects()
    if left := {one for one in objects if one.endswith(".kafka.strimzi.io")}:
        pytest.fail(f"the cluster is not empty, it has {sorted(left)}: purge it, or `python -m tests.cluster wipe`")
    return objects, collector()


@pytest.fixture(scope="session")
def built(pipeline: Pipeline, before: object) -> Iterator[Pipeline]:
    """The pipeline that the tests share, in the order of their files: the last one takes it out."""
    pipeline.playbook("site").expect_success()
    yield pipeline
    pipeline.playbook("purge")
