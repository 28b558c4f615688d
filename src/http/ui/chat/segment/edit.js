// A condition to be changed: its values, its bounds, its dates. What it is made of is as the catalog has it.

import { html, useMemo, useState } from "../../vendor/preact.js";
import { num, words } from "../../i18n/t.js";
import * as file from "../../i18n/segment.js";
import * as common from "../../i18n/common.js";
import { catalog } from "../../state.js";
import { everybody, entityOf, keyOf } from "../groups.js";
import { search, searchable } from "../filters/jamo.js";
import { Button, Choice } from "../../parts/button.js";
import { Dialog } from "../../parts/dialog.js";
import { Check, Select, TextField } from "../../parts/field.js";
import { useFetched } from "../../parts/say.js";

const t = words(file);
const c = words(common);
/** Values that are shown at once to be ticked; the others are found by searching. */
const SHOWN = 60;
/** From so many values on they can be searched. */
const MANY = 12;

const fieldOf = (dataset, name) => catalog.value.categories.flatMap((category) => category.filters).find((f) => f.dataset === dataset && f.field === name);
const entity = () => entityOf(catalog.value);
const kindOf = (expr) => (typeof expr === "string" ? expr : Object.keys(expr)[0]);
const inner = (part) => (part.kind === "not" ? (part.parts[0].segment ?? null) : part.segment);

/** Whether something of an expression can be changed here. */
function changeable(expr, dataset) {
  switch (kindOf(expr)) {
    case "and":
    case "or":
      return expr[kindOf(expr)].some((one) => changeable(one, dataset));
    case "not":
      return changeable(expr.not, dataset);
    case "compare":
      return Boolean(fieldOf(dataset, expr.compare.field)) && kindOf(expr.compare.test) !== "true";
    case "exists":
      return changeable(expr.exists.rows, expr.exists.dataset);
    case "total":
    case "rank":
    case "sample":
      return true;
    default:
      return false;
  }
}

/** Whether a part can be changed here: one condition, or the opposite of one. */
export function canEdit(part) {
  const one = part.kind === "is" || (part.kind === "not" && part.parts[0].kind === "is");
  return one && changeable(inner(part), entity());
}

const literalOf = (value) => Object.values(value ?? {})[0];
const number = (text) => {
  const value = Number(text);
  return String(text).trim() === "" || !Number.isFinite(value) ? null : { [Number.isInteger(value) ? "int" : "float"]: value };
};

/** The tests of numbers, as they are chosen. */
const BOUNDS = ["ge", "gt", "le", "lt", "eq", "ne", "between"];

/** A bound or two. `onChange` gets the test, null where it is not whole. */
function Bounds({ test, unit, onChange, make, input }) {
  const kind = kindOf(test);
  const [sign, setSign] = useState(kind);
  const [low, setLow] = useState(literalOf(kind === "between" ? test.between[0] : test[kind]));
  const [high, setHigh] = useState(kind === "between" ? literalOf(test.between[1]) : "");
  const told = (sign, low, high) => {
    const from = make(low);
    const to = make(high);
    onChange(sign === "between" ? from && to && { between: [from, to] } : from && { [sign]: from });
  };
  return html`<div class="edit-row">
    <${Select}
      label=${t("test")}
      hidden
      value=${sign}
      options=${BOUNDS.map((value) => ({ value, label: t(`test_${value}`) }))}
      onChange=${(value) => (setSign(value), told(value, low, high))}
    />
    <${TextField} label=${sign === "between" ? t("from") : t("bound")} hidden ...${input} value=${low} onInput=${(value) => (setLow(value), told(sign, value, high))} />
    ${sign === "between" &&
    html`<span aria-hidden="true">~</span><${TextField} label=${t("to")} hidden ...${input} value=${high} onInput=${(value) => (setHigh(value), told(sign, low, value))} />`}
    ${unit && html`<span class="hint">${unit}</span>`}
  </div>`;
}

const Numbers = (props) => html`<${Bounds} ...${props} make=${number} input=${{ type: "number", step: "any" }} />`;

