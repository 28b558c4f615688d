// Several views in one place, of which one is seen. Arrows move between their names.

import { html, useId, useRef } from "../vendor/preact.js";

/** `tabs` are `{ value, label }`; children draw the one that is `value`. */
export function Tabs({ label, tabs, value, onChange, children }) {
  const id = useId();
  const names = useRef();
  const keys = (event) => {
    const at = tabs.findIndex((tab) => tab.value === value);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    onChange(tabs[next].value);
    names.current.children[next].focus();
  };
  return html`<div class="tabs">
    <div class="tab-names" role="tablist" aria-label=${label} ref=${names} onKeyDown=${keys}>
      ${tabs.map(
        (tab) => html`<button
          type="button"
          role="tab"
          id=${`${id}-${tab.value}`}
          aria-selected=${String(tab.value === value)}
          aria-controls=${`${id}-panel`}
          tabindex=${tab.value === value ? 0 : -1}
          onClick=${() => onChange(tab.value)}
        >
          ${tab.label}
        </button>`,
      )}
    </div>
    <div class="tab-panel" role="tabpanel" id=${`${id}-panel`} aria-labelledby=${`${id}-${value}`} tabindex="0">${children}</div>
  </div>`;
}
