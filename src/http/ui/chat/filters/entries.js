// What the catalog has, as it is searched and said: filters, their values, and words that stand for conditions.

import { keyOf } from "../groups.js";
import { searchable } from "./jamo.js";

/** What a filter is, by what can be said of it: `flag`, `listed`, `date`, `number` or `text`. */
export function sort(field) {
  if (field.kind === "bool") return "flag";
  if (field.kind === "date") return "date";
  if (field.values_total) return "listed";
  return /^(int|float)/.test(field.kind) ? "number" : "text";
}

/** Everything that can be searched: `{ kind: "field" | "value" | "term", label, also, weight, … }`. */
export function entries(catalog) {
  const found = [];
  for (const category of catalog.categories) {
    for (const field of category.filters) {
      const also = [field.field, ...field.synonyms].map(searchable);
      found.push({ kind: "field", id: `f ${keyOf(catalog, field)}`, label: searchable(field.label), also, field, category, weight: 0 });
      for (const value of field.values) {
        const names = [...(value.name === value.label ? [] : [value.name]), ...(value.synonyms ?? [])];
        const id = `v ${keyOf(catalog, field)} ${value.name}`;
        found.push({ kind: "value", id, label: searchable(value.label), also: names.map(searchable), field, value, category, weight: 2 });
      }
    }
  }
  for (const term of catalog.glossary) {
    const also = term.name === term.label ? [] : [searchable(term.name)];
    found.push({ kind: "term", id: `t ${term.name}`, label: searchable(term.label), also, term, weight: 1 });
  }
  return found;
}

/** A number to try a filter with. */
const EXAMPLE = 10;

/** What can be asked of a filter, as `{ key, words }`; `t` says the words. */
export function examples(catalog, field, t) {
  const own = keyOf(catalog, field) === field.field;
  const band = own && catalog.bands.find((one) => one.field === field.field);
  const name = field.label;
  const by = { key: "by", words: t("say_by", { field: band?.label ?? name }) };
  const least = { key: "least", words: t("say_least", { field: name, n: EXAMPLE, unit: field.unit ?? "" }) };
  switch (sort(field)) {
    case "listed":
      return [by];
    case "flag":
      return own ? [{ key: "is", words: name }, by] : [by];
    case "number":
      // Rows of a table that hangs off the entity are not ranked.
      if (!own) return [least];
      return [{ key: "top", words: t("say_top", { field: name }) }, { key: "avg", words: t("say_avg", { field: name }) }, ...(band ? [by] : [])];
    case "date":
      return own ? [{ key: "recent", words: t("say_recent", { field: name }) }] : [];
    default:
      return [];
  }
}
