// What this tab of the browser remembers over a reload. Storage may be forbidden; then a reload forgets it.

/** Keeps a text; nothing, or an empty one, forgets it. */
export function keep(name, value) {
  try {
    if (value) sessionStorage.setItem(name, value);
    else sessionStorage.removeItem(name);
  } catch {
    // As above.
  }
}

/** The text that was kept; null where there is none. */
export function kept(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}
