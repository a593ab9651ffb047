# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sections of the page as templates for jinja2: words and marks, no arithmetic."""

from __future__ import annotations

_WAY = """
{% from 'parts' import fig, mark with context %}
<section aria-labelledby="way">
<h2 id="way">Loggy&rsquo;s way</h2>
<ol role="list" class="way{{ ' wide' if way.wide }}{{ ' eventful' if way.eventful }}"
  style="--stations:{{ way.stations | length }}">
{% for station in way.stations %}
{% set leg, onward = station.leg, '' if loop.last else loop.nextitem.leg.tone %}
<li class="is-{{ station.tone }}{{ ' absent' if not station.deployed }}">
<svg class="track" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
{% if leg %}<path class="rail {{ leg.tone }}" d="M-1 50H50"/>{% endif %}
{% if onward %}<path class="rail {{ onward }}" d="M50 50H101"/>{% endif %}
</svg>
{% if leg %}
<div class="leg {{ leg.tone }}">
{% if leg.hop and look(leg.hop) is not none %}
<span class="hop"><span class="unseen">median from the stop before: </span>{{ fig(leg.hop, 'ms') }}</span>
{% endif %}
{% if leg.lost or leg.beside or leg.doubled %}
<span class="events">
<svg class="branch is-{{ 'bad' if leg.lost or leg.beside else 'warn' }}" viewBox="0 0 40 30" aria-hidden="true">
{% if leg.lost %}<path d="M4 0C14 0 20 6 20 14V25"/><path class="buffer" d="M11 27h18"/>
{% elif leg.beside %}<path d="M20 27V5M14.5 10.5 20 4l5.5 6.5"/>
{% else %}<path d="M30 2v8a10 10 0 0 1-20 0V5M4.5 10.5 10 4l5.5 6.5"/>{% endif %}
</svg>
{% if leg.lost %}<strong class="chip is-bad">{{ leg.lost.count | shown('count') }} lost</strong>{% endif %}
{% if leg.beside %}<strong class="chip is-bad">{{ leg.beside | shown('count') }} not through Kafka</strong>{% endif %}
{% if leg.doubled %}<strong class="chip is-warn">{{ leg.doubled | shown('count') }} twice</strong>{% endif %}
</span>
{% endif %}
</div>
{% endif %}
<div class="about {{ onward }}">
{{ mark(station.tone) }}
<h3>{{ station.name }}</h3>
{% if station.loggy %}
<span class="loggy"><span aria-hidden="true">( Loggy ) :D</span>
<span class="unseen">Loggy was seen last here.</span></span>
{% endif %}
<p class="status">{{ station.status }}</p>
{% if station.found %}
<p class="found">{{ fig(station.found, 'count') }} of {{ fig(station.expected, 'count') }}</p>
{% endif %}
{% if station.place %}
<p class="place">
{%- for part in station.place.split('/') %}{{ part }}{% if not loop.last %}/<wbr>{% endif %}{% endfor -%}
</p>
{% endif %}
</div>
</li>
{% endfor %}
</ol>
</section>
"""

_STOPPED = """
{% from 'parts' import fig, mark, row, table, heads with context %}
<section aria-labelledby="stopped">
<h2 id="stopped">Where each log stopped</h2>
<ul role="list" class="ends">
{% if deployed and deployed[-1][1].found %}
<li>{{ mark('good') }}<span>
<strong>{{ fig('stops.' ~ deployed[-1][0] ~ '.found', 'count') }}</strong> reached {{ deployed[-1][1].name }}
</span></li>
{% endif %}
{% for end in way.ends %}
<li>{{ mark('bad') }}<span><strong>{{ end.count | shown('count') }}</strong> stopped between {{ end.last_seen }} and
<strong>{{ end.before }}</strong>{% if end.numbers %}: <span class="numbers">{{ end.numbers }}</span>{% endif %}
</span></li>
{% endfor %}
{% for number, one in letters %}
{% set at = 'observations.' ~ number %}
<li>{{ mark('bad' if one.of_run.count else 'quiet') }}<span>
<strong>{{ fig(at ~ '.of_run.count', 'count') }}</strong> of this run came into {{ one.name }},
{{ fig(at ~ '.count', 'count') }} in all
</span></li>
{% endfor %}
{% if way.unsent %}
<li>{{ mark('quiet') }}<span>
<strong>{{ way.unsent | shown('count') }}</strong> {{ 'was' if way.unsent == 1 else 'were' }} never sent
</span></li>
{% endif %}
</ul>
{% if strips %}
<div class="strips">
{% for strip in strips %}
{% call row(strip.name) %}
<span class="bar">
<svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
<rect class="base" width="100" height="100"/>
{% for drawn in strip.marks %}
{% for x, width in drawn.wide %}
<rect class="part is-{{ drawn.tone }}" x="{{ x }}" y="0" width="{{ width }}" height="100"/>
{% endfor %}
{% if drawn.narrow %}<path class="hair is-{{ drawn.tone }}" d="{{ drawn.narrow }}"/>{% endif %}
{% endfor %}
</svg>
</span>
<span class="marks">
{% for drawn in strip.marks %}
<span class="is-{{ drawn.tone }}">{{ fig(drawn.at, 'count') }} {{ drawn.word }}</span>
{% else %}<span>all</span>{% endfor %}
</span>
{% endcall %}
{% endfor %}
{% call row('', 'axis', true) %}
<span class="bar ends-of-axis">
<span>Loggy</span><span>neighbour {{ (deployed[0][1].expected - 1) | shown('count') }}</span>
</span>
{% endcall %}
</div>
{% endif %}
{% for number, one in letters if one.reasons %}
<h3 class="sub">Why in {{ one.name }}</h3>
{% call table('Reasons in ' ~ one.name) %}
<thead><tr><th scope="col">logs</th><th scope="col" class="text">reason</th></tr></thead>
<tbody>
{% for reason in one.reasons %}
<tr><td>{{ fig('observations.' ~ number ~ '.reasons.' ~ loop.index0 ~ '.count', 'count') }}</td>
<td class="text code">{{ reason.reason }}</td></tr>
{% endfor %}
</tbody>
{% endcall %}
{% endfor %}
</section>
"""

