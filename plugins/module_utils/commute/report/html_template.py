# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of the page, and what its sections share, as templates for jinja2.

They are in a Python file because a module that is sent to another host takes only Python files along.
"""

from __future__ import annotations

from .html_sections import SECTIONS

_PARTS = """
{% macro fig(at, unit) -%}
{% set value = look(at) -%}
{% if value is none %}–{% else %}
<data value="{{ value }}" data-at="{{ at }}">{{ value | shown(unit) }}</data>
{%- endif %}
{%- endmacro %}

{% macro mark(tone, label='') -%}
<svg class="mark is-{{ tone }}" viewBox="0 0 26 26"
  {% if label %}role="img" aria-label="{{ label }}"{% else %}aria-hidden="true"{% endif %}
><use href="#mark-{{ tone }}"/></svg>
{%- endmacro %}

{% macro ticks(list, unit='') -%}
<div class="ticks" aria-hidden="true">
{% for x, tick in list %}
<span style="left:{{ x }}%" class="{{ 'first' if x < 6 else 'last' if x > 94 }}">
{{- tick | round_value(unit) if unit else tick -}}
</span>
{% endfor %}
</div>
{%- endmacro %}

{% macro grid(list) -%}
<svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
<path class="rule" d="{% for x, tick in list %}M{{ x }} 0V100{% endfor %}"/>
</svg>
{%- endmacro %}

{% macro row(name, classes='', hidden=false) -%}
<div class="strip {{ classes }}" {{ 'aria-hidden=true' if hidden }}>
<span class="name">{{ name }}</span>
{{ caller() }}
</div>
{%- endmacro %}

{% macro table(label) -%}
<div class="scroll" role="region" aria-label="{{ label }}" tabindex="0"><table>{{ caller() }}</table></div>
{%- endmacro %}

{% macro heads(names) -%}
{% for name in names %}<th scope="col">{{ name }}</th>{% endfor %}
{%- endmacro %}
"""

_MARKS = """
<svg width="0" height="0" class="defs" aria-hidden="true">
<symbol id="mark-good" viewBox="0 0 26 26">
<circle class="body" cx="13" cy="13" r="12"/><path class="sign" d="M7.5 13.4l3.7 3.7 7.3-7.6"/>
</symbol>
<symbol id="mark-warn" viewBox="0 0 26 26">
<path class="body" d="M13 1.8 25 23.4H1z"/><path class="sign" d="M13 9.6v6.2M13 19.4v.2"/>
</symbol>
<symbol id="mark-bad" viewBox="0 0 26 26">
<rect class="body" x="1.5" y="1.5" width="23" height="23" rx="5"/><path class="sign" d="M8.5 8.5l9 9m0-9l-9 9"/>
</symbol>
<symbol id="mark-quiet" viewBox="0 0 26 26"><circle class="ring" cx="13" cy="13" r="8"/></symbol>
</svg>
"""

_PAGE = """<!doctype html>
{% from 'parts' import fig, mark with context %}
{% set verdict_tone = result.word | tone %}
{% set dot = {'good': '1d7a4c', 'warn': '8f5c00', 'bad': 'b8322c'}.get(verdict_tone, '5b6472') %}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Loggy: {{ result.verdict }}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E
%3Ccircle cx='4' cy='4' r='4' fill='%23{{ dot }}'/%3E%3C/svg%3E">
<style>{{ style | safe }}</style>
</head>
<body>
{% include 'marks' %}
<header class="is-{{ verdict_tone }}">
<p class="kicker">Loggy&rsquo;s commute</p>
<h1>{{ mark(verdict_tone) }}<span>{{ result.verdict[:1] | upper }}{{ result.verdict[1:] }}</span></h1>
<p class="line">{{ result.line }}</p>
{% if result.advice %}<p class="advice"><strong>What to do</strong> {{ result.advice }}</p>{% endif %}
<dl class="facts">
<div><dt>logs</dt><dd>{{ fig('sender.planned.count', 'count') }}</dd></div>
{% if deployed %}
{% set last = 'stops.' ~ deployed[-1][0] %}
<div><dt>found at {{ deployed[-1][1].name }}</dt><dd>{{ fig(last ~ '.found', 'count') }}</dd></div>
<div><dt>median latency</dt><dd>{{ fig(last ~ '.latency.from_start.median', 'ms') }}</dd></div>
<div><dt>p99</dt><dd>{{ fig(last ~ '.latency.from_start.p99', 'ms') }}</dd></div>
{% endif %}
<div><dt>took</dt><dd>{{ fig('seconds', 's') }}</dd></div>
</dl>
</header>
<main>
{% include 'way' %}
{% include 'stopped' %}
{% if said %}{% include 'said' %}{% endif %}
{% if hops.measured %}{% include 'latency' %}{% endif %}
{% if flow.seen %}{% include 'flow' %}{% endif %}
{% include 'trend' %}
{% include 'numbers' %}
</main>
<footer>
<p>Run <span class="code">{{ result.run }}</span>, began {{ result.started | clock_time }},
deadline {{ fig('deadline', 's') }}.</p>
<p>The same numbers: commute.json (schema version {{ result.schema_version }}), junit.xml, commute.prom.</p>
</footer>
</body>
</html>
"""

TEMPLATES = {"page": _PAGE, "parts": _PARTS, "marks": _MARKS, **SECTIONS}
