// One turn: what was said, how it was read, what was found, and what can be done about it.

import { html, useState } from "../vendor/preact.js";
import { date, joined, num, percent, words } from "../i18n/t.js";
import * as file from "../i18n/chat.js";
import { go, online, place } from "../state.js";
import { goTo, head, pending, say } from "./conversation.js";
import { Said, isStepBack, named } from "./said.js";
import { Change, Meant } from "./change.js";
import { Judge } from "./judge.js";
import { countOf } from "./tree.js";
import { Button, Chip } from "../parts/button.js";
import { Icon } from "../parts/icon.js";
import { copy } from "../parts/toast.js";

const t = words(file);
/** Groups that are shown in the chat; the column on the right has all. */
const GROUPS = 5;

/** Who translated, as the reader knows it. */
const translator = (name) => (name === "builtin" ? t("builtin") : name);

/** The size of the segment after the turn. */
function Found({ answer }) {
  const { count, count_below: below, share, share_of_previous: previous } = answer;
  if (answer.status !== "answered" || (count === undefined && below === undefined)) return null;
  const notes = [
    share !== undefined && t("share", { share: percent(share) }),
    previous !== undefined && t("of_previous", { share: percent(previous) }),
    answer.as_of && t("as_of", { date: date(answer.as_of) }),
  ];
  return html`<p class="found">
    <strong class="num">${countOf({ count, count_below: below })}</strong>
    <span class="hint">${notes.filter(Boolean).join(" · ")}</span>
  </p>`;
}

/** The largest groups, as bars. */
function Groups({ breakdown }) {
  const { rows, suppressed } = breakdown;
  const most = Math.max(...rows.slice(0, GROUPS).map((row) => row.count), 1);
  const more = rows.length - GROUPS;
  return html`<div class="groups">
    <ul aria-label=${t("groups")}>
      ${rows.slice(0, GROUPS).map(
        (row) => html`<li>
          <span class="groups-label">${row.label.join(" · ")}</span>
          <span class="groups-bar" aria-hidden="true"><span style=${{ width: `${(100 * row.count) / most}%` }}></span></span>
          <span class="num">${num(row.count)}</span>
          <span class="num hint">${percent(row.share)}</span>
        </li>`,
      )}
    </ul>
    ${(more > 0 || suppressed > 0) &&
    html`<p class="hint">${[more > 0 && t("more_groups", { n: num(more) }), suppressed > 0 && t("hidden_groups", { n: num(suppressed) })].filter(Boolean).join(" · ")}</p>`}
  </div>`;
}

/** What was read without asking, to be changed by a click. */
function Assumed({ turn, onChange }) {
  const { assumed = [] } = turn.answer;
  if (!assumed.length) return null;
  return html`<div class="chips" role="group" aria-label=${t("assumed")}>
    ${assumed.map((one) => {
      const text = t(`assumed_${one.kind}`, { word: one.word, reading: one.reading ?? "" });
      return html`<${Chip} tone="assumed" onClick=${one.kind === "window" ? undefined : () => onChange(one)}>${text}<//>`;
    })}
  </div>`;
}

/** Words that were not understood, with a way to say what was meant. */
function Unmatched({ answer, onMeant }) {
  if (!answer.unmatched.length) return null;
  return html`<ul class="not-understood" aria-label=${t("unmatched")}>
    ${answer.unmatched.map(
      (word) => html`<li><s>${word}</s> <${Button} small onClick=${() => onMeant(word)}>${t("meant_button")}<//></li>`,
    )}
  </ul>`;
}

/** What was done beside counting, and where it can be seen. */
function Deed({ action }) {
  if (action?.kind === "save" && action.id) {
    return html`<p class="row"><${Icon} name="save" />${t("saved_as", { name: action.name })}
      <${Button} small onClick=${() => go(place("segments", action.id))}>${t("open_saved")}<//></p>`;
  }
  if (action?.kind === "export" && action.id) {
    return html`<p class="row"><${Icon} name="export" />${t("exporting")}
      <${Button} small onClick=${() => go(place("exports", action.id))}>${t("open_export")}<//></p>`;
  }
  return null;
}

/** What a person reads: a question without its options, which are buttons. */
const told = (answer) => (answer.status === "clarify" ? (answer.question ?? answer.reply) : answer.reply);

