// The conversation: what was said and answered, and where one says the next thing.

import { html } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/chat.js";
import { draft, failed, pending, say, turns, type } from "./conversation.js";
import { Button } from "../parts/button.js";
import { Fault, Loading } from "../parts/say.js";

const t = words(file);

export function Talk() {
  const send = (event) => {
    event?.preventDefault();
    const text = draft.value.trim();
    if (!text || pending.value) return;
    type("");
    say({ text });
  };
  return html`<div class="stack">
    ${turns.value.map((turn) => html`<article key=${turn.turn}><p>${turn.said}</p><p>${turn.answer.reply}</p></article>`)}
    ${pending.value && html`<${Loading} text=${pending.value.said} />`} ${failed.value && html`<${Fault} error=${failed.value} />`}
    <form onSubmit=${send}>
      <textarea class="input" aria-label=${t("ask")} value=${draft.value} onInput=${(e) => type(e.target.value)}></textarea>
      <${Button} kind="main" type="submit">${t("send")}<//>
    </form>
  </div>`;
}
