# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kubernetes_schema_info: what is served, and what does not fit it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, Unreachable
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.schema_info import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Result

from tests.unit.fakes.api_server import ApiServer
from tests.unit.kubernetes.conftest import expect_nothing_left
from tests.unit.kubernetes.test_schema import DOCUMENT
from tests.unit.run_operation import run_operation

FITS = {
    "apiVersion": "kafka.strimzi.io/v1",
    "kind": "Kafka",
    "metadata": {"name": "one"},
    "spec": {"listeners": [{"name": "plain"}]},
}


@pytest.fixture(autouse=True)
def _served(fake: ApiServer) -> Iterator[None]:
    fake.documents["kafka.strimzi.io/v1"] = DOCUMENT
    yield
    expect_nothing_left(fake)


def run(fake: ApiServer, *definitions: Any, **params: Any) -> Result:
    return run_operation(OPERATION, **fake.connection, definitions=list(definitions), **params)


def problems(fake: ApiServer, *definitions: Any) -> list[str]:
    with pytest.raises(InvalidInput, match="Nothing was sent: ") as caught:
        run(fake, *definitions)
    found: list[str] = caught.value.details["problems"]
    return found


def test_groups_are_told_with_the_versions_of_their_kinds(fake: ApiServer) -> None:
    found = run(fake, groups=["kafka.strimzi.io", "apps", "nope.example"])
    assert found == {
        "changed": False,
        "groups": {
            "kafka.strimzi.io": {"Kafka": ["v1", "v1beta2"], "KafkaTopic": ["v1"]},
            "apps": {"Deployment": ["v1"]},
            "nope.example": {},
        },
        "missing": [],
    }


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_fits_is_let_pass_with_one_document_for_each_version(fake: ApiServer, check_mode: bool) -> None:
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"a": "b"}}
    assert run(fake, FITS, FITS, config_map, check_mode=check_mode)["missing"] == []
    assert fake.asked == ["GET /openapi/v3/apis/kafka.strimzi.io/v1", "GET /openapi/v3/api/v1"]


def test_all_that_does_not_fit_is_named(fake: ApiServer) -> None:
    wrong = {**FITS, "metadata": {"name": "two"}, "spec": {"listners": [], "listeners": [{}]}}
    assert problems(fake, FITS, wrong) == [
        "Kafka two: spec.listners: there is no such field; did you mean listeners?",
        "Kafka two: spec.listeners[0].name: it is required",
    ]


def test_kinds_that_are_not_served_are_refused_or_told(fake: ApiServer) -> None:
    user, other = {**FITS, "kind": "KafkaUser"}, {**FITS, "apiVersion": "nope.example/v1"}
    missing = ["KafkaUser of kafka.strimzi.io/v1", "Kafka of nope.example/v1"]
    assert problems(fake, user, user, other) == [f"{fake.url} serves no {one}" for one in missing]
    assert run(fake, user, user, other, require_kinds=False)["missing"] == missing


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ({**FITS, "apiVersion": None}, "(Kafka one)"),
        ({**FITS, "kind": None}, "(no kind one)"),
        ({**FITS, "metadata": {}}, "(Kafka )"),
        ({**FITS, "metadata": None}, "(Kafka )"),
        ({}, "(no kind )"),
    ],
)
def test_what_is_no_definition_is_refused(fake: ApiServer, definition: Any, words: str) -> None:
    assert problems(fake, definition) == [f"a definition has no apiVersion, kind or name {words}"]


def test_a_server_that_is_away_is_told(fake: ApiServer) -> None:
    fake.stop()
    with pytest.raises(Unreachable):
        run(fake, FITS)
