"""Laws of the plan for topics."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.plan import (
    Change,
    Declared,
    Topic,
    after,
    config_changes,
    plan,
    refusals,
)
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.sampled_from("abc")
KEYS = st.sampled_from(["retention.ms", "segment.ms", "cleanup.policy"])
VALUES = st.sampled_from("123")
TOPICS = st.builds(Topic, NAMES, st.integers(1, 3), st.just(1), st.dictionaries(KEYS, VALUES))
DECLARED = st.builds(
    Declared,
    NAMES,
    st.sampled_from(["present", "absent"]),
    st.none() | st.integers(1, 5),
    st.none() | st.just(1),
    st.none() | st.dictionaries(KEYS, VALUES | st.none()),
    st.booleans(),
)
CLUSTERS = st.lists(TOPICS, unique_by=lambda topic: topic.name).map(
    lambda topics: {topic.name: topic for topic in topics}
)
DECLARATIONS = st.lists(DECLARED, unique_by=lambda declared: declared.name)


def made(actual: dict[str, Topic], declared: list[Declared]) -> dict[str, Topic]:
    """The topics as a broker with default 2 leaves them."""
    changes = plan(actual, declared)
    created = {
        change.name: Topic(
            change.name,
            change.create.partitions or 2,
            1,
            {key: value for key, value in (change.create.config or {}).items() if value is not None},
        )
        for change in changes
        if change.create
    }
    return after(actual, changes, created)


@given(actual=CLUSTERS, declared=DECLARATIONS)
def test_planning_again_after_applying_is_empty(actual: dict[str, Topic], declared: list[Declared]) -> None:
    assert plan(made(actual, declared), declared) == []


@given(actual=CLUSTERS)
def test_declaring_what_is_there_plans_nothing(actual: dict[str, Topic]) -> None:
    declared = [Declared(one.name, "present", one.partitions, 1, one.config, True) for one in actual.values()]
    assert plan(actual, declared) == []
    assert refusals(actual, declared) == []


@given(actual=CLUSTERS, declared=DECLARATIONS)
def test_topics_that_are_not_declared_stay_as_they_are(actual: dict[str, Topic], declared: list[Declared]) -> None:
    names = {one.name for one in declared}
    kept = {name: topic for name, topic in actual.items() if name not in names}
    assert {name: topic for name, topic in made(actual, declared).items() if name not in names} == kept


@given(actual=CLUSTERS, declared=DECLARATIONS)
def test_partitions_are_never_planned_away(actual: dict[str, Topic], declared: list[Declared]) -> None:
    for change in plan(actual, declared):
        if change.partitions is not None:
            assert change.partitions > actual[change.name].partitions


@pytest.mark.parametrize(
    ("config", "exact", "expected"),
    [
        (None, False, {}),
        ({}, False, {}),
        ({}, True, {"a": None, "b": None}),
        ({"a": "1"}, False, {}),
        ({"a": "1"}, True, {"b": None}),
        ({"a": "9"}, False, {"a": "9"}),
        ({"a": None}, False, {"a": None}),
        ({"c": None}, False, {}),
        ({"c": "3"}, True, {"a": None, "b": None, "c": "3"}),
    ],
)
def test_config_changes(config: dict[str, Any] | None, exact: bool, expected: dict[str, Any]) -> None:
    assert config_changes({"a": "1", "b": "2"}, Declared("x", config=config, config_exact=exact)) == expected


def test_a_deletion_is_a_change_and_a_missing_topic_is_not_deleted() -> None:
    gone = Declared("x", "absent")
    assert plan({"x": Topic("x", 1, 1)}, [gone]) == [Change("x", delete=True)]
    assert plan({}, [gone]) == []


def test_a_topic_to_delete_is_not_judged_by_its_partitions() -> None:
    assert refusals({"x": Topic("x", 3, 1)}, [Declared("x", "absent", partitions=1, replication_factor=2)]) == []


def test_a_topic_that_is_declared_twice_is_refused() -> None:
    assert refusals({}, [Declared("x"), Declared("x", "absent")]) == ["topic x is declared twice"]
