// Changing how words were read: a bound of a term ("often" is 15 days or more), or other words in their place.

import { html, useState } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/chat.js";
import { answer, say, sayInstead, session } from "./conversation.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { TextField, useTyped } from "../parts/field.js";

const t = words(file);

/** Numbers in a condition's text, with where they stand; those within quotes are none. */
function numbersIn(means) {
  const found = [];
  for (const match of means.matchAll(/'(?:[^']|'')*'|[A-Za-z_][\w.]*|(?<![\w.-])-?\d+(?:\.\d+)?/g)) {
    if (/^-?\d/.test(match[0])) found.push({ at: match.index, text: match[0] });
  }
  return found;
}

/** The conditions of a segment that hold together. */
const conjuncts = (expr) => expr?.and ?? (expr && expr !== "all" ? [expr] : []);

/**
 * A condition of the segment that restricts a field as `means` says (`days_used_30d >= 15`), and the same with `next` in
 * the place of the number: `{ condition, instead_of }`; null where there is none.
 */
function swapped(segment, means, next) {
  const [, field, sign, number] = /^\s*([A-Za-z_]\w*)\s*(>=|<=|>|<|=)\s*(-?\d+(?:\.\d+)?)\s*$/.exec(means) ?? [];
  if (!field) return null;
  const test = { ">=": "ge", "<=": "le", ">": "gt", "<": "lt", "=": "eq" }[sign];
  for (const part of conjuncts(segment)) {
    const copy = structuredClone(part);
    const hit = within(copy, (node) => node.compare?.field === field && literal(node.compare.test?.[test]) === Number(number));
    if (!hit) continue;
    const was = hit.compare.test[test];
    const kind = Object.keys(was)[0];
    hit.compare.test[test] = { [Number.isInteger(next) ? kind : "float"]: next };
    return { condition: copy, instead_of: part };
  }
  return null;
}

const literal = (value) => (value && typeof value === "object" ? Number(Object.values(value)[0]) : NaN);

function within(node, wanted) {
  if (!node || typeof node !== "object") return null;
  if (wanted(node)) return node;
  for (const child of Object.values(node)) {
    const found = within(child, wanted);
    if (found) return found;
  }
  return null;
}

/** Asks again with other words in the place of `word`. */
function Instead({ turn, word, label, hint, action, onClose }) {
  const [text, setText] = useTyped(`instead.${session.value}.${turn.turn}.${word}`);
  const again = (event) => {
    event.preventDefault();
    if (!text.trim()) return;
    setText("");
    onClose();
    sayInstead(turn, turn.said.replace(word, text.trim()));
  };
  return html`<form class="stack" onSubmit=${again}>
    <${TextField} label=${label} hint=${hint} value=${text} onInput=${setText} data-focus />
    <div class="row"><${Button} kind="main" type="submit" disabled=${!text.trim()}>${action}<//></div>
  </form>`;
}

/** What words that were not understood mean. */
export function Meant({ turn, word, onClose }) {
  return html`<${Dialog} title=${t("meant_title", { word })} onClose=${onClose}>
    <${Instead} ...${{ turn, word, onClose }} label=${t("meant_label")} hint=${t("meant_hint")} action=${t("meant_apply")} />
  <//>`;
}

/** Another bound for a term, or other words. `assumed` is one of `answer.assumed`. */
export function Change({ turn, assumed, onClose }) {
  const { word, means } = assumed;
  const segment = answer.value?.segment;
  const [number] = means ? numbersIn(means) : [];
  const can = number && swapped(segment, means, Number(number.text));
  const [text, setText] = useState(number?.text ?? "");
  const value = Number(text);
  const apply = (event) => {
    event.preventDefault();
    const edit = text.trim() && Number.isFinite(value) && swapped(segment, means, value);
    if (!edit) return;
    onClose();
    say({ edit: { op: "swap", ...edit } }, t("assumed_term", { word, reading: means.replace(number.text, text.trim()) }));
  };
  const drop = () => {
    onClose();
    say({ edit: { op: "remove", condition: can.instead_of } }, t("change_drop"));
  };
  return html`<${Dialog} title=${t("change_title", { word })} onClose=${onClose}>
    ${assumed.reading && html`<p>${t(`assumed_${assumed.kind}`, { word, reading: assumed.reading })}</p>`}
    ${can &&
    html`<form class="row at-end" onSubmit=${apply}>
      <${TextField} label=${t("change_number")} type="number" step="any" value=${text} onInput=${setText} data-focus />
      <${Button} kind="main" type="submit" disabled=${!text.trim() || !Number.isFinite(value)}>${t("change_apply")}<//>
      <${Button} onClick=${drop}>${t("change_drop")}<//>
    </form>`}
    ${number && !can && html`<p class="hint">${t("change_gone")}</p>`}
    <${Instead} ...${{ turn, word, onClose }} label=${t("change_words")} hint=${t("change_words_hint")} action=${t("meant_apply")} />
  <//>`;
}
