// One run: what was measured, and every turn that was wrong beside what was expected.

import { html } from "../vendor/preact.js";
import { api } from "../api.js";
import { num, time, words } from "../i18n/t.js";
import * as file from "../i18n/evaluation.js";
import { go, place } from "../state.js";
import { Button } from "../parts/button.js";
import { Fault, Loading, useFetched } from "../parts/say.js";
import { Table } from "../parts/table.js";
import { fault, toast } from "../parts/toast.js";
import { figure, interval, lasting, metricLabel, short, unitOf, translatorName } from "./figures.js";
import { Failures } from "./failures.js";
import { Standing, stop, useLooking } from "./runs.js";

const t = words(file);

const About = ({ run }) =>
  html`<p class="hint ev-about">
    ${[
      time(run.started_at),
      run.finished_at && t("took", { time: lasting(run.finished_at - run.started_at) }),
      `${t("cases")} ${run.repeats > 1 ? t("cases_by", { cases: num(run.cases), repeats: num(run.repeats) }) : num(run.cases)}`,
      run.prompt_version && t("prompt", { version: short(run.prompt_version) }),
      run.policy && t("policy", { version: short(run.policy) }),
      t("data", { version: short(run.data) }),
    ]
      .filter(Boolean)
      .map((part) => html`<span key=${part}>${part}</span>`)}
  </p>`;

/** The metric of a figure: `pass^2` is one of `pass^k`. */
const family = (name) => (name.startsWith("pass^") ? "pass^k" : name.split(":")[0]);

function Metrics({ metrics }) {
  const known = useFetched((signal) => api.get("/v1/eval/metrics", { signal }), []);
  const order = (known.value ?? []).map((m) => m.name);
  const rank = (name) => (order.includes(family(name)) ? order.indexOf(family(name)) : order.length);
  const about = (name) => known.value?.find((m) => m.name === family(name))?.about;
  const rows = Object.entries(metrics)
    .map(([name, measured]) => ({ name, ...measured, unit: unitOf(name) }))
    .sort((a, b) => rank(a.name) - rank(b.name));
  const columns = [
    { key: "name", label: t("metric"), cell: (row) => html`<div class="ev-metric">${metricLabel(row.name)}<br /><small class="hint">${about(row.name)}</small></div>` },
    { key: "value", label: t("value"), align: "end", cell: (row) => html`<strong>${figure(row.value, row.unit)}</strong>` },
    { key: "interval", label: t("interval"), align: "end", cell: (row) => interval(row, row.unit) },
    { key: "n", label: t("of_n"), align: "end", cell: (row) => num(row.n) },
  ];
  return html`<${Table} caption=${t("metrics")} columns=${columns} rows=${rows} rowKey=${(row) => row.name} height=${560} empty=${t("no_metrics")} />`;
}

export function Run({ id }) {
  const { value: run, error, again } = useFetched((signal) => api.get(`/v1/eval/runs/${encodeURIComponent(id)}`, { signal }), [id]);
  useLooking(run?.state === "running", again);
  const repeat = async () => {
    try {
      const begun = await api.post("/v1/eval/runs", { set: run.set, models: [run.translator], repeats: run.repeats });
      toast(t("started_n", { n: num(begun.length) }));
      go(place("evaluation", "run", begun[0].id));
    } catch (failed) {
      fault(failed);
    }
  };
  const back = html`<p><a href=${place("evaluation", "runs")}>${t("to_runs")}</a></p>`;
  if (!run) return html`<div class="stack">${back}${error ? html`<${Fault} error=${error} retry=${again} />` : html`<${Loading} />`}</div>`;
  return html`<div class="stack">
    ${back}
    <section class="card" aria-labelledby="ev-run">
      <div class="screen-head">
        <h2 id="ev-run">${t("run_of", { translator: translatorName(run.translator), set: run.set })}</h2>
        <div class="row">
          <${Standing} run=${run} />
          ${run.state === "running"
            ? html`<${Button} kind="danger" icon="stop" onClick=${() => stop(id, again)}>${t("cancel")}<//>`
            : html`<${Button} icon="refresh" onClick=${repeat}>${t("run_again")}<//>`}
          <${Button} icon="chart" disabled=${!run.played} onClick=${() => go(place("evaluation", "compare", id))}>${t("compare")}<//>
        </div>
      </div>
      <${About} run=${run} />
      ${run.error && html`<${Fault} error=${{ message: run.error }} />`} ${error && html`<${Fault} error=${error} retry=${again} />`}
      <${Metrics} metrics=${run.metrics} />
    </section>
    <${Failures} failures=${run.failures ?? []} going=${run.state === "running"} />
  </div>`;
}
