// Markup is text, wherever it comes from: values, names and labels of the catalog, notices, what people say, names of
// segments, SQL and its results. And ten thousand groups are scrolled through as ten are.

import assert from "node:assert/strict";
import { hostile } from "./lib/hostile.js";
import { asked } from "./lib/server.js";
import { test, until } from "./lib/test.js";

const IMAGE = `<img src=x onerror="window.hit='image'">`;
const SCRIPT = `"><script>window.hit='said'</script>`;
const NAMES = [`<img src=x onerror="window.hit='name'">`, `"><script>window.hit='name'</script>`, "javascript:window.hit='name'"];

/** Nothing of what was shown has run, and nothing of it became an element or a link. */
async function unharmed(page) {
  const found = await page.evaluate(() => {
    const roots = [document];
    const wrong = [];
    while (roots.length) {
      const root = roots.pop();
      for (const at of root.querySelectorAll("*")) {
        if (at.shadowRoot) roots.push(at.shadowRoot);
        if (at.localName === "img" && !new URL(at.src).pathname.startsWith("/ui/")) wrong.push(at.outerHTML);
        if (at.localName === "script" && !new URL(at.src, location).pathname.startsWith("/ui/")) wrong.push(at.outerHTML);
        if (/^\s*javascript:/i.test(at.getAttribute("href") ?? at.getAttribute("src") ?? at.getAttribute("action") ?? "")) wrong.push(at.outerHTML);
        if ([...at.attributes].some(({ name }) => name.startsWith("on"))) wrong.push(at.outerHTML);
        if (["b", "u", "i", "iframe", "object", "embed", "base"].includes(at.localName)) wrong.push(at.outerHTML);
      }
    }
    return { hit: window.hit ?? null, wrong };
  });
  assert.deepEqual(found, { hit: null, wrong: [] });
}

test("markup in values, labels, replies and what is said is text", { server: hostile }, async ({ chat: opened, t }) => {
  const chat = await opened();
  const { page } = chat;
  // The population's label is in the bar.
  await page.getByRole("banner").getByText("<svg onload=", { exact: false }).first().waitFor();
  const turn = await chat.say("별명이 그림인 사람");
  await turn.getByText(IMAGE, { exact: false }).first().waitFor();
  await chat.say("별명별로 나눠줘");
  await chat.say(`${SCRIPT} ${NAMES[0]}`);
  await page.getByText(SCRIPT, { exact: false }).first().waitFor();
  await chat.say("단골 사람");
  await chat.button("chat.tree").click();
  await page.getByRole("dialog").waitFor();
  await unharmed(page);
});

test("markup in notices and filters is text", { server: hostile }, async ({ chat: opened, base }) => {
  const notices = await asked(base, "/v1/notices");
  assert.ok(notices.some((one) => one.text.includes("<u>")), JSON.stringify(notices));
  const chat = await opened();
  const filters = chat.region("chat.filters");
  const news = filters.getByRole("button", { name: chat.t.like("filters.news") }).first();
  await news.click();
  // New, changed and ended, each told as what it is.
  for (const kind of ["new", "changed", "ended"]) {
    const { text } = notices.find((one) => one.kind === kind);
    const told = filters.getByRole("listitem").filter({ hasText: text }).first();
    await told.getByText(chat.t(`filters.mark_${kind}`), { exact: true }).waitFor();
  }
  // One that is there still is led to, and marked where it is.
  const fresh = notices.find((one) => one.kind === "new" && one.text.includes("<u>"));
  await filters.getByRole("button", { name: fresh.text }).click();
  const marked = filters.getByRole("button", { name: /방문/, expanded: true }).first();
  await marked.getByText(chat.t("filters.mark_new"), { exact: true }).waitFor();
  await filters.getByRole("button", { name: /<script>/ }).click();
  // The category, and each filter of it: one is open at a time.
  await filters.getByRole("button", { name: /<script>/ }).click();
  for (const name of [/별명/, /방문/, /코드/]) {
    await filters.getByRole("listitem").getByRole("button", { name, expanded: false }).first().click();
    await unharmed(chat.page);
  }
  await filters.getByText("<script>", { exact: false }).first().waitFor();
  await unharmed(chat.page);
  // What is written of it into the chat is text, too.
  const search = filters.getByRole("searchbox", { name: chat.t("filters.search"), exact: true });
  await search.fill("그림");
  await filters.getByRole("button", { name: IMAGE }).first().click();
  await until(async () => /<img/.test(await chat.field.inputValue()), true);
  await unharmed(chat.page);
});

