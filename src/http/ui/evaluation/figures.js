// How figures of runs are told: names of metrics, their units, intervals.

import { num, percent, words } from "../i18n/t.js";
import * as file from "../i18n/evaluation.js";
import * as frame from "../i18n/app.js";

const t = words(file);
const tf = words(frame);

/** A translator as a reader knows it. */
export const translatorName = (id) => (id === "automatic" || id === "builtin" ? tf(`model_${id}`) : id);

/** The name of a figure for a reader; figures with parameters (`pass^2`, `criterion:tone`) have one too. */
export function metricLabel(name) {
  const times = /^pass\^(.+)$/.exec(name)?.[1];
  if (times) return times === "k" ? t("metric_pass_k") : t("metric_pass", { k: times });
  if (name.startsWith("criterion:")) return t("metric_criterion_of", { name: name.slice("criterion:".length) });
  const key = `metric_${name}`;
  return key in file.en ? t(key) : name;
}

/** The unit of a figure by its name, as the leaderboard has it. */
export function unitOf(name) {
  if (name.endsWith("_ms")) return "milliseconds";
  if (name.includes("tokens")) return "tokens";
  return name.includes("cost") ? "dollars" : "share";
}

/** What is less than this is a rounding error of nothing. */
const NOTHING = 1e-9;

/** A figure in its unit. */
export function figure(measured, unit) {
  if (measured === null || measured === undefined) return "–";
  const value = Math.abs(measured) < NOTHING ? 0 : measured;
  if (unit === "share") return percent(value);
  if (unit === "milliseconds") return num(value, { style: "unit", unit: "millisecond", maximumSignificantDigits: value < 1000 ? 3 : 6, maximumFractionDigits: 0 });
  if (unit === "tokens") return num(value, { maximumFractionDigits: 0 });
  if (unit === "dollars") return num(value, { style: "currency", currency: "USD", maximumFractionDigits: 5 });
  return num(value, { maximumFractionDigits: 3 });
}

/** A difference, with its sign; one of shares is told in points. */
export function difference(value, unit) {
  if (unit === "share") return t("points", { n: num(value * 100, { signDisplay: "exceptZero", maximumFractionDigits: 1 }) });
  return `${value > 0 ? "+" : ""}${figure(value, unit)}`;
}

/** A figure's interval; nothing where it has none. */
export const interval = ({ low, high }, unit) =>
  low === undefined || low === null ? "–" : t("range", { low: figure(low, unit), high: figure(high, unit) });

/** How long something took, or takes: seconds, from two minutes on minutes. */
export function lasting(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds < 120 ? t("seconds", { n: num(seconds) }) : t("minutes", { n: num(Math.round(seconds / 60)) });
}

/** Versions as they are shown: of a hash its first digits. */
export const short = (version) => (/^[0-9a-f]{16,}$/.test(version) ? version.slice(0, 8) : version);
