// The leaderboard: translators by golden sets, the best of each column in bold; what is looked for, shown and ranked by is
// the reader's. Trends are drawn when they are asked for.

import { html, useState } from "../vendor/preact.js";
import { api, download } from "../api.js";
import { date, num, words } from "../i18n/t.js";
import * as file from "../i18n/evaluation.js";
import { key, keptAlways, locale } from "../state.js";
import { Button } from "../parts/button.js";
import { Check, Select, TextField } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { Empty, Fault, Loading, useFetched } from "../parts/say.js";
import { Table } from "../parts/table.js";
import { fault } from "../parts/toast.js";
import { figure, metricLabel, short, translatorName } from "./figures.js";
import { Trend } from "./trend.js";

const t = words(file);
const PAGE = "/v1/leaderboard.html";
/** Bounds of size that can be chosen, in billions of parameters. */
const SIZES = [2, 4, 9, 15, 35, 80];
const FACTS = ["kind", "size_b", "place", "at"];
/** Columns that are hidden, by id. */
const hidden = keptAlways("board.hidden", "[]");
/** Metrics beside the one that is ranked by. */
const further = keptAlways("board.metrics", "[]");

function listOf(kept) {
  try {
    const found = JSON.parse(kept.value);
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}
const toggle = (kept, id) => {
  const all = listOf(kept);
  kept.value = JSON.stringify(all.includes(id) ? all.filter((one) => one !== id) : [...all, id]);
};

const kindName = (kind) => {
  const known = `kind_${kind.replace("-", "_")}`;
  return known in file.en ? t(known) : kind || "–";
};
/** A column for a reader: the golden set and the metric; of another evaluator's task as it is called there. */
const columnName = (column) => (column.set ? `${column.set} · ${metricLabel(column.metric)}` : column.label);

export function Board() {
  const [main, setMain] = useState("turn_accuracy");
  const [set, setSet] = useState("");
  const [wanted, setWanted] = useState({ words: "", kind: "", size: "", place: "" });
  const [trend, setTrend] = useState(false);
  const metrics = useFetched((signal) => api.get("/v1/eval/metrics", { signal }), []);
  const sets = useFetched((signal) => api.get("/v1/golden", { signal }), []);
  const more = listOf(further).filter((name) => name !== main);
  const query = new URLSearchParams({ metric: [main, ...more].join(","), ...(set ? { set } : {}) });
  const board = useFetched((signal) => api.get(`/v1/leaderboard?${query}`, { signal }), [String(query)]);
  const rows = (board.value?.entries ?? []).filter((row) => fits(row, wanted));
  return html`<div class="stack">
    <section class="card" aria-labelledby="ev-board">
      <div class="screen-head">
        <div><h2 id="ev-board">${t("tab_board")}</h2><p class="hint">${t("board_hint")}</p></div>
        <${PageLink} query=${query} />
      </div>
      <${Filters} ...${{ main, setMain, set, setSet, wanted, setWanted, metrics: metrics.value ?? [], sets: sets.value ?? [], board: board.value }} />
      ${board.error && html`<${Fault} error=${board.error} retry=${board.again} />`} ${!board.value && board.loading && html`<${Loading} />`}
      ${board.value && !board.value.entries.length && html`<${Empty} icon="evaluation" title=${t("board_empty")} />`}
      ${board.value?.entries.length > 0 &&
      html`<${Columns} board=${board.value} metrics=${metrics.value ?? []} main=${main} />
        <p class="hint" role="status">${t("board_shown", { n: num(rows.length), all: num(board.value.entries.length) })}</p>
        <${Rows} board=${board.value} rows=${rows} />
        <div>
          <${Button} icon="chart" aria-expanded=${String(trend)} onClick=${() => setTrend(!trend)}>${t("trend")}<//>
        </div>`}
    </section>
    ${trend && board.value && html`<${Trend} rows=${rows} main=${board.value.main} unit=${board.value.columns.find((c) => c.metric === board.value.main)?.unit} />`}
  </div>`;
}

/** The page that needs nothing else: a link where nobody has to say who they are, else a file. */
function PageLink({ query }) {
  const path = `${PAGE}?${query}&locale=${locale.value}`;
  if (!key.value) return html`<a href=${path} target="_blank" rel="noopener">${t("board_page")}</a>`;
  const save = () => download(path, "waggle-leaderboard.html").catch(fault);
  return html`<${Button} icon="download" onClick=${save}>${t("board_page_save")}<//>`;
}

function fits(row, { words: typed, kind, size, place }) {
  const text = [row.translator, row.kind, row.prompt_version, row.policy].join(" ").toLowerCase();
  return (
    typed.trim().toLowerCase().split(/\s+/).every((word) => text.includes(word)) &&
    (!kind || row.kind === kind) &&
    (!place || row.place === place) &&
    (!size || (row.size_b !== null && row.size_b <= Number(size)))
  );
}

function Filters({ main, setMain, set, setSet, wanted, setWanted, metrics, sets, board }) {
  const put = (more) => setWanted((old) => ({ ...old, ...more }));
  const any = { value: "", label: t("any") };
  const kinds = [...new Set((board?.entries ?? []).map((row) => row.kind).filter(Boolean))].sort();
  const ranked = metrics.some((m) => m.name === main) ? metrics : [{ name: main }, ...metrics];
  return html`<div class="ev-filters board">
    <${TextField} label=${t("search_board")} type="search" value=${wanted.words} onInput=${(v) => put({ words: v })} />
    <${Select} label=${t("set")} value=${set} options=${[any, ...sets.map((s) => ({ value: s.name, label: s.name }))]} onChange=${setSet} />
    <${Select} label=${t("main_metric")} value=${main} options=${ranked.map((m) => ({ value: m.name, label: metricLabel(m.name) }))} onChange=${setMain} />
    <${Select} label=${t("kind")} value=${wanted.kind} options=${[any, ...kinds.map((kind) => ({ value: kind, label: kindName(kind) }))]} onChange=${(kind) => put({ kind })} />
    <${Select} label=${t("size")} value=${wanted.size} options=${[any, ...SIZES.map((n) => ({ value: String(n), label: t("size_most", { n: num(n) }) }))]} onChange=${(size) => put({ size })} />
    <${Select}
      label=${t("place")}
      value=${wanted.place}
      options=${[any, ...["on_prem", "cloud"].map((place) => ({ value: place, label: t(`place_${place}`) }))]}
      onChange=${(place) => put({ place })}
    />
  </div>`;
}

const FACT_NAMES = { kind: "kind", size_b: "size", place: "place", at: "last_at" };

/** Which columns are shown, and which metrics are asked for beside the one that is ranked by. */
function Columns({ board, metrics, main }) {
  const off = listOf(hidden);
  const shown = (id, label, hint) => html`<${Check} key=${id} label=${label} hint=${hint} checked=${!off.includes(id)} onChange=${() => toggle(hidden, id)} />`;
  const tasks = board.columns.filter((c) => !c.set);
  return html`<details class="ev-more">
    <summary>${t("columns")}</summary>
    <div class="ev-columns">
      <fieldset><legend>${t("columns_of")}</legend>${FACTS.map((id) => shown(id, t(FACT_NAMES[id])))}</fieldset>
      <fieldset>
        <legend>${t("columns_metrics")}</legend>
        ${metrics.map(
          ({ name }) => html`<${Check}
            key=${name}
            label=${metricLabel(name)}
            checked=${name === main || listOf(further).includes(name)}
            disabled=${name === main}
            onChange=${() => toggle(further, name)}
          />`,
        )}
      </fieldset>
      ${tasks.length > 0 && html`<fieldset><legend>${t("columns_tasks")}</legend>${tasks.map((c) => shown(c.id, c.label, c.note))}</fieldset>`}
    </div>
  </details>`;
}

function Score({ score, unit }) {
  if (!score) return "–";
  const told = figure(score.value, unit);
  const title = t("measured_at", { when: date(score.at), n: num(score.n) });
  if (!score.comparable) return html`<span class="ev-other" title=${`${title} · ${t("not_comparable")}`}>${told}*<span class="unseen"> ${t("not_comparable")}</span></span>`;
  if (!score.best) return html`<span title=${title}>${told}</span>`;
  return html`<strong class="ev-best" title=${title}>${told}<span class="unseen"> ${t("best")}</span></strong>`;
}

function Average({ row, board, unit }) {
  if (row.average === null) return "–";
  const title = t("averaged", { n: num(row.averaged), sets: num(board.sets) });
  const told = figure(row.average, unit);
  if (!row.average_best) return html`<span title=${title}>${told}</span>`;
  return html`<strong class="ev-best" title=${title}>${told}<span class="unseen"> ${t("best")}</span></strong>`;
}

function Rows({ board, rows }) {
  const off = listOf(hidden);
  const unit = board.columns.find((c) => c.metric === board.main)?.unit ?? "share";
  const facts = {
    kind: { label: t("kind"), sort: (row) => row.kind, cell: (row) => kindName(row.kind) },
    size_b: { label: t("size"), align: "end", sort: (row) => row.size_b, cell: (row) => (row.size_b === null ? "–" : t("size_b", { n: num(row.size_b) })) },
    place: { label: t("place"), sort: (row) => row.place, cell: (row) => (row.place ? t(`place_${row.place}`) : "–") },
    at: { label: t("last_at"), sort: (row) => row.at, cell: (row) => date(row.at) },
  };
  const scores = board.columns.filter((c) => !off.includes(c.id));
  const columns = [
    { key: "translator", label: t("translator"), sort: (row) => row.translator, cell: (row) => html`<${Who} row=${row} />` },
    ...FACTS.filter((id) => !off.includes(id) && id !== "at").map((id) => ({ key: id, ...facts[id] })),
    { key: "average", label: t("average"), align: "end", sort: (row) => row.average, cell: (row) => html`<${Average} row=${row} board=${board} unit=${unit} />` },
    ...scores.map((c) => ({
      key: c.id,
      label: columnName(c),
      align: "end",
      sort: (row) => row.scores[c.id]?.value ?? null,
      cell: (row) => html`<${Score} score=${row.scores[c.id]} unit=${c.unit} />`,
    })),
    { key: "trend", label: t("trend"), cell: (row) => html`<${Spark} points=${row.trend} unit=${unit} />` },
    ...(off.includes("at") ? [] : [{ key: "at", ...facts.at }]),
  ];
  return html`<${Table} caption=${t("tab_board")} columns=${columns} rows=${rows} rowKey=${rowKey} height=${560} empty=${t("board_none")} />`;
}

/** What rows are told apart by. */
const rowKey = (row) => [row.translator, row.prompt_version, row.policy].join("/");

function Who({ row }) {
  const more = [row.prompt_version && t("prompt", { version: short(row.prompt_version) }), row.policy && t("policy", { version: short(row.policy) })];
  return html`<span class="ev-name">${translatorName(row.translator)}</span>${more.filter(Boolean).map((text) => html`<br /><small class="hint ev-name">${text}</small>`)}`;
}

/** A trend as a small line; in words for those who cannot see it. */
function Spark({ points, unit }) {
  if (points.length < 2) return html`<small class="hint">${points.length ? t("trend_once") : "–"}</small>`;
  const values = points.map((p) => p.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const y = (value) => (high === low ? 9 : 16 - ((value - low) / (high - low)) * 14);
  const line = values.map((value, i) => `${(i / (values.length - 1)) * 70 + 1},${y(value)}`).join(" ");
  const said = t("trend_said", { from: figure(values[0], unit), to: figure(values.at(-1), unit) });
  return html`<svg class="ev-spark" viewBox="0 0 72 18" width="72" height="18" role="img" aria-label=${said}><polyline points=${line} /></svg>`;
}