test("markup in names of segments is text", { server: hostile }, async ({ chat: opened, open, base, visit }) => {
  const chat = await opened();
  await chat.say("별명이 그림인 사람");
  for (const name of NAMES) await asked(base, "/v1/segments", { name, session: chat.session });
  await chat.say(`세그먼트 '${NAMES[0]}' 불러줘`);
  await unharmed(chat.page);
  const page = await open("#/segments");
  for (const name of NAMES) await page.getByText(name, { exact: false }).first().waitFor();
  await unharmed(page);
  await page.getByText(NAMES[0], { exact: false }).first().click();
  await visit.quiet();
  await unharmed(page);
});

test("markup in SQL and its results is text", { server: hostile }, async ({ open, t }) => {
  const page = await open("#/analyst");
  const editor = page.getByRole("textbox", { name: t("analyst.statement") });
  await editor.fill(`SELECT nick, count(*) AS n FROM people WHERE nick <> '<img src=x onerror="window.hit=''sql''">' GROUP BY nick ORDER BY n DESC`);
  await page.getByRole("button", { name: t("analyst.run"), exact: true }).click();
  await page.getByRole("cell", { name: IMAGE }).waitFor();
  await unharmed(page);
});

/** The longest gap between frames while the wheel is turned, and all of them, in milliseconds. */
const watched = (page) =>
  page.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const tick = (now) => {
      window.frames_.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });

test("ten thousand groups scroll as ten do", { server: hostile }, async ({ chat: opened, t, told }) => {
  const chat = await opened();
  const { page } = chat;
  await chat.say("코드별로 나눠줘");
  const { breakdown } = await chat.answer();
  assert.ok(breakdown.rows.length > 10_000, `${breakdown.rows.length} groups`);
  const found = chat.region("chat.segment");
  const table = found.getByRole("table", { name: t.like("segment.table_of") });
  if (!(await table.count())) await found.getByRole("button", { name: t("common.table"), exact: true }).click();
  await table.waitFor();
  assert.equal(Number(await table.getAttribute("aria-rowcount")), breakdown.rows.length + 1);
  const rows = table.getByRole("row");
  assert.ok((await rows.count()) < 120, `${await rows.count()} rows are drawn`);
  await watched(page);
  await table.hover({ position: { x: 40, y: 100 } });
  for (let n = 0; n < 60; n++) {
    await page.mouse.wheel(0, 700);
    await page.waitForTimeout(8);
  }
  const frames = (await page.evaluate(() => window.frames_)).sort((a, b) => a - b);
  const at = (share) => frames[Math.floor(frames.length * share)].toFixed(0);
  told(`${breakdown.rows.length} groups, scrolled: ${frames.length} frames, half within ${at(0.5)} ms, 95% within ${at(0.95)} ms, the longest ${at(0.9999)} ms`);
  // Loosely: the machine may be busy with something else.
  assert.ok(Number(at(0.5)) < 100, `half of the frames within ${at(0.5)} ms`);
  assert.ok((await rows.count()) < 120);
  // The last group is there at the end.
  const last = breakdown.rows.at(-1).label[0];
  await table.evaluate((at) => {
    let box = at;
    while (box.scrollHeight <= box.clientHeight + 1 || getComputedStyle(box).overflowY === "visible") box = box.parentElement;
    box.scrollTop = box.scrollHeight;
  });
  await table.getByText(last, { exact: true }).waitFor();
  assert.ok((await rows.count()) < 120);
});
