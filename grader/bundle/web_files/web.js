// The page of the self-check: an editor for the student's files, and an interpreter beside it that checks them.
// Nothing is sent anywhere. What is typed is kept in this browser, under the name of the handout.
"use strict";

const TYPED = 800; // milliseconds without a key until what was typed is checked
const GRACE = 600; // milliseconds that a question may take beyond its time, before the interpreter is ended
const WALL_PER_CPU = 1.5; // as in the module `fresh`
const START = 60_000; // milliseconds; a machine that takes longer to start Python is told about
const MOST_ENDED = 40; // questions that may end an interpreter in one check

const at = (id) => document.getElementById(id);
const FACTS = JSON.parse(at("facts").textContent);
const STORE = `autodiff-grader ${FACTS.edition}`;
const { EditorState, EditorView, extensions } = editorParts();

// Parts of the page that are not text: beside it as files, or in it

const unzipped = (stream) => new Response(stream.pipeThrough(new DecompressionStream("gzip")));

async function part(name) {
  const within = at(`part-${name}`);
  const address = within ? `data:application/octet-stream;base64,${within.textContent.trim()}` : FACTS.parts[name];
  const found = await fetch(address);
  if (!found.ok) throw new Error(`${address} cannot be read (${found.status})`);
  return unzipped(found.body);
}

const buffer = async (name) => (await part(name)).arrayBuffer();

async function parts() {
  const wasm = part("python").then((found) => WebAssembly.compileStreaming(new Response(found.body, {
    headers: { "content-type": "application/wasm" },
  })));
  const [module, script, library, core, assignment] = await Promise.all(
    [wasm, part("worker").then((found) => found.blob()), buffer("library"), buffer("core"), buffer("assignment")],
  );
  const files = Object.entries(fflate.unzipSync(new Uint8Array(core)));
  return { module, address: URL.createObjectURL(new Blob([script], { type: "text/javascript" })), library, files, assignment };
}

// The interpreter: started, asked, ended, started again

class Interpreter {
  constructor() {
    this.parts = parts();
    this.parts.catch((error) => failed(`This page lacks a part of its own: ${error.message}.`));
    this.now = this.started();
    this.spare = null;
  }

  get ready() {
    return this.now.ready;
  }

  started() {
    const one = { worker: null };
    one.ready = new Promise((resolve, reject) => {
      this.parts.then(({ module, address, library, files, assignment }) => {
        const worker = one.worker = new Worker(address);
        const timer = setTimeout(() => reject(new Error("Python does not start in this browser")), START);
        worker.onmessage = ({ data }) => {
          clearTimeout(timer);
          if (data.kind === "ready") resolve(worker);
          else reject(new Error(data.why));
        };
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage({ kind: "start", module, library, core: files, lock: FACTS.lock, assignment });
      }, reject);
    });
    one.ready.catch((error) => failed(`Python could not be started here: ${String(error.message).split("\n").pop()}`));
    return one;
  }

  // Have another one ready for when this one is ended.
  prepare() {
    this.spare = this.spare || this.started();
  }

  again() {
    this.now.worker.terminate();
    this.prepare();
    this.now = this.spare;
    this.spare = null;
  }

  // Check files. `seen` is called with each record. What ends an interpreter is asked once, and told as what it is.
  async check(files, seen) {
    const stopped = {};
    for (let tries = 0; tries <= MOST_ENDED; tries += 1) {
      const worker = await this.ready;
      const told = await this.once(worker, files, stopped, seen);
      if (told.kind === "over") {
        if (told.grown) this.again();
        return;
      }
      this.again();
      if (told.number === undefined) throw new Error(told.why);
    }
    throw new Error("this code ends Python again and again");
  }

  // Ask one interpreter. What stopped is noted in `stopped`, by the number of the question, so that it is not asked again.
  once(worker, files, stopped, seen) {
    return new Promise((resolve) => {
      let question = null;
      let timers = [];
      const calm = () => {
        for (const one of timers) clearTimeout(one);
        timers = [];
      };
      const stop = (how) => {
        calm();
        stopped[question.number] = how;
        resolve({ kind: "ended", number: question.number });
      };
      const late = () => ({ reason: "time limit", cpu: question.seconds / WALL_PER_CPU, where: question.where });
      const ended = (why) => {
        if (!question) return resolve({ why });
        return stop(/call stack|recursion/i.test(why) ? null : { reason: "crash" });
      };
      worker.onmessage = ({ data }) => {
        if (data.kind === "ended") return data.fatal ? ended(data.why) : (calm(), resolve({ why: data.why }));
        const record = data.kind === "said" ? JSON.parse(data.line) : null;
        if (record && record.where) {
          question.where = record.where; // its time is up: it is being interrupted
          return;
        }
        calm();
        if (question && question.where) stopped[question.number] = late();
        question = null;
        if (!record) return resolve(data);
        if (record.type !== "question") return seen(record);
        question = { ...record, where: null };
        const time = 1000 * record.seconds;
        timers = [setTimeout(() => this.prepare(), time + GRACE / 4), setTimeout(() => stop(late()), time + GRACE)];
      };
      worker.onerror = (event) => {
        event.preventDefault();
        ended(event.message);
      };
      worker.postMessage({ kind: "check", asked: JSON.stringify({ files, stopped }) });
    });
  }
}

// The student's files

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
  let taken = [];
  try {
    taken = await add(await found);
  } catch (error) {
    return said(`That could not be read: ${error.message}.`, true);
  }
  if (!taken.length) return said("There was no file of a homework in that.", true);
  open(taken.find((path) => files.get(path).state) || taken[0]);
  changed();
  check(`Added ${taken.length === 1 ? taken[0] : `${taken.length} files`}. `);
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
    const found = JSON.parse(localStorage.getItem(STORE));
    return found && Object.entries(found).map(([path, raw]) => [path, Uint8Array.from(atob(raw), (one) => one.charCodeAt(0))]);
  } catch {
    return null;
  }
}

const template = () => Object.entries(FACTS.files).map(([path, plain]) => [path, encoder.encode(plain)]);

// Checking

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
  const before = Array.from(files.keys(), (path) => [path, bytes(path)]);
  begin(template());
  changed();
  check();
  at("undo").hidden = false;
  at("undo").onclick = () => {
    at("undo").hidden = true;
    begin(before);
    changed();
    check("Your files are back. ");
  };
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
    event.preventDefault();
    if (!event.defaultPreventedByEditor) check();
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
