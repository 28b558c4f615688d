// Two groups and what they share, as two circles whose areas are as their sizes. Where a number must not be told the circles
// are drawn alike; whoever uses it puts the numbers beside it.

import { html } from "../vendor/preact.js";

const WIDTH = 360;
const HEIGHT = 190;
const LARGEST = 82;
/** Room that a number needs, in pixels. */
const ROOM = 46;

/** The area that two circles share. */
function shared(r, s, d) {
  if (d >= r + s) return 0;
  if (d <= Math.abs(r - s)) return Math.PI * Math.min(r, s) ** 2;
  const a = Math.acos((d * d + r * r - s * s) / (2 * d * r));
  const b = Math.acos((d * d + s * s - r * r) / (2 * d * s));
  return r * r * (a - Math.sin(2 * a) / 2) + s * s * (b - Math.sin(2 * b) / 2);
}

/** Radii and distance: `{ r, s, d }` for sizes `a` and `b`, of which `both` are in both. */
export function circles(a, b, both) {
  const most = Math.max(a, b, 1);
  const [r, s] = [a, b].map((n) => Math.max(10, LARGEST * Math.sqrt(n / most)));
  if (!both) return { r, s, d: r + s + 6 };
  const wanted = (Math.PI * LARGEST * LARGEST * both) / most;
  let [near, far] = [Math.abs(r - s), r + s];
  for (let i = 0; i < 40; i++) {
    const d = (near + far) / 2;
    if (shared(r, s, d) > wanted) near = d;
    else far = d;
  }
  return { r, s, d: (near + far) / 2 };
}

/** `first` and `second` are `{ name, count, only }`; numbers that are not known are null. `say(n)` writes one; `label` is heard. */
export function Venn({ first, second, both, say, label }) {
  const known = first.count != null && second.count != null && both != null;
  const { r, s, d } = known ? circles(first.count, second.count, both) : { r: 70, s: 70, d: 80 };
  const width = Math.max(d + r + s, 2 * r, 2 * s);
  const left = Math.min(-r, d - s);
  const scale = Math.min(1, (WIDTH - 16) / width);
  const x = (at) => WIDTH / 2 + (at - left - width / 2) * scale;
  const [right, lensLeft, lensRight] = [Math.max(r, d + s), Math.max(-r, d - s), Math.min(r, d + s)];
  // A number is written where there is room for it: left of what is shared, in it, right of it.
  const parts = [
    { from: left, to: Math.min(r, d - s), text: first.only },
    { from: lensLeft, to: lensRight, text: both },
    { from: Math.max(r, d - s), to: right, text: second.only },
  ];
  return html`<svg class="venn" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${label}>
    <circle class="venn-first" cx=${x(0)} cy=${HEIGHT / 2} r=${r * scale} />
    <circle class="venn-second" cx=${x(d)} cy=${HEIGHT / 2} r=${s * scale} />
    ${known &&
    parts
      .filter((part) => part.text != null && (part.to - part.from) * scale > ROOM)
      .map((part) => html`<text x=${x((part.from + part.to) / 2)} y=${HEIGHT / 2}>${say(part.text)}</text>`)}
  </svg>`;
}
