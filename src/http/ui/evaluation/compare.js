// Two runs, case by case: how much they differ and how sure that is, and what one has right and the other wrong.

import { html, useState } from "../vendor/preact.js";
import { api } from "../api.js";
import { num, time, words } from "../i18n/t.js";
import * as file from "../i18n/evaluation.js";
import { go, place } from "../state.js";
import { Button } from "../parts/button.js";
import { Select } from "../parts/field.js";
import { Empty, Fault, Loading, useFetched } from "../parts/say.js";
import { Table } from "../parts/table.js";
import { difference, figure, metricLabel, unitOf } from "./figures.js";

const t = words(file);
const MAIN = "turn_accuracy";
/** Below this chance a difference is called one, as the server does. */
const SIGNIFICANT = 0.05;
/** Cases of each kind that are shown at first. */
const SHOWN = 10;

const runName = (run) => `${t("run_of", run)} · ${time(run.started_at)}`;

export function Compare({ a, b }) {
  const runs = useFetched((signal) => api.get("/v1/eval/runs?limit=200", { signal }), []);
  const metrics = useFetched((signal) => api.get("/v1/eval/metrics", { signal }), []);
  const [metric, setMetric] = useState(MAIN);
  const to = (left, right) => go(place("evaluation", "compare", ...[left, right].filter(Boolean)), true);
  const back = html`<p><a href=${place("evaluation", "runs")}>${t("to_runs")}</a></p>`;
  const error = runs.error ?? metrics.error;
  if (error) return html`<div class="stack">${back}<${Fault} error=${error} retry=${() => (runs.again(), metrics.again())} /></div>`;
  if (!runs.value || !metrics.value) return html`<${Loading} />`;
  const played = runs.value.filter((run) => run.played > 0);
  const options = [{ value: "", label: "–" }, ...played.map((run) => ({ value: run.id, label: runName(run) }))];
  const better = metrics.value.find((m) => m.name === metric)?.better ?? "higher";
  return html`<div class="stack">
    ${back}
    <section class="card" aria-labelledby="ev-compare">
      <h2 id="ev-compare">${t("compare")}</h2>
      <div class="ev-pair">
        <${Select} label=${t("first_run")} value=${a ?? ""} options=${options} onChange=${(v) => to(v || undefined, b)} />
        <${Button} class="ev-swap" icon="redo" label=${t("swap")} disabled=${!a || !b} onClick=${() => to(b, a)} />
        <${Select} label=${t("second_run")} value=${b ?? ""} options=${options} onChange=${(v) => to(a, v || undefined)} />
        <${Select}
          label=${t("metric")}
          value=${metric}
          options=${metrics.value.filter((m) => m.comparable).map((m) => ({ value: m.name, label: metricLabel(m.name) }))}
          onChange=${setMetric}
        />
      </div>
      ${a && b ? html`<${Result} a=${a} b=${b} metric=${metric} better=${better} />` : html`<${Empty} icon="chart" title=${t("choose_runs")} />`}
    </section>
  </div>`;
}

/** Which of the two is better: `a`, `b`, or nothing where it may be chance. */
function winner(found, better) {
  const sure = found.p === null ? found.low !== null && (found.low > 0 || found.high < 0) : found.p < SIGNIFICANT;
  if (!sure || found.difference === 0) return null;
  return found.difference > 0 === (better === "higher") ? "b" : "a";
}

function Result({ a, b, metric, better }) {
  const path = `/v1/eval/runs/${encodeURIComponent(a)}/compare/${encodeURIComponent(b)}?metric=${encodeURIComponent(metric)}`;
  const { value: found, error, loading, again } = useFetched((signal) => api.get(path, { signal }), [path]);
  if (error) return html`<${Fault} error=${error} retry=${again} />`;
  if (!found || loading) return html`<${Loading} />`;
  const unit = unitOf(metric);
  const best = winner(found, better);
  const verdict = best ? t(`better_${best}`) : t("no_difference");
  return html`<div class="stack">
    <p class=${`ev-verdict ${best ? "sure" : ""}`} role="status">${verdict}</p>
    <dl class="ev-figures">
      <div><dt>${t("mean_of", { run: "A" })}</dt><dd>${figure(found.mean_a, unit)}</dd></div>
      <div><dt>${t("mean_of", { run: "B" })}</dt><dd>${figure(found.mean_b, unit)}</dd></div>
      <div><dt>${t("difference")}</dt><dd>${difference(found.difference, unit)}</dd></div>
      ${found.p !== null &&
      html`<div><dt>${t("only_a")}</dt><dd>${num(found.only_a)}</dd></div>
        <div><dt>${t("only_b")}</dt><dd>${num(found.only_b)}</dd></div>
        <div><dt>${t("mcnemar")}</dt><dd>${t("mcnemar_p", { p: num(found.p, { maximumFractionDigits: 4 }) })}</dd></div>`}
    </dl>
    <${Interval} found=${found} unit=${unit} />
    <p class="hint">${t("compared_n", { n: num(found.n) })}</p>
    <${Changes} title=${t("fixed", { n: num(found.fixed.length) })} rows=${found.fixed} unit=${unit} />
    <${Changes} title=${t("broken", { n: num(found.broken.length) })} rows=${found.broken} unit=${unit} />
  </div>`;
}

/** The difference with its interval on a line, and where no difference would be. */
function Interval({ found, unit }) {
  if (found.low === null) return html`<p class="hint">${t("no_interval")}</p>`;
  const { low, high } = found;
  const far = Math.max(Math.abs(low), Math.abs(high), Math.abs(found.difference)) * 1.15 || 1;
  const x = (value) => 50 + (value / far) * 50;
  const said = t("difference_said", { difference: difference(found.difference, unit), low: difference(low, unit), high: difference(high, unit) });
  return html`<figure class="ev-interval">
    <svg viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label=${said}>
      <line class="axis" x1="0" x2="100" y1="6" y2="6" />
      <line class="zero" x1="50" x2="50" y1="0" y2="12" />
      <rect class="range" x=${x(low)} width=${Math.max(0.6, x(high) - x(low))} y="3" height="6" />
      <rect class="middle" x=${x(found.difference) - 0.4} width="0.8" y="1" height="10" />
    </svg>
    <figcaption class="hint">${said}</figcaption>
  </figure>`;
}

function Changes({ title, rows, unit }) {
  const [all, setAll] = useState(false);
  const columns = [
    { key: "case", label: t("case"), cell: (row) => html`<span class="ev-name">${row.case}</span>` },
    { key: "turn", label: t("turn"), align: "end", cell: (row) => (row.turn === null ? t("whole") : num(row.turn)) },
    { key: "user", label: t("said"), cell: (row) => html`<span class="ev-said">${row.user}</span>` },
    { key: "a", label: "A", align: "end", cell: (row) => figure(row.a, unit) },
    { key: "b", label: "B", align: "end", cell: (row) => figure(row.b, unit) },
  ];
  if (!rows.length) return html`<h3>${title}</h3>`;
  return html`<h3>${title}</h3>
    <${Table}
      caption=${title}
      columns=${columns}
      rows=${all ? rows : rows.slice(0, SHOWN)}
      rowKey=${(row) => `${row.case}/${row.turn}/${row.attempt}`}
    />
    ${!all && rows.length > SHOWN && html`<div><${Button} small onClick=${() => setAll(true)}>${t("show_all", { n: num(rows.length) })}<//></div>`}`;
}
