# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels of a Grafana dashboard, as far as they can be drawn without Grafana. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InvalidInput

KINDS = ("stat", "timeseries")


@dataclass(frozen=True)
class Query:
    expr: str
    legend: str


@dataclass(frozen=True)
class Panel:
    """:param width: in columns, of which a dashboard has 24."""

    title: str
    kind: str
    unit: str
    description: str
    width: int
    queries: Sequence[Query]


@dataclass(frozen=True)
class Row:
    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Dashboard:
    title: str
    description: str
    rows: Sequence[Row]


def read_dashboard(model: Mapping[str, Any]) -> Dashboard:
    """:param model: Grafana's JSON. Panels of other kinds than ``KINDS`` are left out.

    :raises InvalidInput: for what is no dashboard, and for one of which nothing is left.
    """
    title, listed = model.get("title"), model.get("panels")
    if not isinstance(title, str) or not isinstance(listed, list):
        raise InvalidInput(
            "dashboard has no title or no panels.", advice="Give what Grafana exports: an object with title and panels."
        )
    rows: list[Row] = []
    for panel in _flat(listed):
        if panel.get("type") == "row":
            rows.append(Row(str(panel.get("title", "")), []))
        elif panel.get("type") in KINDS:
            last = rows.pop() if rows else Row("", [])
            rows.append(replace(last, panels=[*last.panels, _panel(panel)]))
    filled = [row for row in rows if row.panels]
    if not filled:
        raise InvalidInput(
            f'The dashboard "{title}" has no panel that can be drawn.',
            advice=f"Panels of the types {' and '.join(KINDS)} can.",
        )
    return Dashboard(title, str(model.get("description", "")), filled)


def _flat(panels: Sequence[Any]) -> list[Mapping[str, Any]]:
    """A row that was folded up keeps its panels inside itself."""
    flat: list[Mapping[str, Any]] = []
    for panel in panels:
        if isinstance(panel, Mapping):
            flat += [panel, *_flat(panel.get("panels") or [])]
    return flat


def _panel(panel: Mapping[str, Any]) -> Panel:
    targets = [one for one in panel.get("targets") or [] if isinstance(one, Mapping) and one.get("expr")]
    return Panel(
        title=str(panel.get("title", "")),
        kind=panel["type"],
        unit=str(panel.get("fieldConfig", {}).get("defaults", {}).get("unit") or "short"),
        description=str(panel.get("description", "")),
        width=int(panel.get("gridPos", {}).get("w", 12)),
        queries=[Query(str(one["expr"]), _legend(one)) for one in targets],
    )


def _legend(target: Mapping[str, Any]) -> str:
    template = str(target.get("legendFormat") or "")
    return "" if template == "__auto" else template
