// Keeping the segment under a name.

import { html, useState } from "../../vendor/preact.js";
import { words } from "../../i18n/t.js";
import * as file from "../../i18n/segment.js";
import * as common from "../../i18n/common.js";
import { api } from "../../api.js";
import { go, place } from "../../state.js";
import { session } from "../conversation.js";
import { Button } from "../../parts/button.js";
import { Dialog } from "../../parts/dialog.js";
import { TextField, useTyped } from "../../parts/field.js";
import { toast } from "../../parts/toast.js";

const t = words(file);
const c = words(common);

export function Save({ onClose }) {
  const [name, setName] = useTyped(`name.${session.value}`);
  const [about, setAbout] = useTyped(`about.${session.value}`);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const save = async (event) => {
    event?.preventDefault();
    if (!name.trim() || busy) return;
    setBusy(true);
    try {
      const kept = await api.post("/v1/segments", { name: name.trim(), session: session.value, ...(about.trim() && { description: about.trim() }) });
      setName("");
      setAbout("");
      onClose();
      const said = kept.version > 1 ? t("saved_again", { name: kept.name, n: kept.version }) : t("saved", { name: kept.name });
      toast(said, { action: { label: t("see_saved"), onClick: () => go(place("segments", kept.id)) } });
    } catch (error) {
      setFault(error.message);
      setBusy(false);
    }
  };
  const actions = html`<${Button} onClick=${onClose}>${c("cancel")}<//><${Button} kind="main" busy=${busy} disabled=${!name.trim()} onClick=${save}>${c("save")}<//>`;
  return html`<${Dialog} title=${t("save_title")} onClose=${onClose} actions=${actions}>
    <form class="stack" onSubmit=${save}>
      <${TextField} label=${c("name")} hint=${t("save_hint")} fault=${fault} value=${name} onInput=${setName} maxlength="100" autofocus />
      <${TextField} label=${t("save_about")} value=${about} onInput=${setAbout} rows=${2} />
      <button type="submit" hidden></button>
    </form>
  <//>`;
}
