// The conversation that is open: its turns as the server has them, the message that is on its way, and what is typed. The
// server has the truth; what is here can be fetched again at any time. Knows nothing of what is drawn.

import { batch, computed, effect, signal, untracked } from "../vendor/preact.js";
import { Problem, api, onceKey, stream } from "../api.js";
import { go, locale, model, online, place, route } from "../state.js";
import { keep, kept } from "../tab.js";

/** How often a tab that is seen asks whether somebody else went on with the conversation, in milliseconds. */
const LOOK_EVERY = 15000;

/** Id of the conversation that is open; null before anything was said. */
export const session = signal(null);
/** Its turns: `{ turn, parent, said, text, at, answer }`, a tree by `parent`; 0 is the start. */
export const turns = signal([]);
/** The turn that it stands at; null at the start. */
export const head = computed(() => turns.value.at(-1) ?? null);
/** The last answer; null at the start. */
export const answer = computed(() => head.value?.answer ?? null);
/** The turns from the start to where it stands, by `parent`. */
export const path = computed(() => pathTo(head.value));
/** The message on its way: `{ said, body, once, waiting, reading, sql, count, breakdown, reply }`; null where there is none. */
export const pending = signal(null);
/** Why the last message failed: a `Problem`; null where it did not. */
export const failed = signal(null);
/** The message that failed, to be sent again; null where there is none. */
export const again = signal(null);
/** An answer that made no turn: to what cannot be read. */
export const aside = signal(null);
/** `ready`, `opening` or `lost`: whether the turns have been fetched. */
export const standing = signal("ready");
/** What is typed and not sent. */
export const draft = signal("");
/** Counts up when somebody else put words into what is typed: the field takes the focus. */
export const composed = signal(0);

let running = null;
let followed = false;

/** The turns from the start to `turn`. */
function pathTo(turn) {
  const by = new Map(turns.value.map((t) => [t.turn, t]));
  const found = [];
  for (let at = turn; at; at = by.get(at.parent)) found.unshift(at);
  return found;
}

const draftName = () => `waggle.draft.${session.value ?? "new"}`;
const pendingName = (id) => `waggle.pending.${id}`;

/** What is typed; a reload of the tab does not lose it. */
export function type(text) {
  draft.value = text;
  keep(draftName(), text);
}

/** Writes words into what is typed, after what is there, for the reader to send. `instead` takes its place. */
export function compose(words, { instead = false } = {}) {
  const before = instead ? "" : draft.value.trim();
  type(before ? `${before} ${words}` : words);
  composed.value++;
}

/** Opens the conversation `id`; null for a new one. */
export async function open(id) {
  running?.abort();
  batch(() => {
    session.value = id;
    turns.value = [];
    pending.value = failed.value = aside.value = again.value = null;
    standing.value = id ? "opening" : "ready";
    draft.value = kept(draftName()) ?? "";
  });
  if (!id) return;
  try {
    await look();
    standing.value = "ready";
  } catch (error) {
    if (session.value !== id) return;
    failed.value = error;
    standing.value = "lost";
    return;
  }
  // What was on its way when the tab was reloaded is asked for again; the server makes one turn of it.
  const left = kept(pendingName(id));
  if (left && session.value === id) await send(id, JSON.parse(left));
}

/** Starts anew. */
export function fresh() {
  go(place("chat"));
}

/** Fetches the turns that are not here yet. */
async function look() {
  const id = session.value;
  if (!id) return;
  const last = turns.value.at(-1)?.turn ?? 0;
  const found = await api.get(`/v1/sessions/${encodeURIComponent(id)}?after=${last}`);
  if (session.value === id) add(found.history);
}

function add(more) {
  const by = new Map(turns.value.map((t) => [t.turn, t]));
  for (const turn of more) by.set(turn.turn, turn);
  turns.value = [...by.values()].sort((a, b) => a.turn - b.turn);
}

/**
 * Says something: `say({ text })`, or `say({ edit }, said)` with a change of the segment as `/v1/sessions/{id}/messages`
 * takes it (`{ op, condition, instead_of?, breakdown? }`, a condition as segment text or typed). `said` is what is shown
 * of it while it is on its way.
 */
export async function say(message, said = message.text ?? "") {
  if (pending.value) return;
  const named = message.text && model.value !== "automatic" ? { model: model.value } : {};
  const body = { ...message, ...named, locale: locale.value };
  const order = { said, body, once: onceKey() };
  // Shown before there is a conversation: that is made first.
  batch(() => {
    failed.value = aside.value = again.value = null;
    pending.value = { ...order, waiting: null };
  });
  let id = session.value;
  if (!id) {
    // A reload before there is a conversation finds it where it was typed.
    keep("waggle.draft.new", message.text);
    const mine = (running = new AbortController());
    const still = () => pending.value?.once === order.once;
    try {
      id = (await api.post("/v1/sessions", {}, { signal: mine.signal })).id;
    } catch (error) {
      return still() && broke(order, error);
    }
    // Another conversation may have been opened meanwhile.
    if (!still()) return;
    keep("waggle.draft.new", null);
    keep(pendingName(id), JSON.stringify(order));
    session.value = id;
    // What was typed meanwhile belongs to it, too.
    keep(draftName(), draft.value);
    go(place("chat", id), true);
  }
  await send(id, order);
}

