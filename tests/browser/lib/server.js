// Servers to test against: Waggle itself with generated data, and one between it and the page that is slow, breaks off, or
// cannot be reached.

import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { SLOWER } from "./until.js";

const { BROWSER_WAGGLE: waggle, BROWSER_TEMP: temp, BROWSER_UI: ui } = process.env;
/** Milliseconds that a server may take to listen. */
const LISTENS = 60_000 * SLOWER;
/** Milliseconds between looks at whether a stream may go on. */
const HELD = 20;

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Makes data in the folder of the tests, once. */
export function generated(name, { customers, seed = 7, shapes }) {
  const out = `${temp}/${name}`;
  if (existsSync(out)) return out;
  const more = shapes ? ["--shapes", shapes] : [];
  execFileSync(waggle, ["generate", "--customers", customers, "--seed", seed, "--out", out, ...more], { stdio: ["ignore", "ignore", "pipe"] });
  return out;
}

/** Runs the program, and gives what it prints. */
export const ran = (...args) => execFileSync(waggle, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Starts Waggle under `name`: `{ base, pid, stop() }`. `args` go to `waggle serve`. */
export async function served(name, { data, args = [], listen = "127.0.0.1:0", store = `${temp}/${name}.db` }) {
  const exports = `${temp}/${name}-exports`;
  mkdirSync(exports, { recursive: true });
  const log = `${temp}/${name}-${Date.now()}.log`;
  const out = openSync(log, "w");
  const page = ui ? ["--ui", ui] : [];
  const all = ["serve", "--listen", listen, "--data", data, "--store", store, "--export-folder", exports, ...page, ...args];
  const child = spawn(waggle, all, { stdio: ["ignore", out, out] });
  running.add(child);
  appendFileSync(`${temp}/pids`, `${child.pid}\n`);
  const ended = new Promise((done) => child.on("exit", done));
  const told = () => readFileSync(log, "utf8");
  for (const from = Date.now(); ; await sleep(50)) {
    const base = /^listening on (\S+)/m.exec(told())?.[1];
    if (base) {
      const stop = async () => {
        child.kill("SIGTERM");
        const late = setTimeout(() => child.kill("SIGKILL"), 5000);
        await ended;
        clearTimeout(late);
        running.delete(child);
      };
      return { base, store, stop, told };
    }
    if (child.exitCode !== null || Date.now() - from > LISTENS) throw new Error(`${name} does not listen:\n${told()}`);
  }
}

/** Asks the API of a server, in Korean: `asked(base, "/v1/sessions")`; with a body it posts. */
export async function asked(base, path, body) {
  const headers = { "accept-language": "ko" };
  const init = body === undefined ? { headers } : { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(base + path, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

/**
 * Stands between the page and a server. `hold`: streams stand still before the first event of that name, or before any
 * where it is `*`, until it is set to null. `cut`: a stream breaks off after so many events, once. `down`: nothing gets
 * through. `seen`: the requests, `{ method, path, headers }`.
 */
export class Between {
  hold = null;
  cut = 0;
  down = false;
  seen = [];

  static async before(base) {
    const one = new Between();
    one.server = http.createServer((request, response) => one.#pass(base, request, response));
    await new Promise((done) => one.server.listen(0, "127.0.0.1", done));
    one.base = `http://127.0.0.1:${one.server.address().port}`;
    return one;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  #pass(base, request, response) {
    if (this.down) return request.socket.destroy();
    this.seen.push({ method: request.method, path: request.url, headers: request.headers });
    const on = http.request(base + request.url, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      const streamed = /event-stream/.test(answer.headers["content-type"] ?? "");
      const passed = streamed && (this.hold || this.cut) ? this.#events(answer, response) : this.#whole(answer, response);
      passed.catch(() => response.destroy());
    });
    on.on("error", () => response.destroy());
    response.on("close", () => on.destroy());
    request.pipe(on);
  }

  async #whole(answer, response) {
    for await (const part of answer) response.write(part);
    response.end();
  }

  async #events(answer, response) {
    let rest = "";
    let told = 0;
    answer.setEncoding("utf8");
    for await (const part of answer) {
      rest += part;
      for (let end; (end = rest.indexOf("\n\n")) >= 0; rest = rest.slice(end + 2)) {
        const event = rest.slice(0, end + 2);
        const name = /^event: ?(.*)$/m.exec(event)?.[1];
        while (!response.destroyed && (this.hold === "*" || (this.hold && this.hold === name))) await sleep(HELD);
        response.write(event);
        if (this.cut && ++told >= this.cut) {
          this.cut = 0;
          await sleep(50);
          return response.destroy();
        }
      }
    }
    response.end(rest);
  }
}
