// Which columns leave, in which order: none chosen stands for all.

import { html, useState } from "../vendor/preact.js";
import { num, words } from "../i18n/t.js";
import * as file from "../i18n/exports.js";
import { Button, Chip } from "../parts/button.js";
import { TextField } from "../parts/field.js";
import { columnGroups } from "./order.js";

const t = words(file);

export function Columns({ chosen, onChange }) {
  const [typed, setTyped] = useState("");
  const [all, setAll] = useState(false);
  const groups = columnGroups(t("bands"));
  const known = new Map(groups.flatMap((g) => g.columns.map((one) => [one.name, one.label])));
  const toggle = (name) => onChange(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  const wanted = typed.trim().toLowerCase();
  const shown = groups
    .map((g) => ({ ...g, columns: wanted ? g.columns.filter((one) => `${one.label} ${one.name}`.toLowerCase().includes(wanted)) : g.columns }))
    .filter((g) => g.columns.length);
  return html`<div class="stack">
    ${chosen.length
      ? html`<ul class="chosen-columns" aria-label=${t("chosen_columns")}>
          ${chosen.map(
            (name) => html`<li key=${name}><${Chip} tone="condition" onRemove=${() => toggle(name)} removeLabel=${t("remove_column", { name: known.get(name) ?? name })}>${known.get(name) ?? name}<//></li>`,
          )}
          <li><${Button} small kind="quiet" onClick=${() => onChange([])}>${t("all_again")}<//></li>
        </ul>`
      : html`<p class="hint">${t("every_column", { n: num(known.size - (groups.at(-1)?.name === "bands" ? groups.at(-1).columns.length : 0)) })}</p>`}
    <${Button} small icon=${all ? "minus" : "add"} aria-expanded=${String(all)} onClick=${() => setAll(!all)}>${t("choose_columns")}<//>
    ${all &&
    html`<div class="column-choice-list">
      <${TextField} label=${t("search_columns")} hidden type="search" placeholder=${t("search_columns")} value=${typed} onInput=${setTyped} />
      ${shown.map(
        (g) => html`<fieldset key=${g.name}>
          <legend>${g.label}</legend>
          ${g.columns.map(
            (one) => html`<label class="column-check" title=${one.name}>
              <input type="checkbox" checked=${chosen.includes(one.name)} onChange=${() => toggle(one.name)} /><span>${one.label}</span>
            </label>`,
          )}
        </fieldset>`,
      )}
      ${shown.length === 0 && html`<p class="hint">${t("no_columns")}</p>`}
    </div>`}
  </div>`;
}
