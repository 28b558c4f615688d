// A chart by Apache ECharts, which is loaded when the first one is drawn. Colours are those of the page; what it shows is
// told in words to those who cannot see it, and whoever uses it puts a table beside it.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { words } from "../i18n/t.js";
import * as common from "../i18n/common.js";
import { dark, locale } from "../state.js";
import { Loading } from "./say.js";

const t = words(common);
let library = null;
const loaded = () => (library ??= import("../vendor/echarts.js"));

/** Of a grid: what is written beside its axes stays within its bounds. */
export const WITHIN = { outerBoundsMode: "same", outerBoundsContain: "axisLabel" };

/** Colours of the page, as the style sheet has them. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of("text"),
    muted: of("muted"),
    line: of("line"),
    surface: of("surface"),
    accent: of("accent"),
    series: [1, 2, 3, 4, 5, 6].map((n) => of(`series-${n}`)),
    scale: [of("scale-low"), of("scale-high")],
  };
}

// Tips are drawn in the chart itself: as elements they would be made from markup, which the page's policy forbids.
const base = (c) => ({
  animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  animationDuration: 250,
  color: c.series,
  textStyle: { color: c.text, fontFamily: getComputedStyle(document.body).fontFamily },
  aria: { enabled: false },
});
const tip = (c) => ({
  renderMode: "richText",
  confine: true,
  backgroundColor: c.surface,
  borderColor: c.line,
  textStyle: { color: c.text, fontSize: 13 },
});

/**
 * `option(colours)` gives ECharts' option; it is asked again when the theme or the language changes, or one of `on`.
 * `label` says in words what is seen. `chart` is a ref that gets the chart, for `toImage`.
 */
export function Chart({ option, on = [], label, height = 260, chart, onClick }) {
  const box = useRef();
  const made = useRef();
  const click = useRef(onClick);
  click.current = onClick;
  const [state, setState] = useState("loading");
  useEffect(() => {
    let gone = false;
    loaded().then(
      ({ init }) => {
        if (gone) return;
        made.current = init(box.current);
        made.current.on("click", (event) => click.current?.(event));
        if (chart) chart.current = made.current;
        setState("drawn");
      },
      () => gone || setState("fault"),
    );
    const size = new ResizeObserver(() => made.current?.resize());
    size.observe(box.current);
    return () => {
      gone = true;
      size.disconnect();
      made.current?.dispose();
      made.current = null;
      if (chart) chart.current = null;
    };
  }, []);
  useEffect(() => {
    if (state !== "drawn") return;
    const c = colours();
    const given = option(c);
    made.current.setOption({ ...base(c), ...given, tooltip: { ...tip(c), ...given.tooltip, renderMode: "richText" } }, true);
  }, [state, dark.value, locale.value, ...on]);
  return html`<figure class="chart" role="img" aria-label=${label}>
    ${state === "loading" && html`<${Loading} />`} ${state === "fault" && html`<p class="fault-text">${t("cannot_draw")}</p>`}
    <div ref=${box} class="chart-canvas" style=${{ height: `${height}px` }} aria-hidden="true"></div>
  </figure>`;
}

/** The chart as a PNG. */
export async function toImage(chart) {
  const url = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: colours().surface });
  const bytes = Uint8Array.from(atob(url.split(",")[1]), (c) => c.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}
