// The screen `admin`: how the service is, models and what they cost, API keys, the audit log.
// `#/admin/service`, `/models`, `/keys`, `/audit`.

import { html } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/admin.js";
import { go, place, route } from "../state.js";
import { styled } from "../parts/style.js";
import { Tabs } from "../parts/tabs.js";
import { ServiceView } from "../admin/service.js";
import { ModelsView } from "../admin/models.js";
import { Keys } from "../admin/keys.js";
import { Audit } from "../admin/audit.js";

styled("admin");
const t = words(file);
const TABS = { service: ServiceView, models: ModelsView, keys: Keys, audit: Audit };

export default function Screen() {
  const named = route.value.rest[0];
  const name = named in TABS ? named : "service";
  return html`<div class="screen">
    <h1>${t("title")}</h1>
    <${Tabs}
      label=${t("views")}
      tabs=${Object.keys(TABS).map((value) => ({ value, label: t(`tab_${value}`) }))}
      value=${name}
      onChange=${(value) => go(place("admin", value))}
      ><${TABS[name]}
    /><//>
  </div>`;
}
