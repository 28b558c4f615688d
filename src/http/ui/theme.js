// Before anything is drawn: the theme and the language that were chosen, so that nothing flashes. Not a module, so that the
// browser waits for it.
(function () {
  var root = document.documentElement;
  root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  try {
    var theme = localStorage.getItem("waggle.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    var locale = localStorage.getItem("waggle.locale");
    root.lang = locale === "ko" || locale === "en" ? locale : /^ko/i.test(navigator.language) ? "ko" : "en";
  } catch (_) {
    // A browser that keeps nothing shows what the system prefers.
  }
})();
