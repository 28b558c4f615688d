// Short notes at the edge of the page: that something was done, and how to take it back; that something failed, and what
// can be done about it.

import { html, signal } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as common from "../i18n/common.js";
import { Button } from "./button.js";

const t = words(common);
/** How long a note stays, in milliseconds; one with a button stays longer. */
const STAYS = 5000;
const STAYS_WITH_ACTION = 12000;

const toasts = signal([]);
let number = 0;

/** `toast("Saved.", { action: { label: "Undo", onClick } })`; `kind` is `done` (the default) or `fault`. */
export function toast(text, { kind = "done", action } = {}) {
  const id = ++number;
  toasts.value = [...toasts.value, { id, text, kind, action }];
  setTimeout(() => gone(id), action || kind === "fault" ? STAYS_WITH_ACTION : STAYS);
}

/** Tells a `Problem`; one that was stopped by the reader is none. */
export function fault(error, action) {
  if (error?.name === "AbortError") return;
  if (error?.name !== "Problem") console.error(error);
  toast(error?.message ?? String(error), { kind: "fault", action });
}

const gone = (id) => (toasts.value = toasts.value.filter((one) => one.id !== id));

export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.value.map(
      ({ id, text, kind, action }) => html`<div key=${id} class=${`toast ${kind}`}>
        <span>${text}</span>
        ${action &&
        html`<${Button}
          kind="quiet"
          small
          onClick=${() => {
            gone(id);
            action.onClick();
          }}
          >${action.label}<//
        >`}
        <${Button} kind="quiet" small icon="close" label=${t("close")} onClick=${() => gone(id)} />
      </div>`,
    )}
  </div>`;
}

/** Copies text, and says so. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
  } catch {
    toast(t("copy_failed"), { kind: "fault" });
  }
}
