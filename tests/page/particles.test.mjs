// Particles go by how the word before them ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { particles } from "../../src/http/ui/parts/particles.js";

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
  ]) assert.equal(particles(written), said);
});
