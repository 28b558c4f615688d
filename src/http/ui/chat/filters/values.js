// A filter that is opened: what it is, what can be asked of it, and its values with how many have them.

import { html, useMemo, useState } from "../../vendor/preact.js";
import { num, percent, short, words } from "../../i18n/t.js";
import * as file from "../../i18n/filters.js";
import * as common from "../../i18n/common.js";
import { catalog } from "../../state.js";
import { compose } from "../conversation.js";
import { everybody, keyOf } from "../groups.js";
import { Button } from "../../parts/button.js";
import { Rows } from "../../parts/rows.js";
import { Fault, Loading, useFetched } from "../../parts/say.js";
import { examples, sort } from "./entries.js";
import { search, searchable } from "./jamo.js";

const t = words(file);
const c = words(common);
/** From so many values on they can be searched. */
const MANY = 15;
/** Height of the list of values, in pixels, at most. */
const HEIGHT = 288;
const ROW = 30;

/** The values of a filter with their counts: `{ id, label, said, count?, share?, synonyms }`, as the catalog orders them. */
function valued(field, band, groups) {
  const rows = new Map(groups.rows.map((row) => [row.key[0], row]));
  const told = (name, label, said, synonyms = []) => {
    const { count = null, share = null } = rows.get(name) ?? {};
    return { id: name, label, said, synonyms, count, share };
  };
  const say = (label) => t("say_value", { field: field.label, value: label });
  if (band || sort(field) === "flag") {
    const named = groups.rows.filter((row) => row.key[0] !== null);
    return named.map((row) => told(row.key[0], row.label[0], band ? say(row.label[0]) : row.key[0] === "true" ? field.label : t("say_not", { field: field.label })));
  }
  const listed = field.values.map((value) => told(value.name, value.label, say(value.label), value.synonyms));
  const known = new Set(field.values.map((value) => value.name));
  const more = groups.rows.filter((row) => row.key[0] !== null && !known.has(row.key[0])).map((row) => told(row.key[0], row.label[0], say(row.label[0])));
  const all = [...listed, ...more];
  return all.length > MANY ? all.sort((a, b) => (b.count ?? -1) - (a.count ?? -1)) : all;
}

function Values({ field, band }) {
  const key = band?.name ?? keyOf(catalog.value, field);
  const { value: groups, error, loading, again } = useFetched(() => everybody([key]), [key]);
  const [query, setQuery] = useState("");
  const all = useMemo(() => (groups ? valued(field, band, groups) : []), [groups]);
  const spelled = useMemo(() => all.map((value) => ({ value, label: searchable(value.label), also: [value.id, ...value.synonyms].map(searchable) })), [all]);
  const shown = useMemo(() => (query.trim() ? search(query, spelled).map((hit) => hit.item.value) : all), [query, all]);
  if (error) return html`<${Fault} error=${error} retry=${again} />`;
  if (loading && !groups) return html`<${Loading} />`;
  const most = Math.max(1, ...all.map((value) => value.count ?? 0));
  const hidden = t("hidden_value", { n: num(catalog.value.min_group) });
  const row = (value) => html`<span class="value-name">${value.label}</span>
    <span class="value-bar" aria-hidden="true"><span style=${{ width: `${(100 * (value.count ?? 0)) / most}%` }}></span></span>
    <span class="value-count num">${value.count === null ? (groups.suppressed ? c("below", { n: num(catalog.value.min_group) }) : "0") : short(value.count)}</span>`;
  const title = (value) => (value.count === null ? (groups.suppressed ? hidden : undefined) : t("value_title", { n: num(value.count), share: percent(value.share) }));
  return html`${all.length > MANY &&
    html`<input
      class="input small"
      type="search"
      aria-label=${t("search_values", { field: field.label })}
      placeholder=${t("search_values", { field: field.label })}
      value=${query}
      onInput=${(event) => setQuery(event.target.value)}
    />`}
    ${shown.length
      ? html`<${Rows} items=${shown} row=${row} title=${title} name=${(value) => value.id} label=${t("values_of", { field: field.label })} height=${HEIGHT} size=${ROW} onChoose=${(value) => compose(value.said)} />`
      : html`<p class="hint">${t("no_values")}</p>`}`;
}

/** `notice` says what is new of it. */
export function Opened({ field, notice }) {
  const all = catalog.value;
  const band = keyOf(all, field) === field.field ? all.bands.find((one) => one.field === field.field) : null;
  return html`<div class="field-open">
    ${notice && html`<p class="hint"><span class=${`mark ${notice.kind}`}>${t(`mark_${notice.kind}`)}</span> ${notice.text}</p>`}
    ${field.about && html`<p class="hint">${field.about}</p>`}
    <div class="examples" role="group" aria-label=${t("examples", { field: field.label })}>
      ${examples(all, field, t).map(({ key, words: said }) => html`<${Button} key=${key} small class="example" title=${t("write", { words: said })} onClick=${() => compose(said)}>${said}<//>`)}
    </div>
    ${(field.values_total > 0 || field.kind === "bool" || band) && html`<${Values} field=${field} band=${band} />`}
  </div>`;
}
