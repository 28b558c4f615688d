// Conditions changed by hand: what becomes of the segment. Run with `node --test tests/page/`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { either, into, lifted, negated, parentOf, removed, replaced, ungrouped, whole } from "../../src/http/ui/chat/segment/parts.js";

const is = (name) => ({ kind: "is", segment: name, reading: name });
const make = (kind, ...parts) => ({ kind, parts, segment: kind === "not" ? { not: parts[0].segment } : { [kind]: parts.map((p) => p.segment) } });
const [a, b, c, d] = ["a", "b", "c", "d"].map(is);

test("a list of parts is one expression", () => {
  assert.deepEqual(whole([]), "all");
  assert.deepEqual(whole([a]), "a");
  assert.deepEqual(whole([a, make("or", b, c)]), { and: ["a", { or: ["b", "c"] }] });
});

test("a part is taken out, and a group of one is no group", () => {
  const or = make("or", b, c);
  assert.deepEqual(whole(removed([a, b], a)), "b");
  assert.deepEqual(whole(removed([a, or], c)), { and: ["a", "b"] });
  assert.deepEqual(whole(removed([make("not", or)], c)), { not: "b" });
  assert.deepEqual(whole(removed([a], a)), "all");
});

test("the opposite of the opposite is the part itself", () => {
  const not = make("not", b);
  assert.deepEqual(whole(negated([a, b], b)), { and: ["a", { not: "b" }] });
  assert.deepEqual(whole(negated([a, not], not)), { and: ["a", "b"] });
  // What holds together is part of the list again.
  const none = make("not", make("and", b, c));
  assert.deepEqual(whole(negated([a, none], none)), { and: ["a", "b", "c"] });
});

test("a part becomes another way to satisfy a condition", () => {
  assert.deepEqual(whole(either([a, b, c], c, a)), { and: [{ or: ["a", "c"] }, "b"] });
  const or = make("or", a, b);
  assert.deepEqual(whole(either([or, c], c, or)), { or: ["a", "b", "c"] });
  assert.deepEqual(whole(either([or, c], c, b)), { or: ["a", "b", "c"] });
  assert.equal(either([or, c], a, or), null);
  assert.equal(either([or, c], a, b), null);
  assert.equal(either([a, b], a, a), null);
});

test("a part moves between groups", () => {
  const left = make("or", a, b);
  const right = make("or", c, d);
  assert.deepEqual(whole(into([left, right], a, right)), { and: ["b", { or: ["c", "d", "a"] }] });
  assert.equal(into([left, right], a, left), null);
  const deep = make("or", make("and", a, b), c);
  assert.deepEqual(whole(into([deep, d], d, deep.parts[0])), { or: [{ and: ["a", "b", "d"] }, "c"] });
  assert.deepEqual(whole(into([deep], a, deep)), { or: ["b", "c", "a"] });
});

test("a part is taken out of its group and stands by itself", () => {
  const or = make("or", a, b, c);
  assert.deepEqual(whole(lifted([or, d], b)), { and: [{ or: ["a", "c"] }, "d", "b"] });
  assert.equal(lifted([a, b], a), null);
  assert.deepEqual(whole(ungrouped([or, d], or)), { and: ["a", "b", "c", "d"] });
  assert.equal(parentOf([or, d], b), or);
  assert.equal(parentOf([or, d], d), null);
});

test("a part is changed where it stands", () => {
  const or = make("or", a, b);
  assert.deepEqual(whole(replaced([or, c], b, "x")), { and: [{ or: ["a", "x"] }, "c"] });
});
