from __future__ import annotations

import re

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.strimzi.names import resource_name
from hypothesis import example, given
from hypothesis import strategies as st

# What Kafka allows, and what Kubernetes does.
TOPICS = st.from_regex(r"[a-zA-Z0-9._-]{1,249}", fullmatch=True)
LEGAL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


@pytest.mark.parametrize("name", ["logs", "logs-2026", "logs.app", "0"])
def test_a_legal_name_stays_as_it_is(name: str) -> None:
    assert resource_name(name) == name


def test_what_differs_in_kafka_differs_as_a_resource() -> None:
    names = ["output_tag", "output-tag", "Output_tag", "output__tag", "__", "_"]
    assert len({resource_name(name) for name in names}) == len(names)


@given(TOPICS)
@example("a.-b")
@example("a..b")
def test_any_topic_has_a_legal_name(topic: str) -> None:
    name = resource_name(topic)
    assert len(name) <= 253
    assert LEGAL.fullmatch(name)


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(InvalidInput):
        resource_name("")
