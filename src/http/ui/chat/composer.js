// Where the next thing is said. Enter sends, but never while a syllable is being composed: there it ends the syllable.

import { html, useEffect, useRef } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/chat.js";
import { answer, composed, draft, pending, say, stop, turns, type } from "./conversation.js";
import { Button } from "../parts/button.js";

const t = words(file);
/** What a key that an input method handles itself is called. */
const COMPOSING = 229;

export function Composer() {
  const field = useRef();
  const busy = Boolean(pending.value);
  useEffect(() => {
    if (composed.value) {
      const box = field.current;
      box.focus();
      box.setSelectionRange(box.value.length, box.value.length);
    }
  }, [composed.value]);
  useEffect(() => {
    // Whoever has a keyboard goes on typing, also where the button that was clicked is gone.
    const lost = document.activeElement === document.body || !document.activeElement;
    if (!busy && lost && !matchMedia("(pointer: coarse)").matches) field.current.focus();
  }, [busy]);
  useEffect(() => {
    // As high as what is in it; the style sheet says how high at most.
    const box = field.current;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
  }, [draft.value]);
  const send = (event) => {
    event?.preventDefault();
    const text = draft.value.trim();
    if (!text || busy) return;
    type("");
    say({ text });
  };
  const keys = (event) => {
    if (event.isComposing || event.keyCode === COMPOSING) return;
    if (event.key === "Enter" && !event.shiftKey) send(event);
    else if (event.key === "Escape" && busy) stop();
    else if (event.key === "ArrowUp" && !draft.value) {
      const before = turns.value.findLast((turn) => !turn.said.startsWith("/"));
      if (!before) return;
      event.preventDefault();
      type(before.said);
    }
  };
  const status = answer.value?.status;
  const hint = status === "clarify" ? t("ask_reply") : turns.value.length ? t("ask_more") : t("ask");
  // Keys: else one button becomes the other while it is clicked, and Stop sends.
  return html`<form class="composer" onSubmit=${send}>
    <textarea
      ref=${field}
      class="input"
      rows="1"
      aria-label=${t("ask")}
      aria-describedby="composer-hint"
      placeholder=${hint}
      value=${draft.value}
      onInput=${(event) => type(event.target.value)}
      onKeyDown=${keys}
    ></textarea>
    ${busy
      ? html`<${Button} key="stop" icon="stop" aria-label=${t("stop")} onClick=${stop}><span class="send-name">${t("stop")}</span><//>`
      : html`<${Button} key="send" kind="main" icon="send" type="submit" aria-label=${t("send")} disabled=${!draft.value.trim()}><span class="send-name">${t("send")}</span><//>`}
    <p class="hint composer-hint" id="composer-hint">${t("ask_hint")}</p>
  </form>`;
}
