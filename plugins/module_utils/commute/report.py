# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a commute leaves behind: its result as JSON-ready values, a short table, the report's file. Judges nothing."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import InvalidInput
from ..log.event import iso_time
from ..log.send import counted
from ..ranges import Ranges
from .account import Account
from .verdict import Seen, Verdict, Word, without_loggy

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


def table(sent: Mapping[str, Any], stops: Sequence[Mapping[str, Any]]) -> str:
    """A line for the sender and one for each stop, in columns."""
    rows = [("stop", "status", "Loggy", "latency", "neighbours")]
    neighbours = sent["planned"]["count"] - 1
    acknowledged = _neighbours(sent["acknowledged"])
    status = "acknowledged" if sent["acknowledged"] == sent["planned"] else "not acknowledged"
    rows.append(("sender", status, sent["destination"], "", f"{acknowledged} of {neighbours}"))
    rows += [_row(stop, neighbours) for stop in stops]
    return _columns(rows)


def reachability_table(stops: Sequence[Mapping[str, Any]]) -> str:
    """For check mode: a line for each stop, whether it could be read."""
    rows = [("stop", "kind", "state")]
    for stop in stops:
        state = "reachable" if stop["reachable"] else stop["error"] or str(Word.NOT_DEPLOYED)
        rows.append((stop["name"], stop["kind"], state))
    return _columns(rows)


def _columns(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _row(stop: Mapping[str, Any], neighbours: int) -> tuple[str, str, str, str, str]:
    if not stop["deployed"]:
        return (stop["name"], stop["status"], "-", "-", "-")
    found = neighbours - _neighbours(stop["missing"])
    note = f", {stop['duplicates']['copies']} copies" if stop["duplicates"]["copies"] else ""
    latency = stop["latency_ms"]
    shown = "-" if latency is None else f"{latency:.0f} ms"
    return (stop["name"], stop["status"], stop["place"] or "not found", shown, f"{found} of {neighbours}{note}")


def _neighbours(numbers: Mapping[str, Any]) -> int:
    ranges = Ranges((first, last) for first, last in numbers["ranges"])
    return int(numbers["count"]) - (len(ranges) - len(without_loggy(ranges)))


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else iso_time(round(seconds * 1_000_000))


def prepare_report(path: Path) -> None:
    """Finds out before anything is sent whether the report can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    if path.is_dir():
        raise _unwritable(path, IsADirectoryError(errno.EISDIR, "it is a folder"))
    if not os.access(path.parent, os.W_OK):
        raise _unwritable(path, PermissionError(errno.EACCES, "no permission"))


def write_report(path: Path, result: Mapping[str, Any]) -> None:
    """Replaces the file as a whole, so that no reader ever sees half a report."""
    text = json.dumps({"schema_version": SCHEMA_VERSION, **result}, indent=2) + "\n"
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput(f"Could not write the report {path}: {error.strerror}.", advice="Check report_path.")
