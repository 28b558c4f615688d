// A sentence with its blanks filled in. Korean particles go by how the word before them ends: “서울을”, “제주를”. The
// dictionaries write both, as in “{name}을(를)”; here the one that fits is chosen. And “by gender” is “성별”, not “성별별”.

// 을(를): 을, 를
const OBJECT = "\uc744(\ub97c)";
// (으)로: 으로, 로
const TOWARDS = "(\uc73c)\ub85c";
const FORMS = { [OBJECT]: ["\uc744", "\ub97c"], [TOWARDS]: ["\uc73c\ub85c", "\ub85c"] };
const WRITTEN = new RegExp(`([\\p{L}\\p{N}])([’'”"\\])]?)(${[OBJECT, TOWARDS].map((both) => both.replace(/[()]/g, "\\$&")).join("|")})`, "gu");
/** The first syllable there is, and the last. */
const FIRST = 0xac00;
const LAST = 0xd7a3;
/** Last consonants of a syllable, none among them, and ㄹ. */
const FINALS = 28;
const RIEUL = 8;

/** How a letter ends as it is read: in no consonant, in ㄹ, or in another. */
function ending(letter) {
  const code = letter.codePointAt(0);
  if (code >= FIRST && code <= LAST) {
    const final = (code - FIRST) % FINALS;
    return final === 0 ? "open" : final === RIEUL ? "rieul" : "closed";
  }
  if (/[178lL]/.test(letter)) return "rieul";
  return /[036mnMN]/.test(letter) ? "closed" : "open";
}

const particles = (text) =>
  text.replace(WRITTEN, (_, letter, quote, both) => {
    const [closed, open] = FORMS[both];
    const end = ending(letter);
    const fits = end === "closed" || (end === "rieul" && both !== TOWARDS) ? closed : open;
    return `${letter}${quote}${fits}`;
  });

/** What “by” is in Korean, and what it is written after. */
const BY = "\ubcc4";
const BLANK = new RegExp(`\\{(\\w+)\\}(${BY})?`, "gu");

/** `text` with `values` in the places of `{…}`, as one says it. */
export function filled(text, values) {
  const put = (whole, name, by = "") => {
    const value = String(values[name] ?? `{${name}}`);
    return by && value.endsWith(BY) ? value : value + by;
  };
  return particles(text.replace(BLANK, put));
}
