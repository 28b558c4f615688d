// The conditions of a segment as a tree that can be changed by hand. A part is as `/v1/segments/read` gives it: `{ kind, reading,
// segment, parts }`, `kind` one of `is`, `and`, `or`, `not`; a segment is a list of parts that all hold. Parts are told apart by
// which object they are; nothing here changes one. Knows nothing of the page.

const kids = (part) => part.parts ?? [];

/** The typed expression of a part. */
function expression(part) {
  if (part.kind === "is" || (part.segment && !part.changed)) return part.segment;
  if (part.kind === "not") return { not: expression(kids(part)[0]) };
  return { [part.kind]: kids(part).map(expression) };
}

/** The typed expression of a segment. */
export function whole(parts) {
  const all = parts.map(expression);
  return all.length === 0 ? "all" : all.length === 1 ? all[0] : { and: all };
}

/** Whether `other` is `part` or within it. */
const holds = (part, other) => part === other || kids(part).some((kid) => holds(kid, other));

/** The part that `part` is directly within; null for one that stands by itself. */
export function parentOf(parts, part, above = null) {
  for (const one of parts) {
    if (one === part) return above;
    if (kids(one).some((kid) => holds(kid, part))) return parentOf(kids(one), part, one);
  }
  return null;
}

const group = (kind, parts) => ({ kind, parts, changed: true });

/** A group with other parts; what is left of it where there is but one; nothing where there is none. */
function regrown(part, parts) {
  if (parts.length === 0) return [];
  if (parts.length === 1 && part.kind !== "not") return parts;
  // What holds together within what holds together is one list.
  const flat = parts.flatMap((kid) => (kid.kind === part.kind && part.kind !== "not" ? kids(kid) : [kid]));
  return [group(part.kind, flat)];
}

/** `parts` with what `made(part)` gives in the place of `part`. */
function swap(parts, part, made) {
  return parts.flatMap((one) => {
    if (one === part) return made(one);
    if (!holds(one, part)) return [one];
    return regrown(one, swap(kids(one), part, made));
  });
}

const together = (parts) => parts.flatMap((part) => (part.kind === "and" ? kids(part) : [part]));

/** Without the part. */
export const removed = (parts, part) => together(swap(parts, part, () => []));

/** With a typed condition in the place of the part. */
export const replaced = (parts, part, segment) => together(swap(parts, part, () => [{ kind: "is", segment }]));

/** With the opposite in the place of the part. */
export const negated = (parts, part) => together(swap(parts, part, (one) => (one.kind === "not" ? kids(one) : [group("not", [one])])));

/** With `part` as another way to satisfy `other`; null where that changes nothing. */
export function either(parts, part, other) {
  if (holds(part, other) || holds(other, part)) return null;
  const above = parentOf(parts, other);
  // One of several ways already: it becomes one more.
  if (above?.kind === "or") return into(parts, part, above);
  if (other.kind === "or") return into(parts, part, other);
  const copy = { ...part };
  const joined = swap(parts, other, (one) => [group("or", [one, copy])]);
  return together(swap(joined, part, () => []));
}

/** With `part` moved into a group; null where it is directly in it. */
export function into(parts, part, target) {
  if (holds(part, target) || kids(target).includes(part)) return null;
  const copy = { ...part };
  const taken = (one) => swap([one], part, () => [])[0] ?? one;
  const grown = swap(parts, target, (one) => {
    const left = holds(one, part) ? taken(one) : one;
    const rest = left.kind === target.kind ? kids(left) : [left];
    return regrown({ kind: target.kind }, [...rest, copy]);
  });
  return together(swap(grown, part, () => []));
}

/** With `part` as a condition by itself, the last; null where it is one. */
export function lifted(parts, part) {
  if (parts.includes(part)) return null;
  return together([...swap(parts, part, () => []), { ...part }]);
}

/** With what is in a group as conditions by themselves. */
export const ungrouped = (parts, part) => together(swap(parts, part, (one) => kids(one)));
