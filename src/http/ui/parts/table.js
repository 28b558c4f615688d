// Tables. A long one is drawn only where it is seen, so that ten thousand rows scroll as ten do; screen readers are told
// how many there are.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as common from "../i18n/common.js";
import { Icon } from "./icon.js";

const t = words(common);

/** From so many rows on, only those that are seen are drawn. */
const LONG = 200;
/** Height of a row, in pixels; the style sheet says the same. */
const ROW = 36;
/** Rows drawn above and below those that are seen. */
const BEYOND = 12;

/**
 * `columns` are `{ key, label, cell?(row, index), align?: "end", sort?(row) → value, width? }`; `rowKey(row, index)` tells
 * rows apart; `caption` is heard by those who cannot see it; `height` is the most it takes, in pixels. `onRow(row)` makes
 * rows that can be chosen; `chosen(row)` says which one is.
 */
export function Table({ columns, rows, rowKey = (_, i) => i, caption, height = 420, onRow, chosen, empty }) {
  const [order, setOrder] = useState(null);
  const by = order && columns.find((c) => c.key === order.key);
  const sorted = by ? [...rows].sort((a, b) => compare(by.sort(a), by.sort(b)) * (order.down ? -1 : 1)) : rows;
  const long = sorted.length > LONG;
  const box = useRef();
  const [first, setFirst] = useState(0);
  const [seen, setSeen] = useState(Math.ceil(height / ROW));
  useLayoutEffect(() => {
    if (long) setSeen(Math.ceil(box.current.clientHeight / ROW));
  }, [long, height]);
  useEffect(() => {
    box.current.scrollTop = 0;
    setFirst(0);
  }, [order]);
  const from = long ? Math.max(0, first - BEYOND) : 0;
  const to = long ? Math.min(sorted.length, first + seen + BEYOND) : sorted.length;
  const sortBy = (c) => setOrder(order?.key === c.key ? (order.down ? { key: c.key, down: false } : null) : { key: c.key, down: true });
  const state = (c) => (order?.key === c.key ? (order.down ? "descending" : "ascending") : "none");
  return html`<div
    class="table-box"
    ref=${box}
    style=${{ maxHeight: `${height}px` }}
    tabindex="0"
    role="region"
    aria-label=${caption}
    onScroll=${long ? (event) => setFirst(Math.floor(event.target.scrollTop / ROW)) : undefined}
  >
    <table class=${`table ${long ? "long" : ""}`} aria-rowcount=${long ? sorted.length + 1 : undefined}>
      <caption class="unseen">
        ${caption}
      </caption>
      <thead>
        <tr aria-rowindex=${long ? 1 : undefined}>
          ${columns.map(
            (c) => html`<th scope="col" class=${c.align ?? ""} style=${c.width && { width: c.width }} aria-sort=${c.sort ? state(c) : undefined}>
              ${c.sort
                ? html`<button type="button" class="sort" title=${t("sort_by", { name: c.label })} onClick=${() => sortBy(c)}>
                    ${c.label}<span class=${`sort-mark ${state(c)}`}><${Icon} name="down" size=${14} /></span>
                  </button>`
                : c.label}
            </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${from > 0 && html`<tr aria-hidden="true" class="gap"><td colspan=${columns.length} style=${{ height: `${from * ROW}px` }}></td></tr>`}
        ${sorted.slice(from, to).map(
          (row, i) => html`<tr
            key=${rowKey(row, from + i)}
            aria-rowindex=${long ? from + i + 2 : undefined}
            class=${`${onRow ? "can-choose" : ""} ${chosen?.(row) ? "chosen" : ""}`}
            aria-current=${chosen?.(row) ? "true" : undefined}
            onClick=${onRow && ((event) => event.target.closest("button, a, input") || onRow(row))}
          >
            ${columns.map((c) => html`<td class=${c.align ?? ""}>${c.cell ? c.cell(row, from + i) : row[c.key]}</td>`)}
          </tr>`,
        )}
        ${to < sorted.length && html`<tr aria-hidden="true" class="gap"><td colspan=${columns.length} style=${{ height: `${(sorted.length - to) * ROW}px` }}></td></tr>`}
        ${sorted.length === 0 && html`<tr><td class="no-rows" colspan=${columns.length}>${empty ?? t("nothing")}</td></tr>`}
      </tbody>
    </table>
  </div>`;
}

function compare(a, b) {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), document.documentElement.lang);
}

/** Rows as text with tabs between, as spreadsheets take them. What could be taken for a formula is not one. */
export function tsv(columns, rows) {
  const safe = (value) => {
    const text = value === null || value === undefined ? "" : String(value).replace(/[\t\r\n]+/g, " ");
    return typeof value !== "number" && /^[=+\-@]/.test(text) ? `'${text}` : text;
  };
  const lines = rows.map((row) => columns.map((c) => safe(c.text ? c.text(row) : row[c.key])).join("\t"));
  return [columns.map((c) => safe(c.label)).join("\t"), ...lines].join("\n");
}
