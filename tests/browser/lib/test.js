// A test: a name, what is needed, and what is done with it. Servers are started when the first test needs them, and serve
// all tests of a kind.

import { after, test as registered } from "node:test";
import { Visit, closed } from "./browser.js";
import { Chat } from "./chat.js";
import { Between, generated, served } from "./server.js";
import { SLOWER } from "./until.js";

export { until } from "./until.js";

/** Customers of the data: enough for both turns of the first conversation to find somebody. */
const CUSTOMERS = 20_000;
/** Milliseconds that a test may take. */
const LONGEST = 90_000;

const servers = new Map();
const betweens = new Map();

/** The server of that name, started by `start` when it is needed first. */
export function shared(name, start) {
  if (!servers.has(name)) servers.set(name, start());
  return servers.get(name);
}
/** A server of that name with the reference data, which shows small groups. */
export const withReference = (name) => shared(name, () => served(name, { data: generated("data", { customers: CUSTOMERS }), args: ["--min-group", "0"] }));
/** The one that most tests share. */
export const reference = () => withReference("reference");

/** What stands between the page and the reference server. */
async function between() {
  const { base } = await reference();
  if (!betweens.has(base)) betweens.set(base, await Between.before(base));
  return Object.assign(betweens.get(base), { hold: null, cut: 0, down: false, seen: [] });
}

after(async () => {
  await closed();
  await Promise.all([...betweens.values()].map((one) => one.stop()));
  // One that could not be started has failed the tests that needed it.
  await Promise.allSettled([...servers.values()].map(async (one) => (await one).stop()));
});

/**
 * `test("name", { locale, theme, width, slow, base }, async ({ visit, chat, open, t, base, between, told }) => …)`.
 * `slow` puts a `Between` before the server. `chat()` opens the chat, `open(hash)` any place; `told` says what was measured.
 */
export function test(name, options, body) {
  if (typeof options === "function") [options, body] = [{}, options];
  registered(name, { timeout: (options.timeout ?? LONGEST) * SLOWER }, async (context) => {
    const way = options.slow ? await between() : null;
    const server = options.server ? await options.server() : await reference();
    const visit = await Visit.to(way?.base ?? server.base, options);
    let done = false;
    try {
      await body({
        visit,
        t: visit.t,
        base: server.base,
        between: way,
        open: (hash) => visit.open(hash),
        chat: (hash) => Chat.of(visit, hash),
        told: (text) => context.diagnostic(`measured: ${text}`),
      });
      done = true;
    } finally {
      // Why the test failed says more than what the browser complained of.
      const ended = visit.end();
      if (done) await ended;
      else await ended.catch((error) => process.stdout.write(`${error.message}\n`));
    }
  });
}
