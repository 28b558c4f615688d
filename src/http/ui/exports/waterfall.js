// How a segment becomes what leaves: a bar for each step, what is lost on the way beside it. The numbers stand in a table, so
// that they are heard as they are seen.

import { html } from "../vendor/preact.js";
import { num, percent, words } from "../i18n/t.js";
import * as file from "../i18n/exports.js";
import * as common from "../i18n/common.js";
import { locale } from "../state.js";
import { Icon } from "../parts/icon.js";

const t = words(file);
const c = words(common);

/** A group held out that is smaller tells little. */
const FEW_HELD_OUT = 100;

const told = (step) => (step.count !== null ? num(step.count) : step.count_below ? c("below", { n: num(step.count_below) }) : t("hidden"));

/** Warnings of a waterfall: `[{ bad, text }]`. */
function warnings(reach) {
  const step = (name) => reach.steps.find((s) => s.name === name);
  const [matched, exported, heldOut] = ["matched", "exported", "held_out"].map(step);
  const out = [];
  if (matched.count === 0) out.push({ bad: true, text: t("nobody") });
  else if (matched.count_below) out.push({ bad: true, text: t("too_few", { n: num(matched.count_below) }) });
  else if (exported.count === 0) out.push({ bad: true, text: t("nobody_left") });
  else if (exported.count_below) out.push({ text: t("few_left", { n: num(exported.count_below) }) });
  if (heldOut && (heldOut.count_below || (heldOut.count !== null && heldOut.count < FEW_HELD_OUT))) out.push({ text: t("few_held_out", { n: num(FEW_HELD_OUT) }) });
  if (!out.length && reach.steps.some((s) => s.count === null)) out.push({ text: t("some_hidden") });
  return out;
}

/** Whether an export may be ordered. */
export const mayLeave = (reach) => !warnings(reach).some((w) => w.bad);

export function Waterfall({ reach, stale }) {
  const most = Math.max(1, ...reach.steps.map((s) => s.count ?? 0));
  const width = (n) => ({ width: `${(n / most) * 100}%` });
  const first = reach.steps[0].count;
  return html`<table class=${`waterfall ${stale ? "stale" : ""}`}>
      <caption class="unseen">${t("waterfall")}</caption>
      <thead class="unseen"><tr><th scope="col">${t("step")}</th><th scope="col">${c("count")}</th><th scope="col">${t("lost")}</th></tr></thead>
      <tbody>
        ${reach.steps.map(
          (step) => html`<tr key=${step.name} class=${step.name}>
            <th scope="row">
              ${step.label[locale.value]}
              <span class="waterfall-bar" aria-hidden="true">
                <span class="left" style=${width(step.count ?? 0)}></span>
                ${step.dropped > 0 && html`<span class="lost" style=${width(step.dropped)}></span>`}
              </span>
            </th>
            <td class="num"><strong>${told(step)}</strong>${first && step.count !== null && step.name !== "matched" ? html`<span class="hint">${percent(step.count / first)}</span>` : ""}</td>
            <td class="num hint">${step.dropped > 0 ? `−${num(step.dropped)}` : ""}</td>
          </tr>`,
        )}
      </tbody>
    </table>
    ${warnings(reach).map(
      (warning) => html`<p class=${`warn ${warning.bad ? "bad" : ""}`} role="status"><${Icon} name="warning" size=${16} />${warning.text}</p>`,
    )}`;
}
