// The column `segment` of the chat. Not made yet.

import { html } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/segment.js";

const t = words(file);

export function Segment() {
  return html`<h2>${t("title")}</h2>`;
}
