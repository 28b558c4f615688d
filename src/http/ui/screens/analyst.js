// The analyst's tab: SQL is written, checked as one writes, run, and looked at from all sides.
// SQL comes here from the chat by `analyst/handover.js`.

import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { num, words } from "../i18n/t.js";
import * as file from "../i18n/analyst.js";
import { catalog, locale } from "../state.js";
import { Button } from "../parts/button.js";
import { Select } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { styled } from "../parts/style.js";
import { Tabs } from "../parts/tabs.js";
import { Answered, Dialects, Earlier, Plan } from "../analyst/answered.js";
import { ROW_LIMITS, about, check, checked, checkFault, enter, maxRows, open, ran, runFault, running, sql, start, stop, version, write } from "../analyst/desk.js";
import { Editor } from "../analyst/editor.js";
import { canBePut } from "../analyst/places.js";
import { Results } from "../analyst/results.js";
import { tablesOf } from "../analyst/schema.js";
import { Tables } from "../analyst/tables.js";

const t = words(file);
styled("analyst");

const NONE = [];

/** What the check says of the statement as it stands. */
function Verdict({ hold }) {
  const found = checked.value;
  if (!sql.value.trim()) return html`<p class="verdict hint" role="status">${t("write_first")}</p>`;
  if (checkFault.value) return html`<p class="verdict bad" role="status"><${Icon} name="warning" size=${16} />${checkFault.value.message}</p>`;
  if (!found || found.text !== sql.value) return html`<p class="verdict hint" role="status">${t("checking")}</p>`;
  if (found.verdict.ok) {
    return html`<p class="verdict good" role="status"><${Icon} name="check" size=${16} />${t("may_run", { n: num(found.verdict.columns.length) })}</p>`;
  }
  return html`<div class="verdict bad" role="status">
    <p><${Icon} name="warning" size=${16} />${t("faults", { n: num(found.verdict.refusals.length) })}</p>
    <ul>
      ${found.verdict.refusals.map(
        (refusal) => html`<li>
          <button type="button" class="fault-place" onClick=${() => hold.current?.goTo(refusal)}>
            ${refusal.line ? t("place", { line: num(refusal.line), column: num(refusal.column) }) : t("whole")}
          </button>
          <span>${refusal.message}</span>
          ${canBePut(refusal) && html`<${Button} small onClick=${() => hold.current?.put(refusal)}>${t("put", { name: refusal.hint })}<//>`}
        </li>`,
      )}
    </ul>
  </div>`;
}

/** A statement to begin with, over the catalog as it is. */
const example = (tables) => {
  const table = tables[0];
  const by = table?.columns.find((c) => c.values.length > 2)?.name;
  const measure = table?.columns.find((c) => /^(int|float)/.test(c.kind))?.name;
  if (!by) return "";
  return `SELECT ${by}, count(*) AS n${measure ? `, avg(${measure}) AS ${measure}` : ""}\nFROM ${table.name}\nGROUP BY ${by}\nORDER BY n DESC`;
};

export default function Screen() {
  const [seen, see] = useState("results");
  const hold = useRef();
  const known = catalog.value;
  const tables = useMemo(() => tablesOf(known), [known]);
  useEffect(enter, []);
  useEffect(() => {
    check();
  }, [locale.value]);
  useEffect(() => {
    if (running.value || runFault.value) see("results");
  }, [running.value, runFault.value]);
  const verdict = checked.value?.text === sql.value ? checked.value.verdict : null;
  const tabs = [
    { value: "results", label: ran.value ? t("results_n", { n: num(ran.value.result.rows.length) }) : t("results") },
    { value: "answered", label: t("answered") },
    { value: "plan", label: t("plan") },
    { value: "dialects", label: t("dialects") },
    { value: "earlier", label: t("earlier") },
  ];
  const panels = { results: Results, answered: Answered, plan: Plan, dialects: Dialects, earlier: Earlier };
  const Panel = panels[seen];
  const limits = ROW_LIMITS.map((n) => ({ value: String(n), label: t("up_to", { n: num(n) }) }));
  return html`<div class="screen analyst">
    <header class="screen-head">
      <h1>${t("title")}</h1>
      <p class="hint">${t("promise", { label: known.population.label })}</p>
    </header>
    <div class="analyst-desk">
      <section class="card analyst-write" aria-label=${t("statement")}>
        ${about.value && html`<p class="analyst-about"><${Icon} name="chat" size=${16} />${t("answers", { words: about.value })}</p>`}
        <${Editor}
          sql=${sql.value}
          version=${version.value}
          onChange=${write}
          onRun=${start}
          refusals=${verdict?.refusals ?? NONE}
          checked=${verdict ? sql.value : null}
          tables=${tables}
          hold=${hold}
        />
        <${Verdict} hold=${hold} />
        <div class="row analyst-tools">
          ${running.value
            ? html`<${Button} kind="danger" icon="stop" onClick=${stop}>${t("stop")}<//>`
            : html`<${Button} kind="main" icon="play" disabled=${!sql.value.trim()} onClick=${start}>${t("run")}<//>`}
          <span class="hint keys">${t("run_keys")}</span>
          <span class="analyst-rest">
            ${!sql.value.trim() && html`<${Button} kind="quiet" icon="edit" onClick=${() => (open(example(tables)), hold.current?.focus())}>${t("example")}<//>`}
            <${Select}
              label=${t("most_rows")}
              hidden
              value=${maxRows.value}
              options=${limits}
              onChange=${(n) => {
                maxRows.value = n;
                check();
              }}
            />
          </span>
        </div>
      </section>
      <aside class="card analyst-tables" aria-label=${t("tables")}>
        <h2>${t("tables")}</h2>
        <${Tables} tables=${tables} insert=${(text) => hold.current?.insert(text)} />
      </aside>
      <section class="card analyst-found" aria-label=${t("found")} aria-busy=${running.value ? "true" : undefined}>
        ${running.value && html`<p class="loading" role="status"><span class="spinner" aria-hidden="true"></span>${t("running")}</p>`}
        <${Tabs} label=${t("views")} tabs=${tabs} value=${seen} onChange=${see}><${Panel} opened=${() => hold.current?.focus()} /><//>
      </section>
    </div>
  </div>`;
}
