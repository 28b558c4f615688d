// The bar at the top: who is analysed, as of when, how many could be reached; language, theme, role, and who translates.

import { html } from "./vendor/preact.js";
import { date, num, percent, words } from "./i18n/t.js";
import * as file from "./i18n/app.js";
import { LOCALES, ROLES, THEMES, catalog, go, key, leave, locale, me, model, models, place, role, shownAs, theme } from "./state.js";
import { Reach } from "./chat/reach.js";
import { Menu } from "./parts/menu.js";

const t = words(file);
const NAMES = { ko: "한국어", en: "English" };

function Analysed() {
  const { population, as_of, window } = catalog.value;
  const { label, count, lines_total: all } = population;
  return html`<p class="analysed">
    <span class="analysed-who" title=${t("population", { label })}>
      <span class="analysed-label">${t("population", { label })}</span>${" "}
      <strong class="num">${num(count)}</strong>${all ? html`<span class="analysed-share"> · ${t("of_all", { share: percent(count / all) })}</span>` : ""}
    </span>
    <span class="analysed-when" title=${t("window", { from: date(window[0]), to: date(window[1]) })}>
      ${t("as_of", { date: date(as_of) })}<span class="analysed-window"> · ${t("window", { from: date(window[0]), to: date(window[1]) })}</span>
    </span>
  </p>`;
}

const modelLabel = (id) => (id === "automatic" || id === "builtin" ? t(`model_${id}`) : id);
function modelNote(info) {
  if (info.state === "resting") return t("model_resting");
  if (info.name === "automatic" || info.name === "builtin") return t(`model_note_${info.name}`);
  return info.place ? t(`model_note_${info.place}`) : info.about[locale.value];
}

function Models() {
  const items = models.value.map(({ id, waggle }) => ({
    label: modelLabel(id),
    note: modelNote(waggle),
    chosen: id === model.value,
    onClick: () => (model.value = id),
  }));
  return html`<${Menu} label=${`${t("model")}: ${modelLabel(model.value)}`} icon="model" align="end" items=${items}
    ><span class="wide-only">${modelLabel(model.value)}</span><//
  >`;
}

function Role() {
  const own = me.value.role;
  const items = ROLES.slice(0, ROLES.indexOf(own) + 1).map((name) => ({
    label: t(`role_${name}`),
    note: t(`role_note_${name}`),
    chosen: name === role.value,
    onClick: () => (shownAs.value = name === own ? "" : name),
  }));
  if (key.value) items.push(null, { label: t("sign_out"), icon: "key", chosen: false, onClick: leave });
  return html`<${Menu} label=${`${t("role")}: ${t(`role_${role.value}`)}`} icon="user" align="end" items=${items}
    ><span class="wide-only">${t(`role_${role.value}`)}</span><//
  >`;
}

const ThemeMenu = () =>
  html`<${Menu}
    label=${`${t("theme")}: ${t(`theme_${theme.value}`)}`}
    icon=${theme.value === "light" ? "sun" : "moon"}
    align="end"
    items=${THEMES.map((name) => ({ label: t(`theme_${name}`), chosen: name === theme.value, onClick: () => (theme.value = name) }))}
  />`;

const Language = () =>
  html`<${Menu}
    label=${`${t("language")}: ${NAMES[locale.value]}`}
    icon="language"
    align="end"
    items=${LOCALES.map((name) => ({ label: NAMES[name], chosen: name === locale.value, onClick: () => (locale.value = name) }))}
    ><span class="wide-only">${NAMES[locale.value]}</span><//
  >`;

export function TopBar() {
  return html`<header class="topbar">
    <a class="brand" href=${place("chat")} onClick=${(e) => (e.preventDefault(), go(place("chat")))}>
      <img src="/ui/icon.svg" alt="" width="24" height="24" /><span>Waggle</span>
    </a>
    ${catalog.value && html`<${Analysed} /><${Reach} />`}
    <div class="topbar-tools"><${Models} /><${Role} /><${Language} /><${ThemeMenu} /></div>
  </header>`;
}
