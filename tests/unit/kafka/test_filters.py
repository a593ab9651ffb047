"""Which records a filter lets through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.filters import RecordFilter, values_at
from hypothesis import given
from hypothesis import strategies as st


@given(st.none() | st.binary(), st.lists(st.tuples(st.text(), st.none() | st.binary())).map(tuple))
def test_an_empty_filter_lets_everything_through(value: bytes | None, headers: Any) -> None:
    assert RecordFilter().matches(value, headers)


@given(value=st.none() | st.binary())
def test_a_value_of_any_bytes_is_judged_without_an_error(value: bytes | None) -> None:
    assert RecordFilter(fields={"no such field": 1}).matches(value, ()) is False


@pytest.mark.parametrize(
    ("document", "path", "wanted", "matches"),
    [
        ({"a": {"b": 1}}, "a.b", 1, True),
        ({"a": {"b": 1}}, "a.b", "1", True),
        ({"a": {"b": "1"}}, "a.b", 1, True),
        ({"a": {"b": 2}}, "a.b", 1, False),
        ({"a.b": 1}, "a.b", 1, True),
        ({"a": {"b.c": {"d": 1}}}, "a.b.c.d", 1, True),
        ({"a": True}, "a", True, True),
        ({"a": True}, "a", "true", True),
        ({"a": True}, "a", 1, False),
        ({"a": None}, "a", None, True),
        ({}, "a", None, False),
        ({"a": [1, 2]}, "a", [1, 2], True),
        ({"a": {"y": 1, "x": 2}}, "a", {"x": 2, "y": 1}, True),
        ([1], "a", 1, False),
        ("a", "a", 1, False),
    ],
)
def test_a_field_equals_what_it_reads_as(document: Any, path: str, wanted: Any, matches: bool) -> None:
    assert RecordFilter(fields={path: wanted}).matches(json.dumps(document).encode(), ()) is matches


def test_every_meaning_of_a_path_with_dots_is_tried() -> None:
    assert list(values_at({"a.b": 1, "a": {"b": 2}}, "a.b")) == [1, 2]


def test_one_of_several_headers_of_a_name_is_enough() -> None:
    headers = (("h", b"1"), ("h", b"2"), ("n", None))
    assert RecordFilter(headers={"h": "2"}).matches(b"", headers)
    assert RecordFilter(headers={"h": 1}).matches(b"", headers)
    assert not RecordFilter(headers={"n": ""}).matches(b"", headers)


def test_text_is_looked_for_as_utf_8() -> None:
    assert RecordFilter(contains="ü").matches("für".encode(), ())
    assert not RecordFilter(contains="ü").matches("für".encode("latin-1"), ())
    assert not RecordFilter(contains="x").matches(None, ())
