# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dashboard as one page of HTML that needs nothing from outside itself, and no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..commute.report import html_style, html_template
from ..commute.report.html_page import require_jinja2
from . import views
from .dashboard import Dashboard
from .series import Series
from .template import STYLE, TEMPLATES
from .views import Window


def page(
    dashboard: Dashboard,
    answers: Sequence[Sequence[Sequence[Sequence[Series]]]],
    alerts: Sequence[Mapping[str, Any]],
    window: Window,
    url: str,
) -> str:
    """:param answers: by row, panel and query; :param alerts: as ``views.alert_views`` makes them."""
    jinja2 = require_jinja2()
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({**html_template.TEMPLATES, **TEMPLATES}),
        autoescape=True,
        undefined=jinja2.ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(shown=views.shown, round_value=views.shown, clock=views.clock, state_tone=views.tone)
    tone, headline = views.headline(alerts)
    rendered: str = environment.get_template("board").render(
        style=html_style.STYLE + STYLE,
        dashboard=dashboard,
        rows=[
            (row, [views.panel_view(panel, found, window) for panel, found in zip(row.panels, of_row, strict=True)])
            for row, of_row in zip(dashboard.rows, answers, strict=True)
        ],
        alerts=alerts,
        window=window,
        url=url,
        tone=tone,
        headline=headline,
    )
    return rendered
