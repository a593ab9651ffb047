# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A commute's result as JSON-ready values, as docs/commute.schema.json describes them. Judges nothing."""

from __future__ import annotations

from typing import Any

from ...log.event import iso_time
from ...log.send import counted
from ..account import Account
from ..verdict import Seen, Verdict

SCHEMA_VERSION = 1


def stop_result(seen: Seen, account: Account | None, health: str | None) -> dict[str, Any]:
    """:param account: None for a stop that is not deployed, and so was not asked."""
    result: dict[str, Any] = {"name": seen.name, "kind": seen.kind, "deployed": seen.deployed, "status": str(seen.word)}
    if account is None:
        return result
    loggy = account.loggy
    return {
        **result,
        "place": loggy.place if loggy else None,
        "where": dict(loggy.where) if loggy else None,
        "latency_ms": loggy.latency_ms if loggy else None,
        "latency_clock": loggy.clock if loggy else None,
        "expected": account.expected,
        "found": account.found,
        "missing": counted(seen.missing),
        "duplicates": {**counted(seen.duplicates), "copies": account.copies},
        "unexpected": {"count": account.unexpected_count, "ranges": account.unexpected.pairs()},
        "unproven": None if seen.unproven is None else counted(seen.unproven),
        "first_time": _time(account.first_at),
        "last_time": _time(account.last_at),
        "error": seen.error or None,
        "health": health,
    }


def verdict_result(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": str(verdict),
        "stop": verdict.stop,
        "last_seen": verdict.last_seen,
        "numbers": counted(verdict.numbers),
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else iso_time(round(seconds * 1_000_000))
