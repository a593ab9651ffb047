# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kubernetes_apply_info: what would change, and what would be refused. More of it is in tests/contract/kubernetes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.apply_info import OPERATION

from tests.unit.fakes.api_server import ApiServer
from tests.unit.kubernetes.fake_objects import NAMESPACE
from tests.unit.run_operation import run_operation

GROUP_VERSION_KIND = {"group": "kafka.strimzi.io", "version": "v1", "kind": "Kafka"}


@pytest.fixture(autouse=True)
def _served(fake: ApiServer) -> None:
    properties = {"spec": {"type": "object", "properties": {"a": {"type": "integer"}}}}
    schema = {"type": "object", "properties": properties, "x-kubernetes-group-version-kind": [GROUP_VERSION_KIND]}
    fake.documents["kafka.strimzi.io/v1"] = {"components": {"schemas": {"Kafka": schema}}}


def kafka(name: str, **spec: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "metadata": metadata, "spec": spec}


def changes(fake: ApiServer, *definitions: dict[str, Any], **params: Any) -> list[str]:
    options = {"field_manager": "ours", **fake.connection, **params}
    found = run_operation(OPERATION, definitions=list(definitions), **options)
    assert not found["changed"]
    return [one["metadata"]["name"] for one in found["definitions"]]


def apply(fake: ApiServer, definition: dict[str, Any]) -> None:
    path = f"/apis/kafka.strimzi.io/v1/namespaces/{NAMESPACE}/kafkas/{definition['metadata']['name']}"
    status, _answer = fake.answer("PATCH", f"{path}?fieldManager=ours", "a token", definition)
    assert status == 200


def test_each_takes_two_requests_and_none_changes_anything(fake: ApiServer) -> None:
    apply(fake, kafka("one", a=1))
    fake.asked.clear()
    assert changes(fake, kafka("one", a=1), kafka("two", a=1)) == ["two"]
    assert len([one for one in fake.asked if "/kafkas/" in one]) == 4
    assert all("dryRun=All" in one for one in fake.asked if one.startswith("PATCH"))


def test_what_an_operator_says_meanwhile_is_no_change(fake: ApiServer) -> None:
    apply(fake, kafka("one", a=1))
    fake.change("kafkas", "one", {"status": {"observedGeneration": 1}})
    assert changes(fake, kafka("one", a=1)) == []


def test_what_is_forbidden_is_named_with_its_object_and_the_words_of_the_server(fake: ApiServer) -> None:
    fake.forbids.add(("patch", "kafkas"))
    with pytest.raises(InvalidInput) as caught:
        changes(fake, kafka("one", a=1))
    said = str(caught.value)
    assert said.startswith(f"Nothing was sent, since {fake.url} would refuse Kafka one: kafkas.kafka.strimzi.io")
    assert 'User "nobody" cannot patch resource "kafkas"' in said
    assert "Give the account this right" in said


def test_what_does_not_fit_is_refused_before_anything_is_asked_about_it(fake: ApiServer) -> None:
    with pytest.raises(InvalidInput, match=r"Nothing was sent: Kafka one: spec\.b: there is no such field") as caught:
        changes(fake, kafka("one", b=1))
    assert caught.value.details["problems"] == ["Kafka one: spec.b: there is no such field"]
    assert fake.asked == ["GET /openapi/v3/apis/kafka.strimzi.io/v1"]


def test_a_kind_that_is_not_served_is_refused_or_told_of(fake: ApiServer) -> None:
    definitions = [{**kafka("one"), "kind": "Nope"}, kafka("two")]
    with pytest.raises(InvalidInput, match=r"serves no Nope of kafka.strimzi.io/v1"):
        changes(fake, *definitions)
    found = run_operation(
        OPERATION, definitions=definitions, field_manager="ours", require_kinds=False, **fake.connection
    )
    assert [one["metadata"]["name"] for one in found["definitions"]] == ["two"]
    assert found["unknown"] == ["Nope one"]
