// How many of everybody are in each group of a field or band: the values of a filter with their counts, and what the groups of
// a segment are compared with. Asked once for each version of the data and language.

import { api } from "../api.js";
import { catalog, locale } from "../state.js";

/** So many are kept; the oldest goes first. */
const MOST = 60;
const kept = new Map();

/** `/v1/catalog/groups` by `by`, a list of one or two names. */
export function everybody(by) {
  const { version, data_version: data } = catalog.value ?? {};
  const name = JSON.stringify([locale.value, version, data, by]);
  if (!kept.has(name)) {
    const asking = api.get(`/v1/catalog/groups?by=${encodeURIComponent(by.join(","))}`);
    kept.set(name, asking);
    // What failed is asked again next time.
    asking.catch(() => kept.delete(name));
    if (kept.size > MOST) kept.delete(kept.keys().next().value);
  }
  return kept.get(name);
}

/** The table of those who are counted. */
export const entityOf = (all) => all.tables?.[0]?.name ?? all.categories.find((c) => c.filters.length)?.filters[0].dataset;

/** What a grouping calls a filter. */
export const keyOf = (all, field) => (field.dataset === entityOf(all) ? field.field : `${field.dataset}.${field.field}`);

/** All that can be grouped by, as `{ value, label }`, in the order of the catalog; a field that is cut into steps by its steps. */
export function groupings(all) {
  const bands = new Map(all.bands.map((band) => [band.field, band]));
  const found = [];
  for (const field of all.categories.flatMap((category) => category.filters)) {
    const band = field.dataset === entityOf(all) && bands.get(field.field);
    if (band) found.push({ value: band.name, label: band.label });
    else if (field.values_total > 1 || field.kind === "bool") found.push({ value: keyOf(all, field), label: field.label });
  }
  return found;
}

/** What a reader calls the grouping `name`. */
export function groupingLabel(all, name) {
  const band = all.bands.find((one) => one.name === name);
  const field = all.categories.flatMap((category) => category.filters).find((one) => keyOf(all, one) === name);
  return band?.label ?? field?.label ?? name;
}
