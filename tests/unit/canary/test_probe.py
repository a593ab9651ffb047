"""The whole canary in front of a pipeline of fakes: what goes away comes back, and the account is right afterwards."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.account import SENDER
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.program import make_probe, views
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.report import report
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.server import Server
from ansible_collections.loggy.pipeline.plugins.module_utils.canary.settings import settings_of
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput
from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges
from prometheus_client.parser import text_string_to_metric_families

from tests.unit.canary.pipeline import Canary, Pipeline, running_pipeline
from tests.unit.fakes.forward import Behaviour, ForwardServer


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Pipeline]:
    with running_pipeline(monkeypatch, tmp_path) as pipeline:
        yield pipeline


def settle(canary: Canary) -> None:
    """Until some that are sent from now on have arrived, and nobody who was sent before is on the way."""
    sent = canary.account.sent
    canary.wait(
        lambda account: account.sent > sent + 3 and all(loggy.number > sent for loggy in account.on_the_way),
    )


def test_each_loggy_is_followed_at_every_stop_and_arrives(pipeline: Pipeline) -> None:
    with pipeline.canary() as canary:
        canary.wait(lambda account: account.arrived > 10)
    account = canary.account
    assert account.lost == 0
    for tally in account.tallies.values():
        assert tally.seen >= 10
        assert (tally.duplicates, tally.unexpected, tally.out_of_order, tally.unproven) == (0, 0, 0, 0)
    assert all(record["message"] == "( Loggy ) :D" for record in pipeline.server.records())
    assert [record["loggy"]["seq"] for record in pipeline.server.records()] == list(range(1, account.sent + 1))


def test_a_sink_that_is_paused_beyond_the_deadline_loses_some_that_come_late_when_it_goes_on(
    pipeline: Pipeline,
) -> None:
    with pipeline.canary() as canary:
        canary.wait(lambda account: account.arrived > 2)
        pipeline.pause_sink()
        canary.wait(lambda account: account.tallies["index"].lost >= 5)
        lost = report(canary.probe.book, "")["last_losses"]
        assert {(loss["verdict"], loss["last_seen"], loss["came"]) for loss in lost} == {
            ("lost at index", "topic", None)
        }
        pipeline.resume_sink()
        settle(canary)
        canary.wait(lambda account: not account.tallies["index"].missing)
    account = canary.account
    assert account.tallies["index"].late == account.tallies["index"].lost == account.lost >= 5
    assert {loss.verdict for loss in account.losses} == {"late at index"}
    assert all(loss.came_us and loss.came_us > loss.judged_us for loss in account.losses)
    assert account.sent == account.arrived + account.lost + len(account.on_the_way)
    assert account.tallies["index"].duplicates == 0
    assert any("came late" in line for line in pipeline.said)


def test_kafka_going_away_and_coming_back_loses_nothing_for_good(pipeline: Pipeline) -> None:
    with pipeline.canary() as canary:
        canary.wait(lambda account: account.arrived > 2)
        pipeline.kafka_is_up = False
        canary.wait(lambda account: account.error("topic"))
        sent = canary.account.sent
        canary.wait(lambda account: account.lost > 0)
        pipeline.kafka_is_up = True
        settle(canary)
        canary.wait(lambda account: not any(tally.missing for tally in account.tallies.values()))
    account = canary.account
    assert account.error("topic") == ""
    assert account.skipped > 0, "one Loggy waited to be taken, and the others were not sent meanwhile"
    assert [loss.verdict for loss in account.losses] == [f"late at {SENDER}"]
    assert account.losses[0].number in (sent, sent + 1)
    assert [outage.place for outage in account.outages if outage.to_us] == ["topic"]


def test_an_index_that_can_not_be_asked_is_said_to_be_down_and_nobody_is_called_lost_for_it(pipeline: Pipeline) -> None:
    with pipeline.canary() as canary:
        canary.wait(lambda account: account.arrived > 2)
        pipeline.elasticsearch.user = ("nobody", "knows")
        canary.wait(lambda account: account.error("index"))
        overdue = canary.account.sent
        canary.wait(lambda account: account.sent > overdue + 25)
        assert canary.account.lost == 0
        assert canary.probe.trouble() == ""
        pipeline.elasticsearch.user = None
        settle(canary)
    assert canary.account.lost == 0
    assert canary.account.tallies["index"].seen >= overdue
    assert [outage.place for outage in canary.account.outages] == ["index"]


def test_a_receiver_that_goes_away_and_comes_back_gets_the_next_loggy(pipeline: Pipeline) -> None:
    port = pipeline.server.port
    with pipeline.canary() as canary:
        canary.wait(lambda account: account.arrived > 2)
        pipeline.server.close()
        canary.wait(lambda account: account.error(SENDER))
        pipeline.server = again = ForwardServer(Behaviour(keep_ack=pipeline.take), port)
        arrived = canary.account.arrived
        canary.wait(lambda account: account.arrived > arrived + 2)
        again.close()
    assert canary.account.tallies["index"].duplicates == 0
    assert "Could not connect" in next(outage.error for outage in canary.account.outages)


def test_copies_and_foreign_numbers_are_counted(pipeline: Pipeline) -> None:
    with pipeline.canary() as canary:
        canary.wait(lambda account: account.arrived > 3)
        log = pipeline.cluster.topics["logs"].logs[0]
        first = json.loads(log[1].value)
        pipeline.produce(first)
        pipeline.produce({**first, "loggy": {**first["loggy"], "seq": 900}})
        pipeline.produce({**first, "loggy": {**first["loggy"], "run": "another"}})
        pipeline.index(log[2], "a copy")
        canary.wait(lambda account: account.tallies["topic"].unexpected and account.tallies["index"].duplicates >= 2)
    topic, index = canary.account.tallies["topic"], canary.account.tallies["index"]
    assert (topic.duplicates, topic.unexpected) == (1, 1)
    # The sink made a document of each of the copies, and there was one beside it.
    assert (index.duplicates, index.unexpected) == (2, 1)


def test_a_canary_that_was_ended_goes_on_with_the_same_account(pipeline: Pipeline) -> None:
    with pipeline.canary() as canary:
        canary.wait(lambda account: account.arrived > 3)
        pipeline.pause_sink()
        sent = canary.account.sent
        canary.wait(lambda account: account.sent > sent + 3)
    run, sent, on_the_way = canary.account.run, canary.account.sent, len(canary.account.on_the_way)
    assert on_the_way >= 3
    pipeline.resume_sink()
    with pipeline.canary(deadline=30.0) as canary:
        canary.wait(lambda account: account.arrived > sent + 3)
    account = canary.account
    assert account.run == run
    assert account.sent == account.arrived + len(account.on_the_way)
    assert [record["loggy"]["seq"] for record in pipeline.server.records()] == list(range(1, account.sent + 1))
    assert all(tally.duplicates == 0 and tally.seen >= sent for tally in account.tallies.values())


def test_a_canary_that_is_killed_at_any_time_counts_each_loggy_once(pipeline: Pipeline, tmp_path: Path) -> None:
    """What a kill leaves is the state on disk: the lives after begin with what it was at some time in between."""
    state = tmp_path / "state.json"
    with pipeline.canary() as canary:
        canary.wait(lambda account: account.arrived > 8)
        left_behind = state.read_bytes()
        canary.wait(lambda account: account.arrived > 12)
        canary.probe._sender.close(timeout=5)
        canary.wait(lambda account: not account.on_the_way)
    sent = json.loads(left_behind)["account"]["sent"]
    assert 8 < sent <= canary.account.sent
    # Nobody was sent after that life's last number was on disk.
    first_life = [record["loggy"]["seq"] for record in pipeline.server.records()]
    assert first_life == list(range(1, canary.account.sent + 1))
    state.write_bytes(left_behind)
    again = make_probe(settings_of(pipeline.settings(interval=3600.0, deadline=30.0)), pipeline.said.append)
    for follower in again._followers:
        follower.look()
    tallies = again.book.account.tallies
    for stop in ("topic", "index"):
        assert tallies[stop].seen == sent, stop
        assert tallies[stop].duplicates == 0, stop


def test_metrics_health_and_report_say_the_same(pipeline: Pipeline) -> None:
    with pipeline.canary() as canary:
        canary.wait(lambda account: account.arrived > 2)
        pipeline.pause_sink()
        canary.wait(lambda account: account.lost > 1)
        pipeline.resume_sink()
        canary.wait(lambda account: account.tallies["index"].late > 1)
        server = Server("127.0.0.1", 0, views(canary.probe))
        assert get(server, "/healthz") == "ok\n"
        canary.probe._sender.close(timeout=5)
        canary.wait(lambda account: not account.on_the_way)
        told = json.loads(get(server, "/report"))
        metrics = parsed(get(server, "/metrics"))
        html = get(server, "/report", "text/html,*/*;q=0.8")
        server.close()
    for name in ("sent", "arrived", "skipped"):
        assert metrics[f"loggy_canary_{name}_total", ""] == told[name]
    assert metrics["loggy_canary_on_the_way", ""] == told["on_the_way"]["count"]
    assert [stop["name"] for stop in told["stops"]] == [SENDER, "topic", "index"]
    for stop in told["stops"]:
        for name in ("seen", "lost", "late", "duplicates", "unexpected", "out_of_order", "unproven"):
            assert metrics[f"loggy_canary_{name}_total", stop["name"]] == stop[name]
        assert metrics["loggy_canary_missing", stop["name"]] == stop["missing"]["count"]
        assert metrics["loggy_canary_up", stop["name"]] == stop["up"] == 1
        assert metrics["loggy_canary_latency_seconds_count", stop["name"]] == stop["seen"] == stop["latency"]["count"]
        assert metrics["loggy_canary_latency_seconds_sum", stop["name"]] == pytest.approx(stop["latency"]["sum"])
        assert stop["latency"]["buckets"][-1] == {"le": "+Inf", "count": stop["seen"]}
    assert told["last_losses"][0]["verdict"] == "late at index"
    assert f"{told['sent']} times sent" in html
    assert "late at index" in html


def get(server: Server, path: str, accept: str = "*/*") -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return str(answer.read().decode())


def parsed(text: str) -> dict[tuple[str, str], float]:
    """By name and stop."""
    return {
        (sample.name, sample.labels.get("stop", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_probe_that_does_not_do_its_work_is_not_healthy_and_says_why(pipeline: Pipeline) -> None:
    probe = make_probe(settings_of(pipeline.settings()), pipeline.said.append)
    server = Server("127.0.0.1", 0, views(probe))
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(server, "/healthz")
    server.close()
    assert caught.value.code == 503
    assert "nobody follows topic" in caught.value.read().decode()


def test_a_state_that_can_not_be_written_is_the_canarys_own_trouble_and_nothing_is_sent(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    with pipeline.canary() as canary:
        canary.wait(lambda account: account.arrived > 2)
        (tmp_path / ".state.json.new").mkdir()
        canary.wait(lambda account: canary.probe.trouble())
        assert "could not be written" in canary.probe.trouble()
        sent = len(pipeline.server.chunks)
        skipped = canary.account.skipped
        canary.wait(lambda account: account.skipped > skipped + 3)
        assert len(pipeline.server.chunks) <= sent + 1
        (tmp_path / ".state.json.new").rmdir()
        arrived = canary.account.arrived
        canary.wait(lambda account: account.arrived > arrived + 2)
        assert canary.probe.trouble() == ""


def test_an_account_that_can_not_be_read_is_left_as_it_is(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"version": 99}')
    with pytest.raises(InvalidInput, match="of version 99, this canary writes 1"):
        make_probe(settings_of(pipeline.settings()), pipeline.said.append)
    assert (tmp_path / "state.json").read_text() == '{"version": 99}'


def test_nothing_is_sent_before_every_stop_was_reached_once(pipeline: Pipeline) -> None:
    pipeline.kafka_is_up = False
    with pipeline.canary() as canary:
        canary.wait(lambda account: account.error("topic"))
        for _ in range(3):
            canary.wait_for_a_turn()
        assert canary.account.sent == 0
        pipeline.kafka_is_up = True
        canary.wait(lambda account: account.arrived > 0)
    assert canary.account.tallies["topic"].missing == Ranges()


def test_a_file_is_read_on_where_the_last_life_ended(pipeline: Pipeline, tmp_path: Path) -> None:
    log = tmp_path / "application.log"
    stops: list[dict[str, Any]] = [{"name": "application", "kind": "file", "path": str(log)}]
    changes: dict[str, Any] = {"forward": None, "file": {"path": str(log)}, "stops": stops}
    log.write_text("an older line\n")
    with pipeline.canary(**changes) as canary:
        canary.wait(lambda account: account.arrived > 3)
    with pipeline.canary(**changes) as canary:
        arrived = canary.account.arrived
        canary.wait(lambda account: account.arrived > arrived + 3)
    tally = canary.account.tallies["application"]
    assert (tally.duplicates, tally.seen) == (0, canary.account.arrived)
