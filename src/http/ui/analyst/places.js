// Faults of a statement as ranges of its text.

const WORD_AT = /^(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[\p{L}_][\p{L}\p{N}_]*|\d+(?:\.\d+)?|[^\s])/u;

/** Where a refusal is: `{ from, to }` in UTF-16 units; the whole text where it is about the statement as a whole. */
export function rangeOf({ line, column }, text) {
  if (!line) return { from: 0, to: text.length };
  const lines = text.split("\n");
  if (line > lines.length) return { from: text.length, to: text.length };
  const start = lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0);
  // The server counts characters; one beyond the basic plane is two units here.
  const within = [...lines[line - 1]].slice(0, Math.max(0, column - 1)).join("").length;
  const from = Math.min(start + within, text.length);
  const word = WORD_AT.exec(text.slice(from));
  return { from, to: from + (word?.[0].length ?? 0) };
}

/** Whether what the server hints at can stand in the place of the fault as it is. */
export const canBePut = (refusal) => Boolean(refusal.hint && refusal.line && refusal.code.startsWith("unknown_"));
