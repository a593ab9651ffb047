"""What is told of a consumer group's progress, and that waiting for it ends."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput, NotFound, NotReady

from tests.contract.kafka.cluster import Cluster, cluster

__all__ = ["cluster"]


@pytest.fixture
def five(cluster: Cluster) -> Cluster:
    """Three records in one partition and two in the other."""
    cluster.topics({"name": "a", "partitions": 2})
    for partition in (0, 0, 0, 1, 1):
        cluster.produce("a", b"x", partition=partition)
    return cluster


def test_the_lag_is_what_is_not_committed_of_each_partition(five: Cluster) -> None:
    five.commit("sink", "a", {0: 1, 1: 2})
    assert five.group("sink", "a") == {
        "changed": False,
        "group": five.name("sink"),
        "topic": five.name("a"),
        "lag": 2,
        "partitions": [
            {"partition": 0, "committed": 1, "end": 3, "lag": 2},
            {"partition": 1, "committed": 2, "end": 2, "lag": 0},
        ],
    }


def test_of_a_partition_of_which_nothing_was_committed_everything_is_left(five: Cluster) -> None:
    five.commit("sink", "a", {0: 3})
    assert five.group("sink", "a")["partitions"][1] == {"partition": 1, "committed": None, "end": 2, "lag": 2}


def test_a_group_that_there_is_not_has_everything_before_it(five: Cluster) -> None:
    assert five.group("nobody", "a")["lag"] == 5


def test_a_group_that_is_through_is_not_waited_for(five: Cluster) -> None:
    five.commit("sink", "a", {0: 3, 1: 2})
    assert five.group("sink", "a", wait_for_lag=0, wait_timeout=0)["lag"] == 0


def test_waiting_ends_when_the_rest_is_committed(five: Cluster) -> None:
    five.commit("sink", "a", {0: 2, 1: 2})
    later = threading.Timer(0.3, five.commit, ["sink", "a", {0: 3}])
    later.start()
    started = time.monotonic()
    assert five.group("sink", "a", wait_for_lag=0, wait_timeout=30)["lag"] == 0
    later.join()
    assert 0.2 < time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("committed", "state"),
    [({0: 2, 1: 2}, "it is 1 records behind"), ({}, "it has committed nothing of the 5 records that are there")],
)
def test_waiting_in_vain_tells_how_far_the_group_is(five: Cluster, committed: dict[int, int], state: str) -> None:
    if committed:
        five.commit("sink", "a", committed)
    with pytest.raises(NotReady) as caught:
        five.group("sink", "a", wait_for_lag=0, wait_timeout=0.2)
    assert str(caught.value) == (
        f"Waited 0.2 s for group {five.name('sink')} to be at most 0 records behind the end of topic {five.name('a')};"
        f" last seen: {state}. Look whether something still writes to the topic, and whether the group's consumers run."
    )


def test_as_many_as_are_allowed_may_be_left(five: Cluster) -> None:
    five.commit("sink", "a", {0: 2, 1: 2})
    assert five.group("sink", "a", wait_for_lag=1, wait_timeout=0)["lag"] == 1


def test_a_topic_that_is_missing_is_told(cluster: Cluster) -> None:
    with pytest.raises(NotFound, match="UnknownTopicOrPartition"):
        cluster.group("sink", "missing", wait_for_lag=0)


def test_a_lag_below_0_is_refused(cluster: Cluster) -> None:
    with pytest.raises(InvalidInput, match="wait_for_lag is -1; it must be 0 or more"):
        cluster.group("sink", "a", wait_for_lag=-1)
