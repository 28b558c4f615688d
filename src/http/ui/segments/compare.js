// Two segments side by side: how many, how many in both, and in which fields they differ most.

import { html } from "../vendor/preact.js";
import { date, num, percent, words } from "../i18n/t.js";
import * as file from "../i18n/segments.js";
import { api } from "../api.js";
import { catalog, place } from "../state.js";
import { Fault, Loading, useFetched } from "../parts/say.js";
import { Venn } from "../parts/venn.js";

const t = words(file);

const told = (n) => (n === undefined || n === null ? t("hidden") : num(n));
const share = (part, whole) => (part === undefined || !whole ? "–" : percent(part / whole));

function Overlap({ found: { this: first, that: second, both } }) {
  const label = t("overlap_label", {
    first: first.name,
    second: second.name,
    only_first: told(first.only),
    both: told(both),
    only_second: told(second.only),
  });
  const parts = [
    { mark: "first", name: t("only_in", { name: first.name }), count: first.only, of: [[t("of_first"), first.count]] },
    { mark: "both", name: t("in_both"), count: both, of: [[t("of_first"), first.count], [t("of_second"), second.count]] },
    { mark: "second", name: t("only_in", { name: second.name }), count: second.only, of: [[t("of_second"), second.count]] },
  ];
  const hidden = parts.some((part) => part.count === undefined);
  const known = !hidden && first.count !== undefined && second.count !== undefined;
  return html`<div class="overlap">
    ${known && html`<${Venn} first=${first.count} second=${second.count} both=${both} label=${label} />`}
    <div class="stack">
      <ul class="overlap-parts" aria-label=${t("overlap")}>
        ${parts.map(
          (part) => html`<li key=${part.mark}>
            <span class=${`part-mark ${part.mark}`}></span>
            <span class="overlap-name">${part.name}</span>
            <strong class="num">${told(part.count)}</strong>
            ${part.count !== undefined &&
            html`<span class="hint num overlap-shares">${part.of.map(([whole, size]) => html`<span>${whole} ${share(part.count, size)}</span>`)}</span>`}
          </li>`,
        )}
      </ul>
      ${hidden && html`<p class="hint">${t("hidden_why", { n: num(catalog.value.min_group) })}</p>`}
    </div>
  </div>`;
}

const Bar = ({ share: part, of }) => html`<span class="pair-bar" aria-hidden="true"><span class=${of} style=${{ width: `${Math.max(0.5, part * 100)}%` }}></span></span>`;

function Contrast({ field, names }) {
  return html`<section class="contrast">
    <header class="row spread">
      <h4>${field.label}</h4>
      <span class="hint num" title=${t("distance_hint")}>${t("distance", { share: percent(field.distance) })}</span>
    </header>
    <table class="pairs">
      <caption class="unseen">${t("contrast_label", { field: field.label })}</caption>
      <thead class="unseen"><tr><th scope="col">${t("group")}</th><th scope="col">${names[0]}</th><th scope="col">${names[1]}</th></tr></thead>
      <tbody>
        ${field.groups.map(
          (group) => html`<tr>
            <th scope="row">${group.label}</th>
            <td><${Bar} share=${group.this} of="first" /><span class="num">${percent(group.this)}</span></td>
            <td><${Bar} share=${group.that} of="second" /><span class="num">${percent(group.that)}</span></td>
          </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

export function Compare({ a, b }) {
  const get = (signal) => api.get(`/v1/segments/${encodeURIComponent(a)}/compare?with=${encodeURIComponent(b)}`, { signal });
  const { value: found, error, again } = useFetched(get, [a, b]);
  if (error) return html`<${Fault} error=${error} retry=${again} />`;
  if (!found) return html`<${Loading} text=${t("comparing")} />`;
  const names = [found.this.name, found.that.name];
  return html`<article class="card comparison" aria-labelledby="comparison-name">
    <header class="row spread">
      <h2 id="comparison-name">${t("compare_title")}</h2>
      <a href=${place("segments")}>${t("back")}</a>
    </header>
    <dl class="compared">
      ${[found.this, found.that].map(
        (side, i) => html`<div>
          <dt><span class=${`part-mark ${i ? "second" : "first"}`}></span><a href=${place("segments", side.id)}>${side.name}</a></dt>
          <dd class="num">${told(side.count)}</dd>
        </div>`,
      )}
    </dl>
    <${Overlap} found=${found} />
    <h3>${t("differ_most")}</h3>
    ${found.fields.length === 0
      ? html`<p class="hint">${t("nothing_differs")}</p>`
      : html`<div class="contrasts">${found.fields.map((field) => html`<${Contrast} key=${field.field} field=${field} names=${names} />`)}</div>`}
    <p class="hint">${t("data_of", { date: date(found.as_of) })}</p>
  </article>`;
}
