// The conditions of the segment, to be changed by hand: edited, taken out, turned to their opposite, moved between groups. All
// by the mouse, by dragging, and by a menu with the keys. Each change is a turn of the conversation.

import { html, useState } from "../../vendor/preact.js";
import { words } from "../../i18n/t.js";
import * as file from "../../i18n/segment.js";
import { api } from "../../api.js";
import { head, pending, say } from "../conversation.js";
import { Button } from "../../parts/button.js";
import { Icon } from "../../parts/icon.js";
import { Menu } from "../../parts/menu.js";
import { Fault, Loading, useFetched } from "../../parts/say.js";
import { Edit, canEdit } from "./edit.js";
import { either, into, lifted, negated, parentOf, removed, replaced, ungrouped, whole } from "./parts.js";

const t = words(file);
/** So many other conditions are offered in a menu to be grouped with. */
const OFFERED = 8;

/** What is said of a part in words. */
const told = (part) => part.reading;
const isNegative = (part) => part.kind === "not" || part.segment?.compare?.test?.ne !== undefined;

/** Makes the changed segment the next turn. */
const change = (parts, said) => parts && say({ edit: { op: "replace", condition: whole(parts) } }, said);

export function Conditions() {
  const segment = head.value?.answer.segment ?? "all";
  const text = head.value?.text ?? "TRUE";
  const { value, error, loading, again } = useFetched(
    (signal) => (segment === "all" ? Promise.resolve({ parts: [] }) : api.post("/v1/segments/read", { segment }, { signal })),
    [text],
  );
  const [editing, edit] = useState(null);
  const [dragged, drag] = useState(null);
  if (error) return html`<${Fault} error=${error} retry=${again} />`;
  if (loading && !value) return html`<${Loading} />`;
  const { parts } = value;
  if (!parts.length) return html`<p class="hint">${t("everybody")}</p>`;
  const busy = Boolean(pending.value) || loading;
  const tools = { parts, busy, edit, dragged, drag };
  return html`<div class=${`conditions ${busy ? "busy" : ""}`}>
    <${Parts} parts=${parts} kind="and" tools=${tools} />
    ${dragged && parentOf(parts, dragged) && html`<${Strip} tools=${tools} />`}
    ${editing &&
    html`<${Edit}
      part=${editing}
      onClose=${() => edit(null)}
      onChange=${(next) => {
        const opposite = editing.kind === "not";
        edit(null);
        change(replaced(parts, editing, opposite ? { not: next } : next), t("said_edit", { reading: told(editing) }));
      }}
    />`}
  </div>`;
}

function Parts({ parts, kind, tools }) {
  return html`<ul class="parts" aria-label=${t(`group_${kind}`)}>
    ${parts.map(
      (part, i) => html`${i > 0 && html`<li class="between" aria-hidden="true">${t(kind)}</li>`}
        <${Part} key=${`${i} ${part.text}`} part=${part} tools=${tools} />`,
    )}
  </ul>`;
}

/** Where something that is dragged may be let go, and what it does. */
function useDrop(tools, made, said) {
  const [over, setOver] = useState(false);
  const can = Boolean(tools.dragged) && made(tools.dragged) !== null;
  return {
    over: over && can,
    handlers: {
      onDragOver: (event) => {
        if (!can) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: (event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        const part = tools.dragged;
        tools.drag(null);
        if (can) change(made(part), said(part));
      },
    },
  };
}

/** Shown while something in a group is dragged: let go here, it stands by itself. */
function Strip({ tools }) {
  const { over, handlers } = useDrop(tools, (part) => lifted(tools.parts, part), (part) => t("said_lift", { reading: told(part) }));
  return html`<div class=${`strip ${over ? "over" : ""}`} ...${handlers}>${t("drop_and")}</div>`;
}

/** What can be done with a part, for its menu. */
function deeds(part, { parts, edit }) {
  const reading = told(part);
  const isGroup = part.kind === "and" || part.kind === "or";
  const above = parentOf(parts, part);
  const others = parts.filter((one) => either(parts, part, one) !== null).slice(0, OFFERED);
  return [
    canEdit(part) && { label: t("edit"), icon: "edit", onClick: () => edit(part) },
    { label: isNegative(part) ? t("affirm") : t("negate"), icon: "minus", onClick: () => change(opposite(parts, part), t("said_negate", { reading })) },
    Boolean(above) && { label: t("lift"), icon: "back", onClick: () => change(lifted(parts, part), t("said_lift", { reading })) },
    isGroup && { label: t("ungroup"), icon: "list", onClick: () => change(ungrouped(parts, part), t("said_ungroup", { reading })) },
    ...others.map((one) => ({
      label: t("or_with", { reading: told(one) }),
      icon: "branch",
      onClick: () => change(either(parts, part, one), t("said_or", { reading, other: told(one) })),
    })),
    null,
    { label: t("remove"), icon: "trash", onClick: () => change(removed(parts, part), t("said_remove", { reading })) },
  ].filter((one) => one || one === null);
}

/** The opposite of "not equal" is "equal", not its opposite's opposite. */
function opposite(parts, part) {
  const { field, test } = part.segment?.compare ?? {};
  if (part.kind === "is" && test?.ne !== undefined) return replaced(parts, part, { compare: { field, test: { eq: test.ne } } });
  return negated(parts, part);
}

function Part({ part, tools }) {
  const { parts, busy, dragged, drag, edit } = tools;
  const isGroup = part.kind === "and" || part.kind === "or";
  const inner = part.kind === "not" && ["and", "or"].includes(part.parts[0].kind) ? part.parts[0] : null;
  const drop = useDrop(
    tools,
    (other) => (isGroup ? into(parts, other, part) : either(parts, other, part)),
    (other) => t("said_or", { reading: told(other), other: told(part) }),
  );
  const menu = html`<${Menu} label=${t("deeds", { reading: told(part) })} icon="more" align="end" small items=${busy ? [] : deeds(part, tools)} />`;
  const remove = html`<${Button}
    kind="quiet"
    small
    icon="close"
    label=${t("remove_this", { reading: told(part) })}
    disabled=${busy}
    onClick=${() => change(removed(parts, part), t("said_remove", { reading: told(part) }))}
  />`;
  const dragging = {
    draggable: !busy,
    onDragStart: (event) => {
      event.stopPropagation();
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", told(part));
      // Drawing anew within the event would end the drag in some browsers.
      setTimeout(() => drag(part));
    },
    onDragEnd: () => drag(null),
  };
  const state = `${dragged === part ? "dragged" : ""} ${drop.over ? "over" : ""}`;
  if (isGroup || inner) {
    const group = inner ?? part;
    return html`<li class=${`group ${inner ? "negated" : ""} ${state}`} ...${dragging} ...${drop.handlers}>
      <div class="group-head"><${Icon} name="grip" size=${14} /><span>${inner ? t(`none_${group.kind}`) : t(`group_${group.kind}`)}</span>${menu}${remove}</div>
      <${Parts} parts=${group.parts} kind=${group.kind} tools=${tools} />
    </li>`;
  }
  return html`<li class=${`part-row ${isNegative(part) ? "negated" : ""} ${state}`} ...${dragging} ...${drop.handlers}>
    <${Icon} name="grip" size=${14} />
    ${canEdit(part) && !busy
      ? html`<button type="button" class="part-text" title=${t("edit_this")} onClick=${() => edit(part)}>${told(part)}</button>`
      : html`<span class="part-text">${told(part)}</span>`}
    ${menu}${remove}
  </li>`;
}
