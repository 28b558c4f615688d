// How heavy the page is and how soon it can be used, as a browser measures it on this machine.

import assert from "node:assert/strict";
import { availableParallelism, loadavg } from "node:os";
import { Visit } from "./lib/browser.js";
import { Chat } from "./lib/chat.js";
import { test } from "./lib/test.js";

/** Bytes that the page may take from the network, compressed, before and after what is loaded when it is needed. */
const LIGHT = 700 * 1024;
/** Milliseconds until one can write, and how often it is tried: the machine may be busy with something else. */
const SOON = 1000;
const TRIES = 7;
/** What is loaded when it is first needed. */
const LATER = /\/vendor\/(echarts|codemirror)\.js$/;

/** Counts what goes over the network from now on, by file. */
async function weighed(visit, page) {
  const cdp = await visit.context.newCDPSession(page);
  const files = new Map();
  const urls = new Map();
  cdp.on("Network.responseReceived", ({ requestId, response }) => urls.set(requestId, response.url));
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const { pathname } = new URL(urls.get(requestId) ?? "about:blank");
    files.set(pathname, (files.get(pathname) ?? 0) + encodedDataLength);
  });
  await cdp.send("Network.enable");
  await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
  return files;
}
const sum = (files, wanted = () => true) => [...files].filter(([path]) => wanted(path)).reduce((all, [, bytes]) => all + bytes, 0);
const kb = (bytes) => `${Math.round(bytes / 1024)} kB`;

test("the page is light, and charts and the editor come when they are needed", {}, async ({ visit, told, t }) => {
  if (process.env.BROWSER_UI) return told("not the weight: files from a folder are not compressed");
  const page = await visit.context.newPage();
  const files = await weighed(visit, page);
  await page.goto("/");
  const chat = new Chat(visit, page);
  await chat.field.waitFor();
  await visit.quiet();
  const first = sum(files);
  assert.equal(sum(files, (path) => LATER.test(path)), 0, "nothing of that is loaded at first");
  await chat.say("서울 사는 사람 연령대별로");
  await page.getByRole("navigation", { name: t("app.screens") }).getByRole("link", { name: t("app.analyst"), exact: true }).click();
  await visit.quiet();
  const later = sum(files, (path) => LATER.test(path));
  told(`${kb(first)} in ${files.size} files before one can write; ${kb(later)} of charts and editor when they are needed`);
  assert.ok(first < LIGHT, `${first} bytes`);
  // All of it together, too.
  assert.ok(sum(files, (path) => path === "/" || path.startsWith("/ui/")) < LIGHT, kb(sum(files)));
});

test("one can write within a second", {}, async ({ base, told }) => {
  const times = [];
  for (let n = 0; n < TRIES; n++) {
    // Each with nothing kept of the one before.
    const visit = await Visit.to(base);
    const page = await visit.context.newPage();
    // The moment at which the field takes letters, by the page's own clock, which begins when one goes there.
    await page.addInitScript(() => {
      const look = () => {
        const field = document.querySelector("textarea");
        if (field && !field.disabled && field.getClientRects().length) window.ready = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto("/");
    times.push(await (await page.waitForFunction(() => window.ready)).jsonValue());
    await new Chat(visit, page).field.fill("서울");
    await visit.end();
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  const load = loadavg()[0];
  told(`one can write after ${Math.round(median)} ms, the median of ${times.map(Math.round).join(", ")}; load average ${load.toFixed(1)} on ${availableParallelism()} cores`);
  // Where others have work for more than all cores, each gets its share of them.
  const share = Math.max(1, load / availableParallelism());
  assert.ok(median < SOON * share, `${times.map(Math.round)} ms`);
});
