"""Events in raw bytes: what is known without a parser must be what the parser finds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.recognise import Recogniser
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.texts import FromText
from ansible_collections.loggy.pipeline.plugins.module_utils.log.event import make_record, read_event
from ansible_collections.loggy.pipeline.plugins.module_utils.log.writers import json_line
from hypothesis import given
from hypothesis import strategies as st

RUN = "mine"
RECORD = make_record(RUN, 5, "p", 1_500_000)
LOOK = Recogniser(RUN).look


@given(st.integers(0, 10**9), st.text(max_size=20), st.integers(0, 4 * 10**15), st.sampled_from(["", "2026\ttag\t"]))
def test_line_as_it_was_sent_is_what_the_parser_finds(seq: int, producer: str, time_us: int, prefix: str) -> None:
    line = (prefix + json_line(make_record(RUN, seq, producer, time_us))).encode()

    found, parsed = LOOK(line), read_event(line)

    assert found is not None
    assert parsed is not None
    assert (found.seq, found.producer, found.sent_us()) == (parsed.seq, parsed.producer, time_us)
    assert parsed.sent is not None
    assert found.sent_us() == round(parsed.sent * 1_000_000)


@given(
    seq=st.integers(0, 10**9),
    producer=st.text(max_size=20),
    time_us=st.integers(0, 4 * 10**15),
    field=st.sampled_from(["message", "log"]),
    before=st.sampled_from(["", "2026-11-26T07:00:00Z stdout F ", "INFO "]),
    after=st.sampled_from(["", "\n", " }", ' {"loggy":1}']),
    others=st.dictionaries(st.sampled_from(["level", "kubernetes", "@timestamp", "text"]), st.text(max_size=20)),
)
def test_line_in_a_text_is_the_same_in_a_record_and_in_the_document_of_it(
    seq: int, producer: str, time_us: int, field: str, before: str, after: str, others: dict[str, str]
) -> None:
    text = before + json_line(make_record(RUN, seq, producer, time_us)) + after
    record = {**others, field: text}

    found = LOOK(json.dumps(record).encode())
    row = FromText(RUN).row({"_source": record})

    assert found is not None
    assert (found.seq, found.producer, found.sent_us()) == (seq, producer, time_us)
    assert row.sent is not None
    assert (row.seq, row.coordinate, round(row.sent * 1_000_000)) == (seq, None, time_us)


@given(st.text(max_size=200), st.sampled_from(["message", "log"]), st.booleans())
def test_any_other_text_is_no_event_of_the_run_in_either(text: str, field: str, of_another_run: bool) -> None:
    record = {field: json_line(make_record("other", 5, text, 0)) if of_another_run else text + RUN + text}

    assert LOOK(json.dumps(record).encode()) is None
    assert FromText(RUN).row({"_source": record}).seq is None


@pytest.mark.parametrize(
    "value",
    [
        {**RECORD, "host": "h1", "message2": "}"},
        {"time": 1, **RECORD},
        {"log": json_line(RECORD)},
        {"message": json_line(RECORD), "kubernetes": {"pod": "a"}},
        {"schema": None, "payload": RECORD},
        {"message": 'a "quoted" one', "loggy": RECORD["loggy"]},
        {"message": "m", "loggy": {"seq": 5, "run": RUN, "producer": "p", "sent": "1970-01-01T00:00:01.500000Z"}},
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_line_that_parts_on_the_way_changed_is_known_again(value: Any, separators: tuple[str, str]) -> None:
    found = LOOK(json.dumps(value, separators=separators).encode())

    assert found is not None
    assert (found.seq, found.producer, found.sent_us()) == (5, "p", 1_500_000)


@pytest.mark.parametrize(
    "value",
    [
        json_line(make_record("other", 5, "p", 0)),
        json_line(make_record("mine2", 5, "p", 0)),
        json_line({"message": RUN}),
        json_line({"inner": RECORD}),
        json_line({"message": "m", "loggy": {"run": RUN, "seq": "5"}}),
        "mine",
        "",
        "\x00\xff" + RUN,
        '{"message":"m","loggy":{"run":"mine","seq":-5,"producer":"p","sent":1}',
    ],
)
def test_anything_else_is_no_event_of_the_run(value: str) -> None:
    assert LOOK(value.encode()) is None


@given(st.binary(max_size=200))
def test_no_bytes_break_it(value: bytes) -> None:
    assert LOOK(value) is None


def test_time_that_is_none_is_not_known() -> None:
    line = json_line(RECORD).replace("1970-01-01T00:00:01.500000Z", "yesterday").encode()
    without = json.dumps({"loggy": {"run": RUN, "seq": 5}}).encode()

    for value in (line, without):
        found = LOOK(value)
        assert found is not None
        assert found.sent_us() == 0