export function Answer({ answer, turn, last }) {
  const [change, setChange] = useState(null);
  const [meant, setMeant] = useState(null);
  const busy = Boolean(pending.value);
  const badge = ["clarify", "refused", "unknown", "about", "error"].includes(answer.status) && t(`status_${answer.status}`);
  return html`<div class=${`answer ${answer.status}`}>
    ${badge && html`<span class="badge">${badge}</span>`}
    <${Found} answer=${answer} />
    <p class="reply">${joined(told(answer))}</p>
    ${answer.comment && html`<p class="comment"><strong>${t("comment_by_model")}</strong> ${answer.comment}</p>`}
    ${answer.breakdown?.rows.length > 0 && html`<${Groups} breakdown=${answer.breakdown} />`}
    <${Deed} action=${answer.action} />
    ${turn && html`<${Assumed} turn=${turn} onChange=${setChange} /><${Unmatched} answer=${answer} onMeant=${setMeant} />`}
    ${answer.options.length > 0 &&
    html`<div class="chips" role="group" aria-label=${t("options")}>
      ${answer.options.map((option) => html`<${Button} disabled=${busy || !last} onClick=${() => say({ text: option })}>${option}<//>`)}
    </div>`}
    ${answer.notes?.length > 0 && html`<ul class="notes" aria-label=${t("notes")}>${answer.notes.map((note) => html`<li>${note}</li>`)}</ul>`}
    ${last &&
    answer.suggestions.length > 0 &&
    html`<div class="chips next" role="group" aria-label=${t("next")}>
      ${answer.suggestions.map((text) => html`<${Button} small disabled=${busy} onClick=${() => say({ text })}>${text}<//>`)}
    </div>`}
    ${turn && html`<${Foot} turn=${turn} last=${last} />`}
    ${change && html`<${Change} turn=${turn} assumed=${change} onClose=${() => setChange(null)} />`}
    ${meant && html`<${Meant} turn=${turn} word=${meant} onClose=${() => setMeant(null)} />`}
  </div>`;
}

/** Who translated, how sure, how long; and what can be done with the turn. */
function Foot({ turn, last }) {
  const { answer } = turn;
  const spent = answer.timings_ms ?? {};
  const ms = (spent.translate ?? 0) + (spent.compile ?? 0) + (spent.run ?? 0);
  const facts = [
    translator(answer.translator),
    turn.said.startsWith("/") ? null : t("by_sure", { share: percent(answer.confidence) }),
    ms >= 1000 && t("by_s", { n: num(ms / 1000, { maximumSignificantDigits: 2 }) }),
    ms > 0 && ms < 1000 && t("by_ms", { n: num(ms, { maximumSignificantDigits: 2 }) }),
    answer.usage?.cost > 0 && t("by_cost", { cost: num(answer.usage.cost, { maximumSignificantDigits: 2 }) }),
  ];
  return html`<div class="answer-foot">
    <span class="hint">${facts.filter(Boolean).join(" · ")}</span>
    <span class="answer-tools">
      <${Judge} turn=${turn} />
      <${Button} kind="quiet" small icon="copy" label=${t("copy_reply")} onClick=${() => copy(told(answer))} />
      ${!last && html`<${Button} kind="quiet" small icon="branch" label=${t("go_here")} disabled=${Boolean(pending.value)} onClick=${() => goTo(turn.turn, t("said_back", { n: turn.turn }))} />`}
    </span>
  </div>`;
}

export function Turn({ turn }) {
  const last = turn === head.value;
  const [part, setPart] = useState(null);
  const byHand = turn.said.startsWith("/");
  const onPart = (which, text) => setPart({ ...which, text });
  const assumed = part?.became === "assumed" && turn.answer.assumed?.find((one) => one.word === part.text);
  return html`<article class=${`turn ${isStepBack(turn) ? "step-back" : ""}`} id=${`turn-${turn.turn}`} aria-label=${t("turn", { n: turn.turn })}>
    <div class=${`said ${byHand ? "by-hand" : ""}`}>
      <span class="unseen">${t("you")}: </span>
      ${byHand ? named(turn) : html`<${Said} said=${turn.said} parts=${turn.answer.parts} onPart=${onPart} />`}
    </div>
    <${Answer} answer=${turn.answer} turn=${turn} last=${last} />
    ${part && assumed && html`<${Change} turn=${turn} assumed=${assumed} onClose=${() => setPart(null)} />`}
    ${part && !assumed && html`<${Meant} turn=${turn} word=${part.text} onClose=${() => setPart(null)} />`}
  </article>`;
}

/** The message on its way: what is known of the answer so far. */
export function Coming({ message }) {
  const { said, reading, count, breakdown, reply, waiting } = message;
  const stage = waiting ? (online.value ? waiting.message : t("waiting")) : reading || !message.body?.text ? t("counting") : t("reading");
  return html`<article class="turn coming" aria-busy="true">
    <div class=${`said ${message.body?.text ? "" : "by-hand"}`}>
      <${Said} said=${said} parts=${message.body?.text ? reading?.parts : null} />
    </div>
    <div class="answer">
      ${reading?.reading.length > 0 && html`<div class="chips">${reading.reading.map((line) => html`<${Chip} tone="condition">${line}<//>`)}</div>`}
      ${count && html`<${Found} answer=${{ status: "answered", ...count }} />`}
      ${reply && html`<p class="reply">${joined(reply.question ?? reply.reply)}</p>`}
      ${breakdown?.breakdown?.rows.length > 0 && html`<${Groups} breakdown=${breakdown.breakdown} />`}
      ${!reply && html`<p class="loading"><span class="spinner" aria-hidden="true"></span>${stage}</p>`}
    </div>
  </article>`;
}

