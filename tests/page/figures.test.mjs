// The groups of a breakdown beside everybody. Run with `node --test tests/page/`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crossed, figures, ordered } from "../../src/http/ui/chat/segment/figures.js";

const row = (key, count, share) => ({ key, label: key.map((k) => `[${k}]`), count, share });
const breakdown = { by: ["x"], rows: [row(["a"], 60, 0.6), row(["b"], 40, 0.4), row([null], 0, 0)], suppressed: 0 };
const everybody = { rows: [{ key: ["a"], label: ["A"], share: 0.3 }, { key: ["b"], label: ["B"], share: 0.5 }] };

test("an index says how many times as many there are as among everybody", () => {
  const [a, b, missing] = figures(breakdown, everybody);
  assert.equal(a.index, 200);
  assert.equal(Math.round(b.index), 80);
  assert.deepEqual([missing.index, missing.base], [null, null]);
  assert.deepEqual([a.labels, missing.labels], [["A"], ["[null]"]], "names are those of the language that is read");
  assert.ok(figures(breakdown, null).every((one) => one.index === null));
});

test("groups are ordered, and cut to the largest", () => {
  const rows = figures(breakdown, everybody);
  assert.deepEqual(ordered(rows, "index", 1).map((one) => one.id), ['["a"]']);
  assert.equal(ordered(rows, "given", 0).length, 3);
});

test("two groupings are rows and columns, the largest of each in their order", () => {
  const rows = figures({ rows: [row(["a", "x"], 5, 0), row(["a", "y"], 9, 0), row(["b", "x"], 1, 0), row(["c", "y"], 7, 0)] }, null);
  const table = crossed(rows, [2, 2]);
  assert.deepEqual(table.rows.map((one) => one.label), ["[a]", "[c]"]);
  assert.deepEqual(table.cells.map((cell) => [cell.y, cell.x, cell.row.count]), [[0, 0, 5], [0, 1, 9], [1, 1, 7]]);
  assert.equal(table.cut, true);
});
