"use strict";
(function () {
  var root = document.documentElement;
  var body = document.querySelector("tbody");
  var rows = Array.prototype.slice.call(body.querySelectorAll("tr[data-kind]"));
  var heads = Array.prototype.slice.call(document.querySelectorAll("thead th[aria-sort]"));
  var at = function (id) { return document.getElementById(id); };

  function say() {
    var seen = rows.filter(function (row) { return !row.hidden; }).length;
    at("shown").textContent = root.lang === "ko" ? rows.length + "개 중 " + seen + "개" : seen + " of " + rows.length;
  }

  function speak(lang) {
    root.lang = lang;
    document.querySelectorAll("[data-ko]").forEach(function (item) {
      var text = item.getAttribute("data-" + lang);
      if (item.tagName.toLowerCase() === "svg") {
        item.setAttribute("aria-label", text);
        item.querySelector("title").textContent = text;
      } else {
        item.title = text;
      }
    });
    say();
  }

  function filter() {
    var words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    var kind = at("kind").value, size = at("size").value, place = at("place").value;
    rows.forEach(function (row) {
      var text = [0, 1, 4, 5].map(function (i) { return row.cells[i].textContent; }).join(" ").toLowerCase();
      var data = row.dataset;
      row.hidden = !(words.every(function (word) { return text.indexOf(word) >= 0; }) &&
        (!kind || data.kind === kind) && (!place || data.place === place) &&
        (!size || (data.size !== "" && Number(data.size) <= Number(size))));
    });
    say();
  }

  function sort(head, button) {
    var other = { ascending: "descending", descending: "ascending" };
    var now = head.getAttribute("aria-sort");
    var order = now === "none" ? button.dataset.first : other[now];
    heads.forEach(function (each) { each.setAttribute("aria-sort", each === head ? order : "none"); });
    var column = head.cellIndex, sign = order === "ascending" ? 1 : -1, number = button.dataset.number === "yes";
    rows.map(function (row, i) { return { row: row, i: i, key: row.cells[column].dataset.sort }; }).sort(function (a, b) {
      if (a.key === "" || b.key === "") return (a.key === "") - (b.key === "") || a.i - b.i;
      var by = number ? Number(a.key) - Number(b.key) : a.key.localeCompare(b.key, root.lang);
      return sign * by || a.i - b.i;
    }).forEach(function (item) { body.appendChild(item.row); });
  }

  heads.forEach(function (head) {
    var button = head.querySelector("button");
    button.addEventListener("click", function () { sort(head, button); });
  });
  document.querySelectorAll("input[data-column]").forEach(function (box) {
    box.addEventListener("change", function () {
      document.querySelectorAll("table [data-column='" + box.dataset.column + "']").forEach(function (cell) {
        cell.hidden = !box.checked;
      });
    });
  });
  ["search", "kind", "size", "place"].forEach(function (id) { at(id).addEventListener("input", filter); });
  document.querySelector("form").addEventListener("submit", function (event) { event.preventDefault(); });
  at("language").addEventListener("click", function () { speak(root.lang === "ko" ? "en" : "ko"); });
  at("theme").addEventListener("click", function () {
    var dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  speak(root.lang);
})();
