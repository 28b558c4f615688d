// What can be asked: the filters by category, searched by what is typed of them. A click writes the words into the chat, so
// that people learn to ask.

import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { ago, num, words } from "../i18n/t.js";
import * as file from "../i18n/filters.js";
import { api } from "../api.js";
import { catalog } from "../state.js";
import { compose, turns } from "./conversation.js";
import { entries } from "./filters/entries.js";
import { search } from "./filters/jamo.js";
import { Opened } from "./filters/values.js";
import { entityOf, keyOf } from "./groups.js";
import { Icon } from "../parts/icon.js";
import { Rows } from "../parts/rows.js";
import { useFetched } from "../parts/say.js";
import { styled } from "../parts/style.js";

styled("filters");
const t = words(file);
/** A notice marks its filter for so long, in milliseconds. */
const FRESH = 30 * 24 * 3600 * 1000;
/** So many of the filters that are asked for most are named at the top. */
const TOP = 6;
/** Notices that are listed. */
const TOLD = 20;
/** Height of the list of what was found, in pixels, at most. */
const HEIGHT = 560;
const ROW = 46;
/** What a key that an input method handles itself is called. */
const COMPOSING = 229;

/** How often each filter was asked for, by its name in a grouping: that of a table goes to its first filter. */
function uses(all, usage) {
  const counts = new Map((usage ?? []).flatMap((category) => category.filters).map((one) => [one.filter, one.count]));
  const found = new Map();
  const tables = new Set();
  for (const field of all.categories.flatMap((category) => category.filters)) {
    const key = keyOf(all, field);
    const own = counts.get(key);
    const first = field.dataset !== entityOf(all) && !tables.has(field.dataset);
    tables.add(field.dataset);
    const count = own ?? (first ? counts.get(field.dataset) : 0);
    if (count) found.set(key, count);
  }
  return found;
}

function Marked({ label, hit }) {
  if (!hit) return label;
  return html`${label.slice(0, hit.start)}<mark>${label.slice(hit.start, hit.end)}</mark>${label.slice(hit.end)}`;
}

const saidOf = ({ kind, field, value, term }) => (kind === "value" ? t("say_value", { field: field.label, value: value.label }) : kind === "term" ? term.label : null);

/** What was found, the best first. */
function Found({ hits, boxRef, onOpen }) {
  const row = ({ item, hit, by }) => html`<span class="found-text">
      <span class="found-name"><${Marked} label=${item.label.text} hit=${hit} />${by && by !== item.label.text && html`<small class="found-by"> ${by}</small>`}</span>
      <small class="hint">${item.kind === "term" ? t("kind_term") : item.kind === "value" ? item.field.label : t("kind_field", { category: item.category.label })}</small>
    </span>
    <${Icon} name=${item.kind === "field" ? "forward" : "add"} size=${16} />`;
  const title = ({ item }) => (item.kind === "field" ? t("open", { field: item.label.text }) : t("write", { words: saidOf(item) }));
  return html`<${Rows}
    items=${hits}
    row=${row}
    title=${title}
    name=${({ item }) => item.id}
    label=${t("found_list")}
    height=${HEIGHT}
    size=${ROW}
    boxRef=${boxRef}
    onChoose=${({ item }) => (item.kind === "field" ? onOpen(item) : compose(saidOf(item)))}
  />`;
}

function FieldRow({ field, open, toggle, notice, count }) {
  const key = keyOf(catalog.value, field);
  return html`<li class=${`field-item ${open ? "open" : ""}`}>
    <button type="button" class="field-name" id=${`filter-${key}`} aria-expanded=${String(open)} onClick=${toggle}>
      <${Icon} name=${open ? "down" : "forward"} size=${14} />
      <span class="field-label">${field.label}</span>
      ${notice && html`<span class=${`mark ${notice.kind}`} title=${notice.text}>${t(`mark_${notice.kind}`)}</span>`}
      ${count > 0 && html`<span class="uses num" title=${t("used", { n: num(count) })}>${num(count)}<span class="unseen">${t("used_unit")}</span></span>`}
    </button>
    ${open && html`<${Opened} field=${field} notice=${notice} />`}
  </li>`;
}

function Terms({ glossary }) {
  const [open, setOpen] = useState(false);
  if (!glossary.length) return null;
  return html`<li class="category">
    <button type="button" class="category-name" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}>
      <${Icon} name=${open ? "down" : "forward"} size=${16} /><span class="field-label">${t("terms")}</span><span class="size num">${num(glossary.length)}</span>
    </button>
    ${open &&
    html`<div class="terms">
      ${glossary.map((term) => html`<button type="button" class="term" key=${term.name} title=${term.means} onClick=${() => compose(term.label)}>${term.label}</button>`)}
    </div>`}
  </li>`;
}

