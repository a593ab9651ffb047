"""commute.prom, parsed back by Prometheus' own client, and held to its naming rules."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.report.prometheus import prometheus_text
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.unit.commute.report import samples

RUNS = [samples.arrived(20), samples.lost_at_index(), samples.unreachable()]


def families(result: dict[str, Any]) -> list[Metric]:
    return list(text_string_to_metric_families(prometheus_text(result)))


def values(result: dict[str, Any], name: str) -> dict[tuple[str, ...], float]:
    """By the values of the labels, without that of the kind."""
    family = next(family for family in families(result) if family.name == f"loggy_commute_{name}")
    return {
        tuple(value for label, value in sample.labels.items() if label != "kind"): sample.value
        for sample in family.samples
    }


@pytest.mark.parametrize("result", RUNS)
def test_every_family_has_help_a_type_and_a_name_by_the_conventions(result: dict[str, Any]) -> None:
    found = families(result)
    assert len(found) > 15
    for family in found:
        assert re.fullmatch(r"loggy_commute_[a-z]+(_[a-z]+)*", family.name)
        assert family.type == "gauge"
        assert family.documentation.endswith(".")
        # Reserved for counters, histograms and summaries; and times are seconds.
        assert not family.name.endswith(("_total", "_count", "_sum", "_bucket", "_milliseconds", "_ms"))
        labels = {label for sample in family.samples for label in sample.labels}
        assert not labels & {"le", "quantile", "run"}


@pytest.mark.parametrize("result", RUNS)
def test_families_and_series_are_there_once(result: dict[str, Any]) -> None:
    names = [family.name for family in families(result)]
    series = [(s.name, *sorted(s.labels.items())) for family in families(result) for s in family.samples]
    assert len(names) == len(set(names))
    assert len(series) == len(set(series))


def test_values_are_those_of_the_result() -> None:
    result = samples.lost_at_index()
    assert values(result, "success") == {(): 0}
    assert values(result, "stop_found_events") == {("aggregator",): 1001, ("topic",): 1001, ("index",): 994}
    assert values(result, "stop_missing_events")["index",] == 7
    assert values(result, "stop_duplicated_events")["topic",] == 5
    assert values(result, "duration_seconds") == {(): result["seconds"]}
    assert values(result, "dead_letter_events") == {("dead letters",): 7}
    assert values(result, "dead_letter_records") == {("dead letters",): 9}
    assert values(result, "lag_highest_records") == {("sink lag",): result["observations"][0]["highest"]}
    assert values(result, "start_timestamp_seconds") == {(): samples.STARTED.timestamp()}


def test_verdict_is_one_of_all_there_are() -> None:
    verdicts = values(samples.lost_at_index(), "verdict")
    assert verdicts.pop(("lost",)) == 1
    assert set(verdicts) == {("arrived",), ("late",), ("duplicated",), ("not through Kafka",), ("stop unreachable",)}
    assert set(verdicts.values()) == {0}


def test_latencies_are_seconds_for_each_stop_and_beginning() -> None:
    result = samples.arrived(20)
    found = values(result, "stop_latency_seconds")
    index = result["stops"][3]["latency"]
    assert found["index", "start", "p99"] == pytest.approx(index["from_start"]["p99"] / 1000)
    assert found["index", "stop_before", "median"] == pytest.approx(index["from_stop_before"]["median"] / 1000)
    assert ("aggregator", "stop_before", "median") not in found


def test_what_was_not_measured_has_no_series() -> None:
    result = samples.unreachable()
    names = {family.name for family in families(result)}
    assert "loggy_commute_stop_latency_seconds" not in names
    assert "loggy_commute_lag_records" not in names
    assert values(result, "stop_up") == {("aggregator",): 1, ("topic",): 0, ("index",): 1}


def test_another_sender_has_no_count_of_what_it_sent() -> None:
    result = samples.arrived(20)
    result["sender"].update(sent=None, acknowledged=None)
    assert values(result, "sender_events") == {("planned",): 21}


def test_labels_are_escaped() -> None:
    result = samples.arrived(20)
    name = 'a "quoted" \\ back\\nslash\nand a line'
    result["stops"][1]["name"] = name
    assert (name,) in values(result, "stop_found_events")


def test_every_metric_is_in_the_documentation() -> None:
    text = (Path(__file__).resolve().parents[4] / "docs" / "reports.md").read_text()
    for family in families(samples.lost_at_index()):
        assert f"`{family.name.removeprefix('loggy_commute_')}`" in text, family.name
