// What was said in a turn: the words with the colours of what they became, or, where something was done by hand, what
// that was.

import { html } from "../vendor/preact.js";
import { list, words } from "../i18n/t.js";
import * as file from "../i18n/chat.js";
import { catalog } from "../state.js";
import { turns } from "./conversation.js";

const t = words(file);

/** Whether the turn goes back to an earlier one and changes nothing. */
export const isStepBack = (turn) => turn.answer.action?.kind === "undo" || /^\/(undo|back)\b/.test(turn.said);

/** What a turn that nobody typed is called. */
export function named(turn) {
  const [, deed, rest] = /^\/(undo|back|load|by|edit)\b ?(.*)$/s.exec(turn.said) ?? [];
  if (!deed) return turn.said;
  if (deed === "undo") return t("said_undo");
  if (deed === "back") return rest === "0" ? t("said_back_start") : t("said_back", { n: rest });
  if (deed === "load") return t("said_load", { name: rest });
  if (deed === "by") return t("said_by", { by: list(rest.split(" ").map(labelled)) });
  return changes(turn) ?? t("said_edit");
}

const labelled = (name) => {
  const all = catalog.value;
  const found = all?.bands.find((b) => b.name === name) ?? all?.categories.flatMap((c) => c.filters).find((f) => f.field === name);
  return found?.label ?? name;
};

/** A change made by hand, told by the conditions that came and went. */
function changes(turn) {
  const before = turns.value.find((one) => one.turn === turn.parent)?.answer.reading ?? [];
  const after = turn.answer.reading;
  const added = after.filter((line) => !before.includes(line));
  const taken = before.filter((line) => !after.includes(line));
  const said = [added.length && t("added", { lines: added.join(", ") }), taken.length && t("taken", { lines: taken.join(", ") })];
  return said.filter(Boolean).join(" · ") || null;
}

/** Words cut where what they became changes: `{ text, part? }`. */
function cut(said, parts) {
  const letters = [...said];
  const pieces = [];
  let at = 0;
  for (const part of parts ?? []) {
    // Blanks at its ends belong to nobody.
    let { start, end } = part;
    while (start < end && !letters[start].trim()) start++;
    while (end > start && !letters[end - 1].trim()) end--;
    if (start === end) continue;
    if (start > at) pieces.push({ text: letters.slice(at, start).join("") });
    pieces.push({ text: letters.slice(start, end).join(""), part });
    at = end;
  }
  if (at < letters.length) pieces.push({ text: letters.slice(at).join("") });
  return pieces;
}

/** The words, coloured. `onPart(part, text)` is called for those that can be changed: assumed and not understood ones. */
export function Said({ said, parts, onPart }) {
  if (!parts?.length) return said;
  return cut(said, parts).map(({ text, part }) => {
    if (!part) return text;
    const became = t(`became_${part.became}`);
    const title = part.reading ? t("part_title", { became, reading: part.reading }) : became;
    const tag = part.became === "unmatched" ? "s" : "span";
    const inner = html`<span class="unseen"> (${title}) </span>`;
    if (onPart && (part.became === "unmatched" || part.became === "assumed")) {
      return html`<button type="button" class=${`part ${part.became}`} title=${title} onClick=${() => onPart(part, text)}>
        ${part.became === "unmatched" ? html`<s>${text}</s>` : text}${inner}
      </button>`;
    }
    return html`<${tag} class=${`part ${part.became}`} title=${title}>${text}${inner}<//>`;
  });
}
