// Waiting for something to become so.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

/** How many times slower than usual the machine may be: BROWSER_SLOW. */
export const SLOWER = Number(process.env.BROWSER_SLOW ?? 1);
/** Milliseconds that something may take to become so, and between looks at it. */
export const PATIENCE = 15_000 * SLOWER;
const LOOK = 50;

/** Waits until `seen()` gives `wanted`. */
export async function until(seen, wanted) {
  for (const from = Date.now(); ; await sleep(LOOK)) {
    const got = await seen();
    if (isDeepStrictEqual(got, wanted)) return;
    if (Date.now() - from > PATIENCE) return assert.deepEqual(got, wanted);
  }
}
