# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a page for a browser: no script, nothing from anywhere else. Makes no figure of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 1rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; } .wide { overflow-x: auto; }
th, td { border-bottom: 1px solid #8886; padding: .25rem .5rem; text-align: left; white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; } .bad { font-weight: bold; }
"""
_STOP_COLUMNS = ("seen", "lost", "late", "duplicates", "unexpected", "out_of_order", "unproven")


def page(report: Mapping[str, Any]) -> str:
    said = f"Loggy {report['sent']} times sent: {report['arrived']} arrived in time, {report['lost']} did not, "
    said += f"{report['on_the_way']['count']} on the way, {report['skipped']} skipped."
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="10">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Loggy's canary</title><style>{_STYLE}</style></head><body><main><h1>Loggy's canary</h1>"
        f"<p>{escape(said)}</p>{_trouble(report)}"
        f"<p>Run <code>{escape(report['run'])}</code>, at {escape(report['time'])}. "
        f"Deadline: {report['deadline']:g} seconds.</p>"
        + _table("Stops", ("stop", "kind", "state", *_STOP_COLUMNS, "missing"), map(_stop, report["stops"]))
        + _list("On the way", ("number", "sent", "seconds", "seen"), report["on_the_way"]["loggys"])
        + _list("Last verdicts", ("number", "sent", "verdict", "seconds"), report["last_verdicts"])
        + _list("Last losses", ("number", "verdict", "sent", "judged", "last_seen", "came"), report["last_losses"])
        + _list("Last outages", ("stop", "from", "to", "seconds", "error"), report["last_outages"])
        + "</main></body></html>"
    )


def _trouble(report: Mapping[str, Any]) -> str:
    return f'<p class="bad">The canary itself: {escape(report["trouble"])}</p>' if report["trouble"] else ""


def _stop(stop: Mapping[str, Any]) -> Sequence[Any]:
    state = "up" if stop["up"] else f"down: {stop['error'] or 'not read yet'}"
    return (stop["name"], stop["kind"], state, *(stop[name] for name in _STOP_COLUMNS), stop["missing"]["count"])


def _list(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return f"<h2>{escape(title)}</h2><p>None.</p>"
    return _table(title, columns, ([row[name] for name in columns] for row in rows))


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f'<th scope="col">{escape(name.replace("_", " "))}</th>' for name in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<h2>{escape(title)}</h2><div class="wide">{table}</div>'


def _cell(value: Any) -> str:
    if isinstance(value, float):
        value = f"{value:.1f}"
    if isinstance(value, int) or (isinstance(value, str) and value.replace(".", "", 1).isdigit()):
        return f'<td class="number">{value}</td>'
    if isinstance(value, list):
        value = ", ".join(value)
    return f"<td>{escape('-' if value is None else str(value))}</td>"
