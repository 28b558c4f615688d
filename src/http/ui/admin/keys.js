// API keys: making one, which is shown once; the list; revoking.

import { html, useRef, useState } from "../vendor/preact.js";
import { api } from "../api.js";
import { ago, date, time, words } from "../i18n/t.js";
import * as file from "../i18n/admin.js";
import * as frame from "../i18n/app.js";
import * as common from "../i18n/common.js";
import { ROLES, leave, me } from "../state.js";
import { Button, Chip } from "../parts/button.js";
import { Dialog, sure } from "../parts/dialog.js";
import { Check, Select, TextField, useTyped } from "../parts/field.js";
import { Icon } from "../parts/icon.js";
import { Empty, Fault, Loading, useFetched } from "../parts/say.js";
import { Table } from "../parts/table.js";
import { copy, fault, toast } from "../parts/toast.js";

const t = words(file);
const tf = words(frame);
const tc = words(common);

export function Keys() {
  const { value, error, again } = useFetched((signal) => api.get("/v1/keys", { signal }), []);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState(null);
  const [all, setAll] = useState(false);
  const revoked = (value ?? []).filter((key) => key.revoked).length;
  const rows = (value ?? []).filter((key) => all || !key.revoked).reverse();
  const revoke = async (key) => {
    const own = key.id === me.value.id;
    const text = own ? `${t("revoke_text")} ${t("revoke_own")}` : t("revoke_text");
    if (!(await sure({ title: t("revoke_sure", { name: key.name }), text, action: t("revoke"), danger: true }))) return;
    try {
      await api.delete(`/v1/keys/${encodeURIComponent(key.id)}`);
      toast(t("revoked"));
      if (own) leave();
      else again();
    } catch (failed) {
      fault(failed);
    }
  };
  const done = (key) => {
    setMaking(false);
    setMade(key);
    again();
  };
  return html`<section class="card" aria-labelledby="ad-keys">
    <div class="screen-head">
      <div><h2 id="ad-keys">${t("keys")}</h2><p class="hint">${t("keys_hint")}</p></div>
      <${Button} kind="main" icon="add" onClick=${() => setMaking(true)}>${t("make_key")}<//>
    </div>
    ${error && html`<${Fault} error=${error} retry=${again} />`} ${!value && !error && html`<${Loading} />`}
    ${revoked > 0 && html`<${Check} label=${t("show_revoked")} checked=${all} onChange=${setAll} />`}
    ${value && !rows.length && html`<${Empty} icon="key" title=${t("no_keys")} />`}
    ${rows.length > 0 && html`<${KeyTable} rows=${rows} onRevoke=${revoke} />`}
    ${making && html`<${Make} onClose=${() => setMaking(false)} onMade=${done} />`}
    ${made && html`<${Made} made=${made} onClose=${() => setMade(null)} />`}
  </section>`;
}

function KeyTable({ rows, onRevoke }) {
  const columns = [
    { key: "name", label: t("key_name"), sort: (k) => k.name, cell: (k) => html`<strong class="ad-name">${k.name}</strong><br /><small class="hint ad-id">${k.id}</small>` },
    { key: "role", label: t("key_role"), sort: (k) => ROLES.indexOf(k.role), cell: (k) => tf(`role_${k.role}`) },
    {
      key: "attributes",
      label: t("key_attributes"),
      cell: (k) => {
        const found = Object.entries(k.attributes);
        return found.length ? html`<span class="row">${found.map(([name, value]) => html`<${Chip} key=${name}>${name}=${value}<//>`)}</span>` : "–";
      },
    },
    { key: "created", label: t("made_at"), sort: (k) => k.created, cell: (k) => html`<span class="ad-when" title=${time(k.created)}>${date(k.created)}</span>` },
    { key: "last_used", label: t("last_used"), sort: (k) => k.last_used, cell: (k) => (k.last_used ? html`<span title=${time(k.last_used)}>${ago(k.last_used)}</span>` : t("never")) },
    {
      key: "state",
      label: t("key_state"),
      sort: (k) => k.revoked,
      cell: (k) => html`<span class=${`state ${k.revoked ? "" : "good"}`}>${k.revoked ? t("key_revoked", { when: date(k.revoked) }) : t("key_works")}</span>`,
    },
    {
      key: "revoke",
      label: html`<span class="unseen">${t("revoke")}</span>`,
      align: "end",
      cell: (k) => !k.revoked && html`<${Button} small kind="danger" aria-label=${t("revoke_key", { name: k.name })} onClick=${() => onRevoke(k)}>${t("revoke")}<//>`,
    },
  ];
  return html`<${Table} caption=${t("keys")} columns=${columns} rows=${rows} rowKey=${(k) => k.id} height=${560} />`;
}

