// Icons, drawn as lines in the colour of the text beside them. They are never the only thing that says something.

import { html } from "../vendor/preact.js";

const PATHS = {
  add: "M12 5v14M5 12h14",
  analyst: "M4 5h16v14H4zM8 10l3 2-3 2M13 15h3",
  back: "M15 6l-6 6 6 6",
  branch: "M6 4v16M6 14c0-5 12-2 12-8M18 6V4",
  chart: "M5 19V9M12 19V5M19 19v-7",
  chat: "M4 5h16v11H10l-4 4v-4H4z",
  check: "M5 12l5 5 9-10",
  close: "M6 6l12 12M18 6L6 18",
  compare: "M9.500 17a5 5 0 1 1 0-10 5 5 0 0 1 0 10zM14.500 17a5 5 0 1 0 0-10 5 5 0 0 0 0 10z",
  copy: "M9 9h10v10H9zM5 15V5h10",
  down: "M6 9l6 6 6-6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  edit: "M4 20l1-5L16 4l4 4L9 19z",
  evaluation: "M4 12l4 4 4-8 4 5 4-9",
  expand: "M14 4h6v6M10 20H4v-6M20 4l-7 7M4 20l7-7",
  export: "M12 15V4M7 8l5-5 5 5M5 14v6h14v-6",
  filter: "M4 5h16l-6 8v6l-4-2v-4z",
  forward: "M9 6l6 6-6 6",
  grip: "M9 6v.1M9 12v.1M9 18v.1M15 6v.1M15 12v.1M15 18v.1",
  help: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 18v.1",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9v.1",
  key: "M14 10a4 4 0 1 0-3 3l7 7h3v-3l-7-7z",
  language: "M4 12a8 8 0 1 0 16 0 8 8 0 1 0-16 0M4 12h16M12 4c-5 5-5 11 0 16M12 4c5 5 5 11 0 16",
  list: "M8 6h12M8 12h12M8 18h12M4 6v.1M4 12v.1M4 18v.1",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  menu: "M4 7h16M4 12h16M4 17h16",
  minus: "M5 12h14",
  model: "M7 7h10v10H7zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4",
  more: "M5 11.500v1M12 11.500v1M19 11.500v1",
  moon: "M19 15a8 8 0 0 1-10-10 8 8 0 1 0 10 10z",
  people: "M4 19c0-5 8-5 8 0M8 11a3 3 0 1 0 0-.1M13 19c0-4 7-4 7 0M16.500 12a2.500 2.500 0 1 0 0-.1",
  play: "M8 5l11 7-11 7z",
  redo: "M19 8h-9a5 5 0 0 0 0 10h5M15 4l4 4-4 4",
  refresh: "M19 12a7 7 0 1 1-2-5M17 3v4h-4",
  save: "M6 4h12v16l-6-4-6 4z",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500L20 20",
  send: "M5 12h13M12 6l6 6-6 6",
  share: "M12 14V4M8 7l4-4 4 4M6 12v8h12v-8",
  star: "M12 4l2.500 5 5.500 1-4 4 1 5.500-5-2.500-5 2.500 1-5.500-4-4 5.500-1z",
  stop: "M7 7h10v10H7z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5",
  table: "M4 5h16v14H4zM4 10h16M4 15h16M10 5v14",
  thumb_down: "M7 4v10M7 4h9l3 8v2h-6l1 5-2 1-5-6",
  thumb_up: "M7 20V10M7 20h9l3-8v-2h-6l1-5-2-1-5 6",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
  tree: "M6 4v.1M6 7v10a3 3 0 0 0 3 3h6M6 11h9M18 11v.1M18 20v.1",
  undo: "M5 8h9a5 5 0 0 1 0 10H9M9 4L5 8l4 4",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c0-6 14-6 14 0",
  warning: "M12 4l9 16H3zM12 10v4M12 17v.1",
};

/** `<${Icon} name="undo" />`. */
export function Icon({ name, size = 18 }) {
  return html`<svg
    class="icon"
    width=${size}
    height=${size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.8"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    <path d=${PATHS[name] ?? PATHS.help} />
  </svg>`;
}
