// Two sets as circles that overlap, as large as they are. Beside it stands what it says, in words.

import { html } from "../vendor/preact.js";

/** The area that two circles share, `d` apart. */
function shared(r, s, d) {
  if (d >= r + s) return 0;
  if (d <= Math.abs(r - s)) return Math.PI * Math.min(r, s) ** 2;
  const part = (a, b) => {
    const x = Math.min(1, Math.max(-1, (d * d + a * a - b * b) / (2 * d * a)));
    return a * a * (Math.acos(x) - x * Math.sqrt(1 - x * x));
  };
  return part(r, s) + part(s, r);
}

/** How far apart two circles are that share so much. */
function apart(r, s, area) {
  let [low, high] = [Math.abs(r - s), r + s];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (shared(r, s, middle) > area) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const WIDTH = 320;
const HEIGHT = 180;
/** The least that a circle which is not empty measures, so that it can be seen. */
const LEAST = 3;

/** `this` and `that` are sizes, `both` what they share; `label` says in words what is seen. */
export function Venn({ first, second, both, label }) {
  const most = Math.max(first, second, 1);
  const size = (count) => (count > 0 ? Math.max(LEAST, Math.sqrt(count / most)  * 100) : 0);
  const [r, s] = [size(first), size(second)];
  const area = (both / most) * Math.PI * 100 ** 2;
  const d = r && s ? apart(r, s, area) : 0;
  const left = Math.min(-r, d - s);
  const right = Math.max(r, d + s);
  const scale = Math.min((WIDTH - 16) / (right - left || 1), (HEIGHT - 16) / (2 * Math.max(r, s, 1)));
  const x = (value) => WIDTH / 2 + (value - (left + right) / 2) * scale;
  return html`<svg class="venn" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${label}>
    <circle class="venn-first" cx=${x(0)} cy=${HEIGHT / 2} r=${r * scale} />
    <circle class="venn-second" cx=${x(d)} cy=${HEIGHT / 2} r=${s * scale} />
  </svg>`;
}
