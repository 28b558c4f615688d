// The editor of SQL: CodeMirror, loaded when it is first drawn. It lives in a shadow root, where its styles are constructed
// sheets, which the page's policy lets be.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as file from "../i18n/analyst.js";
import { locale } from "../state.js";
import { Loading } from "../parts/say.js";
import { completeFrom } from "./completion.js";
import { canBePut, rangeOf } from "./places.js";

const t = words(file);

let library = null;
const loaded = () => (library ??= import("../vendor/codemirror.js"));

const LOOK = {
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--text)", fontSize: "0.875rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--muted)", border: "0" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--text)", fontWeight: "600" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--part-condition)" },
  ".cm-placeholder": { color: "var(--muted)", fontFamily: "var(--font)", wordBreak: "keep-all", overflowWrap: "normal" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-ground)", outline: "1px solid var(--edge)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "8px", boxShadow: "var(--shadow)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "none", overflow: "hidden" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent-ground)", color: "var(--text)" },
  ".cm-tooltip-autocomplete completion-section": { fontFamily: "var(--font)", color: "var(--muted)", fontSize: "0.75rem", borderBottom: "1px solid var(--line)", padding: "4px 8px 2px" },
  ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal", fontFamily: "var(--font)", marginLeft: "10px" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionInfo": { maxWidth: "280px", fontFamily: "var(--font)", fontSize: "0.8125rem", padding: "6px 10px" },
  ".cm-diagnostic": { fontFamily: "var(--font)", borderLeft: "4px solid var(--bad)", padding: "6px 10px" },
  ".cm-diagnosticAction": { backgroundColor: "var(--accent)", color: "var(--on-accent)", borderRadius: "6px", padding: "2px 8px" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad) 1.5px", textUnderlineOffset: "3px" },
  ".cm-lint-marker-error": { content: "none" },
  ".cm-lint-marker": { width: "8px", height: "8px", margin: "5px 2px", borderRadius: "50%", backgroundColor: "var(--bad)" },
};

function coloursOf({ HighlightStyle, syntaxHighlighting, tags }) {
  const style = HighlightStyle.define([
    { tag: [tags.keyword, tags.operatorKeyword], color: "var(--part-condition-text)", fontWeight: "600" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--part-show-text)" },
    { tag: [tags.lineComment, tags.blockComment], color: "var(--muted)", fontStyle: "italic" },
    { tag: [tags.typeName, tags.standard(tags.name)], color: "var(--accent)" },
  ]);
  return syntaxHighlighting(style);
}

// Lists and hints stay off what stands below the editor: the button that runs the statement.
const tooltipSpace = ({ dom }) => ({ top: 0, left: 0, right: innerWidth, bottom: Math.min(innerHeight, dom.getBoundingClientRect().bottom) });

function made(cm, host, { sql, named, onChange, onRun, tables }) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.replaceChildren();
  const run = () => (onRun(), true);
  const language = cm.sql({ dialect: cm.StandardSQL });
  const state = cm.EditorState.create({
    doc: sql,
    extensions: [
      cm.lineNumbers(), cm.highlightSpecialChars(), cm.history(), cm.drawSelection(), cm.indentOnInput(), cm.bracketMatching(),
      cm.closeBrackets(), cm.highlightActiveLineGutter(), cm.lintGutter(), cm.tooltips({ position: "fixed", tooltipSpace }),
      cm.autocompletion({ override: [completeFrom(tables)], icons: false, maxRenderedOptions: 10 }),
      cm.Prec.highest(cm.keymap.of([{ key: "Mod-Enter", run }])),
      cm.keymap.of([...cm.closeBracketsKeymap, ...cm.defaultKeymap, ...cm.historyKeymap, ...cm.completionKeymap, ...cm.lintKeymap]),
      language.language, coloursOf(cm), cm.EditorView.theme(LOOK), cm.EditorView.lineWrapping, named,
      cm.EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
    ],
  });
  return new cm.EditorView({ state, root, parent: root });
}

