# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short table of a result for people: what a task's output shows. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...ranges import Ranges
from ..verdict import Word, without_loggy


def table(sent: Mapping[str, Any], stops: Sequence[Mapping[str, Any]]) -> str:
    """A line for the sender and one for each stop, in columns."""
    rows = [("stop", "status", "Loggy", "latency", "neighbours")]
    neighbours = sent["planned"]["count"] - 1
    rows.append(_sender_row(sent, neighbours))
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


def _sender_row(sent: Mapping[str, Any], neighbours: int) -> tuple[str, str, str, str, str]:
    if sent["acknowledged"] is None:
        return ("sender", "not known", sent["destination"], "", "")
    status = "acknowledged" if sent["acknowledged"] == sent["planned"] else "not acknowledged"
    shown = f"{_neighbours(sent['acknowledged'])} of {neighbours}"
    return ("sender", status, sent["destination"], "", shown)


def _neighbours(numbers: Mapping[str, Any]) -> int:
    ranges = Ranges((first, last) for first, last in numbers["ranges"])
    return int(numbers["count"]) - (len(ranges) - len(without_loggy(ranges)))
