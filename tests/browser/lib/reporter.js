// Tells each test on a line, why one failed, and at the end how many did: `N passed, N failed`. The names of those that
// failed go into the file BROWSER_FAILED, a line each, once all have ended.

import { writeFileSync } from "node:fs";

const reason = (error) => {
  const cause = error.cause ?? error;
  // What the browser wrote while it started says nothing of the page.
  const text = String(cause?.stack ?? cause).replace(/\nBrowser logs:[\s\S]*/, "");
  return text.replace(/^/gm, "    ");
};

export default async function* told(source) {
  let passed = 0;
  const failed = [];
  for await (const { type, data } of source) {
    // One whose name does not fit the pattern is told of as skipped.
    if (data?.skip !== undefined) continue;
    if (type === "test:pass" || type === "test:fail") {
      const ms = `${Math.round(data.details.duration_ms)} ms`;
      if (type === "test:pass") {
        passed++;
        yield `ok    ${data.name} (${ms})\n`;
      } else {
        failed.push(data.name);
        yield `FAILS ${data.name} (${ms})\n${reason(data.details.error)}\n`;
      }
    } else if (type === "test:diagnostic" && data.nesting === 0 && /^(measured|not run)/.test(data.message)) {
      yield `${data.message}\n`;
    } else if (type === "test:stdout" || type === "test:stderr") {
      yield data.message;
    }
  }
  if (process.env.BROWSER_FAILED) writeFileSync(process.env.BROWSER_FAILED, failed.map((name) => `${name}\n`).join(""));
  yield `${passed} passed, ${failed.length} failed\n`;
}
