// The audit log: the newest first, filtered, page by page; and whether it is as it was written.

import { html, useState } from "../vendor/preact.js";
import { api } from "../api.js";
import { num, time, words } from "../i18n/t.js";
import * as file from "../i18n/admin.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { Select, TextField } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { Fault, Loading, useFetched } from "../parts/say.js";
import { Table } from "../parts/table.js";
import { copy, fault } from "../parts/toast.js";
import { nameOf, useCallers } from "./callers.js";

const t = words(file);
/** Entries of a page. */
const PAGE = 50;
const EMPTY = { actor: "", action: "", subject: "", from: "", until: "" };
/** Actions that can be looked for, as the log calls them. */
const ACTIONS = [
  ...["ask", "replay", "start_session", "erase_session", "session.erase", "sql", "save_segment", "change_segment", "delete_segment"],
  ...["restore_segment", "refresh_segment", "compare", "export", "exported", "export_failed", "cancel_export", "fetch_export", "export.erase"],
  ...["feedback", "feedback.approve", "feedback.reject", "eval.run", "import_results", "make_key", "revoke_key", "reload"],
];

const actionName = (action) => {
  const key = `action_${action.replace(".", "_")}`;
  return key in file.en ? t(key) : action;
};

/** The first moment of a day where the reader is, in milliseconds; `after` days later. */
const moment = (day, after = 0) => {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + after).getTime();
};

function queryOf({ actor, action, subject, from, until }, before) {
  const query = new URLSearchParams({ newest: "true", limit: String(PAGE + 1) });
  if (actor) query.set("actor", actor);
  if (action) query.set("action", action);
  if (subject.trim()) query.set("subject", subject.trim());
  if (from) query.set("since", String(moment(from)));
  if (until) query.set("until", String(moment(until, 1)));
  if (before) query.set("before", String(before));
  return query;
}

export function Audit() {
  const callers = useCallers();
  const [wanted, setWanted] = useState(EMPTY);
  /** Where each page that was gone through began; the last is the one that is seen. */
  const [pages, setPages] = useState([null]);
  const [open, setOpen] = useState(null);
  const query = String(queryOf(wanted, pages.at(-1)));
  const { value, error, loading, again } = useFetched((signal) => api.get(`/v1/audit?${query}`, { signal }), [query]);
  const look = (next) => {
    setWanted(next);
    setPages([null]);
  };
  const rows = (value ?? []).slice(0, PAGE);
  const older = (value ?? []).length > PAGE;
  return html`<div class="stack">
    <${Verify} />
    <section class="card" aria-labelledby="ad-audit">
      <div class="screen-head">
        <div><h2 id="ad-audit">${t("audit")}</h2><p class="hint">${t("audit_hint")}</p></div>
        <${Button} icon="refresh" busy=${loading} onClick=${again}>${t("refresh")}<//>
      </div>
      <${Filters} wanted=${wanted} callers=${callers} onLook=${look} />
      ${error && html`<${Fault} error=${error} retry=${again} />`} ${!value && !error && html`<${Loading} />`}
      ${value && html`<${Entries} rows=${rows} callers=${callers} onOpen=${setOpen} />`}
      <nav class="row spread" aria-label=${t("audit")}>
        <${Button} icon="back" disabled=${pages.length < 2} onClick=${() => setPages(pages.slice(0, -1))}>${t("newer")}<//>
        <span class="hint" role="status">${t("page_n", { n: num(pages.length) })}</span>
        <${Button} disabled=${!older} onClick=${() => setPages([...pages, rows.at(-1).seq])}>${t("older")}<${Icon} name="forward" /><//>
      </nav>
    </section>
    ${open && html`<${Entry} of=${open} callers=${callers} onClose=${() => setOpen(null)} />`}
  </div>`;
}

function Filters({ wanted, callers, onLook }) {
  const any = { value: "", label: t("any") };
  const put = (more) => onLook({ ...wanted, ...more });
  const own = ["local", "retention", "watch_data"].map((id) => ({ value: id, label: nameOf(id, callers) }));
  const people = [...callers.values()].map((key) => ({ value: key.id, label: key.name }));
  const actions = ACTIONS.map((action) => ({ value: action, label: actionName(action) })).sort((a, b) => a.label.localeCompare(b.label, document.documentElement.lang));
  const changed = Object.values(wanted).some(Boolean);
  return html`<div class="ad-filters">
    <${Select} label=${t("actor")} value=${wanted.actor} options=${[any, ...people, ...own]} onChange=${(actor) => put({ actor })} />
    <${Select} label=${t("action")} value=${wanted.action} options=${[any, ...actions]} onChange=${(action) => put({ action })} />
    <${TextField} label=${t("subject")} placeholder=${t("subject_hint")} value=${wanted.subject} onInput=${(subject) => put({ subject })} />
    <${TextField} label=${t("from_day")} type="date" max=${wanted.until || undefined} value=${wanted.from} onInput=${(from) => put({ from })} />
    <${TextField} label=${t("to_day")} type="date" min=${wanted.from || undefined} value=${wanted.until} onInput=${(until) => put({ until })} />
    <${Button} disabled=${!changed} onClick=${() => onLook(EMPTY)}>${t("clear")}<//>
  </div>`;
}

