// The numbers of `/metrics`, as Prometheus writes them: read, and summed where the screen shows a sum.

import { ask } from "../api.js";

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)/;
const LABEL = /([\w]+)="((?:[^"\\]|\\.)*)"/g;

/** Samples of the text: `{ name, labels, value }`. */
function samples(text) {
  const found = [];
  for (const line of text.split("\n")) {
    const [, name, labels = "", value] = LINE.exec(line) ?? [];
    if (name) found.push({ name, labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, k, v]) => [k, v])), value: Number(value) });
  }
  return found;
}

/** The sum of what is called `name`, where `where(labels)` holds. */
export const total = (all, name, where = () => true) =>
  all.filter((one) => one.name === name && where(one.labels)).reduce((sum, one) => sum + one.value, 0);

/** Sums by what a label says: `[["answered", 12], …]`, the largest first. */
export function by(all, name, label) {
  const sums = new Map();
  for (const one of all.filter((one) => one.name === name)) sums.set(one.labels[label], (sums.get(one.labels[label]) ?? 0) + one.value);
  return [...sums].sort((a, b) => b[1] - a[1]);
}

/** The mean of a histogram in seconds, where `where(labels)` holds; null where nothing was measured. */
export function mean(all, name, where) {
  const count = total(all, `${name}_count`, where);
  return count > 0 ? total(all, `${name}_sum`, where) / count : null;
}

/** Fetches them. */
export async function numbers(signal) {
  const response = await ask("GET", "/metrics", { headers: { accept: "text/plain" }, signal });
  return samples(await response.text());
}
