// What was found: its conditions changed by hand, each change a turn; the refinement as a funnel; groups; SQL; saving and
// comparing. And the filters on the left, that write words.

import assert from "node:assert/strict";
import { asked } from "./lib/server.js";
import { test, until } from "./lib/test.js";

/** The conversation that most of it is done with. */
async function women(opened) {
  const chat = await opened();
  await chat.say("서울 사는 사람");
  const turn = await chat.say("이 중 여성만");
  return { chat, found: chat.region("chat.segment"), count: await chat.count(turn) };
}
const button = (at, t, name, values) => at.getByRole("button", { name: t(name, values), exact: true });

test("the segment shows the count, its conditions and how it came to them", {}, async ({ chat: opened }) => {
  const { chat, found, count } = await women(opened);
  await found.getByText(count.toLocaleString("ko-KR"), { exact: true }).first().waitFor();
  const { reading, population } = await chat.answer();
  for (const line of reading) await found.getByText(line, { exact: true }).first().waitFor();
  // The refinement: everybody, those of Seoul, the women among them.
  const [first] = (await chat.kept()).history;
  for (const n of [population, first.answer.count, count]) await found.getByText(n.toLocaleString("ko-KR")).first().waitFor();
});

test("a condition is removed, and that is a turn", {}, async ({ chat: opened, t }) => {
  const { chat, found } = await women(opened);
  await chat.after(() => button(found, t, "segment.remove_this", { reading: "거주 시도 = 서울" }).click());
  const answer = await chat.answer();
  assert.equal(answer.text, "gender = 'F'");
  await until(() => found.getByText("거주 시도 = 서울", { exact: true }).count(), 0);
  // Undo takes the change back as any other.
  await chat.after(() => chat.button("chat.undo").click());
  assert.match((await chat.answer()).text, /home_sido/);
});

test("a condition is turned to its opposite", {}, async ({ chat: opened, t }) => {
  const { chat, found, count } = await women(opened);
  const seoul = (await chat.kept()).history[0].answer.count;
  await button(found, t, "segment.deeds", { reading: "성별 = 여성" }).click();
  await chat.after(() => chat.page.getByRole("menuitem", { name: t("segment.negate") }).click());
  assert.equal((await chat.answer()).count, seoul - count);
});

test("a condition is edited: other values are ticked", {}, async ({ chat: opened, t }) => {
  const { chat, found } = await women(opened);
  await found.getByRole("button", { name: "거주 시도 = 서울", exact: true }).click();
  const dialog = chat.page.getByRole("dialog", { name: t("segment.edit_title") });
  await dialog.getByRole("textbox", { name: t("segment.search_values") }).or(dialog.getByRole("searchbox", { name: t("segment.search_values") })).fill("ㅂㅅ");
  await dialog.getByRole("checkbox", { name: /^부산/ }).check();
  await chat.after(() => button(dialog, t, "segment.apply").click());
  const { text } = await chat.answer();
  assert.match(text, /home_sido IN \('부산광역시', '서울특별시'\)|home_sido IN \('서울특별시', '부산광역시'\)/);
});

test("two conditions become alternatives by a menu, and by dragging one onto the other", {}, async ({ chat: opened, t }) => {
  const { chat, found, count } = await women(opened);
  await button(found, t, "segment.deeds", { reading: "성별 = 여성" }).click();
  await chat.after(() => chat.page.getByRole("menuitem", { name: t("segment.or_with", { reading: "거주 시도 = 서울" }) }).click());
  const either = await chat.answer();
  assert.match(either.text, / OR /);
  assert.ok(either.count > count);
  await chat.after(() => chat.button("chat.undo").click());
  await until(async () => (await chat.answer()).count, count);
  const part = (reading) => found.getByRole("listitem").filter({ has: chat.page.getByRole("button", { name: reading, exact: true }) });
  await chat.after(() => part("성별 = 여성").dragTo(part("거주 시도 = 서울")));
  assert.equal((await chat.answer()).count, either.count);
});

