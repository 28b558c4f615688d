// What is typed: syllables that are being composed, a reload, the keyboard alone.

import assert from "node:assert/strict";
import { test, until } from "./lib/test.js";

/** The keyboard of somebody who writes with an input method: `compose` shows what is not settled yet. */
async function inputMethod(visit, page) {
  const cdp = await visit.context.newCDPSession(page);
  const key = (type, windowsVirtualKeyCode, name) =>
    cdp.send("Input.dispatchKeyEvent", { type, windowsVirtualKeyCode, key: name, code: name, ...(windowsVirtualKeyCode === 13 && type === "keyDown" ? { text: "\r" } : {}) });
  return {
    compose: (text) => cdp.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length }),
    settle: (text) => cdp.send("Input.insertText", { text }),
    // As a browser tells the Enter that ends a syllable: a key that the input method has taken.
    taken: async () => {
      await key("rawKeyDown", 229, "Enter");
      await key("keyUp", 13, "Enter");
    },
    enter: async () => {
      await key("keyDown", 13, "Enter");
      await key("keyUp", 13, "Enter");
    },
  };
}

test("no message is sent while a syllable is being composed", {}, async ({ chat: opened, visit }) => {
  const chat = await opened();
  const sent = [];
  chat.page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  const hands = await inputMethod(visit, chat.page);
  await chat.field.click();
  for (const part of ["ㅅ", "서"]) await hands.compose(part);
  await hands.settle("서");
  for (const part of ["ㅇ", "우", "울"]) await hands.compose(part);
  await chat.written("서울");
  // Enter while "울" is not settled ends the syllable, however the browser tells it.
  await hands.taken();
  await hands.taken();
  assert.equal(await chat.turns(), 0);
  assert.deepEqual(sent, []);
  assert.match(await chat.field.inputValue(), /^서울$/);
  await hands.settle("울");
  await hands.settle(" 사는 사람");
  await chat.written("서울 사는 사람");
  // The next Enter sends, once, all of it.
  await hands.enter();
  await chat.arrived(1);
  const { history } = await chat.kept();
  assert.deepEqual(history.map((turn) => turn.said), ["서울 사는 사람"]);
  assert.equal(sent.filter((url) => url.endsWith("/messages")).length, 1);
  await chat.written("");
});

test("Enter within a composition is no Enter, also where it is told as one", {}, async ({ chat: opened, visit }) => {
  const chat = await opened();
  const hands = await inputMethod(visit, chat.page);
  await chat.field.click();
  await hands.compose("강남");
  // Chromium says `isComposing` with this one, and the key's own code.
  await chat.page.evaluate(() => addEventListener("keydown", (e) => (window.told = [e.isComposing, e.keyCode]), { capture: true }));
  await hands.enter();
  assert.deepEqual(await chat.page.evaluate(() => window.told), [true, 13]);
  assert.equal(await chat.turns(), 0);
  assert.equal(await chat.page.getByRole("article").count(), 0);
});

test("Shift and Enter begin a new line", {}, async ({ chat: opened }) => {
  const chat = await opened();
  await chat.field.fill("서울 사는");
  await chat.field.press("Shift+Enter");
  await chat.field.pressSequentially("사람");
  await chat.written("서울 사는\n사람");
  assert.equal(await chat.turns(), 0);
});

test("nothing typed is lost on reload", {}, async ({ chat: opened }) => {
  const chat = await opened();
  await chat.field.fill("아직 보내지 않은 말");
  await chat.page.reload();
  await chat.written("아직 보내지 않은 말");
  await chat.say("서울 사는 사람");
  await chat.field.fill("이 중");
  await chat.page.reload();
  await chat.arrived(1);
  await chat.written("이 중");
});

test("the first key leads past the bar to what one came for", {}, async ({ open, t }) => {
  const page = await open("#/segments");
  await page.getByRole("heading", { level: 1, name: t("segments.title") }).waitFor();
  await page.keyboard.press("Tab");
  await until(() => page.evaluate(() => document.activeElement.innerText.trim()), t("app.skip"));
  await page.keyboard.press("Enter");
  await until(() => page.evaluate(() => document.activeElement.id), "content");
});

test("the chat is used with the keyboard alone", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  const { page } = chat;
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.innerText?.trim() ?? "");
  /** Presses Tab until what is focused has that name. */
  const reach = async (name, key = "Tab") => {
    for (let n = 0; n < 80; n++) {
      await page.keyboard.press(key);
      if ((await focused()) === name) return;
    }
    assert.fail(`${name} cannot be reached`);
  };
  // One can write at once.
  await until(focused, t("chat.ask"));
  await page.keyboard.type("서울 사는 사람");
  await page.keyboard.press("Enter");
  await chat.arrived(1);
  await until(focused, t("chat.ask"));
  await reach(t("chat.undo"), "Shift+Tab");
  await page.keyboard.press("Enter");
  await chat.arrived(2);
  // A menu: opened, gone through and closed; the focus is back where it was.
  const menu = page.getByRole("button", { name: t.like("app.theme"), exact: false }).first();
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitemradio").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  await until(() => menu.evaluate((at) => at === document.activeElement), true);
});
