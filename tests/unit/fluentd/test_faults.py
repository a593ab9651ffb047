"""fluentd_configmap when something goes wrong on the way: writers, checks, pods, interruptions."""

from __future__ import annotations

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import (
    CommandFailed,
    Conflict,
    NotReady,
    PipelineError,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.fluentd.store import BEGIN, merge

from tests.unit.fluentd.ensuring import APPS, FOUND, KINDS, OPS, STORE, ensure
from tests.unit.fluentd.fake_cluster import NAME, FakeCluster


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster(FOUND)


def test_a_concurrent_writer_is_read_again(cluster: FakeCluster) -> None:
    cluster.before_patch.append(lambda: cluster.write_as_somebody_else(OPS, "# theirs\n"))
    ensure(cluster)
    assert cluster.data[OPS] == merge("# theirs\n", STORE)
    assert cluster.backup is not None
    assert cluster.backup["data"] == {OPS: "# theirs\n"}


def test_a_writer_who_never_stops_is_told_of(cluster: FakeCluster) -> None:
    cluster.before_patch = [lambda: cluster.write_as_somebody_else("throttle", "again")] * 20
    with pytest.raises(Conflict):
        ensure(cluster)
    assert APPS not in cluster.data


def test_a_configuration_that_fluentd_refuses_changes_nothing(cluster: FakeCluster) -> None:
    before = cluster.names("ConfigMap")
    with pytest.raises(CommandFailed, match="Nothing was changed: Fluentd refuses") as caught:
        ensure(cluster, STORE.replace("forward", "unknown_plugin"))
    assert "Unknown output plugin" in str(caught.value)
    assert "hush" not in f"{caught.value} {caught.value.details}"
    assert (cluster.data, cluster.annotation, cluster.names("ConfigMap")) == (FOUND, None, before)
    assert not any("check" in name for name in cluster.names("Pod"))


def test_the_check_leaves_nothing_even_when_it_breaks_off(cluster: FakeCluster) -> None:
    cluster.fails["create Pod"] = 0
    with pytest.raises(PipelineError, match="It was refused"):
        ensure(cluster)
    assert cluster.names("ConfigMap") == [NAME, "other"]
    assert cluster.data == FOUND


@pytest.mark.parametrize(("kind", "strategy"), KINDS)
@pytest.mark.parametrize("fault", ["broken", "fleeting", "restless", "silent"])
def test_pods_that_do_not_come_up_are_put_back(kind: str, strategy: str, fault: str) -> None:
    cluster = FakeCluster(FOUND, kind=kind, strategy=strategy)
    maps = cluster.names("ConfigMap")
    with pytest.raises(NotReady) as caught:
        ensure(cluster, STORE.replace("forward", fault), wait_timeout=30)
    assert "Keys and annotation are as they were, and the pods run with them." in str(caught.value)
    assert "it crashed" in str(caught.value)
    assert "hush" not in f"{caught.value} {caught.value.details}"
    assert (cluster.data, cluster.annotation, cluster.names("ConfigMap")) == (FOUND, None, maps)
    assert cluster.running_with() == [FOUND] * 3
    if fault in ("broken", "fleeting"):
        assert "does not run: container fluentd: CrashLoopBackOff: back-off 10s" in str(caught.value)
        assert "Waited" not in str(caught.value)


def test_pods_that_have_no_readiness_probe_are_seen_running_for_a_while(cluster: FakeCluster) -> None:
    with pytest.raises(NotReady, match="without a readiness probe, and only just begun: 3"):
        ensure(cluster, min_ready_seconds=10, wait_timeout=9)
    assert ensure(cluster, min_ready_seconds=10, wait_timeout=30)["rolled"] is True


def test_the_first_pod_is_tried_before_another_is_deleted() -> None:
    cluster = FakeCluster(FOUND, strategy="OnDelete")
    with pytest.raises(NotReady, match="without a readiness probe, and only just begun: 1"):
        ensure(cluster, min_ready_seconds=10, wait_timeout=9)
    assert sum(APPS in texts for texts in cluster.started_with.values()) == 1


def test_pods_that_have_a_readiness_probe_count_as_soon_as_they_are_ready() -> None:
    cluster = FakeCluster(FOUND, readinessProbe={"exec": {"command": ["true"]}})
    assert ensure(cluster, min_ready_seconds=10, wait_timeout=9)["rolled"] is True


def test_what_is_put_back_is_the_store_of_the_run_before(cluster: FakeCluster) -> None:
    ensure(cluster)
    before, annotation = cluster.data, cluster.annotation
    with pytest.raises(NotReady):
        ensure(cluster, STORE, STORE.replace("forward", "broken"))
    assert (cluster.data, cluster.annotation) == (before, annotation)
    assert cluster.running_with() == [before] * 3
    assert cluster.backup is not None


def test_an_interrupted_run_is_finished_by_the_next(cluster: FakeCluster) -> None:
    cluster.fails["patch DaemonSet"], cluster.failure = 0, KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        ensure(cluster)
    assert BEGIN in cluster.data[APPS]
    assert cluster.annotation is None
    cluster.fails.clear()
    result = ensure(cluster)
    assert (result["changed"], result["rolled"], result["checked"]) == (True, True, True)
    assert cluster.running_with() == [cluster.data] * 3


def test_an_interrupted_run_whose_store_is_bad_is_undone_by_the_next(cluster: FakeCluster) -> None:
    bad = STORE.replace("forward", "broken")
    cluster.fails["patch DaemonSet"], cluster.failure = 0, KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        ensure(cluster, bad)
    cluster.fails.clear()
    with pytest.raises(NotReady):
        ensure(cluster, bad)
    assert cluster.data == FOUND
    assert cluster.running_with() == [FOUND] * 3


def test_an_on_delete_roll_that_was_interrupted_goes_on_where_it_was() -> None:
    cluster = FakeCluster(FOUND, strategy="OnDelete")
    cluster.fails["delete Pod"], cluster.failure = 1, KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        ensure(cluster, dry_run={"enabled": False})
    assert cluster.annotation is not None
    cluster.fails.clear()
    with pytest.raises(NotReady, match="without a readiness probe, and only just begun: 1"):
        ensure(cluster, min_ready_seconds=10, wait_timeout=9)
    assert ensure(cluster)["changed"] is True
    assert cluster.running_with() == [cluster.data] * 3


def test_pods_are_replaced_when_only_the_keys_were_lost(cluster: FakeCluster) -> None:
    ensure(cluster)
    wanted = cluster.data
    cluster.write_as_somebody_else(APPS, None)
    for pod in cluster.pods():
        cluster.started_with[pod["metadata"]["name"]] = cluster.data
    assert ensure(cluster)["changed"] is True
    assert cluster.running_with() == [wanted] * 3


def test_a_refused_annotation_puts_the_keys_back(cluster: FakeCluster) -> None:
    cluster.fails["patch DaemonSet"] = 0
    with pytest.raises(NotReady, match=r"It was refused\. Putting back"):
        ensure(cluster)
    assert cluster.data == FOUND


def test_absent_is_not_put_back_when_pods_do_not_come_up() -> None:
    cluster = FakeCluster({"fluent.conf": "silent"})
    ensure(cluster, STORE, state="absent")
    cluster.write_as_somebody_else(APPS, merge(None, STORE))
    with pytest.raises(NotReady, match="stays out"):
        ensure(cluster, state="absent", wait_timeout=5)
    assert cluster.data == {"fluent.conf": "silent"}
    assert ensure(cluster, state="absent")["changed"] is False
