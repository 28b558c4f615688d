// The result of a statement: a table that scrolls however long it is, as text for a spreadsheet, as a file; a bar chart
// where one column names and another counts.

import { html, useState } from "../vendor/preact.js";
import { num, words } from "../i18n/t.js";
import * as file from "../i18n/analyst.js";
import * as common from "../i18n/common.js";
import { saveAs } from "../api.js";
import { Button, Choice } from "../parts/button.js";
import { Chart, WITHIN } from "../parts/chart.js";
import { Empty, Fault } from "../parts/say.js";
import { Table, tsv } from "../parts/table.js";
import { copy, fault } from "../parts/toast.js";
import { asFile, ran, runFault } from "./desk.js";

const t = words(file);
const c = words(common);
/** Most bars of a chart. */
const BARS = 30;

const isNumber = (column) => column.type === "integer" || column.type === "number";
const shown = (column, value) => {
  if (value === null) return html`<span class="null">null</span>`;
  if (isNumber(column) && typeof value === "number") return num(value, { maximumFractionDigits: 4 });
  return String(value);
};

const columnsOf = (result) =>
  result.columns.map((column, i) => ({
    key: String(i),
    label: column.name,
    align: isNumber(column) ? "end" : undefined,
    cell: (row) => shown(column, row[i]),
    sort: (row) => row[i],
    text: (row) => row[i],
  }));

/** The columns that a chart would show: one that names, one that counts. */
function chartOf({ columns, rows }) {
  const names = columns.findIndex((column) => !isNumber(column));
  const counts = columns.findIndex(isNumber);
  return names >= 0 && counts >= 0 && rows.length > 1 ? { names, counts } : null;
}

function Bars({ result, at }) {
  const rows = result.rows.filter((row) => row[at.counts] !== null).slice(0, BARS);
  const label = t("chart_of", { what: result.columns[at.counts].name, by: result.columns[at.names].name });
  const option = (colour) => ({
    grid: { left: 8, right: 72, top: 8, bottom: 8, ...WITHIN },
    tooltip: { trigger: "item", formatter: ({ dataIndex: i }) => `${rows[i][at.names]}: ${num(rows[i][at.counts])}` },
    xAxis: { type: "value", axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map((row) => String(row[at.names])),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour.line } },
      axisLabel: { color: colour.text, width: 150, overflow: "truncate" },
    },
    series: [
      {
        type: "bar",
        barMaxWidth: 22,
        itemStyle: { borderRadius: [0, 4, 4, 0] },
        data: rows.map((row) => row[at.counts]),
        label: { show: true, position: "right", color: colour.text, formatter: ({ value }) => num(value, { maximumFractionDigits: 2 }) },
      },
    ],
  });
  return html`<${Chart} label=${label} option=${option} on=${[result]} height=${Math.max(120, rows.length * 30 + 24)} />
    ${result.rows.length > rows.length && html`<p class="hint">${t("first_bars", { n: num(rows.length) })}</p>`}`;
}

const Notes = ({ result }) => {
  const notes = [
    result.truncated && t("truncated", { n: num(result.rows.length) }),
    result.below_minimum && t("below_minimum", { n: num(result.min_group) }),
    !result.below_minimum && result.small_groups_hidden && t("small_hidden", { n: num(result.min_group) }),
  ].filter(Boolean);
  return notes.length > 0 && html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`;
};

export function Results() {
  const [busy, setBusy] = useState("");
  const [view, setView] = useState("table");
  if (runFault.value) return html`<${Fault} error=${runFault.value} />`;
  if (!ran.value) return html`<${Empty} icon="table" title=${t("nothing_ran")}><p>${t("nothing_ran_hint")}</p><//>`;
  const { result } = ran.value;
  const columns = columnsOf(result);
  const chart = chartOf(result);
  const keep = async (format) => {
    setBusy(format);
    try {
      saveAs(await asFile(format), `waggle-sql.${format}`);
    } catch (error) {
      fault(error);
    }
    setBusy("");
  };
  const views = [
    { value: "table", label: c("table"), icon: "table" },
    { value: "chart", label: c("chart"), icon: "chart" },
  ];
  return html`<div class="stack">
    <div class="row spread">
      <p class="result-size" role="status">
        <strong class="num">${t("rows", { n: num(result.rows.length) })}</strong>
        <span class="hint">${t("took", { ms: num(Math.round(result.elapsed_ms)) })}</span>
      </p>
      <div class="row">
        ${chart && html`<${Choice} label=${t("view")} value=${view} options=${views} onChange=${setView} />`}
        <${Button} small icon="copy" onClick=${() => copy(tsv(columns, result.rows))}>${t("copy_tsv")}<//>
        <${Button} small icon="download" busy=${busy === "csv"} onClick=${() => keep("csv")}>CSV<//>
        <${Button} small icon="download" busy=${busy === "arrow"} onClick=${() => keep("arrow")}>Arrow<//>
      </div>
    </div>
    <${Notes} result=${result} />
    ${chart && view === "chart"
      ? html`<${Bars} result=${result} at=${chart} />`
      : html`<${Table} columns=${columns} rows=${result.rows} caption=${t("results")} height=${460} empty=${t("no_rows")} />`}
  </div>`;
}
