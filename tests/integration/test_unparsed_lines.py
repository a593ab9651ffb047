# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of a collector that parses no line, through a real topic, sink and index: followed as all others are."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import requests

from tests.integration.faults import Broken, Options, Way, event
from tests.pipeline import Pipeline

pytestmark = pytest.mark.integration

NEIGHBOURS = 1_000


@pytest.fixture(scope="module")
def way(built: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Way:
    return Way(built, tmp_path_factory.mktemp("way"))


def as_vector_writes(line: Options) -> Options:
    """OpenShift Logging 6, output kafka: what it knows of the container, and the line as a text."""
    names = {"namespace_name": "loggy", "pod_name": "loggy-sender-x7f2p", "container_name": "application"}
    return {
        "@timestamp": line["loggy"]["sent"],
        "hostname": "worker-0.example.com",
        "kubernetes": {**names, "labels": {"loggy_pipeline_run": line["loggy"]["run"]}},
        "level": "default",
        "log_source": "container",
        "log_type": "application",
        "message": json.dumps(line, separators=(",", ":")),
        "openshift": {"cluster_id": "a1", "sequence": 1795372200123456789},
    }


def followed(way: Way, during: Any, neighbours: int, run: str, deadline: int = 120) -> Options:
    return way.follow(
        Broken({"forward": None, "send": False, "run": run}, lambda process: during()),
        neighbours=neighbours,
        deadline=deadline,
    )


def test_all_arrive_each_by_the_record_that_its_document_names(way: Way) -> None:
    run = uuid.uuid4().hex
    numbers = range(NEIGHBOURS + 1)
    result = followed(way, lambda: way.produce("output_tag", run, numbers, as_vector_writes), NEIGHBOURS, run)
    topic, index = result["stops"]
    assert result["verdict"] == "arrived", result["msg"]
    assert [topic["found"], index["found"]] == [NEIGHBOURS + 1] * 2
    assert index["where"]["kafka"]["offset"] == topic["where"]["offset"]
    assert index["duplicates"]["copies"] == index["unexpected"]["count"] == 0


def test_a_copy_an_unexpected_and_a_missing_one_are_told(way: Way) -> None:
    run = uuid.uuid4().hex
    numbers = [0, 1, 2, 2, 3, 5, 99]
    result = followed(way, lambda: way.produce("output_tag", run, numbers, as_vector_writes), 5, run, deadline=12)
    for stop in result["stops"]:
        assert stop["missing"]["ranges"] == [[4, 4]]
        assert stop["duplicates"]["ranges"] == [[2, 2]]
        assert stop["unexpected"]["ranges"] == [[99, 99]]
    assert result["verdict"] == "lost at topic"


def test_a_line_that_a_direct_store_wrote_did_not_come_through_kafka(way: Way) -> None:
    run = uuid.uuid4().hex
    url = f"{way.pipeline.elasticsearch_url}/logs-output_tag-direct/_doc"

    def during() -> None:
        requests.post(url, json=as_vector_writes(event(run, 2)), timeout=30).raise_for_status()
        way.produce("output_tag", run, [0, 1, 2], as_vector_writes)

    result = followed(way, during, 2, run, deadline=20)
    assert result["verdict"] == "not through Kafka", result["msg"]
    assert result["numbers"]["ranges"] == [[2, 2]]
