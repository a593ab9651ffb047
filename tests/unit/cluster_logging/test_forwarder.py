"""cluster_log_forwarder against a cluster in memory: what is there afterwards."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.cluster_logging.mark import ANNOTATION
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import Conflict, InvalidInput, NotReady

from tests.unit.cluster_logging.forwarders import NEW, OLD, OURS, OUTPUT, REPLACES, THEIRS, FakeLogging, ensure

BROKEN = [{**OUTPUT, "kafka": {"brokers": ["broken"]}}]


@pytest.fixture(params=[NEW, OLD])
def cluster(request: pytest.FixtureRequest) -> FakeLogging:
    return FakeLogging(THEIRS, api_version=request.param)


def annotations(cluster: FakeLogging) -> dict[str, str]:
    assert cluster.forwarder is not None
    found: dict[str, str] = cluster.forwarder["metadata"].get("annotations", {})
    return found


@pytest.mark.parametrize("replaces", [None, REPLACES])
def test_in_again_and_out_in_check_mode_and_for_real(cluster: FakeLogging, replaces: Any) -> None:
    for state in ("present", "absent"):
        before = copy.deepcopy(cluster.forwarder)
        would = ensure(cluster, state=state, replaces=replaces, check_mode=True)
        assert (cluster.writes, cluster.forwarder) == ([], before)
        did = ensure(cluster, state=state, replaces=replaces)
        assert (did, did["changed"], cluster.writes) == (would, True, ["patch"])
        cluster.writes.clear()
        again = ensure(cluster, state=state, replaces=replaces)
        assert (again["changed"], again["diff"], cluster.writes) == (False, [], [])
        if state == "present":
            assert {"loggy"} <= {one["name"] for one in cluster.spec["outputs"]}
            assert did["replaced"] == (["all", "both"] if replaces else [])
    assert cluster.spec == THEIRS
    assert ANNOTATION not in annotations(cluster)


def test_a_key_that_is_no_longer_declared_is_a_change(cluster: FakeLogging) -> None:
    ensure(cluster)
    kafka = {"brokers": OUTPUT["kafka"]["brokers"]}
    assert ensure(cluster, outputs=[{**OUTPUT, "kafka": kafka}])["changed"]
    assert cluster.spec["outputs"][-1]["kafka"] == kafka


def test_the_store_is_given_back_when_it_is_to_be_kept_again(cluster: FakeLogging) -> None:
    ensure(cluster, replaces=REPLACES)
    ensure(cluster)
    assert cluster.spec["pipelines"][:-1] == THEIRS["pipelines"]


def test_what_the_operator_refuses_is_taken_back_at_once_with_its_reason(cluster: FakeLogging) -> None:
    with pytest.raises(
        NotReady, match=r"output loggy: ValidationFailure: secret not found.*It was taken back"
    ) as caught:
        ensure(cluster, outputs=BROKEN, replaces=REPLACES)
    assert "secret not found" in caught.value.details["reason"]
    assert cluster.spec == THEIRS
    assert ANNOTATION not in annotations(cluster)
    assert cluster.clock.now < 1


def test_what_an_earlier_run_had_put_in_comes_back(cluster: FakeLogging) -> None:
    ensure(cluster, replaces=REPLACES)
    good = copy.deepcopy(cluster.spec)
    cluster.delay = 5
    with pytest.raises(NotReady, match="It was taken back"):
        ensure(cluster, outputs=BROKEN)
    assert cluster.spec == good


def test_a_refusal_of_what_was_there_before_does_not_count(cluster: FakeLogging) -> None:
    ensure(cluster)
    cluster.spec["outputs"][-1]["kafka"] = {"brokers": ["broken"]}
    cluster.look()
    cluster.delay = 5
    assert ensure(cluster)["changed"]
    assert cluster.clock.now >= 5


def test_what_the_operator_has_nothing_new_to_say_of_counts_after_a_while(cluster: FakeLogging) -> None:
    ensure(cluster)
    ensure(cluster, outputs=[{**OUTPUT, "kafka": {"brokers": ["tcp://another:9092"]}}])
    assert 15 <= cluster.clock.now < 20


def test_an_account_without_the_right_is_a_refusal() -> None:
    cluster = FakeLogging(THEIRS)
    cluster.is_authorized = False
    with pytest.raises(NotReady, match="ClusterRoleMissing"):
        ensure(cluster)
    assert cluster.spec == THEIRS


def test_an_operator_that_says_nothing_is_named_and_the_change_taken_back(cluster: FakeLogging) -> None:
    cluster.runs = False
    with pytest.raises(NotReady, match="has not said anything of input loggy-application yet"):
        ensure(cluster, wait_timeout=30)
    assert cluster.spec == THEIRS


def test_what_was_taken_out_stays_out_without_an_operator(cluster: FakeLogging) -> None:
    ensure(cluster)
    cluster.runs = False
    with pytest.raises(NotReady, match="stay out"):
        ensure(cluster, state="absent", wait_timeout=30)
    assert cluster.spec == THEIRS


@pytest.mark.parametrize("when", ["while_planning", "before_write"])
def test_somebody_else_who_writes_at_the_same_time_is_not_overwritten(cluster: FakeLogging, when: str) -> None:
    new = {"name": "new", "type": "http"}

    def write() -> None:
        cluster.spec["outputs"].append(new)
        cluster.touch()

    getattr(cluster, when).append(write)
    ensure(cluster)
    assert new in cluster.spec["outputs"]
    assert cluster.writes == ["patch", "patch"]
    cluster.before_write = [cluster.touch] * 9
    with pytest.raises(Conflict):
        ensure(cluster, state="absent")


def test_without_a_forwarder_it_is_refused(cluster: FakeLogging) -> None:
    cluster.forwarder = None
    with pytest.raises(InvalidInput, match=r"There is no ClusterLogForwarder instance.*collect-application-logs"):
        ensure(cluster)
    assert ensure(cluster, state="absent")["changed"] is False


@pytest.mark.parametrize("check_mode", [True, False])
def test_with_a_service_account_it_is_made_and_goes_again(cluster: FakeLogging, check_mode: bool) -> None:
    cluster.forwarder = None
    result = ensure(cluster, service_account="loggy", check_mode=check_mode)
    assert (result["changed"], result["created"]) == (True, True)
    if check_mode:
        assert cluster.forwarder is None
        return
    account = {"serviceAccount": {"name": "loggy"}} if cluster.api_version == NEW else {"serviceAccountName": "loggy"}
    assert cluster.spec == {**account, **OURS}
    assert not ensure(cluster, service_account="loggy")["changed"]
    assert ensure(cluster, state="absent")["changed"]
    assert cluster.forwarder is None


def test_one_that_was_made_and_is_refused_goes_again(cluster: FakeLogging) -> None:
    cluster.forwarder = None
    with pytest.raises(NotReady, match="gone again"):
        ensure(cluster, service_account="loggy", outputs=BROKEN)
    assert cluster.forwarder is None


def test_one_that_was_made_and_is_used_by_others_stays(cluster: FakeLogging) -> None:
    cluster.forwarder = None
    ensure(cluster, service_account="loggy")
    cluster.spec["pipelines"].append(THEIRS["pipelines"][2])
    result = ensure(cluster, state="absent")
    assert "others use it by now" in result["warnings"][0]
    assert cluster.spec["pipelines"] == [THEIRS["pipelines"][2]]


def test_one_that_the_operator_refuses_already_is_left_alone() -> None:
    cluster = FakeLogging({**THEIRS, "outputs": [*THEIRS["outputs"], {"name": "bad", "kafka": "broken"}]})
    with pytest.raises(InvalidInput, match=r"refuses .* as it is: .*output bad: ValidationFailure"):
        ensure(cluster)
    assert cluster.writes == []


def test_a_field_that_the_cluster_would_drop_is_refused_and_what_others_have_is_not_asked() -> None:
    cluster = FakeLogging({**THEIRS, "odd": 1})
    application = {"type": "object", "properties": {"namespaces": {"type": "array"}}}
    item = {"type": "object", "properties": {"name": {}, "type": {}, "application": application}}
    lists = {
        "inputs": {"type": "array", "items": item},
        **{one: {} for one in ("outputs", "pipelines", "serviceAccount")},
    }
    cluster.schema = {"properties": {"spec": {"type": "object", "properties": lists}}}
    with pytest.raises(InvalidInput, match="excludes: there is no such field") as caught:
        ensure(cluster)
    assert "odd" not in str(caught.value)
    assert cluster.writes == []


def test_an_unmanaged_forwarder_is_not_waited_for() -> None:
    cluster = FakeLogging({**THEIRS, "managementState": "Unmanaged"})
    cluster.runs = False
    assert "Unmanaged" in ensure(cluster)["warnings"][0]


def test_nothing_to_take_off_the_store_is_said() -> None:
    cluster = FakeLogging({"pipelines": [THEIRS["pipelines"][2]]})
    assert "nothing to take off" in ensure(cluster, replaces=REPLACES)["warnings"][0]


def test_without_openshift_logging_it_is_said() -> None:
    cluster = FakeLogging(THEIRS, api_version="somebody/else")
    with pytest.raises(InvalidInput, match="serves no ClusterLogForwarder"):
        ensure(cluster)


@pytest.mark.parametrize("missing", ["outputs", "pipelines"])
def test_a_declaration_without_one_is_refused(missing: str) -> None:
    with pytest.raises(InvalidInput, match="it takes an output and a pipeline at least"):
        ensure(FakeLogging(THEIRS), **{missing: []})
