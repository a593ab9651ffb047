"""The log line itself: made, and known again in whatever carries it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.log.event import (
    Event,
    iso_time,
    make_record,
    read_event,
    read_time,
)
from hypothesis import given
from hypothesis import strategies as st

RECORD = make_record("r1", 7, "app", 1_700_000_000_123_456)
EVENT = Event("r1", 7, "app", 1_700_000_000.123456)


def test_loggy_and_a_neighbour_look_as_the_walk_through_greps_for_them() -> None:
    assert make_record("r", 0, "p", 0)["message"] == "( Loggy ) :D"
    assert make_record("r", 12, "p", 0)["message"] == "Loggy neighbor:12 :)"


def test_record_has_the_agreed_fields() -> None:
    assert RECORD["loggy"] == {"run": "r1", "seq": 7, "producer": "app", "sent": "2023-11-14T22:13:20.123456Z"}


@pytest.mark.parametrize(
    "value",
    [
        RECORD,
        json.dumps(RECORD),
        json.dumps(RECORD).encode(),
        {**RECORD, "kubernetes": {"pod": "x"}, "@timestamp": "2023-11-14T22:13:20Z"},
        json.dumps({"schema": {"type": "struct"}, "payload": RECORD}),
        {"log": json.dumps(RECORD) + "\n", "stream": "stdout"},
        {"message": json.dumps(RECORD)},
        "2023-11-14T22:13:20+00:00\toutput_tag\t" + json.dumps(RECORD),
        json.dumps({"log": json.dumps(RECORD)}),
    ],
)
def test_event_is_known_again_in(value: Any) -> None:
    assert read_event(value) == EVENT


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\xff\xfe",
        "plain text about loggy",
        '{"loggy": ',
        "[1, 2]",
        '{"loggy": "no object"}',
        {"loggy": {"run": 5, "seq": 1}},
        {"loggy": {"run": "r", "seq": True}},
        {"loggy": {"run": "r", "seq": "1"}},
        {"loggy": {"seq": 1}},
        '{"loggy":' * 5000,
    ],
)
def test_what_is_no_event_is_none(value: Any) -> None:
    assert read_event(value) is None


def test_event_whose_time_was_lost_is_still_the_event() -> None:
    assert read_event({"loggy": {"run": "r", "seq": 3}}) == Event("r", 3, "", None)


@given(st.integers(0, 4_000_000_000_000_000))
def test_time_written_is_the_time_read(time_us: int) -> None:
    seconds = read_time(iso_time(time_us))

    assert seconds is not None
    assert round(seconds * 1_000_000) == time_us


@given(st.integers(0, 4_000_000_000_000_000), st.integers(0, 4_000_000_000_000_000))
def test_times_sort_as_text(left: int, right: int) -> None:
    assert (iso_time(left) < iso_time(right)) == (left < right)


@pytest.mark.parametrize("text", [None, "", "yesterday", 5])
def test_what_is_no_time_is_none(text: Any) -> None:
    assert read_time(text) is None
