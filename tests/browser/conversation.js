// Talking: two turns, a question back that is answered by a button, undo and branches, readings that are changed, another
// tab on the same conversation.

import assert from "node:assert/strict";
import { asked } from "./lib/server.js";
import { test, until } from "./lib/test.js";

for (const [locale, first, second] of [
  ["ko", "강남 거주 아이폰 사용자 연령별 통계 뽑아줘", "이 중 넷플릭스 보는 사람"],
  ["en", "iPhone users living in Gangnam by age group", "only those who watch Netflix"],
]) {
  test(`two turns of a conversation (${locale})`, { locale }, async ({ chat: opened, t }) => {
    const chat = await opened();
    const found = await chat.say(first);
    const all = await chat.count(found);
    assert.ok(all > 0);
    // The groups are shown as they were counted.
    await found.getByRole("list", { name: t("chat.groups") }).waitFor();
    const fewer = await chat.count(await chat.say(second));
    assert.ok(fewer < all, `${fewer} of ${all}`);
    const { history } = await chat.kept();
    assert.deepEqual(history.map((turn) => turn.answer.count), [all, fewer]);
    // Those who do not see it are told that an answer has arrived.
    await chat.page.getByRole("status").filter({ hasText: t.like("chat.arrived") }).waitFor();
    await chat.written("");
  });
}

test("a question back is answered by a button", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  const asks = await chat.say("부동산 이용하는 사람");
  const { status, options } = await chat.answer();
  assert.equal(status, "clarify");
  const offered = asks.getByRole("group", { name: t("chat.options") });
  assert.deepEqual(await offered.getByRole("button").allInnerTexts(), options);
  const turn = await chat.after(() => offered.getByRole("button", { name: options[0], exact: true }).click());
  assert.equal(await chat.count(turn), (await chat.answer()).count);
  // What was answered is not asked again.
  await until(() => offered.getByRole("button").first().isDisabled(), true);
});

test("a next question is asked by a click", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  const turn = await chat.say("서울 사는 사람");
  const next = turn.getByRole("group", { name: t("chat.next") }).getByRole("button").first();
  const words = await next.innerText();
  await chat.after(() => next.click());
  assert.equal((await chat.kept()).history.at(-1).said, words);
});

test("an example of the first screen is asked by a click", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  await chat.page.getByRole("heading", { name: t("chat.welcome") }).waitFor();
  const example = chat.region("chat.talk").getByRole("button", { name: t.like("chat.example_count") });
  assert.ok((await chat.count(await chat.after(() => example.first().click()))) > 0);
});

test("undo, and a branch beside what was undone", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  const seoul = await chat.count(await chat.say("서울 사는 사람"));
  const women = await chat.count(await chat.say("이 중 여성만"));
  assert.ok(women < seoul);
  await chat.after(() => chat.button("chat.undo").click());
  assert.equal((await chat.answer()).count, seoul);
  // What is said now grows from before the undone turn.
  const men = await chat.count(await chat.say("이 중 남성만"));
  assert.equal(men + women, seoul);
  // The map of turns leads back to the other branch.
  await chat.button("chat.tree").click();
  const map = chat.page.getByRole("dialog", { name: t("chat.tree") });
  const rows = map.getByRole("listitem");
  assert.match(await rows.filter({ hasText: t("chat.tree_here") }).innerText(), /남성만/);
  await chat.after(() => map.getByRole("button", { name: /여성만/ }).click());
  assert.equal((await chat.answer()).count, women);
  await map.waitFor({ state: "detached" });
  // A reload shows the same tree.
  await chat.page.reload();
  await chat.arrived(5);
  await chat.button("chat.tree").click();
  assert.match(await rows.filter({ hasText: t("chat.tree_here") }).innerText(), /여성만/);
});

test("an assumption is a chip that can be changed", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  const turn = await chat.say("넷플릭스 자주 보는 사람");
  const often = await chat.count(turn);
  const chips = turn.getByRole("group", { name: t("chat.assumed") });
  await chips.getByRole("button", { name: /자주/ }).click();
  const dialog = chat.page.getByRole("dialog");
  const bound = dialog.getByRole("spinbutton", { name: t("chat.change_number") });
  assert.equal(await bound.inputValue(), "15");
  await bound.fill("25");
  const changed = await chat.after(() => dialog.getByRole("button", { name: t("chat.change_apply"), exact: true }).click());
  assert.ok((await chat.count(changed)) < often);
  assert.match((await chat.answer()).text, />= 25/);
});

