// Checking: when, what is shown of it, and the page's buttons and keys.
"use strict";

const TYPED = 800; // milliseconds without a key until what was typed is checked

let interpreter = null;
let timer = 0;
let busy = false;
let again = false;
let isDirty = false;

function said(line, isWrong = false) {
  at("status").textContent = line;
  at("status").classList.toggle("off", isWrong);
}

const failed = (line) => {
  said(line, true);
  at("check").setAttribute("aria-disabled", "true");
};

function changed() {
  isDirty = true;
  at("found").classList.add("stale");
  clearTimeout(timer);
  timer = setTimeout(() => {
    keep();
    if (at("typing").checked) check();
  }, TYPED);
}

async function check(before = "") {
  clearTimeout(timer);
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  isDirty = false;
  keep();
  said(`${before}Checking…`);
  const began = performance.now();
  try {
    await interpreter.check(all(), seen);
  } catch (error) {
    said(`The check itself failed, which is no fault of yours: ${String(error.message).split("\n").pop()}`, true);
  }
  at("status").dataset.took = String(Math.round(performance.now() - began));
  busy = false;
  if (again) {
    again = false;
    check();
  }
}

function seen(record) {
  if (record.type === "problem") said(record.said, true);
  else if (record.type === "row") row(record);
  else if (record.type === "done") done(record);
}

function row({ exercise, mark, said: words, status }) {
  const line = at("found").querySelector(`tr[data-exercise="${CSS.escape(exercise)}"]`);
  if (!line) return;
  line.className = { done: "right", wrong: "off" }[status] || "none";
  const sign = document.createElement("span");
  sign.className = "sign";
  sign.setAttribute("aria-hidden", "true");
  sign.textContent = mark;
  line.lastElementChild.replaceChildren(sign, ` ${words}`);
}

function done({ html, progress, right, of: total, complete, json }) {
  const opened = at("found");
  opened.innerHTML = html;
  opened.classList.toggle("stale", isDirty);
  at("progress").textContent = progress;
  document.title = `${progress}: ${FACTS.title}`;
  at("got").setAttribute("width", String((100 * right) / Math.max(total, 1)));
  at("found").dataset.json = JSON.stringify(json);
  said(complete ? "Checked: everything is right." : `Checked: ${progress}.`);
  enliven();
  for (const code of opened.querySelectorAll("code, pre")) if (!code.querySelector("code")) leadTo(code);
}

// A line of the student's that is told of can be gone to.
function leadTo(code) {
  const [, path, line] = /^\s*(?:File )?(\S+?\.py):(\d+)/.exec(code.textContent) || [];
  if (!path || !files.has(path) || !files.get(path).state) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "there";
  button.textContent = `Go to line ${line}`;
  button.addEventListener("click", () => {
    open(path);
    const { doc } = view.state;
    const place = doc.line(Math.min(Number(line), doc.lines));
    view.dispatch({ selection: { anchor: place.from }, effects: EditorView.scrollIntoView(place.from, { y: "center" }) });
    view.focus();
  });
  code.append(button);
}

// Buttons and keys

function save() {
  const zipped = fflate.zipSync(Object.fromEntries(Array.from(files.keys(), (path) => [path, bytes(path)])));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([zipped], { type: "application/zip" }));
  link.download = `${FACTS.id}.zip`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  said(`Downloaded ${FACTS.id}.zip, with ${files.size} files.`);
}

function begin(found) {
  files.clear();
  for (const [path, content] of found) put(path, content);
  open(FACTS.first in FACTS.files && files.has(FACTS.first) ? FACTS.first : files.keys().next().value);
}

function startOver() {
  undoTo(snapshot());
  begin(template());
  changed();
  check();
}

at("check").addEventListener("click", () => check());
at("save").addEventListener("click", save);
at("over").addEventListener("click", startOver);
for (const [button, input] of [["add", "some"], ["folder", "whole"]]) {
  at(button).addEventListener("click", () => at(input).click());
  at(input).addEventListener("change", (event) => {
    added(chosen(event.target.files).finally(() => { event.target.value = ""; }));
  });
}
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    if (event.defaultPrevented) return; // the editor has checked
    event.preventDefault();
    check();
  }
});
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  at("editor").classList.add("over");
});
for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => at("editor").classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const items = Array.from(event.dataTransfer.items, (one) => one.webkitGetAsEntry && one.webkitGetAsEntry()).filter(Boolean);
  added(items.length ? dropped(items) : chosen(event.dataTransfer.files));
});
window.addEventListener("pagehide", () => { if (isDirty) keep(); });

view = new EditorView({ parent: at("editor"), extensions: extensions({ check: () => true }) });
const earlier = kept();
begin(earlier || template());
interpreter = new Interpreter();
said("Python is getting ready. You can write meanwhile.");
interpreter.ready.then(() => {
  at("status").dataset.ready = String(Math.round(performance.now()));
  check(earlier ? "Your files from before are back. " : "");
}, () => {});