/** What is new, changed or ended. */
function News({ notices, onOpen }) {
  const [open, setOpen] = useState(false);
  if (!notices.length) return null;
  return html`<div class="news">
    <button type="button" class="category-name" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}>
      <${Icon} name=${open ? "down" : "forward"} size=${16} /><span class="field-label">${t("news")}</span><span class="mark new num">${num(notices.length)}</span>
    </button>
    ${open &&
    html`<ul class="news-list">
      ${notices.slice(0, TOLD).map(
        (one) => html`<li key=${`${one.filter} ${one.at}`}>
          <span class=${`mark ${one.kind}`}>${t(`mark_${one.kind}`)}</span>
          ${one.kind === "ended" ? one.text : html`<button type="button" class="link" onClick=${() => onOpen(one.filter)}>${one.text}</button>`}
          <small class="hint">${ago(one.at)}</small>
        </li>`,
      )}
    </ul>`}
  </div>`;
}

export function Filters() {
  const all = catalog.value;
  const [query, setQuery] = useState("");
  const [shown, setShown] = useState(() => new Set());
  const [opened, setOpened] = useState(null);
  const list = useRef();
  const goTo = useRef(null);
  const { value: usage } = useFetched((signal) => api.get("/v1/catalog/usage", { signal }), [turns.value.length]);
  const { value: notices } = useFetched((signal) => api.get("/v1/notices", { signal }), []);
  const items = useMemo(() => entries(all), [all]);
  const hits = useMemo(() => (query.trim() ? search(query, items) : []), [query, items]);
  const counts = useMemo(() => uses(all, usage), [all, usage]);
  const fresh = useMemo(() => (notices ?? []).filter((one) => Date.now() - new Date(one.at) < FRESH), [notices]);
  const marks = new Map([...fresh].reverse().map((one) => [one.filter, one]));
  const fields = all.categories.flatMap((category) => category.filters.map((field) => ({ field, category })));
  const often = fields.filter(({ field }) => counts.has(keyOf(all, field))).sort((a, b) => counts.get(keyOf(all, b.field)) - counts.get(keyOf(all, a.field)));
  useEffect(() => {
    if (!goTo.current) return;
    const element = document.getElementById(`filter-${goTo.current}`);
    goTo.current = null;
    element?.scrollIntoView({ block: "nearest" });
    element?.focus();
  });
  const show = ({ field, category }) => {
    setQuery("");
    setShown((before) => new Set(before).add(category.name));
    setOpened(keyOf(all, field));
    goTo.current = keyOf(all, field);
  };
  const showNamed = (name) => {
    const found = fields.find(({ field }) => keyOf(all, field) === name);
    if (found) show(found);
  };
  const turn = (name) =>
    setShown((before) => {
      const after = new Set(before);
      if (!after.delete(name)) after.add(name);
      return after;
    });
  const keys = (event) => {
    if (event.isComposing || event.keyCode === COMPOSING) return;
    if (event.key === "Escape" && query) {
      event.stopPropagation();
      setQuery("");
    } else if (event.key === "ArrowDown" && hits.length) {
      event.preventDefault();
      list.current?.querySelector("button")?.focus();
    } else if (event.key === "Enter" && hits.length) {
      event.preventDefault();
      const { item } = hits[0];
      if (item.kind === "field") show(item);
      else compose(saidOf(item));
    }
  };
  return html`<div class="filters-in">
    <h2>${t("title")}</h2>
    <div class="search">
      <${Icon} name="search" size=${16} />
      <input class="input" type="search" aria-label=${t("search")} placeholder=${t("search_hint")} value=${query} onInput=${(event) => setQuery(event.target.value)} onKeyDown=${keys} />
    </div>
    <p class="unseen" role="status">${query.trim() ? t("found", { n: num(hits.length) }) : ""}</p>
    ${query.trim()
      ? hits.length
        ? html`<${Found} hits=${hits} boxRef=${list} onOpen=${show} />`
        : html`<p class="hint">${t("found_none")}</p>`
      : html`<p class="hint">${t("how")}</p>
          ${often.length > 0 &&
          html`<div class="often" role="group" aria-label=${t("often")}>
            ${often.slice(0, TOP).map((one) => html`<button type="button" class="term" key=${keyOf(all, one.field)} onClick=${() => show(one)}>${one.field.label} <small class="num">${num(counts.get(keyOf(all, one.field)))}</small></button>`)}
          </div>`}
          <${News} notices=${fresh} onOpen=${showNamed} />
          <ul class="categories">
            <${Terms} glossary=${all.glossary} />
            ${all.categories.filter((category) => category.filters.length).map((category) => {
              const open = shown.has(category.name);
              const news = fresh.filter((one) => one.category === category.name).length;
              return html`<li class="category" key=${category.name}>
                <button type="button" class="category-name" aria-expanded=${String(open)} onClick=${() => turn(category.name)}>
                  <${Icon} name=${open ? "down" : "forward"} size=${16} />
                  <span class="field-label">${category.label}</span>
                  ${news > 0 && html`<span class="mark new">${t("news_of", { n: num(news) })}</span>`}
                  <span class="size num">${num(category.filters.length)}</span>
                </button>
                ${open &&
                html`<ul class="fields">
                  ${category.filters.map((field) => {
                    const key = keyOf(all, field);
                    return html`<${FieldRow}
                      key=${key}
                      field=${field}
                      open=${opened === key}
                      toggle=${() => setOpened(opened === key ? null : key)}
                      notice=${marks.get(key)}
                      count=${counts.get(key) ?? 0}
                    />`;
                  })}
                </ul>`}
              </li>`;
            })}
          </ul>`}
  </div>`;
}