/** A day: one of the calendar, or so long before the date of the data. */
function Dates({ test, onChange }) {
  const kind = kindOf(test);
  const literal = kind === "between" ? test.between[0] : test[kind];
  const spec = literal?.date ?? {};
  const [way, setWay] = useState(kindOf(spec) === "on" || kind === "between" ? "on" : kindOf(spec));
  const [sign, setSign] = useState(kind);
  const [n, setN] = useState(way === "on" ? 30 : literalOf(spec));
  const day = (text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? { date: { on: text } } : null);
  const before = (way, n, sign) => onChange(Number.isInteger(Number(n)) && Number(n) >= 0 && String(n).trim() !== "" ? { [sign === "between" ? "ge" : sign]: { date: { [way]: Number(n) } } } : null);
  const plain = (one) => (one?.date?.on ? { day: one.date.on } : { day: catalog.value.as_of });
  const shown = kind === "between" ? { between: test.between.map(plain) } : { [kind]: plain(literal) };
  return html`<div class="stack">
    <${Choice}
      label=${t("date_way")}
      value=${way}
      options=${["on", "days_before", "months_before"].map((value) => ({ value, label: t(`date_${value}`) }))}
      onChange=${(value) => (setWay(value), value === "on" ? onChange(null) : before(value, n, sign))}
    />
    ${way === "on"
      ? html`<${Bounds} test=${shown} onChange=${onChange} make=${day} input=${{ type: "date" }} />`
      : html`<div class="edit-row">
          <${Select}
            label=${t("test")}
            hidden
            value=${sign}
            options=${["ge", "gt", "le", "lt", "eq"].map((value) => ({ value, label: t(`test_date_${value}`) }))}
            onChange=${(value) => (setSign(value), before(way, n, value))}
          />
          <${TextField} label=${t(`date_${way}`)} hidden type="number" min="0" value=${n} onInput=${(value) => (setN(value), before(way, value, sign))} />
          <span class="hint">${t(`date_${way}_unit`)}</span>
        </div>`}
  </div>`;
}

/** Which values, to be ticked. */
function Values({ field, test, onChange }) {
  const kind = kindOf(test);
  const given = kind === "in" ? test.in : [test[kind]];
  const [ticked, setTicked] = useState(() => new Set(given.map((one) => one?.text).filter((one) => one !== undefined)));
  const [query, setQuery] = useState("");
  const key = keyOf(catalog.value, field);
  const { value: groups } = useFetched(() => everybody([key]), [key]);
  const counts = new Map((groups?.rows ?? []).map((row) => [row.key[0], row]));
  const all = useMemo(() => {
    const listed = field.values.map((value) => ({ name: value.name, label: searchable(value.label), also: [value.name, ...(value.synonyms ?? [])].map(searchable) }));
    const known = new Set(field.values.map((value) => value.name));
    const more = [...counts.values()].map((row) => ({ name: row.key[0], label: searchable(row.label[0]), also: [] })).filter((one) => one.name !== null && !known.has(one.name));
    const found = [...listed, ...more];
    for (const one of ticked) if (!found.some((value) => value.name === one)) found.unshift({ name: one, label: searchable(one), also: [] });
    // What is ticked comes first, in a list that does not fit.
    return found.length > SHOWN ? found.sort((a, b) => ticked.has(b.name) - ticked.has(a.name) || (counts.get(b.name)?.count ?? -1) - (counts.get(a.name)?.count ?? -1)) : found;
  }, [field, groups]);
  const shown = query.trim() ? search(query, all).map((hit) => hit.item) : all;
  const tick = (name, on) => {
    const next = new Set(ticked);
    if (on) next.add(name);
    else next.delete(name);
    setTicked(next);
    const literals = [...next].map((text) => ({ text }));
    if (kind === "ne" && literals.length === 1) onChange({ ne: literals[0] });
    else onChange(literals.length === 0 ? null : literals.length === 1 ? { eq: literals[0] } : { in: literals });
  };
  return html`<div class="stack">
    ${all.length > MANY && html`<${TextField} label=${t("search_values")} hidden placeholder=${t("search_values")} type="search" value=${query} onInput=${setQuery} />`}
    <div class="ticks" role="group" aria-label=${field.label}>
      ${shown.slice(0, SHOWN).map(({ name, label }) => html`<${Check} key=${name} label=${html`${label.text} <span class="hint num">${counts.has(name) ? num(counts.get(name).count) : ""}</span>`} checked=${ticked.has(name)} onChange=${(on) => tick(name, on)} />`)}
    </div>
    ${shown.length > SHOWN && html`<p class="hint">${t("more_values", { n: num(shown.length - SHOWN) })}</p>`}
    ${shown.length === 0 && html`<p class="hint">${t("no_values")}</p>`}
  </div>`;
}

function Compare({ compare, dataset, onChange }) {
  const field = fieldOf(dataset, compare.field);
  const kind = kindOf(compare.test);
  const changed = (test) => onChange(test && { compare: { ...compare, test } });
  if (!field || kind === "true" || kind === "missing") return null;
  const listed = field.values_total > 0 || field.kind === "string";
  const editor = listed && ["eq", "ne", "in"].includes(kind) ? Values : field.kind === "date" ? Dates : kind === "in" ? null : Numbers;
  if (!editor) return null;
  return html`<fieldset class="edit-field">
    <legend>${field.label}</legend>
    <${editor} field=${field} test=${compare.test} unit=${field.unit} onChange=${changed} />
  </fieldset>`;
}

