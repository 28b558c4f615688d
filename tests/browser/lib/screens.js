// The screens of the page, and how one gets to each with something to see on it.

import { Chat } from "./chat.js";
import { asked } from "./server.js";

/** What is said in each language. */
const SAID = {
  ko: { heat: "서울 사는 사람 연령대별 성별로 나눠줘", two: ["강남 거주 아이폰 사용자 연령별 통계 뽑아줘", "서울 사는 넷플릭스 자주 보는 블라블라 여성"], asks: "부동산 이용하는 사람" },
  en: { heat: "people living in Seoul by age group and gender", two: ["iPhone users living in Gangnam by age group", "women in Seoul who often watch Netflix blahblah"], asks: "people interested in real estate" },
};
const opened = async (page, hash) => {
  await page.goto(`/${hash}`);
  await page.getByRole("banner").waitFor();
};
/** A conversation in which `said` was said, made once for all that look at it. */
const talks = new Map();
const talked = (base, locale, said) => {
  const id = [base, locale, ...said].join("\n");
  const make = async () => {
    const { id: session } = await asked(base, "/v1/sessions", {});
    for (const text of said) await asked(base, `/v1/sessions/${session}/messages`, { text, locale });
    return session;
  };
  if (!talks.has(id)) talks.set(id, make());
  return talks.get(id);
};
const chatted = async ({ visit, page, base }, ...said) => {
  await opened(page, said.length ? `#/chat/${await talked(base, visit.locale, said)}` : "#/chat");
  const chat = new Chat(visit, page);
  await chat.field.waitFor();
  if (said.length) await chat.arrived(said.length);
  return chat;
};
const two = (here) => chatted(here, ...SAID[here.visit.locale].two);
/** Where there is no room for three columns, shows one. */
const column = async ({ page, t }, name) => {
  const choice = page.getByRole("group", { name: t("chat.columns") }).getByRole("button", { name: t(name), exact: true });
  if (await choice.isVisible()) await choice.click();
};
/** What the screens are to show, made once. */
const stocks = new Map();
const stocked = (base) => {
  if (!stocks.has(base)) stocks.set(base, stock(base));
  return stocks.get(base);
};
const NAMES = ["Autumn 2024 Seoul", "Autumn 2024 Netflix"];
async function stock(base) {
  const session = await talked(base, "ko", ["서울 사는 사람"]);
  const first = await asked(base, "/v1/segments", { name: NAMES[0], session });
  const second = await asked(base, "/v1/segments", { name: NAMES[1], session: await talked(base, "ko", ["넷플릭스 보는 사람"]) });
  for (let n = 0; n < 2; n++) await asked(base, `/v1/segments/${second.id}/refresh`, {});
  const job = await asked(base, `/v1/segments/${first.id}/exports`, { channel: "sms", hold_out: { percent: 10, seed: 1 } });
  const { turn } = (await asked(base, `/v1/sessions/${session}`)).history[0];
  const judged = await asked(base, "/v1/feedback", { session, turn, verdict: "right" });
  await asked(base, `/v1/feedback/${judged.id}/approve`, { segments: [first.text] });
  await asked(base, "/v1/feedback", { session, turn, verdict: "wrong", comment: "2024" });
  const [run] = await asked(base, "/v1/eval/runs", { set: "feedback", models: ["builtin"] });
  await asked(base, "/v1/keys", { name: "CRM", role: "marketer" });
  return { first, second, job, run };
}

