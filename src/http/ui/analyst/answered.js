// What is behind a statement: how it was answered, the engine's plan, the same in other flavours of SQL, earlier ones.

import { html, useState } from "../vendor/preact.js";
import { ago, date, num, words } from "../i18n/t.js";
import * as file from "../i18n/analyst.js";
import { catalog } from "../state.js";
import { Button, Choice } from "../parts/button.js";
import { Code, coloured } from "../parts/code.js";
import { Empty, Fault } from "../parts/say.js";
import { checked, checkFault, earlierOnes, open, ran, sql } from "./desk.js";

const t = words(file);

/** What the check says, where it is of the statement as it stands; else why there is nothing to show. */
function passed() {
  if (checkFault.value) return { instead: html`<${Fault} error=${checkFault.value} />` };
  const found = checked.value;
  if (!found || !found.verdict.ok) return { instead: html`<${Empty} icon="help" title=${t("not_checked")} />` };
  return { verdict: found.verdict };
}

const labelOf = (place) => {
  const [table, column] = place.split(".");
  const filters = catalog.value?.categories.flatMap((one) => one.filters) ?? [];
  return filters.find((f) => f.dataset === table && f.field === column)?.label;
};

const Fact = ({ name, children }) => html`<div class="fact"><dt>${name}</dt><dd>${children}</dd></div>`;

export function Answered() {
  const { verdict, instead } = passed();
  if (instead) return instead;
  const result = ran.value?.text === checked.value.text ? ran.value.result : null;
  const { population } = catalog.value;
  const hidden = verdict.hides_small_groups ? t("hides", { n: num(verdict.min_group) }) : t("hides_nothing");
  return html`<div class="stack">
    <dl class="facts">
      <${Fact} name=${t("whom")}>${t("bound_to", { label: population.label, count: num(population.count) })}<//>
      <${Fact} name=${t("small_groups")}>${hidden}<//>
      <${Fact} name=${t("most_rows")}><span class="num">${num(verdict.max_rows)}</span><//>
      <${Fact} name=${t("data_of")}>${date(catalog.value.as_of)}<//>
      ${result && html`<${Fact} name=${t("duration")}><span class="num">${t("took", { ms: num(Math.round(result.elapsed_ms)) })}</span><//>`}
      <${Fact} name=${t("tables_read")}>${verdict.tables.map((name) => html`<code class="place">${name}</code>`)}<//>
      <${Fact} name=${t("touched")}>
        ${verdict.touched.map((place) => html`<span class="place"><code>${place}</code>${labelOf(place) && html` ${labelOf(place)}`}</span>`)}
      <//>
    </dl>
    <h3>${t("as_it_runs")}</h3>
    <${Code} sql=${verdict.sql} label=${t("as_it_runs")} />
  </div>`;
}

export function Plan() {
  const { verdict, instead } = passed();
  if (instead) return instead;
  if (!verdict.plan) return html`<${Empty} icon="help" title=${t("no_plan")} />`;
  const steps = verdict.plan.split("\n").map((line) => ({ depth: line.search(/\S/) / 2, text: line.trim() }));
  return html`<div class="plan" tabindex="0" role="region" aria-label=${t("steps")}><ol>
    ${steps.map(({ depth, text }) => {
      const [, name, rest] = /^(\w+)(?::\s*)?([\s\S]*)$/.exec(text) ?? [null, text, ""];
      return html`<li style=${{ paddingInlineStart: `${depth * 18}px` }}><code><b>${name}</b> ${rest}</code></li>`;
    })}
  </ol></div>`;
}

export function Dialects() {
  const [name, setName] = useState("");
  const { verdict, instead } = passed();
  if (instead) return instead;
  const all = verdict.dialects ?? [];
  const chosen = all.find((d) => d.name === name) ?? all[0];
  if (!chosen) return html`<${Empty} icon="help" title=${t("no_dialects")} />`;
  return html`<div class="stack">
    <${Choice} label=${t("dialect")} value=${chosen.name} options=${all.map((d) => ({ value: d.name, label: d.name }))} onChange=${setName} />
    <${Code} sql=${chosen.sql} label=${chosen.name} />
    <p class="hint">${t("dialect_hint")}</p>
  </div>`;
}

export function Earlier({ opened }) {
  const all = earlierOnes();
  if (!all.length) return html`<${Empty} icon="list" title=${t("no_earlier")} />`;
  return html`<ul class="earlier">
    ${all.map(
      (one) => html`<li key=${one.at}>
        <pre><code>${coloured(one.sql)}</code></pre>
        <span class="hint">${ago(one.at)}</span>
        <${Button}
          small
          disabled=${one.sql === sql.value}
          onClick=${() => {
            open(one.sql);
            opened();
          }}
          >${t("open_again")}<//
        >
      </li>`,
    )}
  </ul>`;
}
