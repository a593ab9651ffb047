"""The result against its schema, with several producers, limits, and somebody else who sends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.sender import shares
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.verdict import SENDER
from ansible_collections.loggy.pipeline.plugins.module_utils.log.event import make_record
from ansible_collections.loggy.pipeline.plugins.module_utils.log.options import Sending
from jsonschema import Draft202012Validator

from tests.unit.commute.pipeline import Pipeline, running_pipeline

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "commute.schema.json").read_text()))


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    with running_pipeline(monkeypatch) as running:
        yield running


def stop(result: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in result["stops"] if one["name"] == name)
    return found


def report(folder: Path) -> Any:
    return json.loads((folder / "commute.json").read_text())


def carried(pipeline: Pipeline, seqs: range, run: str = "r1", producer: str = "p", ago: float = 0.0) -> None:
    """What another sender's events become, made ``ago`` seconds before now."""
    sent = datetime.now(UTC) - timedelta(seconds=ago)
    for seq in seqs:
        pipeline._carry(make_record(run, seq, producer, int(sent.timestamp() * 1_000_000)))


FOLLOWED = {"send": False, "run": "r1", "forward": None}


@pytest.mark.parametrize("broken", ["", "source", "sink", "beside", "refused", "unreachable"])
def test_report_is_as_the_schema_says(pipeline: Pipeline, tmp_path: Path, broken: str) -> None:
    options: dict[str, Any] = {"report_dir": str(tmp_path), "limits": {"latency_ms": 60_000}}
    if broken == "unreachable":
        options["elasticsearch"] = {"urls": ["http://127.0.0.1:1"]}
    elif broken:
        setattr(pipeline, broken, lambda seq: int(seq in (3, 5, 8)))

    if broken:
        pipeline.failure(**options)
    else:
        pipeline.run(**options)

    SCHEMA.validate(report(tmp_path))
    assert (report(tmp_path)["word"] == "arrived") == (not broken)
    assert (report(tmp_path)["advice"] is None) == (not broken)


def test_report_of_what_another_sent_is_as_the_schema_says(pipeline: Pipeline, tmp_path: Path) -> None:
    carried(pipeline, range(21))
    pipeline.run(**FOLLOWED, since="2026-01-01", report_dir=str(tmp_path))

    SCHEMA.validate(report(tmp_path))
    assert report(tmp_path)["sender"]["acknowledged"] is None


