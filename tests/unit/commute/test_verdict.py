"""The verdict's rules as a table: what the sender and the stops saw, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.verdict import (
    Seen,
    Sender,
    Word,
    judge,
    judge_start,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges

ALL = Ranges([(0, 100)])
NONE = Ranges()
SENDER = Sender("forward h:1 tag t", ALL, ALL, ALL)


def some(*pairs: tuple[int, int]) -> Ranges:
    return Ranges(pairs)


def stops(**changes: dict[str, Any]) -> list[Seen]:
    way = [
        Seen("aggregator", "file", place="/var/log/a:3"),
        Seen("topic", "topic", place="output_tag-0@5"),
        Seen("index", "index", place="logs/abc:0", unproven=NONE),
    ]
    return [replace(stop, **changes.get(stop.name, {})) for stop in way]


LOST = {"missing": ALL, "place": ""}
GONE = {"deployed": False, "place": "", "missing": NONE}

CASES = {
    "all arrived": (
        SENDER,
        stops(),
        ("arrived", None, "index", NONE, "Loggy and his 100 neighbours arrived at index, none twice."),
    ),
    "all lost at the last stop": (
        SENDER,
        stops(index=LOST),
        (
            "lost at index",
            "index",
            "topic",
            ALL,
            "Loggy and all 100 neighbours were last seen at topic (output_tag-0@5) and missing at index.",
        ),
    ),
    "some neighbours lost": (
        SENDER,
        stops(topic={"missing": some((3, 9))}, index={"missing": some((3, 9))}),
        (
            "lost at topic",
            "topic",
            "aggregator",
            some((3, 9)),
            "7 of 100 neighbours (3-9) were last seen at aggregator (/var/log/a:3) and missing at topic.",
        ),
    ),
    "one neighbour lost": (
        SENDER,
        stops(index={"missing": some((7, 7))}),
        (
            "lost at index",
            "index",
            "topic",
            some((7, 7)),
            "1 of 100 neighbours (7) was last seen at topic (output_tag-0@5) and missing at index.",
        ),
    ),
    "only Loggy lost": (
        SENDER,
        stops(index={"missing": some((0, 0)), "place": ""}),
        (
            "lost at index",
            "index",
            "topic",
            some((0, 0)),
            "Loggy was last seen at topic (output_tag-0@5) and missing at index.",
        ),
    ),
    "lost at the first of two stops that lost": (
        SENDER,
        stops(topic={"missing": some((5, 5))}, index={"missing": some((5, 9))}),
        (
            "lost at topic",
            "topic",
            "aggregator",
            some((5, 5)),
            "1 of 100 neighbours (5) was last seen at aggregator (/var/log/a:3) and missing at topic.",
        ),
    ),
    "a stop that is not deployed is passed over": (
        SENDER,
        stops(aggregator=GONE, topic=LOST, index=LOST),
        (
            "lost at topic",
            "topic",
            "sender",
            ALL,
            "Loggy and all 100 neighbours were last seen at the sender (forward h:1 tag t, acknowledged) and missing "
            "at topic.",
        ),
    ),
    "taken and never acknowledged": (
        replace(SENDER, acknowledged=NONE, error="1 of 1 chunks were not acknowledged"),
        stops(aggregator=GONE, topic=LOST, index=LOST),
        (
            "lost at topic",
            "topic",
            "sender",
            ALL,
            "Loggy and all 100 neighbours were last seen at the sender (forward h:1 tag t, not acknowledged: 1 of 1 "
            "chunks were not acknowledged) and missing at topic.",
        ),
    ),
    "nothing could be sent": (
        replace(SENDER, sent=NONE, acknowledged=NONE, error="Could not connect: Connection refused"),
        stops(aggregator=LOST, topic=LOST, index=LOST),
        (
            "stop unreachable",
            "sender",
            None,
            ALL,
            "Loggy and all 100 neighbours could not be sent: Could not connect: Connection refused.",
        ),
    ),
    "the rest could not be sent, what was sent arrived": (
        replace(SENDER, sent=some((0, 50)), acknowledged=some((0, 50)), error="Broken pipe"),
        stops(**{name: {"missing": some((51, 100))} for name in ("aggregator", "topic", "index")}),
        (
            "stop unreachable",
            "sender",
            None,
            some((51, 100)),
            "50 of 100 neighbours (51-100) could not be sent: Broken pipe.",
        ),
    ),
    "the rest could not be sent because a stop took no more": (
        replace(SENDER, sent=some((0, 50)), acknowledged=some((0, 20)), error="not acknowledged"),
        stops(
            aggregator={"missing": some((51, 100))},
            topic={"missing": some((21, 100)), "error": "Kafka refused"},
            index={"missing": some((21, 100))},
        ),
        (
            "stop unreachable",
            "topic",
            "aggregator",
            some((21, 50)),
            "topic could not be read to the end: Kafka refused. 30 of 100 neighbours (21-50) were last seen at "
            "aggregator (/var/log/a:3).",
        ),
    ),
    "a stop that could not be read": (
        SENDER,
        stops(index={**LOST, "error": "Connection refused"}),
        (
            "stop unreachable",
            "index",
            "topic",
            ALL,
            "index could not be read to the end: Connection refused. Loggy and all 100 neighbours were last seen at "
            "topic (output_tag-0@5).",
        ),
    ),
    "a stop that could not be asked for duplicates": (
        SENDER,
        stops(index={"error": "Connection refused"}),
        (
            "stop unreachable",
            "index",
            "topic",
            NONE,
            "index could not be read to the end: Connection refused. All had been found there, and whether any of them "
            "twice is not known.",
        ),
    ),
    "found at the index and not in the topic": (
        SENDER,
        stops(topic=LOST, index={"unproven": ALL}),
        (
            "not through Kafka",
            "index",
            "aggregator",
            ALL,
            "Loggy and all 100 neighbours were found at index (logs/abc:0) and not at topic.",
        ),
    ),
    "found at the topic and not at the aggregator": (
        SENDER,
        stops(aggregator=LOST),
        (
            "lost at aggregator",
            "aggregator",
            "sender",
            ALL,
            "Loggy and all 100 neighbours were last seen at the sender (forward h:1 tag t, acknowledged) and missing "
            "at aggregator, though found at topic: that is not the only way.",
        ),
    ),
    "a direct copy beside the one through Kafka": (
        SENDER,
        stops(index={"unproven": some((0, 0)), "duplicates": some((0, 0))}),
        (
            "not through Kafka",
            "index",
            None,
            some((0, 0)),
            "Loggy was found at index in documents whose kafka stamp names no record of theirs in the topic: something "
            "writes there beside the pipeline.",
        ),
    ),
    "copies in the topic that the sink made one again": (
        SENDER,
        stops(topic={"duplicates": some((1, 50))}),
        ("arrived", None, "index", NONE, "Loggy and his 100 neighbours arrived at index, none twice."),
    ),
    "copies that began in the topic": (
        SENDER,
        stops(topic={"duplicates": some((1, 50))}, index={"duplicates": some((1, 5))}),
        (
            "duplicated at topic",
            "topic",
            "aggregator",
            some((1, 5)),
            "5 of 100 neighbours (1-5) were found more than once at index, first at topic.",
        ),
    ),
    "copies that the sink made": (
        SENDER,
        stops(topic={"duplicates": some((60, 70))}, index={"duplicates": some((1, 5))}),
        (
            "duplicated at index",
            "index",
            "topic",
            some((1, 5)),
            "5 of 100 neighbours (1-5) were found more than once at index, first at index.",
        ),
    ),
    "all arrived and the sender does not know": (
        replace(SENDER, acknowledged=some((0, 50)), error="no acknowledgement"),
        stops(),
        (
            "stop unreachable",
            "sender",
            "index",
            some((51, 100)),
            "Everything arrived, and the sender was not told so: no acknowledgement.",
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_verdict_when(case: str) -> None:
    sender, seen, expected = CASES[case]

    verdict = judge(sender, seen)

    assert (str(verdict), verdict.stop, verdict.last_seen, verdict.numbers, verdict.line) == expected


def test_loggy_without_neighbours_arrives_alone() -> None:
    one = some((0, 0))

    assert judge(Sender("d", one, one, one), stops()).line == "Loggy arrived at index, none twice."


def test_stop_that_can_not_be_read_before_sending_ends_the_run() -> None:
    unsent = replace(SENDER, sent=NONE, acknowledged=NONE)

    verdict = judge_start(unsent, stops(topic={"error": "Connection refused"}, index={"error": "later"}))

    assert verdict is not None
    assert (str(verdict), verdict.stop, verdict.last_seen) == ("stop unreachable", "topic", None)
    assert verdict.line == "topic could not be read: Connection refused. Nothing was sent."


def test_stop_that_is_not_deployed_is_not_asked() -> None:
    assert judge_start(SENDER, stops(aggregator={"deployed": False, "error": "no such file"})) is None


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, Word.ARRIVED),
        ({"deployed": False}, Word.NOT_DEPLOYED),
        ({"missing": ALL}, Word.LOST),
        ({"missing": ALL, "waited": False}, Word.NOTHING_SENT),
        ({"error": "refused"}, Word.UNREACHABLE),
        ({"unproven": ALL, "duplicates": ALL}, Word.NOT_THROUGH_KAFKA),
        ({"duplicates": ALL}, Word.DUPLICATED),
    ],
)
def test_state_of_a_stop_by_itself(changes: dict[str, Any], word: Word) -> None:
    assert replace(Seen("s", "index"), **changes).word() is word
