// The server whose catalog and data are markup: see `hostile/`.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generated, served } from "./server.js";
import { shared } from "./test.js";

const from = fileURLToPath(new URL("../hostile", import.meta.url));
/** Values of the long filter, and people: enough that more than ten thousand values have somebody. */
const CODES = 10_050;
const PEOPLE = 60_000;

async function start() {
  const at = `${process.env.BROWSER_TEMP}/hostile`;
  for (const folder of ["before", "catalog", "shapes"]) mkdirSync(`${at}/${folder}`, { recursive: true });
  const codes = Array.from({ length: CODES }, (_, n) => `C${String(n).padStart(5, "0")}`);
  const list = `value_lists:\n  codes:\n    values: [${codes.join(", ")}]\n`;
  // Before, one filter and its term were not there, one had a value less, and there was one that has ended: that is news.
  const GONE = `$1- {name: gone, type: int16, label: {ko: '<u>옛 필터</u>', en: '<u>old filter</u>'}}\n`;
  const without = (name) =>
    readFileSync(`${from}/${name}`, "utf8").replace(/^( *)- \{name: visits.*\n/m, GONE).replace(/^ *"it's".*\n/m, "").replace(/^glossary:[\s\S]*/m, "");
  for (const name of ["catalog.yaml", "people.yaml"]) {
    copyFileSync(`${from}/${name}`, `${at}/catalog/${name}`);
    writeFileSync(`${at}/before/${name}`, without(name));
  }
  for (const folder of ["before", "catalog"]) writeFileSync(`${at}/${folder}/codes.yaml`, list);
  copyFileSync(`${from}/shapes/people.yaml`, `${at}/shapes/people.yaml`);
  writeFileSync(`${at}/shapes/codes.yaml`, `lists:\n  codes:\n    columns: [name]\n    rows:\n${codes.map((code) => `      - [${code}]\n`).join("")}`);
  const data = generated("hostile-data", { customers: PEOPLE, shapes: `${at}/shapes` });
  const before = await served("hostile", { data, args: ["--catalog", `${at}/before`, "--min-group", "0"] });
  await before.stop();
  return served("hostile", { data, args: ["--catalog", `${at}/catalog`, "--min-group", "0"] });
}

export const hostile = () => shared("hostile", start);
