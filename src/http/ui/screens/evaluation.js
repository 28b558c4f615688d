// The screen `evaluation`: golden sets and runs of translators by them, what users said of answers, the leaderboard.
// `#/evaluation/runs`, `/run/ID`, `/compare/A/B`, `/feedback`, `/board`.

import { html } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/evaluation.js";
import { go, place, route } from "../state.js";
import { styled } from "../parts/style.js";
import { Tabs } from "../parts/tabs.js";
import { Runs } from "../evaluation/runs.js";
import { Run } from "../evaluation/run.js";
import { Compare } from "../evaluation/compare.js";
import { FeedbackList } from "../evaluation/feedback.js";
import { Board } from "../evaluation/board.js";

styled("evaluation");
const t = words(file);
const TABS = ["runs", "feedback", "board"];

function View({ name, rest }) {
  if (name === "run" && rest[0]) return html`<${Run} key=${rest[0]} id=${rest[0]} />`;
  if (name === "compare") return html`<${Compare} a=${rest[0]} b=${rest[1]} />`;
  if (name === "feedback") return html`<${FeedbackList} />`;
  if (name === "board") return html`<${Board} />`;
  return html`<${Runs} />`;
}

export default function Screen() {
  const [name = "runs", ...rest] = route.value.rest;
  const tabs = TABS.map((value) => ({ value, label: t(`tab_${value}`) }));
  return html`<div class="screen">
    <h1>${t("title")}</h1>
    <${Tabs}
      label=${t("views")}
      tabs=${tabs}
      value=${TABS.includes(name) ? name : "runs"}
      onChange=${(value) => go(place("evaluation", value))}
      ><${View} name=${name} rest=${rest}
    /><//>
  </div>`;
}
