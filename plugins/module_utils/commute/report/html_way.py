# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loggy's way as a picture: the stations, and what happened between each and the one before it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...ranges import Ranges

_TONES = {
    "arrived": "good",
    "late": "warn",
    "duplicated": "warn",
    "lost": "bad",
    "not through Kafka": "bad",
    "stop unreachable": "bad",
}
# As many ranges as a result names; with more, which numbers went missing where is known by count alone.
_MOST_RANGES = 1000
# Beside one another there is room for so many.
_WIDEST = 7


def tone(word: str) -> str:
    """good, warn, bad, or quiet for what is no judgement."""
    return _TONES.get(word, "quiet")


def way(result: Mapping[str, Any]) -> dict[str, Any]:
    stations = [_sender(result["sender"])]
    before = stations[0]
    for position, stop in enumerate(result["stops"]):
        if stop["deployed"]:
            before = _station(position, stop, before)
            stations.append(before)
        else:
            leg = {"tone": before["goes_on"], "lost": None, "beside": 0, "doubled": 0, "hop": None}
            stations.append({**_quiet(stop), "leg": leg, "goes_on": before["goes_on"]})
    _put_loggy(stations)
    legs = [station["leg"] for station in stations[1:]]
    return {
        "stations": stations,
        "wide": len(stations) <= _WIDEST,
        "eventful": any(leg["lost"] or leg["beside"] or leg["doubled"] for leg in legs),
        "ends": _ends(stations),
        "unsent": stations[0]["missing_count"],
    }


def _sender(sender: Mapping[str, Any]) -> dict[str, Any]:
    unsent = Ranges() if sender["sent"] is None else _ranges(sender["planned"]).minus(_ranges(sender["sent"]))
    status, colour = _sending(sender)
    return {
        "name": "sender",
        "deployed": True,
        "found": "sender.acknowledged.count" if sender["acknowledged"] is not None else None,
        "expected": "sender.planned.count",
        "status": status,
        "tone": colour,
        "place": sender["destination"],
        "leg": None,
        "loggy": False,
        "missing": unsent,
        "missing_count": 0 if sender["sent"] is None else sender["planned"]["count"] - sender["sent"]["count"],
        "duplicates": Ranges(),
        "goes_on": "none" if status == "nothing sent" else "full",
    }


def _sending(sender: Mapping[str, Any]) -> tuple[str, str]:
    if sender["sent"] is None:
        return "not watched", "quiet"
    if not sender["sent"]["count"]:
        return "nothing sent", "quiet"
    if sender["acknowledged"]["count"] == sender["planned"]["count"]:
        return "acknowledged", "good"
    return "not acknowledged", "warn"


def _station(position: int, stop: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    missing, duplicates = _ranges(stop["missing"]), _ranges(stop["duplicates"])
    lost = missing.minus(before["missing"])
    is_whole = max(len(stop["missing"]["ranges"]), sum(1 for _range in before["missing"])) < _MOST_RANGES
    count = len(lost) if is_whole else max(stop["missing"]["count"] - before["missing_count"], 0)
    hop = stop["latency"]["from_stop_before"]
    return {
        "name": stop["name"],
        "deployed": True,
        "found": f"stops.{position}.found",
        "expected": f"stops.{position}.expected",
        "status": stop["status"],
        "tone": tone(stop["status"]),
        "place": stop["place"],
        "loggy": bool(stop["place"]),
        "missing": missing,
        "missing_count": stop["missing"]["count"],
        "duplicates": duplicates,
        "goes_on": "full" if stop["found"] else "none",
        "leg": {
            "tone": "full" if stop["found"] else "none",
            "lost": {"count": count, "numbers": str(lost) if is_whole else ""} if count else None,
            "beside": stop["unproven"]["count"] if stop["unproven"] else 0,
            "doubled": len(duplicates.minus(before["duplicates"])),
            "hop": f"stops.{position}.latency.{'from_stop_before' if hop else 'from_start'}.median",
        },
    }


def _quiet(stop: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": stop["name"],
        "deployed": False,
        "found": None,
        "status": stop["status"],
        "tone": "quiet",
        "place": None,
        "loggy": False,
    }


def _put_loggy(stations: list[dict[str, Any]]) -> None:
    """He is where he was seen last, and nowhere else."""
    seen = [station for station in stations if station["loggy"]]
    for station in seen[:-1]:
        station["loggy"] = False


def _ends(stations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many logs were lost before each stop, and which."""
    ends: list[dict[str, Any]] = []
    before = "sender"
    for station in stations[1:]:
        if not station["deployed"]:
            continue
        if station["leg"]["lost"]:
            ends.append({"before": station["name"], "last_seen": before, **station["leg"]["lost"]})
        before = station["name"]
    return ends


def _ranges(numbers: Mapping[str, Any]) -> Ranges:
    return Ranges((first, last) for first, last in numbers["ranges"])