/** Lines of `name=value`; the first that is none of it is named. */
function attributesOf(text) {
  const found = {};
  for (const line of text.split("\n").map((l) => l.trim()).filter(Boolean)) {
    const [, name, value] = /^([^=\s]+)\s*=\s*(.+)$/.exec(line) ?? [];
    if (!name) return { wrong: line };
    found[name] = value;
  }
  return { found };
}

function Make({ onClose, onMade }) {
  const [name, setName] = useTyped("key.name");
  const [role, setRole] = useState("marketer");
  const [attributes, setAttributes] = useTyped("key.attributes");
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const { found, wrong } = attributesOf(attributes);
  const ready = name.trim() && !wrong;
  const make = async (event) => {
    event.preventDefault();
    if (!ready || busy) return;
    setBusy(true);
    setError(null);
    try {
      const made = await api.post("/v1/keys", { name: name.trim(), role, attributes: found });
      setName("");
      setAttributes("");
      onMade(made);
    } catch (failed) {
      setError(failed);
      setBusy(false);
    }
  };
  const actions = html`<${Button} onClick=${onClose}>${tc("cancel")}<//>
    <${Button} kind="main" type="submit" form="ad-make" busy=${busy} disabled=${!ready}>${t("make_key")}<//>`;
  return html`<${Dialog} title=${t("make_key")} onClose=${onClose} actions=${actions}>
    <form id="ad-make" class="stack" onSubmit=${make}>
      <${TextField} label=${t("key_name")} hint=${t("key_name_hint")} maxlength=${100} autocomplete="off" value=${name} onInput=${setName} />
      <${Select}
        label=${t("key_role")}
        value=${role}
        options=${ROLES.map((one) => ({ value: one, label: `${tf(`role_${one}`)} – ${tf(`role_note_${one}`)}` }))}
        onChange=${setRole}
      />
      <${TextField}
        label=${t("key_attributes")}
        hint=${t("key_attributes_hint")}
        fault=${wrong && t("bad_attributes", { line: wrong })}
        rows=${3}
        spellcheck=${false}
        value=${attributes}
        onInput=${setAttributes}
      />
      ${error && html`<${Fault} error=${error} />`}
    </form>
  <//>`;
}

/** The key that was just made. It cannot be shown again, so who closes it without having copied it is asked. */
function Made({ made, onClose }) {
  const [copied, setCopied] = useState(false);
  const field = useRef();
  const take = async () => {
    field.current?.select();
    await copy(made.key);
    setCopied(true);
  };
  const leaving = async () => {
    if (copied || (await sure({ title: t("key_leave"), text: t("key_once"), action: t("key_done") }))) onClose();
  };
  const actions = html`<${Button} kind=${copied ? "main" : "plain"} onClick=${onClose}>${t("key_done")}<//>`;
  return html`<${Dialog} title=${t("key_made")} onClose=${leaving} actions=${actions}>
    <p class="ad-once"><${Icon} name="warning" />${t("key_once")}</p>
    <div class="ad-new-key">
      <${TextField} label=${t("key_value")} readonly inputRef=${field} class="input ad-code" value=${made.key} onInput=${() => {}} />
      <${Button} kind=${copied ? "plain" : "main"} icon=${copied ? "check" : "copy"} onClick=${take}>${t("copy_key")}<//>
    </div>
    <dl class="ad-facts">
      <dt>${t("key_name")}</dt>
      <dd>${made.name}</dd>
      <dt>${t("key_role")}</dt>
      <dd>${tf(`role_${made.role}`)}</dd>
    </dl>
  <//>`;
}