/** A screen that is opened by its place alone; `ready` waits for what is to be on it. */
const plain = (name, place, ready) => ({
  name,
  go: async (here) => {
    const { page, base, t } = here;
    const stock = await stocked(base);
    await opened(page, place(stock));
    await page.getByRole("heading", { level: 1 }).waitFor();
    await ready?.({ page, t, stock });
  },
});
const SQL = {
  good: "SELECT home_sido, count(*) AS n, avg(age) AS age FROM customers GROUP BY home_sido ORDER BY n DESC",
  bad: "SELECT gendr, count(*) AS n\nFROM customer GROUP BY gendr",
};
const statement = (text, then) => async ({ page, t }) => {
  const editor = page.getByRole("textbox", { name: t("analyst.statement") });
  await editor.fill(text);
  // Names are offered a moment after one has written; who has written all of it wants none.
  await page.getByRole("listbox").waitFor({ timeout: 1000 }).catch(() => {});
  await editor.press("Escape");
  await then({ page, t });
};
const tab = (name) => async ({ page, t }) => page.getByRole("tab", { name: t(name) }).click();

export const SCREENS = [
  { name: "chat-first", go: (here) => chatted(here) },
  { name: "chat-talk", go: two },
  { name: "chat-filters", go: async (here) => (await two(here), await column(here, "chat.filters")) },
  { name: "chat-segment", go: async (here) => (await two(here), await column(here, "chat.segment")) },
  { name: "chat-groups", go: async (here) => (await chatted(here, SAID[here.visit.locale].two[0]), await column(here, "chat.segment"), await here.page.getByRole("img").last().waitFor()) },
  { name: "chat-asks", go: (here) => chatted(here, SAID[here.visit.locale].asks) },
  {
    name: "chat-tree",
    go: async (here) => {
      const chat = await two(here);
      await chat.button("chat.tree").click();
      await here.page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "chat-guide",
    go: async (here) => {
      await (await chatted(here)).button("chat.guide").click();
      await here.page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "chat-change",
    go: async (here) => {
      const chat = await two(here);
      await chat.turn(2).getByRole("group", { name: here.t("chat.assumed") }).getByRole("button").first().click();
      await here.page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "chat-wrong",
    go: async (here) => {
      await (await two(here)).turn(2).getByRole("button", { name: here.t("chat.wrong"), exact: true }).click();
      await here.page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "chat-filter",
    go: async (here) => {
      const chat = await chatted(here);
      await column(here, "chat.filters");
      const filters = chat.region("chat.filters");
      await filters.getByRole("button", { expanded: false }).nth(1).click();
      await filters.getByRole("listitem").getByRole("listitem").getByRole("button", { expanded: false }).nth(1).click();
      await filters.getByRole("list", { name: here.t.like("filters.values_of") }).waitFor();
    },
  },
  {
    name: "chat-edit",
    go: async (here) => {
      const chat = await two(here);
      await column(here, "chat.segment");
      await chat.region("chat.segment").getByTitle(here.t("segment.edit_this")).first().click();
      await here.page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "chat-save",
    go: async (here) => {
      const chat = await two(here);
      await column(here, "chat.segment");
      await chat.region("chat.segment").getByRole("button", { name: here.t("common.save"), exact: true }).click();
      await here.page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "chat-heat",
    go: async (here) => {
      const chat = await chatted(here, SAID[here.visit.locale].heat);
      await column(here, "chat.segment");
      await chat.region("chat.segment").getByRole("button", { name: here.t("segment.large"), exact: true }).click();
      await here.page.getByRole("dialog").getByRole("img").waitFor();
    },
  },
  {
    name: "chat-table",
    go: async (here) => {
      const chat = await chatted(here, SAID[here.visit.locale].two[0]);
      await column(here, "chat.segment");
      const found = chat.region("chat.segment");
      await found.getByRole("button", { name: here.t("segment.sql"), exact: true }).click();
      await found.getByRole("button", { name: here.t("common.table"), exact: true }).click();
      await found.getByRole("table").last().scrollIntoViewIfNeeded();
    },
  },
  plain("segments", () => "#/segments", ({ page }) => page.getByText(NAMES[0]).first().waitFor()),
  plain("segment", ({ first }) => `#/segments/${first.id}`, ({ page }) => page.getByText(NAMES[0]).nth(1).waitFor()),
  plain("segment-history", ({ second }) => `#/segments/${second.id}`, ({ page, t }) => page.getByRole("img", { name: t.like("segments.history_label") }).waitFor()),
  plain("segments-compared", ({ first, second }) => `#/segments/compare?a=${first.id}&b=${second.id}`, ({ page, t }) => page.getByRole("img", { name: t.like("segments.overlap_label") }).waitFor()),
  plain("exports", () => "#/exports", ({ page }) => page.getByRole("link", { name: NAMES[0] }).first().waitFor()),
  plain("export-new", ({ first }) => `#/exports/new?segment=${first.id}`, ({ page, t }) => page.getByRole("table", { name: t("exports.waterfall") }).waitFor()),
  plain("export", ({ job }) => `#/exports/${job.id}`, ({ page, t }) => page.getByRole("button", { name: t("exports.manifest"), exact: true }).waitFor()),
  plain("analyst", () => "#/analyst", ({ page, t }) => page.getByRole("textbox", { name: t("analyst.statement") }).waitFor()),
  plain("analyst-faults", () => "#/analyst", statement(SQL.bad, ({ page, t }) => page.getByRole("status").filter({ hasText: t.like("analyst.faults") }).waitFor())),
  plain("analyst-results", () => "#/analyst", statement(SQL.good, async ({ page, t }) => {
    await page.getByRole("button", { name: t("analyst.run"), exact: true }).click();
    await page.getByRole("tab", { name: t.only("analyst.results_n") }).waitFor();
  })),
  plain("analyst-chart", () => "#/analyst", statement(SQL.good, async ({ page, t }) => {
    await page.getByRole("button", { name: t("analyst.run"), exact: true }).click();
    await page.getByRole("tab", { name: t.only("analyst.results_n") }).waitFor();
    await page.getByRole("button", { name: t("common.chart"), exact: true }).click();
    await page.getByRole("img").last().scrollIntoViewIfNeeded();
  })),
  plain("analyst-answered", () => "#/analyst", statement(SQL.good, async ({ page, t }) => {
    await page.getByRole("status").filter({ hasText: t.like("analyst.may_run") }).waitFor();
    await page.getByRole("tab", { name: t("analyst.answered") }).click();
    await page.getByRole("tabpanel").scrollIntoViewIfNeeded();
  })),
  plain("evaluation", () => "#/evaluation", ({ page }) => page.getByRole("row").filter({ hasText: "feedback" }).first().waitFor()),
  plain("evaluation-run", ({ run }) => `#/evaluation/run/${run.id}`),
  plain("evaluation-feedback", () => "#/evaluation", tab("evaluation.tab_feedback")),
  plain("evaluation-board", () => "#/evaluation", tab("evaluation.tab_board")),
  plain("evaluation-start", () => "#/evaluation", async ({ page, t }) => {
    await page.getByRole("button", { name: t("evaluation.start"), exact: true }).click();
    await page.getByRole("dialog").waitFor();
  }),
  plain("admin", () => "#/admin"),
  plain("admin-models", () => "#/admin", tab("admin.tab_models")),
  plain("admin-keys", () => "#/admin", tab("admin.tab_keys")),
  plain("admin-audit", () => "#/admin", tab("admin.tab_audit")),
  {
    name: "nowhere",
    go: async ({ page, t }) => {
      await opened(page, "#/nowhere");
      await page.getByText(t("app.no_screen")).waitFor();
    },
  },
];

/** Texts that are nobody's to translate: what was said, names that were given, and stored values without a label. */
export async function data(base) {
  await stocked(base);
  const segments = await asked(base, "/v1/segments");
  const all = await asked(base, "/v1/catalog");
  const stored = all.categories.flatMap((c) => c.filters.flatMap((f) => f.values.map((v) => v.name)));
  const said = [...Object.values(SAID).flatMap(({ two: both, asks, heat }) => [...both, asks, heat]), "서울 사는 사람", "넷플릭스 보는 사람"];
  return [...said, ...segments.map((one) => one.name), ...stored, ...Object.values(SQL)];
}
