# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page's style sheet. Every colour that carries words keeps 4.5:1 to what is behind it, in both schemes."""

from __future__ import annotations

_COLOURS = """
:root {
  --ground: #f7f8fa; --paper: #ffffff; --ink: #1a1f29; --soft: #5b6472; --rule: #e2e6ec; --faint: #eef1f5;
  --accent: #3457c4; --wash: #dbe3f8;
  --good: #1d7a4c; --warn: #8f5c00; --bad: #b8322c;
  --good-wash: #e4f3ea; --warn-wash: #faf0da; --bad-wash: #fbe9e7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11141a; --paper: #191d25; --ink: #e9ecf1; --soft: #a2abb9; --rule: #2d333e; --faint: #20252f;
    --accent: #8ea9ff; --wash: #2a3554;
    --good: #63c994; --warn: #e2b155; --bad: #ff8f85;
    --good-wash: #16291f; --warn-wash: #2e2614; --bad-wash: #331c1b;
  }
}
@media print {
  :root {
    --ground: #ffffff; --paper: #ffffff; --ink: #000000; --soft: #444444; --rule: #cccccc; --faint: #eeeeee;
    --accent: #3457c4; --wash: #dbe3f8;
    --good: #1d7a4c; --warn: #8f5c00; --bad: #b8322c;
    --good-wash: #ffffff; --warn-wash: #ffffff; --bad-wash: #ffffff;
  }
}
.is-good { --tone: var(--good); --tone-wash: var(--good-wash); }
.is-warn { --tone: var(--warn); --tone-wash: var(--warn-wash); }
.is-bad { --tone: var(--bad); --tone-wash: var(--bad-wash); }
.is-quiet, .is-soft { --tone: var(--soft); --tone-wash: var(--faint); }
"""

_TEXT = """
*, *::before, *::after { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 72rem; padding: 0 1.25rem 3rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; -webkit-text-size-adjust: 100%;
}
h1, h2, h3, p, dl, dd, ol, ul, figure { margin: 0; padding: 0; }
ol, ul { list-style: none; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h2 { font-size: 1.25rem; font-weight: 650; letter-spacing: -.01em; margin-bottom: 1rem; }
h3 { font-size: 1rem; font-weight: 600; }
.sub { margin: 1.75rem 0 .5rem; }
section {
  background: var(--paper); border: 1px solid var(--rule); border-radius: 14px; padding: 1.5rem;
  margin-top: 1.25rem;
}
.note, .key, footer { color: var(--soft); }
.note, footer { font-size: .875rem; }
.note { margin-top: .75rem; max-width: 80ch; }
.key { font-weight: 400; }
.code, .place, .said, .numbers {
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .8125rem;
}
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.defs { position: absolute; }
.mark { width: 26px; height: 26px; flex: none; }
.body { fill: var(--tone); }
.sign { fill: none; stroke: var(--paper); stroke-width: 2.6; stroke-linecap: round; stroke-linejoin: round; }
.ring { fill: var(--paper); stroke: var(--soft); stroke-width: 2; stroke-dasharray: 3.2 3.1; }
footer { margin-top: 1.5rem; }

header { padding: 2.75rem 0 1rem; }
.kicker { color: var(--soft); font-size: .9375rem; font-weight: 500; }
h1 {
  display: flex; align-items: center; gap: .75rem; margin: .4rem 0 .6rem; color: var(--tone);
  font-size: clamp(1.9rem, 6vw, 3rem); font-weight: 680; letter-spacing: -.025em; line-height: 1.1;
}
h1 .mark { width: .82em; height: .82em; }
h1 .sign { stroke: var(--ground); }
.line { font-size: 1.1875rem; line-height: 1.5; max-width: 72ch; text-wrap: pretty; }
.advice { margin-top: 1rem; padding: .75rem 1rem; border-radius: 10px; background: var(--tone-wash); }
.advice strong { color: var(--tone); margin-right: .35rem; }
.facts { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin-top: 1.5rem; }
.facts dt { color: var(--soft); font-size: .875rem; }
.facts dd { font-size: 1.5rem; font-weight: 600; letter-spacing: -.015em; line-height: 1.25; }
"""

