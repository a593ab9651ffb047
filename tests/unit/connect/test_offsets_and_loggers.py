# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""connect_connector_offsets and connect_logger: check, apply, apply again, and their refusals."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.connect import connector_offsets, logger
from ansible_collections.loggy.pipeline.plugins.module_utils.connect.logger import in_order, read_levels, to_set
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import ApiError, InvalidInput, NotReady

from tests.unit.fakes.connect import REBALANCE, FakeWorker, Fault, fake_connect
from tests.unit.fakes.connect_cluster import FakeCluster
from tests.unit.run_operation import run_operation

SINK = {"connector.class": "FileStreamSink", "topics": "t"}


def entry(partition: int, offset: int | None) -> dict[str, Any]:
    return {
        "partition": {"kafka_topic": "t", "kafka_partition": partition},
        "offset": None if offset is None else {"kafka_offset": offset},
    }


def offsets(worker: FakeWorker, **params: Any) -> Any:
    return run_operation(connector_offsets.OPERATION, urls=[worker.url], name="a", wait_timeout=5, **params)


def with_offsets(worker: FakeWorker, state: str = "STOPPED") -> FakeWorker:
    worker.add("a", SINK, state).offsets = [entry(1, 11), entry(0, 7)]
    return worker


def test_without_a_state_it_only_reads() -> None:
    with fake_connect() as worker:
        read = offsets(with_offsets(worker, "RUNNING"))
        assert (read["changed"], read["offsets"], read["state"]) == (False, [entry(0, 7), entry(1, 11)], "RUNNING")
        assert worker.writes == []


def test_an_alteration_is_predicted_applied_and_then_no_change() -> None:
    with fake_connect() as worker:
        with_offsets(worker)
        params = {"state": "altered", "offsets": [entry(0, 3), entry(1, None), entry(2, 5)]}
        predicted = offsets(worker, **params, check_mode=True)
        assert worker.writes == []
        applied = offsets(worker, **params)
        assert predicted == applied
        assert applied["diff"] == {
            "before": {"offsets": [entry(0, 7), entry(1, 11)]},
            "after": {"offsets": [entry(0, 3), entry(2, 5)]},
        }
        assert not offsets(worker, **params)["changed"]


def test_a_reset_is_predicted_applied_and_then_no_change() -> None:
    with fake_connect() as worker:
        with_offsets(worker)
        assert offsets(worker, state="reset", check_mode=True)["changed"]
        assert offsets(worker, state="reset")["offsets"] == []
        assert not offsets(worker, state="reset")["changed"]
        assert worker.writes == ["DELETE /connectors/a/offsets"]


