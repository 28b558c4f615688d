// Names of callers: the log and the budgets know ids, of which those of keys have a name.

import { api } from "../api.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/admin.js";
import { useFetched } from "../parts/say.js";

const t = words(file);

/** The keys by id; empty until they are there. */
export function useCallers() {
  const { value } = useFetched((signal) => api.get("/v1/keys", { signal }), []);
  return new Map((value ?? []).map((key) => [key.id, key]));
}

/** What a caller is called: the name of its key, or what Waggle's own are. */
export function nameOf(id, callers) {
  const own = `someone_${id}`;
  return callers.get(id)?.name ?? (own in file.en ? t(own) : id);
}
