// The tree of turns as a small map: a line for each, with the branches drawn beside them. Going to one makes the next words
// branch off there.

import { html } from "../vendor/preact.js";
import { num, words } from "../i18n/t.js";
import * as file from "../i18n/chat.js";
import { goTo, head, path, pending, turns } from "./conversation.js";
import { isStepBack, named } from "./said.js";

const t = words(file);
/** Height of a line and width of a lane, in pixels. */
const ROW = 34;
const LANE = 14;

/**
 * Turns with their lanes: the first that grows from a turn goes on in its lane, the others get new ones. Steps back are no
 * turns of the map: what grew from one grew from where it led.
 */
function laid(all) {
  const stands = new Map([[0, 0]]);
  const rows = [];
  const lanes = new Map([[0, 0]]);
  const went = new Set();
  let most = 0;
  for (const turn of all) {
    const parent = stands.get(turn.parent) ?? 0;
    if (isStepBack(turn)) {
      stands.set(turn.turn, parent);
      continue;
    }
    stands.set(turn.turn, turn.turn);
    const lane = went.has(parent) ? ++most : lanes.get(parent);
    went.add(parent);
    lanes.set(turn.turn, lane);
    rows.push({ turn, parent, lane });
  }
  return { rows, stands, lanes: most + 1 };
}

export function countOf(answer) {
  if (answer.count_below) return t("people_below", { n: num(answer.count_below) });
  return answer.count === undefined ? "" : t("people", { n: num(answer.count) });
}

export function Tree({ onGone }) {
  const { rows, stands, lanes } = laid(turns.value);
  const here = head.value ? stands.get(head.value.turn) : 0;
  const onPath = new Set([0, ...path.value.map((turn) => stands.get(turn.turn))]);
  const at = new Map([[0, { row: 0, lane: 0 }], ...rows.map(({ turn, lane }, i) => [turn.turn, { row: i + 1, lane }])]);
  const x = (lane) => lane * LANE + 10;
  const y = (row) => row * ROW + ROW / 2;
  const width = lanes * LANE + 12;
  const height = (rows.length + 1) * ROW;
  const go = (turn, said) => {
    if (turn !== here) goTo(turn, said);
    onGone?.();
  };
  const entry = (turn, label, count) => {
    const is = turn === here;
    return html`<li key=${turn}>
      <button
        type="button"
        class=${`tree-row ${onPath.has(turn) ? "on-path" : ""}`}
        aria-current=${is ? "step" : undefined}
        disabled=${Boolean(pending.value)}
        style=${{ paddingInlineStart: `${width}px` }}
        onClick=${() => go(turn, label)}
      >
        <span class="tree-said">${label}</span>
        ${count && html`<span class="num hint tree-count">${count}</span>`}
        ${is && html`<span class="tree-here">${t("tree_here")}</span>`}
      </button>
    </li>`;
  };
  return html`<div class="tree">
    <p class="hint">${t("tree_about")}</p>
    <div class="tree-map">
      <svg width=${width} height=${height} aria-hidden="true" focusable="false">
        ${rows.map(({ turn, parent, lane }) => {
          const from = at.get(parent);
          const to = at.get(turn.turn);
          const bend = Math.min(y(from.row) + ROW * 0.8, y(to.row));
          const line = `M${x(from.lane)} ${y(from.row)}C${x(from.lane)} ${bend} ${x(lane)} ${y(from.row)} ${x(lane)} ${bend}V${y(to.row)}`;
          return html`<path d=${line} class=${onPath.has(turn.turn) ? "on-path" : ""} />`;
        })}
        ${[...at].map(([turn, { row, lane }]) => html`<circle cx=${x(lane)} cy=${y(row)} r=${turn === here ? 6 : 4} class=${onPath.has(turn) ? "on-path" : ""} />`)}
      </svg>
      <ol>
        ${entry(0, t("tree_start"), "")}
        ${rows.map(({ turn }) => entry(turn.turn, named(turn), countOf(turn.answer)))}
      </ol>
    </div>
  </div>`;
}
