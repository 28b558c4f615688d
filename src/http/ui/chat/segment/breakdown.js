// The segment in groups: as a chart and as a table, beside everybody in the same groups. Groups that are hidden are said to be.

import { html, useMemo, useRef, useState } from "../../vendor/preact.js";
import { num, percent, words } from "../../i18n/t.js";
import * as file from "../../i18n/segment.js";
import * as common from "../../i18n/common.js";
import { saveAs } from "../../api.js";
import { catalog, keptHere } from "../../state.js";
import { pending, say } from "../conversation.js";
import { everybody, groupingLabel, groupings } from "../groups.js";
import { Button, Choice } from "../../parts/button.js";
import { toImage } from "../../parts/chart.js";
import { Dialog } from "../../parts/dialog.js";
import { Select } from "../../parts/field.js";
import { Table, tsv } from "../../parts/table.js";
import { useFetched } from "../../parts/say.js";
import { copy, fault, toast } from "../../parts/toast.js";
import { Bars, Heat } from "./charts.js";
import { figures, ordered } from "./figures.js";
import { grouped, sized } from "./now.js";

const t = words(file);
const c = words(common);
/** Numbers of groups that a chart may show. */
const TOPS = ["10", "20", "50"];
/** Groupings that are offered as buttons where there is none yet. */
const OFFERED = 4;
/** How it is shown, for this tab. */
const shown = keptHere("breakdown", "chart", ["chart", "table"]);

const indexOf = (index) => (index === null ? "–" : num(index, { maximumFractionDigits: index < 10 ? 1 : 0 }));
/** From here on a group is told to be over or under everybody. */
const OVER = 120;
const UNDER = 80;

function Index({ index }) {
  const side = index === null ? "" : index >= OVER ? "over" : index <= UNDER ? "under" : "";
  return html`<span class=${`index ${side}`}>${indexOf(index)}${side && html`<span aria-hidden="true">${side === "over" ? " ▲" : " ▼"}</span><span class="unseen"> ${t(side)}</span>`}</span>`;
}

/** The columns of the table: also of what is copied. */
function columns(by, rows) {
  const labels = by.map((name, at) => ({
    key: `label${at}`,
    label: groupingLabel(catalog.value, name),
    cell: (row) => row.labels[at],
    text: (row) => row.labels[at],
    sort: (row) => row.labels[at],
  }));
  const figure = (key, label, cell, text = (row) => row[key] ?? "") => ({ key, label, align: "end", cell, text, sort: (row) => row[key] });
  return [
    ...labels,
    figure("count", c("count"), (row) => num(row.count)),
    figure("share", c("share"), (row) => percent(row.share)),
    ...(rows.some((row) => row.value !== null) ? [figure("value", t("value"), (row) => num(row.value, { maximumFractionDigits: 2 }))] : []),
    figure("base", t("base"), (row) => (row.base === null ? "–" : percent(row.base))),
    figure("index", t("index"), (row) => html`<${Index} index=${row.index} />`),
  ];
}

async function copyImage(chart, name) {
  try {
    const image = await toImage(chart);
    try {
      await navigator.clipboard.write([new ClipboardItem({ [image.type]: image })]);
      toast(t("image_copied"));
    } catch {
      // Where the clipboard takes no images it becomes a file.
      saveAs(image, `${name}.png`);
    }
  } catch (error) {
    fault(error);
  }
}

/** Chooses what to group by; the choice is a turn. */
function By({ by }) {
  const all = groupings(catalog.value);
  const options = [...all, ...by.filter((name) => !all.some((one) => one.value === name)).map((name) => ({ value: name, label: groupingLabel(catalog.value, name) }))];
  const group = (first, second) => {
    const next = [first, second].filter(Boolean);
    if (next.length) say({ by: next }, t("said_by", { by: next.map((name) => groupingLabel(catalog.value, name)).join(" · ") }));
  };
  const busy = Boolean(pending.value);
  const second = options.filter((one) => one.value !== by[0]);
  return html`<div class="by">
    <${Select} label=${t("by")} hidden value=${by[0] ?? ""} disabled=${busy} options=${[...(by.length ? [] : [{ value: "", label: t("by_choose") }]), ...options]} onChange=${(value) => group(value, by[1] === value ? null : by[1])} />
    ${by.length > 0 && html`<${Select} label=${t("by_second")} hidden value=${by[1] ?? ""} disabled=${busy} options=${[{ value: "", label: t("by_none") }, ...second]} onChange=${(value) => group(by[0], value)} />`}
  </div>`;
}

