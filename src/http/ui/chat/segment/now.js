// The segment that the conversation stands at: its size, its last breakdown, and how it came to be.

import { computed } from "../../vendor/preact.js";
import { head, path } from "../conversation.js";
import { isStepBack } from "../said.js";

const counted = (turn) => turn.answer.count !== undefined || turn.answer.count_below !== undefined;

/** Turns at the end of the path that stand at the segment of the last one, the last first. */
const standing = computed(() => {
  const text = head.value?.text;
  const all = [...path.value].reverse();
  const others = all.findIndex((turn) => turn.text !== text);
  return others < 0 ? all : all.slice(0, others);
});

/** The answer that tells the size of the segment; null where none does. A question asked back tells none. */
export const sized = computed(() => standing.value.find(counted)?.answer ?? null);

/** The last turn that shows the segment in groups; null where none does. */
export const grouped = computed(() => standing.value.find((turn) => turn.answer.breakdown)?.answer ?? null);

/**
 * How the segment was refined: a step for each turn that changed it, `{ turn, text, count, below, population }`, the first that
 * of everybody. Steps that were taken back are not among them.
 */
export const steps = computed(() => {
  const all = [];
  let text = "";
  for (const turn of path.value) {
    if (!counted(turn)) continue;
    const { count, count_below: below, population } = turn.answer;
    if (!all.length) all.push({ turn: null, count: population, population });
    const step = { turn, count, below, population };
    // A turn that asks for groups of the same segment is no step; one that went back is the step it went back to.
    if (turn.text === text || (all.length === 1 && turn.text === "TRUE")) continue;
    text = turn.text;
    if (!isStepBack(turn)) all.push(step);
    else all.push({ ...step, back: true });
  }
  return all;
});
