// Turns that were wrong, each with what was expected on one side and what was given on the other.

import { html, useState } from "../vendor/preact.js";
import { num, words } from "../i18n/t.js";
import * as file from "../i18n/evaluation.js";
import * as common from "../i18n/common.js";
import { Button, Chip } from "../parts/button.js";
import { Check, TextField } from "../parts/field.js";
import { Empty } from "../parts/say.js";
import { Conditions, conditions } from "./conditions.js";
import { translatorName } from "./figures.js";

const t = words(file);
const tc = words(common);
/** So many are shown at first, and with each press of the button more. */
const PAGE = 20;
/** How a turn ends that ended as it had to. */
const FITS = { answer: "answered", clarify: "clarify", refuse: "refused", unknown: "unknown", about: "about" };

function Failure({ of }) {
  const otherEnd = FITS[of.expect] !== of.status;
  const same = !otherEnd && conditions(of.expected).join() === conditions(of.given).join();
  return html`<li class="ev-failure">
    <div class="row spread">
      <strong class="ev-said">${of.user}</strong>
      <span class="row">
        ${of.silent && html`<span class="state bad">${t("silent")}</span>`}
        <small class="hint">${t("at_turn", { case: of.case, turn: num(of.turn) })}${of.attempt > 0 ? ` · ${t("at_attempt", { n: num(of.attempt + 1) })}` : ""}</small>
      </span>
    </div>
    <div class="ev-sides">
      <div>
        <h3>${t("expected")}</h3>
        <p class=${otherEnd ? "ev-end missed" : "ev-end"}>${t(`expect_${of.expect}`)}</p>
        <${Conditions} text=${of.expected} other=${of.given} tone="only_expected" />
      </div>
      <div>
        <h3>${t("given")}</h3>
        <p class=${otherEnd ? "ev-end missed" : "ev-end"}>
          ${t(`status_${of.status}`)}${of.translator && html` <small class="hint">${t("by_translator", { name: translatorName(of.translator) })}</small>`}
        </p>
        <${Conditions} text=${of.given} other=${of.expected} tone="only_given" />
      </div>
    </div>
    ${same && html`<p class="hint">${t("same_text")}</p>`}
    ${of.tags.length > 0 && html`<div class="row">${of.tags.map((tag) => html`<${Chip} key=${tag}>${tag}<//>`)}</div>`}
  </li>`;
}

export function Failures({ failures, going }) {
  const [typed, setTyped] = useState("");
  const [silent, setSilent] = useState(false);
  const [shown, setShown] = useState(PAGE);
  const sought = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (one) => {
    const text = [one.user, one.case, ...one.tags].join(" ").toLowerCase();
    return (!silent || one.silent) && sought.every((word) => text.includes(word));
  };
  const found = failures.filter(fits);
  return html`<section class="card" aria-labelledby="ev-failures">
    <h2 id="ev-failures">${failures.length ? t("failures_n", { n: num(failures.length) }) : t("failures")}</h2>
    ${failures.length > 0 &&
    html`<div class="ev-filters">
      <${TextField} hidden label=${t("failure_search")} placeholder=${t("failure_search")} type="search" value=${typed} onInput=${(v) => (setTyped(v), setShown(PAGE))} />
      <${Check} label=${t("only_silent")} checked=${silent} onChange=${(on) => (setSilent(on), setShown(PAGE))} />
    </div>`}
    ${!found.length && html`<${Empty} title=${failures.length ? t("no_failures_match") : going ? t("no_metrics") : t("no_failures")} />`}
    <ul class="stack">
      ${found.slice(0, shown).map((one) => html`<${Failure} key=${`${one.case}/${one.turn}/${one.attempt}`} of=${one} />`)}
    </ul>
    ${found.length > shown && html`<${Button} onClick=${() => setShown(shown + PAGE)}>${tc("more")}<//>`}
  </section>`;
}