async function send(id, order) {
  const mine = (running = new AbortController());
  keep(pendingName(id), JSON.stringify(order));
  pending.value = { ...order, waiting: null };
  const more = (part) => {
    if (pending.value?.once === order.once) pending.value = { ...pending.value, ...part };
  };
  const heard = ({ name, data }) => {
    if (name === "sql") more({ sql: data.sql });
    else if (name === "reading") more({ reading: data });
    else if (name !== "done") more({ [name]: data });
  };
  try {
    const done = await stream(`/v1/sessions/${encodeURIComponent(id)}/messages`, order.body, {
      key: order.once,
      signal: mine.signal,
      heard,
      waiting: (problem) => {
        online.value = navigator.onLine && !["offline", "broken"].includes(problem?.code);
        more({ waiting: problem });
      },
    });
    keep(pendingName(id), null);
    if (session.value === id) settle(order, done);
  } catch (error) {
    // Where another conversation was opened meanwhile, it is asked for again when one comes back.
    if (session.value === id) {
      keep(pendingName(id), null);
      broke(order, error);
    }
  }
  if (running === mine) running = null;
}

function settle(order, done) {
  const last = turns.value.at(-1)?.turn ?? 0;
  batch(() => {
    pending.value = null;
    if (done.turn > last) {
      // Where it hangs in the tree, the server says in a moment.
      add([{ turn: done.turn, parent: last, said: order.said, text: done.text, at: new Date().toISOString(), answer: done }]);
    } else if (!turns.value.some((t) => t.turn === done.turn && t.answer.reply === done.reply)) {
      aside.value = done;
    }
  });
  refetch(last);
  tell();
}

/** Fetches the turns after `last` again, also those that are here. */
async function refetch(last) {
  const id = session.value;
  try {
    const found = await api.get(`/v1/sessions/${encodeURIComponent(id)}?after=${last}`);
    if (session.value === id) add(found.history);
  } catch {
    // The next look finds them.
  }
}

function broke(order, error) {
  batch(() => {
    pending.value = null;
    // What was said is not lost: it can be sent again.
    if (order.body.text && !draft.value.trim()) type(order.body.text);
    if (error.name !== "AbortError") {
      failed.value = error;
      again.value = order;
    }
  });
  if (error.name !== "AbortError" && !(error instanceof Problem)) console.error(error);
  if (session.value) look().catch(() => {});
}

/** Sends the message that failed again. */
export function sayAgain() {
  const order = again.value;
  if (!order || pending.value) return;
  if (draft.value.trim() === order.body.text?.trim()) type("");
  say(order.body, order.said);
}

/** Stops the answer that is being made; the segment stays as it was. */
export function stop() {
  running?.abort();
}

const moved = async (what, body, said) => {
  const id = session.value;
  if (!id || pending.value) return;
  const last = turns.value.at(-1)?.turn ?? 0;
  const mine = (running = new AbortController());
  batch(() => {
    failed.value = aside.value = again.value = null;
    pending.value = { said, body, once: "", waiting: null };
  });
  try {
    await api.post(what(encodeURIComponent(id)), body, { signal: mine.signal });
    if (session.value === id) await refetch(last);
    tell();
  } catch (error) {
    if (session.value === id && error.name !== "AbortError") failed.value = error;
  }
  // Another conversation may have been opened meanwhile, with a message of its own.
  if (running === mine) pending.value = running = null;
};

/** Back to the segment before the last change. */
export const undo = (said = "") => moved((id) => `/v1/sessions/${id}/undo`, { locale: locale.value }, said);
/** Back to a turn; what is said next branches off there. */
export const goTo = (turn, said = "") => moved((id) => `/v1/sessions/${id}/goto`, { turn, locale: locale.value }, said);
/** Asks `turn` again in other words: from where it stood before, so that nothing holds twice. */
export async function sayInstead(turn, text) {
  const before = turns.value.find((t) => t.turn === turn.parent);
  const changed = turn.text !== (before?.text ?? "") && turn.answer.status === "answered";
  if (changed) await goTo(turn.parent);
  if (failed.value) type(text);
  else await say({ text });
}
/** Takes a saved segment into the conversation; makes one where none is open. */
export async function load(segment, said = "") {
  if (!session.value) {
    const { id } = await api.post("/v1/sessions", {});
    await open(id);
    go(place("chat", id));
  }
  await moved(() => `/v1/segments/${encodeURIComponent(segment)}/load`, { session: session.value, locale: locale.value }, said);
}

// Other tabs of this browser are told; others than this browser are looked for now and then.
const channel = "BroadcastChannel" in window ? new BroadcastChannel("waggle") : null;
const tell = () => channel?.postMessage({ session: session.value });
const lookQuietly = () => {
  if (session.value && !pending.value && standing.value === "ready" && navigator.onLine) look().catch(() => {});
};
if (channel) channel.onmessage = ({ data }) => data.session === session.value && lookQuietly();
setInterval(() => document.visibilityState === "visible" && lookQuietly(), LOOK_EVERY);
addEventListener("focus", lookQuietly);
effect(() => online.value && untracked(lookQuietly));

/** Follows the hash: opens the conversation that it names. */
export function follow() {
  const { screen, rest } = route.value;
  if (screen !== "chat") return;
  const wanted = rest[0] ?? null;
  if (followed && wanted === session.value) return;
  followed = true;
  open(wanted);
}
