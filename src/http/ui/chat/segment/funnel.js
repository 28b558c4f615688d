// How the segment was refined: how many were left after each turn.

import { html } from "../../vendor/preact.js";
import { num, percent, words } from "../../i18n/t.js";
import * as file from "../../i18n/segment.js";
import * as common from "../../i18n/common.js";
import { catalog } from "../../state.js";
import { goTo, head, pending } from "../conversation.js";
import { named } from "../said.js";
import { steps } from "./now.js";

const t = words(file);
const c = words(common);

/** As long as the number of digits: so that both millions and hundreds are seen. */
const length = (count, most) => `${(100 * Math.log10(1 + (count ?? 0))) / Math.log10(1 + (most || 1))}%`;

/** The change of a count: −74,263 (0.3%). */
export function changeOf(step, before) {
  if (!before || step.count === undefined || before.count === undefined) return null;
  const by = step.count - before.count;
  const sign = by < 0 ? "−" : by > 0 ? "+" : "±";
  return t("change", { by: `${sign}${num(Math.abs(by))}`, share: before.count ? percent(step.count / before.count) : "–" });
}

export function Funnel() {
  const all = steps.value;
  if (all.length < 2) return null;
  const most = Math.max(...all.map((step) => step.count ?? 0));
  return html`<section class="part-of">
    <h3>${t("funnel")}</h3>
    <ol class="funnel">
      ${all.map((step, i) => {
        const label = step.turn ? named(step.turn) : catalog.value.population.label;
        const here = step.turn?.turn === head.value?.turn || i === all.length - 1;
        return html`<li key=${step.turn?.turn ?? 0} aria-current=${here ? "step" : undefined}>
          <button
            type="button"
            class="funnel-step"
            disabled=${Boolean(pending.value) || here}
            title=${here ? label : t("go_to", { said: label })}
            onClick=${() => goTo(step.turn?.turn ?? 0, t("go_to", { said: label }))}
          >
            <span class="funnel-said">${step.turn?.turn ? html`<span class="funnel-turn num" aria-hidden="true">${step.turn.turn}</span>` : ""}<span>${label}</span></span>
            <span class="funnel-bar" aria-hidden="true"><span style=${{ width: length(step.count ?? step.below, most) }}></span></span>
            <span class="funnel-count"><strong class="num">${step.below ? c("below", { n: num(step.below) }) : num(step.count)}</strong> <span class="hint num">${changeOf(step, all[i - 1]) ?? ""}</span></span>
          </button>
        </li>`;
      })}
    </ol>
    <p class="hint">${t("funnel_scale")}</p>
  </section>`;
}
