// Words of the page in the reader's language. Each screen has a file of its own here that exports `ko` and `en` with the same
// keys; `words(file)` makes the function that says them. Reading it in a component draws the component anew when the
// language changes. Numbers and dates are written as the language writes them.

import { locale } from "../state.js";
import { filled } from "../parts/particles.js";

/** `const t = words(file)`; `t("found", { n: 3 })` puts 3 in the place of `{n}`. */
export const words = (file) => (key, values) => {
  const text = file[locale.value][key];
  if (text === undefined) {
    console.error(`no words for ${key}`);
    return key;
  }
  return values ? filled(text, values) : text;
};

/**
 * A sentence whose particles stay with what they follow: "0.5%입니다" and "'자주'는" are one word each, though a browser would
 * break a line after the sign.
 */
export const joined = (text) => text?.replace(/(?<=\S)([%)\]'"’”])(?=\p{Script=Hangul})/gu, "$1\u2060");

const made = new Map();
const format = (kind, options) => {
  const id = `${locale.value} ${kind} ${JSON.stringify(options)}`;
  if (!made.has(id)) made.set(id, new Intl[kind](locale.value === "ko" ? "ko-KR" : "en-GB", options));
  return made.get(id);
};

/** 17393342 → 17,393,342. */
export const num = (n, options) => (n === null || n === undefined ? "–" : format("NumberFormat", options).format(n));
/** 17393342 → 1739만, 17M: where room is scarce. */
export const short = (n) => num(n, { notation: "compact", maximumFractionDigits: 1 });
/** 0.5546 → 55.5%; small shares keep a digit that is not 0. */
export const percent = (x) => {
  const digits = x !== 0 && Math.abs(x) < 0.0095 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 1 };
  return num(x, { style: "percent", ...digits });
};
/** `2024-04-22`, or a time in RFC 3339 → a day. */
export const date = (text) => (text ? format("DateTimeFormat", { dateStyle: "medium" }).format(new Date(text)) : "–");
/** A time in RFC 3339 → day and minute. */
export const time = (text) =>
  text ? format("DateTimeFormat", { dateStyle: "medium", timeStyle: "short" }).format(new Date(text)) : "–";
/** A time in RFC 3339 → “3 minutes ago”. */
export const ago = (text) => {
  const s = (new Date(text) - Date.now()) / 1000;
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([, size]) => Math.abs(s) >= size) ?? ["second", 1];
  return format("RelativeTimeFormat", { numeric: "auto" }).format(Math.round(s / size), unit);
};
/** Texts as a list: “a, b and c”. */
export const list = (texts) => format("ListFormat", { type: "conjunction" }).format(texts);
