// The list beside the editor: tables and columns, found by either name; a click writes the name into the statement.

import { html, useMemo, useState } from "../vendor/preact.js";
import { num, words } from "../i18n/t.js";
import * as file from "../i18n/analyst.js";
import { TextField } from "../parts/field.js";

const t = words(file);
/** Values that are told of a column. */
const SHOWN = 12;

const fits = (text, wanted) => text.toLowerCase().includes(wanted);

/** Whether the label says more than the name. */
const isOther = ({ name, label }) => label && label.toLowerCase() !== name.replaceAll("_", " ").toLowerCase();

function Column({ column, insert }) {
  const values = column.values.slice(0, SHOWN);
  const rest = column.values.length - values.length + column.more;
  const name = html`<button type="button" class="schema-name" title=${t("insert", { name: column.name })} onClick=${() => insert(column.name)}>
    <code>${column.name}</code>${isOther(column) && html`<span class="schema-label">${column.label}</span>`}
  </button>`;
  return html`<li class="schema-column">
    ${name}
    ${values.length === 0 ? html`<span class="schema-kind">${column.kind === "key" ? t("key") : column.kind}</span>` : html`<details class="schema-values">
      <summary>${t("values", { n: num(column.values.length + column.more) })}</summary>
      <p>
        ${values.map((v) => html`<button type="button" class="schema-value" onClick=${() => insert(`'${v.name.replaceAll("'", "''")}'`)}>${v.label}</button>`)}
        ${rest > 0 && html`<span class="hint">${t("more_values", { n: num(rest) })}</span>`}
      </p>
    </details>`}
  </li>`;
}

export function Tables({ tables, insert }) {
  const [typed, setTyped] = useState("");
  const wanted = typed.trim().toLowerCase();
  const found = useMemo(
    () =>
      tables
        .map((table) => ({ ...table, columns: wanted ? table.columns.filter((c) => fits(`${c.name} ${c.label}`, wanted)) : table.columns }))
        .filter((table) => !wanted || table.columns.length),
    [tables, wanted],
  );
  return html`<div class="schema">
    <${TextField} label=${t("search_columns")} hidden type="search" placeholder=${t("search_columns")} value=${typed} onInput=${setTyped} />
    <div class="schema-tables">
      ${found.map(
        (table, i) => html`<details key=${`${table.name} ${wanted !== ""}`} open=${wanted ? true : i === 0}>
          <summary><code>${table.name}</code> <span class="schema-label">${table.label}</span></summary>
          <button type="button" class="schema-insert" onClick=${() => insert(table.name)}>${t("insert", { name: table.name })}</button>
          <ul>
            ${table.columns.map((column) => html`<${Column} key=${column.name} column=${column} insert=${insert} />`)}
          </ul>
        </details>`,
      )}
      ${found.length === 0 && html`<p class="hint">${t("no_columns")}</p>`}
    </div>
  </div>`;
}
