"""Laws of the pipeline's part of a file: what is outside the markers stays, and taking it out undoes putting it in."""

from __future__ import annotations

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.fluentd import store
from ansible_collections.loggy.pipeline.plugins.module_utils.fluentd.store import (
    BEGIN,
    END,
    block_of,
    has_block,
    holds_beside,
    is_damaged,
    masked,
    merge,
    problems,
    remove,
    secrets_in,
)
from hypothesis import given
from hypothesis import strategies as st

STORE = "<store>\n  @type forward\n</store>\n"
LINES = st.sampled_from(
    ["", "<store>", "  @type file", "</store>", "# comment", "a\r", "\t", f"# {BEGIN}", "é", "\x0b"]
)
TEXTS = st.builds("{}{}".format, st.lists(LINES).map("\n".join), st.sampled_from(["", "\n", "\r\n"]))
STORES = st.sampled_from([STORE, STORE.strip(), "<store>\n@type kafka2\n</store>\n\n", f"{STORE}# twice\n{STORE}"])


@given(text=TEXTS, one=STORES)
def test_taking_out_undoes_putting_in(text: str, one: str) -> None:
    assert remove(merge(text, one)) == text


@given(text=TEXTS, one=STORES)
def test_putting_in_twice_is_putting_in_once(text: str, one: str) -> None:
    assert merge(merge(text, one), one) == merge(text, one)


@given(text=TEXTS, one=STORES, other=STORES)
def test_another_store_takes_the_place_of_the_one_before(text: str, one: str, other: str) -> None:
    assert merge(merge(text, one), other) == merge(text, other)


@given(text=TEXTS, behind=TEXTS, one=STORES, other=STORES)
def test_what_others_write_behind_the_markers_stays(text: str, behind: str, one: str, other: str) -> None:
    merged = merge(text, one)
    written = merged if merged.endswith("\n") else f"{merged}\n"
    before = remove(written)
    assert remove(f"{written}{behind}") == before + behind
    assert remove(merge(f"{written}{behind}", other)) == before + behind


@given(text=TEXTS, one=STORES)
def test_what_was_put_in_can_be_read_again(text: str, one: str) -> None:
    assert block_of(merge(text, one)) == one.strip("\n") + "\n"


def test_a_key_that_is_not_there_gets_the_block_alone() -> None:
    assert merge(None, STORE) == f"{BEGIN}\n{STORE}{END}\n"


@pytest.mark.parametrize("text", ["", "a", "a\n", f"  # {BEGIN}", BEGIN + "x"])
def test_a_text_without_a_block_is_left_as_it_is(text: str) -> None:
    assert not has_block(text)
    assert remove(text) == text


@pytest.mark.parametrize(
    ("text", "damaged"),
    [
        ("", False),
        (f"{BEGIN}\n{END}", False),
        (f"{BEGIN}\n{END}\na\n  {BEGIN}\r\n{END}\r\n", False),
        (BEGIN, True),
        (f"a\n{END}\n", True),
        (f"{END}\n{BEGIN}\n", True),
        (f"{BEGIN}\n{BEGIN}\n{END}\n", True),
    ],
)
def test_a_marker_without_its_other_one_is_noticed(text: str, damaged: bool) -> None:
    assert is_damaged(text) is damaged


def test_every_block_is_taken_out() -> None:
    text = f"a\n{merge(None, STORE)}b\n{merge(None, STORE)}c"
    assert remove(text) == "a\nb\nc"
    assert merge(text, "<store>\n</store>") == f"a\n{BEGIN}\n<store>\n</store>\n{END}\nb\nc"


@pytest.mark.parametrize(
    "text",
    [
        STORE,
        "# why\n\n<store>\n</store> # end\n<store ignore_error>\n  <server>\n  host a\n  </server>\n</store>",
        "<store>\r\n  @type forward\r\n</store>\r\n",
        "<store>\n  <buffer tag,time>\n  </buffer>\n  @include more.conf\n</store>",
    ],
)
def test_whole_stores_are_taken(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it has no <store> section"),
        ("# only words", "it has no <store> section"),
        ("<store>\n  @type forward\n", "<store> of line 1 is not closed"),
        ("<store>\n<server>\n</store>", "line 3 closes <store>, where <server> of line 2 is open"),
        ("</store>", "line 1 closes <store>, which is not open"),
        (f"{STORE}</store>", "line 4 closes <store>, which is not open"),
        ("@type forward\n<store>\n</store>", "line 1 stands outside a <store>"),
        ("<match **>\n<store>\n</store>\n</match>", "line 1 opens <match> outside a <store>"),
        ("<store>\n<server\n</store>", "line 2 neither opens nor closes a section"),
        (f"<store>\n{END}\n</store>", "line 2 is a marker that the module sets itself"),
    ],
)
def test_what_is_not_exactly_stores_is_refused(text: str, problem: str) -> None:
    assert problem in problems(text)


def test_a_store_that_is_there_already_is_noticed() -> None:
    assert holds_beside("<store>\n    @type  forward\n# why\n</store>", STORE)
    assert not holds_beside("<store>\n  @type file\n</store>", STORE)
    assert not holds_beside(merge("# mine\n", STORE), STORE)


def test_secrets_are_masked_and_say_when_they_change() -> None:
    text = '<store>\n  shared_key hush # quiet\n  self_hostname me\n  password "pass word"\n  url http://me:it@es/\n</store>'
    shown = masked(text, text.replace("hush", "shout"))
    assert "shared_key (changed)" in shown
    assert "password (set)" in shown
    assert "self_hostname me" in shown
    assert not any(secret in shown for secret in ("hush", "pass word", "me:it"))
    assert {"hush", "pass word"} <= secrets_in(text)
    assert store.masked("no secret\n") == "no secret\n"
