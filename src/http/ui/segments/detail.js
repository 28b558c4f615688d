// One segment: what it means, how many they are and were, and what can be done with it.

import { html, useState } from "../vendor/preact.js";
import { date, num, percent, time, words } from "../i18n/t.js";
import * as file from "../i18n/segments.js";
import * as common from "../i18n/common.js";
import { api } from "../api.js";
import { catalog, go, place } from "../state.js";
import { load, open as openConversation } from "../chat/conversation.js";
import { Button } from "../parts/button.js";
import { Dialog } from "../parts/dialog.js";
import { Check, TextField, useTyped } from "../parts/field.js";
import { Menu } from "../parts/menu.js";
import { Fault, Loading, useFetched } from "../parts/say.js";
import { copy, fault, toast } from "../parts/toast.js";
import { History, Versions } from "./history.js";
import { Change, isOwn, sized } from "./list.js";

const t = words(file);
const c = words(common);

const path = (id, more = "") => `/v1/segments/${encodeURIComponent(id)}${more}`;

/** Deletes, and offers to take it back. */
async function remove(segment, changed) {
  try {
    await api.delete(path(segment.id));
    toast(t("was_deleted", { name: segment.name }), { action: { label: c("undo"), onClick: () => restore(segment, changed) } });
    changed();
  } catch (error) {
    fault(error);
  }
}

/** Takes a deletion back. */
export async function restore(segment, changed) {
  try {
    await api.post(path(segment.id, "/restore"));
    toast(t("was_restored", { name: segment.name }));
    changed();
  } catch (error) {
    fault(error);
  }
}

/** Name, description and sharing. */
function Edit({ segment, onClose, saved }) {
  const [name, setName] = useTyped(`segment.${segment.id}.name`, segment.name);
  const [description, setDescription] = useTyped(`segment.${segment.id}.description`, segment.description);
  const [shared, setShared] = useState(segment.public);
  const [wrong, setWrong] = useState(null);
  const [busy, setBusy] = useState(false);
  const save = async (event) => {
    event?.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      saved(await api.patch(path(segment.id), { name, description, public: shared }));
      setName("");
      setDescription("");
      onClose();
    } catch (error) {
      setWrong(error);
      setBusy(false);
    }
  };
  const taken = wrong && ["name_taken", "invalid"].includes(wrong.code);
  const actions = html`<${Button} onClick=${onClose}>${c("cancel")}<//><${Button} kind="main" busy=${busy} onClick=${save}>${c("save")}<//>`;
  return html`<${Dialog} title=${t("edit")} onClose=${onClose} actions=${actions}>
    <form class="stack" onSubmit=${save}>
      <${TextField} label=${c("name")} value=${name} onInput=${setName} fault=${taken ? wrong.message : ""} maxlength="80" required />
      <${TextField} label=${t("description")} hint=${t("description_hint")} value=${description} onInput=${setDescription} rows=${4} maxlength="2000" />
      <${Check} label=${t("share")} hint=${t("share_hint")} checked=${shared} onChange=${setShared} />
      ${wrong && !taken && html`<${Fault} error=${wrong} />`}
    </form>
  <//>`;
}

const linkTo = (id) => `${location.origin}${location.pathname}${place("segments", id)}`;

