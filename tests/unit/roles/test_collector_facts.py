# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verification asks of the collector: whether there is one, and whether it writes to Kafka itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.run_play import run_play_well

FORWARDER = {"fluentd_kind": "cluster_log_forwarder"}
SIX, FIVE = "observability.openshift.io/v1", "logging.openshift.io/v1"
# The variables, and whether there is a collector and whether it writes to Kafka itself.
CASES: dict[str, tuple[dict[str, Any], list[bool]]] = {
    "none": ({"fluentd_kind": "none"}, [False, False]),
    "configmap": ({"fluentd_kind": "configmap", "fluentd_output": "kafka"}, [True, False]),
    "six": ({**FORWARDER, "_fluentd_forwarder_api": SIX}, [True, True]),
    "five": ({**FORWARDER, "_fluentd_forwarder_api": FIVE}, [True, False]),
    "five-kafka": ({**FORWARDER, "_fluentd_forwarder_api": FIVE, "fluentd_output": "kafka"}, [True, True]),
    "flow": ({"fluentd_kind": "logging_operator"}, [True, False]),
    "flow-kafka": ({"fluentd_kind": "logging_operator", "fluentd_output": "kafka"}, [True, True]),
    "fluent": ({"fluentd_kind": "fluent_operator"}, [True, False]),
}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bool]]:
    folder = tmp_path_factory.mktemp("facts")
    tasks: list[dict[str, Any]] = []
    for name, (variables, _expected) in CASES.items():
        role = {"name": "loggy.pipeline.fluentd", "tasks_from": "facts"}
        tasks.append({"ansible.builtin.include_role": role, "vars": {"loggy_platform": "kubernetes", **variables}})
        content = "{{ [fluentd_deployed, fluentd_writes_to_kafka] | to_json }}"
        tasks.append({"ansible.builtin.copy": {"content": content, "dest": str(folder / name)}})
    run_play_well(folder, {"tasks": tasks})
    return {name: json.loads((folder / name).read_text(encoding="utf-8")) for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_a_collector_writes_to_kafka_where_its_output_says_so(facts: dict[str, list[bool]], name: str) -> None:
    assert facts[name] == CASES[name][1]
