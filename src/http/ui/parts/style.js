// Style sheets of one screen, loaded with it.

/** Adds `style/NAME.css` to the page, once. */
export function styled(name) {
  const href = new URL(`../style/${name}.css`, import.meta.url).href;
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return;
  if (document.head.querySelector(`link[data-name="${name}"]`)) return;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  link.dataset.name = name;
  document.head.append(link);
}
