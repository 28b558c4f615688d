// A button that opens a list of things to choose from. Arrows move, Escape closes, a click outside too.

import { html, useId, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";

/**
 * `items` are `{ label, note?, icon?, chosen?, disabled?, onClick }`, or null for a line between. `label` names the button
 * for those who cannot see it; children are what it shows.
 */
export function Menu({ label, items, children, kind = "quiet", icon, align = "start", small, up }) {
  const [open, setOpen] = useState(false);
  const here = useRef();
  const id = useId();
  const rows = () => [...here.current.querySelectorAll("[role^=menuitem]:not([disabled])")];
  const close = (back) => {
    setOpen(false);
    if (back) here.current.querySelector("button").focus();
  };
  // With what is drawn, not after it: a key that closes it at once would be followed by the focus.
  useLayoutEffect(() => {
    if (!open) return;
    (here.current.querySelector("[aria-checked=true]") ?? rows()[0])?.focus();
    const outside = (event) => here.current.contains(event.target) || close(false);
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const keys = (event) => {
    if (!open && event.key === "ArrowDown") {
      event.preventDefault();
      return setOpen(true);
    }
    if (!open) return;
    const all = rows();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      all[(to + all.length) % all.length]?.focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      close(true);
    } else if (event.key === "Tab") close(false);
  };
  const radio = items.some((item) => item?.chosen !== undefined);
  return html`<div class=${`menu ${align} ${up ? "up" : ""}`} ref=${here} onKeyDown=${keys}>
    <${Button}
      kind=${kind}
      icon=${icon}
      small=${small}
      label=${label}
      aria-label=${label}
      title=${label}
      aria-haspopup="menu"
      aria-expanded=${String(open)}
      aria-controls=${open ? id : undefined}
      onClick=${() => setOpen(!open)}
      >${children}<//
    >
    ${open &&
    html`<div class="menu-list" id=${id} role="menu" aria-label=${label}>
      ${items.map((item) =>
        item === null
          ? html`<hr />`
          : html`<button
              type="button"
              role=${radio ? "menuitemradio" : "menuitem"}
              aria-checked=${radio ? String(Boolean(item.chosen)) : undefined}
              disabled=${item.disabled}
              tabindex="-1"
              class="menu-item"
              onClick=${() => {
                close(true);
                item.onClick();
              }}
            >
              ${radio && html`<span class="menu-mark">${item.chosen && html`<${Icon} name="check" size=${16} />`}</span>`}
              ${item.icon && html`<${Icon} name=${item.icon} />`}
              <span class="menu-text"><span>${item.label}</span>${item.note && html`<small>${item.note}</small>`}</span>
            </button>`,
      )}
    </div>`}
  </div>`;
}
