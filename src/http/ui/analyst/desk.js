// What the analyst's tab holds, as signals: the statement, what the check finds of it, its result, earlier statements. A
// reload of the tab keeps the statement and the earlier ones.

import { batch, signal } from "../vendor/preact.js";
import { api, ask } from "../api.js";
import { keptHere } from "../state.js";
import { takeHanded } from "./handover.js";

/** How long one has stopped typing when the statement is checked, in milliseconds. */
const PAUSE = 450;
/** Earlier statements that are kept. */
const KEPT = 30;
/** Choices of the most rows that come back. */
export const ROW_LIMITS = [1000, 10_000, 100_000];

/** The statement. */
export const sql = keptHere("analyst.sql", "");
/** Counts up when the statement is another one by other means than typing. */
export const version = signal(0);
/** In words, what a statement that was handed over answers. */
export const about = keptHere("analyst.about", "");
/** Most rows that come back. */
export const maxRows = keptHere("analyst.rows", String(ROW_LIMITS[0]), ROW_LIMITS.map(String));
const earlier = keptHere("analyst.earlier", "[]");

/** What the check found: `{ text, verdict }`; null before the first. */
export const checked = signal(null);
/** Why it could not be checked. */
export const checkFault = signal(null);
/** The last result: `{ text, result }`. */
export const ran = signal(null);
/** Why the last run gave nothing. */
export const runFault = signal(null);
/** When the run that is going on began; null where none is. */
export const running = signal(null);

let timer = 0;
let checking = null;
let run = null;

/** The text is another one. */
export function write(text) {
  sql.value = text;
  if (!text.trim()) about.value = "";
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

/** Checks the statement; what was asked before is let go of. */
export async function check() {
  clearTimeout(timer);
  checking?.abort();
  const text = sql.value;
  if (!text.trim()) {
    batch(() => (checked.value = checkFault.value = null));
    return;
  }
  const mine = (checking = new AbortController());
  try {
    const verdict = await api.post("/v1/sql/check", { sql: text, max_rows: Number(maxRows.value) }, { signal: mine.signal });
    if (!mine.signal.aborted) batch(() => ((checked.value = { text, verdict }), (checkFault.value = null)));
  } catch (error) {
    if (error.name !== "AbortError") checkFault.value = error;
  }
}

/** Runs the statement and keeps it among the earlier ones. */
export async function start() {
  const text = sql.value;
  if (!text.trim() || running.value) return;
  const mine = (run = new AbortController());
  batch(() => ((running.value = Date.now()), (runFault.value = null)));
  remember(text);
  if (checked.value?.text !== text) check();
  try {
    const result = await api.post("/v1/sql/run", { sql: text, max_rows: Number(maxRows.value) }, { signal: mine.signal });
    ran.value = { text, result };
  } catch (error) {
    if (error.name !== "AbortError") batch(() => ((runFault.value = error), (ran.value = null)));
  }
  running.value = null;
}

/** Stops the run. */
export const stop = () => run?.abort();

/** The result that is shown as a file: `csv` or `arrow`. */
export async function asFile(format) {
  const { text } = ran.value;
  const response = await ask("POST", "/v1/sql/run", {
    body: { sql: text, max_rows: Number(maxRows.value), format },
    headers: { accept: "*/*" },
  });
  return response.blob();
}

/** Earlier statements, the newest first: `[{ sql, at }]`. */
export function earlierOnes() {
  try {
    return JSON.parse(earlier.value);
  } catch {
    return [];
  }
}

function remember(text) {
  const rest = earlierOnes().filter((one) => one.sql !== text);
  earlier.value = JSON.stringify([{ sql: text, at: new Date().toISOString() }, ...rest].slice(0, KEPT));
}

/** Puts another statement into the editor; the one that stood there is not lost. */
export function open(text, words = "") {
  if (sql.value.trim() && sql.value !== text) remember(sql.value);
  batch(() => {
    sql.value = text;
    about.value = words;
    version.value++;
  });
  check();
}

/** Takes what was handed over from elsewhere; else goes on with what was there. */
export function enter() {
  const handed = takeHanded();
  if (handed) open(handed.sql, handed.about);
  else if (sql.value.trim() && checked.value?.text !== sql.value) check();
}
