// Whether an answer was right, and if not, what it should have been.

import { html, signal, useState } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/chat.js";
import { api } from "../api.js";
import { session } from "./conversation.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { TextField, useTyped } from "../parts/field.js";
import { fault, toast } from "../parts/toast.js";

const t = words(file);
/** What was said in this tab: `session/turn` → verdict. */
const given = signal({});

async function tell(turn, verdict, more = {}) {
  const id = `${session.value}/${turn.turn}`;
  const before = given.value;
  given.value = { ...before, [id]: verdict };
  try {
    await api.post("/v1/feedback", { session: session.value, turn: turn.turn, verdict, ...more });
    toast(t("thanks"));
  } catch (error) {
    given.value = before;
    fault(error);
  }
}

export function Judge({ turn }) {
  const [asking, ask] = useState(false);
  const verdict = given.value[`${session.value}/${turn.turn}`];
  return html`
    <${Button} kind="quiet" small icon="thumb_up" label=${t("right")} pressed=${verdict === "right"} onClick=${() => tell(turn, "right")} />
    <${Button} kind="quiet" small icon="thumb_down" label=${t("wrong")} pressed=${verdict === "wrong"} onClick=${() => ask(true)} />
    ${asking && html`<${Wrong} turn=${turn} onClose=${() => ask(false)} />`}
  `;
}

function Wrong({ turn, onClose }) {
  const [expected, setExpected] = useTyped(`expected.${session.value}.${turn.turn}`);
  const [comment, setComment] = useTyped(`comment.${session.value}.${turn.turn}`);
  const send = (event) => {
    event.preventDefault();
    setExpected("");
    setComment("");
    onClose();
    tell(turn, "wrong", { ...(expected.trim() && { expected: expected.trim() }), ...(comment.trim() && { comment: comment.trim() }) });
  };
  return html`<${Dialog} title=${t("wrong_title")} onClose=${onClose}>
    <form class="stack" onSubmit=${send}>
      <p class="hint">${turn.said}</p>
      <${TextField} label=${t("wrong_expected")} hint=${t("wrong_expected_hint")} rows=${2} value=${expected} onInput=${setExpected} data-focus />
      <${TextField} label=${t("wrong_comment")} rows=${2} value=${comment} onInput=${setComment} />
      <div class="row"><${Button} kind="main" type="submit">${t("wrong_send")}<//></div>
    </form>
  <//>`;
}
