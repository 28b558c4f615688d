// Golden sets, and the runs by them: starting one, how far each is, stopping, picking two to compare.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { api } from "../api.js";
import { num, time, words } from "../i18n/t.js";
import * as file from "../i18n/evaluation.js";
import { go, place } from "../state.js";
import { Button } from "../parts/button.js";
import { sure } from "../parts/dialog.js";
import { Empty, Fault, Loading, useFetched } from "../parts/say.js";
import { Table } from "../parts/table.js";
import { fault, toast } from "../parts/toast.js";
import { figure, interval, lasting, metricLabel, unitOf, translatorName } from "./figures.js";
import { StartDialog } from "./start.js";

const TONES = { done: "good", failed: "bad", cancelled: "held" };

const t = words(file);
/** So often is looked how far a run is, in milliseconds. */
const LOOK_EVERY = 1500;
const MAIN = "turn_accuracy";

/** Draws anew, every while, what `again` fetches, as long as `going`. */
export function useLooking(going, again) {
  const look = useRef(again);
  look.current = again;
  useEffect(() => {
    if (!going) return;
    const timer = setInterval(() => look.current(), LOOK_EVERY);
    return () => clearInterval(timer);
  }, [going]);
}

/** Stops a run, after asking. */
export async function stop(id, after) {
  if (!(await sure({ title: t("cancel_sure"), text: t("cancel_text"), action: t("cancel"), danger: true }))) return;
  try {
    await api.delete(`/v1/eval/runs/${encodeURIComponent(id)}`);
    toast(t("cancelled"));
  } catch (error) {
    fault(error);
  }
  after();
}

/** How a run stands: its state, and how far it is while it goes on. */
export function Standing({ run }) {
  const { played, total } = run;
  if (run.state !== "running") return html`<span class=${`state ${TONES[run.state] ?? ""}`}>${t(`state_${run.state}`)}</span>`;
  const took = Date.now() - run.started_at;
  const left = played > 0 && played < total && took > LOOK_EVERY ? (took / played) * (total - played) : 0;
  return html`<div class="ev-progress">
    <progress max=${total || 1} value=${played} aria-label=${t("progress_of", { ...run, played: num(played), total: num(total) })}></progress>
    <small class="num">${t("progress", { played: num(played), total: num(total) })}${left ? ` · ${t("left_about", { time: lasting(left) })}` : ""}</small>
  </div>`;
}

const casesOf = (run) => (run.repeats > 1 ? t("cases_by", { cases: num(run.cases), repeats: num(run.repeats) }) : num(run.cases));

function Sets({ sets }) {
  if (sets.error) return html`<${Fault} error=${sets.error} retry=${sets.again} />`;
  if (!sets.value) return html`<${Loading} />`;
  return html`<ul class="ev-sets">
    ${sets.value.map(
      (set) => html`<li key=${set.name} class=${set.fault ? "faulty" : ""}>
        <strong>${set.name}</strong>${set.name === "feedback" && html`<span class="hint">${t("set_feedback")}</span>`}
        <span class=${set.fault ? "fault-text" : "hint"}
          >${set.fault ? t("set_fault", { why: set.fault }) : t("set_count", { conversations: num(set.conversations), turns: num(set.turns) })}</span
        >
      </li>`,
    )}
  </ul>`;
}