function Deeds({ segment, put, changed, edit }) {
  const [busy, setBusy] = useState("");
  const own = isOwn(segment);
  const doing = (name, work) => async () => {
    if (busy) return;
    setBusy(name);
    try {
      await work();
    } catch (error) {
      fault(error);
    }
    setBusy("");
  };
  const chat = doing("chat", async () => {
    await openConversation(null);
    await load(segment.id, segment.name);
  });
  const refresh = doing("refresh", async () => {
    const fresh = await api.post(path(segment.id, "/refresh"));
    put(fresh);
    changed();
    toast(t("was_counted", { count: sized(fresh) }));
  });
  const share = doing("share", async () => {
    const fresh = await api.patch(path(segment.id), { public: !segment.public });
    put(fresh);
    changed();
    toast(fresh.public ? t("is_shared") : t("is_not_shared"));
  });
  const more = [
    { label: t("copy_link"), icon: "copy", onClick: () => copy(linkTo(segment.id)) },
    ...(own
      ? [
          { label: t("edit"), icon: "edit", onClick: edit },
          null,
          {
            label: c("delete"),
            icon: "trash",
            onClick: async () => {
              await remove(segment, changed);
              go(place("segments"), true);
            },
          },
        ]
      : []),
  ];
  return html`<div class="row">
    <${Button} kind="main" icon="chat" busy=${busy === "chat"} onClick=${chat}>${t("open_in_chat")}<//>
    <${Button} icon="export" onClick=${() => go(place("exports", "new", { segment: segment.id }))}>${t("export")}<//>
    <${Button} icon="refresh" busy=${busy === "refresh"} onClick=${refresh}>${t("refresh")}<//>
    ${own &&
    html`<${Button} icon=${segment.public ? "lock" : "people"} busy=${busy === "share"} onClick=${share}>${segment.public ? t("stop_sharing") : t("share")}<//>`}
    <${Menu} label=${t("more_deeds", { name: segment.name })} icon="more" kind="plain" align="end" items=${more} />
  </div>`;
}

export function Detail({ id, changed }) {
  const [editing, setEditing] = useState(false);
  const { value: segment, error, again, put } = useFetched((signal) => api.get(path(id), { signal }), [id]);
  if (error) return html`<${Fault} error=${error} retry=${again} />`;
  if (!segment || segment.id !== id) return html`<${Loading} />`;
  const population = catalog.value.population.count;
  return html`<article class="card segment-detail" aria-labelledby="segment-name">
    <header class="stack">
      <div class="row spread">
        <h2 id="segment-name">${segment.name}</h2>
        <a class="narrow-back" href=${place("segments")}>${t("back")}</a>
      </div>
      <p class="segment-says">${segment.sentence}</p>
      ${segment.description && html`<p class="hint">${segment.description}</p>`}
    </header>
    ${segment.unsupported &&
    html`<div class="notes" role="note"><p>${t("unsupported_parts")}</p><ul>${segment.unsupported.map((part) => html`<li>${part}</li>`)}</ul></div>`}
    <p class="segment-count">
      <strong class="num">${sized({ ...segment, at: segment.history?.at(-1)?.at })}</strong>
      <${Change} from=${segment.count_before ?? segment.history?.at(-2)?.count} to=${segment.count} />
      ${segment.count > 0 && html`<span class="hint">${t("of_population", { share: percent(segment.count / population) })}</span>`}
    </p>
    <${Deeds} segment=${segment} put=${put} changed=${changed} edit=${() => setEditing(true)} />
    <section class="stack"><h3>${t("history")}</h3><${History} segment=${segment} /></section>
    <section class="stack"><h3>${t("versions")}</h3><${Versions} segment=${segment} /></section>
    <dl class="segment-facts">
      <div><dt>${t("owner")}</dt><dd>${isOwn(segment) ? t("me") : segment.owner}</dd></div>
      <div><dt>${t("seen_by")}</dt><dd>${segment.public ? t("everybody") : t("owner_alone")}</dd></div>
      <div><dt>${t("version")}</dt><dd class="num">${num(segment.version)}</dd></div>
      <div><dt>${t("created")}</dt><dd>${date(segment.created)}</dd></div>
      <div><dt>${t("updated")}</dt><dd>${time(segment.updated)}</dd></div>
    </dl>
    ${editing &&
    html`<${Edit}
      segment=${segment}
      onClose=${() => setEditing(false)}
      saved=${(fresh) => {
        put(fresh);
        changed();
        toast(t("was_saved"));
      }}
    />`}
  </article>`;
}
