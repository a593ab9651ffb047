"""junit.xml: the cases, their messages, and the rules of both schemas that readers of such files check by."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.report.junit import junit_xml

from tests.unit.commute.report import samples

# Of both schemas, Ant's and Jenkins': the children that each element may have in this order, and its attributes.
CHILDREN = {
    "testsuites": r"(testsuite )*",
    "testsuite": r"properties (testcase )*system-out system-err ",
    "properties": r"(property )*",
    "testcase": r"((skipped |failure ))?",
}
NUMBER = r"\d+"
TOKEN = r"\S+( \S+)*"
SECONDS = r"\d{1,3}(\d{3})*\.\d{3}"
ATTRIBUTES = {
    "testsuite": {
        "name": TOKEN,
        "package": TOKEN,
        "id": NUMBER,
        "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
        "hostname": TOKEN,
        "tests": NUMBER,
        "failures": NUMBER,
        "errors": NUMBER,
        "skipped": NUMBER,
        "time": SECONDS,
    },
    "testcase": {"classname": TOKEN, "name": TOKEN, "time": SECONDS},
    "property": {"name": TOKEN, "value": ".*"},
    "failure": {"type": ".+", "message": "(?s).+"},
    "skipped": {"message": ".+"},
}


def suite(result: dict[str, Any]) -> ET.Element:
    found = ET.fromstring(junit_xml(result)).find("testsuite")
    assert found is not None
    return found


def cases(result: dict[str, Any]) -> dict[str, ET.Element]:
    return {str(case.get("name")): case for case in suite(result).iter("testcase")}


@pytest.mark.parametrize("result", [samples.arrived(20), samples.lost_at_index(), samples.unreachable()])
def test_file_keeps_the_rules_of_both_schemas(result: dict[str, Any]) -> None:
    root = ET.fromstring(junit_xml(result))
    assert root.tag == "testsuites"
    for element in root.iter():
        assert re.fullmatch(CHILDREN.get(element.tag, ""), "".join(f"{child.tag} " for child in element)), element.tag
        rules = ATTRIBUTES.get(element.tag, {})
        assert element.keys() == list(rules), element.tag
        for name, rule in rules.items():
            assert re.fullmatch(rule, str(element.get(name))), (element.tag, name, element.get(name))


@pytest.mark.parametrize("result", [samples.arrived(20), samples.lost_at_index(), samples.unreachable()])
def test_counts_are_those_of_the_cases(result: dict[str, Any]) -> None:
    found = suite(result)
    for count, path in (("tests", "testcase"), ("failures", "testcase/failure"), ("skipped", "testcase/skipped")):
        assert found.get(count) == str(len(found.findall(path)))


def test_every_stop_and_the_verdict_is_a_case() -> None:
    assert list(cases(samples.arrived(20))) == ["sidecar", "aggregator", "topic", "index", "verdict"]


def test_run_that_arrived_fails_nowhere_and_skips_what_is_not_deployed() -> None:
    found = suite(samples.arrived(20))
    assert found.get("failures") == "0"
    assert [case.get("name") for case in found.findall("testcase") if case.find("skipped") is not None] == ["sidecar"]


def test_failure_says_the_line_and_the_advice() -> None:
    result = samples.lost_at_index()
    told = f"{result['line']} {result['advice']}"
    for name in ("index", "verdict"):
        failure = cases(result)[name].find("failure")
        assert failure is not None
        assert failure.get("message") == told
        assert failure.get("type") == "lost"


def test_failure_of_a_stop_names_its_numbers_and_what_it_says_of_itself() -> None:
    failure = cases(samples.lost_at_index())["index"].find("failure")
    assert failure is not None
    lines = str(failure.text).splitlines()
    assert "994 of 1001 found" in lines
    assert "missing: 7 (212-215, 640-642)" in lines
    assert any(line.startswith("health: connector loggy-elasticsearch-sink: RUNNING") for line in lines)


def test_copies_on_the_way_are_no_failure() -> None:
    result = samples.arrived(20)
    result["stops"][2]["status"] = "duplicated"
    assert suite(result).get("failures") == "0"
    assert cases(samples.lost_at_index())["topic"].find("failure") is None


def test_copies_that_the_verdict_is_about_are_a_failure() -> None:
    result = {**samples.lost_at_index(), "word": "duplicated", "stop": "topic", "verdict": "duplicated at topic"}
    assert cases(result)["topic"].find("failure") is not None


def test_characters_that_xml_can_not_hold_are_replaced() -> None:
    result = samples.lost_at_index()
    result["line"] = "a\x00b\x1b[31m <script>&\ud800"
    failure = cases(result)["verdict"].find("failure")
    assert failure is not None
    assert str(failure.get("message")).startswith("a\ufffdb\ufffd[31m <script>&\ufffd ")


def test_latency_below_zero_is_no_negative_time() -> None:
    result = samples.arrived(20)
    result["stops"][1]["latency_ms"] = -3.5
    assert cases(result)["aggregator"].get("time") == "0.000"