test("each part of a request is shown as what it became", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  const turn = await chat.say("서울 사는 블라블라 여성 연령대별로");
  const { parts } = (await chat.kept()).history[0].answer;
  assert.ok(parts.length > 2);
  for (const became of ["condition", "unmatched", "shown"]) {
    assert.ok(parts.some((part) => part.became === became), `${became}: ${JSON.stringify(parts)}`);
    await turn.locator(`.part.${became}`).first().waitFor();
    // In words, too, for those who see no colours.
    await turn.getByTitle(t(`chat.became_${became}`)).first().waitFor();
  }
  assert.match(await turn.locator("s").first().innerText(), /^블라블라/);
});

test("who translates is chosen, and told to the server", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  await chat.page.getByRole("button", { name: `${t("app.model")}: ${t("app.model_automatic")}` }).click();
  await chat.page.getByRole("menuitemradio", { name: t("app.model_builtin") }).click();
  const [request] = await Promise.all([chat.page.waitForRequest(/\/messages$/), chat.say("서울 사는 사람")]);
  assert.equal(request.postDataJSON().model, "builtin");
  await chat.page.reload();
  await chat.page.getByRole("button", { name: `${t("app.model")}: ${t("app.model_builtin")}` }).waitFor();
});

test("words that were not understood are said otherwise", {}, async ({ chat: opened, t }) => {
  const chat = await opened();
  const turn = await chat.say("서울 사는 블라블라 여성");
  await turn.getByRole("list", { name: t("chat.unmatched") }).getByRole("button", { name: t("chat.meant_button") }).click();
  const dialog = chat.page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: t("chat.meant_label") }).fill("20대");
  await dialog.getByRole("button", { name: t("chat.meant_apply"), exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await chat.last("서울 사는 20대 여성");
  const { text, unmatched } = await chat.answer();
  assert.deepEqual(unmatched, []);
  assert.match(text, /age BETWEEN 20 AND 29/);
});

test("thumbs down tells what it should have been", {}, async ({ chat: opened, t, base }) => {
  const chat = await opened();
  const turn = await chat.say("서울 사는 사람");
  await turn.getByRole("button", { name: t("chat.wrong"), exact: true }).click();
  const dialog = chat.page.getByRole("dialog", { name: t("chat.wrong_title") });
  await dialog.getByRole("textbox", { name: t("chat.wrong_expected") }).fill("서울에서 일하는 사람");
  // What is typed there outlives a reload, too.
  await chat.page.reload();
  await chat.arrived(1);
  await turn.getByRole("button", { name: t("chat.wrong"), exact: true }).click();
  await until(() => dialog.getByRole("textbox", { name: t("chat.wrong_expected") }).inputValue(), "서울에서 일하는 사람");
  await dialog.getByRole("button", { name: t("chat.wrong_send"), exact: true }).click();
  await chat.page.getByText(t("chat.thanks")).waitFor();
  const told = await asked(base, "/v1/feedback");
  assert.ok(told.some((one) => one.session === chat.session && one.expected === "서울에서 일하는 사람"), JSON.stringify(told[0]));
});

test("a second tab on the same conversation", {}, async ({ chat: opened }) => {
  const one = await opened();
  await one.say("서울 사는 사람");
  const other = await opened(`#/chat/${one.session}`);
  await other.arrived(1);
  // What is said in either is seen in both, without a reload.
  await one.say("이 중 여성만");
  await other.arrived(2);
  const third = await other.say("20대만");
  const count = await other.count(third);
  assert.equal(await one.count(await one.arrived(3)), count);
  assert.equal((await one.kept()).history.length, 3);
});

test("two tabs that speak at the same moment lose nothing", {}, async ({ chat: opened }) => {
  const one = await opened();
  await one.say("서울 사는 사람");
  const other = await opened(`#/chat/${one.session}`);
  await other.arrived(1);
  await one.field.fill("이 중 여성만");
  await other.field.fill("아이폰 쓰는 사람만");
  await Promise.all([one.field.press("Enter"), other.field.press("Enter")]);
  for (const tab of [one, other]) await tab.arrived(3);
  const said = (await one.kept()).history.map((turn) => turn.said);
  assert.deepEqual(said.slice(1).sort(), ["아이폰 쓰는 사람만", "이 중 여성만"].sort());
});

test("what cannot be opened says so, with a way on", {}, async ({ open, visit, t }) => {
  visit.allow(/Failed to load resource.*404/);
  const page = await open("#/chat/no-such-conversation");
  await page.getByRole("alert").getByRole("button", { name: t("common.retry") }).waitFor();
  await page.getByRole("button", { name: t("chat.new_talk") }).click();
  await page.getByRole("heading", { name: t("chat.welcome") }).waitFor();
});
