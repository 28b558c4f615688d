// SQL handed over to the analyst's tab from elsewhere. Small, so that who hands over does not load the editor.
//
//   import { openInAnalyst } from "../analyst/handover.js";
//   openInAnalyst(answer.sql, "서울에 사는 20대");
//
// Goes to the tab, where the statement is put into the editor; what stood there before is kept among the earlier statements.
// Offer it only where `may("analyst")`.

import { go, keptHere, place } from "../state.js";

/** The statement that is handed over, until the tab takes it: `{ sql, about }` as JSON, or empty. Outlives a reload. */
const handed = keptHere("analyst.handed", "");

/** Opens `sql` in the analyst's tab; `about` says in words what it answers. */
export function openInAnalyst(sql, about = "") {
  handed.value = JSON.stringify({ sql, about });
  go(place("analyst"));
}

/** What was handed over, once; null where nothing was. */
export function takeHanded() {
  const text = handed.peek();
  handed.value = "";
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
