// The tables of the catalog, as SQL names them: made from `/v1/catalog`, for completion and for the list beside the editor.

/**
 * `[{ name, label, key, columns: [{ name, label, about, kind, values, more }] }]`, the table of those who are counted first.
 * `more` is how many values there are beyond those that are listed.
 */
export function tablesOf(catalog) {
  const tables = new Map((catalog?.tables ?? []).map((t) => [t.name, { ...t, columns: t.key ? [keyColumn(t.key)] : [] }]));
  for (const filter of (catalog?.categories ?? []).flatMap((c) => c.filters)) {
    if (!tables.has(filter.dataset)) tables.set(filter.dataset, { name: filter.dataset, label: "", key: "", columns: [] });
    tables.get(filter.dataset).columns.push({
      name: filter.field,
      label: filter.label,
      about: filter.about,
      kind: filter.kind,
      values: filter.values,
      more: Math.max(0, filter.values_total - filter.values.length),
    });
  }
  return [...tables.values()];
}

const keyColumn = (name) => ({ name, label: "", about: "", kind: "key", values: [], more: 0 });

/** What a statement calls the tables that it reads: name or alias, in lower case → table. */
export function namedIn(text, tables) {
  const known = new Map(tables.map((t) => [t.name.toLowerCase(), t]));
  const said = text.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_]*|[^\s\p{L}\p{N}_]/gu) ?? [];
  const named = new Map();
  said.forEach((word, i) => {
    const table = known.get(word);
    if (!table) return;
    named.set(word, table);
    const alias = said[i + 1] === "as" ? said[i + 2] : said[i + 1];
    if (alias && /^[\p{L}_]/u.test(alias) && !AFTER_A_TABLE.test(alias)) named.set(alias, table);
  });
  return named;
}

/** Words that may stand behind a table and are no alias of it. */
const AFTER_A_TABLE = /^(where|join|inner|left|right|full|cross|on|using|group|order|having|limit|union|except|intersect|as|and|or|not|set|values)$/i;
