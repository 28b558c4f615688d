// What is ordered of an export, as the wizard holds it, and as `/v1/…/exports` and `/v1/…/reach` take it.

import { catalog, keptHere, me } from "../state.js";

export const FORMATS = ["csv", "csv.gz", "xlsx", "parquet", "jsonl", "jsonl.gz", "arrow"];
/** Formats that are text, which may begin with a byte order mark. */
export const hasMark = (format) => format.startsWith("csv");

/** An order before anything is chosen. */
const blank = () => ({
  channel: "",
  days: "",
  holdOut: "",
  seed: "1",
  columns: [],
  format: "csv",
  bom: true,
  identifiers: "hashed",
});

/** What is being put together; a reload of the tab does not lose it. */
const kept = keptHere("exports.order", "");

/** The order that was being put together, else a blank one. */
export function goOn() {
  try {
    return { ...blank(), ...JSON.parse(kept.peek() || "{}") };
  } catch {
    return blank();
  }
}

/** Keeps an order that is being put together, and gives it; null forgets it. At once: a reload may come at any moment. */
export function keep(order) {
  kept.value = order ? JSON.stringify(order) : "";
  return order;
}

const whole = (text) => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : NaN);
const share = (text) => (/^\d{1,2}(\.\d+)?$/.test(text.trim()) && Number(text) > 0 ? Number(text) : NaN);

/** What is wrong with it: names of fields. */
export function faults(order) {
  const wrong = [];
  if (order.channel && order.days.trim() && !(whole(order.days) <= 3650)) wrong.push("days");
  if (order.holdOut.trim() && Number.isNaN(share(order.holdOut))) wrong.push("holdOut");
  if (order.holdOut.trim() && Number.isNaN(whole(order.seed))) wrong.push("seed");
  return wrong;
}

/** The part that decides who is in it: what `reach` takes. */
export function reachOf(order) {
  const days = order.channel ? whole(order.days || "0") : 0;
  return {
    ...(order.channel ? { channel: order.channel } : {}),
    ...(days ? { not_contacted_days: days } : {}),
    ...(order.holdOut.trim() ? { hold_out: { percent: share(order.holdOut), seed: whole(order.seed) } } : {}),
  };
}

/** The whole, as the server takes it. */
export const orderOf = (order) => ({
  ...reachOf(order),
  format: order.format,
  columns: order.columns,
  identifiers: order.identifiers,
  ...(hasMark(order.format) && order.bom ? { bom: true } : {}),
});

/** What may become of the identifier. */
export const identifierChoices = () => ["hashed", "omit", ...(me.value?.rights.includes("see_identifiers") ? ["plain"] : [])];

/** Columns that may be exported, in groups: `[{ name, label, columns: [{ name, label }] }]`; bands stand last. */
export function columnGroups(bandsLabel) {
  const { categories, bands, tables } = catalog.value;
  const table = tables?.[0]?.name ?? categories[0]?.filters[0]?.dataset;
  const groups = categories.map(({ name, label, filters }) => ({
    name,
    label,
    columns: filters.filter((f) => f.dataset === table).map((f) => ({ name: f.field, label: f.label })),
  }));
  return [...groups, { name: "bands", label: bandsLabel, columns: bands.map(({ name, label }) => ({ name, label })) }].filter((g) => g.columns.length);
}

/** What a reader calls a channel. */
export const channelLabel = (name) => catalog.value.channels.find((c) => c.name === name)?.label ?? name;
