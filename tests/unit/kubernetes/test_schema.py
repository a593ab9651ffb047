"""Definitions against schemas, as an API server serves them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.kubernetes.schema import problems, schema_of

DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {
            "io.strimzi.kafka.v1.Kafka": {
                "type": "object",
                "x-kubernetes-group-version-kind": [{"group": "kafka.strimzi.io", "version": "v1", "kind": "Kafka"}],
                "properties": {
                    "apiVersion": {"type": "string"},
                    "kind": {"type": "string"},
                    "metadata": {"allOf": [{"$ref": "#/components/schemas/Meta"}]},
                    "spec": {"allOf": [{"$ref": "#/components/schemas/Spec"}]},
                },
            },
            "Meta": {"type": "object", "properties": {"name": {"type": "string"}}},
            "Spec": {
                "type": "object",
                "required": ["listeners"],
                "properties": {
                    "replicas": {"type": "integer"},
                    "version": {"type": "string", "enum": ["4.2.0", "4.3.1"]},
                    "config": {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {}},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "port": {"x-kubernetes-int-or-string": True},
                    "listeners": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["name"],
                            "properties": {"name": {"type": "string"}, "tls": {"type": "boolean"}},
                        },
                    },
                },
            },
        }
    }
}


def found(**spec: Any) -> list[str]:
    schema = schema_of(DOCUMENT, "kafka.strimzi.io", "v1", "Kafka")
    assert schema is not None
    definition = {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "metadata": {"name": "one"}, "spec": spec}
    return problems(definition, schema, DOCUMENT)


LISTENERS = [{"name": "plain", "tls": False}]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"config": {"any.thing": 1, "deep": {"er": []}}},
        {"labels": {"any": "thing"}},
        {"port": 8080},
        {"port": "http"},
        {"replicas": None},
        {"version": "4.3.1"},
    ],
)
def test_what_fits_is_let_pass(more: dict[str, Any]) -> None:
    assert found(listeners=LISTENERS, **more) == []


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({}, "spec.listeners: it is required"),
        ({"listners": [], "listeners": []}, "spec.listners: there is no such field; did you mean listeners?"),
        ({"listeners": [{"name": "a"}, {"tls": True}]}, "spec.listeners[1].name: it is required"),
        ({"listeners": [{"name": "a", "tls": "yes"}]}, "spec.listeners[0].tls: 'yes' is no boolean"),
        ({"listeners": {}}, "spec.listeners: {} is no array"),
        ({"listeners": LISTENERS, "replicas": True}, "spec.replicas: True is no integer"),
        ({"listeners": LISTENERS, "replicas": "3"}, "spec.replicas: '3' is no integer"),
        ({"listeners": LISTENERS, "version": "1"}, "spec.version: '1' is none of 4.2.0, 4.3.1"),
        ({"listeners": LISTENERS, "labels": {"a": 1}}, "spec.labels.a: 1 is no string"),
    ],
)
def test_what_does_not_fit_is_named_with_its_path(spec: dict[str, Any], problem: str) -> None:
    assert found(**spec) == [problem]


def test_a_kind_that_the_document_does_not_have_has_no_schema() -> None:
    assert schema_of(DOCUMENT, "kafka.strimzi.io", "v1beta2", "Kafka") is None
