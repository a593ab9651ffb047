# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan of changes is: its laws over any connectors, and the cases that people ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.model import Connector, Task
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.plan import (
    Desired,
    diff,
    masked_keys,
    normalize,
    plan,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "logs-a", "logs-b"])
CONFIGS = st.dictionaries(st.sampled_from(["connector.class", "topic", "file", "x.password"]), st.text(max_size=3))
STATES = st.sampled_from(["running", "paused", "stopped", "absent"])
DESIRED = st.lists(
    st.builds(Desired, name=NAMES, config=st.none() | CONFIGS, state=STATES), unique_by=lambda one: one.name
)
TASKS = st.lists(st.sampled_from(["RUNNING", "FAILED", "UNASSIGNED"]), max_size=2).map(
    lambda states: tuple(Task(number, state, "w") for number, state in enumerate(states))
)
CONNECTORS = st.builds(
    Connector,
    name=NAMES,
    config=CONFIGS,
    state=st.sampled_from(["RUNNING", "PAUSED", "STOPPED", "FAILED", "UNASSIGNED"]),
    tasks=TASKS,
)
ACTUAL = st.lists(CONNECTORS, unique_by=lambda one: one.name).map(lambda many: {one.name: one for one in many})
PREFIX = st.sampled_from([None, "logs-", "a", "zzz"])


def applied(actual: Mapping[str, Connector], changes: Any) -> dict[str, Connector]:
    after = {**actual, **{change.name: change.predicted() for change in changes}}
    return {name: one for name, one in after.items() if one.state != "ABSENT"}


def running(name: str = "a", *states: str, **config: str) -> Connector:
    tasks = tuple(Task(number, state, "w") for number, state in enumerate(states or ("RUNNING",)))
    return Connector(name, config, "RUNNING", tasks=tasks, expected_tasks=tuple(task.id for task in tasks))


def kinds(desired: Desired, *actual: Connector, **options: Any) -> list[tuple[str, ...]]:
    return [change.kinds for change in plan([desired], {one.name: one for one in actual}, **options)]


@given(DESIRED, ACTUAL, PREFIX)
def test_planning_again_after_applying_is_empty(
    desired: list[Desired], actual: dict[str, Connector], prefix: str | None
) -> None:
    after = applied(actual, plan(desired, actual, purge_prefix=prefix))
    assert plan(desired, after, purge_prefix=prefix) == []


@given(ACTUAL)
def test_what_is_there_needs_no_change(actual: dict[str, Connector]) -> None:
    at_rest = {name: replace(one, state="RUNNING", tasks=()) for name, one in actual.items()}
    assert plan([Desired(one.name, one.config) for one in at_rest.values()], at_rest) == []


@given(DESIRED, ACTUAL, PREFIX)
def test_what_is_neither_listed_nor_of_the_prefix_is_never_touched(
    desired: list[Desired], actual: dict[str, Connector], prefix: str | None
) -> None:
    listed = {one.name for one in desired}
    for change in plan(desired, actual, purge_prefix=prefix):
        assert change.name in listed or (prefix is not None and change.name.startswith(prefix))


@given(DESIRED, ACTUAL, PREFIX)
def test_the_diff_is_of_the_changes_and_of_nothing_else(
    desired: list[Desired], actual: dict[str, Connector], prefix: str | None
) -> None:
    changes = plan(desired, actual, purge_prefix=prefix)
    shown = diff(changes, lambda config, other: config)
    changed = {change.name for change in changes}
    assert set(shown["before"]) == changed & actual.keys()
    assert set(shown["after"]) == changed & applied(actual, changes).keys()
    assert all(shown["before"].get(name) != shown["after"].get(name) for name in changed)


def test_a_removed_config_key_is_an_update() -> None:
    assert kinds(Desired("a", {"x": "1"}), running(x="1", y="2")) == [("config",)]


def test_a_missing_connector_is_created_and_a_listed_one_that_should_not_be_there_is_deleted() -> None:
    assert kinds(Desired("a", {})) == [("created",)]
    assert kinds(Desired("a", None, "absent"), running()) == [("deleted",)]
    assert kinds(Desired("a", None, "absent")) == []


def test_without_a_config_only_the_state_changes() -> None:
    assert kinds(Desired("a", None, "paused"), running(x="1")) == [("state",)]
    assert kinds(Desired("a", None), running(x="1")) == []


@pytest.mark.parametrize(
    ("state", "seen", "expected"),
    [
        ("running", "PAUSED", [("state",)]),
        ("running", "STOPPED", [("state",)]),
        ("running", "UNASSIGNED", []),
        ("running", "FAILED", [("restarted",)]),
        ("paused", "STOPPED", [("state",)]),
        ("stopped", "RUNNING", [("state",)]),
        ("stopped", "FAILED", [("state",)]),
        ("paused", "PAUSED", []),
    ],
)
def test_a_state_is_changed_only_when_it_is_another(state: str, seen: str, expected: list[tuple[str, ...]]) -> None:
    assert kinds(Desired("a", None, state), replace(running(), state=seen)) == expected


def test_failed_tasks_are_restarted_only_where_that_is_wanted() -> None:
    broken = running("a", "RUNNING", "FAILED")
    assert kinds(Desired("a", {}), broken) == [("restarted",)]
    assert kinds(Desired("a", {"x": "1"}), broken) == [("config", "restarted")]
    assert kinds(Desired("a", {}), broken, restart_failed=False) == []


def test_a_restart_is_in_the_diff() -> None:
    shown = diff(plan([Desired("a", {})], {"a": running("a", "FAILED")}), lambda config, other: config)
    assert shown["before"]["a"]["failed_tasks"] == [0]
    assert shown["after"]["a"]["failed_tasks"] == []


def test_values_become_the_strings_that_connect_returns() -> None:
    given_config = {"name": "a", "i": 1, "b": True, "n": False, "f": 0.5, "s": "x", "l": ["t1", 2, True], "none": None}
    assert normalize("a", given_config) == {"i": "1", "b": "true", "n": "false", "f": "0.5", "s": "x", "l": "t1,2,true"}


@given(CONFIGS)
def test_normalizing_again_changes_nothing(config: dict[str, str]) -> None:
    assert normalize("a", normalize("a", config)) == normalize("a", config)


def test_a_value_that_is_no_string_of_connect_is_refused_without_showing_it() -> None:
    with pytest.raises(InvalidInput, match=r"connector a: the value of x\.password is a dict") as caught:
        normalize("a", {"x.password": {"v": "hush"}})
    assert "hush" not in str(caught.value)


def test_a_name_in_the_config_that_is_another_is_refused() -> None:
    with pytest.raises(InvalidInput, match="connector a: its config has the name 'b'"):
        normalize("a", {"name": "b"})


def test_a_masked_secret_is_no_eternal_change() -> None:
    masked = running(**{"x.password": "********", "topic": "t"})
    assert kinds(Desired("a", {"x.password": "new", "topic": "t"}), masked) == []
    assert kinds(Desired("a", {"x.password": "new", "topic": "u"}), masked) == [("config",)]
    assert kinds(Desired("a", {"x.password": "********", "topic": "********"}), masked) == [("config",)]
    assert masked_keys(masked) == ["x.password"]


def test_a_reference_is_compared_as_a_reference() -> None:
    reference = "${file:/etc/secrets:password}"
    assert kinds(Desired("a", {"x.password": reference}), running(**{"x.password": reference})) == []
    assert kinds(Desired("a", {"x.password": reference}), running(**{"x.password": "plain"})) == [("config",)]
