// For those who run the service: evaluations, what users said of answers, API keys and the audit log; and signing in.

import assert from "node:assert/strict";
import { Visit } from "./lib/browser.js";
import { asked, generated, ran, served } from "./lib/server.js";
import { test, until } from "./lib/test.js";

const button = (at, t, name, values) => at.getByRole("button", { name: t(name, values), exact: true });

test("what a user said of an answer is approved into a set, and translators are evaluated by it", {}, async ({ open, t, base }) => {
  const { id: session } = await asked(base, "/v1/sessions", {});
  const { turn } = await asked(base, `/v1/sessions/${session}/messages`, { text: "부산 사는 20대 여성", locale: "ko" });
  await asked(base, "/v1/feedback", { session, turn, verdict: "right", comment: "잘 읽었음" });
  const page = await open("#/evaluation/feedback");
  const candidate = page.getByRole("listitem").filter({ hasText: "잘 읽었음" });
  await button(candidate, t, "evaluation.approve").click();
  await page.getByText(t("evaluation.approved")).waitFor();
  // A run by the set, with the built-in translator.
  await page.getByRole("tab", { name: t("evaluation.tab_runs") }).click();
  await button(page, t, "evaluation.start").click();
  const dialog = page.getByRole("dialog", { name: t("evaluation.start") });
  await dialog.getByRole("combobox", { name: t("evaluation.choose_set") }).selectOption("feedback");
  await button(dialog, t, "evaluation.start").click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("row").filter({ hasText: "feedback" }).filter({ hasText: t("evaluation.state_done") }).first().waitFor();
  const runs = await asked(base, "/v1/eval/runs");
  assert.equal(runs[0].set, "feedback");
  assert.equal(runs[0].state, "done");
  await page.getByRole("row").filter({ hasText: "feedback" }).getByRole("link").first().click();
  await page.waitForURL(/#\/evaluation\/run\//);
  await page.getByRole("main").getByText("feedback").first().waitFor();
});

test("a key is made, shown once, and revoked", {}, async ({ open, t, base }) => {
  const page = await open("#/admin/keys");
  await button(page, t, "admin.make_key").click();
  const dialog = page.getByRole("dialog", { name: t("admin.make_key") });
  await dialog.getByRole("textbox", { name: t("admin.key_name"), exact: true }).fill("시험용 키");
  await button(dialog, t, "admin.make_key").click();
  const shown = page.getByRole("dialog", { name: t("admin.key_made") });
  const value = shown.getByRole("textbox", { name: t("admin.key_value") });
  await until(async () => /^wgl_/.test(await value.inputValue()), true);
  await button(shown, t, "admin.copy_key").click();
  await button(shown, t, "admin.key_done").click();
  await shown.waitFor({ state: "detached" });
  const row = page.getByRole("row").filter({ hasText: "시험용 키" });
  await button(row, t, "admin.revoke_key", { name: "시험용 키" }).click();
  await button(page.getByRole("dialog"), t, "admin.revoke").click();
  await page.getByText(t("admin.revoked"), { exact: true }).first().waitFor();
  assert.ok((await asked(base, "/v1/keys")).find((key) => key.name === "시험용 키").revoked);
});

test("the audit log is read and its chain verified", {}, async ({ open, t, base }) => {
  await asked(base, "/v1/sessions", {});
  const page = await open("#/admin/audit");
  await page.getByRole("table", { name: t("admin.audit") }).getByRole("row").nth(1).waitFor();
  await button(page, t, "admin.verify").click();
  await page.getByRole("status").filter({ hasText: t.like("admin.holds") }).waitFor();
});

test("who needs a key signs in with it, and sees what it may", {}, async () => {
  const data = generated("data", { customers: 20_000 });
  const store = `${process.env.BROWSER_TEMP}/locked.db`;
  const { key } = JSON.parse(ran("keys", "create", "--json", "--store", store, "--name", "마케터", "--role", "marketer"));
  const server = await served("locked", { data, store, args: ["--auth-mode", "on"] });
  const visit = await Visit.to(server.base);
  visit.allow(/Failed to load resource.*401/);
  const { t } = visit;
  try {
    const page = await visit.context.newPage();
    await page.goto("/");
    const field = page.getByLabel(t("app.key"), { exact: true });
    await field.fill("wrong-key");
    await button(page, t, "app.sign_in").click();
    await page.getByRole("alert").filter({ hasText: t("app.key_wrong") }).waitFor();
    await field.fill(key);
    await button(page, t, "app.sign_in").click();
    const screens = page.getByRole("navigation", { name: t("app.screens") });
    await screens.getByRole("link", { name: t("app.segments"), exact: true }).waitFor();
    assert.equal(await screens.getByRole("link", { name: t("app.admin"), exact: true }).count(), 0);
    // The key is in no address, and not kept beyond the tab.
    assert.ok(!page.url().includes(key));
    assert.deepEqual(await page.evaluate((secret) => Object.values(localStorage).filter((value) => value.includes(secret)), key), []);
    await page.reload();
    await screens.waitFor();
    await page.getByRole("button", { name: `${t("app.role")}: ${t("app.role_marketer")}` }).click();
    await page.getByRole("menuitem", { name: t("app.sign_out") }).or(page.getByRole("menuitemradio", { name: t("app.sign_out") })).click();
    await field.waitFor();
    await visit.end();
  } finally {
    await server.stop();
  }
});
