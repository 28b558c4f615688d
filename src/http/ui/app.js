// The page: the frame around the screens, and which screen is seen. A screen is loaded when it is first gone to.

import { effect, html, render, untracked, useEffect, useErrorBoundary, useState } from "./vendor/preact.js";
import { words } from "./i18n/t.js";
import * as file from "./i18n/app.js";
import { go, key, locale, may, online, place, route, standing, start } from "./state.js";
import { Button } from "./parts/button.js";
import { Icon } from "./parts/icon.js";
import { Empty, Fault, Loading } from "./parts/say.js";
import { TextField } from "./parts/field.js";
import { Toasts } from "./parts/toast.js";
import { TopBar } from "./topbar.js";

const t = words(file);

/** How often a server that could not be reached is tried again, in milliseconds. */
const TRY_EVERY = 5000;

/** The screens: who sees them, and where they are. */
const SCREENS = [
  { name: "chat", least: "marketer", icon: "chat", load: () => import("./screens/chat.js") },
  { name: "segments", least: "marketer", icon: "save", load: () => import("./screens/segments.js") },
  { name: "exports", least: "marketer", icon: "export", load: () => import("./screens/exports.js") },
  { name: "analyst", least: "analyst", icon: "analyst", load: () => import("./screens/analyst.js") },
  { name: "evaluation", least: "analyst", icon: "evaluation", load: () => import("./screens/evaluation.js") },
  { name: "admin", least: "admin", icon: "lock", load: () => import("./screens/admin.js") },
];

function Rail() {
  return html`<nav class="rail" aria-label=${t("screens")}>
    ${SCREENS.filter((s) => may(s.least)).map(
      (s) => html`<a
        key=${s.name}
        href=${place(s.name)}
        aria-current=${route.value.screen === s.name ? "page" : undefined}
        ><${Icon} name=${s.icon} size=${20} /><span>${t(s.name)}</span></a
      >`,
    )}
  </nav>`;
}

/** The screen that the hash names. */
function Seen() {
  const screen = SCREENS.find((s) => s.name === route.value.screen);
  const [loaded, setLoaded] = useState({});
  const [error, forget] = useErrorBoundary((e) => console.error(e));
  const name = screen?.name;
  useEffect(() => {
    if (!screen || loaded[name] || !may(screen.least)) return;
    screen.load().then(
      (module) => setLoaded((all) => ({ ...all, [name]: module.default })),
      (e) => setLoaded((all) => ({ ...all, [name]: () => html`<${Fault} error=${e} />` })),
    );
  }, [name]);
  useEffect(() => {
    document.title = screen ? `${t(name)} · Waggle` : "Waggle";
    forget();
  }, [name, locale.value]);
  const back = html`<${Button} kind="main" onClick=${() => go(place("chat"))}>${t("to_chat")}<//>`;
  if (!screen) return html`<${Empty} icon="help" title=${t("no_screen")}>${back}<//>`;
  if (!may(screen.least)) return html`<${Empty} icon="lock" title=${t("no_right")}>${back}<//>`;
  if (error) return html`<${Fault} error=${error} retry=${forget} />`;
  const Screen = loaded[name];
  return Screen ? html`<${Screen} key=${name} />` : html`<${Loading} />`;
}

function SignIn() {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const enter = async (event) => {
    event.preventDefault();
    if (!typed.trim() || busy) return;
    setBusy(true);
    key.value = typed.trim();
    try {
      await start();
    } catch (error) {
      setWrong(error.code === "unauthenticated" ? t("key_wrong") : error.message);
      setBusy(false);
    }
  };
  return html`<main class="sign-in" id="content">
    <form onSubmit=${enter}>
      <h1>${t("sign_in_title")}</h1>
      <${TextField}
        label=${t("key")}
        hint=${t("key_hint")}
        fault=${wrong}
        type="password"
        autocomplete="off"
        value=${typed}
        onInput=${setTyped}
      />
      <${Button} kind="main" type="submit" busy=${busy} icon="key">${t("sign_in")}<//>
    </form>
  </main>`;
}

/** Why it failed is in `standing`. */
const again = () => start().catch(() => {});

function App() {
  useEffect(() => {
    if (standing.value !== "unreachable") return;
    const timer = setInterval(again, TRY_EVERY);
    return () => clearInterval(timer);
  }, [standing.value]);
  if (standing.value === "signed_out") return html`<${SignIn} /><${Toasts} />`;
  if (standing.value === "unreachable") {
    return html`<main class="alone" id="content"><${Fault} error=${{ message: t("unreachable") }} retry=${again} /></main>`;
  }
  if (standing.value === "starting") return html`<main class="alone" id="content"><${Loading} /></main>`;
  return html`<div class="frame">
    <a class="skip" href="#content" onClick=${(e) => (e.preventDefault(), document.getElementById("content").focus())}>${t("skip")}</a>
    <${TopBar} />
    ${!online.value && html`<p class="offline" role="status"><${Icon} name="warning" size=${16} />${t("offline")}</p>`}
    <div class="below">
      <${Rail} />
      <main id="content" tabindex="-1"><${Seen} /></main>
    </div>
    <${Toasts} />
  </div>`;
}

// At once, and again in another language.
effect(() => {
  if (locale.value) untracked(again);
});
// The screen that is wanted first is fetched while the server is asked who one is.
SCREENS.find((s) => s.name === route.value.screen)?.load().catch(() => {});
render(html`<${App} />`, document.getElementById("page"));