export function Runs() {
  const sets = useFetched((signal) => api.get("/v1/golden", { signal }), []);
  const runs = useFetched((signal) => api.get("/v1/eval/runs?limit=200", { signal }), []);
  const [starting, setStarting] = useState(false);
  const [picked, setPicked] = useState([]);
  const going = (runs.value ?? []).filter((run) => run.state === "running");
  useLooking(going.length > 0, runs.again);
  const pick = (id) => setPicked((all) => (all.includes(id) ? all.filter((one) => one !== id) : [...all, id].slice(-2)));
  const begun = (views) => {
    setStarting(false);
    toast(t("started_n", { n: num(views.length) }));
    sets.again();
    runs.again();
  };
  return html`<div class="stack">
    <section class="card" aria-labelledby="ev-sets">
      <div class="screen-head">
        <div><h2 id="ev-sets">${t("sets")}</h2><p class="hint">${t("sets_hint")}</p></div>
        <${Button} kind="main" icon="add" disabled=${!sets.value} onClick=${() => setStarting(true)}>${t("start")}<//>
      </div>
      <${Sets} sets=${sets} />
    </section>
    <section class="card" aria-labelledby="ev-runs">
      <div class="screen-head">
        <div><h2 id="ev-runs">${t("runs")}</h2><p class="hint">${t("compare_hint")}</p></div>
        <${Button} icon="chart" disabled=${picked.length !== 2} onClick=${() => go(place("evaluation", "compare", ...oldestFirst(picked, runs.value)))}
          >${t("compare_two")}<//
        >
      </div>
      <p class="unseen" role="status">${runs.value && (going.length ? t("running_n", { n: num(going.length) }) : t("all_over"))}</p>
      ${runs.error && html`<${Fault} error=${runs.error} retry=${runs.again} />`}
      ${!runs.value && runs.loading && html`<${Loading} />`}
      ${runs.value?.length === 0 && html`<${Empty} icon="evaluation" title=${t("no_runs")}><p>${t("no_runs_hint")}</p><//>`}
      ${runs.value?.length > 0 && html`<${RunTable} runs=${runs.value} picked=${picked} onPick=${pick} again=${runs.again} />`}
    </section>
    ${starting && html`<${StartDialog} sets=${sets.value} busy=${going.length > 0} onClose=${() => setStarting(false)} onBegun=${begun} />`}
  </div>`;
}

const oldestFirst = (ids, runs) => [...ids].sort((a, b) => at(a, runs) - at(b, runs));
const at = (id, runs) => runs.find((run) => run.id === id)?.started_at ?? 0;

function RunTable({ runs, picked, onPick, again }) {
  const unit = unitOf(MAIN);
  const name = (run) => `${t("run_of", run)}, ${time(run.started_at)}`;
  const columns = [
    {
      key: "pick",
      label: html`<span class="unseen">${t("compare")}</span>`,
      width: "40px",
      cell: (run) => html`<input
        type="checkbox"
        class="ev-pick"
        aria-label=${t("pick", { name: name(run) })}
        checked=${picked.includes(run.id)}
        disabled=${!run.played}
        onChange=${() => onPick(run.id)}
      />`,
    },
    {
      key: "started_at",
      label: t("when"),
      sort: (run) => run.started_at,
      cell: (run) => html`<a class="ev-when" href=${place("evaluation", "run", run.id)}>${time(run.started_at)}</a>`,
    },
    { key: "translator", label: t("translator"), sort: (run) => run.translator, cell: (run) => html`<span class="ev-name">${translatorName(run.translator)}</span>` },
    { key: "set", label: t("set"), sort: (run) => run.set },
    { key: "cases", label: t("cases"), align: "end", sort: (run) => run.cases * run.repeats, cell: casesOf },
    { key: "state", label: t("state"), sort: (run) => run.state, cell: (run) => html`<${Standing} run=${run} />` },
    {
      key: MAIN,
      label: metricLabel(MAIN),
      align: "end",
      sort: (run) => run.metrics[MAIN]?.value ?? null,
      cell: (run) => {
        const found = run.metrics[MAIN];
        return found ? html`<strong>${figure(found.value, unit)}</strong><br /><small class="hint">${interval(found, unit)}</small>` : "–";
      },
    },
    {
      key: "stop",
      label: html`<span class="unseen">${t("cancel")}</span>`,
      cell: (run) =>
        run.state === "running" &&
        html`<${Button} small kind="danger" icon="stop" aria-label=${`${t("cancel")}: ${name(run)}`} onClick=${() => stop(run.id, again)}>${t("cancel")}<//>`,
    },
  ];
  return html`<${Table}
    caption=${t("runs")}
    columns=${columns}
    rows=${runs}
    rowKey=${(run) => run.id}
    height=${560}
    onRow=${(run) => go(place("evaluation", "run", run.id))}
  />`;
}