_SAID = """
<section aria-labelledby="said">
<h2 id="said">What the stops say of themselves</h2>
<dl class="said">
{% for one in said %}
<div><dt>{{ one.name }}</dt><dd>
{% if one.error %}<p class="is-bad">{{ one.error }}</p>{% endif %}
{% if one.health %}<p>{{ one.health }}</p>{% endif %}
</dd></div>
{% endfor %}
</dl>
</section>
"""

_LATENCY = """
{% from 'parts' import fig, ticks, grid, row, table, heads with context %}
<section aria-labelledby="latency">
<h2 id="latency">Latency</h2>
<div class="cards" style="--columns:{{ 3 if hops.list | length in (3, 5, 6) else 2 }}">
{% for hop in hops.list %}
<figure aria-labelledby="hop-{{ loop.index }}">
<figcaption><h3 id="hop-{{ loop.index }}">{{ hop.from }} <span role="img" aria-label="to">→</span> {{ hop.to }}</h3>
</figcaption>
{% if not hop.bars %}<p class="note">No log that both ends saw.</p>{% else %}
<div class="frame">
{{ grid(hops.ticks) }}
<svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" role="img"
  aria-label="Histogram of the latency from {{ hop.from }} to {{ hop.to }}; its numbers are in the table below it.">
{% for x, y, width, height in hop.bars %}
<rect class="bin" x="{{ x }}" y="{{ y }}" width="{{ width }}" height="{{ height }}"/>
{% endfor %}
</svg>
</div>
{{ ticks(hops.ticks, 'ms') }}
<dl class="five">
{% for figure in figures %}<div><dt>{{ figure }}</dt><dd>{{ fig(hop.at ~ '.' ~ figure, 'ms') }}</dd></div>{% endfor %}
</dl>
<details><summary>Show the numbers<span class="unseen"> from {{ hop.from }} to {{ hop.to }}</span></summary>
{% call table('Histogram from ' ~ hop.from ~ ' to ' ~ hop.to) %}
<thead><tr>{{ heads(['up to', 'logs']) }}</tr></thead>
<tbody>
{% for edge, at in hop.bins %}
<tr><th scope="row">{{ 'above' if edge is none else edge | round_value('ms') }}</th>
<td>{{ fig(at, 'count') if at else 0 }}</td></tr>
{% endfor %}
</tbody>
{% endcall %}
</details>
{% if hop.latency.negative %}
<p class="note">{{ fig(hop.at ~ '.negative', 'count') }} of {{ fig(hop.at ~ '.count', 'count') }} seem to end before
they began: the clocks differ, or the stop before was read later.</p>
{% elif hop.latency.clock != 'host' %}
<p class="note">Arrival is by the {{ hop.latency.clock }}&rsquo;s clock.</p>
{% endif %}
{% endif %}
</figure>
{% endfor %}
</div>
{% if spans.rows %}
<h3 class="sub">From the start to each stop</h3>
<figure aria-label="From the start to each stop, on one scale; the numbers are among all numbers, below.">
{% for span in spans.rows %}
{% call row(span.name) %}
<span class="bar">
{{ grid(spans.ticks) }}
<svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
<path class="reach" d="M{{ span.x.min }} 50H{{ span.x.max }}"/>
<path class="most" d="M{{ span.x.min }} 50H{{ span.x.p99 }}"/>
<path class="middle" d="M{{ span.x.median }} 50h0"/>
{% if spans.limit is not none %}<path class="limit" d="M{{ spans.limit }} 0V100"/>{% endif %}
</svg>
</span>
<span class="marks">
<span><span class="key">median</span> {{ fig(span.at ~ '.median', 'ms') }}</span>
<span><span class="key">p99</span> {{ fig(span.at ~ '.p99', 'ms') }}</span>
</span>
{% endcall %}
{% endfor %}
{% call row('', 'axis', true) %}<span class="bar">{{ ticks(spans.ticks, 'ms') }}</span>{% endcall %}
</figure>
<p class="note">The dot is the median; the bar ends at p99, the line at the longest.
{% if spans.limit is not none %}The limit is {{ fig('limits.latency_ms', 'ms') }}.{% endif %}</p>
{% endif %}
</section>
"""

