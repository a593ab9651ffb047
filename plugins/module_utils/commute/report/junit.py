# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A result as JUnit XML: a test case for each stop, and one for the verdict. Pure.

Two schemas are in use, Ant's and Jenkins'. What they disagree on, the attributes of ``testsuites`` and the name of
``error``, is not written here; what only one of them requires, is.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import datetime
from typing import Any

NAME = "junit.xml"

_SUITE = "loggy_commute"
_SKIPPED = ("not deployed", "nothing sent")
# What XML 1.0 can't hold, in whatever form it is written.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(result: Mapping[str, Any]) -> str:
    """:param result: as docs/commute.schema.json describes it."""
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite")
    properties = ET.SubElement(suite, "properties")
    for name in ("run", "verdict", "stop", "last_seen", "deadline"):
        if result[name] is not None:
            ET.SubElement(properties, "property", name=name, value=_text(result[name]))
    for stop in result["stops"]:
        _add_stop(suite, result, stop)
    verdict = _add_case(suite, "verdict", result["seconds"])
    if result["word"] != "arrived":
        _add_failure(verdict, result["word"], _told(result), _told(result))
    ET.SubElement(suite, "system-out").text = _text(result["line"])
    ET.SubElement(suite, "system-err")
    _count(suite, result)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _add_stop(suite: ET.Element, result: Mapping[str, Any], stop: Mapping[str, Any]) -> None:
    case = _add_case(suite, stop["name"], (stop.get("latency_ms") or 0) / 1000)
    if stop["status"] in _SKIPPED:
        ET.SubElement(case, "skipped", message=_text(stop["status"]))
    elif _is_fault(result, stop):
        message = _told(result) if stop["name"] == result["stop"] else f"{stop['name']}: {stop['status']}."
        _add_failure(case, stop["status"], message, "\n".join(_details(stop)))


def _is_fault(result: Mapping[str, Any], stop: Mapping[str, Any]) -> bool:
    """Limits may allow what a stop tells of; and copies on the way are none: it is at-least-once on purpose."""
    if result["word"] == "arrived" or stop["status"] == "arrived":
        return False
    return bool(stop["status"] != "duplicated" or result["word"] == "duplicated")


def _add_case(suite: ET.Element, name: str, seconds: float) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=_SUITE, name=_text(name), time=_seconds(seconds))


def _add_failure(case: ET.Element, kind: str, message: str, text: str) -> None:
    ET.SubElement(case, "failure", type=_text(kind), message=_text(message)).text = _text(text)


def _count(suite: ET.Element, result: Mapping[str, Any]) -> None:
    started = datetime.fromisoformat(result["started"])
    for name, value in (
        ("name", _SUITE),
        ("package", _SUITE),
        ("id", 0),
        # Ant's schema allows neither fractions nor a zone: it is UTC.
        ("timestamp", started.strftime("%Y-%m-%dT%H:%M:%S")),
        ("hostname", "localhost"),
        ("tests", len(suite.findall("testcase"))),
        ("failures", len(suite.findall("testcase/failure"))),
        ("errors", 0),
        ("skipped", len(suite.findall("testcase/skipped"))),
        ("time", _seconds(result["seconds"])),
    ):
        suite.set(name, str(value))


def _told(result: Mapping[str, Any]) -> str:
    return f"{result['line']} {result['advice'] or ''}".rstrip()


def _details(stop: Mapping[str, Any]) -> list[str]:
    """What a stop found, and what it says of itself, a line each."""
    lines = [f"{stop['found']} of {stop['expected']} found"]
    for name in ("missing", "duplicates", "out_of_order", "unexpected", "unproven"):
        numbers = stop[name]
        if numbers and numbers["count"]:
            shown = ", ".join(f"{first}-{last}" if first != last else f"{first}" for first, last in numbers["ranges"])
            lines.append(f"{name.replace('_', ' ')}: {numbers['count']} ({shown})")
    lines += [f"{name}: {stop[name]}" for name in ("place", "error", "health") if stop[name]]
    return lines


def _seconds(seconds: float) -> str:
    """A clock that is behind makes a latency negative, which is no duration."""
    return f"{max(seconds, 0):.3f}"


def _text(value: Any) -> str:
    return _ILLEGAL.sub("\ufffd", str(value))
