// Looking at what is drawn: accessibility by axe-core, text that runs over its box or over other text, and text in the
// wrong language. Knows nothing of what the page is for.

import { axe } from "./browser.js";
import { WORDS } from "./words.js";

/** WCAG 2.2 A and AA, and what it was before. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];
/** Names that are said in their own language everywhere. */
const OWN = ["한국어", "English"];

/** Violations of WCAG 2.2 AA that axe-core finds, a line each. */
export async function violations(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const { violations: found } = await page.evaluate((values) => axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }), RULES);
  return found.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")} ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`));
}

/** What is seen of texts now, from within the page: `{ wide, clipped, broken, over, texts }`. */
function seen() {
  const boxes = [];
  const clipped = [];
  const broken = [];
  const texts = [];
  const shown = (at) => at.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  // What is for ears alone is a spot that is cut off.
  const heard = (at) => {
    for (let box = at; box; box = box.parentElement) if (box.offsetWidth <= 1 && getComputedStyle(box).overflowX !== "visible") return true;
    return false;
  };
  // What is left of a box where those around it cut it off, or end it with dots.
  const within = (whole, at) => {
    let { left, top, right, bottom } = whole;
    for (let around = at; around; around = around.parentElement) {
      if (getComputedStyle(around).overflowX === "visible") continue;
      const edge = around.getBoundingClientRect();
      left = Math.max(left, edge.left);
      top = Math.max(top, edge.top);
      right = Math.min(right, edge.right);
      bottom = Math.min(bottom, edge.bottom);
    }
    return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
  };
  // Words that begin on one line and end on the next; what is long without a blank (sums, names of files) has to, and one may
  // break after a sign.
  const lines = (range) => new Set([...range.getClientRects()].filter((box) => box.width > 1).map((box) => Math.round(box.top))).size;
  const brokenIn = (node, all) => {
    if (lines(all) < 2) return [];
    const range = document.createRange();
    const short = [...node.data.matchAll(/\S+/g)].filter(([text]) => text.length < 22);
    const words = short.flatMap(({ 0: text, index: from }) => [...text.matchAll(/[\p{L}\p{N}.,%]+/gu)].map(({ 0: word, index }) => [word, from + index]));
    return words.flatMap(([word, at]) => {
      range.setStart(node, at);
      range.setEnd(node, at + word.length);
      return lines(range) > 1 ? [word] : [];
    });
  };
  // Within an editor and in what is typed, text is not the page's.
  const own = (at) => !at.closest("pre, code, textarea, [contenteditable], .cm-editor, svg, canvas, script, style, noscript");
  const roots = [document.body];
  while (roots.length) {
    const walker = document.createTreeWalker(roots.pop(), NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
      if (node.nodeType === Node.ELEMENT_NODE) {
        if (node.shadowRoot) roots.push(node.shadowRoot);
        if (!shown(node)) continue;
        for (const name of ["aria-label", "title", "placeholder", "alt"]) if (node.getAttribute(name) && own(node)) texts.push(node.getAttribute(name));
        continue;
      }
      const at = node.parentElement;
      if (!at || !node.data.trim() || !shown(at)) continue;
      if (own(at)) texts.push(node.data.trim());
      if (heard(at)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const style = getComputedStyle(at);
      if (own(at)) broken.push(...brokenIn(node, range));
      for (const whole of range.getClientRects()) {
        const box = within(whole, at);
        if (box.width < 2 || box.height < 2) continue;
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue;
        // What lies under something else is not seen: a part that is scrolled away, what a dialog is over.
        const top = (at.getRootNode().elementFromPoint ? at.getRootNode() : document).elementFromPoint(x, y);
        if (!top || !(top === at || top.contains(at) || at.contains(top))) continue;
        boxes.push({ node, at, box, text: node.data.trim().slice(0, 60) });
      }
      const cut = at.scrollWidth > at.clientWidth + 1 && ["hidden", "clip"].includes(style.overflowX) && style.textOverflow !== "ellipsis";
      if (cut && at.clientWidth > 1) clipped.push(node.data.trim().slice(0, 60));
    }
  }
  const over = [];
  for (let i = 0; i < boxes.length; i++) {
    for (let j = i + 1; j < boxes.length; j++) {
      const [a, b] = [boxes[i], boxes[j]];
      if (a.node === b.node) continue;
      const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      // Lines of one paragraph stand close; letters over letters overlap by more.
      if (width > 3 && height > Math.min(a.box.height, b.box.height) * 0.35) over.push(`“${a.text}” and “${b.text}”`);
    }
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  return { wide: scrollWidth > clientWidth ? `${scrollWidth} of ${clientWidth}` : null, clipped, broken, over, texts: [...new Set(texts)] };
}

/** Texts of the page in the other language than `locale`; `data` are texts that are nobody's to translate. */
function untranslated(locale, texts, data) {
  const other = locale === "ko" ? "en" : "ko";
  const words = new Set();
  const mine = new Set();
  for (const file of Object.values(WORDS)) {
    for (const [key, text] of Object.entries(file[other])) if (text !== file[locale][key]) words.add(text);
    for (const text of Object.values(file[locale])) mine.add(text);
  }
  const isData = (text) => OWN.includes(text) || data.some((known) => known.includes(text) || (known.length > 1 && text.includes(known)));
  const strange = (text) => {
    if (words.has(text) && !mine.has(text)) return true;
    // A sentence of English has words without capitals in a row; a Korean page has none without Hangul beside them.
    if (locale === "ko") return !/\p{Script=Hangul}/u.test(text) && /\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b/.test(text) && !isData(text);
    return /\p{Script=Hangul}/u.test(text) && !isData(text);
  };
  return texts.filter((text) => strange(text) || /\{[a-z_]+\}/.test(text) || /\b(undefined|NaN|\[object )/.test(text));
}

/** Where text runs over something, or is in the wrong language, a line each. */
export async function looks(page, locale, data = []) {
  const { wide, clipped, broken, over, texts } = await page.evaluate(seen);
  const faults = [
    wide && `wider than the window: ${wide}`,
    ...clipped.map((text) => `cut off: “${text}”`),
    ...broken.map((word) => `broken within a word: “${word}”`),
    ...over.map((two) => `one over the other: ${two}`),
    ...untranslated(locale, texts, data).map((text) => `not translated: “${text}”`),
  ].filter(Boolean);
  return [...new Set(faults)];
}
