// The reader's exports so far, the newest first.

import { html, useEffect } from "../vendor/preact.js";
import { ago, num, words } from "../i18n/t.js";
import * as file from "../i18n/exports.js";
import { api } from "../api.js";
import { go, place } from "../state.js";
import { Button } from "../parts/button.js";
import { Empty, Fault, Loading, useFetched } from "../parts/say.js";
import { State, isGoing, leftOf, nameOf, ordered } from "./job.js";

const t = words(file);
/** How often one looks while something is going on, in milliseconds. */
const LOOK_EVERY = 1500;

const Row = ({ job }) => html`<li class="export-row">
  <div>
    <p class="export-name"><a href=${place("exports", job.id)}>${nameOf(job)}</a></p>
    <p class="hint">${ordered(job).join(" · ")}</p>
  </div>
  <div class="export-size">
    <strong class="num">${isGoing(job) && job.total ? t("so_far", { rows: num(job.rows), total: num(job.total) }) : job.state === "done" ? t("people", { n: num(leftOf(job)) }) : "–"}</strong>
    <span class="hint">${ago(job.created)}</span>
  </div>
  <${State} job=${job} />
</li>`;

export function Earlier() {
  const { value: jobs, error, again } = useFetched((signal) => api.get("/v1/exports", { signal }), []);
  useEffect(() => {
    if (!jobs?.some(isGoing)) return;
    const timer = setTimeout(again, LOOK_EVERY);
    return () => clearTimeout(timer);
  }, [jobs]);
  const make = html`<${Button} kind="main" icon="add" onClick=${() => go(place("exports", "new"))}>${t("new")}<//>`;
  return html`<div class="screen exports">
    <header class="screen-head"><h1>${t("title")}</h1>${jobs?.length > 0 && make}</header>
    ${error && html`<${Fault} error=${error} retry=${again} />`} ${!jobs && !error && html`<${Loading} />`}
    ${jobs &&
    (jobs.length
      ? html`<ul class="export-list">${jobs.map((job) => html`<${Row} key=${job.id} job=${job} />`)}</ul>`
      : html`<${Empty} icon="export" title=${t("none")}><p>${t("none_hint")}</p>${make}<//>`)}
  </div>`;
}
