// What the whole page shares, as signals: who is reading, in which language, where, and what the server said of itself.
// The conversation is in `chat/conversation.js`. What is to outlive a reload is kept by the browser, per tab (`session`) or
// for good (`local`).

import { batch, computed, effect, signal } from "./vendor/preact.js";
import { api, onUnknown, setKey } from "./api.js";

const kept = (store, name, fallback, allowed) => {
  let value = fallback;
  try {
    value = store.getItem(name) ?? fallback;
  } catch {
    // Storage may be forbidden; then nothing outlives a reload.
  }
  if (allowed && !allowed.includes(value)) value = fallback;
  const made = signal(value);
  effect(() => {
    try {
      if (made.value === null || made.value === "") store.removeItem(name);
      else store.setItem(name, made.value);
    } catch {
      // As above.
    }
  });
  return made;
};

/** A signal that outlives a reload of this tab. */
export const keptHere = (name, fallback, allowed) => kept(sessionStorage, `waggle.${name}`, fallback, allowed);
/** A signal that outlives the tab. */
export const keptAlways = (name, fallback, allowed) => kept(localStorage, `waggle.${name}`, fallback, allowed);

export const LOCALES = ["ko", "en"];
export const THEMES = ["system", "light", "dark"];
export const ROLES = ["marketer", "analyst", "admin"];

/** Language of the page and of answers. */
export const locale = keptAlways("locale", document.documentElement.lang || "ko", LOCALES);
/** `system`, `light` or `dark`. */
export const theme = keptAlways("theme", "system", THEMES);
/** Whether it is dark now; charts are drawn anew when it changes. */
export const dark = signal(false);
/** The key that the server is asked with, where it wants one. Kept for this tab alone. */
export const key = keptHere("key", "");
/** Who is asked to translate: a name of `/v1/models`. */
export const model = keptAlways("model", "automatic");
/** The role that the page is shown as, at most one's own; empty for one's own. */
export const shownAs = keptHere("role", "");

/** `/v1/me`; null until it is known. */
export const me = signal(null);
/** `ready`, `starting`, `signed_out` or `unreachable`. */
export const standing = signal("starting");
/** `/v1/catalog` in the reader's language; null until it is known. */
export const catalog = signal(null);
/** The list of `/v1/models`. */
export const models = signal([]);
/** Whether the server can be reached, as far as is known. */
export const online = signal(navigator.onLine);
/** What the hash says: `#/screen/rest?params`. */
export const route = signal(read());

/** The role that the page goes by. */
export const role = computed(() => {
  const own = me.value?.role ?? "marketer";
  const as = shownAs.value;
  return as && ROLES.indexOf(as) < ROLES.indexOf(own) ? as : own;
});
/** Whether the page shows what needs at least `least`. */
export const may = (least) => ROLES.indexOf(role.value) >= ROLES.indexOf(least);

function read() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [screen = "", ...rest] = path.split("/").map(decodeURIComponent);
  return { screen: screen || "chat", rest, params: new URLSearchParams(query) };
}

/** The hash of a screen: `place("chat", id)`, `place("analyst", { sql })`. */
export function place(screen, ...more) {
  const params = more.length && typeof more.at(-1) === "object" ? more.pop() : null;
  const path = [screen, ...more].map(encodeURIComponent).join("/");
  const query = params ? `?${new URLSearchParams(params)}` : "";
  return `#/${path}${query}`;
}

/** Goes to a screen; `instead` leaves no step in the browser's history. */
export function go(hash, instead = false) {
  if (instead) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  route.value = read();
}

addEventListener("hashchange", () => (route.value = read()));
addEventListener("popstate", () => (route.value = read()));
addEventListener("online", () => (online.value = true));
addEventListener("offline", () => (online.value = false));

const system = matchMedia("(prefers-color-scheme: dark)");
const shade = () => (dark.value = theme.value === "dark" || (theme.value === "system" && system.matches));
system.addEventListener("change", shade);
effect(shade);
// What the system prefers is said like a choice, so that the style sheet has the dark colours once.
effect(() => {
  document.documentElement.dataset.theme = dark.value ? "dark" : "light";
});
effect(() => {
  document.documentElement.lang = locale.value;
});
effect(() => setKey(key.value));

/** Asks the server who one is and what there is to ask. Safe to repeat. */
export async function start() {
  try {
    const [who, found, list] = await Promise.all(["me", "catalog", "models"].map((name) => api.get(`/v1/${name}`)));
    batch(() => {
      me.value = who;
      catalog.value = found;
      models.value = list.data;
      if (!list.data.some((m) => m.id === model.value)) model.value = "automatic";
      online.value = true;
      standing.value = "ready";
    });
  } catch (error) {
    // Who is not known is asked to sign in, by `onUnknown`.
    if (error.code !== "unauthenticated" && standing.value !== "ready") standing.value = "unreachable";
    throw error;
  }
}

onUnknown(() => {
  key.value = "";
  standing.value = "signed_out";
});

/** Leaves: forgets the key, and whom it belonged to. */
export function leave() {
  key.value = "";
  me.value = null;
  catalog.value = null;
  standing.value = "signed_out";
}
