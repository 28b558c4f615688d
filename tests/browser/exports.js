// Segments that were saved, and exports: the reach before anything leaves, progress, the file, and what it was made from.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { asked } from "./lib/server.js";
import { test, until } from "./lib/test.js";

const ko = (n) => n.toLocaleString("ko-KR");
const button = (at, t, name, values) => at.getByRole("button", { name: t(name, values), exact: true });

/** Saves what `said` finds as `name`, without the page. */
async function kept(base, name, ...said) {
  const { id: session } = await asked(base, "/v1/sessions", {});
  for (const text of said) await asked(base, `/v1/sessions/${session}/messages`, { text, locale: "ko" });
  return asked(base, "/v1/segments", { name, session });
}

test("an export's file has as many rows as the count", {}, async ({ open, t, base }) => {
  const segment = await kept(base, "내보낼 여성", "서울 사는 여성", "연령 30대만");
  const page = await open(`#/exports/new?segment=${segment.id}`);
  // Who leaves is seen before anything does: by channel, fewer.
  const leaving = page.getByRole("complementary", { name: t("exports.who_leaves") });
  await leaving.getByRole("cell", { name: ko(segment.count) }).first().waitFor();
  await page.getByRole("combobox", { name: t("exports.channel") }).selectOption("sms");
  const reach = await asked(base, `/v1/segments/${segment.id}/reach`, { channel: "sms" });
  const fewer = reach.steps.at(-1).count;
  assert.ok(fewer < segment.count);
  const send = button(leaving, t, "exports.export_n", { n: ko(fewer) });
  await send.waitFor();
  await until(() => send.isEnabled(), true);
  await send.click();
  await page.waitForURL(/#\/exports\/(?!new)/);
  const [file] = await Promise.all([page.waitForEvent("download"), button(page.getByRole("main"), t, "common.download").first().click()]);
  const lines = readFileSync(await file.path(), "utf8").trim().split(/\r?\n/);
  assert.equal(lines.length - 1, fewer, "rows of the file");
  // No identifier as it is.
  assert.ok(!lines[0].split(",").includes("customer_id") || !/^\d+$/.test(lines[1].split(",")[0]), lines.slice(0, 2).join("\n"));
  // The manifest says what it was made from.
  await button(page, t, "exports.manifest").click();
  const manifest = page.getByRole("dialog", { name: t("exports.manifest") });
  await manifest.getByText(segment.text.slice(0, 20)).first().waitFor();
  await page.keyboard.press("Escape");
  // It is in the list, under its segment's name.
  const list = await open("#/exports");
  await list.getByRole("link", { name: "내보낼 여성" }).first().waitFor();
});

test("a hold-out group leaves in a file of its own", {}, async ({ open, t, base }) => {
  const segment = await kept(base, "나눌 사람", "서울 사는 사람");
  const page = await open(`#/exports/new?segment=${segment.id}`);
  await page.getByRole("textbox", { name: t("exports.hold_out"), exact: true }).fill("20");
  const send = page.getByRole("complementary", { name: t("exports.who_leaves") }).getByRole("button");
  // Until the reach is that of the order as it stands, nothing can leave.
  await until(() => send.isEnabled(), true);
  await send.click();
  await page.waitForURL(/#\/exports\/(?!new)/);
  const downloads = button(page.getByRole("main"), t, "common.download");
  await until(() => downloads.count(), 2);
  const rows = [];
  for (const at of [0, 1]) {
    const [file] = await Promise.all([page.waitForEvent("download"), downloads.nth(at).click()]);
    rows.push(readFileSync(await file.path(), "utf8").trim().split(/\r?\n/).length - 1);
  }
  assert.equal(rows[0] + rows[1], segment.count);
  assert.ok(Math.abs(Math.min(...rows) / segment.count - 0.2) < 0.05, `${rows}`);
});

test("a wizard that was reloaded has what was chosen", {}, async ({ open, t, base }) => {
  const segment = await kept(base, "다시 연 마법사", "서울 사는 사람");
  const page = await open(`#/exports/new?segment=${segment.id}`);
  await page.getByRole("combobox", { name: t("exports.format") }).selectOption("xlsx");
  await page.getByRole("textbox", { name: t("exports.hold_out"), exact: true }).fill("10");
  await page.reload();
  await until(() => page.getByRole("textbox", { name: t("exports.hold_out"), exact: true }).inputValue(), "10");
  await until(() => page.getByRole("combobox", { name: t("exports.format") }).inputValue(), "xlsx");
});

test("segments are searched, deleted, and the deletion is taken back", {}, async ({ open, t, base }) => {
  const segment = await kept(base, "지울 세그먼트", "부산 사는 사람");
  await kept(base, "남길 세그먼트", "대구 사는 사람");
  const page = await open("#/segments");
  const list = page.getByRole("region", { name: t("segments.list") });
  await list.getByRole("searchbox", { name: t("segments.search") }).or(list.getByRole("textbox", { name: t("segments.search") })).fill("지울");
  await until(() => list.getByRole("link").allInnerTexts(), ["지울 세그먼트"]);
  await list.getByRole("link", { name: "지울 세그먼트" }).click();
  await button(page, t, "segments.more_deeds", { name: "지울 세그먼트" }).click();
  await page.getByRole("menuitem", { name: t("common.delete") }).click();
  const note = page.getByRole("status").filter({ hasText: t("segments.was_deleted", { name: "지울 세그먼트" }) });
  await note.waitFor();
  await until(async () => (await asked(base, "/v1/segments")).some((one) => one.id === segment.id), false);
  await note.getByRole("button", { name: t("common.undo"), exact: true }).click();
  await until(async () => (await asked(base, "/v1/segments")).some((one) => one.id === segment.id), true);
  await list.getByRole("link", { name: "지울 세그먼트" }).waitFor();
});

test("two of the list are compared", {}, async ({ open, t, base }) => {
  const one = await kept(base, "나란히 하나", "서울 사는 사람");
  const two = await kept(base, "나란히 둘", "서울 사는 여성");
  const page = await open("#/segments");
  for (const { name } of [one, two]) await page.getByRole("checkbox", { name: t("segments.choose", { name }) }).check();
  await button(page.getByRole("region", { name: t("segments.list") }), t, "segments.compare").click();
  await page.getByRole("img", { name: t.like("segments.overlap_label") }).waitFor();
  const both = (await asked(base, `/v1/segments/${one.id}/compare?with=${two.id}`)).both;
  assert.equal(both, two.count);
  await page.getByRole("main").getByText(ko(both)).first().waitFor();
});

test("a segment is counted anew, and has a history", {}, async ({ open, t, base }) => {
  const segment = await kept(base, "추이를 볼 사람", "서울 사는 사람");
  const page = await open(`#/segments/${segment.id}`);
  await button(page, t, "segments.refresh").click();
  await page.getByText(t("segments.was_counted", { count: ko(segment.count) })).waitFor();
  // A line of two counts, and the numbers behind it.
  await page.getByRole("img", { name: t.like("segments.history_label") }).waitFor();
  await page.getByText(t("segments.numbers", { n: "2" })).click();
  const rows = page.getByRole("table", { name: t("segments.history") }).getByRole("row");
  await until(() => rows.filter({ hasText: ko(segment.count) }).count(), 2);
});

test("a segment is shared with all, and for oneself again", {}, async ({ open, t, base }) => {
  const segment = await kept(base, "나눌 세그먼트", "서울 사는 사람");
  const isPublic = async () => (await asked(base, `/v1/segments/${segment.id}`)).public;
  const page = await open(`#/segments/${segment.id}`);
  const list = page.getByRole("region", { name: t("segments.list") });
  await button(page, t, "segments.share").click();
  await page.getByText(t("segments.is_shared")).waitFor();
  assert.equal(await isPublic(), true);
  await list.getByRole("listitem").filter({ hasText: "나눌 세그먼트" }).getByText(t("segments.public"), { exact: true }).waitFor();
  await button(list, t, "segments.of_shared").click();
  await list.getByRole("link", { name: "나눌 세그먼트" }).waitFor();
  await button(page, t, "segments.stop_sharing").click();
  await page.getByText(t("segments.is_not_shared")).waitFor();
  assert.equal(await isPublic(), false);
  await list.getByRole("link", { name: "나눌 세그먼트" }).waitFor({ state: "detached" });
});
