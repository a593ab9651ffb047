"""What becomes of a forwarder's lists: pure tables and laws."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.cluster_logging import plan
from ansible_collections.loggy.pipeline.plugins.module_utils.cluster_logging.mark import (
    ANNOTATION,
    LISTS,
    Mark,
    Replaces,
    mark_of,
    text_of,
)
from ansible_collections.loggy.pipeline.plugins.module_utils.cluster_logging.plan import Declared, put, take_out
from ansible_collections.loggy.pipeline.plugins.module_utils.errors import InvalidInput

from tests.unit.cluster_logging.forwarders import INPUT, OURS, OUTPUT, PIPELINE, REPLACES, REST, THEIRS

REPLACED = Replaces(**REPLACES)
KEEPS, TAKES = Declared(OURS), Declared(OURS, REPLACED)
OTHER = Declared({**OURS, "outputs": [{**OUTPUT, "kafka": {"topic": "another"}}], "inputs": []})
RENAMED = Declared({"outputs": [{**OUTPUT, "name": "new"}], "pipelines": [{**PIPELINE, "name": "new"}]}, REPLACED)
DECLARED = [KEEPS, TAKES, OTHER, RENAMED]
SPECS: list[dict[str, Any]] = [
    {},
    {"inputs": [], "outputs": [], "pipelines": []},
    {"pipelines": [{"name": "all", "inputRefs": ["application"], "outputRefs": ["default"]}]},
    {"pipelines": [{"inputRefs": ["audit"], "outputRefs": ["default"]}], "inputs": [{"name": "own", "audit": {}}]},
    THEIRS,
]


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("declared", DECLARED)
def test_what_was_put_in_and_taken_out_again_was_never_there(spec: dict[str, Any], declared: Declared) -> None:
    before = copy.deepcopy(spec)
    planned = put(spec, None, declared)
    assert take_out(planned.spec, planned.mark) == plan.Planned(before, None)
    assert spec == before


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("declared", DECLARED)
def test_a_second_time_there_is_nothing_to_change(spec: dict[str, Any], declared: Declared) -> None:
    planned = put(spec, None, declared)
    again = put(planned.spec, planned.mark, declared)
    assert plan.patch(planned.spec, planned.mark, again) == {}


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("first", DECLARED)
@pytest.mark.parametrize("second", DECLARED)
def test_one_declaration_after_another_leaves_nothing_of_the_first(
    spec: dict[str, Any], first: Declared, second: Declared
) -> None:
    one = put(spec, None, first)
    both = put(one.spec, one.mark, second)
    alone = put(spec, None, second)
    for kind in LISTS:
        assert sorted(both.spec.get(kind, []), key=str) == sorted(alone.spec.get(kind, []), key=str)
    assert take_out(both.spec, both.mark).spec == spec


@pytest.mark.parametrize("declared", DECLARED)
def test_what_an_earlier_run_declared_is_known_from_the_forwarder(declared: Declared) -> None:
    planned = put(THEIRS, None, declared)
    assert planned.mark is not None
    known = plan.declared_in(planned.spec, planned.mark)
    assert {kind: list(declared.items.get(kind, ())) for kind in LISTS} == known.items
    assert known.replaces == declared.replaces


def test_a_mark_is_read_as_it_was_written() -> None:
    mark = put(THEIRS, Mark(created=True), TAKES).mark
    assert mark is not None
    read = mark_of({"metadata": {"annotations": {ANNOTATION: text_of(mark)}}})
    assert read is not None
    assert text_of(read) == text_of(mark)
    assert read.created


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"names": 1}'])
def test_a_mark_that_nobody_can_read_is_no_reason_to_guess(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"annotation loggy\.pipeline/forwarder"):
        mark_of({"metadata": {"annotations": {ANNOTATION: text}}})


def test_the_direct_store_loses_what_goes_through_kafka_and_nothing_else() -> None:
    spec = put(THEIRS, None, TAKES).spec
    assert spec["pipelines"] == [
        {"name": "all", "inputRefs": ["loggy-rest", "infrastructure"], "outputRefs": ["default"]},
        {"name": "both", "inputRefs": ["application"], "outputRefs": ["siem"], "filterRefs": ["slim"]},
        {"name": "audit", "inputRefs": ["audit"], "outputRefs": ["siem"]},
        PIPELINE,
        {"name": "loggy-rest-both", "inputRefs": ["loggy-rest"], "outputRefs": ["default"], "filterRefs": ["slim"]},
    ]
    assert spec["inputs"] == [INPUT, REST]


def test_a_pipeline_that_somebody_changed_meanwhile_gets_back_what_it_lost_only() -> None:
    planned = put(THEIRS, None, TAKES)
    planned.spec["pipelines"][0]["inputRefs"].append("audit")
    planned.spec["pipelines"][1]["outputRefs"] = ["another"]
    first, second, *_rest = take_out(planned.spec, planned.mark).spec["pipelines"]
    assert first["inputRefs"] == ["application", "infrastructure", "audit"]
    assert second["outputRefs"] == ["another", "default"]


def test_what_others_add_stays_where_it_is() -> None:
    planned = put(THEIRS, None, KEEPS)
    new = {"name": "new", "type": "http"}
    planned.spec["outputs"].append(new)
    again = put(planned.spec, planned.mark, OTHER)
    assert again.spec["outputs"] == [*THEIRS["outputs"], *OTHER.items["outputs"], new]
    assert take_out(again.spec, again.mark).spec == {**THEIRS, "outputs": [*THEIRS["outputs"], new]}


def test_what_somebody_else_calls_the_same_is_not_overwritten() -> None:
    with pytest.raises(InvalidInput, match="the forwarder has siem of outputs already"):
        put(THEIRS, None, Declared({**OURS, "outputs": [{**OUTPUT, "name": "siem"}]}))


def test_a_pipeline_that_can_not_be_told_again_keeps_its_store() -> None:
    nameless = {"inputRefs": ["application"], "outputRefs": ["default"]}
    with pytest.raises(InvalidInput, match="A pipeline without a name sends application to default"):
        put({"pipelines": [nameless]}, None, TAKES)


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ({"outputs": [{"type": "kafka"}]}, "outputs has an item without a name"),
        ({"pipelines": [PIPELINE, PIPELINE]}, "pipelines has loggy twice"),
    ],
)
def test_a_wrong_declaration_is_refused(items: dict[str, Any], reason: str) -> None:
    assert plan.refusals(Declared(items)) == [reason]


def test_a_diff_shows_no_user_of_a_url() -> None:
    after = {"outputs": [{"name": "loggy", "url": "tcp://user:hush@host:1"}]}
    assert "hush" not in str(plan.diff("instance", {}, after))


def test_a_diff_is_of_mappings_since_ansible_shows_no_lists() -> None:
    (one,) = plan.diff("instance", {}, {"outputs": [OUTPUT]})
    assert (one["before"], one["after"]) == ({}, {"outputs": [OUTPUT]})
