"""The picture of the way: what happened between which stations, and where Loggy is."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.loggy.pipeline.plugins.module_utils.commute.report.html_way import tone, way

from tests.unit.commute.report import samples

NONE = {"count": 0, "ranges": []}


def stations(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {station["name"]: station for station in way(result)["stations"]}


def numbers(*ranges: list[int]) -> dict[str, Any]:
    return {"count": sum(last - first + 1 for first, last in ranges), "ranges": list(ranges)}


def test_loss_is_drawn_before_the_stop_where_it_was_missed_first() -> None:
    result = samples.lost_at_index()
    found = stations(result)
    assert found["index"]["leg"]["lost"] == {"count": 7, "numbers": "212-215, 640-642"}
    assert found["topic"]["leg"]["lost"] is None
    assert way(result)["ends"] == [{"before": "index", "last_seen": "topic", "count": 7, "numbers": "212-215, 640-642"}]


def test_what_was_lost_at_two_stops_is_counted_at_each_once() -> None:
    result = samples.arrived(20)
    result["stops"][2]["missing"] = numbers([3, 4])
    result["stops"][3]["missing"] = numbers([3, 4], [9, 9])
    assert [(end["before"], end["count"]) for end in way(result)["ends"]] == [("topic", 2), ("index", 1)]


def test_copies_are_drawn_where_they_appeared_first() -> None:
    result = samples.lost_at_index()
    result["stops"][3]["duplicates"] = {**numbers([401, 402]), "copies": 2}
    found = stations(result)
    assert (found["topic"]["leg"]["doubled"], found["index"]["leg"]["doubled"]) == (5, 0)


def test_documents_that_came_another_way_are_drawn_at_the_index() -> None:
    result = samples.arrived(20)
    result["stops"][3]["unproven"] = numbers([2, 4])
    assert stations(result)["index"]["leg"]["beside"] == 3


def test_stop_that_is_not_deployed_is_passed_by() -> None:
    found = stations(samples.arrived(20))
    assert not found["sidecar"]["deployed"]
    assert found["sidecar"]["tone"] == "quiet"
    assert found["sidecar"]["leg"]["tone"] == "full"
    assert found["aggregator"]["leg"]["hop"] == "stops.1.latency.from_start.median"
    assert found["topic"]["leg"]["hop"] == "stops.2.latency.from_stop_before.median"


def test_line_breaks_off_where_nothing_came() -> None:
    result = samples.arrived(20)
    result["stops"][3].update(found=0, missing=numbers([0, 20]), place=None, status="lost")
    assert [station["leg"]["tone"] for station in way(result)["stations"][1:]] == ["full", "full", "full", "none"]


def test_loggy_is_where_he_was_seen_last() -> None:
    result = samples.arrived(20)
    assert [name for name, station in stations(result).items() if station["loggy"]] == ["index"]
    result["stops"][3]["place"] = None
    assert [name for name, station in stations(result).items() if station["loggy"]] == ["topic"]


def test_what_was_never_sent_was_not_lost_on_the_way() -> None:
    result = samples.unreachable()
    assert way(result)["ends"] == []
    assert way(result)["unsent"] == 21
    assert stations(result)["sender"]["status"] == "nothing sent"


def test_more_ranges_than_a_result_names_are_told_by_their_count() -> None:
    result = samples.arrived(9000)
    every_third = [[number, number] for number in range(0, 3000, 3)]
    result["stops"][3]["missing"] = {"count": 2500, "ranges": every_third}
    assert stations(result)["index"]["leg"]["lost"] == {"count": 2500, "numbers": ""}


@pytest.mark.parametrize(
    ("sender", "status"),
    [
        ({}, "acknowledged"),
        ({"acknowledged": numbers([0, 10])}, "not acknowledged"),
        ({"sent": NONE, "acknowledged": NONE}, "nothing sent"),
        ({"sent": None, "acknowledged": None}, "not watched"),
    ],
)
def test_sender_is_the_first_station(sender: dict[str, Any], status: str) -> None:
    result = samples.arrived(20)
    result["sender"].update(sender)
    first = way(result)["stations"][0]
    assert (first["name"], first["status"], first["leg"]) == ("sender", status, None)


@pytest.mark.parametrize("word", ["arrived", "late", "lost", "duplicated", "not through Kafka", "stop unreachable"])
def test_every_verdict_has_a_tone(word: str) -> None:
    assert tone(word) in ("good", "warn", "bad")
    assert tone("not deployed") == tone("nothing sent") == "quiet"


def test_stations_are_side_by_side_while_there_is_room() -> None:
    result = samples.arrived(20)
    assert way(result)["wide"]
    result["stops"] = result["stops"][:1] * 4 + result["stops"]
    assert not way(result)["wide"]
