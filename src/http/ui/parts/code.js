// SQL to read: coloured, never run as markup, with a button that copies it.

import { html } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as common from "../i18n/common.js";
import { Button } from "./button.js";
import { copy } from "./toast.js";

const t = words(common);

const KEYWORDS =
  "all and any as asc between by case cast count cross current_date date desc distinct else end except exists extract false filter first from full group having in inner intersect interval is join last lateral left like limit not null nulls offset on or order outer over partition right select sum avg min max then true union using values when where with";
const KEYWORD = new Set(KEYWORDS.split(" "));
const TOKEN = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|("(?:[^"]|"")*"|`[^`]*`)|(\b\d+(?:\.\d+)?\b)|([\p{L}_][\p{L}\p{N}_]*)|([\s\S])/gu;

/** SQL as spans. */
export function coloured(sql) {
  const out = [];
  let plain = "";
  const flush = () => {
    if (plain) out.push(plain);
    plain = "";
  };
  for (const [text, comment, string, name, number, word] of sql.matchAll(TOKEN)) {
    const kind = comment ? "comment" : string ? "string" : name ? "name" : number ? "number" : word && KEYWORD.has(word.toLowerCase()) ? "keyword" : null;
    if (!kind) {
      plain += text;
      continue;
    }
    flush();
    out.push(html`<span class=${`sql-${kind}`}>${text}</span>`);
  }
  flush();
  return out;
}

/** `actions` are buttons beside the one that copies. */
export function Code({ sql, label, actions, height = 320 }) {
  return html`<div class="code">
    <div class="code-tools">${actions}<${Button} kind="quiet" small icon="copy" label=${t("copy")} onClick=${() => copy(sql)} /></div>
    <pre tabindex="0" role="region" aria-label=${label} style=${{ maxHeight: `${height}px` }}><code>${coloured(sql)}</code></pre>
  </div>`;
}
