// Finding words by what is typed of them: "ㄴㅍㄹㅅ" and "넷프" find 넷플릭스, "netf" finds Netflix. Hangul is compared letter by
// letter as it is typed (a syllable that is not finished yet is the beginning of one), and a consonant by itself is the first
// of a syllable. Blanks and case do not matter. Knows nothing of the page.

const FIRST = 0xac00;
/** The consonants that a syllable begins with, the vowels, and what it ends with, in the order of Unicode. */
const INITIALS = [..."ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"];
const VOWELS = "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ".split(" ");
const FINALS = " ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" ");
/** What the keyboard makes of two consonants in a row. */
const PAIRS = { ㄳ: "ㄱㅅ", ㄵ: "ㄴㅈ", ㄶ: "ㄴㅎ", ㄺ: "ㄹㄱ", ㄻ: "ㄹㅁ", ㄼ: "ㄹㅂ", ㄽ: "ㄹㅅ", ㄾ: "ㄹㅌ", ㄿ: "ㄹㅍ", ㅀ: "ㄹㅎ", ㅄ: "ㅂㅅ" };

const isSyllable = (letter) => letter >= "가" && letter <= "힣";
const CONSONANTS = new Set(INITIALS);
const isConsonant = (letter) => CONSONANTS.has(letter);

/** The letters that a syllable is typed with: 넷 → ㄴㅔㅅ, 과 → ㄱㅗㅏ. Anything else is itself. */
export function letters(char) {
  if (!isSyllable(char)) return char;
  const at = char.codePointAt(0) - FIRST;
  return INITIALS[Math.floor(at / 588)] + VOWELS[Math.floor((at % 588) / 28)] + FINALS[at % 28].trim();
}

/** A text as it is compared: `{ char, jamo, at }` for each character but blanks; `at` is where it stood. */
function spelled(text) {
  const out = [];
  let at = 0;
  for (const char of text.normalize("NFC")) {
    const lower = char.toLowerCase();
    if (lower.trim() && lower !== "-") out.push({ char: lower, jamo: letters(lower), at, length: char.length });
    at += char.length;
  }
  return out;
}

/** What is typed, with consonants that the keyboard put together taken apart. */
const asked = (text) => spelled([...text].map((char) => PAIRS[char] ?? char).join(""));

/**
 * How many characters of `target` from `from` on are what `query` from `q` on says; 0 for none. `query` may end within a
 * syllable, and a final consonant may be the first of the next syllable ("갈" is on its way to "가라").
 */
function runs(query, target, from) {
  let t = from;
  for (let q = 0; q < query.length; q++, t++) {
    const want = query[q];
    const have = target[t];
    if (!have) return 0;
    if (want.char === have.char) continue;
    if (isConsonant(want.char) && isSyllable(have.char) && have.jamo[0] === want.char) continue;
    if (!isSyllable(want.char) || !isSyllable(have.char)) return 0;
    if (have.jamo.startsWith(want.jamo)) continue;
    const next = target[t + 1];
    const onTheWay = q === query.length - 1 && next && isSyllable(next.char) && (have.jamo + next.jamo).startsWith(want.jamo);
    if (!onTheWay) return 0;
    t++;
  }
  return t - from;
}

/** What can be searched: a text spelled once, so that many searches are quick. */
export const searchable = (text) => ({ text, spelled: spelled(text) });

/**
 * Where `query` is found in `target` (a text, or one made by `searchable`): `{ start, end, score }` with the place in the
 * text and a score, less for better: the whole, the beginning, the beginning of a word, within a word. Null where it is not.
 */
export function find(query, target) {
  const want = asked(query);
  if (!want.length) return null;
  const { text, spelled: have } = typeof target === "string" ? searchable(target) : target;
  let best = null;
  for (let from = 0; from + 1 <= have.length; from++) {
    const length = runs(want, have, from);
    if (!length) continue;
    const first = have[from];
    const last = have[from + length - 1];
    const begins = from === 0 ? 0 : /[\s·(/-]/.test(text[first.at - 1]) ? 1 : 2;
    const whole = from === 0 && length === have.length ? -1 : 0;
    const score = begins + whole + have.length / 1000;
    if (!best || score < best.score) best = { start: first.at, end: last.at + last.length, score };
    if (begins === 0) break;
  }
  return best;
}

/**
 * Those of `items` that `query` finds, the best first. An item is `{ label, also }`: what is shown, and further names, each
 * made by `searchable`. A hit is `{ item, hit?, by? }`: where in the label, or by which further name.
 */
export function search(query, items) {
  const found = [];
  for (const item of items) {
    const hit = find(query, item.label);
    if (hit) {
      found.push({ item, hit, score: hit.score });
      continue;
    }
    let best = null;
    for (const name of item.also) {
      const other = find(query, name);
      if (other && (!best || other.score < best.score)) best = { score: other.score, by: name.text };
    }
    // A name that is not seen is a weaker reason than one that is.
    if (best) found.push({ item, by: best.by, score: best.score + 3 });
  }
  return found.sort((a, b) => a.score - b.score || (a.item.weight ?? 0) - (b.item.weight ?? 0));
}
