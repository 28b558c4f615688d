// An export is put together: whom, by which channel, what of them, as what; and all the while how many would leave.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { num, words } from "../i18n/t.js";
import * as file from "../i18n/exports.js";
import * as common from "../i18n/common.js";
import { api } from "../api.js";
import { catalog, go, locale, place, route } from "../state.js";
import { Button } from "../parts/button.js";
import { Check, Select, TextField } from "../parts/field.js";
import { Fault, Loading, useFetched } from "../parts/say.js";
import { fault } from "../parts/toast.js";
import { Columns } from "./columns.js";
import { FORMATS, faults, goOn, hasMark, identifierChoices, keep, orderOf, reachOf } from "./order.js";
import { Waterfall, mayLeave } from "./waterfall.js";

const t = words(file);
const c = words(common);
/** How long nothing has changed when the reach is asked for, in milliseconds. */
const PAUSE = 350;

/** Where it comes from: `/v1/segments/ID` or `/v1/sessions/ID`; null where nothing is chosen. */
const pathOf = (segment, session) =>
  session ? `/v1/sessions/${encodeURIComponent(session)}` : segment ? `/v1/segments/${encodeURIComponent(segment)}` : null;

/** The reach of an order, asked for again when it changes. `loading` until it is that of the order as it stands now. */
function useReach(path, wanted, wrong) {
  const [state, set] = useState({ reach: null, error: null });
  const body = JSON.stringify(wanted);
  useEffect(() => {
    if (!path || wrong) return;
    const mine = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const reach = await api.post(`${path}/reach`, JSON.parse(body), { signal: mine.signal });
        set({ path, body, reach, error: null });
      } catch (error) {
        if (error.name !== "AbortError") set({ path, body, reach: null, error });
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      mine.abort();
    };
  }, [path, body, wrong, locale.value]);
  if (state.path !== path) return { reach: null, error: null, loading: Boolean(path) };
  return { ...state, loading: state.body !== body };
}

const Step = ({ n, title, children }) =>
  html`<section class="card wizard-step" aria-labelledby=${`step-${n}`}>
    <h2 id=${`step-${n}`}><span class="step-number" aria-hidden="true">${num(n)}</span>${title}</h2>
    ${children}
  </section>`;

function Whom({ segments, segment, session, choose }) {
  if (session) return html`<p>${t("of_session")} <a href=${place("chat", session)}>${t("see_session")}</a></p>`;
  const options = [{ value: "", label: t("choose_segment") }, ...segments.map((s) => ({ value: s.id, label: s.count === undefined ? s.name : t("segment_option", { name: s.name, count: num(s.count) }) }))];
  const one = segments.find((s) => s.id === segment);
  return html`<${Select} label=${t("segment")} hidden value=${segment} options=${options} onChange=${choose} />
    ${one && html`<p class="hint">${one.sentence}</p>`} ${segments.length === 0 && html`<p class="hint">${t("no_segments")}</p>`}`;
}

function Channel({ order, set, wrong }) {
  const channels = [{ value: "", label: t("no_channel") }, ...catalog.value.channels.map(({ name, label }) => ({ value: name, label }))];
  return html`<div class="wizard-pair">
    <${Select} label=${t("channel")} hint=${t("channel_hint")} value=${order.channel} options=${channels} onChange=${(channel) => set({ channel })} />
    <${TextField}
      label=${t("cap")}
      hint=${order.channel ? t("cap_hint") : t("cap_needs_channel")}
      fault=${wrong.includes("days") ? t("cap_wrong") : ""}
      inputmode="numeric"
      placeholder="0"
      disabled=${!order.channel}
      value=${order.days}
      onInput=${(days) => set({ days })}
    />
  </div>`;
}

const HoldOut = ({ order, set, wrong }) =>
  html`<div class="wizard-pair">
    <${TextField}
      label=${t("hold_out")}
      hint=${t("hold_out_hint")}
      fault=${wrong.includes("holdOut") ? t("hold_out_wrong") : ""}
      inputmode="decimal"
      placeholder="0"
      value=${order.holdOut}
      onInput=${(holdOut) => set({ holdOut })}
    />
    ${order.holdOut.trim() &&
    html`<${TextField}
      label=${t("seed")}
      hint=${t("seed_hint")}
      fault=${wrong.includes("seed") ? t("seed_wrong") : ""}
      inputmode="numeric"
      value=${order.seed}
      onInput=${(seed) => set({ seed })}
    />`}
  </div>`;

