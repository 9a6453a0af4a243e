// The student's files: in the editor, dropped in, kept in this browser under the name of the assignment.
"use strict";

const STORE = `autodiff-grader ${FACTS.id} ${FACTS.title}`; // a later edition of the handout finds it again
const BEFORE = `${STORE}: before`; // what was replaced last
const { EditorState, EditorView, extensions } = editorParts();

const files = new Map(); // path -> { state } of the editor, or { bytes } of what is no text
let current = "";
let view = null;

const isText = (path) => /\.(py|txt|md|csv|json|yaml|yml|toml)$/i.test(path);
const encoder = new TextEncoder();
const bytes = (path) => files.get(path).bytes || encoder.encode(files.get(path).state.doc.toString());

function base64(content) {
  let found = "";
  for (let i = 0; i < content.length; i += 0x8000) found += String.fromCharCode(...content.subarray(i, i + 0x8000));
  return btoa(found);
}

const all = () => Object.fromEntries(Array.from(files.keys(), (path) => [path, base64(bytes(path))]));
const snapshot = () => Array.from(files.keys(), (path) => [path, bytes(path)]);

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
    const file = files.get(path);
    if (!file || !file.state || path !== current) return;
    file.state = update.state;
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

function begin(found) {
  files.clear();
  for (const [path, content] of found) put(path, content);
  open(files.has(FACTS.first) ? FACTS.first : files.keys().next().value);
}

// Tabs

function short(path) {
  const name = path.split("/").pop();
  return Array.from(files.keys()).some((one) => one !== path && one.split("/").pop() === name) ? path : name;
}

function tabs() {
  const held = at("files").contains(document.activeElement);
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
  at("remove").hidden = current in FACTS.files;
  if (held) at("files").querySelector("[aria-selected=true]").focus();
}

at("files").addEventListener("keydown", (event) => {
  const paths = Array.from(files.keys());
  const here = paths.indexOf(current);
  const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: paths.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  open(paths[(to + paths.length) % paths.length]);
});

// Files from elsewhere

const JUNK = /(^|\/)(\.|__pycache__\/|__MACOSX\/|node_modules\/)|\.(pyc|whl|prepared)$/;
const LARGEST = 5_000_000; // bytes of a file, as in grading

// A file of the handout's is meant where the end of its path is the same. A file that lies at the top of what was added
// is meant by its name alone, if nothing else there is.
function placed(paths) {
  const known = Object.keys(FACTS.files);
  const depth = (path) => path.split("/").length;
  const meant = new Map();
  const byDepth = [...paths].sort((one, other) => depth(one) - depth(other));
  for (const path of byDepth) {
    const whole = known.find((one) => path === one || (one.includes("/") && path.endsWith(`/${one}`)));
    if (whole && !meant.has(whole)) meant.set(whole, path);
  }
  for (const path of byDepth.filter((one) => depth(one) <= 2)) {
    const named = known.filter((one) => one.split("/").pop() === path.split("/").pop());
    if (named.length === 1 && !meant.has(named[0])) meant.set(named[0], path);
  }
  const places = new Map(Array.from(meant, ([place, path]) => [path, place]));
  const tops = new Set(paths.map((path) => path.split("/")[0]));
  const [top] = tops;
  const isInside = tops.size === 1 && paths.every((path) => path.includes("/")) && !known.some((one) => one.startsWith(`${top}/`));
  for (const path of paths) if (!places.has(path)) places.set(path, isInside ? path.slice(top.length + 1) : path);
  return places;
}

function unpacked(found) {
  return found.flatMap(([path, content]) => {
    if (!/\.zip$/i.test(path)) return [[path, content]];
    return unpacked(Object.entries(fflate.unzipSync(content)).filter(([name]) => !name.endsWith("/")));
  });
}

async function added(coming) {
  const before = snapshot();
  const left = [];
  const twice = [];
  let taken = [];
  try {
    const found = unpacked(await coming).filter(([path]) => !JUNK.test(path));
    left.push(...found.filter(([, content]) => content.length > LARGEST).map(([path]) => path));
    const good = found.filter(([, content]) => content.length <= LARGEST);
    const places = placed(good.map(([path]) => path));
    taken = good.map(([path, content]) => {
      put(places.get(path), content);
      return places.get(path);
    });
    twice.push(...taken.filter((path, i) => taken.indexOf(path) !== i));
  } catch (error) {
    return said(`That could not be read: ${error.message}.`, true);
  }
  let note = left.length ? `Left out, as it is too large: ${left.join(", ")}. ` : "";
  if (twice.length) note += `Several files are called so; the last one was taken: ${[...new Set(twice)].join(", ")}. `;
  if (!taken.length) return said(note || "There was no file in that which belongs to homework.", true);
  undoTo(before);
  open(taken.find((path) => files.get(path).state) || taken[0]);
  changed();
  check(`${note}Added ${taken.length === 1 ? taken[0] : `${taken.length} files`}. `);
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

const asText = (found) => JSON.stringify(Object.fromEntries(found.map(([path, content]) => [path, base64(content)])));

function keep() {
  try {
    localStorage.setItem(STORE, asText(snapshot()));
    at("unkept").hidden = true;
  } catch {
    at("unkept").hidden = false;
  }
}

function kept(name) {
  try {
    const found = Object.entries(JSON.parse(localStorage.getItem(name)));
    const read = found.map(([path, raw]) => [path, Uint8Array.from(atob(raw), (one) => one.charCodeAt(0))]);
    return read.length ? read : null;
  } catch { // there is nothing yet, or nothing that can be read
    return null;
  }
}

window.addEventListener("storage", (event) => {
  if (event.key === STORE) said("This page is open in another tab, too. What was typed last is kept, wherever that was.", true);
});

const template = () => Object.entries(FACTS.files).map(([path, plain]) => [path, encoder.encode(plain)]);

// Nothing is lost by what replaces files: it can be taken back, and that can be taken back again.
function undoTo(before) {
  if (asText(before) === asText(template())) return; // a template can be had at any time
  try {
    localStorage.setItem(BEFORE, asText(before));
  } catch { /* until the page is closed, then */ }
  offerUndo(before);
}

function offerUndo(before) {
  at("undo").hidden = false;
  at("undo").onclick = () => {
    const now = snapshot();
    at("undo").hidden = true;
    undoTo(now);
    begin(before);
    (at("undo").hidden ? at("check") : at("undo")).focus();
    changed();
    check("Your files from before are back. ");
  };
}
