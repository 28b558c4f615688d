// What one does in the chat, by the names of things.

import assert from "node:assert/strict";
import { asked } from "./server.js";
import { until } from "./until.js";

export class Chat {
  constructor(visit, page) {
    Object.assign(this, { visit, page, t: visit.t });
  }

  /** Opens the page at the chat, or at one conversation. */
  static async of(visit, hash = "") {
    const chat = new Chat(visit, await visit.open(hash));
    await chat.field.waitFor();
    return chat;
  }

  /** Where one writes. */
  get field() {
    return this.page.getByRole("textbox", { name: this.t("chat.ask"), exact: true });
  }

  /** Waits until what is written is `text`. */
  written(text) {
    return until(() => this.field.inputValue(), text);
  }

  /** The turn `n`. */
  turn(n) {
    return this.page.getByRole("article", { name: this.t("chat.turn", { n }), exact: true });
  }

  /** How many turns are seen. */
  turns() {
    return this.page.getByRole("article", { name: this.t.only("chat.turn") }).count();
  }

  /** The answer that is on its way. */
  get coming() {
    return this.page.locator("article[aria-busy=true]");
  }

  /** Waits until nothing is on its way and the last turn that the server has is `text`. */
  async last(text) {
    await until(async () => (await this.kept()).history.at(-1)?.said, text);
    await this.coming.waitFor({ state: "detached" });
  }

  button(name, values) {
    return this.page.getByRole("button", { name: this.t(name, values), exact: true });
  }

  /** The part of the page that is called so. */
  region(name) {
    return this.page.getByRole("region", { name: this.t(name), exact: true });
  }

  /** Waits for turn `n`, and gives it. */
  async arrived(n) {
    const turn = this.turn(n);
    await turn.waitFor();
    await this.coming.waitFor({ state: "detached" });
    return turn;
  }

  /** Writes `text` and sends it with Enter; gives the turn that comes of it. */
  async say(text) {
    const before = await this.turns();
    await this.field.fill(text);
    await this.field.press("Enter");
    return this.arrived(before + 1);
  }

  /** Does something that makes a turn; gives the turn. */
  async after(deed) {
    const before = await this.turns();
    await deed();
    return this.arrived(before + 1);
  }

  /** Id of the conversation that is open. */
  get session() {
    const id = /#\/chat\/([^/?]+)/.exec(this.page.url())?.[1];
    assert.ok(id, `no conversation in ${this.page.url()}`);
    return decodeURIComponent(id);
  }

  /** The conversation as the server has it. */
  kept() {
    return asked(this.visit.base, `/v1/sessions/${this.session}`);
  }

  /** The answer of the last turn, as the server has it. */
  async answer() {
    return (await this.kept()).history.at(-1).answer;
  }

  /** The number of people that a turn shows. */
  async count(turn) {
    const text = await turn.getByRole("strong").first().innerText();
    const found = /[\d,]+/.exec(text)?.[0];
    assert.ok(found, `no count in: ${text}`);
    return Number(found.replaceAll(",", ""));
  }
}
