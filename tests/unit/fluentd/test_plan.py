"""Laws of the plan for a ConfigMap's keys."""

from __future__ import annotations

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.fluentd.plan import (
    File,
    after,
    changed_by_others,
    diff,
    digest,
    obstacles,
    originals,
    plan,
    put_back,
    refusals,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.fluentd.store import BEGIN, merge
from hypothesis import given
from hypothesis import strategies as st

STORE = "<store>\n  @type forward\n</store>\n"
OTHER = "<store>\n  @type file\n</store>\n"
KEYS = st.sampled_from(["a.conf", "b.conf", "c.conf"])
TEXTS = st.sampled_from(["", "\n", "# theirs", OTHER, OTHER.strip()])
FOUND = st.dictionaries(KEYS, TEXTS)
FILES = st.lists(st.builds(File, KEYS, st.sampled_from([STORE, OTHER])), unique_by=lambda file: file.key)


@given(data=FOUND, files=FILES)
def test_planning_again_after_applying_is_empty(data: dict[str, str], files: list[File]) -> None:
    assert plan(after(data, plan(data, files, data)), files, data) == {}


@given(data=FOUND, files=FILES, then=FILES)
def test_taking_out_leaves_what_was_found(data: dict[str, str], files: list[File], then: list[File]) -> None:
    now = after(data, plan(data, files, data))
    now = after(now, plan(now, then, data))
    assert after(now, plan(now, [], data)) == data


@given(data=FOUND, files=FILES)
def test_only_declared_keys_change(data: dict[str, str], files: list[File]) -> None:
    assert set(plan(data, files, data)) <= {file.key for file in files}


@given(data=FOUND, files=FILES, then=FILES)
def test_putting_back_undoes_what_was_written(data: dict[str, str], files: list[File], then: list[File]) -> None:
    before = after(data, plan(data, files, data))
    changes = plan(before, then, data)
    now = after(before, changes)
    assert after(now, put_back(now, changes, before)) == before


@given(data=FOUND, files=FILES)
def test_the_originals_are_known_from_texts_that_hold_the_block(data: dict[str, str], files: list[File]) -> None:
    data = {key: text for key, text in data.items() if text}
    keys = [file.key for file in files]
    now = after(data, plan(data, files, data))
    assert originals(now, keys) == originals(data, keys) == {key: data.get(key) for key in keys}


def test_a_block_that_is_not_declared_any_more_is_taken_out() -> None:
    data = {"a": merge("# mine\n", STORE), "b": merge(None, STORE), "c": "other"}
    assert plan(data, [File("c", STORE)], ["a"]) == {"a": "# mine\n", "b": None, "c": merge("other", STORE)}


def test_a_key_that_was_empty_before_stays_empty() -> None:
    data = {"a": merge("", STORE)}
    assert plan(data, [], ["a"]) == {"a": ""}
    assert plan(data, [], []) == {"a": None}


def test_putting_back_leaves_what_somebody_else_has_written_meanwhile() -> None:
    written = {"made": merge(None, STORE), "had": merge("x\n", STORE), "gone": merge(None, STORE)}
    now = {"made": f"{merge(None, STORE)}# theirs\n", "had": f"y\n{merge('x', STORE)}"}
    before = {"had": merge("x\n", OTHER)}
    assert put_back(now, written, before) == {"made": "# theirs\n", "had": f"y\n{merge('x', OTHER)}"}


@pytest.mark.parametrize(
    ("key", "legal"),
    [("output-extra_1.conf", True), ("..data", False), (".", False), ("a/b", False), ("", False), ("a" * 254, False)],
)
def test_a_key_has_to_be_one_of_a_config_map(key: str, legal: bool) -> None:
    assert (refusals([File(key, STORE)]) == []) is legal


def test_all_reasons_are_told_at_once() -> None:
    reasons = refusals([File("a", "<store>"), File("a", STORE), File("b/", STORE)])
    assert len(reasons) == 3
    assert reasons[0] == "the store of a: <store> of line 1 is not closed"


@pytest.mark.parametrize(
    ("config_map", "changes", "reasons"),
    [
        ({"data": {"a": "x"}}, {"a": "y"}, 0),
        ({"data": {"a": BEGIN}}, {}, 1),
        ({"binaryData": {"a": "eA=="}}, {"a": "y"}, 1),
        ({"immutable": True, "data": None}, {"a": "y"}, 1),
        ({"immutable": True}, {}, 0),
        ({}, {}, 0),
    ],
)
def test_a_config_map_that_cannot_take_it_says_why(
    config_map: dict[str, object], changes: dict[str, str | None], reasons: int
) -> None:
    assert len(obstacles(config_map, changes)) == reasons


def test_others_changes_are_told_from_the_pipelines() -> None:
    kept = {"same": "x\n", "made": None, "changed": "x", "gone": "x", "added": None}
    data = {"same": merge("x\n", STORE), "made": merge(None, STORE), "changed": merge("y", STORE), "added": "y"}
    assert changed_by_others(data, kept) == ["changed", "added"]


def test_a_digest_is_of_the_keys_and_of_nothing_else() -> None:
    assert digest({"a": "1", "b": "2", "c": "3"}, ["a", "b"]) == digest({"b": "2", "a": "1"}, ["b", "a"])
    assert len({digest({"a": text}, ["a"]) for text in ("1", "2", "")} | {digest({}, ["a"])}) == 4


def test_a_diff_shows_the_keys_that_change_without_secrets() -> None:
    old, new = "<store>\n  shared_key one\n</store>", "<store>\n  shared_key two\n</store>"
    [side] = diff("cm", {"a": old, "b": "x"}, {"a": new})
    assert side["before_header"] == "cm: a"
    assert side["before"] == "<store>\n  shared_key (set)\n</store>"
    assert side["after"] == "<store>\n  shared_key (changed)\n</store>"
