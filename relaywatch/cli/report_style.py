"""How the HTML report looks, on a screen and on paper."""

STYLE = """
:root { --ink: #1a2230; --soft: #5a6575; --line: #d9dfe7; --paper: #fff; --tint: #f4f7fb; --blue: #1d5c9f;
  --pale: #dce8f5; --amber: #a35c00; --red: #b3261e; color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--tint); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 2.5rem 2rem 3rem; background: var(--paper); }
.patterns { position: absolute; }
.kicker { margin: 0 0 .4rem; color: var(--blue); font-weight: 600; letter-spacing: .02em; }
h1 { margin: 0 0 .6rem; font-size: 1.75rem; line-height: 1.25; letter-spacing: -.01em; max-width: 48rem; }
h2 { margin: 0 0 .1rem; font-size: 1.15rem; }
.meta, .lead, .more, small { color: var(--soft); }
.meta { margin: 0; }
.lead { margin: 0 0 .8rem; }
.more { margin: .4rem 0 0; font-size: .87rem; }
.caution { margin: 1rem 0 0; padding: .6rem .9rem; border: 1px solid var(--amber); border-left-width: 5px;
  background: #fff8ec; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; margin: 1.8rem 0 0; }
.tiles div { border: 1px solid var(--line); border-top: 3px solid var(--blue); padding: .7rem .9rem .8rem; }
.tiles span { display: block; color: var(--soft); font-size: .87rem; }
.tiles strong { display: block; font-size: 1.6rem; line-height: 1.3; letter-spacing: -.01em; }
.tiles small { display: block; line-height: 1.35; }
section { margin-top: 2.3rem; padding-top: 1.3rem; border-top: 1px solid var(--line); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--soft); font-weight: 600; border-bottom: 1px solid var(--ink); white-space: nowrap; }
th, td { padding: .35rem .6rem .35rem 0; vertical-align: top; }
td { border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th.n, td.n { text-align: right; white-space: nowrap; padding: .35rem 0 .35rem .6rem; }
td svg { width: 7.6rem; display: block; margin-top: .25rem; }
.fixed { white-space: nowrap; }
.bad { color: var(--red); white-space: nowrap; }
.warn { color: var(--amber); white-space: nowrap; }
figure { margin: 0; }
figcaption { font-weight: 600; font-size: .9rem; margin-bottom: .2rem; }
figure svg { width: 100%; height: auto; display: block; }
.pair { display: grid; grid-template-columns: repeat(auto-fill, minmax(24rem, 1fr)); gap: 1.4rem 2rem; }
.third { display: grid; grid-template-columns: 15fr 8fr; gap: 1rem 1.6rem; }
.legend span { white-space: nowrap; margin-left: .7rem; }
.swatch { width: .8rem; height: .8rem; margin-right: .3rem; vertical-align: -.05rem; }
svg text { font-size: 10.5px; fill: var(--soft); }
svg text.count, svg text.year { fill: var(--ink); }
svg text.inside { fill: #fff; font-weight: 600; }
svg text.duename, svg text.goalname { fill: var(--ink); font-weight: 600; }
.met { fill: var(--blue); }
.received { fill: var(--pale); stroke: var(--blue); stroke-width: .8; }
.late { fill: url(#late); stroke: #d17a00; stroke-width: .8; }
.none { fill: url(#none); }
.mark { fill: #fff; stroke: var(--ink); stroke-width: 1.4; }
.axis { stroke: var(--ink); stroke-width: 1; }
.grid { stroke: var(--line); stroke-width: 1; }
.due { stroke: var(--ink); stroke-width: 1.4; stroke-dasharray: 4 3; }
.goal { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 3; }
.how { color: var(--soft); font-size: .87rem; }
.how h2 { font-size: 1rem; }
.how ul { margin: .4rem 0 0; padding-left: 1.2rem; }
@media (max-width: 46rem) {
  main { padding: 1.4rem 1rem; }
  .third { grid-template-columns: 1fr; }
  .pair { grid-template-columns: 1fr; }
}
@media print {
  @page { margin: 14mm; }
  body { background: none; font-size: 10pt; }
  main { max-width: none; padding: 0; }
  .wide { overflow: visible; }
  h2, .lead { break-after: avoid; }
  figure, tr, .tiles div { break-inside: avoid; }
  section { margin-top: 1.4rem; padding-top: .8rem; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
