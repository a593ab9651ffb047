# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else has taken a field of an object of ours: the message says whose and which, and how to get it back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cluster import node
from tests.e2e_cluster.objects import generations, kubectl
from tests.pipeline import Pipeline

pytestmark = pytest.mark.e2e

LABEL = "app.kubernetes.io/component"


@pytest.mark.parametrize("kind", ["KafkaTopic", "Service"])
def test_a_field_that_somebody_took_is_named_and_can_be_taken_back(built: Pipeline, kind: str) -> None:
    (ours,) = [one for one in kubectl("-n", "loggy", "get", kind)["items"] if is_ours(one)]
    name = ours["metadata"]["name"]
    taken = {
        "apiVersion": ours["apiVersion"],
        "kind": kind,
        "metadata": {"name": name, "namespace": "loggy", "labels": {LABEL: "theirs"}},
    }
    node.kubectl(
        "apply", "--server-side", "--force-conflicts", "--field-manager=somebody", "-f", "-", given=json.dumps(taken)
    )
    before = generations("loggy")

    error = built.playbook("site").expect_failure().error
    assert f'would refuse {kind} {name}: Apply failed with 1 conflict: conflict with "somebody"' in error
    assert f".metadata.labels.{LABEL}. Somebody else manages these fields" in error
    assert "set force_conflicts (loggy_force_conflicts) to true" in error
    assert generations("loggy") == before

    assert built.playbook("site", loggy_force_conflicts=True).expect_success().changed == 1
    assert built.playbook("site").expect_success().changed == 0


def is_ours(one: dict[str, Any]) -> bool:
    return one["metadata"]["name"] == "src-connector" or one["spec"].get("topicName") == "output_tag"