def test_schema_refuses_a_report_that_lacks_a_field(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.run(report_dir=str(tmp_path))
    whole = report(tmp_path)
    del whole["stops"][2]["latency"]["from_start"]["p99"]

    assert not SCHEMA.is_valid(whole)


def test_latency_counts_from_the_start_and_from_the_stop_before(pipeline: Pipeline) -> None:
    result = pipeline.run()

    topic, index = stop(result, "topic"), stop(result, "index")
    assert topic["latency"]["from_stop_before"] is None
    assert index["latency"]["from_stop_before"]["stop"] == "topic"
    for latency in (topic["latency"]["from_start"], index["latency"]["from_start"]):
        assert latency["count"] == sum(bucket["count"] for bucket in latency["histogram"]) == 21
        assert 0 <= latency["min"] <= latency["median"] <= latency["p95"] <= latency["p99"] <= latency["max"] < 1500
        assert (latency["clock"], latency["negative"]) == ("host", 0)
    assert sum(topic["throughput"]["counts"]) == sum(index["throughput"]["counts"]) == 21
    assert topic["throughput"]["from"] == index["throughput"]["from"] == result["started"]


def test_producers_share_the_numbers_and_name_themselves(pipeline: Pipeline) -> None:
    result = pipeline.run(producers=3, producer="host")

    assert result["verdict"] == "arrived"
    assert [(one["producer"], one["planned"]["ranges"]) for one in result["sender"]["producers"]] == [
        ("host-1", [[0, 6]]),
        ("host-2", [[7, 13]]),
        ("host-3", [[14, 20]]),
    ]
    assert result["sender"]["acknowledged"] == {"count": 21, "ranges": [[0, 20]]}
    assert result["sender"]["chunks"] == 3
    assert stop(result, "topic")["out_of_order"] == {"count": 0, "ranges": []}
    names = {json.loads(record.value)["loggy"]["producer"] for record in pipeline.cluster.topics["logs"].logs[0]}
    assert names == {"host-1", "host-2", "host-3"}


def test_shares_are_equal_and_hold_every_number_once() -> None:
    parts = shares(Sending("r", "p", 90.0, None), range(11), 3)

    assert [list(seqs) for _sending, seqs in parts] == [[0, 1, 2], [3, 4, 5, 6], [7, 8, 9, 10]]
    assert {sending.rate for sending, _seqs in parts} == {30.0}
    assert shares(Sending("r", "p", 90.0, None), range(11), 1) == [(Sending("r", "p", 90.0, None), range(11))]


def test_run_that_another_sends_meanwhile_is_followed(pipeline: Pipeline) -> None:
    senders = [
        threading.Timer(0.2, carried, (pipeline, range(11)), {"producer": "one"}),
        threading.Timer(0.2, carried, (pipeline, range(11, 21)), {"producer": "two"}),
    ]
    for sender in senders:
        sender.start()

    result = pipeline.run(**FOLLOWED, deadline=10)

    assert (result["verdict"], result["changed"]) == ("arrived", False)
    assert result["sender"]["destination"] == "another sender"
    assert stop(result, "topic")["latency"]["from_start"]["count"] == 21
    assert result["table"].splitlines()[1].split() == ["sender", "not", "known", "another", "sender"]
    assert "are sent by another" in pipeline.said[0]


def test_topic_is_read_from_the_time_that_since_names(pipeline: Pipeline) -> None:
    carried(pipeline, range(21))

    assert pipeline.run(**FOLLOWED, since="2026-01-01T00:00:00Z")["verdict"] == "arrived"
    error = pipeline.failure(**FOLLOWED, since=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    assert error.details["verdict"] == "not through Kafka"
    assert stop(error.details, "topic")["found"] == 0


def test_loss_of_what_another_sent_says_that_nobody_told(pipeline: Pipeline) -> None:
    pipeline.source = lambda seq: int(seq != 4)
    carried(pipeline, range(21))

    error = pipeline.failure(**FOLLOWED, since="2026-01-01")

    assert str(error).startswith("1 of 20 neighbours (4) was last seen at its sender and missing at topic.")


def test_clock_that_is_behind_is_told_and_not_hidden(pipeline: Pipeline) -> None:
    carried(pipeline, range(21), ago=-3600)

    latency = stop(pipeline.run(**FOLLOWED, since="2026-01-01"), "topic")["latency"]["from_start"]

    assert latency["negative"] == 21
    assert latency["min"] < -3_500_000


def test_late_is_named_with_the_stop_and_the_numbers(pipeline: Pipeline) -> None:
    carried(pipeline, range(5, 12), ago=60)
    carried(pipeline, range(5))
    carried(pipeline, range(12, 21))

    error = pipeline.failure(**FOLLOWED, since="2026-01-01", limits={"latency_ms": 30_000})

    assert error.details["verdict"] == "late at topic"
    assert error.details["word"] == stop(error.details, "topic")["status"] == "late"
    assert error.details["numbers"] == {"count": 7, "ranges": [[5, 11]]}
    assert str(error).startswith(
        "7 of 20 neighbours (5-11) came to topic later than 30000 ms after the start; the slowest took 60"
    )


@pytest.mark.parametrize(("limit", "arrives"), [(7, True), (6, False)])
def test_so_many_may_be_lost(pipeline: Pipeline, limit: int, arrives: bool) -> None:
    pipeline.sink = lambda seq: 0 if 5 <= seq <= 11 else 1

    if not arrives:
        assert pipeline.failure(limits={"lost": limit}).details["verdict"] == "lost at index"
        return
    result = pipeline.run(limits={"lost": limit})
    assert result["line"] == (
        "Loggy and his 20 neighbours arrived at index, none twice; 7 of 20 neighbours (5-11) missing at index, which "
        "the limit allows."
    )
    assert stop(result, "index")["status"] == "arrived"


@pytest.mark.parametrize(("limit", "arrives"), [(5, True), (4, False)])
def test_so_many_may_be_twice(pipeline: Pipeline, limit: int, arrives: bool) -> None:
    pipeline.sink = lambda seq: 2 if 1 <= seq <= 5 else 1

    if not arrives:
        assert pipeline.failure(limits={"duplicated": limit}).details["verdict"] == "duplicated at index"
        return
    assert (
        "5 of 20 neighbours (1-5) more than once, which the limit allows"
        in pipeline.run(limits={"duplicated": limit})["line"]
    )


def test_two_that_changed_places_are_named_where_they_did(pipeline: Pipeline) -> None:
    for seqs in (range(8), range(9, 10), range(8, 9), range(10, 21)):
        carried(pipeline, seqs)

    result = pipeline.run(**FOLLOWED, since="2026-01-01")

    assert result["verdict"] == "arrived"
    assert stop(result, "topic")["out_of_order"] == {"count": 1, "ranges": [[8, 8]]}
    assert stop(result, "index")["out_of_order"] is None
    assert result["line"].endswith("none twice; 1 of 20 neighbours (8) came out of order at topic.")


def test_state_is_shown_while_it_goes_on(pipeline: Pipeline) -> None:
    pipeline.run()

    assert pipeline.shown[-1] == {
        SENDER: {"planned": 21, "sent": 21, "acknowledged": 21, "error": None},
        "topic": {"found": 21, "expected": 21, "sightings": 21, "error": None},
        "index": {"found": 21, "expected": 21, "sightings": 21, "error": None},
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"producers": 0}, "producers is 0; 1 is the least."),
        ({"producers": 22}, "producers is 22; 21 is the most for 20 neighbours."),
        ({"neighbours": 100, "producers": 65}, "producers is 65; 64 is the most for 100 neighbours."),
        ({"limits": {"lost": -1}}, "limits.lost is -1; 0 is the least."),
        ({"limits": {"latency_ms": -0.5}}, "limits.latency_ms is -0.5; 0 is the least."),
        ({"since": "2026-01-01"}, "since is set, and this run sends by itself. Set send to false"),
        ({**FOLLOWED, "since": "noon"}, "since is 'noon', which is no ISO 8601 time."),
        ({"send": False, "run": "r1"}, "send is false, and there is a destination."),
        ({"stops": [{"name": "sender", "kind": "topic", "topic": "t"}]}, "stops: sender is the name of what sends"),
    ],
)
def test_bad_input_is_refused(pipeline: Pipeline, options: dict[str, Any], message: str) -> None:
    assert message in str(pipeline.failure(**options))


def test_run_of_another_needs_its_id(pipeline: Pipeline) -> None:
    with pytest.raises(AssertionError, match="send is False but all of the following are missing: run"):
        pipeline.run(send=False, forward=None)
