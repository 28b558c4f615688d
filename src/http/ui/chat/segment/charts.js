// The charts of a breakdown: bars beside everybody, and two groupings as a heat map.

import { html, useMemo } from "../../vendor/preact.js";
import { num, percent, short, words } from "../../i18n/t.js";
import * as file from "../../i18n/segment.js";
import { locale } from "../../state.js";
import { Chart, WITHIN } from "../../parts/chart.js";
import { crossed } from "./figures.js";

const t = words(file);
/** Height of what a group takes, in pixels, and of the axis. */
const BAR = 34;
const AXIS = 34;
/** Rows and columns of a heat map, at most, and in a dialog. */
const CELLS = [20, 8];
const CELLS_LARGE = [40, 24];
const CELL = 26;
/** So many cells have their number written in. */
const WRITTEN = 160;
/** Letters of a name beside a bar. */
const NAME = 12;

const cut = (text) => ([...text].length > NAME ? `${[...text].slice(0, NAME - 1).join("")}…` : text);
const indexed = (row) => (row.index === null ? "" : `\n${t("tip_index", { index: num(row.index, { maximumFractionDigits: 0 }), base: percent(row.base) })}`);
const told = (row) => `${row.labels.join(" · ")}\n${t("tip", { n: num(row.count), share: percent(row.share) })}${indexed(row)}`;

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
/** What is between two colours, as the chart has it. */
const mixed = (low, high, share) => channels(low).map((from, i) => from + (channels(high)[i] - from) * share);
const light = (rgb) => {
  const [r, g, b] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
/** Which of two colours of text is read better on a ground. */
function readable(ground, ...texts) {
  const contrast = (text) => {
    const [dark, bright] = [light(ground), light(channels(text))].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  return texts.reduce((best, text) => (contrast(text) > contrast(best) ? text : best));
}

/** `valued` shows the metric of each group instead of its share. */
export function Bars({ rows, label, chart, valued }) {
  const based = !valued && rows.some((row) => row.base !== null);
  const option = (c) => ({
    grid: { left: 4, right: 58, top: based ? 32 : 6, bottom: 4, ...WITHIN },
    legend: based ? { top: 0, left: 0, itemWidth: 10, itemHeight: 10, textStyle: { color: c.muted, fontSize: 12 } } : undefined,
    xAxis: { type: "value", axisLabel: { color: c.muted, hideOverlap: true, formatter: (x) => (valued ? short(x) : percent(x)) }, splitNumber: 3, splitLine: { lineStyle: { color: c.line } } },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map((row) => row.labels.join(" · ")),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: c.line } },
      axisLabel: { color: c.text, formatter: cut, interval: 0 },
    },
    tooltip: { trigger: "axis", axisPointer: { type: "none" }, formatter: ([first]) => told(rows[first.dataIndex]) },
    series: [
      {
        name: valued ? t("value") : t("here"),
        type: "bar",
        barMaxWidth: based ? 12 : 18,
        barGap: "15%",
        itemStyle: { color: c.series[0], borderRadius: [0, 3, 3, 0] },
        data: rows.map((row) => (valued ? row.value : row.share)),
        label: { show: true, position: "right", color: c.text, fontSize: 12, formatter: ({ dataIndex }) => (valued ? num(rows[dataIndex].value, { maximumFractionDigits: 1 }) : num(rows[dataIndex].count)) },
      },
      ...(based ? [{ name: t("everybody_short"), type: "bar", barMaxWidth: 6, itemStyle: { color: c.series[5], opacity: 0.55, borderRadius: [0, 3, 3, 0] }, data: rows.map((row) => row.base) }] : []),
    ],
  });
  const most = rows.reduce((a, b) => (b.count > (a?.count ?? -1) ? b : a), null);
  const said = t("bars_say", { by: label, n: num(rows.length), most: most?.labels.join(" · ") ?? "", share: percent(most?.share ?? 0) });
  return html`<${Chart} option=${option} on=${[rows, valued, locale.value]} label=${said} height=${rows.length * BAR + AXIS + (based ? 28 : 0)} chart=${chart} />`;
}

export function Heat({ rows, label, chart, large }) {
  const table = useMemo(() => crossed(rows, large ? CELLS_LARGE : CELLS), [rows, large]);
  const most = Math.max(1, ...table.cells.map((cell) => cell.row.count));
  const written = table.cells.length <= WRITTEN;
  const option = (c) => ({
    grid: { left: 4, right: 8, top: 6, bottom: 40, ...WITHIN },
    xAxis: { type: "category", data: table.columns.map((one) => one.label), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: c.text, interval: 0, rotate: table.columns.length > 5 ? 40 : 0, formatter: cut } },
    yAxis: { type: "category", inverse: true, data: table.rows.map((one) => one.label), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: c.text, formatter: cut, interval: 0 } },
    visualMap: { min: 0, max: most, calculable: false, orient: "horizontal", left: "center", bottom: 0, itemWidth: 12, itemHeight: 110, inRange: { color: c.scale }, textStyle: { color: c.muted, fontSize: 12 }, text: [num(most), "0"] },
    tooltip: { formatter: ({ data }) => told(table.cells[data.at].row) },
    series: [
      {
        type: "heatmap",
        data: table.cells.map((cell, at) => ({ value: [cell.x, cell.y, cell.row.count], at, label: { color: readable(mixed(...c.scale, cell.row.count / most), c.text, c.surface) } })),
        itemStyle: { borderColor: c.surface, borderWidth: 2, borderRadius: 3 },
        label: { show: written, fontSize: 12, formatter: ({ value }) => short(value[2]) },
        emphasis: { itemStyle: { borderColor: c.accent } },
      },
    ],
  });
  const top = table.cells.reduce((a, b) => (b.row.count > (a?.row.count ?? -1) ? b : a), null);
  const said = t("heat_say", { by: label, most: top?.row.labels.join(" · ") ?? "", n: num(top?.row.count ?? 0) });
  return html`<${Chart} option=${option} on=${[rows, large, locale.value]} label=${said} height=${table.rows.length * CELL + 110} chart=${chart} />
    ${table.cut && html`<p class="hint">${t("heat_cut")}</p>`}`;
}
