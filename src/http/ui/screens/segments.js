// The screen `segments`. Not made yet.

import { html } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/segments.js";

const t = words(file);

export default function Screen() {
  return html`<div class="screen"><h1>${t("title")}</h1></div>`;
}
