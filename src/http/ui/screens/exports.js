// Exports: `#/exports` lists those so far, `#/exports/new?segment=ID` (or `?session=ID`, for what a conversation stands at)
// puts one together, `#/exports/ID` shows one.

import { html } from "../vendor/preact.js";
import { route } from "../state.js";
import { styled } from "../parts/style.js";
import { Earlier } from "../exports/earlier.js";
import { Job } from "../exports/job.js";
import { Wizard } from "../exports/wizard.js";

styled("exports");

export default function Screen() {
  const [at] = route.value.rest;
  if (at === "new") return html`<${Wizard} />`;
  return at ? html`<${Job} key=${at} id=${at} />` : html`<${Earlier} />`;
}
