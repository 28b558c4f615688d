// Korean and English, light and dark: changed in the page, kept, and told to the server.

import assert from "node:assert/strict";
import { speaker } from "./lib/words.js";
import { test } from "./lib/test.js";

const ko = speaker("ko");
const en = speaker("en");

test("the language is switched, and what is typed and said stays", {}, async ({ chat: opened }) => {
  const chat = await opened();
  const { page } = chat;
  await chat.say("서울 사는 사람");
  await chat.field.fill("이 중");
  await page.getByRole("button", { name: `${ko("app.language")}: 한국어` }).click();
  await page.getByRole("menuitemradio", { name: "English" }).click();
  await page.getByRole("navigation", { name: en("app.screens") }).getByRole("link", { name: en("app.segments") }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  chat.t = en;
  await chat.written("이 중");
  // The population is told in the words of the catalog in that language.
  await page.getByRole("banner").getByText(/customers who consented/).waitFor();
  // Answers from now on are in English; the page keeps the language.
  await chat.field.fill("");
  await chat.say("only women");
  assert.match((await chat.answer()).reply, /customer/);
  await page.reload();
  await chat.arrived(2);
  await page.getByRole("button", { name: `${en("app.language")}: English` }).waitFor();
});

test("a browser that prefers English gets English", { locale: "en" }, async ({ chat: opened, t }) => {
  const chat = await opened();
  assert.equal(await chat.page.locator("html").getAttribute("lang"), "en");
  assert.match(await chat.page.title(), new RegExp(t("app.chat")));
});

test("the theme is chosen, and kept", {}, async ({ chat: opened }) => {
  const { page } = await opened();
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.getByRole("button", { name: `${ko("app.theme")}: ${ko("app.theme_system")}` }).click();
  await page.getByRole("menuitemradio", { name: ko("app.theme_dark") }).click();
  await page.waitForFunction((was) => getComputedStyle(document.documentElement).backgroundColor !== was, light);
  const dark = await ground();
  await page.reload();
  await page.getByRole("banner").waitFor();
  await page.waitForFunction((was) => getComputedStyle(document.documentElement).backgroundColor === was, dark);
});

test("a marketer sees what a marketer may", {}, async ({ open, t }) => {
  const page = await open();
  const screens = page.getByRole("navigation", { name: t("app.screens") });
  await screens.getByRole("link", { name: t("app.admin"), exact: true }).waitFor();
  await page.getByRole("button", { name: `${t("app.role")}: ${t("app.role_admin")}` }).click();
  await page.getByRole("menuitemradio", { name: t("app.role_marketer") }).click();
  await screens.getByRole("link", { name: t("app.admin"), exact: true }).waitFor({ state: "detached" });
  assert.equal(await screens.getByRole("link", { name: t("app.analyst"), exact: true }).count(), 0);
  await page.goto("/#/admin");
  await page.getByText(t("app.no_right")).waitFor();
});