_WAY = """
.way > li { position: relative; }
.track { display: none; }
.leg {
  position: relative; display: flex; flex-wrap: wrap; align-items: center; gap: .35rem .75rem; min-height: 2.75rem;
  padding: .3rem 0 .3rem 3rem;
}
.leg::before, .about::before { content: ""; position: absolute; left: 11px; width: 4px; background: var(--accent); }
.leg.none::before, .about.none::before {
  background: repeating-linear-gradient(var(--soft) 0 4px, transparent 4px 9px); width: 2px; left: 12px;
}
.about { position: relative; padding: 0 0 .5rem 3rem; }
.leg::before { top: 0; bottom: -13px; }
.about::before { top: 13px; bottom: 0; }
.about:not(.full, .none)::before { display: none; }
.about .mark { position: absolute; left: 0; top: 0; }
.way .mark .body { stroke: var(--paper); stroke-width: 2; paint-order: stroke; }
.status { color: var(--tone); font-size: .9375rem; font-weight: 550; }
.found { font-size: .9375rem; }
.place { color: var(--soft); font-size: .75rem; line-height: 1.45; }
.hop { color: var(--soft); font-size: .8125rem; }
.events { display: flex; flex-wrap: wrap; gap: .35rem; }
.branch { display: none; }
.chip {
  font-size: .8125rem; font-weight: 600; color: var(--tone); background: var(--tone-wash);
  border: 1px solid var(--tone); border-radius: 99px; padding: .05rem .6rem; white-space: nowrap;
}
.about h3 { display: inline-block; margin-right: .4rem; }
.loggy {
  display: inline-block; font-size: .8125rem; font-weight: 600; color: var(--accent); background: var(--wash);
  border-radius: 6px; padding: .05rem .5rem; white-space: nowrap;
}
.absent h3, .absent .status { color: var(--soft); font-weight: 450; }
@media (min-width: 48rem) {
  .way.wide { display: grid; grid-template-columns: repeat(var(--stations), minmax(0, 1fr)); text-align: center; }
  .wide .track {
    display: block; position: absolute; left: 0; top: 32px; width: 100%; height: 40px; overflow: visible;
  }
  .wide .leg::before, .wide .about::before { display: none; }
  .wide .leg { position: absolute; left: -50%; width: 100%; top: 28px; display: block; padding: 0; min-height: 0; }
  .wide .hop { position: absolute; left: 0; right: 0; top: -4px; }
  .wide .events {
    position: absolute; left: 0; right: 0; top: 24px; flex-direction: column; align-items: center; gap: .2rem;
  }
  .wide .branch { display: block; width: 40px; height: 30px; flex: none; }
  .wide .about { padding: 84px .5rem 0; }
  .eventful .about { padding-top: 112px; }
  .wide .about .mark { left: 50%; top: 39px; margin-left: -13px; }
  .wide .about h3 { display: block; margin: 0; }
  .wide .loggy { position: absolute; top: 4px; left: 50%; transform: translateX(-50%); }
}
.rail {
  fill: none; stroke: var(--accent); stroke-width: 4; vector-effect: non-scaling-stroke;
  shape-rendering: crispEdges;
}
.rail.none { stroke: var(--soft); stroke-width: 2; stroke-dasharray: 4 5; }
.branch path { fill: none; stroke: var(--tone); stroke-width: 3; stroke-linecap: round; }
.branch .buffer { stroke-width: 4; }
"""

