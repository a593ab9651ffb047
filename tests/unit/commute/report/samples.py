"""Results of made-up runs: every log's time at every stop is drawn, and all figures come from those times."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.loggy.pipeline.plugins.module_utils.ranges import Ranges

STARTED = datetime(2026, 11, 22, 9, 41, 7, 250_000, UTC)
EDGES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000]

# Name, kind, typical milliseconds from the stop before, where Loggy is.
WAY = (
    ("aggregator", "file", 18.0, "/var/lib/loggy/fluentd/seen.log:1"),
    ("topic", "topic", 65.0, "logs-0@48211"),
    ("index", "index", 420.0, "logs-2026.11.22/61f0a6c2e4:0"),
)

Times = dict[int, float]


def arrived(neighbours: int = 1000, rate: float = 400.0) -> dict[str, Any]:
    return _result(neighbours, rate, {})


def lost_at_index(neighbours: int = 1000, rate: float = 400.0) -> dict[str, Any]:
    """7 of the neighbours are dead letters, in two bursts; 5 are in the topic twice."""
    seven = {212, 213, 214, 215, 640, 641, 642}
    result = _result(neighbours, rate, {"index": seven})
    result.update(
        verdict="lost at index",
        word="lost",
        stop="index",
        last_seen="topic",
        numbers=_numbers(seven),
        line=f"7 of {neighbours} neighbours (212-215, 640-642) were last seen at topic and missing at index.",
        advice="Look at the dead-letter topic: the index refused these documents as they are. Mend the mapping of the "
        "field status, then send them again.",
    )
    index, topic = result["stops"][3], result["stops"][2]
    topic["duplicates"] = {**_numbers({401, 402, 403, 404, 405}), "copies": 5}
    topic["status"] = "duplicated"
    index["health"] = (
        "connector loggy-elasticsearch-sink: RUNNING, 2 of 2 tasks; index logs-2026.11.22: yellow, 994 documents"
    )
    topic["health"] = "connector loggy-forward-source: RUNNING, 1 of 1 tasks; topic logs: 2 partitions, all in sync"
    result["stops"][1]["health"] = "file /var/lib/loggy/fluentd/seen.log: 1,001 lines, written 3 s ago"
    reason = "mapper_parsing_exception: failed to parse field [status] of type [long]"
    result["observations"][1].update(
        count=9,
        of_run=_numbers(seven),
        reasons=[{"reason": reason, "count": 6}, {"reason": "document too large", "count": 1}],
        health="topic logs.dead-letters: 1 partition, all in sync",
    )
    result["observations"][0]["health"] = "consumer group connect-loggy-elasticsearch-sink: Stable, 2 members"
    return result


def unreachable() -> dict[str, Any]:
    """A stop could not be read before anything was sent: nothing was measured anywhere."""
    result = arrived(20)
    result["sender"].update(sent=_numbers(()), acknowledged=_numbers(()), first_time=None, last_time=None)
    for stop in result["stops"][1:]:
        stop.update(_stop(stop["name"], stop["kind"], 21, {}, {}, "", None, {}))
        stop["status"] = "stop unreachable" if stop["name"] == "topic" else "nothing sent"
    result["stops"][2]["error"] = "Could not connect to broker.example:9092: refused"
    result["observations"][0].update(last=None, highest=None, samples=[], error="refused")
    result.update(
        verdict="stop unreachable",
        word="stop unreachable",
        stop="topic",
        last_seen=None,
        numbers=_numbers(range(21)),
        line="topic could not be read: Could not connect to broker.example:9092: refused. Nothing was sent.",
        advice="Look at topic: it does not answer.",
    )
    return result


def _result(neighbours: int, rate: float, lost: dict[str, set[int]]) -> dict[str, Any]:
    draw = random.Random(neighbours)
    sent: Times = {seq: 0.4 + seq / rate for seq in range(neighbours + 1)}
    stops: list[dict[str, Any]] = [{"name": "sidecar", "kind": "file", "deployed": False, "status": "not deployed"}]
    before, name_before = sent, None
    for name, kind, typical, place in WAY:
        gone = lost.get(name, set())
        times = {
            seq: at + draw.lognormvariate(0, 0.45) * typical / 1000 for seq, at in before.items() if seq not in gone
        }
        stops.append(_stop(name, kind, neighbours + 1, sent, times, place, name_before, before))
        before, name_before = times, name
    for stop in stops[1:]:
        stop["throughput"] = _throughput(stop.pop("times"), max(before.values()))
    everywhere = dict.fromkeys(("planned", "sent", "acknowledged"), _numbers(range(neighbours + 1)))
    seconds = round(max(before.values()) + 0.8, 3)
    return {
        "schema_version": 1,
        "run": "3f2a9c41d07b4e6c8a5512e0b9d7f364",
        "verdict": "arrived",
        "word": "arrived",
        "stop": None,
        "last_seen": "index",
        "numbers": _numbers(()),
        "line": f"Loggy and his {neighbours} neighbours arrived at index, none twice.",
        "advice": None,
        "started": _iso(0),
        "seconds": seconds,
        "deadline": 60.0,
        "limits": {"latency_ms": 5000.0, "lost": 0, "duplicated": 0},
        "sender": {
            "run": "3f2a9c41d07b4e6c8a5512e0b9d7f364",
            "producer": "web-1",
            "destination": "/var/lib/loggy/log/loggy.log",
            **everywhere,
            "chunks": 4,
            "resent": 0,
            "first_time": _iso(0.4),
            "last_time": _iso(max(sent.values())),
            "producers": [{"producer": "web-1", **everywhere}],
        },
        "stops": stops,
        "observations": [
            _lag(before, sent, seconds),
            {
                "name": "dead letters",
                "kind": "dead_letters",
                "error": None,
                "health": None,
                "count": 0,
                "of_run": _numbers(()),
                "reasons": [],
            },
        ],
    }


def _stop(
    name: str,
    kind: str,
    expected: int,
    sent: Times,
    times: Times,
    place: str,
    stop_before: str | None,
    before: Times,
) -> dict[str, Any]:
    from_start = [(at - sent[seq]) * 1000 for seq, at in times.items()]
    hop = [(at - before[seq]) * 1000 for seq, at in times.items()] if stop_before else None
    clock = "broker" if kind == "topic" else "host"
    return {
        "name": name,
        "kind": kind,
        "deployed": True,
        "status": "arrived" if len(times) == expected else "lost",
        "place": place or None,
        "where": {"place": place} if place else None,
        "latency_ms": round(from_start[0], 3) if from_start else None,
        "latency_clock": clock if from_start else None,
        "expected": expected,
        "found": len(times),
        "missing": _numbers(set(range(expected)) - times.keys()),
        "duplicates": {**_numbers(()), "copies": 0},
        "out_of_order": _numbers(()) if kind != "index" else None,
        "unexpected": _numbers(()),
        "unproven": _numbers(()) if kind == "index" else None,
        "first_time": _iso(min(times.values())) if times else None,
        "last_time": _iso(max(times.values())) if times else None,
        "error": None,
        "health": None,
        "latency": {
            "from_start": _latency(from_start, clock),
            "from_stop_before": {"stop": stop_before, **_latency(hop, clock)} if hop is not None else None,
        },
        **({"times": times} if times else {"throughput": {"bucket_seconds": 1.0, "from": _iso(0), "counts": []}}),
    }


def _latency(milliseconds: list[float], clock: str) -> dict[str, Any]:
    ordered = sorted(round(one, 3) for one in milliseconds)
    shares = {"min": 0.0, "median": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    counts = Counter(bisect_left(EDGES, one) for one in ordered)
    return {
        "count": len(ordered),
        **{name: ordered[int(share * (len(ordered) - 1))] if ordered else None for name, share in shares.items()},
        "clock": clock,
        "negative": sum(one < 0 for one in ordered),
        "histogram": [{"le": le, "count": counts[place]} for place, le in enumerate([*EDGES, None])],
    }


def _throughput(times: Times, until: float) -> dict[str, Any]:
    width = next(one for one in (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60) if until / one < 118)
    counts = Counter(int(at / width) for at in times.values())
    return {
        "bucket_seconds": width,
        "from": _iso(0),
        "counts": [counts[place] for place in range(int(until / width) + 1)],
    }


def _lag(times: Times, sent: Times, seconds: float) -> dict[str, Any]:
    moments = [seconds * place / 60 for place in range(61)]
    began, ended = sorted(sent.values()), sorted(times.values())
    samples = [[round(at, 3), bisect_left(began, at) - bisect_left(ended, at)] for at in moments]
    samples = [[at, max(records, 0) if at < ended[-1] else 0] for at, records in samples]
    return {
        "name": "sink lag",
        "kind": "lag",
        "error": None,
        "health": None,
        "last": samples[-1][1],
        "highest": max(records for _at, records in samples),
        "samples": samples,
    }


def _numbers(numbers: Any) -> dict[str, Any]:
    ranges = Ranges((number, number) for number in sorted(numbers))
    return {"count": len(ranges), "ranges": ranges.pairs()}


def _iso(seconds: float) -> str:
    return (STARTED + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
