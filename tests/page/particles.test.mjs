// Particles go by how the word before them ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { filled } from "../../src/http/ui/parts/particles.js";

test("a particle fits the word before it", () => {
  for (const [written, said] of [
    ["‘서울 여성’을(를) 삭제했습니다", "‘서울 여성’을 삭제했습니다"],
    ["‘제주’을(를)", "‘제주’를"],
    ["'서울'(으)로 저장", "'서울'로 저장"],
    ["'강남'(으)로", "'강남'으로"],
    ["'제주'(으)로", "'제주'로"],
    ["customers(으)로 고치기", "customers로 고치기"],
    ["‘Netflix’을(를)", "‘Netflix’를"],
    ["‘VIP 10’을(를)", "‘VIP 10’을"],
    ["‘VIP 2’을(를)", "‘VIP 2’를"],
    ["‘Seoul’(으)로", "‘Seoul’로"],
    ["nothing to choose (here)", "nothing to choose (here)"],
  ]) assert.equal(filled(written, {}), said);
});

test("blanks are filled, and nothing is said twice", () => {
  assert.equal(filled("{by}별로 나눠줘", { by: "성별" }), "성별로 나눠줘");
  assert.equal(filled("{by}별로 나눠줘", { by: "연령대" }), "연령대별로 나눠줘");
  assert.equal(filled("‘{name}’을(를) {n}번", { name: "서울", n: 0 }), "‘서울’을 0번");
  assert.equal(filled("{left} and {right}", { left: "a" }), "a and {right}");
  assert.equal(filled("{name}", { name: "{other}" }), "{other}");
});