test("conditions are dragged into a group, and out of it again", {}, async ({ chat: opened, t }) => {
  const { chat, found } = await women(opened);
  const three = await chat.count(await chat.say("20대만"));
  // By where it is drawn: a group has the conditions within it, too.
  const part = (reading) => found.getByRole("button", { name: reading, exact: true });
  const text = async () => (await chat.answer()).text;
  const others = (await chat.answer()).reading.filter((line) => line !== "거주 시도 = 서울");
  await chat.after(() => part(others[0]).dragTo(part("거주 시도 = 서울")));
  assert.match(await text(), / OR /);
  const two = (await chat.answer()).count;
  assert.ok(two > three, `${two} of ${three}`);
  // The third, into the same group.
  await chat.after(() => part(others[1]).dragTo(part("거주 시도 = 서울")));
  assert.equal((await text()).match(/ OR /g).length, 2);
  assert.ok((await chat.answer()).count > two);
  // And out of it: while it is dragged there is a place where it stands by itself.
  const from = await part(others[1]).boundingBox();
  const { mouse } = chat.page;
  await chat.after(async () => {
    await mouse.move(from.x + 10, from.y + from.height / 2);
    await mouse.down();
    await mouse.move(from.x + 20, from.y + from.height / 2 + 6, { steps: 3 });
    const strip = found.getByText(t("segment.drop_and"), { exact: true });
    await strip.waitFor();
    const to = await strip.boundingBox();
    await mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 5 });
    await mouse.up();
  });
  assert.equal((await chat.answer()).count, two);
});

test("a chart is copied as an image", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  await chat.say("서울 사는 사람 연령대별로");
  const found = chat.region("chat.segment");
  await found.getByRole("img", { name: /연령대별/ }).waitFor();
  await button(found, t, "segment.copy_image").click();
  await chat.page.getByText(t("segment.image_copied")).waitFor();
  const size = await chat.page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const { width, height } = await createImageBitmap(await item.getType("image/png"));
    return { width, height };
  });
  assert.ok(size.width > 300 && size.height > 100, JSON.stringify(size));
});

test("the bar tells who is analysed, and who of the segment can be reached", {}, async ({ chat: opened, t, base }) => {
  const chat = await opened();
  const bar = chat.page.getByRole("banner");
  const { population, channels } = await asked(base, "/v1/catalog");
  await bar.getByText(population.count.toLocaleString("ko-KR")).first().waitFor();
  await chat.say("서울 사는 사람");
  await bar.getByText(t("app.reach"), { exact: true }).waitFor();
  for (const { name } of channels) {
    const { steps } = await asked(base, `/v1/sessions/${chat.session}/reach`, { channel: name });
    const told = bar.getByRole("definition").filter({ hasText: steps.at(-1).count.toLocaleString("ko-KR") });
    await told.first().waitFor();
  }
});

test("groups are a chart and a table, beside everybody", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  await chat.say("서울 사는 사람 연령대별로");
  const { breakdown } = await chat.answer();
  const found = chat.region("chat.segment");
  await found.getByRole("img", { name: /연령대별/ }).waitFor();
  await button(found, t, "common.table").click();
  const table = found.getByRole("table").filter({ hasText: breakdown.rows[0].label[0] });
  for (const row of breakdown.rows) await table.getByRole("row").filter({ hasText: row.label[0] }).filter({ hasText: row.count.toLocaleString("ko-KR") }).first().waitFor();
  // As text for a spreadsheet.
  await chat.page.evaluate(() => navigator.clipboard.writeText(""));
  await button(found, t, "segment.copy_tsv").click();
  await chat.page.getByText(t("common.copied")).first().waitFor();
  const text = await chat.page.evaluate(() => navigator.clipboard.readText());
  assert.equal(text.split("\n").length, breakdown.rows.length + 1);
  assert.equal(text.split("\n")[1].split("\t")[0], breakdown.rows[0].label[0]);
});

test("two groupings together are a heat map", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  await chat.say("서울 사는 사람 연령대별 성별로 나눠줘");
  assert.equal((await chat.answer()).breakdown.by.length, 2);
  await chat.region("chat.segment").getByRole("img", { name: t.like("segment.heat_say") }).waitFor();
});

test("the SQL is told in another dialect, and goes to the analyst", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  await chat.say("요금 상위 10% 고객");
  const found = chat.region("chat.segment");
  const shut = found.getByRole("button", { name: t("segment.sql"), exact: true, expanded: false });
  if (await shut.count()) await shut.click();
  const code = found.getByRole("region").filter({ hasText: "SELECT" });
  await code.filter({ hasText: "WITHIN GROUP" }).waitFor();
  await found.getByRole("combobox", { name: t("segment.dialect") }).selectOption({ label: "BigQuery" });
  await code.filter({ hasText: "OVER ()" }).waitFor();
  await button(found, t, "segment.open_in_analyst").click();
  await chat.page.getByRole("textbox", { name: t("analyst.statement") }).filter({ hasText: "SELECT" }).waitFor();
});

