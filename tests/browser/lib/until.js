// Waiting for something to become so.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

/** Milliseconds that something may take to become so, and between looks at it. */
const PATIENCE = 10_000;
const LOOK = 50;

/** Waits until `seen()` gives `wanted`. */
export async function until(seen, wanted) {
  for (const from = Date.now(); ; await sleep(LOOK)) {
    const got = await seen();
    if (isDeepStrictEqual(got, wanted)) return;
    if (Date.now() - from > PATIENCE) return assert.deepEqual(got, wanted);
  }
}
