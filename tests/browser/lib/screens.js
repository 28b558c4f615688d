// The screens of the page, and how one gets to each with something to see on it.

import { Chat } from "./chat.js";
import { asked } from "./server.js";

/** What is said in each language. */
const SAID = {
  ko: { two: ["강남 거주 아이폰 사용자 연령별 통계 뽑아줘", "서울 사는 넷플릭스 자주 보는 블라블라 여성"], asks: "부동산 이용하는 사람" },
  en: { two: ["iPhone users living in Gangnam by age group", "women in Seoul who often watch Netflix blahblah"], asks: "people interested in real estate" },
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
/** A screen that is opened by its place alone. */
const plain = (name, hash = `#/${name}`) => ({
  name,
  go: async ({ page }) => {
    await opened(page, hash);
    await page.getByRole("heading", { level: 1 }).waitFor();
  },
});

export const SCREENS = [
  { name: "chat-first", go: (here) => chatted(here) },
  { name: "chat-talk", go: two },
  { name: "chat-filters", go: async (here) => (await two(here), await column(here, "chat.filters")) },
  { name: "chat-segment", go: async (here) => (await two(here), await column(here, "chat.segment")) },
  { name: "chat-asks", go: (here) => chatted(here, SAID[here.visit.locale].asks) },
  {
    name: "chat-tree",
    go: async (here) => {
      const chat = await two(here);
      await chat.button("chat.tree").click();
      await here.page.getByRole("dialog").waitFor();
    },
  },
  plain("segments"),
  plain("exports"),
  plain("analyst"),
  plain("evaluation"),
  plain("admin"),
];

/** Texts that are nobody's to translate: what was said, names that were given, and stored values without a label. */
export async function data(base) {
  const segments = await asked(base, "/v1/segments").catch(() => []);
  const catalogs = [await asked(base, "/v1/catalog")];
  const stored = catalogs.flatMap((all) => all.categories.flatMap((c) => c.filters.flatMap((f) => f.values.map((v) => v.name))));
  const said = Object.values(SAID).flatMap(({ two: both, asks }) => [...both, asks]);
  return [...said, ...segments.map((one) => one.name), ...stored];
}
