// The page's own words, as `src/http/ui/i18n/` has them: tests find what they look for by its name, and a name that is
// said otherwise tomorrow is found under its new words.

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = `${process.env.BROWSER_UI ?? fileURLToPath(new URL("../../../src/http/ui", import.meta.url))}/i18n`;

const module = (text) => import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
const { filled } = await module(readFileSync(`${folder}/../parts/particles.js`, "utf8"));

/** The words of each file: `WORDS.chat.ko.send`. */
export const WORDS = {};
for (const name of readdirSync(folder)) {
  const text = readFileSync(`${folder}/${name}`, "utf8");
  // `t.js` holds no words.
  if (name === "t.js") continue;
  const { ko, en } = await module(text);
  WORDS[name.replace(/\.js$/, "")] = { ko, en };
}

function found(locale, name) {
  const [file, key] = name.split(".");
  const text = WORDS[file]?.[locale]?.[key];
  if (text === undefined) throw new Error(`the page has no words ${name} in ${locale}`);
  return text;
}

const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Who says the page's words in `locale`: `t("chat.turn", { n: 1 })`. `t.like("chat.people")` is a pattern for it, whatever
 * is put in.
 */
export function speaker(locale) {
  const t = (name, values = {}) => filled(found(locale, name), values);
  t.locale = locale;
  t.like = (name) => new RegExp(found(locale, name).split(/\{\w+\}/).map(literal).join("(.+?)"));
  t.only = (name) => new RegExp(`^\\s*${t.like(name).source.replaceAll("(.+?)", "(.+)")}\\s*$`);
  return t;
}
