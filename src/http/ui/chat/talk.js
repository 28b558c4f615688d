// The conversation: what was said and answered, and where one says the next thing.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { ago, words } from "../i18n/t.js";
import * as file from "../i18n/chat.js";
import { api } from "../api.js";
import { go, place } from "../state.js";
import { again, aside, failed, fresh, head, open, pending, sayAgain, session, standing, turns, undo } from "./conversation.js";
import { Composer } from "./composer.js";
import { Tree } from "./tree.js";
import { Answer, Coming, Turn } from "./turn.js";
import { Guide } from "./guide.js";
import { Welcome } from "./welcome.js";
import { Button } from "../parts/button.js";
import { Dialog, sure } from "../parts/dialog.js";
import { Empty, Fault, Loading, useFetched } from "../parts/say.js";
import { fault } from "../parts/toast.js";
import { styled } from "../parts/style.js";

styled("chat");
const t = words(file);
/** So far from the end one still reads the end, in pixels. */
const NEAR = 120;

/** Conversations of before, to go back to. */
function Earlier({ onClose }) {
  const { value, error, loading, again: retry, put } = useFetched((signal) => api.get("/v1/sessions?limit=50", { signal }), []);
  const others = value?.filter((one) => one.turns > 0) ?? [];
  const erase = async (one) => {
    const title = one.title ?? t("untitled");
    if (!(await sure({ title: t("erase"), text: t("erase_sure", { title }), action: t("erase"), danger: true }))) return;
    try {
      await api.delete(`/v1/sessions/${encodeURIComponent(one.id)}`);
      put(value.filter((other) => other !== one));
      if (one.id === session.value) fresh();
    } catch (problem) {
      fault(problem);
    }
  };
  const list = others.map(
    (one) => html`<li key=${one.id} class="row earlier-row">
      <button
        type="button"
        class="earlier"
        aria-current=${one.id === session.value ? "true" : undefined}
        onClick=${() => {
          onClose();
          go(place("chat", one.id));
        }}
      >
        <span>${one.title ?? t("untitled")}</span><small class="hint">${t("turns_of", { n: one.turns, ago: ago(one.updated) })}</small>
      </button>
      <${Button} kind="quiet" small icon="trash" label=${t("erase_one", { title: one.title ?? t("untitled") })} onClick=${() => erase(one)} />
    </li>`,
  );
  return html`<${Dialog} title=${t("earlier")} onClose=${onClose}>
    ${loading && html`<${Loading} />`} ${error && html`<${Fault} error=${error} retry=${retry} />`}
    ${value && (others.length ? html`<ul>${list}</ul>` : html`<${Empty} icon="chat" title=${t("no_earlier")} />`)}
  <//>`;
}

/** A button whose name is written where there is room for it. */
const Tool = ({ name, ...rest }) =>
  html`<${Button} kind="quiet" small aria-label=${name} title=${name} ...${rest}><span class="tool-name">${name}</span><//>`;

function Tools() {
  const [seen, see] = useState(null);
  const close = () => see(null);
  return html`<div class="talk-tools" role="group" aria-label=${t("tools")}>
    <${Tool} icon="add" name=${t("new_talk")} disabled=${!session.value} onClick=${fresh} />
    <${Tool} icon="list" name=${t("earlier")} onClick=${() => see("earlier")} />
    <span class="talk-tools-end">
      <${Button} kind="quiet" small icon="help" label=${t("guide")} onClick=${() => see("guide")} />
      <${Tool} icon="tree" name=${t("tree")} disabled=${!turns.value.length} onClick=${() => see("tree")} />
      <${Tool} icon="undo" name=${t("undo")} disabled=${!turns.value.length || Boolean(pending.value)} onClick=${() => undo(t("said_undo"))} />
    </span>
    ${seen === "earlier" && html`<${Earlier} onClose=${close} />`}
    ${seen === "guide" && html`<${Guide} onClose=${close} />`}
    ${seen === "tree" && html`<${Dialog} title=${t("tree")} onClose=${close}><${Tree} onGone=${close} /><//>`}
  </div>`;
}

/** Tells those who do not see it that an answer has arrived. */
function Heard() {
  const seen = useRef(null);
  const [text, setText] = useState("");
  const turn = head.value?.turn ?? 0;
  useEffect(() => {
    if (standing.value !== "ready") return;
    // What was there when the conversation was opened has not arrived just now.
    if (seen.current !== null && turn > seen.current) setText(t("arrived", { reply: head.value.answer.reply }));
    seen.current = turn;
  }, [turn, standing.value]);
  return html`<p class="unseen" role="status" aria-live="polite">${pending.value ? "" : text}</p>`;
}

function Turns() {
  const box = useRef();
  const atEnd = useRef(true);
  const [away, setAway] = useState(false);
  const empty = !turns.value.length && !pending.value && standing.value === "ready";
  const toEnd = () => (box.current.scrollTop = box.current.scrollHeight);
  useEffect(() => {
    // What is seen before anything was said is read from its beginning.
    if (!empty && (pending.value || atEnd.current)) toEnd();
  }, [turns.value, pending.value, aside.value, failed.value]);
  const scrolled = () => {
    // A scroll may still be told of when the column is gone.
    if (!box.current) return;
    const { scrollTop, clientHeight, scrollHeight } = box.current;
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR;
    setAway(!atEnd.current);
  };
  return html`<div class="turns" ref=${box} onScroll=${scrolled} tabindex="0" role="region" aria-label=${t("turns")}>
    <div class="turns-inner">
      ${standing.value === "opening" && html`<${Loading} text=${t("opening")} />`} ${empty && html`<${Welcome} />`}
      ${turns.value.map((turn) => html`<${Turn} key=${turn.turn} turn=${turn} />`)}
      ${pending.value && html`<${Coming} message=${pending.value} />`}
      ${aside.value && html`<article class="turn"><${Answer} answer=${aside.value} last=${true} /></article>`}
      ${failed.value && html`<${Fault} error=${failed.value} retry=${standing.value === "lost" ? () => open(session.value) : again.value && sayAgain} />`}
    </div>
    ${away && html`<${Button} class="to-bottom" small icon="down" onClick=${toEnd}>${t("to_bottom")}<//>`}
  </div>`;
}

export function Talk() {
  return html`<div class="talk-box">
    <${Tools} />
    <${Turns} key=${session.value ?? "new"} />
    <${Heard} key=${`heard-${session.value ?? "new"}`} />
    <${Composer} />
  </div>`;
}
