// Saved segments: found in a list, looked at one by one, compared two by two.
// `#/segments/ID` is one of them, `#/segments/compare?a=ID&b=ID` two.

import { html, useEffect, useState } from "../vendor/preact.js";
import { num, words } from "../i18n/t.js";
import * as file from "../i18n/segments.js";
import { api } from "../api.js";
import { go, keptAlways, place, route } from "../state.js";
import { Button, Choice } from "../parts/button.js";
import { Select, TextField } from "../parts/field.js";
import { Empty, Fault, Loading, useFetched } from "../parts/say.js";
import { styled } from "../parts/style.js";
import { Compare } from "../segments/compare.js";
import { Detail, restore } from "../segments/detail.js";
import { List, ORDERS, sorted, wanted } from "../segments/list.js";

const t = words(file);
styled("segments");
const order = keptAlways("segments.order", ORDERS[0], ORDERS);

/** How many can be compared. */
const PAIR = 2;

export default function Screen() {
  const [of, setOf] = useState("all");
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState([]);
  const deleted = of === "deleted";
  const { value, error, loading, again } = useFetched((signal) => api.get(`/v1/segments${deleted ? "?deleted=true" : ""}`, { signal }), [deleted]);
  const { rest, params } = route.value;
  const comparing = rest[0] === "compare";
  const open = comparing ? null : (rest[0] ?? null);
  const all = value ?? [];
  const shown = sorted(wanted(all, deleted ? "all" : of, typed), order.value);
  useEffect(() => setChosen([]), [deleted]);
  const choose = (id) => setChosen((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id].slice(-PAIR)));
  const compare = () => go(place("segments", "compare", { a: chosen[0], b: chosen[1] }));
  const views = ["all", "mine", "shared", "deleted"].map((name) => ({ value: name, label: t(`of_${name}`) }));
  const orders = ORDERS.map((by) => ({ value: by, label: t(`by_${by}`) }));
  const side = comparing || open;
  return html`<div class=${`screen segments ${side ? "with-side" : ""}`}>
    <header class="screen-head">
      <h1>${t("title")}</h1>
      <${Button} icon="add" onClick=${() => go(place("chat"))}>${t("new")}<//>
    </header>
    <div class="segments-desk">
      <section class="segments-all" aria-label=${t("list")}>
        <div class="row">
          <div class="segments-search">
            <${TextField} label=${t("search")} hidden type="search" placeholder=${t("search")} value=${typed} onInput=${setTyped} />
          </div>
          <${Choice} label=${t("which")} value=${of} options=${views} onChange=${setOf} />
        </div>
        ${!deleted &&
        all.length > 1 &&
        html`<div class="row spread segments-pair">
          <div class="row">
            <${Button} small icon="people" disabled=${chosen.length !== PAIR} onClick=${compare}>${t("compare")}<//>
            <span class="hint" role="status">${t("chosen", { n: num(chosen.length) })}</span>
          </div>
          <${Select} label=${t("order")} hidden value=${order.value} options=${orders} onChange=${(by) => (order.value = by)} />
        </div>`}
        ${error && html`<${Fault} error=${error} retry=${again} />`} ${loading && !value && html`<${Loading} />`}
        ${value &&
        (shown.length
          ? html`<${List} segments=${shown} open=${open} chosen=${chosen} choose=${choose} restore=${(segment) => restore(segment, again)} />`
          : html`<${Empty} icon="save" title=${all.length ? t("none_found") : t(deleted ? "none_deleted" : "none")}>
              ${!all.length && !deleted && html`<p>${t("none_hint")}</p>`}
            <//>`)}
      </section>
      ${comparing && html`<${Compare} a=${params.get("a")} b=${params.get("b")} />`}
      ${open && html`<${Detail} key=${open} id=${open} changed=${again} />`}
    </div>
  </div>`;
}