/** `onChange` gets the changed expression; null while it is not whole. */
function Fields({ expr, dataset, onChange }) {
  const kind = kindOf(expr);
  const many = kind === "and" || kind === "or";
  const [own, setOwn] = useState(many ? expr[kind] : null);
  if (many) {
    return own.map(
      (one, i) => html`<${Fields}
        key=${i}
        expr=${expr[kind][i]}
        dataset=${dataset}
        onChange=${(next) => {
          const all = own.map((before, j) => (j === i ? next : before));
          setOwn(all);
          onChange(all.every(Boolean) ? { [kind]: all } : null);
        }}
      />`,
    );
  }
  switch (kind) {
    case "not":
      return html`<${Fields} expr=${expr.not} dataset=${dataset} onChange=${(next) => onChange(next && { not: next })} />`;
    case "compare":
      return html`<${Compare} compare=${expr.compare} dataset=${dataset} onChange=${onChange} />`;
    case "exists":
      return html`<${Fields} expr=${expr.exists.rows} dataset=${expr.exists.dataset} onChange=${(rows) => onChange(rows && { exists: { ...expr.exists, rows } })} />`;
    case "total":
      return html`<${Total} total=${expr.total} onChange=${onChange} />`;
    case "rank":
      return html`<${Rank} rank=${expr.rank} onChange=${onChange} />`;
    case "sample":
      return html`<${TextField}
        label=${t("sample_size")}
        type="number"
        min="1"
        value=${expr.sample.size}
        onInput=${(text) => onChange(Number.isInteger(Number(text)) && Number(text) > 0 ? { sample: { ...expr.sample, size: Number(text) } } : null)}
      />`;
    default:
      return null;
  }
}

function Total({ total, onChange }) {
  const [now, setNow] = useState(total);
  const field = total.field && fieldOf(total.dataset, total.field);
  const put = (more) => {
    const next = { ...now, ...more };
    setNow(next);
    onChange(next.rows && next.test ? { total: next } : null);
  };
  return html`<fieldset class="edit-field">
      <legend>${field ? t(`func_${total.func}`, { field: field.label }) : t("func_rows")}</legend>
      <${Numbers} test=${total.test} unit=${field?.unit} onChange=${(test) => put({ test })} />
    </fieldset>
    ${total.rows !== "all" && html`<${Fields} expr=${total.rows} dataset=${total.dataset} onChange=${(rows) => put({ rows })} />`}`;
}

function Rank({ rank, onChange }) {
  const [end, setEnd] = useState(rank.end);
  const [way, setWay] = useState(kindOf(rank.amount));
  const [n, setN] = useState(way === "share" ? Number((rank.amount.share * 100).toPrecision(6)) : rank.amount.number);
  const field = fieldOf(entity(), rank.field);
  const told = (end, way, n) => {
    const value = Number(n);
    const good = value > 0 && (way === "share" ? value <= 100 : Number.isInteger(value));
    onChange(good ? { rank: { ...rank, end, amount: way === "share" ? { share: value / 100 } : { number: value } } } : null);
  };
  return html`<fieldset class="edit-field">
    <legend>${field?.label ?? rank.field}</legend>
    <div class="edit-row">
      <${Select} label=${t("end")} hidden value=${end} options=${["top", "bottom"].map((value) => ({ value, label: t(`end_${value}`) }))} onChange=${(value) => (setEnd(value), told(value, way, n))} />
      <${TextField} label=${t("amount")} hidden type="number" step="any" min="0" value=${n} onInput=${(value) => (setN(value), told(end, way, value))} />
      <${Select} label=${t("amount_of")} hidden value=${way} options=${["share", "number"].map((value) => ({ value, label: t(`amount_${value}`) }))} onChange=${(value) => (setWay(value), told(end, value, n))} />
    </div>
  </fieldset>`;
}

/** `onChange` gets the typed condition, without the "not" that the part may have. */
export function Edit({ part, onChange, onClose }) {
  const before = inner(part);
  const [next, setNext] = useState(before);
  const apply = (event) => {
    event?.preventDefault();
    if (next && JSON.stringify(next) !== JSON.stringify(before)) onChange(next);
    else if (next) onClose();
  };
  const actions = html`<${Button} onClick=${onClose}>${c("cancel")}<//><${Button} kind="main" disabled=${!next} onClick=${apply}>${t("apply")}<//>`;
  return html`<${Dialog} title=${t("edit_title")} onClose=${onClose} actions=${actions}>
    <p class="hint">${part.reading}</p>
    <form class="stack" onSubmit=${apply}>
      <${Fields} expr=${before} dataset=${entity()} onChange=${setNext} />
      <button type="submit" hidden></button>
    </form>
  <//>`;
}
