// The SQL of the segment, in the dialect of one's choice.

import { html, useState } from "../../vendor/preact.js";
import { words } from "../../i18n/t.js";
import * as file from "../../i18n/segment.js";
import { api } from "../../api.js";
import { may } from "../../state.js";
import { head } from "../conversation.js";
import { openInAnalyst } from "../../analyst/handover.js";
import { Button } from "../../parts/button.js";
import { Code } from "../../parts/code.js";
import { Icon } from "../../parts/icon.js";
import { Select } from "../../parts/field.js";
import { Fault, Loading, useFetched } from "../../parts/say.js";
import { grouped, sized } from "./now.js";

const t = words(file);
/** What the server itself runs; the others are what a data warehouse may want. */
const OWN = "datafusion";
const DIALECTS = [
  [OWN, "DataFusion"],
  ["postgres", "PostgreSQL"],
  ["bigquery", "BigQuery"],
  ["snowflake", "Snowflake"],
  ["spark", "Spark"],
  ["duckdb", "DuckDB"],
].map(([value, label]) => ({ value, label }));

/** Keywords that begin a line, so that it can be read. */
const BREAKS = /\s+(?=(?:FROM|WHERE|GROUP BY|ORDER BY|HAVING|LIMIT|UNION|INNER JOIN|LEFT JOIN|JOIN)\b|AND (?!NULL))/g;

/** The statement with a line for each clause and condition of its own; what is in brackets or quotes stays as it is. */
function laidOut(sql) {
  let depth = 0;
  let out = "";
  let plain = "";
  const flush = () => {
    out += depth === 0 ? plain.replace(BREAKS, (_, at) => (/^\s+AND/.test(plain.slice(at)) ? "\n  " : "\n")) : plain;
    plain = "";
  };
  for (const [piece] of sql.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\bBETWEEN\b[^)]*?\bAND\b|[()]|[\s\S]/gi)) {
    if (piece === "(" || piece === ")") {
      flush();
      depth += piece === "(" ? 1 : -1;
      out += piece;
    } else if (piece.length > 1) {
      flush();
      out += piece;
    } else plain += piece;
  }
  flush();
  return out;
}

function Statement() {
  const [dialect, setDialect] = useState(OWN);
  const { text } = head.value;
  const by = grouped.value?.breakdown.by ?? [];
  const own = grouped.value?.sql ?? sized.value?.sql;
  const { value, error, loading, again } = useFetched(
    (signal) => (dialect === OWN && own ? Promise.resolve({ sql: own }) : api.post("/v1/sql/preview", { text, by, dialect }, { signal })),
    [dialect, text, by.join(), own],
  );
  const choose = html`<${Select} label=${t("dialect")} hidden value=${dialect} options=${DIALECTS} onChange=${setDialect} />`;
  const open = may("analyst") && own && html`<${Button} kind="quiet" small icon="analyst" onClick=${() => openInAnalyst(laidOut(own), head.value.said)}>${t("open_in_analyst")}<//>`;
  const shown = error
    ? html`<${Fault} error=${error} retry=${again} />`
    : value
      ? html`<${Code} sql=${laidOut(value.sql)} label=${t("sql")} />`
      : loading && html`<${Loading} />`;
  return html`<div class="breakdown-tools">${choose}<div class="row">${open}</div></div>
    ${shown}`;
}

export function Sql() {
  const [open, setOpen] = useState(false);
  if (!sized.value) return null;
  return html`<section class="part-of">
    <h3><button type="button" class="fold" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}><${Icon} name=${open ? "down" : "forward"} size=${16} />${t("sql")}</button></h3>
    ${open && html`<${Statement} />`}
  </section>`;
}
