# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""prometheus_dashboard_page: runs all queries of a Grafana dashboard, and draws its panels into one page."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..commute.report.html_page import require_jinja2
from ..commute.report.write import prepare_folder, write_whole
from ..errors import InvalidInput
from ..operation import Context, Operation, Result
from .client import PrometheusClient
from .dashboard import Dashboard, Panel, read_dashboard
from .options import CONNECTION_RULES, CONNECTION_SPEC, prometheus_client
from .page import page
from .series import Series
from .views import Window, alert_views

# As many points as a wide screen can tell apart; Prometheus itself refuses more than 11,000.
_POINTS = 240
_LEAST_STEP = 5.0

ARGUMENT_SPEC: Mapping[str, Any] = {
    **CONNECTION_SPEC,
    "dashboard": {"type": "dict", "required": True},
    "path": {"type": "path"},
    "range": {"type": "float", "default": 3600},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    client = prometheus_client(params)
    dashboard = read_dashboard(params["dashboard"])
    if params["range"] < 60:
        raise InvalidInput(f"range is {params['range']:g}.", advice="Give the seconds to look back, 60 or more.")
    path = Path(params["path"]) if params["path"] else None
    if path and not context.check_mode:
        require_jinja2()
        prepare_folder(path.parent)
    now = time.time()
    window = Window(now - params["range"], now, max(params["range"] / _POINTS, _LEAST_STEP))
    answers = [[_asked(client, panel, window) for panel in row.panels] for row in dashboard.rows]
    alerts = alert_views(client.list_alert_rules(), _history(client, window), window)
    if path and not context.check_mode:
        write_whole(path, page(dashboard, answers, alerts, window, params["url"]))
    return {
        "changed": path is not None,
        "path": str(path) if path else None,
        "panels": _panels(dashboard, answers),
        "empty": _empty(dashboard, answers),
        "alerts": [{"name": one["name"], "state": one["state"]} for one in alerts],
    }


def _asked(client: PrometheusClient, panel: Panel, window: Window) -> list[list[Series]]:
    if panel.kind == "stat":
        return [client.query(query.expr, at=window.end) for query in panel.queries]
    bounds = {"start": window.start, "end": window.end, "step": window.step}
    return [client.query_range(query.expr, **bounds) for query in panel.queries]


def _history(client: PrometheusClient, window: Window) -> list[Series]:
    """Of what is pending for a moment and fires for the rest, both are stretches of their own."""
    expr = "max by (alertname, alertstate) (ALERTS)"
    return client.query_range(expr, start=window.start, end=window.end, step=window.step)


def _panels(dashboard: Dashboard, answers: list[list[list[list[Series]]]]) -> list[dict[str, Any]]:
    return [
        {"title": panel.title, "row": row.title, "series": sum(len(series) for series in found)}
        for row, of_row in zip(dashboard.rows, answers, strict=True)
        for panel, found in zip(row.panels, of_row, strict=True)
    ]


def _empty(dashboard: Dashboard, answers: list[list[list[list[Series]]]]) -> list[dict[str, str]]:
    return [
        {"title": panel.title, "query": query.expr}
        for row, of_row in zip(dashboard.rows, answers, strict=True)
        for panel, found in zip(row.panels, of_row, strict=True)
        for query, series in zip(panel.queries, found, strict=True)
        if not series
    ]


OPERATION = Operation(ARGUMENT_SPEC, run, CONNECTION_RULES)