test("a segment is saved, found again, and taken back into a chat", {}, async ({ chat: opened, open, t, base }) => {
  const { chat, found, count } = await women(opened);
  await button(found, t, "common.save").click();
  const dialog = chat.page.getByRole("dialog", { name: t("segment.save_title") });
  await dialog.getByRole("textbox", { name: t("common.name") }).fill("서울 여성");
  await button(dialog, t, "common.save").click();
  await chat.page.getByText(t("segment.saved", { name: "서울 여성" })).waitFor();
  const saved = (await asked(base, "/v1/segments")).find((one) => one.name === "서울 여성");
  assert.equal(saved.count, count);
  const page = await open("#/segments");
  const entry = page.getByRole("main").getByText("서울 여성", { exact: true }).first();
  await entry.click();
  await page.getByText(count.toLocaleString("ko-KR")).first().waitFor();
  await button(page, t, "segments.open_in_chat").first().click();
  await page.waitForURL(/#\/chat\/.+/);
  await page.getByRole("article", { name: t("chat.turn", { n: 1 }), exact: true }).waitFor();
  const session = decodeURIComponent(/#\/chat\/([^/?]+)/.exec(page.url())[1]);
  assert.equal((await asked(base, `/v1/sessions/${session}`)).history.at(-1).answer.count, count);
});

test("two saved segments are compared as circles, and in numbers", {}, async ({ chat: opened, t, base }) => {
  const { chat, found } = await women(opened);
  await asked(base, "/v1/segments", { name: "비교 하나", session: chat.session });
  await chat.say("넷플릭스 보는 사람만");
  await asked(base, "/v1/segments", { name: "비교 둘", session: chat.session });
  await button(found, t, "segment.compare").click();
  const dialog = chat.page.getByRole("dialog", { name: t("segment.compare_title") });
  const choose = async (name, wanted) => {
    const box = dialog.getByRole("combobox", { name: t(name) });
    await box.waitFor();
    const option = await box.getByRole("option").filter({ hasText: wanted }).first().getAttribute("value");
    await box.selectOption(option);
  };
  await choose("segment.first", "비교 하나");
  await choose("segment.second", "비교 둘");
  await dialog.getByRole("img", { name: t.like("segment.venn_say") }).waitFor();
  const all = await asked(base, "/v1/segments");
  const [one, two] = ["비교 하나", "비교 둘"].map((name) => all.find((s) => s.name === name));
  const told = await asked(base, `/v1/segments/${one.id}/compare?with=${two.id}`);
  assert.equal(told.both, two.count);
  for (const n of [told.this.count, told.that.count, told.both]) await dialog.getByRole("cell", { name: n.toLocaleString("ko-KR"), exact: true }).first().waitFor();
});

test("filters are found by first consonants, and write words into the chat", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  const filters = chat.region("chat.filters");
  const search = filters.getByRole("searchbox", { name: t("filters.search"), exact: true });
  await search.fill("ㄴㅍㄹㅅ");
  const hit = filters.getByRole("list", { name: t("filters.found_list") }).getByRole("button").filter({ hasText: "넷플릭스" }).first();
  await hit.click();
  await until(async () => /넷플릭스/.test(await chat.field.inputValue()), true);
  assert.equal(await chat.turns(), 0);
  // What was written is understood.
  await chat.field.press("Enter");
  await chat.arrived(1);
  const answer = await chat.answer();
  assert.deepEqual(answer.unmatched, []);
  assert.match(answer.text, /Netflix/);
});

test("a filter shows its values with counts", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  const filters = chat.region("chat.filters");
  await filters.getByRole("searchbox", { name: t("filters.search"), exact: true }).fill("성별");
  await filters.getByRole("list", { name: t("filters.found_list") }).getByRole("button").filter({ hasText: "성별" }).first().click();
  const values = filters.getByRole("list", { name: t("filters.values_of", { field: "성별" }) });
  await values.getByRole("button").filter({ hasText: "여성" }).filter({ hasText: /\d/ }).click();
  await until(async () => /여성/.test(await chat.field.inputValue()), true);
});
