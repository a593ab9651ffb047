"""fluentd_configmap against a cluster in memory: what is there afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import (
    InvalidInput,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.fluentd import configmap, dry_run
from ansible_collections.loggy.pipeline.plugins.module_utils.fluentd.store import BEGIN, merge

from tests.unit.fluentd.ensuring import APPS, FOUND, KINDS, OPS, STORE, ensure
from tests.unit.fluentd.fake_cluster import NAME, FakeCluster


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster(FOUND)


@pytest.mark.parametrize(("kind", "strategy"), KINDS)
def test_every_pod_runs_with_the_stores_and_one_is_away_at_a_time(kind: str, strategy: str) -> None:
    cluster = FakeCluster(FOUND, kind=kind, strategy=strategy)
    cluster.most_away = 0
    result = ensure(cluster)
    wanted = {**FOUND, APPS: merge(None, STORE), OPS: merge(FOUND[OPS], STORE)}
    assert cluster.data == wanted
    assert cluster.running_with() == [wanted] * 3
    assert cluster.most_away == 1
    assert cluster.annotation == result["configuration"]
    assert (result["changed"], result["checked"], result["rolled"]) == (True, True, True)
    assert [one["changed"] for one in result["keys"]] == [True, True]


@pytest.mark.parametrize(("kind", "strategy"), KINDS)
def test_a_second_run_changes_nothing(kind: str, strategy: str) -> None:
    cluster = FakeCluster(FOUND, kind=kind, strategy=strategy)
    ensure(cluster)
    cluster.writes.clear()
    result = ensure(cluster)
    assert (result["changed"], result["rolled"], result["checked"], result["diff"]) == (False, False, False, [])
    assert cluster.writes == []


@pytest.mark.parametrize(("kind", "strategy"), KINDS)
def test_absent_leaves_the_cluster_as_it_was_found(kind: str, strategy: str) -> None:
    cluster = FakeCluster(FOUND, kind=kind, strategy=strategy)
    maps = cluster.names("ConfigMap")
    ensure(cluster)
    result = ensure(cluster, state="absent")
    assert result["changed"] is True
    assert (cluster.data, cluster.annotation, cluster.names("ConfigMap")) == (FOUND, None, maps)
    assert cluster.running_with() == [FOUND] * 3
    cluster.writes.clear()
    assert ensure(cluster, state="absent")["changed"] is False
    assert cluster.writes == []


def test_check_mode_only_reads_and_tells_the_same_diff(cluster: FakeCluster) -> None:
    told = ensure(cluster, STORE, check_mode=True)
    assert (told["changed"], told["rolled"], told["checked"], cluster.writes) == (True, False, False, [])
    done = ensure(cluster, STORE)
    assert (told["diff"], told["configuration"], told["keys"]) == (done["diff"], done["configuration"], done["keys"])


def test_secrets_are_in_no_diff_and_no_option_that_is_shown(cluster: FakeCluster) -> None:
    assert "hush" not in str(ensure(cluster))
    shown = configmap.OPERATION.shown({"files": [{"key": APPS, "store": STORE}, "nonsense"], "name": NAME})
    assert "hush" not in str(shown)
    assert "@type forward" in str(shown)


def test_the_originals_are_kept_once(cluster: FakeCluster) -> None:
    ensure(cluster, STORE)
    ensure(cluster)
    cluster.write_as_somebody_else(OPS, f"# theirs\n{cluster.data[OPS]}")
    ensure(cluster, *[STORE.replace("forward", "kafka2")] * 2)
    assert cluster.backup is not None
    annotations = cluster.backup["metadata"]["annotations"]
    assert cluster.backup["data"] == {OPS: FOUND[OPS]}
    assert annotations["loggy.pipeline/keys-that-did-not-exist"] == APPS
    assert annotations["loggy.pipeline/backup-of"] == NAME
    assert cluster.backup["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "loggy.pipeline"}


def test_a_key_that_is_not_declared_any_more_is_as_it_was(cluster: FakeCluster) -> None:
    ensure(cluster)
    assert ensure(cluster, STORE)["changed"] is True
    assert cluster.data == {**FOUND, APPS: merge(None, STORE)}


def test_what_others_have_changed_meanwhile_stays_as_they_left_it(cluster: FakeCluster) -> None:
    ensure(cluster)
    cluster.write_as_somebody_else(APPS, f"{cluster.data[APPS]}# theirs\n")
    cluster.write_as_somebody_else(OPS, cluster.data[OPS].replace("file", "null"))
    result = ensure(cluster, state="absent")
    assert cluster.data == {**FOUND, APPS: "# theirs\n", OPS: FOUND[OPS].replace("file", "null")}
    assert len(result["warnings"]) == 2


def test_the_checks_pod_is_the_workloads_without_its_disks_and_rights(cluster: FakeCluster) -> None:
    template = cluster.workload["spec"]["template"]["spec"]
    pod = dry_run.pod_spec(template, NAME, "checked", FOUND, image=None, command=None)
    [container] = pod["containers"]
    assert container["command"] == ["fluentd", "--dry-run", "-c", "/etc/fluent/configs.d/user/fluent.conf"]
    assert container["image"] == "example.com/fluentd:1"
    assert container["securityContext"] == {"runAsUser": 0}
    assert [mount["name"] for mount in container["volumeMounts"]] == ["config", "certs"]
    assert pod["volumes"][0] == {"name": "config", "configMap": {"name": "checked"}}
    assert pod["serviceAccountName"] == "fluentd"
    with pytest.raises(InvalidInput, match="No container of the workload mounts ConfigMap unmounted"):
        dry_run.pod_spec(template, "unmounted", "checked", FOUND, image=None, command=None)


def test_without_the_check_the_result_says_so(cluster: FakeCluster) -> None:
    result = ensure(cluster, dry_run={"enabled": False})
    assert (result["changed"], result["checked"]) == (True, False)
    assert "create Pod" not in " ".join(cluster.writes)


def test_absent_works_without_the_config_map_or_the_workload(cluster: FakeCluster) -> None:
    ensure(cluster)
    del cluster.objects["ConfigMap", NAME]
    cluster._step = lambda: None  # type: ignore[method-assign]
    assert ensure(cluster, state="absent")["changed"] is True
    assert (cluster.annotation, cluster.names("ConfigMap")) == (None, ["other"])
    del cluster.objects["DaemonSet", NAME]
    assert ensure(cluster, state="absent", kind="DaemonSet")["changed"] is False


def test_absent_without_the_workload_takes_out_the_keys(cluster: FakeCluster) -> None:
    ensure(cluster)
    del cluster.objects["DaemonSet", NAME]
    assert ensure(cluster, state="absent", kind="DaemonSet")["changed"] is True
    assert (cluster.data, cluster.backup) == (FOUND, None)


def test_a_store_that_is_there_already_is_warned_of() -> None:
    cluster = FakeCluster({**FOUND, APPS: STORE})
    assert "each record goes out twice" in ensure(cluster)["warnings"][0]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"files": []}, "files is empty"),
        ({"files": [{"key": "a/b", "store": STORE}]}, "key 'a/b' is no key of a ConfigMap"),
        ({"files": [{"key": "a", "store": "<store>"}]}, "the store of a: <store> of line 1 is not closed"),
        ({"name": "missing"}, "There is no ConfigMap missing in namespace logging"),
        ({"workload": {"kind": "Deployment", "name": "missing"}}, "There is no Deployment missing"),
    ],
)
def test_bad_input_is_refused_before_anything(cluster: FakeCluster, params: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        ensure(cluster, **params)
    assert cluster.writes == []


def test_somebody_elses_config_map_is_no_backup(cluster: FakeCluster) -> None:
    cluster.add("ConfigMap", f"{NAME}-loggy-backup", data={})
    with pytest.raises(InvalidInput, match="is not the pipeline's backup"):
        ensure(cluster)
    assert cluster.writes == []


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_marker_without_its_other_one_is_refused(cluster: FakeCluster, state: str) -> None:
    cluster.write_as_somebody_else(OPS, f"{BEGIN}\n")
    with pytest.raises(InvalidInput, match="without the other"):
        ensure(cluster, state=state)
    assert cluster.writes == []
