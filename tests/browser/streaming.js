// Answers on their way: seen as they come, stopped, read on after a reload or a break, without losing a turn or making two.

import assert from "node:assert/strict";
import { served, generated, Between } from "./lib/server.js";
import { Chat } from "./lib/chat.js";
import { Visit } from "./lib/browser.js";
import { test } from "./lib/test.js";

const messages = (between) => between.seen.filter(({ method, path }) => method === "POST" && path.endsWith("/messages"));
// What the browser itself says of a request that failed on its way.
const BROKEN = /net::ERR_|Failed to load resource/;

test("an answer is seen as it comes", { slow: true }, async ({ chat: opened, between }) => {
  const chat = await opened();
  await chat.field.fill("서울 사는 여성");
  between.hold = "*";
  await chat.field.press("Enter");
  await chat.coming.filter({ hasText: "서울 사는 여성" }).waitFor();
  // How it was read is there before the answer is.
  between.hold = "done";
  await chat.coming.filter({ hasText: "거주 시도 = 서울" }).waitFor();
  assert.equal(await chat.turns(), 0);
  between.hold = null;
  await chat.arrived(1);
});

test("a reload in the middle of an answer", { slow: true }, async ({ chat: opened, between }) => {
  const chat = await opened();
  await chat.say("서울 사는 사람");
  between.hold = "done";
  await chat.field.fill("이 중 여성만");
  await chat.field.press("Enter");
  await chat.coming.filter({ hasText: "성별 = 여성" }).waitFor();
  await chat.page.reload();
  // It is on its way again, without anybody saying it again.
  await chat.coming.filter({ hasText: "여성" }).waitFor();
  between.hold = null;
  const turn = await chat.arrived(2);
  assert.ok((await chat.count(turn)) > 0);
  assert.deepEqual((await chat.kept()).history.map((one) => one.said), ["서울 사는 사람", "이 중 여성만"]);
  assert.equal(await chat.turns(), 2);
});

test("a reload before the very first answer", { slow: true }, async ({ chat: opened, between }) => {
  const chat = await opened();
  between.hold = "*";
  await chat.field.fill("서울 사는 사람");
  await chat.field.press("Enter");
  await chat.page.waitForURL(/#\/chat\/.+/);
  await chat.page.reload();
  await chat.coming.waitFor();
  between.hold = null;
  await chat.arrived(1);
  assert.deepEqual((await chat.kept()).history.map((one) => one.said), ["서울 사는 사람"]);
});

test("a stream that breaks off is read on where it broke", { slow: true }, async ({ chat: opened, between, visit }) => {
  visit.allow(BROKEN);
  const chat = await opened();
  between.cut = 2;
  await chat.field.fill("서울 사는 여성");
  await chat.field.press("Enter");
  await chat.arrived(1);
  const asked = messages(between);
  assert.equal(asked.length, 2);
  assert.equal(asked[0].headers["idempotency-key"], asked[1].headers["idempotency-key"]);
  assert.ok(asked[1].headers["last-event-id"], "where it broke is told");
  assert.equal((await chat.kept()).history.length, 1);
});

test("a server that cannot be reached for a while loses no turn", { slow: true }, async ({ chat: opened, between, visit, t }) => {
  visit.allow(BROKEN);
  const chat = await opened();
  await chat.say("서울 사는 사람");
  between.down = true;
  await chat.field.fill("이 중 여성만");
  await chat.field.press("Enter");
  await chat.page.getByText(t("app.offline")).waitFor();
  await chat.coming.filter({ hasText: t("chat.waiting") }).waitFor();
  between.down = false;
  await chat.arrived(2);
  await chat.page.getByText(t("app.offline")).waitFor({ state: "detached" });
  assert.equal((await chat.kept()).history.length, 2);
});

test("what is said while there is no conversation yet can be stopped, and is not lost on reload", {}, async ({ chat: opened, visit }) => {
  const chat = await opened();
  // The server takes its time to make one.
  let made = () => {};
  const waits = new Promise((done) => (made = done));
  await visit.context.route("**/v1/sessions", async (route) => {
    await waits;
    await route.continue().catch(() => {});
  });
  await chat.field.fill("서울 사는 사람");
  await chat.field.press("Enter");
  await chat.coming.waitFor();
  await chat.button("chat.stop").click();
  await chat.coming.waitFor({ state: "detached" });
  await chat.written("서울 사는 사람");
  await chat.field.press("Enter");
  await chat.coming.waitFor();
  await chat.page.reload();
  await chat.written("서울 사는 사람");
  await visit.context.unroute("**/v1/sessions");
  made();
  await chat.field.press("Enter");
  await chat.arrived(1);
});

test("an answer is stopped, and what was said is in the field again", { slow: true }, async ({ chat: opened, between, visit }) => {
  visit.allow(BROKEN);
  const chat = await opened();
  await chat.say("서울 사는 사람");
  between.hold = "done";
  await chat.field.fill("이 중 여성만");
  await chat.field.press("Enter");
  await chat.button("chat.stop").click();
  await chat.coming.waitFor({ state: "detached" });
  await chat.written("이 중 여성만");
  between.hold = null;
  // It is said again, and holds once.
  await chat.field.press("Enter");
  await chat.written("");
  await chat.last("이 중 여성만");
  assert.match((await chat.answer()).text, /^[^F]*gender = 'F'[^F]*$/);
});

test("a server that is started anew has the conversation", {}, async () => {
  const data = generated("data", { customers: 20_000 });
  let server = await served("anew", { data, args: ["--min-group", "0"] });
  const between = await Between.before(server.base);
  const visit = await Visit.to(between.base);
  visit.allow(BROKEN);
  try {
    const chat = await Chat.of(visit);
    await chat.say("서울 사는 사람");
    await server.stop();
    await chat.field.fill("이 중 여성만");
    await chat.field.press("Enter");
    await chat.coming.filter({ hasText: visit.t("chat.waiting") }).waitFor();
    server = await served("anew", { data, args: ["--min-group", "0"], listen: new URL(server.base).host });
    await chat.arrived(2);
    assert.equal((await chat.kept()).history.length, 2);
    await visit.end();
  } finally {
    await between.stop();
    await server.stop();
  }
});
