// The student's files: in the editor, dropped in, kept in this browser under the name of the handout.
"use strict";

const STORE = `autodiff-grader ${FACTS.id} ${FACTS.title}`; // a later edition of the handout finds it again
const { EditorState, EditorView, extensions } = editorParts();

const files = new Map(); // path -> { state } of the editor, or { bytes } of what is no text
let current = "";
let view = null;
let bound = true;

const isText = (path) => /\.(py|txt|md|csv|json|yaml|yml|toml)$/i.test(path);
const text = (path) => files.get(path).state.doc.toString();
const encoder = new TextEncoder();
const bytes = (path) => files.get(path).bytes || encoder.encode(text(path));

function base64(content) {
  let found = "";
  for (let i = 0; i < content.length; i += 0x8000) found += String.fromCharCode(...content.subarray(i, i + 0x8000));
  return btoa(found);
}

const all = () => Object.fromEntries(Array.from(files.keys(), (path) => [path, base64(bytes(path))]));

function put(path, content) {
  let plain = null;
  if (isText(path)) {
    try {
      plain = new TextDecoder("utf-8", { fatal: true }).decode(content);
    } catch { /* it is in another encoding: kept as it is */ }
  }
  files.set(path, plain === null ? { bytes: content } : { state: EditorState.create({ doc: plain, extensions: of(path) }) });
}

const of = (path) => [
  extensions({ check: () => { check(); return true; } }),
  EditorView.contentAttributes.of({ "aria-label": path, spellcheck: "false", tabindex: "0" }),
  EditorView.updateListener.of((update) => {
    if (view && view.state === update.state) files.get(current).state = update.state;
    if (update.docChanged) changed();
  }),
];

function open(path) {
  current = path;
  const { state } = files.get(path);
  at("unshown").hidden = Boolean(state);
  view.dom.hidden = !state;
  if (state) view.setState(state);
  else at("unshown").textContent = `${path} is checked as it is. To change it, edit it where it comes from, and add it here again.`;
  tabs();
}

function short(path) {
  const name = path.split("/").pop();
  return Array.from(files.keys()).some((one) => one !== path && one.split("/").pop() === name) ? path : name;
}

function tabs() {
  at("files").replaceChildren(...Array.from(files.keys(), (path, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.id = `file-${i}`;
    button.textContent = short(path);
    button.title = path;
    button.setAttribute("role", "tab");
    button.setAttribute("aria-selected", String(path === current));
    button.setAttribute("aria-controls", "editor");
    button.tabIndex = path === current ? 0 : -1;
    button.addEventListener("click", () => open(path));
    return button;
  }));
  at("editor").setAttribute("aria-labelledby", `file-${Array.from(files.keys()).indexOf(current)}`);
}

at("files").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const paths = Array.from(files.keys());
  open(paths[(paths.indexOf(current) + step + paths.length) % paths.length]);
  at("files").querySelector("[aria-selected=true]").focus();
});

// A file of the handout's is meant wherever it lies: `lecture8.py`, `my-homework/minitorch/lecture8.py`.
function placed(path) {
  const known = Object.keys(FACTS.files);
  const parts = path.split("/");
  for (let i = 0; i < parts.length; i += 1) {
    const tail = parts.slice(i).join("/");
    const found = known.filter((one) => one === tail || (i === parts.length - 1 && one.split("/").pop() === tail));
    if (found.length === 1) return found[0];
  }
  return known.some((one) => one.startsWith(`${parts[0]}/`)) || parts.length === 1 ? path : parts.slice(1).join("/");
}

const JUNK = /(^|\/)(\.|__pycache__\/|__MACOSX\/|node_modules\/)|\.(pyc|whl|prepared)$/;
const LARGEST = 5_000_000; // bytes of a file, as in grading

async function add(found) {
  const taken = [];
  const left = [];
  for (const [path, content] of found) {
    if (JUNK.test(path)) continue;
    if (content.length > LARGEST) left.push(path);
    else if (/\.zip$/i.test(path)) {
      const inside = Object.entries(fflate.unzipSync(content)).filter(([name]) => !name.endsWith("/"));
      taken.push(...await add(inside));
    } else {
      const place = placed(path);
      put(place, content);
      taken.push(place);
    }
  }
  if (left.length) said(`Left out, as it is too large: ${left.join(", ")}.`, true);
  return taken;
}

async function added(found) {
  const before = snapshot();
  let taken = [];
  try {
    taken = await add(await found);
  } catch (error) {
    return said(`That could not be read: ${error.message}.`, true);
  }
  if (!taken.length) return said("There was no file of a homework in that.", true);
  undoTo(before);
  open(taken.find((path) => files.get(path).state) || taken[0]);
  changed();
  check(`Added ${taken.length === 1 ? taken[0] : `${taken.length} files`}. `);
}

const snapshot = () => Array.from(files.keys(), (path) => [path, bytes(path)]);

// Nothing is lost by what replaces files: it can be taken back.
function undoTo(before) {
  at("undo").hidden = false;
  at("undo").onclick = () => {
    at("undo").hidden = true;
    begin(before);
    at("check").focus();
    changed();
    check("Your files are back. ");
  };
}

const read = async (file, path) => [path, new Uint8Array(await file.arrayBuffer())];
const chosen = (list) => Promise.all(Array.from(list, (file) => read(file, file.webkitRelativePath || file.name)));

async function dropped(items) {
  const walk = async (entry) => {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      return [await read(file, entry.fullPath.slice(1))];
    }
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return (await Promise.all(found.map(walk))).flat();
      found.push(...some.filter((one) => !JUNK.test(`${one.name}${one.isDirectory ? "/" : ""}`)));
    }
  };
  return (await Promise.all(items.map(walk))).flat();
}

// Kept in this browser

function keep() {
  try {
    localStorage.setItem(STORE, JSON.stringify(all()));
    return true;
  } catch {
    if (bound) said("This browser keeps nothing for this page: download your work before you close it.", true);
    bound = false;
    return false;
  }
}

function kept() {
  try {
    const found = Object.entries(JSON.parse(localStorage.getItem(STORE)));
    return found.length ? found.map(([path, raw]) => [path, Uint8Array.from(atob(raw), (one) => one.charCodeAt(0))]) : null;
  } catch { // there is nothing yet, or nothing that can be read
    return null;
  }
}

window.addEventListener("storage", (event) => {
  if (event.key === STORE) said("This page is open in another tab, too. What was typed last is kept, wherever that was.", true);
});

const template = () => Object.entries(FACTS.files).map(([path, plain]) => [path, encoder.encode(plain)]);
