"""One sentence of advice, by what everything said of itself."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.advice import advise
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.verdict import Verdict, Word
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges

KINDS = {"application": "file", "topic": "topic", "index": "index"}
LETTERS = "7 of them are in the dead-letter topic dlq: x; correct that, and send them again."
PAUSED = {"index": "Resume connector sink, which is paused."}
LAG = "Give group g time to catch up, or look why it is slow."

CASES: dict[str, tuple[Word, str | None, dict[str, Any], str | None]] = {
    "arrived": (Word.ARRIVED, None, {"advice": PAUSED}, None),
    "dead letters name the numbers themselves": (
        Word.LOST,
        "index",
        {"advice": PAUSED, "explanations": ["", LETTERS], "observed": [LAG]},
        LETTERS,
    ),
    "a paused sink": (Word.LOST, "index", {"advice": PAUSED, "observed": [LAG]}, PAUSED["index"]),
    "a lag": (Word.LOST, "index", {"observed": ["", LAG]}, LAG),
    "trouble of a stop before": (Word.LOST, "index", {"advice": {"topic": "Start Kafka."}}, "Start Kafka."),
    "a file before is no trouble": (
        Word.LOST,
        "topic",
        {"advice": {"application": "Look at it."}},
        "Look at the log of what sends to the topic: it has lost what it was given.",
    ),
    "nothing known of an index": (
        Word.LOST,
        "index",
        {},
        "Look at the sink's log, and whether its errors.tolerance or an ingest pipeline drops documents.",
    ),
    "nothing known of a file": (Word.LOST, "application", {}, "Look at what writes to application."),
    "late with a lag": (Word.LATE, "index", {"observed": [LAG]}, LAG),
    "late without": (
        Word.LATE,
        "index",
        {},
        "Look what is slow before index, or allow more in limits.latency_ms.",
    ),
    "twice in an index": (
        Word.DUPLICATED,
        "index",
        {"advice": PAUSED},
        "Let the sink make a document's id of its event or record, so that a second delivery replaces the first.",
    ),
    "twice in a topic": (
        Word.DUPLICATED,
        "topic",
        {},
        "Look what delivers to topic twice: two sources, or one that retries.",
    ),
    "beside Kafka": (
        Word.NOT_THROUGH_KAFKA,
        "index",
        {"advice": PAUSED},
        "Take out what writes to index beside the pipeline, such as a second output of the aggregator.",
    ),
    "unreachable": (Word.UNREACHABLE, "index", {"advice": {"index": "Start it."}}, "Start it."),
    "unreachable for no known cause": (
        Word.UNREACHABLE,
        "index",
        {},
        "Make index reachable from this host, and run it again.",
    ),
    "the sender's trouble is that of the first stop": (
        Word.UNREACHABLE,
        "sender",
        {"advice": {"application": "Make room.", **PAUSED}},
        "Make room.",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_advice_fits_the_case(case: tuple[Word, str | None, dict[str, Any], str | None]) -> None:
    word, stop, known, advice = case
    verdict = Verdict(word, stop, None, Ranges([(3, 9)]), "")
    whole: dict[str, Any] = {"advice": {}, "explanations": [], "observed": [], **known}

    assert advise(verdict, KINDS, **whole) == advice
