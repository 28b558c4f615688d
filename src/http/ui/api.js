// Asking the server. Every failure becomes a `Problem` with a sentence in the reader's language; a stream of events is read
// as it comes. Knows nothing of what is drawn.

let key = "";
/** The key that requests carry from now on. */
export const setKey = (next) => (key = next);

let whenUnknown = () => {};
/** What happens when the server does not know who asks any more. */
export const onUnknown = (next) => (whenUnknown = next);

const TOLD = {
  ko: {
    offline: "서버에 연결할 수 없습니다. 네트워크를 확인해 주세요. 연결되면 다시 시도합니다.",
    broken: "답이 오다가 끊겼습니다.",
    odd: "서버의 답을 읽을 수 없습니다.",
  },
  en: {
    offline: "The server cannot be reached. Please check the network; it is tried again once there is one.",
    broken: "The answer broke off on its way.",
    odd: "The server's answer cannot be read.",
  },
};

const locale = () => (document.documentElement.lang === "en" ? "en" : "ko");

/**
 * A failure. `code` is the server's name for it, or `offline`, `broken`, `odd`; `message` is a sentence for the reader;
 * `details` is what the server says beside it; `retryAfter` is in seconds.
 */
export class Problem extends Error {
  constructor(code, message, { status = 0, details = null, retryAfter = null } = {}) {
    super(message);
    Object.assign(this, { name: "Problem", code, status, details, retryAfter });
  }

  static own(code) {
    return new Problem(code, TOLD[locale()][code]);
  }

  /** Whether it may go well when it is tried again. */
  get passing() {
    return ["offline", "broken", "busy", "rate_limited", "stopping", "timeout"].includes(this.code);
  }
}

const headersOf = (more = {}) => ({
  accept: "application/json",
  "accept-language": locale(),
  ...(key ? { authorization: `Bearer ${key}` } : {}),
  ...more,
});

async function reached(path, init) {
  try {
    return await fetch(path, { credentials: "omit", ...init });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Problem.own("offline");
  }
}

async function refused(response) {
  const retryAfter = Number(response.headers.get("retry-after")) || null;
  let body = null;
  try {
    body = await response.json();
  } catch {
    // A proxy between may answer in another form.
  }
  if (!body?.code) return new Problem("odd", `${TOLD[locale()].odd} (${response.status})`, { status: response.status });
  return new Problem(body.code, body.message, { status: response.status, details: body.details ?? null, retryAfter });
}

/** Asks and gives the response itself, where it is not a failure: for files. */
export async function ask(method, path, { body, headers, signal } = {}) {
  const json = body !== undefined;
  const init = {
    method,
    signal,
    headers: headersOf({ ...(json ? { "content-type": "application/json" } : {}), ...headers }),
    body: json ? JSON.stringify(body) : undefined,
  };
  const response = await reached(path, init);
  if (response.ok) return response;
  if (response.status === 401) whenUnknown();
  throw await refused(response);
}

async function asked(method, path, options) {
  const response = await ask(method, path, options);
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Problem.own("odd");
  }
}

/** JSON in, JSON out: `await api.post("/v1/segments", { name, session })`. `options` takes `headers` and `signal`. */
export const api = {
  get: (path, options) => asked("GET", path, options),
  post: (path, body = {}, options) => asked("POST", path, { ...options, body }),
  patch: (path, body, options) => asked("PATCH", path, { ...options, body }),
  delete: (path, options) => asked("DELETE", path, options),
};

/** Takes events out of the text of a stream, however it is cut. */
function eventReader(heard) {
  let rest = "";
  return (chunk) => {
    rest += chunk;
    for (;;) {
      const end = /\r?\n\r?\n/.exec(rest);
      if (!end) return;
      const block = rest.slice(0, end.index);
      rest = rest.slice(end.index + end[0].length);
      const event = { id: null, name: "message", data: [] };
      for (const line of block.split(/\r?\n/)) {
        const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
        if (field === "data") event.data.push(value);
        else if (field === "event") event.name = value;
        else if (field === "id") event.id = value;
      }
      if (event.data.length) heard({ id: event.id, name: event.name, data: JSON.parse(event.data.join("\n")) });
    }
  };
}

/** Longest wait before a stream that broke off is asked for again, in milliseconds. */
const LONGEST_WAIT = 8000;
const wait = (ms, signal) =>
  new Promise((done, fail) => {
    const over = (end) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      removeEventListener("online", go);
      end();
    };
    const stop = () => over(() => fail(new DOMException("stopped", "AbortError")));
    const go = () => over(done);
    const timer = setTimeout(go, ms);
    // Once there is a network again there is nothing to wait for.
    addEventListener("online", go);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });

/**
 * Posts `body` and tells `heard` each event as it comes; gives the data of `done`. A stream that breaks off is asked for
 * again with the same `Idempotency-Key`, and with `Last-Event-ID` so that what was heard is not told twice: the server
 * makes one turn of it, however often it is asked. `waiting(problem)` says why it has to wait just now, `waiting(null)` that
 * it goes on.
 */
export async function stream(path, body, { key: once, signal, heard, waiting = () => {} }) {
  let last = null;
  for (let attempt = 0; ; attempt++) {
    try {
      const headers = { accept: "text/event-stream", "idempotency-key": once, ...(last ? { "last-event-id": last } : {}) };
      const response = await ask("POST", path, { body, signal, headers });
      waiting(null);
      let done = null;
      const read = eventReader((event) => {
        last = event.id ?? last;
        if (event.name === "error") throw new Problem(event.data.code, event.data.message);
        if (event.name === "done") done = event.data;
        heard(event);
      });
      await chunks(response, read);
      if (done) return done;
      throw Problem.own("broken");
    } catch (error) {
      if (signal?.aborted || !(error instanceof Problem) || !error.passing) throw error;
      waiting(error);
      await wait(error.retryAfter ? error.retryAfter * 1000 : Math.min(500 * 2 ** attempt, LONGEST_WAIT), signal);
    }
  }
}

async function chunks(response, read) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    let part;
    try {
      part = await reader.read();
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw Problem.own("broken");
    }
    if (part.done) return;
    read(part.value);
  }
}

/** A new key for one message. */
export const onceKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

/** Fetches a file and hands it to the browser to be kept under `name`, or under the name that the server gives it. */
export async function download(path, name) {
  const response = await ask("GET", path, { headers: { accept: "*/*" } });
  const given = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  saveAs(await response.blob(), name ?? given ?? "download");
}

/** Hands `blob` to the browser to be kept. */
export function saveAs(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
