// The analyst's tab: SQL is written, checked, marked where something is wrong, run, and explained.

import assert from "node:assert/strict";
import { asked } from "./lib/server.js";
import { test, until } from "./lib/test.js";

const GOOD = "SELECT gender, count(*) AS n FROM customers GROUP BY gender ORDER BY n DESC";

async function desk(open, t) {
  const page = await open("#/analyst");
  const editor = page.getByRole("textbox", { name: t("analyst.statement") });
  await editor.waitFor();
  return { page, editor, run: page.getByRole("button", { name: t("analyst.run"), exact: true }) };
}

test("SQL is run, and its results are those of the API", {}, async ({ open, t, base }) => {
  const { page, editor, run } = await desk(open, t);
  await editor.fill(GOOD);
  await page.getByRole("status").filter({ hasText: t.like("analyst.may_run") }).waitFor();
  await run.click();
  const { rows } = await asked(base, "/v1/sql/run", { sql: GOOD });
  const found = page.getByRole("region", { name: t("analyst.found") });
  for (const row of rows) {
    await found.getByRole("row").filter({ hasText: String(row[0]) }).filter({ hasText: Number(row[1]).toLocaleString("ko-KR") }).first().waitFor();
  }
  // Whom it was about, and the plan.
  await page.getByRole("tab", { name: t("analyst.answered") }).click();
  await page.getByRole("tabpanel").getByText("pi_consent").first().waitFor();
  await page.getByRole("tab", { name: t("analyst.plan") }).click();
  await page.getByRole("tabpanel").getByText(/Exec|Aggregate/).first().waitFor();
});

test("a fault is marked where it is, and mended by a click", {}, async ({ open, t }) => {
  const { page, editor } = await desk(open, t);
  await editor.fill("SELECT gendr, count(*) AS n\nFROM customers GROUP BY gendr");
  const verdict = page.getByRole("status").filter({ hasText: t.like("analyst.faults") });
  await verdict.waitFor();
  await verdict.getByRole("button", { name: t("analyst.place", { line: 1, column: 8 }) }).first().waitFor();
  // In the text itself, too: the mark has the words of the fault.
  const marked = (at) => {
    const marks = [...at.querySelectorAll("*")].filter((one) => /wavy/.test(getComputedStyle(one).textDecorationStyle));
    return marks.map((one) => one.textContent);
  };
  await until(async () => (await editor.evaluate(marked)).includes("gendr"), true);
  // A click on the place selects it there.
  await verdict.getByRole("button", { name: t("analyst.place", { line: 1, column: 8 }) }).first().click();
  await until(() => editor.evaluate((at) => at === at.getRootNode().activeElement), true);
  // One after the other, until nothing is left: what was put is checked before the next is.
  const mend = verdict.getByRole("button", { name: t("analyst.put", { name: "gender" }) });
  const mayRun = page.getByRole("status").filter({ hasText: t.like("analyst.may_run") });
  for (let faults = 2; faults > 0 && !(await mayRun.count()); faults--) {
    await Promise.all([page.waitForResponse(/\/v1\/sql\/check$/), mend.first().click()]);
    await until(async () => (await mayRun.count()) + (await mend.count()) > 0, true);
  }
  await mayRun.waitFor();
});

test("what may not be run says why, and does not run", {}, async ({ open, t, visit }) => {
  visit.allow(/Failed to load resource.*(400|403|422)/);
  const { page, editor } = await desk(open, t);
  await editor.fill("DELETE FROM customers");
  await page.getByRole("status").filter({ hasText: t.like("analyst.faults") }).waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await editor.fill("SELECT customer_id FROM customers");
  await page.getByRole("status").filter({ hasText: t.like("analyst.faults") }).waitFor();
});

test("names are completed as one writes", {}, async ({ open, t }) => {
  const { page, editor } = await desk(open, t);
  await editor.click();
  await page.keyboard.type("SELECT gen");
  const list = page.getByRole("listbox");
  await list.getByRole("option").filter({ hasText: "gender" }).first().waitFor();
  await page.keyboard.press("Escape");
  assert.match(await editor.innerText(), /SELECT gen/);
});

test("what completes names stands before no button", { width: 390, height: 844 }, async ({ open, t }) => {
  const { page, editor } = await desk(open, t);
  await editor.click();
  await page.keyboard.type(`${GOOD} AND gen`);
  await page.getByRole("listbox").waitFor();
  await page.getByRole("button", { name: t("analyst.run"), exact: true }).click({ trial: true, timeout: 3000 });
});

test("the statement outlives a reload", {}, async ({ open, t }) => {
  const { page, editor } = await desk(open, t);
  await editor.fill(GOOD);
  await page.getByRole("status").filter({ hasText: t.like("analyst.may_run") }).waitFor();
  await page.reload();
  await until(async () => (await editor.innerText()).replaceAll(/\s+/g, " ").trim(), GOOD);
});
