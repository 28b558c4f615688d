// A segment in text form, taken apart where conditions are joined, so that two can be held side by side.

import { html } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/evaluation.js";

const t = words(file);
const AND = /^\s+AND\s+/i;
/** What a segment without conditions is in text form. */
const EVERYBODY = /^true$/i;
const BOUND = /\bBETWEEN\s+('(?:[^']|'')*'|\S+)$/i;

/** `a = 1 AND (b = 2 OR c = 3)` → `["a = 1", "(b = 2 OR c = 3)"]`: only where nothing is open, and not within a range. */
export function conditions(text) {
  const found = [];
  let part = "";
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; ) {
    const joined = !quoted && depth === 0 ? AND.exec(text.slice(i)) : null;
    if (joined && !BOUND.test(part)) {
      found.push(part.trim());
      part = "";
      i += joined[0].length;
      continue;
    }
    const c = text[i++];
    if (c === "'") quoted = !quoted;
    if (!quoted && c === "(") depth += 1;
    if (!quoted && c === ")") depth -= 1;
    part += c;
  }
  if (part.trim()) found.push(part.trim());
  return found.map((one) => one.replace(/\s+/g, " ")).filter((one) => !EVERYBODY.test(one));
}

/** The conditions of `text`, those that `other` has not marked: `tone` is `only_expected` or `only_given`. */
export function Conditions({ text, other, tone }) {
  const [own, others] = [conditions(text), new Set(conditions(other))];
  if (!own.length) return html`<p class="hint">${t("nothing_given")}</p>`;
  return html`<ul class="ev-conditions">
    ${own.map(
      (one) => html`<li key=${one} class=${others.has(one) ? "" : tone}>
        <code>${one}</code>${!others.has(one) && html`<span class="ev-tag">${t(tone)}</span>`}
      </li>`,
    )}
  </ul>`;
}
