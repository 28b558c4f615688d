// How the service is: whether it is ready, what is open, how long things are kept, and its numbers in short.

import { html, useState } from "../vendor/preact.js";
import { api, ask } from "../api.js";
import { ago, date, num, time, words } from "../i18n/t.js";
import * as file from "../i18n/admin.js";
import { start } from "../state.js";
import { Button } from "../parts/button.js";
import { sure } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { Fault, Loading, useFetched } from "../parts/say.js";
import { fault, toast } from "../parts/toast.js";
import { by, mean, numbers, total } from "./numbers.js";

const t = words(file);
/** Versions that are hashes are shown by their first digits. */
const short = (version) => (/^[0-9a-f]{16,}$/.test(version) ? version.slice(0, 12) : version);
const span = (value, key) => (value === undefined ? t("for_good") : t(key, { n: num(value) }));
const hours = (n) => (n % 24 === 0 ? span(n / 24, "days") : span(n, "hours"));
const lasting = (seconds) => (seconds === null ? "–" : num(seconds * 1000, { style: "unit", unit: "millisecond", maximumSignificantDigits: 3 }));

/** Whether requests can be answered; asked without failing where they cannot. */
async function readiness(signal) {
  try {
    return await (await ask("GET", "/readyz", { signal })).json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return { ready: false };
  }
}

const everything = async (signal) => {
  const [state, ready, all] = await Promise.all([api.get("/v1/service", { signal }), readiness(signal), numbers(signal)]);
  return { state, ready, all };
};

export function ServiceView() {
  const { value, error, loading, again } = useFetched(everything, []);
  const [reloading, setReloading] = useState(false);
  const reload = async () => {
    if (!(await sure({ title: t("reload_sure"), text: t("reload_text"), action: t("reload") }))) return;
    setReloading(true);
    try {
      const { from, to } = await api.post("/v1/data/reload");
      toast(from === to ? t("reloaded_same") : t("reloaded", { version: short(to) }));
      await start();
      again();
    } catch (failed) {
      fault(failed);
    }
    setReloading(false);
  };
  if (error && !value) return html`<${Fault} error=${error} retry=${again} />`;
  if (!value) return html`<${Loading} />`;
  const { state, ready, all } = value;
  return html`<div class="stack">
    <section class="card" aria-labelledby="ad-service">
      <div class="screen-head">
        <h2 id="ad-service">${t("service")}</h2>
        <div class="row">
          <${Button} icon="refresh" busy=${loading} onClick=${again}>${t("refresh")}<//>
          <${Button} busy=${reloading} onClick=${reload}>${t("reload")}<//>
        </div>
      </div>
      ${error && html`<${Fault} error=${error} retry=${again} />`}
      <p class=${`ad-ready ${ready.ready ? "good" : "bad"}`} role="status">
        <${Icon} name=${ready.ready ? "check" : "warning"} />${t(ready.ready ? "ready" : "not_ready")}
      </p>
      <dl class="ad-facts">
        <dt>${t("version")}</dt>
        <dd>${state.version}</dd>
        <dt>${t("started")}</dt>
        <dd>${time(state.started)} <span class="hint">(${ago(state.started)})</span></dd>
        <dt>${t("catalog")}</dt>
        <dd>${t("catalog_of", { name: state.catalog, version: short(state.catalog_version) })}</dd>
        <dt>${t("data")}</dt>
        <dd>${t("data_of", { version: short(state.data_version), date: date(state.as_of) })}</dd>
        <dt>${t("auth")}</dt>
        <dd>${t(state.auth ? "auth_on" : "auth_off")}</dd>
        <dt>${t("rate")}</dt>
        <dd>${state.rate_per_minute ? t("rate_of", { n: num(state.rate_per_minute) }) : t("rate_none")}</dd>
        <dt>${t("min_group")}</dt>
        <dd>${state.min_group ? t("min_group_of", { n: num(state.min_group) }) : t("min_group_none")}</dd>
      </dl>
    </section>
    <section class="card" aria-labelledby="ad-kept">
      <div><h2 id="ad-kept">${t("kept")}</h2><p class="hint">${t("kept_hint")}</p></div>
      <dl class="ad-facts">
        <dt>${t("kept_sessions")}</dt>
        <dd>${span(state.kept.sessions_days, "days")}</dd>
        <dt>${t("kept_exports")}</dt>
        <dd>${span(state.kept.exports_days, "days")}</dd>
        <dt>${t("kept_files")}</dt>
        <dd>${hours(state.kept.files_hours)}</dd>
      </dl>
    </section>
    <${Numbers} state=${state} all=${all} />
  </div>`;
}

function Numbers({ state, all }) {
  const requests = "waggle_http_requests_total";
  const figures = [
    ["answering", num(state.answering)],
    ["waiting", num(state.waiting)],
    ["requests", num(total(all, requests))],
    ["failed_requests", num(total(all, requests, ({ status }) => Number(status) >= 500))],
    ["request_time", lasting(mean(all, "waggle_http_request_seconds"))],
    ["store_errors", num(total(all, "waggle_store_errors_total"))],
  ];
  const turns = by(all, "waggle_turns_total", "status");
  const answered = turns.reduce((sum, [, n]) => sum + n, 0);
  const stages = ["translate", "compile", "run"].map((stage) => [stage, mean(all, "waggle_turn_stage_seconds", (labels) => labels.stage === stage)]);
  return html`<section class="card" aria-labelledby="ad-numbers">
    <h2 id="ad-numbers">${t("now")}</h2>
    <dl class="ad-figures">
      ${figures.map(([name, told]) => html`<div key=${name}><dt>${t(name)}</dt><dd>${told}</dd></div>`)}
    </dl>
    <div class="ad-halves">
      <div>
        <h3>${t("turns")}</h3>
        <p class="hint">${answered ? t("turns_hint") : t("no_turns")}</p>
        <ul class="ad-shares">
          ${turns.map(
            ([name, n]) => html`<li key=${name}>
              <span>${`turn_${name}` in file.en ? t(`turn_${name}`) : name}</span><meter min="0" max=${answered || 1} value=${n} aria-label=${name}></meter
              ><span class="num">${num(n)}</span>
            </li>`,
          )}
        </ul>
      </div>
      <div>
        <h3>${t("stages")}</h3>
        <dl class="ad-facts">
          ${stages.map(([name, seconds]) => html`<dt>${t(`stage_${name}`)}</dt><dd class="num">${lasting(seconds)}</dd>`)}
        </dl>
      </div>
    </div>
    <p class="hint">${t("all_metrics")}</p>
  </section>`;
}
