// Two saved segments side by side: how many are in both, and where they differ most.

import { html, useState } from "../../vendor/preact.js";
import { num, percent, words } from "../../i18n/t.js";
import * as file from "../../i18n/segment.js";
import * as common from "../../i18n/common.js";
import { api } from "../../api.js";
import { catalog } from "../../state.js";
import { Dialog } from "../../parts/dialog.js";
import { Select } from "../../parts/field.js";
import { Empty, Fault, Loading, useFetched } from "../../parts/say.js";
import { Venn } from "../../parts/venn.js";

const t = words(file);
const c = words(common);

const told = (count) => (count === undefined ? c("below", { n: num(catalog.value.min_group) }) : num(count));

/** The three parts, as a table that says what the circles show. */
function Sizes({ found }) {
  const { both } = found;
  const rows = [
    ["first", found.this.name, found.this.count, found.this.only],
    ["second", found.that.name, found.that.count, found.that.only],
  ];
  return html`<table class="sizes">
    <thead><tr><td></td><th scope="col">${c("count")}</th><th scope="col">${t("only")}</th></tr></thead>
    <tbody>
      ${rows.map(([side, name, count, only]) => html`<tr><th scope="row"><span class=${`swatch ${side}`} aria-hidden="true"></span>${name}</th><td class="num">${told(count)}</td><td class="num">${told(only)}</td></tr>`)}
      <tr><th scope="row"><span class="swatch both" aria-hidden="true"></span>${t("both")}</th><td class="num">${told(both)}</td><td></td></tr>
    </tbody>
  </table>`;
}

function Fields({ found }) {
  if (!found.fields.length) return null;
  const bar = (side, share) => html`<span class="contrast-bar" aria-hidden="true"><span class=${side} style=${{ width: `${100 * share}%` }}></span></span><span class="num">${percent(share)}</span>`;
  return html`<h3>${t("differ")}</h3>
    <div class="differs">
      ${found.fields.map(
        (field) => html`<section class="differ" key=${field.field}>
          <h4>${field.label}</h4>
          <table>
            <thead class="unseen"><tr><td></td><th scope="col">${found.this.name}</th><th scope="col">${found.that.name}</th></tr></thead>
            <tbody>
              ${field.groups.map((group) => html`<tr><th scope="row">${group.label}</th><td>${bar("first", group.this)}</td><td>${bar("second", group.that)}</td></tr>`)}
            </tbody>
          </table>
        </section>`,
      )}
    </div>`;
}

function Found({ first, second }) {
  const { value: found, error, loading, again } = useFetched((signal) => api.get(`/v1/segments/${encodeURIComponent(first)}/compare?with=${encodeURIComponent(second)}`, { signal }), [first, second]);
  if (error) return html`<${Fault} error=${error} retry=${again} />`;
  if (loading || !found) return html`<${Loading} text=${t("comparing")} />`;
  const known = [found.this.count, found.that.count, found.both].every((n) => n !== undefined);
  const label = t("venn_say", { first: found.this.name, second: found.that.name, both: told(found.both) });
  return html`<div class="compared">
      ${known ? html`<${Venn} first=${found.this.count} second=${found.that.count} both=${found.both} label=${label} />` : html`<p class="hint">${t("venn_hidden", { n: num(catalog.value.min_group) })}</p>`}
      <${Sizes} found=${found} />
    </div>
    <${Fields} found=${found} />`;
}

/** `given` is the id of a segment that is one of the two. */
export function Compare({ given, onClose }) {
  const { value, error, loading, again } = useFetched((signal) => api.get("/v1/segments", { signal }), []);
  const [first, setFirst] = useState(given ?? null);
  const [second, setSecond] = useState(null);
  const body = () => {
    if (error) return html`<${Fault} error=${error} retry=${again} />`;
    if (loading) return html`<${Loading} />`;
    if (value.length < 2) return html`<${Empty} icon="save" title=${t("compare_none")}><p>${t("compare_how")}</p><//>`;
    const [one, other] = [first ?? value[0].id, second ?? value.find((s) => s.id !== (first ?? value[0].id)).id];
    const options = value.map((segment) => ({ value: segment.id, label: segment.count === undefined ? segment.name : `${segment.name} · ${num(segment.count)}` }));
    return html`<div class="two">
        <${Select} label=${t("first")} value=${one} options=${options} onChange=${setFirst} />
        <${Select} label=${t("second")} value=${other} options=${options} onChange=${setSecond} />
      </div>
      ${one === other ? html`<p class="hint">${t("compare_same")}</p>` : html`<${Found} first=${one} second=${other} />`}`;
  };
  return html`<${Dialog} title=${t("compare_title")} wide onClose=${onClose}>${body()}<//>`;
}
