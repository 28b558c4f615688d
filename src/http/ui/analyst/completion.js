// What the editor offers while one types: tables and columns of the catalog (also by what a reader calls them), the values
// of a column within quotes, functions and words of a SELECT.

import { namedIn } from "./schema.js";

/** How far back a value looks for its column, in characters. */
const LOOK_BACK = 600;
/** Functions that statements may call; the check knows all of them. */
const FUNCTIONS = "count sum avg min max median stddev round coalesce date_trunc date_part abs upper lower".split(" ");

/** Words of a SELECT. */
const KEYWORDS = (
  "SELECT FROM WHERE AND OR NOT IN BETWEEN LIKE IS NULL AS DISTINCT JOIN ON USING EXISTS CASE WHEN THEN ELSE END ASC DESC LIMIT HAVING " +
  "UNION EXCEPT INTERSECT WITH OVER FILTER CAST TRUE FALSE DATE INTERVAL"
).split(" ");
const PAIRS = ["GROUP BY", "ORDER BY", "LEFT JOIN", "PARTITION BY"];

const WORD = /[\p{L}_][\p{L}\p{N}_]*$/u;
const VALUE = /(?:([\p{L}_][\p{L}\p{N}_]*)\.)?([\p{L}_][\p{L}\p{N}_]*)\s*(?:=|<>|!=|(?:not\s+)?in\s*\((?:\s*'[^']*'\s*,)*|(?:not\s+)?i?like)\s*'([^']*)$/iu;
const QUALIFIED = /([\p{L}_][\p{L}\p{N}_]*)\.([\p{L}_][\p{L}\p{N}_]*)?$/u;

// A label of the library is what is typed against; so that a column is found by either name, it holds both.
const offered = (name, label, rest) => ({
  label: label && label !== name ? `${name} ${label}` : name,
  displayLabel: name,
  detail: label && label !== name ? label : undefined,
  apply: name,
  ...rest,
});

const column = (c, boost) => offered(c.name, c.label, { type: "property", info: c.about || undefined, boost });

/** A source of the library's autocompletion over `tables()`. */
export function completeFrom(tables) {
  return (context) => {
    // Whoever went on to something else is not written for any more.
    if (!context.explicit && context.view && !context.view.hasFocus) return null;
    const before = context.state.sliceDoc(Math.max(0, context.pos - LOOK_BACK), context.pos);
    const value = VALUE.exec(before);
    const all = tables();
    if (value) return values(context.pos - value[3].length, value, all, context.state.doc.toString());
    if (inQuotes(before)) return null;
    const qualified = QUALIFIED.exec(before);
    if (qualified) {
      const table = namedIn(context.state.doc.toString(), all).get(qualified[1].toLowerCase());
      const from = context.pos - (qualified[2] ?? "").length;
      return table ? { from, options: table.columns.map((c) => column(c, 1)), validFor: WORD } : null;
    }
    const word = context.matchBefore(WORD);
    if (!word && !context.explicit) return null;
    const read = new Set(namedIn(context.state.doc.toString(), all).values());
    const seen = read.size ? all.filter((t) => read.has(t)) : all;
    const options = [
      ...seen.flatMap((t) => t.columns.map((c) => column(c, 2))),
      ...all.map((t) => offered(t.name, t.label, { type: "class", boost: 1 })),
      ...FUNCTIONS.map((name) => ({ label: name, type: "function", apply: `${name}(`, boost: -1 })),
      ...[...PAIRS, ...KEYWORDS].map((name) => ({ label: name, type: "keyword", apply: name })),
    ];
    return { from: word?.from ?? context.pos, options: once(options), validFor: WORD };
  };
}

function values(from, [, , name], tables, text) {
  const named = namedIn(text, tables);
  const order = [...new Set([...named.values(), ...tables])];
  const found = order.flatMap((t) => t.columns).find((c) => c.name.toLowerCase() === name.toLowerCase() && c.values.length);
  if (!found) return null;
  const options = found.values.map((v) => offered(v.name, v.label, { type: "constant" }));
  return { from, options, validFor: /^[^']*$/ };
}

const inQuotes = (text) => (text.slice(text.lastIndexOf("\n") + 1).match(/'/g)?.length ?? 0) % 2 === 1;

/** The same column of several tables is offered once. */
function once(options) {
  const seen = new Set();
  return options.filter((o) => !seen.has(o.apply) && seen.add(o.apply));
}
