"""The operation of ``loggy_commute`` on a pipeline in this process, whole and broken on purpose."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.loggy_commute import OPERATION
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.stops.file import FileStop
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import PipelineError
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context

from tests.unit.commute.pipeline import Pipeline, running_pipeline


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    with running_pipeline(monkeypatch) as running:
        yield running


def stop(result: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in result["stops"] if one["name"] == name)
    return found


def test_all_arrive_and_the_proof_is_told(pipeline: Pipeline) -> None:
    result = pipeline.run()

    assert (result["verdict"], result["stop"], result["changed"]) == ("arrived", None, True)
    assert result["sender"]["acknowledged"] == {"count": 21, "ranges": [[0, 20]]}
    topic, index = stop(result, "topic"), stop(result, "index")
    assert (topic["status"], topic["place"], topic["found"], topic["expected"]) == ("arrived", "logs-0@0", 21, 21)
    assert (index["status"], index["place"], index["found"]) == ("arrived", "logs-1/0-0", 21)
    assert index["where"]["kafka"]["offset"] == topic["where"]["offset"]
    assert index["unproven"] == {"count": 0, "ranges": []}
    assert 0 <= topic["latency_ms"] < 1500
    assert result["seconds"] < 1.5


def test_garbage_is_looked_for_as_before_once_it_is_over(pipeline: Pipeline) -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    pipeline.run()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_stop_that_is_not_deployed_is_never_passed(pipeline: Pipeline) -> None:
    result = pipeline.run()

    assert stop(result, "aggregator") == {
        "name": "aggregator",
        "kind": "file",
        "deployed": False,
        "status": "not deployed",
    }
    assert "aggregator  not deployed" in result["table"].splitlines()[2]


def test_table_has_a_line_for_the_sender_and_for_each_stop(pipeline: Pipeline) -> None:
    head, sender, _, topic, index = pipeline.run()["table"].splitlines()

    assert head.split() == ["stop", "status", "Loggy", "latency", "neighbours"]
    assert sender.split()[:2] == ["sender", "acknowledged"]
    assert sender.endswith("20 of 20")
    assert topic.split()[:3] == ["topic", "arrived", "logs-0@0"]
    assert index.split()[:3] == ["index", "arrived", "logs-1/0-0"]
    assert index.split()[4:] == ["ms", "20", "of", "20"]


def test_seven_of_the_events_lost_at_the_sink_are_named(pipeline: Pipeline) -> None:
    pipeline.sink = lambda seq: 0 if 5 <= seq <= 11 else 1

    error = pipeline.failure()

    assert str(error).startswith(
        "7 of 20 neighbours (5-11) were last seen at topic (logs-0@0) and missing at index. index says: cluster "
        "green; index logs-1 green, 14 documents. Give group connect-sink time to catch up, "
    )
    assert error.details["verdict"] == "lost at index"
    assert error.details["numbers"] == {"count": 7, "ranges": [[5, 11]]}
    assert stop(error.details, "topic")["status"] == "arrived"
    assert stop(error.details, "index")["missing"] == {"count": 7, "ranges": [[5, 11]]}
    assert 1.5 <= error.details["seconds"] < 5


def test_loggy_lost_before_the_topic_is_lost_at_the_topic(pipeline: Pipeline) -> None:
    pipeline.source = lambda seq: 0 if seq == 0 else 1

    error = pipeline.failure()

    assert error.details["verdict"] == "lost at topic"
    assert "Loggy was last seen at the sender (forward 127.0.0.1:" in str(error)
    assert "acknowledged) and missing at topic" in str(error)


def test_copies_in_the_topic_are_noted_and_no_failure(pipeline: Pipeline) -> None:
    pipeline.source = lambda seq: 2 if seq in (3, 4) else 1

    result = pipeline.run()

    assert result["verdict"] == "arrived"
    assert stop(result, "topic")["duplicates"] == {"count": 2, "ranges": [[3, 4]], "copies": 2}
    assert "20 of 20, 2 copies" in result["table"]


def test_documents_of_the_second_copy_are_proven_too(pipeline: Pipeline) -> None:
    pipeline.source = lambda seq: 3

    result = pipeline.run()

    assert stop(result, "index")["where"]["kafka"]["offset"] == 2
    assert stop(result, "index")["unproven"]["count"] == 0


def test_five_documents_twice_are_duplicated_at_the_index(pipeline: Pipeline) -> None:
    pipeline.sink = lambda seq: 2 if 1 <= seq <= 5 else 1

    error = pipeline.failure()

    assert error.details["verdict"] == "duplicated at index"
    assert "5 of 20 neighbours (1-5) were found more than once at index, first at index" in str(error)
    assert stop(error.details, "index")["duplicates"] == {"count": 5, "ranges": [[1, 5]], "copies": 5}


def test_document_written_beside_kafka_is_no_proof(pipeline: Pipeline) -> None:
    pipeline.beside = lambda seq: 1
    pipeline.sink = lambda seq: 0

    error = pipeline.failure()

    assert error.details["verdict"] == "not through Kafka"
    assert "documents whose kafka stamp names no record of theirs" in str(error)
    assert stop(error.details, "index")["unproven"]["count"] == 21


def test_stale_copy_beside_is_seen_though_all_came_through_kafka(pipeline: Pipeline) -> None:
    pipeline.beside = lambda seq: int(seq == 8)

    error = pipeline.failure()

    assert error.details["verdict"] == "not through Kafka"
    assert error.details["numbers"] == {"count": 1, "ranges": [[8, 8]]}


def test_index_without_the_topic_is_not_through_kafka(pipeline: Pipeline) -> None:
    pipeline.beside = lambda seq: 1
    pipeline.source = lambda seq: 0

    error = pipeline.failure()

    assert error.details["verdict"] == "not through Kafka"
    assert "Loggy and all 20 neighbours were found at index (logs-1/direct-0-0) and not at topic." in str(error)


def test_unreachable_index_is_told_at_once_and_nothing_is_sent(pipeline: Pipeline) -> None:
    error = pipeline.failure(elasticsearch={"urls": ["http://127.0.0.1:1"]}, deadline=30)

    assert error.details["verdict"] == "stop unreachable"
    assert str(error).startswith(
        "index could not be read: No Elasticsearch answered at http://127.0.0.1:1: Connection refused"
    )
    assert error.details["sender"]["sent"]["count"] == 0
    assert error.details["changed"] is False
    assert stop(error.details, "topic")["status"] == "nothing sent"
    assert error.details["seconds"] < 5


def test_refused_forward_port_is_told_at_once(pipeline: Pipeline) -> None:
    assert pipeline.server is not None
    pipeline.server.close()

    error = pipeline.failure(deadline=30)

    assert error.details["verdict"] == "stop unreachable"
    assert error.details["stop"] == "sender"
    assert str(error).startswith("Loggy and all 20 neighbours could not be sent: Could not connect to the forward port")
    assert "topic says: topic logs has 1 partitions" in str(error)
    assert error.details["seconds"] < 5


def test_acks_that_never_come_are_told_though_all_arrived(pipeline: Pipeline) -> None:
    assert pipeline.server is not None
    carry = pipeline.server._behaviour.keep_ack
    pipeline.server._behaviour.keep_ack = lambda number: carry(number) or True

    error = pipeline.failure()

    assert "Everything arrived, and the sender was not told so" in str(error)
    assert error.details["sender"]["acknowledged"]["count"] == 0


def test_report_is_the_result_with_a_schema_version(pipeline: Pipeline, tmp_path: Path) -> None:
    folder = tmp_path / "new"

    result = pipeline.run(report_dir=str(folder))

    report = json.loads((folder / "commute.json").read_text())
    assert report["schema_version"] == 1
    assert result["reports"]["json"] == str(folder / "commute.json")
    assert report == {key: result[key] for key in report}
    assert report.keys() == result.keys() - {"table", "changed", "reports"}
    assert not [one.name for one in folder.iterdir() if one.name.startswith(".")]


def test_report_of_a_failure_is_written_too(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.sink = lambda seq: 0

    error = pipeline.failure(report_dir=str(tmp_path))

    report = json.loads((tmp_path / "commute.json").read_text())
    assert report["verdict"] == error.details["verdict"] == "lost at index"
    assert stop(report, "index")["health"] == stop(error.details, "index")["health"]


@pytest.mark.parametrize("path", ["/proc/none", "/dev/null"])
def test_report_that_can_not_be_written_is_refused_before_anything_is_sent(pipeline: Pipeline, path: str) -> None:
    error = pipeline.failure(report_dir=path)

    assert str(error).startswith(f"Could not write reports to {path}: ")
    assert pipeline.server is not None
    assert pipeline.server.connections == 0


def test_check_mode_sends_nothing_and_says_which_stops_are_reachable(pipeline: Pipeline, tmp_path: Path) -> None:
    path = tmp_path / "reports"

    result = pipeline.run(check_mode=True, report_dir=str(path))
    unreachable = pipeline.run(check_mode=True, elasticsearch={"urls": ["http://127.0.0.1:1"]})

    assert pipeline.server is not None
    assert pipeline.server.connections == 0
    assert not path.exists()
    assert (result["changed"], result["verdict"], result["sender"]["sent"]["count"]) == (True, None, 0)
    assert [one["reachable"] for one in result["stops"]] == [False, True, True]
    assert [one["reachable"] for one in unreachable["stops"]] == [False, True, False]
    assert unreachable["table"].splitlines()[3].startswith("index       index  No Elasticsearch answered")


def test_file_is_producer_and_stop_at_once(tmp_path: Path) -> None:
    path = str(tmp_path / "app.log")
    params = {"file": {"path": path}, "neighbours": 5, "stops": [{"name": "application", "kind": "file", "path": path}]}
    validation = ArgumentSpecValidator(dict(OPERATION.argument_spec), **OPERATION.rules).validate(params)

    result = OPERATION.run(validation.validated_parameters, Context())

    assert result["verdict"] == "arrived"
    assert stop(result, "application")["place"] == f"{path}:1"


def test_few_lines_are_said_under_way(pipeline: Pipeline) -> None:
    pipeline.run(run="r1")

    assert pipeline.said[0].startswith("Loggy and 20 neighbours leave for forward 127.0.0.1:")
    assert pipeline.said[0].endswith("watched at topic, index (run r1)")
    assert sorted(line.split(" after")[0] for line in pipeline.said[1:]) == ["index: all 21", "topic: all 21"]


def test_error_of_this_program_in_a_thread_is_not_swallowed(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(FileStop, "poll", crash)
    stops = [{"name": "application", "kind": "file", "path": str(tmp_path / "x")}]
    with pytest.raises(ZeroDivisionError, match="a bug"):
        pipeline.run(stops=stops)


def test_stop_that_never_answers_does_not_hold_the_end_up(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ansible_collections.loggy.pipeline.plugins.module_utils.commute import ride

    never = threading.Event()
    monkeypatch.setattr(FileStop, "poll", lambda *_, **__: never.wait(60))
    monkeypatch.setattr(ride, "_LAST_LOOK_SECONDS", 0.2)
    stops = [{"name": "application", "kind": "file", "path": str(tmp_path / "x")}]

    error = pipeline.failure(stops=stops)
    never.set()

    assert error.details["verdict"] == "stop unreachable"
    assert "application could not be read to the end: no answer within 0.2 s after the end" in str(error)
    assert error.details["seconds"] < 4


TOPIC = {"name": "topic", "kind": "topic", "topic": "logs"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"neighbours": -1}, "neighbours is -1; 0 is the least."),
        ({"deadline": 0}, "deadline is 0; 0.001 is the least."),
        ({"rate": 1}, "20 neighbours at 1 per second take 20 s to send; deadline is 1.5 s."),
        ({"run": "A"}, "run is 'A': a run id has 1 to 64 characters"),
        ({"stops": []}, "stops: none is deployed, so there is nowhere to look for Loggy."),
        ({"stops": [{**TOPIC, "deployed": False}]}, "stops: none is deployed"),
        ({"stops": [TOPIC, TOPIC]}, "stops: two have the name topic."),
        ({"stops": [{"name": "t", "kind": "topic"}]}, "stops: t is of kind topic and has no topic."),
        ({"stops": [{"name": "i", "kind": "index"}]}, "stops: i is of kind index and has no index."),
        ({"stops": [{"name": "f", "kind": "file"}]}, "stops: f is of kind file and has no path."),
        ({"stops": [TOPIC], "kafka": None}, "stops: topic needs kafka, which is not set."),
        ({"stops": [{**TOPIC, "connector": "source"}]}, "stops: topic needs connect, which is not set."),
        ({"kafka": {"bootstrap_servers": ["nonsense"]}}, "bootstrap_servers: 'nonsense' is not host:port."),
        ({"elasticsearch": {"urls": ["ftp://x"]}}, "urls: 'ftp://x' is not the URL of a server."),
    ],
)
def test_bad_input_is_refused(pipeline: Pipeline, options: dict[str, Any], message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        pipeline.run(**options)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"stops": [{**TOPIC, "kind": "loki"}]},
            "value of kind must be one of: file, pod_log, topic, index, got: loki found in",
        ),
        ({"file": None, "forward": None}, "send is True but any of the following are missing: file, forward"),
        ({"file": {"path": "/x"}, "forward": {}}, "parameters are mutually exclusive: file|forward"),
        ({"kafka": {}}, "missing required arguments: bootstrap_servers found in kafka"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    whole = {"forward": {}, "stops": [TOPIC], **options}
    validation = ArgumentSpecValidator(dict(OPERATION.argument_spec), **OPERATION.rules).validate(
        {name: value for name, value in whole.items() if value is not None}
    )
    assert message in "; ".join(validation.error_messages)
