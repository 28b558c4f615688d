// One export: how far it is, its files, and the manifest that says where they come from.

import { html, useEffect, useState } from "../vendor/preact.js";
import { num, percent, time, words } from "../i18n/t.js";
import * as file from "../i18n/exports.js";
import * as common from "../i18n/common.js";
import { api, download, saveAs } from "../api.js";
import { place } from "../state.js";
import { Button } from "../parts/button.js";
import { Code } from "../parts/code.js";
import { Dialog, sure } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { Fault, Loading, useFetched } from "../parts/say.js";
import { fault, toast } from "../parts/toast.js";
import { channelLabel } from "./order.js";
import { Waterfall } from "./waterfall.js";

const t = words(file);
const c = words(common);
/** How often one looks how far it is, in milliseconds. */
const LOOK_EVERY = 700;
/** The same where the server could not be asked. */
const LOOK_AGAIN = 3000;

export const isGoing = (job) => job.state === "queued" || job.state === "running";

/** How many left: those held out are in a file of their own. */
export const leftOf = (job) => job.files?.find((one) => one.role === "exported")?.rows ?? job.rows;

/** Of what an export is, in words. */
export const nameOf = (job) => job.name ?? (job.segment ? t("a_segment") : t("a_session"));

const size = (bytes) => {
  const power = bytes > 0 ? Math.min(3, Math.floor(Math.log10(bytes) / 3)) : 0;
  return num(bytes / 1000 ** power, { style: "unit", unit: ["byte", "kilobyte", "megabyte", "gigabyte"][power], maximumFractionDigits: power ? 1 : 0 });
};

const BADGE = { done: "good", failed: "bad", running: "live", queued: "live" };
export const State = ({ job }) => html`<span class=${`state ${BADGE[job.state] ?? ""}`}>${t(`state_${job.state}`)}</span>`;

/** What was ordered, as short words. */
export function ordered(job) {
  const order = job.order ?? {};
  return [
    t("as_format", { format: order.format ?? "csv" }),
    order.channel && channelLabel(order.channel),
    order.not_contacted_days && t("as_cap", { n: num(order.not_contacted_days) }),
    order.hold_out && t("as_hold_out", { share: percent(order.hold_out.percent / 100) }),
    order.columns?.length && t("as_columns", { n: num(order.columns.length) }),
    order.identifiers && t(`identifiers_${order.identifiers}`),
  ].filter(Boolean);
}

/** Stops an export, or takes its files away. */
async function cancel(job, changed) {
  if (!isGoing(job) && !(await sure({ title: t("remove_title"), text: t("remove_text"), action: t("remove_files"), danger: true }))) return;
  try {
    await api.delete(`/v1/exports/${encodeURIComponent(job.id)}`);
    toast(isGoing(job) ? t("was_cancelled") : t("was_removed"));
    changed();
  } catch (error) {
    fault(error);
  }
}

function File({ one }) {
  const [busy, setBusy] = useState(false);
  const fetchIt = async () => {
    setBusy(true);
    try {
      await download(one.url, one.name);
    } catch (error) {
      fault(error);
    }
    setBusy(false);
  };
  return html`<li class="export-file">
    <div>
      <p><strong>${t(`role_${one.role}`)}</strong> <span class="num">${t("people", { n: num(one.rows) })}</span></p>
      <p class="hint">${one.name} · ${size(one.bytes)}</p>
      <p class="hint"><span title="SHA-256">SHA-256 <code class="sum">${one.sha256}</code></span></p>
    </div>
    <${Button} kind=${one.role === "exported" ? "main" : "plain"} icon="download" busy=${busy} onClick=${fetchIt}>${c("download")}<//>
  </li>`;
}

const Progress = ({ job }) => html`<div class="stack">
  <label class="export-progress">
    <span role="status">${job.state === "queued" ? t("is_queued") : t("is_running", { rows: num(job.rows), total: job.total ? num(job.total) : "…" })}</span>
    ${job.total ? html`<progress max=${job.total} value=${job.rows}></progress>` : html`<progress></progress>`}
  </label>
</div>`;

function Manifest({ job, onClose }) {
  const text = JSON.stringify(job.manifest, null, 2);
  const keep = () => saveAs(new Blob([`${text}\n`], { type: "application/json" }), `${job.id}.manifest.json`);
  return html`<${Dialog} wide title=${t("manifest")} onClose=${onClose} actions=${html`<${Button} icon="download" onClick=${keep}>${c("download")}<//>`}>
    <p class="hint">${t("manifest_hint")}</p>
    <${Code} sql=${text} label=${t("manifest")} height=${460} />
  <//>`;
}

export function Job({ id }) {
  const [manifest, setManifest] = useState(false);
  const { value: job, error, again } = useFetched((signal) => api.get(`/v1/exports/${encodeURIComponent(id)}`, { signal }), [id]);
  const going = job && isGoing(job);
  useEffect(() => {
    if (!going) return;
    const timer = setTimeout(again, error ? LOOK_AGAIN : LOOK_EVERY);
    return () => clearTimeout(timer);
  }, [job, error]);
  return html`<div class="screen exports">
    <header class="screen-head">
      <h1>${t("one_title")}</h1>
      <a href=${place("exports")}>${t("back")}</a>
    </header>
    ${error && html`<${Fault} error=${error} retry=${again} />`} ${!job && !error && html`<${Loading} />`}
    ${job &&
    html`<article class="card export-job">
      <header class="row spread">
        <h2>${nameOf(job)}</h2>
        <${State} job=${job} />
      </header>
      <ul class="ordered">${ordered(job).map((word) => html`<li>${word}</li>`)}</ul>
      ${going && html`<${Progress} job=${job} /><div><${Button} kind="danger" icon="stop" onClick=${() => cancel(job, again)}>${t("cancel")}<//></div>`}
      ${job.state === "failed" && html`<p class="warn bad" role="alert"><${Icon} name="warning" size=${16} />${t("has_failed", { why: job.error ?? "" })}</p>`}
      ${job.state === "done" &&
      html`<ul class="export-files">${job.files.map((one) => html`<${File} key=${one.role} one=${one} />`)}</ul>
        <div class="row">
          ${job.manifest && html`<${Button} icon="list" onClick=${() => setManifest(true)}>${t("manifest")}<//>`}
          <${Button} kind="danger" icon="trash" onClick=${() => cancel(job, again)}>${t("remove_files")}<//>
          ${job.expires && html`<span class="hint">${t("expires", { when: time(job.expires) })}</span>`}
        </div>`}
      ${["cancelled", "expired"].includes(job.state) && html`<p class="hint">${t(`is_${job.state}`)}</p>`}
      ${job.manifest?.reach && html`<section class="stack"><h3>${t("how_many")}</h3><${Waterfall} reach=${job.manifest.reach} /></section>`}
      <dl class="export-facts">
        <div><dt>${t("when")}</dt><dd>${time(job.created)}</dd></div>
        ${job.finished && html`<div><dt>${t("ended")}</dt><dd>${time(job.finished)}</dd></div>`}
        ${job.text && html`<div class="wide"><dt>${t("definition")}</dt><dd><code class="sum">${job.text}</code></dd></div>`}
      </dl>
      ${manifest && html`<${Manifest} job=${job} onClose=${() => setManifest(false)} />`}
    </article>`}
  </div>`;
}
