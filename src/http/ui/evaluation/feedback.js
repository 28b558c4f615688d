// What users said of answers, for review: approving one, with the right segment of each turn, puts it into the golden set.

import { html, useState } from "../vendor/preact.js";
import { api } from "../api.js";
import { num, time, words } from "../i18n/t.js";
import * as file from "../i18n/evaluation.js";
import { Button, Choice } from "../parts/button.js";
import { TextField } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { Empty, Fault, Loading, useFetched } from "../parts/say.js";
import { fault, toast } from "../parts/toast.js";

const t = words(file);
const STATES = ["candidate", "approved", "rejected", "all"];

export function FeedbackList() {
  const { value, error, again, put } = useFetched((signal) => api.get("/v1/feedback?limit=500", { signal }), []);
  const [state, setState] = useState("candidate");
  const count = (name) => value.filter((one) => name === "all" || one.state === name).length;
  const found = (value ?? []).filter((one) => state === "all" || one.state === state);
  const reviewed = (info) => put(value.map((one) => (one.id === info.id ? info : one)));
  return html`<section class="card" aria-labelledby="ev-feedback">
    <div><h2 id="ev-feedback">${t("feedback_title")}</h2><p class="hint">${t("feedback_hint")}</p></div>
    ${error && html`<${Fault} error=${error} retry=${again} />`} ${!value && !error && html`<${Loading} />`}
    ${value &&
    html`<${Choice}
      label=${t("feedback_state")}
      value=${state}
      options=${STATES.map((name) => ({ value: name, label: `${t(`state_${name}`)} ${num(count(name))}` }))}
      onChange=${setState}
    />`}
    ${value && !found.length && html`<${Empty} icon="thumb_up" title=${state === "candidate" ? t("no_candidates") : t("no_feedback")}><p>${t("feedback_from")}</p><//>`}
    <ul class="stack">
      ${found.map((one) => html`<${Candidate} key=${one.id} of=${one} onReviewed=${reviewed} />`)}
    </ul>
  </section>`;
}

/** What stands in the field of a turn at first: what is known to be right, and of earlier turns how they were read. */
const atFirst = (turns) => turns.map((turn, i) => turn.segment ?? (i < turns.length - 1 ? turn.read : ""));

function Candidate({ of, onReviewed }) {
  const turns = of.candidate?.turns ?? [];
  const [segments, setSegments] = useState(() => atFirst(turns));
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState("");
  const put = (i, text) => setSegments((all) => all.map((one, at) => (at === i ? text : one)));
  const review = async (what, body) => {
    setBusy(what);
    setWrong("");
    try {
      onReviewed(await api.post(`/v1/feedback/${encodeURIComponent(of.id)}/${what}`, body));
      toast(t(what === "approve" ? "approved" : "rejected"));
    } catch (error) {
      if (error.code === "invalid") setWrong(error.message);
      else fault(error);
    }
    setBusy("");
  };
  const approve = () => {
    if (!segments.at(-1)?.trim()) return setWrong(t("need_segment"));
    review("approve", { segments });
  };
  const right = of.verdict === "right";
  return html`<li class="ev-candidate">
    <div class="row spread">
      <span class=${`ev-verdict-of ${right ? "right" : "wrong"}`}><${Icon} name=${right ? "thumb_up" : "thumb_down"} />${t(`verdict_${of.verdict}`)}</span>
      <span class="row">
        <small class="hint">${time(of.at)}</small>
        ${of.state !== "candidate" && html`<span class=${`state ${of.state === "approved" ? "good" : "bad"}`}>${t(`state_${of.state}`)}</span>`}
      </span>
    </div>
    ${(of.expected || of.comment) &&
    html`<dl class="ev-words">
      ${of.expected && html`<dt>${t("should_have")}</dt><dd>${of.expected}</dd>`} ${of.comment && html`<dt>${t("comment")}</dt><dd>${of.comment}</dd>`}
    </dl>`}
    <ol class="ev-turns">
      ${turns.map(
        (turn, i) => html`<li key=${i}>
          <p><span class="hint">${t("turn_n", { n: num(i + 1) })}</span> <strong class="ev-said">${turn.user}</strong></p>
          <p class="ev-read"><span class="hint">${t("was_read")}</span> ${turn.read ? html`<code>${turn.read}</code>` : t("nothing_given")}</p>
          <${TextField}
            label=${t("right_segment", { n: num(i + 1) })}
            hint=${i === turns.length - 1 ? t("right_segment_hint") : undefined}
            rows=${2}
            spellcheck=${false}
            class="input ev-code"
            value=${segments[i]}
            onInput=${(text) => put(i, text)}
          />
          ${segments[i] !== turn.read && turn.read && html`<div><${Button} small kind="quiet" onClick=${() => put(i, turn.read)}>${t("take_read")}<//></div>`}
        </li>`,
      )}
    </ol>
    ${wrong && html`<p class="fault-text" role="alert">${wrong}</p>`}
    <div class="row">
      <${Button} kind="main" icon="check" busy=${busy === "approve"} onClick=${approve}>${t(of.state === "approved" ? "approve_again" : "approve")}<//>
      ${of.state !== "rejected" && html`<${Button} icon="close" busy=${busy === "reject"} onClick=${() => review("reject", {})}>${t("reject")}<//>`}
      ${of.reviewer && html`<small class="hint">${t("reviewed_by", { who: of.reviewer, when: time(of.reviewed) })}</small>`}
    </div>
  </li>`;
}
