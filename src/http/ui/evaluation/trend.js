// Figures of translators over time, as a chart and as a table. The chart's library is loaded when this is drawn first.

import { html } from "../vendor/preact.js";
import { date, time, words } from "../i18n/t.js";
import * as file from "../i18n/evaluation.js";
import { Chart, WITHIN } from "../parts/chart.js";
import { Empty } from "../parts/say.js";
import { Table } from "../parts/table.js";
import { figure, metricLabel, short, translatorName } from "./figures.js";

const t = words(file);
/** Lines that a chart has at most: as many as there are colours. */
const LINES = 6;
/** Within so many milliseconds a day does not tell points apart. */
const FEW_DAYS = 3 * 24 * 60 * 60 * 1000;

/** One line a translator and policy: prompts come and go within it. */
function lines(rows) {
  const found = new Map();
  for (const row of rows.filter((row) => row.trend.length > 0)) {
    const name = row.policy ? `${translatorName(row.translator)} (${short(row.policy)})` : translatorName(row.translator);
    if (!found.has(name)) found.set(name, row.trend);
  }
  return [...found].map(([name, points]) => ({ name, points }));
}

export function Trend({ rows, main, unit = "share" }) {
  const all = lines(rows);
  const drawn = all.filter((line) => line.points.length > 1).slice(0, LINES);
  const metric = metricLabel(main);
  const times = drawn.flatMap((line) => line.points.map((p) => p.at));
  const told = Math.max(...times) - Math.min(...times) < FEW_DAYS ? time : date;
  const option = (c) => ({
    grid: { left: 8, right: 16, top: 36, bottom: 8, ...WITHIN },
    legend: { top: 0, textStyle: { color: c.text }, icon: "circle" },
    tooltip: { trigger: "axis", valueFormatter: (value) => figure(value, unit) },
    xAxis: { type: "time", axisLabel: { color: c.muted, hideOverlap: true, formatter: told }, axisLine: { lineStyle: { color: c.line } } },
    yAxis: {
      type: "value",
      scale: true,
      max: unit === "share" ? (range) => Math.min(1, Math.ceil(range.max * 20) / 20) : undefined,
      axisLabel: { color: c.muted, formatter: (value) => figure(value, unit) },
      splitLine: { lineStyle: { color: c.line } },
    },
    series: drawn.map((line) => ({ name: line.name, type: "line", symbolSize: 7, data: line.points.map((p) => [p.at, p.value]) })),
  });
  const points = all.flatMap((line) => line.points.map((point) => ({ ...point, name: line.name }))).sort((a, b) => b.at - a.at);
  const columns = [
    { key: "at", label: t("when"), sort: (p) => p.at, cell: (p) => html`<span class="ev-when">${time(p.at)}</span>` },
    { key: "name", label: t("translator"), sort: (p) => p.name },
    { key: "set", label: t("point_set") },
    { key: "value", label: metric, align: "end", sort: (p) => p.value, cell: (p) => figure(p.value, unit) },
  ];
  return html`<section class="card" aria-labelledby="ev-trend">
    <div><h2 id="ev-trend">${t("trend_of", { metric })}</h2><p class="hint">${t("trend_hint")}</p></div>
    ${drawn.length
      ? html`<${Chart} option=${option} on=${[JSON.stringify(drawn)]} label=${t("trend_label", { metric, names: drawn.map((l) => l.name).join(", ") })} height=${300} />`
      : html`<${Empty} icon="chart" title=${t("trend_none")} />`}
    ${points.length > 0 && html`<${Table} caption=${t("trend_of", { metric })} columns=${columns} rows=${points} rowKey=${(p) => `${p.name}/${p.set}/${p.at}`} height=${300} />`}
  </section>`;
}
