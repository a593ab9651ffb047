"""commute.html: its numbers are the result's, nothing in a result becomes markup, and it needs nothing from outside."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.report.history import summary
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.report.html_page import page
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.report.html_style import STYLE

from tests.unit.commute.report import samples
from tests.unit.commute.report.dom import at, elements, is_what_is_shown

RUNS = [samples.arrived(20), samples.lost_at_index(), samples.unreachable()]
EVIL = "<script>alert('&')</script>\"'>{{ 7 * 7 }}"


def rendered(result: dict[str, Any], runs: int = 3) -> str:
    return page(result, [{**summary(result), "run": f"before_{number}"} for number in range(runs)] + [summary(result)])


def largest() -> dict[str, Any]:
    """As much as a result of a million neighbours can hold."""
    result = samples.lost_at_index()
    ranges = [[number * 900, number * 900] for number in range(1000)]
    for stop in result["stops"][1:]:
        stop["expected"] = 1_000_001
        for field in ("missing", "duplicates", "out_of_order"):
            stop[field] = {"count": 1000, "ranges": ranges, "copies": 1000}
        stop["throughput"]["counts"] = [123_456] * 120
    result["observations"][0]["samples"] = [[float(number), 123_456] for number in range(120)]
    return result


@pytest.mark.parametrize("result", RUNS)
def test_every_number_is_the_one_at_its_place_in_the_result(result: dict[str, Any]) -> None:
    figures = [element for element in elements(rendered(result)) if element.tag == "data"]
    assert len(figures) > 30
    for figure in figures:
        place = figure.attributes["data-at"]
        assert float(figure.attributes["value"]) == at(result, place), place
        assert is_what_is_shown(at(result, place), figure.text, place), (place, figure.text)


def test_every_number_of_every_stop_is_on_the_page() -> None:
    result = samples.lost_at_index()
    places = {element.attributes.get("data-at") for element in elements(rendered(result))}
    for number, stop in enumerate(result["stops"]):
        counts = ["missing", "duplicates", "unexpected"] if stop["deployed"] else []
        expected = {f"stops.{number}.{field}.count" for field in counts}
        for since in ("from_start", "from_stop_before") if stop["deployed"] else ():
            for field in ("count", "min", "median", "p95", "p99", "max") if stop["latency"][since] else ():
                expected.add(f"stops.{number}.latency.{since}.{field}")
        for place, count in enumerate(stop["throughput"]["counts"] if stop["deployed"] else []):
            expected |= {f"stops.{number}.throughput.counts.{place}"} if count else set()
        assert expected <= places
    assert {"observations.0.last", "observations.1.of_run.count", "observations.1.reasons.1.count"} <= places


def test_verdict_sentence_and_advice_come_first() -> None:
    result = samples.lost_at_index()
    texts = [
        element
        for element in elements(rendered(result))
        if element.tag in ("h1", "h2") or "class" in element.attributes
    ]
    top = [element.text.strip() for element in texts[: next(i for i, one in enumerate(texts) if one.tag == "h2")]]
    assert "Lost at index" in top
    assert result["line"] in top
    assert f"What to do {result['advice']}" in top


def test_what_stops_say_of_themselves_begins_with_the_one_in_question() -> None:
    said = [element.text for element in elements(rendered(samples.lost_at_index())) if element.tag in ("dt", "dd")]
    health = [text for text in said if "connector loggy-" in text]
    assert "loggy-elasticsearch-sink" in health[0]
    assert "loggy-forward-source" in health[1]


def spoilt(value: Any) -> Any:
    """``value`` with markup in every text that somebody else may have chosen."""
    if isinstance(value, dict):
        fixed = ("started", "word", "status", "clock", "from", "first_time", "last_time", "kind")
        return {key: item if key in fixed else spoilt(item) for key, item in value.items()}
    if isinstance(value, list):
        return [spoilt(item) for item in value]
    return f"{value}{EVIL}" if isinstance(value, str) else value


def test_markup_in_names_and_messages_is_text() -> None:
    clean, result = samples.lost_at_index(), spoilt(samples.lost_at_index())
    found, before = elements(rendered(result)), elements(rendered(clean))
    # Slashes in places are where a line may break.
    assert [element.tag for element in found if element.tag != "wbr"] == [e.tag for e in before if e.tag != "wbr"]
    text = found[0].text
    for place in ("verdict", "line", "advice", "run", "stops.3.health", "observations.1.reasons.0.reason"):
        assert at(result, place)[1:] in text, place
    assert not [name for element in found for name in element.attributes if name.startswith("on")]


@pytest.mark.parametrize("result", RUNS)
def test_page_needs_nothing_from_outside(result: dict[str, Any]) -> None:
    html = rendered(result)
    tags = {element.tag for element in elements(html)}
    assert not tags & {"script", "img", "iframe", "object", "embed", "base", "form"}
    assert [e.attributes["href"][:5] for e in elements(html) if e.tag == "link"] == ["data:"]
    assert {e.attributes["href"][0] for e in elements(html) if e.tag == "use"} == {"#"}
    assert not re.search(r"@import|url\(|src=", html)


def test_run_alone_in_its_folder_has_no_trend() -> None:
    assert "This is the first run in this folder." in rendered(samples.arrived(20), runs=0)


def test_trend_lists_every_run_with_its_verdict() -> None:
    rows = [element.text for element in elements(rendered(samples.lost_at_index())) if element.tag == "tr"]
    assert len([row for row in rows if "lost at index" in row and "2026-11-22 09:41:07 UTC" in row]) == 4


def test_page_of_a_million_neighbours_is_small_and_made_at_once() -> None:
    result = largest()
    rendered(samples.arrived(20))
    began = time.process_time()
    html = rendered(result, runs=199)
    assert time.process_time() - began < 0.5
    assert len(html.encode()) < 1_000_000


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_words_stand_out_from_what_is_behind_them(scheme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    for name in ("ink", "soft", "accent", "good", "warn", "bad"):
        for behind in ("ground", "paper"):
            assert contrast(colours[name], colours[behind]) >= 4.5, (name, behind)
    for name in ("good", "warn", "bad"):
        for words in (name, "ink"):
            assert contrast(colours[words], colours[f"{name}-wash"]) >= 4.5, (words, name)
    assert contrast(colours["accent"], colours["wash"]) >= 4.5
    # Marks on a bar are no words: 3 to 1.
    assert contrast(colours["bad"], colours["wash"]) >= 3
    assert contrast(colours["warn"], colours["wash"]) >= 3
