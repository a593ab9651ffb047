# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A result in Prometheus' text format, for node_exporter's textfile collector. Pure.

All are gauges: they tell of one run, and the next run's may be lower. No label holds the run id, which would make new
series of every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

NAME = "commute.prom"

_WORDS = ("arrived", "late", "lost", "duplicated", "not through Kafka", "stop unreachable")
_STATISTICS = ("min", "median", "p95", "p99", "max")
# What is counted at a stop: the metric's name, the field, and what it is in words.
_COUNTS = (
    ("missing", "missing", "Events of the run that were not found at the stop."),
    ("duplicated", "duplicates", "Events of the run that were found more than once at the stop."),
    ("out_of_order", "out_of_order", "Events that came after a later one of their producer."),
    ("unexpected", "unexpected", "Sightings of numbers that the run does not have."),
    ("unproven", "unproven", "Events whose way through Kafka is not proven."),
)

Sample = tuple[dict[str, str], float]


def prometheus_text(result: Mapping[str, Any]) -> str:
    """:param result: as docs/commute.schema.json describes it."""
    families = [*_of_run(result), *_of_stops(result), *_of_observations(result["observations"])]
    return "".join(line for name, what, samples in families for line in _family(name, what, samples))


def _of_run(result: Mapping[str, Any]) -> Iterator[tuple[str, str, list[Sample]]]:
    started = datetime.fromisoformat(result["started"]).timestamp()
    sender = result["sender"]
    yield "success", "Whether the last run arrived.", [({}, result["word"] == "arrived")]
    verdicts: list[Sample] = [({"verdict": word}, word == result["word"]) for word in _WORDS]
    yield "verdict", "1 for the verdict of the last run, 0 for the others.", verdicts
    yield "start_timestamp_seconds", "When the last run began.", [({}, started)]
    yield "duration_seconds", "How long the last run took.", [({}, result["seconds"])]
    yield "deadline_seconds", "How long the last run might have taken.", [({}, result["deadline"])]
    known = [state for state in ("planned", "sent", "acknowledged") if sender[state] is not None]
    yield (
        "sender_events",
        "Events of the last run by what the sender knows of them.",
        [({"state": state}, sender[state]["count"]) for state in known],
    )


def _of_stops(result: Mapping[str, Any]) -> Iterator[tuple[str, str, list[Sample]]]:
    deployed = [stop for stop in result["stops"] if stop["deployed"]]
    yield "stop_expected_events", "Events of the run.", [(_at(stop), stop["expected"]) for stop in deployed]
    yield "stop_found_events", "Events of the run found at the stop.", [(_at(stop), stop["found"]) for stop in deployed]
    for name, field, what in _COUNTS:
        counted = [stop for stop in deployed if stop[field] is not None]
        yield f"stop_{name}_events", what, [(_at(stop), stop[field]["count"]) for stop in counted]
    copies: list[Sample] = [(_at(stop), stop["duplicates"]["copies"]) for stop in deployed]
    yield "stop_duplicate_copies", "Sightings at the stop that were not the first of their event.", copies
    yield "stop_up", "Whether the stop could be read to the end.", [(_at(stop), not stop["error"]) for stop in deployed]
    measured = [sample for stop in deployed for sample in _latencies(stop)]
    yield "stop_latency_seconds", "Latencies at the stop, from the start or from the stop before.", measured
    loggy = [(_at(stop), stop["latency_ms"] / 1000) for stop in deployed if stop["latency_ms"] is not None]
    yield "stop_loggy_latency_seconds", "Loggy's own latency at the stop, from the start.", loggy


def _latencies(stop: Mapping[str, Any]) -> Iterator[Sample]:
    for since, field in (("start", "from_start"), ("stop_before", "from_stop_before")):
        latency = stop["latency"][field]
        for statistic in _STATISTICS:
            if latency is not None and latency[statistic] is not None:
                yield {**_at(stop), "since": since, "statistic": statistic}, latency[statistic] / 1000


def _of_observations(observations: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, list[Sample]]]:
    lags = [one for one in observations if one["kind"] == "lag"]
    for name, field, what in (
        ("lag_records", "last", "Records that the consumer had not committed at the end."),
        ("lag_highest_records", "highest", "The most records that the consumer had not committed."),
    ):
        known = [one for one in lags if one[field] is not None]
        yield name, what, [({"observation": one["name"]}, one[field]) for one in known]
    letters = [one for one in observations if one["kind"] == "dead_letters"]
    counts: list[Sample] = [({"observation": one["name"]}, one["count"]) for one in letters]
    yield "dead_letter_records", "Records that came into the dead-letter topic during the run.", counts
    of_run: list[Sample] = [({"observation": one["name"]}, one["of_run"]["count"]) for one in letters]
    yield "dead_letter_events", "Events of the run that are in the dead-letter topic.", of_run


def _at(stop: Mapping[str, Any]) -> dict[str, str]:
    return {"stop": stop["name"], "kind": stop["kind"]}


def _family(name: str, what: str, samples: Iterable[Sample]) -> Iterator[str]:
    lines = [f"loggy_commute_{name}{_labels(labels)} {_number(value)}\n" for labels, value in samples]
    if lines:
        yield f"# HELP loggy_commute_{name} {what}\n# TYPE loggy_commute_{name} gauge\n"
        yield from lines


def _labels(labels: Mapping[str, str]) -> str:
    escaped = {
        name: value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"') for name, value in labels.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}" if labels else ""


def _number(value: float) -> str:
    return repr(int(value) if isinstance(value, bool) else value)