@pytest.mark.parametrize("former", ["RUNNING", "PAUSED"])
def test_with_stop_the_connector_goes_on_as_it_did(former: str) -> None:
    with fake_connect() as worker:
        with_offsets(worker, former)
        assert offsets(worker, state="reset", stop=True)["offsets"] == []
        assert worker.connectors["a"].state == former
        verb = {"RUNNING": "resume", "PAUSED": "pause"}[former]
        assert worker.writes == ["PUT /connectors/a/stop", "DELETE /connectors/a/offsets", f"PUT /connectors/a/{verb}"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_without_stop_a_running_connector_is_left_alone(check_mode: bool) -> None:
    with fake_connect() as worker:
        with_offsets(worker, "RUNNING")
        with pytest.raises(InvalidInput, match=r"a is RUNNING, 1/1 tasks; Connect .* STOPPED one only.*stop: true"):
            offsets(worker, state="reset", check_mode=check_mode)
        assert worker.writes == []


def test_a_refused_change_lets_the_connector_go_on() -> None:
    with fake_connect() as worker:
        with_offsets(worker, "RUNNING")
        worker.faults.append(Fault("DELETE .*/offsets", 500, '{"error_code": 500, "message": "no such file"}'))
        with pytest.raises(ApiError, match="no such file"):
            offsets(worker, state="reset", stop=True)
        assert worker.connectors["a"].state == "RUNNING"


def test_a_rebalance_is_waited_out() -> None:
    with fake_connect() as worker:
        with_offsets(worker)
        worker.faults.append(Fault("DELETE", 409, f'{{"error_code": 409, "message": "{REBALANCE}"}}', 2))
        assert offsets(worker, state="reset")["changed"]


def test_what_can_not_be_meant_is_refused() -> None:
    with fake_connect() as worker:
        with pytest.raises(InvalidInput, match="connector a does not exist"):
            offsets(worker)
        with pytest.raises(InvalidInput, match="offsets are given without state altered"):
            offsets(worker, offsets=[entry(0, 1)])
    with fake_connect(FakeCluster(version="3.5.1")) as worker:
        with_offsets(worker)
        assert offsets(worker)["offsets"]
        with pytest.raises(InvalidInput, match=r"This needs Kafka 3\.6 or newer .* runs 3\.5\.1"):
            offsets(worker, state="reset")


def levels(*workers: FakeWorker, **params: Any) -> Any:
    return run_operation(logger.OPERATION, urls=[worker.url for worker in workers], **params)


def test_levels_are_predicted_set_and_then_no_change() -> None:
    with fake_connect() as worker:
        params = {"loggers": {"org.apache": "debug"}}
        predicted = levels(worker, **params, check_mode=True)
        assert worker.writes == []
        applied = levels(worker, **params)
        assert predicted == applied
        assert applied["diff"] == {
            "before": {worker.url: {"org.apache": None}},
            "after": {worker.url: {"org.apache": "DEBUG"}},
        }
        assert worker.levels["org.apache"] == "DEBUG"
        assert not levels(worker, **params)["changed"]


def test_in_the_scope_of_a_worker_only_those_that_differ_are_set() -> None:
    cluster = FakeCluster()
    with fake_connect(cluster) as first, fake_connect(cluster) as second:
        first.levels["a.b"] = "INFO"
        assert levels(first, second, loggers={"a.b": "INFO"})["changed"]
        assert (first.writes, second.writes) == ([], ["PUT /admin/loggers/a.b?scope=worker"])


def test_in_the_scope_of_a_cluster_one_request_sets_all() -> None:
    cluster = FakeCluster()
    with fake_connect(cluster) as first, fake_connect(cluster) as second:
        assert levels(first, second, loggers={"a.b": "WARN"}, scope="cluster")["changed"]
        assert (first.levels["a.b"], second.levels["a.b"]) == ("WARN", "WARN")
        assert len(first.writes + second.writes) == 1


def test_a_worker_that_does_not_follow_is_named() -> None:
    with (
        fake_connect() as first,
        fake_connect() as stranger,
        pytest.raises(NotReady, match=rf"last seen: {stranger.url} has a\.b at None"),
    ):
        levels(first, stranger, loggers={"a.b": "WARN"}, scope="cluster", wait_timeout=0.2)


def test_an_ancestor_is_set_first_and_does_not_take_the_others_with_it() -> None:
    with fake_connect() as worker:
        worker.levels.update({"a": "INFO", "a.b": "DEBUG"})
        wanted = {"a.b": "DEBUG", "a": "ERROR", "root": "WARN"}
        levels(worker, loggers=wanted)
        assert {name: worker.levels[name] for name in wanted} == wanted
        assert in_order(wanted) == ["root", "a", "a.b"]


def test_a_logger_with_a_similar_name_is_not_below() -> None:
    assert to_set({"a": "INFO", "ab": "DEBUG"}, {"a": "WARN", "ab": "DEBUG"}) == ["a"]


def test_levels_are_those_of_connect() -> None:
    assert read_levels({"a": "info", "b": False}) == {"a": "INFO", "b": "OFF"}
    with pytest.raises(InvalidInput, match=r"loggers: b has the level 'LOUD'\. Levels are TRACE, DEBUG"):
        read_levels({"a": "INFO", "b": "LOUD"})


def test_an_old_worker_would_set_itself_alone() -> None:
    with (
        fake_connect(FakeCluster(version="3.6.0")) as worker,
        pytest.raises(InvalidInput, match=r"scope cluster needs Kafka 3\.7 .* runs 3\.6\.0"),
    ):
        levels(worker, loggers={"a": "INFO"}, scope="cluster")
