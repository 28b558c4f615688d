// What is shown in the place of something: that it is coming, that there is nothing, that it failed and how to go on; and
// the hook that fetches something and knows which of these it is.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as common from "../i18n/common.js";
import { locale } from "../state.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";

const t = words(common);

export const Loading = ({ text }) => html`<p class="loading" role="status"><span class="spinner" aria-hidden="true"></span>${text ?? t("loading")}</p>`;

/** `<${Empty} icon="save" title=… >what to do about it<//>`. */
export const Empty = ({ icon, title, children }) =>
  html`<div class="empty">${icon && html`<${Icon} name=${icon} size=${28} />`}<p class="empty-title">${title ?? t("nothing")}</p>${children}</div>`;

/** A `Problem` where something should be. */
export const Fault = ({ error, retry }) =>
  html`<div class="fault" role="alert">
    <${Icon} name="warning" />
    <p>${error.message}</p>
    ${retry && html`<${Button} small icon="refresh" onClick=${retry}>${t("retry")}<//>`}
  </div>`;

/**
 * Fetches when it is drawn first, and again when one of `on` or the language changes: `const { value, error, loading,
 * again, put } = useFetched((signal) => api.get("/v1/segments", { signal }), [])`.
 */
export function useFetched(fetchIt, on) {
  const [state, set] = useState({ value: null, error: null, loading: true });
  const run = useRef();
  const again = () => {
    run.current?.abort();
    const mine = (run.current = new AbortController());
    set((s) => ({ ...s, error: null, loading: true }));
    return fetchIt(mine.signal).then(
      (value) => mine.signal.aborted || set({ value, error: null, loading: false }),
      (error) => mine.signal.aborted || set((s) => ({ value: s.value, error, loading: false })),
    );
  };
  useEffect(() => {
    again();
    return () => run.current.abort();
  }, [...on, locale.value]);
  return { ...state, again, put: (value) => set({ value, error: null, loading: false }) };
}
