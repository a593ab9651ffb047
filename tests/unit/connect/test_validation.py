# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read out of a worker's validation of a config."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.model import Plugin
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.validation import (
    FieldError,
    read_validation,
    unknown_class,
    unknown_keys,
)

PLUGINS = [Plugin("org.x.FileStreamSourceConnector", "source", "4.3.1"), Plugin("org.x.Sink", "sink", "")]


def field(name: str, kind: str = "STRING", value: str | None = None, errors: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"definition": {"name": name, "type": kind}, "value": {"name": name, "value": value, "errors": list(errors)}}


def test_errors_are_read_field_by_field() -> None:
    answer = {"configs": [field("a"), field("b", errors=("Wrong.", "Missing.")), field("c", errors=("Bad.",))]}
    validation = read_validation("x", {}, answer)
    assert validation.errors == (FieldError("x", "b", ("Wrong.", "Missing.")), FieldError("x", "c", ("Bad.",)))
    assert str(validation.errors[0]) == "x: b: Wrong; Missing"


def test_a_field_without_a_definition_is_one_that_the_connector_added() -> None:
    answer = {"configs": [{"definition": None, "value": {"name": "extra", "value": None, "errors": ["No."]}}]}
    validation = read_validation("x", {"extra": "1"}, answer)
    assert validation.errors == (FieldError("x", "extra", ("No.",)),)
    assert validation.unknown_keys == ()


def test_passwords_are_known_by_their_type() -> None:
    assert read_validation("x", {}, {"configs": [field("pin", "PASSWORD"), field("a")]}).secret_keys == {"pin"}


def test_a_value_that_the_worker_resolved_is_a_secret() -> None:
    config = {"a": "${file:x:y}", "b": "plain", "c": "u:${env:P}@h", "d": "${file:x:y}"}
    answer = {
        "configs": [
            field("a", value="hush"),
            field("b", value="plain"),
            field("c", value="u:psst@h"),
            field("d", value="[hidden]"),
        ]
    }
    assert read_validation("x", config, answer).resolved == {"hush", "u:psst@h"}


@pytest.mark.parametrize(
    "key",
    [
        "transforms.x.type",
        "predicates.p.pattern",
        "key.converter.schemas.enable",
        "value.converter.schema.registry.url",
        "header.converter.x",
        "producer.override.linger.ms",
        "consumer.override.max.poll.records",
        "admin.override.x",
        "errors.deadletterqueue.topic.name",
        "topic.creation.default.partitions",
        "known",
        "name",
    ],
)
def test_keys_that_connect_itself_reads_are_known(key: str) -> None:
    assert unknown_keys({key: "1"}, {"known"}) == ()


@pytest.mark.parametrize("key", ["knwon", "transform.x.type", "value.convertr", "task.max"])
def test_a_typing_error_is_unknown(key: str) -> None:
    assert unknown_keys({key: "1"}, {"known", "value.converter", "tasks.max"}) == (key,)


@pytest.mark.parametrize("name", ["org.x.FileStreamSourceConnector", "FileStreamSourceConnector", "FileStreamSource"])
def test_a_class_has_three_names(name: str) -> None:
    assert unknown_class("x", {"connector.class": name}, PLUGINS) is None


def test_an_unknown_class_is_named_with_those_that_are_there() -> None:
    assert str(unknown_class("x", {"connector.class": "org.y.Nope"}, PLUGINS)) == (
        "x: connector.class: the worker has no org.y.Nope. It has: org.x.FileStreamSourceConnector 4.3.1, org.x.Sink"
    )
    assert "is missing" in str(unknown_class("x", {}, PLUGINS))
