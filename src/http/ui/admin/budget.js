// What models may cost in a day, and have cost today: by all together and by each caller.

import { html } from "../vendor/preact.js";
import { api } from "../api.js";
import { date, list, num, words } from "../i18n/t.js";
import * as file from "../i18n/admin.js";
import { Fault, Loading, useFetched } from "../parts/say.js";
import { Table } from "../parts/table.js";
import { dollars } from "./money.js";
import { nameOf, useCallers } from "./callers.js";

const t = words(file);

/** How much of a limit is spent; where there is none, what is spent. */
function Spent({ name, spent, limit, told }) {
  if (limit === undefined) return html`<div><dt>${name}</dt><dd>${t("no_limit", { spent: told(spent) })}</dd></div>`;
  return html`<div>
    <dt>${name}</dt>
    <dd>
      ${t("of_limit", { spent: told(spent), limit: told(limit) })}
      <meter min="0" max=${limit || 1} high=${limit * 0.8 || 1} value=${Math.min(spent, limit || 1)} aria-label=${name}></meter>
    </dd>
  </div>`;
}

const limitsOf = ({ usd, tokens }) =>
  [usd !== undefined && dollars(usd), tokens !== undefined && t("tokens_of", { n: num(tokens) })].filter(Boolean);

export function Budget() {
  const { value, error, again } = useFetched((signal) => api.get("/v1/budgets", { signal }), []);
  const callers = useCallers();
  if (error) return html`<section class="card"><h2>${t("budget")}</h2><${Fault} error=${error} retry=${again} /></section>`;
  if (!value) return html`<section class="card"><h2>${t("budget")}</h2><${Loading} /></section>`;
  const { day, policy, per_caller: each, total, spent } = value;
  const limits = limitsOf(each);
  const columns = [
    { key: "caller", label: t("by_caller"), cell: (row) => (row.caller ? nameOf(row.caller, callers) : t("nobody_known")) },
    { key: "usd", label: t("dollars"), align: "end", sort: (row) => row.usd, cell: (row) => dollars(row.usd) },
    { key: "tokens", label: t("tokens"), align: "end", sort: (row) => row.tokens, cell: (row) => num(row.tokens) },
  ];
  return html`<section class="card" aria-labelledby="ad-budget">
    <div><h2 id="ad-budget">${t("budget")}</h2><p class="hint">${t("budget_hint", { day: date(day) })}</p></div>
    ${policy && html`<dl class="ad-facts"><dt>${t("policy")}</dt><dd>${t(`policy_${policy}`)}</dd></dl>`}
    <h3>${t("all_callers")}</h3>
    <dl class="ad-figures wide">
      <${Spent} name=${t("dollars")} spent=${spent.usd} limit=${total.usd} told=${dollars} />
      <${Spent} name=${t("tokens")} spent=${spent.tokens} limit=${total.tokens} told=${num} />
    </dl>
    <p class="hint">${limits.length ? t("limit_caller", { limits: list(limits) }) : t("limit_none")}</p>
    <${Table} caption=${t("budget")} columns=${columns} rows=${value.callers} rowKey=${(row) => row.caller} empty=${t("no_spending")} />
  </section>`;
}