function Shown({ answer, large }) {
  const { breakdown } = answer;
  const { by } = breakdown;
  const chart = useRef(null);
  const [top, setTop] = useState(TOPS[0]);
  const [order, setOrder] = useState("given");
  const { value: base } = useFetched(() => everybody(by).catch(() => null), [by.join()]);
  const rows = useMemo(() => figures(breakdown, base), [breakdown, base]);
  const valued = rows.some((row) => row.value !== null);
  const label = by.map((name) => groupingLabel(catalog.value, name)).join(" · ");
  const cols = columns(by, rows);
  const two = by.length === 2;
  // What has more groups than a chart shows is begun with the largest.
  const long = rows.length > Number(TOPS[0]);
  const sorting = long && order === "given" && rows.length > Number(top) ? "count" : order;
  const charted = ordered(rows, sorting, long ? Number(top) : 0);
  const asTable = shown.value === "table";
  const bars = !asTable && !two;
  const orders = ["given", "count", ...(valued ? ["value"] : []), "index"].map((value) => ({ value, label: t(`order_${value}`) }));
  return html`<div class="breakdown">
    <div class="breakdown-tools">
      <${Choice} label=${t("shown_as")} value=${shown.value} options=${[{ value: "chart", label: c("chart") }, { value: "table", label: c("table") }]} onChange=${(value) => (shown.value = value)} />
      ${bars && html`<${Select} label=${t("order")} hidden value=${sorting} options=${orders} onChange=${setOrder} />`}
      ${bars && long && html`<${Select} label=${t("top")} hidden value=${top} options=${TOPS.map((value) => ({ value, label: t("top_n", { n: value }) }))} onChange=${setTop} />`}
      <div class="row tight">
        ${!asTable && html`<${Button} kind="quiet" small icon="image" label=${t("copy_image")} onClick=${() => chart.current && copyImage(chart.current, label)} />`}
        <${Button} kind="quiet" small icon="copy" label=${t("copy_tsv")} onClick=${() => copy(tsv(cols, rows))} />
      </div>
    </div>
    ${rows.length === 0
      ? html`<p class="hint">${t("no_groups")}</p>`
      : asTable
        ? html`<${Table} columns=${cols} rows=${rows} rowKey=${(row) => row.id} caption=${t("table_of", { by: label })} height=${large ? 620 : 420} />`
        : two
          ? html`<${Heat} rows=${rows} by=${by} label=${label} chart=${chart} large=${large} />`
          : html`<${Bars} rows=${charted} label=${label} chart=${chart} valued=${valued && sorting === "value"} />`}
    ${!asTable && long && !two && rows.length > charted.length && html`<p class="hint">${t("of_groups", { n: num(charted.length), all: num(rows.length) })}</p>`}
    ${breakdown.suppressed > 0 && html`<p class="hint hidden-groups">${t("hidden", { n: num(breakdown.suppressed), min: num(catalog.value.min_group) })}</p>`}
  </div>`;
}

export function Breakdown() {
  const [large, setLarge] = useState(false);
  const answer = grouped.value;
  if (!sized.value) return null;
  if (!answer) {
    const offered = groupings(catalog.value).slice(0, OFFERED);
    return html`<section class="part-of">
      <h3>${t("breakdown")}</h3>
      <div class="row tight">
        ${offered.map(({ value, label }) => html`<${Button} key=${value} small disabled=${Boolean(pending.value)} onClick=${() => say({ by: [value] }, t("said_by", { by: label }))}>${t("by_this", { by: label })}<//>`)}
      </div>
      <${By} by=${[]} />
    </section>`;
  }
  const title = t("breakdown_of", { by: answer.breakdown.by.map((name) => groupingLabel(catalog.value, name)).join(" · ") });
  return html`<section class="part-of">
    <div class="row spread"><h3>${t("breakdown")}</h3><${Button} kind="quiet" small icon="expand" label=${t("large")} onClick=${() => setLarge(true)} /></div>
    <${By} by=${answer.breakdown.by} />
    <${Shown} answer=${answer} />
    ${large && html`<${Dialog} title=${title} wide onClose=${() => setLarge(false)}><${Shown} answer=${answer} large /><//>`}
  </section>`;
}
