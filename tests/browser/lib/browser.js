// The browser, and a visit to the page with it. Every visit is watched: whatever the browser complains of, and whatever is
// asked of another host, fails the test that it happens in.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { PATIENCE } from "./until.js";
import { speaker } from "./words.js";

const modules = createRequire(`${process.env.BROWSER_MODULES}/`);
const { chromium } = modules("playwright-core");
/** The source of axe-core, to be run in a page. */
export const axe = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");

// What the browser would ask of its maker is not asked; names of hosts are not looked up at all.
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];
/** Milliseconds between looks at whether something is asked, and how many in a row find nothing. */
const LOOK = 40;
const QUIET = 5;

let launched = null;
export const browser = () => (launched ??= chromium.launch({ executablePath: process.env.BROWSER_CHROMIUM, args: ARGS }));
export const closed = async () => (await launched)?.close();

/** A reader with a browser of their own. */
export class Visit {
  #faults = [];
  #allowed = [];
  #going = new Map();

  /** `locale`: of the browser; `theme`: what the system prefers; `width` and `height` of the window. */
  static async to(base, { locale = "ko", theme = "light", width = 1440, height = 900, ...more } = {}) {
    const visit = new Visit();
    const context = await (await browser()).newContext({
      baseURL: base,
      locale: locale === "ko" ? "ko-KR" : "en-GB",
      timezoneId: "Asia/Seoul",
      colorScheme: theme,
      reducedMotion: "reduce",
      viewport: { width, height },
      acceptDownloads: true,
      permissions: ["clipboard-read", "clipboard-write"],
      ...more,
    });
    context.setDefaultTimeout(PATIENCE);
    Object.assign(visit, { base, context, locale, theme, t: speaker(locale) });
    context.on("request", (request) => visit.#asked(request.url()));
    context.on("page", (page) => visit.#watch(page));
    return visit;
  }

  /** Complaints of the browser that the test is about. */
  allow(...patterns) {
    this.#allowed.push(...patterns);
  }

  #fault(text) {
    if (!this.#allowed.some((pattern) => pattern.test(text))) this.#faults.push(text);
  }

  #asked(url) {
    const { protocol, origin } = new URL(url);
    if (protocol === "data:" || protocol === "blob:") return;
    if (origin !== new URL(this.base).origin) this.#fault(`asked another host: ${url}`);
  }

  #watch(page) {
    page.on("request", (request) => this.#going.set(request, page));
    for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => this.#going.delete(request));
    // How those ended that a page had asked for when it was closed is not told.
    page.on("close", () => this.#going.forEach((of, request) => of === page && this.#going.delete(request)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.#fault(`console: ${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", (error) => this.#fault(`uncaught: ${error.stack ?? error}`));
    page.on("crash", () => this.#fault("the page crashed"));
  }

  /** Opens the page at a place, and waits until it has drawn its frame. */
  async open(hash = "") {
    const page = await this.context.newPage();
    await page.goto(`/${hash}`);
    await page.getByRole("banner").waitFor();
    return page;
  }

  /** Waits until nothing is asked of the server any more. */
  async quiet() {
    const from = Date.now();
    for (let still = 0; still < QUIET; still++) {
      await sleep(LOOK);
      if (this.#going.size) still = 0;
      if (Date.now() - from > PATIENCE) throw new Error(`still asked: ${[...this.#going.keys()].map((request) => request.url()).join(", ")}`);
    }
  }

  /** Ends it; fails where something was complained of. */
  async end() {
    await this.context.close();
    if (this.#faults.length) throw new Error(`the browser complained:\n${this.#faults.join("\n")}`);
  }
}