function As({ order, set }) {
  const formats = FORMATS.map((value) => ({ value, label: t(`format_${value.replace(".", "_")}`) }));
  const identifiers = identifierChoices().map((value) => ({ value, label: t(`identifiers_${value}`) }));
  return html`<div class="wizard-pair">
      <${Select} label=${t("format")} value=${order.format} options=${formats} onChange=${(format) => set({ format })} />
      <${Select}
        label=${t("identifiers")}
        hint=${t(`identifiers_hint_${order.identifiers}`)}
        value=${order.identifiers}
        options=${identifiers}
        onChange=${(chosen) => set({ identifiers: chosen })}
      />
    </div>
    ${hasMark(order.format) && html`<${Check} label=${t("bom")} hint=${t("bom_hint")} checked=${order.bom} onChange=${(bom) => set({ bom })} />`}`;
}

function Leaving({ path, state, send, busy, wrong }) {
  const { reach, error, loading } = state;
  const left = reach?.steps.at(-1);
  return html`<aside class="card leaving" aria-label=${t("who_leaves")} aria-busy=${loading ? "true" : undefined}>
    <h2>${t("who_leaves")}</h2>
    ${!path && html`<p class="hint">${t("choose_first")}</p>`} ${error && html`<${Fault} error=${error} />`}
    ${path && !reach && !error && html`<${Loading} text=${t("counting")} />`}
    ${reach && html`<${Waterfall} reach=${reach} stale=${loading || wrong} />`} ${wrong && html`<p class="fault-text" role="status">${t("mend_first")}</p>`}
    <${Button} kind="main" icon="export" busy=${busy} disabled=${!reach || loading || wrong || !mayLeave(reach)} onClick=${send}>
      ${left?.count ? t("export_n", { n: num(left.count) }) : t("export")}
    <//>
    <p class="hint">${t("audited")}</p>
  </aside>`;
}

export function Wizard() {
  const { params } = route.value;
  const [order, setOrder] = useState(goOn);
  const [busy, setBusy] = useState(false);
  const heading = useRef();
  const { value: segments, error, again } = useFetched((signal) => api.get("/v1/segments", { signal }), []);
  const segment = params.get("segment") ?? "";
  const session = params.get("session");
  const path = pathOf(segment, session);
  const set = (more) => setOrder(keep({ ...goOn(), ...more }));
  const wrong = faults(order);
  const state = useReach(path, reachOf(order), wrong.length > 0);
  useEffect(() => heading.current?.focus(), []);
  if (error) return html`<${Fault} error=${error} retry=${again} />`;
  if (!segments) return html`<${Loading} />`;
  const send = async () => {
    setBusy(true);
    try {
      const job = await api.post(`${path}/exports`, orderOf(order));
      keep(null);
      go(place("exports", job.id), true);
    } catch (failure) {
      fault(failure);
      setBusy(false);
    }
  };
  const choose = (id) => go(place("exports", "new", id ? { segment: id } : {}), true);
  return html`<div class="screen exports">
    <header class="screen-head">
      <h1 tabindex="-1" ref=${heading}>${t("new_title")}</h1>
      <a href=${place("exports")} onClick=${() => keep(null)}>${c("cancel")}</a>
    </header>
    <div class="wizard">
      <div class="wizard-steps">
        <${Step} n=${1} title=${t("step_whom")}><${Whom} ...${{ segments, segment, session, choose }} /><//>
        <${Step} n=${2} title=${t("step_channel")}><${Channel} ...${{ order, set, wrong }} /><//>
        <${Step} n=${3} title=${t("step_hold_out")}><${HoldOut} ...${{ order, set, wrong }} /><//>
        <${Step} n=${4} title=${t("step_columns")}><${Columns} chosen=${order.columns} onChange=${(columns) => set({ columns })} /><//>
        <${Step} n=${5} title=${t("step_as")}><${As} ...${{ order, set }} /><//>
      </div>
      <${Leaving} path=${path} state=${state} send=${send} busy=${busy} wrong=${wrong.length > 0} />
    </div>
  </div>`;
}
