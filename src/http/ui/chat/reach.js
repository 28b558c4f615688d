// The most that the segment so far can reach, by channel: for the bar at the top.

import { html, useEffect, useState } from "../vendor/preact.js";
import { num, words } from "../i18n/t.js";
import * as file from "../i18n/app.js";
import * as common from "../i18n/common.js";
import { api } from "../api.js";
import { catalog } from "../state.js";
import { answer, pending, session } from "./conversation.js";

const t = words(file);
const c = words(common);
/** Waits so long before it asks, in milliseconds: people go on quickly. */
const SETTLES = 250;

async function reach(id, channels, signal) {
  const of = async ({ name }) => {
    const { steps } = await api.post(`/v1/sessions/${encodeURIComponent(id)}/reach`, { channel: name }, { signal });
    return [name, steps.at(-1)];
  };
  return Object.fromEntries(await Promise.all(channels.map(of)));
}

export function Reach() {
  const channels = catalog.value?.channels ?? [];
  const [found, setFound] = useState({});
  const text = answer.value?.text;
  const known = Boolean(session.value && answer.value);
  const busy = Boolean(pending.value);
  useEffect(() => {
    if (!known || busy || !channels.length) return setFound((before) => (known ? before : {}));
    const asking = new AbortController();
    // That a reach cannot be told is no reason to disturb: it stays away.
    const ask = () => reach(session.value, channels, asking.signal).then(setFound, () => setFound({}));
    const timer = setTimeout(ask, SETTLES);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [session.value, text, known, busy, channels.length]);
  const told = channels.filter(({ name }) => found[name]);
  if (!told.length) return null;
  const rows = told.map(({ name, label }) => {
    const { count, count_below: below } = found[name];
    return html`<div><dt>${label}</dt><dd class="num">${below ? c("below", { n: num(below) }) : num(count)}</dd></div>`;
  });
  return html`<div class="reach">
    <span class="reach-name">${t("reach")}</span>
    <dl>${rows}</dl>
  </div>`;
}
