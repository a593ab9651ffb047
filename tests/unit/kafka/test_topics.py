"""What kafka_topic refuses before it asks a broker, and what it says when a cluster does not follow."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, NotReady
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka import topics
from ansible_collections.loggy.pipeline.plugins.module_utils.kafka.topics_client import Topics
from ansible_collections.loggy.pipeline.plugins.module_utils.operation import Context

from tests.unit.kafka.fakes import FakeCluster, FakeTopic
from tests.unit.run_operation import run_operation, validated


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    fake = FakeCluster()
    monkeypatch.setattr(topics, "admin_client", fake.admin_client)
    return fake


def reconcile(*declared: dict[str, Any], **params: Any) -> dict[str, Any]:
    return run_operation(topics.OPERATION, bootstrap_servers=["fake:9092"], topics=list(declared), **params)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ([{"name": "a", "partitions": 0}], "topic a: partitions is 0; it must be at least 1"),
        ([{"name": "a", "replication_factor": -1}], "topic a: replication_factor is -1; it must be at least 1"),
        ([{"name": "a", "config_exact": True}], "topic a: config_exact needs config"),
        ([{"name": "a"}, {"name": "a", "state": "absent"}], "Nothing was changed: topic a is declared twice"),
    ],
)
def test_bad_input_is_refused(cluster: FakeCluster, declared: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        reconcile(*declared)
    assert cluster.changes == []


def test_check_mode_changes_nothing(cluster: FakeCluster) -> None:
    cluster.topics["old"] = FakeTopic([[]])
    cluster.topics["grows"] = FakeTopic([[]], {"retention.ms": "1"})
    result = reconcile(
        {"name": "old", "state": "absent"},
        {"name": "grows", "partitions": 3, "config": {}, "config_exact": True},
        {"name": "new"},
        check_mode=True,
    )
    assert result["changed"] is True
    assert cluster.changes == []


def test_only_what_differs_is_asked_for(cluster: FakeCluster) -> None:
    cluster.topics["a"] = FakeTopic([[], []], {"retention.ms": "1"})
    reconcile({"name": "a", "partitions": 2, "config": {"retention.ms": 2}})
    assert cluster.changes == ["configure a"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (7, "7"), (0.5, "0.5"), (["compact", "delete"], "compact,delete")],
)
def test_a_config_value_is_written_as_kafka_writes_it(value: Any, text: str) -> None:
    assert topics._config_text(value) == text


def test_leaders_are_waited_for_and_each_state_is_told_once(cluster: FakeCluster) -> None:
    cluster.looks_until_ready = 3
    told: list[str] = []
    params = validated(topics.OPERATION, bootstrap_servers=["fake:9092"], topics=[{"name": "a"}])
    topics.OPERATION.run(params, Context(progress=told.append))
    assert told == [
        "waiting for the topics to be as declared, with a leader for each partition: topic a partition 0 has no leader"
    ]


def test_a_topic_that_gets_no_leader_is_told(cluster: FakeCluster) -> None:
    cluster.looks_until_ready = 1000
    with pytest.raises(NotReady) as caught:
        reconcile({"name": "a"}, wait_timeout=0)
    assert str(caught.value) == (
        "Waited 0 s for the topics to be as declared, with a leader for each partition; last seen: topic a partition 0"
        " has no leader. Look at the brokers' logs: a broker may be down, or something keeps producing to a deleted"
        " topic."
    )


def test_a_topic_that_comes_back_after_its_deletion_is_told(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.topics["a"] = FakeTopic([[]])
    deleted = cluster.topics["a"]
    look = Topics.get

    def look_and_find_it_again(self: Any, names: Any) -> Any:
        cluster.topics["a"] = deleted
        return look(self, names)

    monkeypatch.setattr(Topics, "get", look_and_find_it_again)
    with pytest.raises(NotReady, match="last seen: topic a is still there"):
        reconcile({"name": "a", "state": "absent"}, wait_timeout=0)
