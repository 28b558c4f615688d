// What is seen before anything was said: what this is for, how to go on, and examples made from the catalog's own words.

import { html } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/chat.js";
import { catalog } from "../state.js";
import { say } from "./conversation.js";
import { Steps } from "./guide.js";
import { Button } from "../parts/button.js";

const t = words(file);
/** A field with so many values at most has values that can stand in an example. */
const FEW = 12;

/** Requests that the catalog at hand can answer. */
function examples({ glossary, bands, categories, entity }) {
  const filters = categories.flatMap((c) => c.filters);
  const fields = filters.filter((f) => f.dataset === filters[0].dataset && f.values.length > 1 && f.values_total <= FEW);
  const [term, other] = glossary;
  const made = [];
  if (term) made.push(t("example_count", { term: term.label, entity }));
  if ((other ?? term) && bands[0]) made.push(t("example_by", { term: (other ?? term).label, entity, band: bands[0].label }));
  const field = fields[1] ?? fields[0];
  if (field) made.push(t("example_value", { value: field.values[0].label, entity }));
  return [...made, t("example_about")];
}

export function Welcome() {
  return html`<div class="welcome">
    <img src="/ui/icon.svg" alt="" width="48" height="48" />
    <h2>${t("welcome")}</h2>
    <p>${t("welcome_about")}</p>
    <${Steps} />
    <h3>${t("examples")}</h3>
    <div class="chips">
      ${catalog.value && examples(catalog.value).map((text) => html`<${Button} onClick=${() => say({ text })}>${text}<//>`)}
    </div>
  </div>`;
}
