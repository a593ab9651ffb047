# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A commute's result as JSON-ready values, as docs/commute.schema.json describes them. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...log.event import iso_time
from ...log.send import counted
from ..account import Account
from ..latency import Latency, Stretches, latency_between, span, stretches
from ..verdict import Limits, Seen, Verdict

SCHEMA_VERSION = 1


def stop_results(
    seen: Sequence[Seen], accounts: Mapping[str, Account], health: Mapping[str, str], limits: Limits, started_us: int
) -> list[dict[str, Any]]:
    """:param accounts: by the name of the stop; those deployed.
    :param health: likewise, of those that were asked.
    :param started_us: microseconds since 1970.
    """
    spans = {name: span(account.seen_us) for name, account in accounts.items()}
    columns = stretches(started_us, spans.values())
    results = []
    before: str | None = None
    for stop in seen:
        result = {"name": stop.name, "kind": stop.kind, "deployed": stop.deployed, "status": str(stop.word(limits))}
        if stop.deployed:
            account = accounts[stop.name]
            result |= _found(stop, account, spans[stop.name])
            result["health"] = health.get(stop.name)
            result["latency"] = {
                "from_start": latency_result(latency_between(account.starts.us, account.seen_us), account.clock),
                "from_stop_before": None if before is None else _from_before(before, accounts[before], account),
            }
            result["throughput"] = throughput_result(columns, account)
            before = stop.name
        results.append(result)
    return results


def _found(seen: Seen, account: Account, times: tuple[int, int] | None) -> dict[str, Any]:
    """:param times: the first and the last, microseconds since 1970."""
    loggy = account.loggy
    latency = account.latency_ms if loggy else None
    return {
        "place": loggy.place if loggy else None,
        "where": dict(loggy.where) if loggy else None,
        "latency_ms": latency,
        "latency_clock": None if latency is None else account.clock,
        "expected": account.expected,
        "found": account.found,
        "missing": counted(seen.missing),
        "duplicates": {**counted(seen.duplicates), "copies": account.copies},
        "out_of_order": None if seen.out_of_order is None else counted(seen.out_of_order),
        "unexpected": {"count": account.unexpected_count, "ranges": account.unexpected.pairs()},
        "unproven": None if seen.unproven is None else counted(seen.unproven),
        "first_time": iso_time(times[0]) if times else None,
        "last_time": iso_time(times[1]) if times else None,
        "error": seen.error or None,
    }


def latency_result(latency: Latency, clock: str) -> dict[str, Any]:
    """:param clock: whose clock told the end."""
    return {
        "count": len(latency.rising),
        "min": latency.quantile(0),
        "median": latency.quantile(0.5),
        "p95": latency.quantile(0.95),
        "p99": latency.quantile(0.99),
        "max": latency.quantile(1),
        "clock": clock,
        "negative": latency.negative,
        "histogram": [{"le": bound, "count": count} for bound, count in latency.histogram()],
    }


def throughput_result(columns: Stretches, account: Account) -> dict[str, Any]:
    return {
        "bucket_seconds": columns.seconds,
        "from": iso_time(columns.start_us),
        "counts": columns.counts(account.seen_us),
    }


def _from_before(name: str, before: Account, account: Account) -> dict[str, Any]:
    return {"stop": name, **latency_result(latency_between(before.seen_us, account.seen_us), account.clock)}


def verdict_result(verdict: Verdict, advice: str | None) -> dict[str, Any]:
    return {
        "verdict": str(verdict),
        "word": str(verdict.word.value),
        "stop": verdict.stop,
        "last_seen": verdict.last_seen,
        "numbers": counted(verdict.numbers),
        "line": verdict.line,
        "advice": advice,
    }


def limits_result(limits: Limits) -> dict[str, Any]:
    return {"latency_ms": limits.latency_ms, "lost": limits.lost, "duplicated": limits.duplicated}
