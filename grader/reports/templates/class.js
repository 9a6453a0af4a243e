// Sort and filter the table of students. Without script it is there whole, in the class's order.
"use strict";
(() => {
  const table = document.getElementById("class");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  // Sorting

  const keyOf = (row, column, numeric) => {
    const cell = row.cells[column];
    if (!numeric) return cell.textContent;
    return cell.dataset.key === "" ? null : Number(cell.dataset.key);
  };

  const compare = (a, b, numeric) => (numeric ? a - b : collator.compare(a, b));

  const sort = (head, order) => {
    const column = head.cellIndex;
    const numeric = head.dataset.sort === "number";
    const direction = order === "ascending" ? 1 : -1;
    const keyed = rows.map((row) => [keyOf(row, column, numeric), row]);
    keyed.sort(([a], [b]) => {
      const missing = (a === null || a === "") - (b === null || b === "");
      return missing || direction * compare(a, b, numeric); // what is not there comes last, either way
    });
    body.replaceChildren(...keyed.map(([, row]) => row));
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
  };

  for (const head of table.tHead.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => {
      sort(head, head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending");
    });
    head.append(button);
  }

  // Filtering

  const controls = document.querySelector(".controls");
  const [search, state, exercise, verdict] = ["search", "state", "exercise", "verdict"].map((id) => document.getElementById(id));
  const section = document.getElementById("section"); // only where there is any
  const shown = document.getElementById("shown");
  const nobody = document.getElementById("nobody");
  const texts = new Map();

  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, `${row.cells[0].textContent} ${row.lastElementChild.textContent}`.toLowerCase());
    return texts.get(row);
  };

  const lost = (row) => {
    if (!exercise.value && !verdict.value) return true;
    return row.dataset.lost.split(" ").some((one) => {
      const [, number, code] = /^(\d*)(.*)$/.exec(one);
      return number && (!exercise.value || number === exercise.value) && (!verdict.value || code === verdict.value);
    });
  };

  const fits = (row, words) => words.every((word) => textOf(row).includes(word))
    && (!section || !section.value || (row.dataset.section || "").split("\n").includes(section.value))
    && (!state.value || row.dataset.state.split(" ").includes(state.value)) && lost(row);

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fit = fits(row, words);
      row.hidden = !fit;
      count += fit;
    }
    remember();
    shown.textContent = count === rows.length ? `${count} students` : `${count} of ${rows.length} students`;
    nobody.hidden = count > 0;
  };

  // What is chosen stands in the address, so that it can be sent to somebody and survives a reload

  const all = [search, section, state, exercise, verdict].filter(Boolean);
  const HERE = "#students&";

  const remember = () => {
    const chosen = new URLSearchParams(all.filter((one) => one.value).map((one) => [one.id, one.value]));
    const now = location.hash.startsWith(HERE) || String(chosen);
    if (now) history.replaceState(null, "", String(chosen) ? HERE + chosen : "#students");
  };

  const recall = () => {
    if (!location.hash.startsWith(HERE)) return false;
    const chosen = new URLSearchParams(location.hash.slice(HERE.length));
    for (const one of all) one.value = chosen.get(one.id) || "";
    for (const one of all) if (one.selectedIndex === -1) one.selectedIndex = 0; // of an older class: it is not there
    return true;
  };

  window.addEventListener("hashchange", () => { if (recall()) filter(); });
  for (const control of all) control.addEventListener("input", filter);
  document.getElementById("reset").addEventListener("click", () => {
    for (const control of all) control.value = "";
    filter();
    search.focus();
  });
  controls.hidden = false;
  const led = recall();
  filter();
  if (led) document.getElementById("students").scrollIntoView();

  // A list to paste somewhere else

  const copy = document.getElementById("copy");
  copy.addEventListener("click", async () => {
    const names = rows.filter((row) => !row.hidden).map((row) => row.cells[0].querySelector("a")?.textContent ?? row.cells[0].firstChild.textContent);
    const text = names.map((name) => name.trim()).join("\n");
    try {
      await navigator.clipboard.writeText(text);
    } catch { // not every browser lets a page from a file use the clipboard
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      copy.focus();
    }
    shown.textContent = `Copied ${names.length} ${names.length === 1 ? "name" : "names"}.`;
  });

  // Whoever prints gets every name.

  window.addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
})();
