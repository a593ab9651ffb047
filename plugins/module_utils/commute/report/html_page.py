# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A result as one page of HTML that needs nothing from outside itself. What it says is the result's; it judges nothing.

Every number of the result stands in a ``data`` element that names its place in commute.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ...errors import MissingLibrary
from . import html_charts as charts
from . import html_views as views
from .html_style import STYLE
from .html_template import TEMPLATES
from .html_way import tone, way

NAME = "commute.html"


def require_jinja2() -> Any:
    """:raises MissingLibrary: it comes with ansible-core, which another host that a module is sent to need not have."""
    try:
        import jinja2
    except ImportError as error:
        raise MissingLibrary("jinja2", error) from error
    return jinja2


def page(result: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> str:
    """:param result: as docs/commute.schema.json describes it.
    :param runs: the history with this run, oldest first.
    """
    jinja2 = require_jinja2()
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(shown=charts.shown, round_value=charts.round_value, rate=charts.rate)
    environment.filters.update(tone=tone, clock_time=_clock_time)
    environment.globals.update(look=lambda at: _look(result, at))
    deployed = [(number, stop) for number, stop in enumerate(result["stops"]) if stop["deployed"]]
    observations = list(enumerate(result["observations"]))
    rendered: str = environment.get_template("page").render(
        style=STYLE,
        result=result,
        way=way(result),
        deployed=deployed,
        figures=views.FIGURES,
        strips=views.strips(result, deployed),
        hops=views.hops(deployed),
        spans=views.spans(deployed, result["limits"]["latency_ms"]),
        flow=views.flow(result, deployed, observations),
        letters=[(number, one) for number, one in observations if one["kind"] == "dead_letters"],
        said=views.said(result),
        trend=views.trend(runs, result["run"]),
    )
    return rendered


def _look(result: Mapping[str, Any], at: str) -> Any:
    """The value at a place such as ``stops.0.found``."""
    value: Any = result
    for step in at.split("."):
        value = value[int(step)] if isinstance(value, Sequence) else value[step]
    return value


def _clock_time(moment: str) -> str:
    return datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M:%S UTC")
