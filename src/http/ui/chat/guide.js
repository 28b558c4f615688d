// A short guide: how to ask, what the colours of words mean, which keys do what.

import { html } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/chat.js";
import { Dialog } from "../parts/dialog.js";

const t = words(file);
const BECAME = ["condition", "excluded", "assumed", "shown", "done", "asked", "background", "unmatched"];
const KEYS = ["Enter", "Shift+Enter", "↑", "Esc"];

/** The steps of asking. */
export const Steps = () =>
  html`<ol class="guide">
    ${["guide_1", "guide_2", "guide_3"].map((key) => html`<li>${t(key)}</li>`)}
  </ol>`;

export function Guide({ onClose }) {
  return html`<${Dialog} title=${t("guide")} onClose=${onClose}>
    <${Steps} />
    <h3>${t("legend")}</h3>
    <p class="hint">${t("legend_about")}</p>
    <ul class="chips">
      ${BECAME.map((became) => html`<li class=${`part ${became}`}>${became === "unmatched" ? html`<s>${t("became_unmatched")}</s>` : t(`became_${became}`)}</li>`)}
    </ul>
    <h3>${t("keys")}</h3>
    <dl class="keys">
      ${KEYS.map((key, i) => html`<dt><kbd>${key}</kbd></dt><dd>${t(`key_${i + 1}`)}</dd>`)}
    </dl>
  <//>`;
}
