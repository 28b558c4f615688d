// The screen where one finds customers by talking: filters on the left, the conversation in the middle, what was found on
// the right. Where there is no room for three, one is seen at a time.

import { html, useEffect, useLayoutEffect, useState } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/chat.js";
import { route } from "../state.js";
import { answer, composed, follow } from "../chat/conversation.js";
import { Filters } from "../chat/filters.js";
import { Segment } from "../chat/segment.js";
import { Talk } from "../chat/talk.js";
import { Choice } from "../parts/button.js";
import { Empty } from "../parts/say.js";

const t = words(file);

export default function Screen() {
  const [seen, see] = useState("talk");
  // Before anything can be typed: what is typed belongs to the conversation that is open.
  useLayoutEffect(follow, [route.value]);
  // Words that a filter wrote are to be seen where they were written.
  useEffect(() => {
    if (composed.value) see("talk");
  }, [composed.value]);
  const columns = [
    { value: "filters", label: t("filters"), icon: "filter" },
    { value: "talk", label: t("talk"), icon: "chat" },
    { value: "segment", label: t("segment"), icon: "people" },
  ];
  return html`<div class=${`columns sees-${seen}`}>
    <h1 class="unseen">${t("title")}</h1>
    <div class="column-choice"><${Choice} label=${t("columns")} value=${seen} options=${columns} onChange=${see} /></div>
    <section class="column filters" aria-label=${t("filters")}><${Filters} /></section>
    <section class="column talk" aria-label=${t("talk")}><${Talk} /></section>
    <section class="column segment" aria-label=${t("segment")}>${answer.value ? html`<${Segment} />` : html`<${Empty} icon="people" title=${t("segment_later")}><p>${t("segment_later_hint")}</p><//>`}</section>
  </div>`;
}
