// What is to be run: the golden set, the translators, how many conversations, how often, and what is measured.

import { html, useState } from "../vendor/preact.js";
import { api } from "../api.js";
import { num, words } from "../i18n/t.js";
import * as file from "../i18n/evaluation.js";
import * as common from "../i18n/common.js";
import { models } from "../state.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { Check, Select, TextField } from "../parts/field.js";
import { Fault, useFetched } from "../parts/say.js";
import { metricLabel, translatorName } from "./figures.js";

const t = words(file);
const tc = words(common);
const MOST_REPEATS = 32;
const MOST_SAMPLE = 1000000;

/** A whole number that was typed: null where nothing was, undefined where it is none. */
function whole(text, least, most) {
  if (!text.trim()) return null;
  const n = Number(text);
  return Number.isInteger(n) && n >= least && n <= most ? n : undefined;
}

export function StartDialog({ sets, busy, onClose, onBegun }) {
  const usable = sets.filter((set) => !set.fault && set.turns);
  const [order, setOrder] = useState({ set: usable[0]?.name ?? "", models: ["builtin"], sample: "", seed: "1", repeats: "1", metrics: [] });
  const [sending, setSending] = useState(false);
  const [error, setError] = useState(null);
  const metrics = useFetched((signal) => api.get("/v1/eval/metrics", { signal }), []);
  const put = (more) => setOrder((old) => ({ ...old, ...more }));
  const toggle = (key, value) => put({ [key]: order[key].includes(value) ? order[key].filter((one) => one !== value) : [...order[key], value] });
  const sample = whole(order.sample, 1, MOST_SAMPLE);
  const seed = whole(order.seed, 0, Number.MAX_SAFE_INTEGER);
  const repeats = whole(order.repeats, 1, MOST_REPEATS);
  const bad = (value, least, most) => value === undefined && t("bad_number", { least: num(least), most: num(most) });
  const ready = order.set && order.models.length && [sample, seed, repeats].every((value) => value !== undefined);
  const begin = async (event) => {
    event?.preventDefault();
    if (!ready || sending) return;
    setSending(true);
    setError(null);
    const { set, models: chosen, metrics: some } = order;
    const body = { set, models: chosen, metrics: some, repeats: repeats ?? 1 };
    if (sample) Object.assign(body, { sample, seed: seed ?? 1 });
    try {
      onBegun(await api.post("/v1/eval/runs", body));
    } catch (failed) {
      setError(failed);
      setSending(false);
    }
  };
  const actions = html`<${Button} onClick=${onClose}>${tc("cancel")}<//>
    <${Button} kind="main" type="submit" form="ev-start" busy=${sending} disabled=${!ready}>${t("start")}<//>`;
  return html`<${Dialog} title=${t("start")} onClose=${onClose} actions=${actions}>
    <form id="ev-start" class="stack" onSubmit=${begin}>
      ${busy && html`<p class="hint" role="note">${t("start_busy")}</p>`}
      <${Select}
        label=${t("choose_set")}
        value=${order.set}
        options=${usable.map((set) => ({
          value: set.name,
          label: `${set.name} (${t("set_count", { conversations: num(set.conversations), turns: num(set.turns) })})`,
        }))}
        onChange=${(set) => put({ set })}
      />
      <fieldset class="ev-choices">
        <legend>${t("choose_models")}</legend>
        ${models.value.map(
          ({ id }) => html`<${Check} key=${id} label=${translatorName(id)} checked=${order.models.includes(id)} onChange=${() => toggle("models", id)} />`,
        )}
        ${!order.models.length && html`<p class="fault-text" role="alert">${t("no_model")}</p>`}
      </fieldset>
      <div class="ev-numbers">
        <${TextField} label=${t("sample")} hint=${t("sample_hint")} inputmode="numeric" value=${order.sample} fault=${bad(sample, 1, MOST_SAMPLE)} onInput=${(v) => put({ sample: v })} />
        <${TextField} label=${t("repeats")} hint=${t("repeats_hint", { most: num(MOST_REPEATS) })} inputmode="numeric" value=${order.repeats} fault=${bad(repeats, 1, MOST_REPEATS)} onInput=${(v) => put({ repeats: v })} />
        <${TextField} label=${t("seed")} hint=${t("seed_hint")} inputmode="numeric" disabled=${!sample} value=${order.seed} fault=${bad(seed, 0, Number.MAX_SAFE_INTEGER)} onInput=${(v) => put({ seed: v })} />
      </div>
      <details class="ev-more">
        <summary>${t("what_metrics")}: ${order.metrics.length ? t("some_metrics", { n: num(order.metrics.length) }) : t("all_metrics")}</summary>
        <div class="stack">
          ${metrics.error && html`<${Fault} error=${metrics.error} retry=${metrics.again} />`}
          ${(metrics.value ?? []).map(
            (m) => html`<${Check}
              key=${m.name}
              label=${metricLabel(m.name)}
              hint=${m.dear ? `${m.about} · ${t("dear")}` : m.about}
              checked=${order.metrics.includes(m.name)}
              onChange=${() => toggle("metrics", m.name)}
            />`,
          )}
        </div>
      </details>
      ${error && html`<${Fault} error=${error} />`}
    </form>
  <//>`;
}
