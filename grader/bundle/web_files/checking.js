// Checking: when, what is shown of it, and the page's buttons and keys.
"use strict";

const TYPED = 800; // milliseconds without a key until what was typed is checked
const PATIENT = 1500; // milliseconds of a check after which a newer text ends it

let interpreter = null;
let timer = 0;
let began = 0;
let again = false;
let isDirty = false;
let coming = ""; // what is to be said of files that were added, until their check begins
let note = ""; // the same, until what came of their check is told

function said(line, isWrong = false) {
  at("status").textContent = line;
  at("status").classList.toggle("off", isWrong);
}

// What came of a check, behind what was to be said of the files that brought it: that was there too shortly to be read.
function told(line, isWrong = false) {
  said(`${note}${line}`, isWrong);
  note = "";
}

const failed = (line) => {
  said(line, true);
  at("check").setAttribute("aria-disabled", "true");
};

const lastLine = (error) => String((error && error.message) || error).trim().split("\n").pop() || "no reason was given";

function changed() {
  isDirty = true;
  at("found").classList.add("stale");
  if (!began) said("Changed since the last check.");
  document.title = `changed: ${FACTS.title}`;
  clearTimeout(timer);
  timer = setTimeout(() => {
    keep();
    if (at("typing").checked) check();
  }, TYPED);
}

async function check(before = "") {
  clearTimeout(timer);
  coming = before || coming;
  if (!interpreter) return;
  if (began) {
    again = true;
    if (performance.now() - began > PATIENT) interpreter.cancel();
    return;
  }
  began = performance.now();
  if (isDirty) keep();
  isDirty = false;
  note = coming || note;
  coming = "";
  said(`${note}Checking…`);
  try {
    await interpreter.check(all(), seen);
  } catch (error) {
    unchecked(error instanceof EndedOften
      ? error.message
      : `The check itself failed, which is no fault of yours: ${lastLine(error)}`);
  }
  at("status").dataset.took = String(Math.round(performance.now() - began));
  began = 0;
  if (again) {
    again = false;
    check();
  }
}

// What is shown was found before: nothing may look as if it were of these files.
function unchecked(line) {
  told(line, true);
  at("found").classList.add("stale");
  at("progress").textContent = "not checked";
  document.title = `not checked: ${FACTS.title}`;
}

function seen(record) {
  if (record.type === "problem") unchecked(record.said);
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

// What comes from beside the student's code is shown as text and pictures, and can lead nowhere.
const SHOWN = { ALLOWED_URI_REGEXP: /^#/, FORBID_TAGS: ["form", "img", "link", "meta", "style"], FORBID_ATTR: ["style"] };

function done({ html, progress, right, of: total, complete }) {
  const opened = at("found");
  const held = opened.contains(document.activeElement);
  opened.innerHTML = DOMPurify.sanitize(html, SHOWN);
  opened.classList.toggle("stale", isDirty);
  at("progress").textContent = progress;
  document.title = `${isDirty ? "changed" : progress}: ${FACTS.title}`;
  at("got").setAttribute("width", String((100 * right) / Math.max(total, 1)));
  told(complete ? "Checked: everything is right." : `Checked: ${progress}.`);
  enliven();
  for (const code of opened.querySelectorAll("code, pre")) if (!code.querySelector("code")) leadTo(code);
  if (held) opened.focus();
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

function startOver() {
  undoTo(snapshot());
  begin(template());
  changed();
  check();
}

function remove() {
  undoTo(snapshot());
  const path = current;
  files.delete(path);
  open(files.has(FACTS.first) ? FACTS.first : files.keys().next().value);
  at("files").querySelector("[aria-selected=true]").focus();
  changed();
  check(`Removed ${path}. `);
}

function create() {
  const name = (window.prompt("Name of the new file, such as helpers.py") || "").trim();
  if (!name) return;
  const folder = FACTS.first.includes("/") ? FACTS.first.replace(/[^/]*$/, "") : "";
  const path = name.includes("/") ? name : folder + name;
  if (!/^[\w./-]+\.\w+$/.test(path) || path.includes("..")) {
    said(`${name} cannot be a file's name here: letters, digits, and an ending such as .py.`, true);
    return;
  }
  if (!files.has(path)) put(path, new Uint8Array());
  open(path);
  view.focus();
  changed();
}

at("check").addEventListener("click", () => check());
at("save").addEventListener("click", save);
at("over").addEventListener("click", startOver);
at("remove").addEventListener("click", remove);
at("new").addEventListener("click", create);
for (const [button, input] of [["add", "some"], ["folder", "whole"]]) {
  at(button).addEventListener("click", () => at(input).click());
  at(input).addEventListener("change", (event) => {
    added(chosen(event.target.files).finally(() => { event.target.value = ""; }));
  });
}
at("typing").addEventListener("change", () => {
  try {
    localStorage.setItem(`${STORE}: typing`, String(at("typing").checked));
  } catch { /* it holds until the page is closed */ }
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key !== "Enter" || event.defaultPrevented) return;
  event.preventDefault();
  check();
});

const brings = (event) => Array.from(event.dataTransfer.types).includes("Files"); // text may be dragged about in the editor
document.addEventListener("dragover", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  at("editor").classList.add("over");
});
for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => at("editor").classList.remove("over"));
document.addEventListener("drop", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  const items = Array.from(event.dataTransfer.items, (one) => one.webkitGetAsEntry && one.webkitGetAsEntry()).filter(Boolean);
  added(items.length ? dropped(items) : chosen(event.dataTransfer.files));
});
window.addEventListener("pagehide", () => { if (isDirty) keep(); });

// At the start

view = new EditorView({ parent: at("editor"), extensions: extensions({ check: () => true }) });
const earlier = kept(STORE);
const replaced = kept(BEFORE);
try {
  at("typing").checked = localStorage.getItem(`${STORE}: typing`) !== "false";
} catch { /* as it is */ }
begin(earlier || template());
if (replaced) offerUndo(replaced);
if (location.protocol === "file:" && FACTS.parts.python) {
  failed("This page has to come from a web server. To open it from disk, take check.html, which is all in one file.");
} else {
  interpreter = new Interpreter();
  said("Python is getting ready. You can write meanwhile.");
  interpreter.ready.then(() => {
    at("status").dataset.ready = String(Math.round(performance.now()));
    check(earlier ? "Your files from before are back. " : "");
  }, () => {});
}