/**
 * `sql` is the text, taken anew when `version` changes; `onChange(text)` hears of changes; `refusals` are marked at their places, those of `checked`, the text
 * that was checked. `tables` are those of `schema.js`. `hold` is a ref that gets `{ insert(text), goTo(refusal), put(refusal), focus() }`.
 */
export function Editor({ sql, version, onChange, onRun, refusals, checked, tables, hold }) {
  const host = useRef();
  const view = useRef();
  const now = useRef({});
  now.current = { onChange, onRun, tables };
  const [state, setState] = useState("loading");
  const name = useRef();
  useEffect(() => {
    let gone = false;
    loaded().then(
      (cm) => {
        if (gone) return;
        name.current = new cm.Compartment();
        view.current = made(cm, host.current, {
          sql,
          named: name.current.of(said(cm)),
          onChange: (text) => now.current.onChange(text),
          onRun: () => now.current.onRun(),
          tables: () => now.current.tables,
        });
        hold.current = hands(view.current);
        setState(cm);
      },
      () => gone || setState("fault"),
    );
    return () => {
      gone = true;
      view.current?.destroy();
      view.current = hold.current = null;
    };
  }, []);
  const cm = typeof state === "object" ? state : null;
  useEffect(() => {
    if (cm) view.current.dispatch({ effects: name.current.reconfigure(said(cm)) });
  }, [cm, locale.value]);
  useEffect(() => {
    // Text that came from elsewhere: an earlier statement, one that was handed over. What is typed is ahead of `sql`.
    const doc = view.current?.state.doc;
    if (doc && doc.toString() !== sql) view.current.dispatch({ changes: { from: 0, to: doc.length, insert: sql }, selection: { anchor: sql.length } });
  }, [cm, version]);
  useEffect(() => {
    if (!cm) return;
    const text = view.current.state.doc.toString();
    const marks = checked === text ? refusals.map((r) => mark(r, text)) : [];
    view.current.dispatch(cm.setDiagnostics(view.current.state, marks));
  }, [cm, refusals, checked]);
  return html`<div class="sql-editor">
    ${state === "loading" && html`<${Loading} />`}
    ${state === "fault" &&
    html`<textarea class="input sql-plain" aria-label=${t("statement")} value=${sql} onInput=${(e) => onChange(e.target.value)}></textarea>`}
    <div ref=${host} class="sql-host" hidden=${!cm}></div>
  </div>`;
}

const said = (cm) => [
  cm.EditorView.contentAttributes.of({ "aria-label": t("statement"), "aria-description": t("statement_hint"), spellcheck: "false" }),
  cm.placeholder(t("statement_empty")),
  // What the library itself says.
  cm.EditorState.phrases.of({
    Completions: t("completions"),
    Diagnostics: t("faults_list"),
    "No diagnostics": t("no_faults"),
    close: t("close_list"),
    "Control character": t("control_character"),
    "Selection deleted": t("selection_deleted"),
  }),
];

function mark(refusal, text) {
  const range = rangeOf(refusal, text);
  const put = (view, from, to) => view.dispatch({ changes: { from, to, insert: refusal.hint } });
  return {
    ...range,
    severity: "error",
    message: refusal.message,
    actions: canBePut(refusal) ? [{ name: refusal.hint, apply: put }] : [],
  };
}

/** What others may do with the editor. */
function hands(view) {
  const text = () => view.state.doc.toString();
  return {
    insert(words) {
      const { from, to } = view.state.selection.main;
      const before = view.state.sliceDoc(Math.max(0, from - 1), from);
      const insert = before && !/[\s(.,=']/.test(before) ? ` ${words}` : words;
      view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, scrollIntoView: true });
      view.focus();
    },
    goTo(refusal) {
      const { from, to } = rangeOf(refusal, text());
      view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
      view.focus();
    },
    put(refusal) {
      const { from, to } = rangeOf(refusal, text());
      view.dispatch({ changes: { from, to, insert: refusal.hint }, selection: { anchor: from + refusal.hint.length } });
      view.focus();
    },
    focus: () => view.focus(),
  };
}
