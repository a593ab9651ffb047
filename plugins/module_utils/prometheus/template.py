# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template and the style of a dashboard's page, on top of those of a commute's."""

from __future__ import annotations

_COLOURS = (
    ("#3457c4", "#8ea9ff"),
    ("#b3560b", "#f0a35e"),
    ("#0b7a75", "#5fd0c5"),
    ("#8a3fb0", "#cf9cf0"),
    ("#6b6a00", "#c3cf5a"),
    ("#c2307f", "#f58fc0"),
    ("#7a5230", "#c9a27e"),
    ("#5b6472", "#a2abb9"),
)


def _variables(scheme: int) -> str:
    return " ".join(f"--line-{number}: {colours[scheme]};" for number, colours in enumerate(_COLOURS))


# From the fifth on, lines are dashed: who sees no colours tells them apart, too.
_LINES = "\n".join(
    f".line-{number} {{ --line: var(--line-{number}); {'--dash: 5 4;' if number >= 4 else ''} }}"
    for number in range(len(_COLOURS))
)

STYLE = f"""
:root {{ {_variables(0)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(1)} }} }}
@media print {{ :root {{ {_variables(0)} }} }}
{_LINES}
.board {{ display: grid; grid-template-columns: repeat(24, minmax(0, 1fr)); gap: 1.75rem 1.25rem; }}
.panel {{ grid-column: span var(--width); min-width: 0; }}
.panel h3 {{ font-size: .9375rem; }}
.panel .note {{ margin-top: .15rem; font-size: .8125rem; }}
.figure {{ font-size: 1.75rem; font-weight: 620; letter-spacing: -.015em; line-height: 1.3; margin-top: .25rem; }}
.figure .name {{ font-size: .875rem; font-weight: 400; color: var(--soft); }}
.empty {{ color: var(--soft); margin-top: .5rem; }}
.panel .frame {{ height: 8rem; }}
.top {{ color: var(--soft); font-size: .75rem; margin-top: .4rem; }}
.panel .top + .frame {{ margin-top: .1rem; }}
.series {{
  fill: none; stroke: var(--line); stroke-width: 1.75; stroke-linejoin: round; stroke-dasharray: var(--dash, none);
}}
.series.single {{ stroke-width: 5; stroke-linecap: round; stroke-dasharray: none; }}
.legend {{ width: 100%; margin-top: .35rem; font-size: .8125rem; min-width: 0; }}
.legend th {{ text-align: left; font-weight: 400; white-space: normal; overflow-wrap: anywhere; }}
.legend thead th {{ color: var(--soft); }}
.legend th.number {{ text-align: right; white-space: nowrap; }}
.legend th, .legend td {{ padding: .2rem .6rem .2rem 0; vertical-align: top; }}
.legend th:last-child, .legend td:last-child {{ padding-right: 0; }}
.legend svg {{ width: 1.1rem; height: .5rem; margin-right: .35rem; vertical-align: middle; }}
.alerts .about-it {{ font-size: .875rem; color: var(--soft); }}
.alerts li {{ padding: .5rem 0; border-top: 1px solid var(--rule); }}
.alerts li:first-child {{ border-top: 0; }}
@media (max-width: 48rem) {{
  .board {{ grid-template-columns: repeat(2, minmax(0, 1fr)); }}
  .panel {{ grid-column: span 2; }}
  .panel.is-figure {{ grid-column: span 1; }}
  .figure {{ font-size: 1.375rem; }}
}}
@media (max-width: 40rem) {{ .strip.axis .ends-of-axis {{ grid-column: 1 / -1; }} }}
@media print {{ .panel {{ break-inside: avoid; }} }}
"""

