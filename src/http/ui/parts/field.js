// Fields to fill in, each with its name above it and, where something is wrong with it, the reason below.

import { html, useId, useState } from "../vendor/preact.js";
import { keep, kept } from "../tab.js";

/**
 * What is typed into a form that is sent later: as `useState`, but a reload of the tab does not lose it. `name` tells what
 * it is about; an empty text, or `first`, forgets it.
 */
export function useTyped(name, first = "") {
  const place = `waggle.typed.${name}`;
  const [text, set] = useState(() => kept(place) ?? first);
  const type = (next) => {
    set(next);
    keep(place, next === first ? null : next);
  };
  return [text, type];
}

function Framed({ id, label, hint, fault, hidden, children }) {
  return html`<div class="field">
    <label for=${id} class=${hidden ? "unseen" : ""}>${label}</label>
    ${children}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${fault && html`<p class="fault-text" id=${`${id}-fault`} role="alert">${fault}</p>`}
  </div>`;
}

const described = (id, hint, fault) => [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ") || undefined;

/** One line of text, or with `rows` several. `onInput` gets the text. With `hidden` its name is only heard. */
export function TextField({ label, hint, fault, hidden, value, onInput, rows, inputRef, ...rest }) {
  const id = useId();
  const common = {
    id,
    value,
    ref: inputRef,
    onInput: (event) => onInput(event.target.value),
    "aria-describedby": described(id, hint, fault),
    "aria-invalid": fault ? "true" : undefined,
    ...rest,
  };
  return html`<${Framed} ...${{ id, label, hint, fault, hidden }}>
    ${rows ? html`<textarea class="input" rows=${rows} ...${common}></textarea>` : html`<input class="input" type="text" ...${common} />`}
  <//>`;
}

/** One of `options`, which are `{ value, label }`. `onChange` gets the value. */
export function Select({ label, hint, fault, hidden, value, options, onChange, ...rest }) {
  const id = useId();
  return html`<${Framed} ...${{ id, label, hint, fault, hidden }}>
    <select
      class="input"
      id=${id}
      value=${value}
      aria-describedby=${described(id, hint, fault)}
      onChange=${(event) => onChange(event.target.value)}
      ...${rest}
    >
      ${options.map((o) => html`<option value=${o.value} selected=${o.value === value}>${o.label}</option>`)}
    </select>
  <//>`;
}

/** Yes or no. */
export function Check({ label, hint, checked, onChange, ...rest }) {
  const id = useId();
  return html`<div class="check">
    <input type="checkbox" id=${id} checked=${checked} aria-describedby=${described(id, hint)} onChange=${(e) => onChange(e.target.checked)} ...${rest} />
    <label for=${id}>${label}</label>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}