_FLOW = """
{% from 'parts' import fig, ticks, grid, row, table, heads with context %}
{% macro area(one) %}
<span class="bar">{{ grid(flow.ticks) }}
<svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
<path class="area" d="{{ one.area }}"/><path class="outline" d="{{ one.outline }}"/>
</svg></span>
{% endmacro %}
<section aria-labelledby="throughput">
<h2 id="throughput">Throughput{{ ' and consumer lag' if flow.lags }}</h2>
<figure aria-label="Throughput over time; its numbers are in the table below it.">
{% for one in flow.rows %}
{% call row(one.name, 'tall') %}
{{ area(one) }}
<span class="marks"><span><span class="key">peak</span> {{ one.peak | rate }}/s</span></span>
{% endcall %}
{% endfor %}
{% for lag in flow.lags %}
{% call row(lag.name, 'tall') %}
{{ area(lag) }}
<span class="marks">
<span><span class="key">highest</span> {{ fig(lag.at ~ '.highest', 'count') }}</span>
<span><span class="key">last</span> {{ fig(lag.at ~ '.last', 'count') }}</span>
</span>
{% endcall %}
{% endfor %}
{% call row('', 'axis', true) %}<span class="bar">{{ ticks(flow.ticks) }}</span>{% endcall %}
</figure>
<p class="note">Seconds since the beginning of the run. The stops share one scale of logs per second, counted in
stretches of {{ flow.bucket | round_value('s') }}{{ '; a lag has its own, in records' if flow.lags }}.</p>
<details><summary>Show the numbers<span class="unseen"> of throughput</span></summary>
{% call table('Throughput over time') %}
<thead><tr><th scope="col" class="text">stop</th>{{ heads(['from second', 'logs']) }}</tr></thead>
<tbody>
{% for one in flow.rows %}
{% for second, at in one.table %}
<tr><th scope="row" class="text">{{ one.name }}</th><td>{{ second }}</td><td>{{ fig(at, 'count') }}</td></tr>
{% endfor %}
{% endfor %}
</tbody>
{% endcall %}
{% for lag in flow.lags %}
{% call table('Lag of ' ~ lag.name) %}
<thead><tr><th scope="col" class="text">lag</th>{{ heads(['at', 'records']) }}</tr></thead>
<tbody>
{% for at in lag.table %}
<tr><th scope="row" class="text">{{ lag.name }}</th>
<td>{{ fig(at ~ '.0', 's') }}</td><td>{{ fig(at ~ '.1', 'count') }}</td></tr>
{% endfor %}
</tbody>
{% endcall %}
{% endfor %}
</details>
</section>
"""

_TREND = """
{% from 'parts' import mark, row, table, heads with context %}
<section aria-labelledby="runs">
<h2 id="runs">The runs before</h2>
{% if trend.runs | length < 2 %}<p>This is the first run in this folder.</p>{% else %}
<figure aria-label="Latency and verdicts of {{ trend.runs | length }} runs; the numbers are in the table below it.">
<div class="strip tall">
<span class="name">p99 <span class="swatch soft" aria-hidden="true"></span><br>
median <span class="swatch" aria-hidden="true"></span></span>
<span class="bar">
<svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
<path class="outline soft" d="{{ trend.p99 }}"/><path class="dots soft" d="{{ trend.p99_dots }}"/>
<path class="outline" d="{{ trend.median }}"/><path class="dots" d="{{ trend.median_dots }}"/>
</svg>
</span>
<span class="marks"><span><span class="key">highest</span> {{ trend.most | shown('ms') }}</span></span>
</div>
{% call row('verdict') %}
<span class="bar verdicts">
{% for run in trend.runs %}
<span style="left:{{ run.x }}%" class="{{ 'this' if run.this }}">
{{- mark(run.tone, run.started | clock_time ~ ': ' ~ run.verdict) }}</span>
{% endfor %}
</span>
<span class="marks"><span>{{ trend.arrived }} of {{ trend.runs | length }} arrived</span></span>
{% endcall %}
{% call row('', 'axis', true) %}
<span class="bar ends-of-axis">
<span>{{ (trend.runs[0].started | clock_time)[:16] }}</span>
<span>{{ (trend.runs[-1].started | clock_time)[:16] }}</span>
</span>
{% endcall %}
</figure>
<details><summary>Show the numbers<span class="unseen"> of the runs before</span></summary>
{% call table('The runs before') %}
<thead><tr><th scope="col" class="text">began</th><th scope="col" class="text">verdict</th>
{{ heads(['logs', 'lost', 'median', 'p99', 'took']) }}<th scope="col" class="text">run</th></tr></thead>
<tbody>
{% for run in trend.runs | reverse %}
<tr><th scope="row" class="text">{{ run.started | clock_time }}</th>
<td class="text is-{{ run.tone }}">{{ run.verdict }}</td>
<td>{{ run.expected | shown('count') }}</td><td>{{ run.lost | shown('count') }}</td>
<td>{{ run.median_ms | shown('ms') }}</td><td>{{ run.p99_ms | shown('ms') }}</td><td>{{ run.seconds | shown('s') }}</td>
<td class="text code">{{ run.run }}</td></tr>
{% endfor %}
</tbody>
{% endcall %}
</details>
{% endif %}
</section>
"""

