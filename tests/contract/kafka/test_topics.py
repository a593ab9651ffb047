"""What kafka_topic does to a cluster: check, apply, apply again, for each kind of change."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import ApiError, InvalidInput

from tests.contract.kafka.cluster import Cluster, cluster

__all__ = ["cluster"]

TWO = {"name": "a", "partitions": 2, "replication_factor": 1, "config": {"retention.ms": 1000}}


@pytest.mark.parametrize(
    ("before", "declared", "after"),
    [
        (None, TWO, {"partitions": 2, "replication_factor": 1, "config": {"retention.ms": "1000"}}),
        (None, {"name": "a"}, {"partitions": 1, "replication_factor": 1, "config": {}}),
        (TWO, {"name": "a", "partitions": 4}, {"partitions": 4, "config": {"retention.ms": "1000"}}),
        (
            TWO,
            {"name": "a", "config": {"segment.ms": 5000}},
            {"config": {"retention.ms": "1000", "segment.ms": "5000"}},
        ),
        (TWO, {"name": "a", "config": {"segment.ms": 5000}, "config_exact": True}, {"config": {"segment.ms": "5000"}}),
        (TWO, {"name": "a", "config": {"retention.ms": None}}, {"config": {}}),
        (TWO, {"name": "a", "config": {}, "config_exact": True}, {"config": {}}),
        (TWO, {"name": "a", "config": {"cleanup.policy": ["delete"]}, "partitions": 3}, {"partitions": 3}),
        (TWO, {"name": "a", "state": "absent"}, None),
    ],
)
def test_a_change_is_predicted_made_and_not_made_again(
    cluster: Cluster, before: dict[str, Any] | None, declared: dict[str, Any], after: dict[str, Any] | None
) -> None:
    if before:
        cluster.topics(before)
    name = cluster.name("a")
    predicted = cluster.topics(declared, check_mode=True)
    assert predicted["changed"] is True
    assert bool(predicted["diff"]["before"]) == bool(before)
    assert cluster.topics({**TWO, "state": "absent"}, check_mode=True)["changed"] == bool(before)
    made = cluster.topics(declared)
    assert made == predicted
    again = cluster.topics(declared)
    assert again["changed"] is False
    assert again["diff"] == {"before": {}, "after": {}}
    if after is None:
        assert again["topics"] == [{"name": name, "state": "absent", "changed": False}]
        assert made["diff"]["after"] == {}
    else:
        topic = again["topics"][0]
        assert {**topic, **after} == topic
        assert made["diff"]["after"][name] == {
            key: topic[key] for key in ("partitions", "replication_factor", "config")
        }


def test_an_option_that_is_not_set_touches_nothing(cluster: Cluster) -> None:
    cluster.topics(TWO)
    assert cluster.topics({"name": "a"})["changed"] is False
    assert cluster.topics({"name": "a", "config": {}})["changed"] is False


def test_a_value_that_equals_the_default_is_still_set(cluster: Cluster) -> None:
    cluster.topics({"name": "a"})
    declared = {"name": "a", "config": {"retention.ms": 604800000}}
    assert cluster.topics(declared)["changed"] is True
    assert cluster.topics(declared)["changed"] is False


def test_several_topics_are_reconciled_with_one_call(cluster: Cluster) -> None:
    cluster.topics({"name": "old"}, {"name": "grows"}, {"name": "stays"})
    declared = (
        {"name": "old", "state": "absent"},
        {"name": "grows", "partitions": 2},
        {"name": "stays"},
        {"name": "new"},
    )
    result = cluster.topics(*declared)
    assert [(topic["state"], topic["changed"]) for topic in result["topics"]] == [
        ("absent", True),
        ("present", True),
        ("present", False),
        ("present", True),
    ]
    assert set(result["diff"]["before"]) == {cluster.name("old"), cluster.name("grows")}
    assert set(result["diff"]["after"]) == {cluster.name("grows"), cluster.name("new")}
    assert cluster.topics(*declared)["changed"] is False


@pytest.mark.parametrize("check_mode", [True, False])
def test_fewer_partitions_and_another_replication_factor_are_refused_together(
    cluster: Cluster, check_mode: bool
) -> None:
    cluster.topics(TWO)
    with pytest.raises(InvalidInput) as caught:
        cluster.topics({"name": "new"}, {"name": "a", "partitions": 1, "replication_factor": 3}, check_mode=check_mode)
    name = cluster.name("a")
    assert str(caught.value) == (
        f"Nothing was changed: topic {name} has 2 partitions and 1 are declared: Kafka can't take partitions away;"
        f" topic {name} has replication factor 1 and 3 is declared: that takes a reassignment of its partitions"
        " (kafka-reassign-partitions)."
    )
    assert cluster.topics({"name": "new"}, check_mode=True)["changed"] is True


@pytest.mark.parametrize("check_mode", [True, False])
def test_nothing_is_changed_when_the_broker_refuses_a_part(cluster: Cluster, check_mode: bool) -> None:
    cluster.topics(TWO)
    with pytest.raises(
        InvalidInput, match=r"refused the config of topic .*Invalid value x for configuration retention"
    ):
        cluster.topics({"name": "new"}, {"name": "a", "config": {"retention.ms": "x"}}, check_mode=check_mode)
    with pytest.raises(
        ApiError, match=r"Creating topic .* answered 40: InvalidConfiguration: Unknown topic config name: n"
    ):
        cluster.topics(
            {"name": "new", "config": {"nonsense": 1}}, {"name": "a", "partitions": 5}, check_mode=check_mode
        )
    with pytest.raises(ApiError, match=r"answered 38: InvalidReplicationFactor: \w+"):
        cluster.topics({"name": "new", "replication_factor": 3}, check_mode=check_mode)
    assert cluster.topics({"name": "new"}, check_mode=True)["changed"] is True
    assert cluster.topics(TWO)["changed"] is False


def test_all_topics_that_the_broker_refuses_are_told_at_once(cluster: Cluster) -> None:
    with pytest.raises(InvalidInput) as caught:
        cluster.topics({"name": "a", "config": {"nonsense": 1}}, {"name": "b", "replication_factor": 3})
    first, *rest = str(caught.value).splitlines()
    assert first == "2 topics were refused:"
    assert [line.split(" at ")[0] for line in rest] == [f"Creating topic {cluster.name(one)}" for one in "ab"]
