// How the count of a segment went: a line, and the numbers behind it; the versions of its definition.

import { html } from "../vendor/preact.js";
import { num, short, time, words } from "../i18n/t.js";
import * as file from "../i18n/segments.js";
import { Chart, WITHIN } from "../parts/chart.js";
import { Table } from "../parts/table.js";
import { Change, sized } from "./list.js";

const t = words(file);
/** Counts that the line shows. */
const SHOWN = 120;

function line(points) {
  const versions = points.map((point, i) => (i > 0 && point.version !== points[i - 1].version ? { xAxis: i, name: `v${point.version}` } : null));
  return (colour) => ({
    grid: { left: 8, right: 16, top: 24, bottom: 8, ...WITHIN },
    tooltip: { trigger: "axis", formatter: ([{ dataIndex: i }]) => `${time(points[i].at)}\n${sized(points[i])} · v${points[i].version}` },
    xAxis: {
      type: "category",
      data: points.map((point) => time(point.at)),
      axisLabel: { color: colour.muted, hideOverlap: true, formatter: (text, i) => (i === 0 || i === points.length - 1 ? text : "") },
      axisLine: { lineStyle: { color: colour.line } },
      axisTick: { show: false },
    },
    yAxis: { type: "value", scale: true, axisLabel: { color: colour.muted, formatter: short }, splitLine: { lineStyle: { color: colour.line } } },
    series: [
      {
        type: "line",
        data: points.map((point) => point.count ?? null),
        symbolSize: 7,
        lineStyle: { width: 2 },
        areaStyle: { opacity: 0.08 },
        markLine: {
          symbol: "none",
          silent: true,
          animation: false,
          lineStyle: { color: colour.muted, type: "dashed" },
          label: { color: colour.muted, formatter: ({ name }) => name },
          data: versions.filter(Boolean),
        },
      },
    ],
  });
}

export function History({ segment }) {
  const points = (segment.history ?? []).slice(-SHOWN);
  if (points.length < 2) return html`<p class="hint">${t("one_count")}</p>`;
  const [first, last] = [points[0], points.at(-1)];
  const label = t("history_label", { from: time(first.at), to: time(last.at), first: sized(first), last: sized(last) });
  const rows = points.map((point, i) => ({ ...point, before: points[i - 1]?.count })).reverse();
  const columns = [
    { key: "at", label: t("counted"), cell: (row) => time(row.at) },
    { key: "count", label: t("count"), align: "end", cell: sized },
    { key: "change", label: t("change"), align: "end", cell: (row) => html`<${Change} from=${row.before} to=${row.count} />` },
    { key: "version", label: t("version"), align: "end", cell: (row) => num(row.version) },
  ];
  return html`<${Chart} label=${label} option=${line(points)} on=${[segment]} height=${200} />
    <details>
      <summary>${t("numbers", { n: num(rows.length) })}</summary>
      <${Table} columns=${columns} rows=${rows} rowKey=${(row) => row.at} caption=${t("history")} height=${280} />
    </details>`;
}

export function Versions({ segment }) {
  const versions = [...(segment.versions ?? [])].reverse();
  if (!versions.length) return null;
  return html`<ol class="versions">
    ${versions.map(
      (one) => html`<li key=${one.version}>
        <p class="row"><strong class="num">v${one.version}</strong><span class="hint">${time(one.at)}</span></p>
        <p>${one.sentence}</p>
        <p><code class="definition">${one.text}</code></p>
      </li>`,
    )}
  </ol>`;
}
