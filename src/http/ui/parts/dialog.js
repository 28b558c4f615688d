// Dialogs: a box over the page that keeps the focus until it is closed. Escape closes it, and the focus goes back to where
// it was.

import { html, render, useId, useLayoutEffect, useRef } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as common from "../i18n/common.js";
import { Button } from "./button.js";

const t = words(common);

/** A field with `data-focus` is where one begins. Open while it is drawn: `${open && html`<${Dialog} title onClose actions=${html`…`}>…<//>`}`. */
export function Dialog({ title, onClose, actions, children, wide }) {
  const box = useRef();
  const id = useId();
  useLayoutEffect(() => {
    const before = document.activeElement;
    box.current.showModal();
    box.current.querySelector("[data-focus]")?.focus();
    return () => before?.focus?.();
  }, []);
  return html`<dialog
    ref=${box}
    class=${`dialog ${wide ? "wide" : ""}`}
    aria-labelledby=${id}
    onCancel=${(event) => {
      event.preventDefault();
      onClose();
    }}
    onClick=${(event) => event.target === box.current && onClose()}
  >
    <div class="dialog-box">
      <header class="dialog-head">
        <h2 id=${id}>${title}</h2>
        <${Button} kind="quiet" icon="close" label=${t("close")} onClick=${onClose} />
      </header>
      <div class="dialog-body">${children}</div>
      ${actions && html`<footer class="dialog-foot">${actions}</footer>`}
    </div>
  </dialog>`;
}

/** Asks before something that cannot be taken back: `if (await sure({ title, text, action, danger: true })) …`. */
export function sure({ title, text, action, danger }) {
  const at = document.createElement("div");
  document.body.append(at);
  return new Promise((answer) => {
    const done = (value) => {
      render(null, at);
      at.remove();
      answer(value);
    };
    const actions = html`<${Button} onClick=${() => done(false)}>${t("cancel")}<//>
      <${Button} kind=${danger ? "danger" : "main"} onClick=${() => done(true)}>${action ?? t("ok")}<//>`;
    render(html`<${Dialog} title=${title} onClose=${() => done(false)} actions=${actions}><p>${text}</p><//>`, at);
  });
}