function Entries({ rows, callers, onOpen }) {
  const columns = [
    { key: "seq", label: t("seq"), align: "end", cell: (row) => num(row.seq) },
    { key: "at", label: t("at"), cell: (row) => html`<span class="ad-when">${time(row.at)}</span>` },
    { key: "actor", label: t("actor"), cell: (row) => html`<span class="ad-name" title=${row.actor}>${nameOf(row.actor, callers)}</span>` },
    { key: "action", label: t("action"), cell: (row) => html`<span class="ad-when">${actionName(row.action)}</span>` },
    { key: "subject", label: t("subject"), cell: (row) => html`<span class="ad-cell ad-code">${row.subject}</span>` },
    { key: "detail", label: t("detail"), cell: (row) => html`<span class="ad-cell ad-code">${JSON.stringify(row.detail)}</span>` },
    {
      key: "more",
      label: html`<span class="unseen">${t("detail")}</span>`,
      align: "end",
      cell: (row) => html`<${Button} kind="quiet" small icon="forward" label=${t("more_of", { seq: num(row.seq) })} onClick=${() => onOpen(row)} />`,
    },
  ];
  return html`<${Table} caption=${t("audit")} columns=${columns} rows=${rows} rowKey=${(row) => row.seq} height=${600} onRow=${onOpen} empty=${t("no_entries")} />`;
}

function Entry({ of, callers, onClose }) {
  return html`<${Dialog} wide title=${t("entry_n", { seq: num(of.seq) })} onClose=${onClose}>
    <dl class="ad-facts">
      <dt>${t("at")}</dt>
      <dd>${time(of.at)} <span class="hint">${of.at}</span></dd>
      <dt>${t("actor")}</dt>
      <dd>${nameOf(of.actor, callers)} <span class="hint ad-code">${of.actor}</span></dd>
      <dt>${t("action")}</dt>
      <dd>${actionName(of.action)} <span class="hint ad-code">${of.action}</span></dd>
      <dt>${t("subject")}</dt>
      <dd class="ad-code">${of.subject}</dd>
      <dt>${t("own_hash")}</dt>
      <dd class="ad-code">${of.hash}</dd>
      <dt>${t("previous_hash")}</dt>
      <dd class="ad-code">${of.previous}</dd>
    </dl>
    <h3>${t("detail")}</h3>
    <pre class="ad-json" tabindex="0" role="region" aria-label=${t("detail")}>${JSON.stringify(of.detail, null, 2)}</pre>
  <//>`;
}

/** Follows the chain on request, and says whether it holds. */
function Verify() {
  const [state, setState] = useState({});
  const verify = async () => {
    setState({ busy: true });
    try {
      setState({ verdict: await api.post("/v1/audit/verify") });
    } catch (error) {
      fault(error);
      setState({});
    }
  };
  const { busy, verdict } = state;
  return html`<section class="card ad-verify" aria-labelledby="ad-verify">
    <div class="screen-head">
      <h2 id="ad-verify">${t("verify")}</h2>
      <${Button} icon="lock" busy=${busy} disabled=${busy} onClick=${verify}>${t("verify")}<//>
    </div>
    <div role="status">
      ${busy && html`<${Loading} text=${t("verifying")} />`}
      ${verdict?.holds && html`<p class="ad-ready good"><${Icon} name="check" />${t("holds", { n: num(verdict.entries) })}</p>`}
      ${verdict &&
      !verdict.holds &&
      html`<p class="ad-ready bad"><${Icon} name="warning" />${t("broken", { seq: num(verdict.broken.seq), message: verdict.broken.message })}</p>
        <p>${t("broken_before", { n: num(verdict.entries) })}</p>`}
      ${verdict &&
      html`<dl class="ad-facts">
          <dt>${t("head")}</dt>
          <dd class="ad-code">
            ${verdict.head} <${Button} kind="quiet" small icon="copy" label=${t("head")} onClick=${() => copy(verdict.head)} />
          </dd>
        </dl>
        <p class="hint">${t("head_hint")}</p>`}
    </div>
  </section>`;
}