_NUMBERS = """
{% from 'parts' import fig, table, heads with context %}
{% macro latency_row(stop, since, at) %}
<tr><th scope="row" class="text">{{ stop }}</th><td class="text">{{ since }}</td>
<td>{{ fig(at ~ '.count', 'count') }}</td>
{% for figure in figures %}<td>{{ fig(at ~ '.' ~ figure, 'ms') }}</td>{% endfor %}
<td>{{ look(at ~ '.clock') }}</td><td>{{ fig(at ~ '.negative', 'count') }}</td></tr>
{% endmacro %}
<section aria-labelledby="numbers">
<h2 id="numbers">All numbers</h2>
{% call table('What each stop found') %}
<caption>What each stop found</caption>
<thead><tr><th scope="col" class="text">stop</th><th scope="col" class="text">status</th>
{{ heads(['expected', 'found', 'missing', 'twice', 'copies', 'out of order', 'unexpected', 'unproven', 'Loggy']) }}
</tr></thead>
<tbody>
{% for stop in result.stops %}
{% set at = 'stops.' ~ loop.index0 %}
<tr><th scope="row" class="text">{{ stop.name }} <span class="key">{{ stop.kind }}</span></th>
<td class="text is-{{ stop.status | tone }}">{{ stop.status }}</td>
{% if stop.deployed %}
{% for field in ('expected', 'found', 'missing.count', 'duplicates.count', 'duplicates.copies') %}
<td>{{ fig(at ~ '.' ~ field, 'count') }}</td>
{% endfor %}
{% for field in ('out_of_order', 'unexpected', 'unproven') %}
<td>{% if stop[field] is none %}–{% else %}{{ fig(at ~ '.' ~ field ~ '.count', 'count') }}{% endif %}</td>
{% endfor %}
<td>{{ fig(at ~ '.latency_ms', 'ms') }}</td>
{% else %}<td colspan="9"></td>{% endif %}</tr>
{% endfor %}
</tbody>
{% endcall %}
{% call table('Latencies') %}
<caption>Latencies</caption>
<thead><tr><th scope="col" class="text">to</th><th scope="col" class="text">from</th>
{{ heads(['measured'] + (figures | list) + ['clock', 'below zero']) }}</tr></thead>
<tbody>
{% for number, stop in deployed %}
{% set at, before = 'stops.' ~ number ~ '.latency', stop.latency.from_stop_before %}
{{ latency_row(stop.name, 'the start', at ~ '.from_start') }}
{% if before %}{{ latency_row(stop.name, before.stop, at ~ '.from_stop_before') }}{% endif %}
{% endfor %}
</tbody>
{% endcall %}
{% if result.sender.producers %}
{% call table('What each producer sent') %}
<caption>What each producer sent</caption>
<thead><tr><th scope="col" class="text">producer</th>{{ heads(['planned', 'sent', 'acknowledged']) }}</tr></thead>
<tbody>
{% for one in result.sender.producers %}
{% set at = 'sender.producers.' ~ loop.index0 %}
<tr><th scope="row" class="text">{{ one.producer }}</th>
{% for field in ('planned', 'sent', 'acknowledged') %}
<td>{{ fig(at ~ '.' ~ field ~ '.count', 'count') }}</td>
{% endfor %}</tr>
{% endfor %}
</tbody>
{% endcall %}
{% endif %}
</section>
"""

SECTIONS = {
    "way": _WAY,
    "stopped": _STOPPED,
    "said": _SAID,
    "latency": _LATENCY,
    "flow": _FLOW,
    "trend": _TREND,
    "numbers": _NUMBERS,
}
