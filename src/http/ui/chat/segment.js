// What was found: how many, by which conditions, how it came to that, in groups, and as SQL.

import { html, useState } from "../vendor/preact.js";
import { date, num, percent, words } from "../i18n/t.js";
import * as file from "../i18n/segment.js";
import * as common from "../i18n/common.js";
import { catalog } from "../state.js";
import { pending } from "./conversation.js";
import { Breakdown } from "./segment/breakdown.js";
import { Compare } from "./segment/compare.js";
import { Conditions } from "./segment/conditions.js";
import { Funnel, changeOf } from "./segment/funnel.js";
import { sized, steps } from "./segment/now.js";
import { Save } from "./segment/save.js";
import { Sql } from "./segment/sql.js";
import { Button } from "../parts/button.js";
import { styled } from "../parts/style.js";

styled("segment");
const t = words(file);
const c = words(common);

/** A metric's name, as a reader says it: `avg(monthly_fee)`. */
function metricLabel(name) {
  const [, func, field] = /^(\w+)\((?:\w+\.)?(\w+)\)$/.exec(name) ?? [];
  const found = field && catalog.value.categories.flatMap((category) => category.filters).find((one) => one.field === field);
  return found && ["sum", "avg", "min", "max", "median"].includes(func) ? t(`func_${func}`, { field: found.label }) : name;
}

function Metrics({ metrics }) {
  if (!metrics?.length) return null;
  return html`<dl class="metrics">
    ${metrics.map(({ name, value }) => html`<div><dt>${metricLabel(name)}</dt><dd class="num">${value === null ? "–" : num(value, { maximumFractionDigits: 2 })}</dd></div>`)}
  </dl>`;
}

function Size() {
  const answer = sized.value;
  if (!answer) return html`<p class="hint">${t("no_count")}</p>`;
  const { count, count_below: below, population, share, as_of: asOf } = answer;
  const all = steps.value;
  const change = all.length > 1 ? changeOf(all.at(-1), all.at(-2)) : null;
  return html`<div class=${`size-now ${pending.value ? "busy" : ""}`}>
    <p class="size-count"><strong class="num">${below ? c("below", { n: num(below) }) : num(count)}</strong>${!below && html`<span>${t("people")}</span>`}</p>
    <p class="hint">${[share !== undefined && t("of_population", { share: percent(share), all: num(population) }), asOf && t("as_of", { date: date(asOf) })].filter(Boolean).join(" · ")}</p>
    ${change && html`<p class="size-change num">${t("since_last", { change })}</p>`}
    ${below && html`<p class="hint">${t("below_why", { n: num(below) })}</p>`}
    <${Metrics} metrics=${answer.metrics} />
  </div>`;
}

export function Segment() {
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  return html`<div class="segment-in">
    <div class="row spread">
      <h2>${t("title")}</h2>
      <div class="row tight">
        <${Button} kind="quiet" small icon="compare" onClick=${() => setOpen("compare")}>${t("compare")}<//>
        <${Button} small icon="save" disabled=${!sized.value || Boolean(pending.value)} onClick=${() => setOpen("save")}>${c("save")}<//>
      </div>
    </div>
    <${Size} />
    <section class="part-of">
      <h3>${t("conditions")}</h3>
      <${Conditions} />
    </section>
    <${Funnel} />
    <${Breakdown} />
    <${Sql} />
    ${open === "save" && html`<${Save} onClose=${close} />`} ${open === "compare" && html`<${Compare} onClose=${close} />`}
  </div>`;
}
