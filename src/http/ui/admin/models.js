// Models: how each is, where it runs, what it costs and was asked; who would translate a request; what was spent today.

import { html, useState } from "../vendor/preact.js";
import { api } from "../api.js";
import { list, num, percent, words } from "../i18n/t.js";
import * as file from "../i18n/admin.js";
import { Button } from "../parts/button.js";
import { Select, TextField } from "../parts/field.js";
import { Empty, Fault, Loading, useFetched } from "../parts/say.js";
import { Table } from "../parts/table.js";
import { Budget } from "./budget.js";
import { dollars } from "./money.js";

const TONES = { ready: "good", resting: "held" };

const t = words(file);
/** Waggle's own translators, which are no models. */
const OWN = ["automatic", "builtin"];
const CAN = ["json_schema", "tools", "agent"];

export function ModelsView() {
  const models = useFetched((signal) => api.get("/v1/models", { signal }), []);
  if (models.error) return html`<${Fault} error=${models.error} retry=${models.again} />`;
  if (!models.value) return html`<${Loading} />`;
  const rows = models.value.data.map((one) => one.waggle);
  return html`<div class="stack">
    <section class="card" aria-labelledby="ad-models">
      <div class="screen-head">
        <div><h2 id="ad-models">${t("models")}</h2><p class="hint">${t("models_hint")}</p></div>
        <${Button} icon="refresh" busy=${models.loading} onClick=${models.again}>${t("refresh")}<//>
      </div>
      <${ModelTable} rows=${rows.filter((one) => !OWN.includes(one.name))} />
    </section>
    <${Explain} names=${rows.map((one) => one.name).filter((name) => name !== "automatic")} />
    <${Budget} />
  </div>`;
}

const kindName = (kind) => {
  const known = `kind_${kind.replace("-", "_")}`;
  return known in file.en ? t(known) : kind;
};

function ModelTable({ rows }) {
  if (!rows.length) return html`<${Empty} icon="model" title=${t("no_models")}><p>${t("no_models_hint")}</p><//>`;
  const able = ({ can }) => CAN.filter((name) => can?.[name]).map((name) => t(`can_${name}`));
  const columns = [
    { key: "name", label: t("model"), sort: (m) => m.name, cell: (m) => html`<strong>${m.name}</strong>${m.model !== m.name && html`<br /><small class="hint">${m.model}</small>`}` },
    { key: "state", label: t("state"), sort: (m) => m.state, cell: (m) => html`<span class=${`state ${TONES[m.state] ?? ""}`}>${t(`state_${m.state}`)}</span>` },
    { key: "place", label: t("place"), sort: (m) => m.place, cell: (m) => t(`place_${m.place}`) },
    {
      key: "kind",
      label: t("what"),
      cell: (m) => [m.kind && kindName(m.kind), m.size_b !== undefined && t("size_b", { n: num(m.size_b) })].filter(Boolean).join(" · ") || "–",
    },
    { key: "requests", label: t("asked"), align: "end", sort: (m) => m.requests, cell: (m) => num(m.requests) },
    { key: "price", label: t("price"), cell: (m) => html`<${Price} of=${m.price} />` },
    { key: "context", label: t("context"), align: "end", sort: (m) => m.context_tokens, cell: (m) => t("tokens_of", { n: num(m.context_tokens) }) },
    { key: "can", label: t("can"), cell: (m) => (able(m).length ? list(able(m)) : "–") },
  ];
  return html`<${Table} caption=${t("models")} columns=${columns} rows=${rows} rowKey=${(m) => m.name} />`;
}

function Price({ of }) {
  if (!of.input && !of.cached_input && !of.output) return t("free");
  const parts = [["price_in", of.input], ["price_cached", of.cached_input], ["price_out", of.output]];
  return html`<ul class="ad-price">${parts.map(([name, usd]) => html`<li key=${name}><span class="hint">${t(name)}</span> <span class="num">${dollars(usd)}</span></li>`)}</ul>`;
}

const called = (name) => (OWN.includes(name) ? t(`model_${name}`) : name);

function Explain({ names }) {
  const [text, setText] = useState("");
  const [model, setModel] = useState("");
  const [state, setState] = useState({});
  const find = async (event) => {
    event.preventDefault();
    if (!text.trim()) return;
    setState((old) => ({ ...old, busy: true }));
    try {
      const query = new URLSearchParams({ text: text.trim(), ...(model ? { model } : {}) });
      setState({ found: await api.get(`/v1/router/explain?${query}`) });
    } catch (error) {
      setState({ error });
    }
  };
  const options = [{ value: "", label: t("model_automatic") }, ...names.map((name) => ({ value: name, label: called(name) }))];
  return html`<section class="card" aria-labelledby="ad-explain">
    <div><h2 id="ad-explain">${t("explain")}</h2><p class="hint">${t("explain_hint")}</p></div>
    <form class="ad-explain" onSubmit=${find}>
      <${TextField} label=${t("explain_text")} placeholder=${t("explain_example")} value=${text} onInput=${setText} />
      <${Select} label=${t("explain_model")} value=${model} options=${options} onChange=${setModel} />
      <${Button} kind="main" type="submit" icon="search" busy=${state.busy} disabled=${!text.trim()}>${t("explain_do")}<//>
    </form>
    <div role="status">${state.error && html`<${Fault} error=${state.error} />`} ${state.found && html`<${Route} of=${state.found} />`}</div>
  </section>`;
}

function Route({ of }) {
  const told = (one) => html`<li key=${one.translator}><strong>${called(one.translator)}</strong> <span>${one.why}</span></li>`;
  return html`<div class="ad-halves">
    <div>
      <h3>${t("order")}</h3>
      <ol class="ad-order">${of.order.map(told)}</ol>
      <p class="hint">
        ${t("confidence", { share: percent(of.confidence) })}${of.rules.length > 0 && html` · ${t("rules", { rules: list(of.rules.map((n) => t("rule_n", { n: num(n) }))) })}`}
      </p>
      ${of.cached && html`<p class="hint">${t("cached")}</p>`}
    </div>
    ${of.left_out.length > 0 && html`<div><h3>${t("left_out")}</h3><ul class="ad-order">${of.left_out.map(told)}</ul></div>`}
  </div>`;
}