_CHARTS = """
.plot { position: absolute; inset: 0; width: 100%; height: 100%; display: block; overflow: visible; }
.plot path, .plot rect { vector-effect: non-scaling-stroke; }
.rule { stroke: var(--rule); stroke-width: 1; fill: none; }
.frame { position: relative; height: 7rem; border-bottom: 1px solid var(--soft); margin-top: .75rem; }
.bin { fill: var(--accent); }
.ticks { position: relative; height: 1.4rem; font-size: .75rem; color: var(--soft); }
.ticks span { position: absolute; top: .15rem; transform: translateX(-50%); white-space: nowrap; }
.ticks .first { transform: none; }
.ticks .last { transform: translateX(-100%); }
/* As many columns as leave no hole, while each has room. */
.cards {
  --widest: calc((100% - (var(--columns) - 1) * 2.25rem) / var(--columns));
  display: grid; gap: 1.75rem 2.25rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, max(19rem, var(--widest))), 1fr));
}
.five { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem .5rem; margin-top: .5rem; }
.five dt { color: var(--soft); font-size: .75rem; }
.five dd { font-size: .875rem; font-weight: 600; white-space: nowrap; }
.strip {
  display: grid; grid-template-columns: minmax(4.5rem, 9rem) minmax(0, 1fr) minmax(6rem, 15rem); gap: 0 1rem;
  align-items: center; padding: .3rem 0;
}
.strip .name { font-size: .9375rem; }
.strip .bar { position: relative; height: 1.5rem; }
.strip.tall .bar { height: 3.25rem; border-bottom: 1px solid var(--soft); }
.strip .marks { font-size: .875rem; color: var(--tone, var(--ink)); }
.marks > span { display: inline-block; margin-right: .6rem; color: var(--tone, inherit); white-space: nowrap; }
.strip.axis { padding: 0; }
.ends-of-axis { display: flex; justify-content: space-between; font-size: .75rem; color: var(--soft); }
.base { fill: var(--wash); }
.part { fill: var(--tone); }
.hair { stroke: var(--tone); stroke-width: 2.5; fill: none; }
.ends + .strips { margin-top: 1.1rem; }
.ends li { display: flex; gap: .6rem; }
.ends .mark { width: 1rem; height: 1rem; margin-top: .28rem; }
.reach { stroke: var(--accent); stroke-width: 2; }
.most { stroke: var(--wash); stroke-width: 12; }
.middle { stroke: var(--accent); stroke-width: 11; stroke-linecap: round; }
.limit { stroke: var(--warn); stroke-width: 2; stroke-dasharray: 4 3; }
.area { fill: var(--wash); }
.outline { fill: none; stroke: var(--accent); stroke-width: 1.75; stroke-linejoin: round; }
.dots { fill: none; stroke: var(--accent); stroke-width: 6; stroke-linecap: round; }
.outline.soft, .dots.soft { stroke: var(--soft); }
.swatch {
  display: inline-block; width: .9rem; height: 3px; vertical-align: middle; background: var(--accent);
  border-radius: 2px;
}
.swatch.soft { background: var(--soft); }
.verdicts span { position: absolute; top: 50%; width: 14px; height: 14px; margin: -7px; line-height: 0; }
.verdicts .mark { width: 14px; height: 14px; }
.verdicts .this { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 50%; }
.said > div {
  display: grid; grid-template-columns: minmax(4.5rem, 9rem) minmax(0, 1fr); gap: 0 1rem; padding: .5rem 0;
  border-top: 1px solid var(--rule);
}
.said > div:first-child { border-top: 0; padding-top: 0; }
.said dt { font: 1rem/1.4 system-ui, sans-serif; }
.said .is-bad { color: var(--tone); }
details { margin-top: .75rem; }
summary { cursor: pointer; color: var(--accent); font-size: .875rem; width: fit-content; border-radius: 4px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.scroll { overflow-x: auto; margin-top: .75rem; }
.scroll + .scroll { margin-top: 1.75rem; }
details .scroll { max-height: 22rem; overflow-y: auto; }
table { border-collapse: collapse; font-size: .875rem; min-width: 100%; overflow-wrap: normal; }
caption { text-align: left; font-weight: 600; padding-bottom: .35rem; }
th, td {
  padding: .35rem .9rem .35rem 0; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--rule);
}
thead th { color: var(--soft); font-weight: 500; }
tbody th { font-weight: 500; }
th.text, td.text { text-align: left; }
td.text { color: var(--tone, inherit); }
td.code { white-space: normal; min-width: 14rem; width: 100%; }
@media (max-width: 23rem) { .five { display: grid; grid-template-columns: repeat(3, 1fr); } }
@media (max-width: 40rem) {
  body { padding: 0 .75rem 2rem; }
  section { padding: 1.1rem 1rem; }
  header { padding-top: 1.75rem; }
  .strip { grid-template-columns: minmax(0, 1fr) auto; row-gap: .15rem; padding: .5rem 0; }
  .strip .bar { grid-column: 1 / -1; grid-row: 2; }
  .strip .marks { grid-column: 2; grid-row: 1; text-align: right; }
  .marks > span { margin: 0 0 0 .6rem; }
  .said > div { grid-template-columns: minmax(0, 1fr); }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  header { padding-top: 0; }
  .advice { border: 1px solid var(--tone); }
  section { border: 0; border-top: 1px solid var(--rule); border-radius: 0; padding: 1rem 0 0; }
  figure, .strip, tr, .way > li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  details { display: none; }
  .scroll { overflow: visible; }
  th, td { white-space: normal; padding-right: .5rem; }
}
"""

STYLE = _COLOURS + _TEXT + _WAY + _CHARTS
