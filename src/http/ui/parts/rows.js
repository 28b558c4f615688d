// A long list of which only what is seen is drawn. One row can be reached with Tab, the others with the arrows.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";

/** Rows drawn above and below those that are seen. */
const BEYOND = 8;

/**
 * `row(item, index)` draws what is in a row, which is `size` pixels high; clicking it calls `onChoose(item)`. `label` names the
 * list, `name(item)` tells rows apart, `height` is the most it takes, in pixels. `boxRef` gets the element.
 */
export function Rows({ items, row, onChoose, label, name, title, height = 288, size = 32, boxRef }) {
  const own = useRef();
  const box = boxRef ?? own;
  const [top, setTop] = useState(0);
  const [at, setAt] = useState(0);
  const wanted = useRef(null);
  const seen = Math.ceil(height / size);
  const first = Math.max(0, Math.floor(top / size) - BEYOND);
  const last = Math.min(items.length, first + seen + 2 * BEYOND);
  // One that is not drawn cannot be tabbed to: then the first that is takes its place.
  const tabbed = at >= first && at < last ? at : Math.min(Math.ceil(top / size), items.length - 1);
  useEffect(() => {
    setAt(0);
    setTop(0);
    box.current.scrollTop = 0;
  }, [items]);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    box.current.querySelector(`[data-at="${wanted.current}"]`)?.focus({ preventScroll: true });
    wanted.current = null;
  });
  const keys = (event) => {
    const to = { ArrowDown: tabbed + 1, ArrowUp: tabbed - 1, Home: 0, End: items.length - 1, PageDown: tabbed + seen, PageUp: tabbed - seen }[event.key];
    if (to === undefined || !event.target.dataset.at) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(items.length - 1, to));
    wanted.current = next;
    const element = box.current;
    if (next * size < element.scrollTop) element.scrollTop = next * size;
    else if ((next + 1) * size > element.scrollTop + element.clientHeight) element.scrollTop = (next + 1) * size - element.clientHeight;
    setTop(element.scrollTop);
    setAt(next);
  };
  return html`<ul class="rows" ref=${box} style=${{ maxHeight: `${height}px` }} aria-label=${label} onScroll=${(event) => setTop(event.target.scrollTop)} onKeyDown=${keys}>
    ${first > 0 && html`<li aria-hidden="true" style=${{ height: `${first * size}px` }}></li>`}
    ${items.slice(first, last).map((item, i) => {
      const index = first + i;
      return html`<li key=${name(item)} aria-setsize=${items.length} aria-posinset=${index + 1} style=${{ height: `${size}px` }}>
        <button
          type="button"
          class="rows-row"
          data-at=${index}
          tabindex=${index === tabbed ? 0 : -1}
          title=${title?.(item)}
          onFocus=${() => setAt(index)}
          onClick=${() => onChoose(item)}
        >
          ${row(item, index)}
        </button>
      </li>`;
    })}
    ${last < items.length && html`<li aria-hidden="true" style=${{ height: `${(items.length - last) * size}px` }}></li>`}
  </ul>`;
}
