// The saved segments: which of them, found by words; two can be chosen to be compared.

import { html } from "../vendor/preact.js";
import { ago, num, percent, words } from "../i18n/t.js";
import * as file from "../i18n/segments.js";
import * as common from "../i18n/common.js";
import { catalog, locale, me, place } from "../state.js";
import { Button } from "../parts/button.js";
import { Icon } from "../parts/icon.js";

const t = words(file);
const c = words(common);

/** Whether the segment is the reader's own. */
export const isOwn = (segment) => segment.owner === me.value?.id;

/** A count in words: also one that is too small to be told. */
export function sized(point) {
  if (point.count !== undefined && point.count !== null) return num(point.count);
  return point.counted || point.at ? c("below", { n: num(catalog.value.min_group) }) : "–";
}

/** How a count changed, with its sign. */
export function Change({ from, to }) {
  if (from === undefined || from === null || to === undefined || to === null || from === to) return null;
  const share = from ? percent(Math.abs(to - from) / from) : num(Math.abs(to - from));
  const text = to > from ? t("grew", { share }) : t("shrank", { share });
  return html`<span class=${`change num ${to > from ? "up" : "down"}`} title=${t("before", { count: num(from) })}>${text}</span>`;
}

/** Segments of `all` that the reader wants: `of` is `all`, `mine` or `shared`. */
export function wanted(all, of, typed) {
  const parts = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((segment) => {
    if (of === "mine" && !isOwn(segment)) return false;
    if (of === "shared" && !segment.public) return false;
    const text = `${segment.name} ${segment.description} ${segment.sentence} ${segment.owner}`.toLowerCase();
    return parts.every((part) => text.includes(part));
  });
}

/** How the list can be ordered; as the server has it, one's own come first. */
export const ORDERS = ["recent", "name", "size"];
const ORDERED = {
  recent: (a, b) => b.updated.localeCompare(a.updated),
  name: (a, b) => a.name.localeCompare(b.name, locale.value),
  size: (a, b) => (b.count ?? -1) - (a.count ?? -1),
};
export const sorted = (segments, by) => [...segments].sort(ORDERED[by]);

function Row({ segment, open, chosen, choose, restore }) {
  const link = place("segments", segment.id);
  return html`<li class=${`saved ${open ? "open" : ""}`}>
    ${!segment.deleted &&
    html`<input
      type="checkbox"
      class="saved-choose"
      checked=${chosen}
      aria-label=${t("choose", { name: segment.name })}
      title=${t("choose", { name: segment.name })}
      onChange=${() => choose(segment.id)}
    />`}
    <div class="saved-what">
      <p class="saved-name">
        ${segment.deleted
          ? html`<span>${segment.name}</span>`
          : html`<a href=${link} aria-current=${open ? "true" : undefined}>${segment.name}</a>`}
        ${segment.public && html`<span class="tag"><${Icon} name="people" size=${13} />${t("public")}</span>`}
        ${!isOwn(segment) && html`<span class="tag">${t("by", { owner: segment.owner })}</span>`}
        ${segment.unsupported && html`<span class="tag bad"><${Icon} name="warning" size=${13} />${t("unsupported")}</span>`}
      </p>
      <p class="saved-says">${segment.sentence}</p>
      ${segment.description && html`<p class="hint">${segment.description}</p>`}
    </div>
    <div class="saved-size">
      <strong class="num">${sized(segment)}</strong>
      <${Change} from=${segment.count_before} to=${segment.count} />
      <span class="hint">${segment.deleted ? t("deleted_ago", { ago: ago(segment.deleted) }) : ago(segment.counted ?? segment.updated)}</span>
    </div>
    ${segment.deleted && html`<${Button} small icon="undo" onClick=${() => restore(segment)}>${t("restore")}<//>`}
  </li>`;
}

export const List = ({ segments, open, chosen, choose, restore }) =>
  html`<ul class="saved-list">
    ${segments.map(
      (segment) => html`<${Row}
        key=${segment.id}
        segment=${segment}
        open=${segment.id === open}
        chosen=${chosen.includes(segment.id)}
        choose=${choose}
        restore=${restore}
      />`,
    )}
  </ul>`;