_BOARD = """<!doctype html>
{% from 'parts' import mark with context %}
{% set dot = {'good': '1d7a4c', 'warn': '8f5c00', 'bad': 'b8322c'}[tone] %}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ dashboard.title }}: {{ headline }}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E
%3Ccircle cx='4' cy='4' r='4' fill='%23{{ dot }}'/%3E%3C/svg%3E">
<style>{{ style | safe }}</style>
</head>
<body>
{% include 'marks' %}
<header class="is-{{ tone }}">
<p class="kicker">{{ dashboard.title }}</p>
<h1>{{ mark(tone) }}<span>{{ headline }}</span></h1>
<p class="line">{{ dashboard.description }}</p>
</header>
<main>
{% if alerts %}
<section aria-labelledby="alerts" class="alerts">
<h2 id="alerts">Alerts</h2>
<ul role="list">
{% for alert in alerts %}
<li>
<div class="strip">
<span class="name">{{ alert.name }}</span>
<div class="bar"><svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
<rect class="base" x="0" y="35" width="100" height="30"/>
{% for one in alert.stretches %}
<rect class="part is-{{ one.state | state_tone }}" x="{{ one.x }}" y="20" width="{{ one.width }}" height="60"/>
{% endfor %}
</svg></div>
<span class="marks is-{{ alert.state | state_tone }}"><span>
{{- 'resolved' if alert.state == 'inactive' else alert.state -}}
</span></span>
</div>
{% for one in alert.alerts %}
<p class="about-it">{{ one.annotations.summary or one.labels | dictsort | map('join', '=') | join(', ') }}
{{ one.annotations.action }}
{% if one.annotations.runbook_url %}<br>{{ one.annotations.runbook_url }}{% endif %}</p>
{% endfor %}
</li>
{% endfor %}
</ul>
<div class="strip axis" aria-hidden="true"><span></span><div class="ends-of-axis">
<span>{{ window.start | clock }}</span><span>{{ window.end | clock }}</span></div><span></span></div>
</section>
{% endif %}
{% for row, panels in rows %}
<section aria-label="{{ row.title or dashboard.title }}">
{% if row.title %}<h2>{{ row.title }}</h2>{% endif %}
<div class="board">
{% for view in panels %}
{% set panel = view.panel %}
<article class="panel{{ ' is-figure' if panel.kind == 'stat' }}" style="--width:{{ panel.width }}">
<h3>{{ panel.title }}</h3>
{% if view.is_empty %}
<p class="empty">no data</p>
{% elif panel.kind == 'stat' %}
{% for name, value in view.figures %}
<p class="figure"><data value="{{ value }}">{{ value | shown(panel.unit) }}</data>
{% if name %}<span class="name">{{ name }}</span>{% endif %}</p>
{% endfor %}
{% else %}
<p class="top" aria-hidden="true">{{ view.most | shown(panel.unit) }}</p>
<div class="frame"><svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
<path class="rule" d="M0 4H100M0 52H100"/>
{% for line in view.lines %}
<g class="line-{{ loop.index0 }}"><path class="series" d="{{ line.path }}"/>
{%- if line.dots %}<path class="series single" d="{{ line.dots }}"/>{% endif %}</g>
{% endfor %}
</svg></div>
<div class="ends-of-axis" aria-hidden="true">
<span>{{ window.start | clock }}</span><span>{{ window.end | clock }}</span></div>
<table class="legend">
<thead><tr><th scope="col"><span class="unseen">what</span></th><th scope="col" class="number">now</th>
<th scope="col" class="number">most</th></tr></thead>
<tbody>
{% for line in view.lines %}
<tr><th scope="row" class="line-{{ loop.index0 }}"><svg viewBox="0 0 18 6" aria-hidden="true"
><path class="series" d="M0 3H18"/></svg>{{ line.name or panel.title }}</th>
<td><data value="{{ line.last }}">{{ line.last | shown(panel.unit) }}</data></td>
<td><data value="{{ line.most }}">{{ line.most | shown(panel.unit) }}</data></td></tr>
{% endfor %}
</tbody>
</table>
{% endif %}
{% if view.left_out %}<p class="note">and {{ view.left_out }} more</p>{% endif %}
{% if panel.description %}<p class="note">{{ panel.description }}</p>{% endif %}
</article>
{% endfor %}
</div>
</section>
{% endfor %}
</main>
<footer>
<p>From {{ window.start | clock('%Y-%m-%d %H:%M:%S') }} to {{ window.end | clock('%Y-%m-%d %H:%M:%S') }} UTC,
asked of {{ url }}.</p>
</footer>
</body>
</html>
"""

TEMPLATES = {"board": _BOARD}
