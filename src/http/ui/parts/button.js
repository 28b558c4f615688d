// Buttons. What one does is written on it; one that is only an icon has a name for those who cannot see it.

import { html } from "../vendor/preact.js";
import { Icon } from "./icon.js";

/**
 * `kind`: `plain` (the default), `main` (the one thing to do), `quiet` (no frame), `danger`. With `icon`, and `label`
 * instead of children, it is only an icon.
 */
export function Button({ kind = "plain", icon, label, children, small, pressed, class: more = "", busy, ...rest }) {
  const only = icon && !children;
  return html`<button
    type="button"
    class=${`button ${kind} ${only ? "only-icon" : ""} ${small ? "small" : ""} ${more}`}
    aria-label=${only ? label : undefined}
    title=${only ? label : undefined}
    aria-pressed=${pressed === undefined ? undefined : String(pressed)}
    aria-busy=${busy ? "true" : undefined}
    ...${rest}
  >
    ${icon && html`<${Icon} name=${icon} size=${small ? 16 : 18} />`}${children}
  </button>`;
}

/** Several of which one holds: `options` are `{ value, label, icon? }`. */
export function Choice({ label, value, options, onChange, small }) {
  return html`<div class="choice" role="group" aria-label=${label}>
    ${options.map(
      (option) => html`<${Button}
        kind="quiet"
        small=${small}
        icon=${option.icon}
        pressed=${option.value === value}
        onClick=${() => onChange(option.value)}
        >${option.label}<//
      >`,
    )}
  </div>`;
}

/** A word that stands for something and can be taken away, or clicked. */
export function Chip({ children, onClick, onRemove, removeLabel, tone = "", title, ...rest }) {
  return html`<span class=${`chip ${tone}`} title=${title} ...${rest}>
    ${onClick ? html`<button type="button" class="chip-text" onClick=${onClick}>${children}</button>` : html`<span class="chip-text">${children}</span>`}
    ${onRemove &&
    html`<button type="button" class="chip-remove" aria-label=${removeLabel} title=${removeLabel} onClick=${onRemove}>
      <${Icon} name="close" size=${14} />
    </button>`}
  </span>`;
}
