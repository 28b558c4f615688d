// Every screen, light and dark, in both languages, wide and narrow: accessible, nothing over or beyond anything, nothing in
// the wrong language. With SCREENSHOTS, a folder, a picture of each is kept there.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { SCREENS, data } from "./lib/screens.js";
import { looks, violations } from "./lib/look.js";
import { Visit } from "./lib/browser.js";
import { test, withReference } from "./lib/test.js";

const { SCREENSHOTS: folder, BROWSER_SCREENS: some = "" } = process.env;
const screens = SCREENS.filter(({ name }) => new RegExp(some).test(name));
/** Milliseconds that all of one kind may take. */
const LONGEST = 300_000;
/** A server with nothing but what the screens are to show. */
const server = () => withReference("screens");
if (folder) mkdirSync(folder, { recursive: true });

for (const [n, [locale, theme, width]] of [
  ["ko", "light", 1440],
  ["en", "dark", 390],
  ["ko", "dark", 390],
  ["en", "light", 1440],
].entries()) {
  // Colours and names do not depend on width and language: both themes are tested once.
  const accessible = n < 2;
  test(`every screen (${locale}, ${theme}, ${width} px)`, { locale, theme, width, height: width < 600 ? 844 : 900, timeout: LONGEST, server }, async ({ visit, base, told }) => {
    const faults = [];
    // Told at once: the test may end before all screens were seen.
    const fault = (...found) => {
      faults.push(...found);
      for (const one of found) console.log(`  ${one}`);
    };
    const known = await data(base);
    for (const { name, go } of screens) {
      const page = await visit.context.newPage();
      try {
        await go({ visit, page, base, t: visit.t });
        await visit.quiet();
        const found = [...(await looks(page, locale, known)), ...(accessible ? await violations(page) : [])];
        if (folder) await page.screenshot({ path: `${folder}/${name}-${locale}-${theme}-${width}.png` });
        fault(...found.map((one) => `${name}: ${one}`));
      } catch (error) {
        fault(`${name}: cannot be seen: ${String(error.message).split("\n").slice(0, 12).join(" ")}`);
        if (folder) await page.screenshot({ path: `${folder}/${name}-${locale}-${theme}-${width}-FAULT.png` }).catch(() => {});
      }
      await page.close();
    }
    told(`${screens.length} screens seen (${locale}, ${theme}, ${width} px)${folder ? `, pictures in ${folder}` : ""}`);
    assert.equal(faults.length, 0, `${faults.length} faults, told above`);
  });
}

if (folder) {
  // At the other theme, too: the pictures are looked at, not tested again.
  for (const [locale, theme, width] of [["ko", "dark", 1440], ["en", "dark", 1440], ["ko", "light", 390], ["en", "light", 390]]) {
    test(`pictures (${locale}, ${theme}, ${width} px)`, { timeout: LONGEST, server }, async ({ base }) => {
      const visit = await Visit.to(base, { locale, theme, width, height: width < 600 ? 844 : 900 });
      for (const { name, go } of screens) {
        const page = await visit.context.newPage();
        await go({ visit, page, base, t: visit.t }).catch(() => {});
        await visit.quiet();
        await page.screenshot({ path: `${folder}/${name}-${locale}-${theme}-${width}.png` });
        await page.close();
      }
      await visit.end();
    });
  }
}
