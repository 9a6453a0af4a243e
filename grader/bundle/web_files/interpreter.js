// The interpreter beside the page: started from the page's parts, asked, ended, started again.
"use strict";

const at = (id) => document.getElementById(id);
const FACTS = JSON.parse(at("facts").textContent);
const GRACE = 600; // milliseconds that a question may take beyond its time, before the interpreter is ended
const WALL_PER_CPU = 1.5; // as in the module `fresh`
const OURS = 120_000; // milliseconds without a word, while no question is put; the grader itself is at fault then
const START = 60_000; // milliseconds; a machine that takes longer to start Python is told about
const MOST_ENDED = 40; // questions that may end an interpreter in one check

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

class EndedOften extends Error {}

class Interpreter {
  constructor() {
    this.parts = parts();
    this.parts.catch((error) => failed(`This page cannot run in this browser, or has not come whole: ${error.message}.`));
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

  // Check files. `seen` is called with each record; the last one has a JSON document if `document`. What ends an
  // interpreter is asked once, and told as what it is.
  async check(files, seen, document = false) {
    const stopped = {};
    for (let tries = 0; tries < MOST_ENDED; tries += 1) {
      const worker = await this.ready;
      const told = await this.once(worker, { files, stopped, document }, seen);
      if (told.kind === "over") {
        if (told.spoilt) this.again();
        return;
      }
      this.again();
      if (told.kind === "cancelled") return;
      if (told.number === undefined) throw new Error(told.why);
    }
    throw new EndedOften(`This code ended Python ${MOST_ENDED} times, as os._exit or an endless loop does. The check was given `
      + "up; what is listed was checked before that.");
  }

  // End the check that is going on: there is something newer.
  cancel() {
    if (this.stopNow) this.stopNow();
  }

  // Ask one interpreter. What stopped is noted in `asked.stopped`, by the number of the question, so that it is not asked
  // again. Only what happens while a question is put is laid to the student's code.
  once(worker, asked, seen) {
    const { stopped } = asked;
    return new Promise((resolve) => {
      let question = null;
      let timers = [];
      const calm = () => {
        for (const one of timers) clearTimeout(one);
        timers = [];
      };
      this.stopNow = () => {
        calm();
        worker.onmessage = null;
        resolve({ kind: "cancelled" });
      };
      const fault = (why) => {
        calm();
        resolve({ why });
      };
      const wait = () => {
        timers = [setTimeout(() => fault("the grader takes too long"), OURS)];
      };
      const stop = (how) => {
        calm();
        stopped[question.number] = how;
        resolve({ kind: "ended", number: question.number });
      };
      const late = () => ({ reason: "time limit", cpu: question.seconds / WALL_PER_CPU, where: question.where });
      const ended = (why) => {
        if (!question) return fault(why);
        return stop(/call stack|recursion/i.test(why) ? null : { reason: "crash" });
      };
      worker.onmessage = ({ data }) => {
        if (data.kind === "ended") return data.fatal ? ended(data.why) : fault(data.why);
        const record = data.kind === "said" ? JSON.parse(data.line) : null;
        if (record && record.where) {
          question.where = record.where; // its time is up: it is being interrupted
          return;
        }
        calm();
        if (question && question.where) stopped[question.number] = late();
        question = null;
        if (!record) return resolve(data);
        if (record.type !== "question") seen(record);
        if (!record.seconds) return wait(); // it is answered, or was no question
        question = { ...record, where: null };
        const time = 1000 * record.seconds;
        timers = [setTimeout(() => this.prepare(), time + GRACE / 4), setTimeout(() => stop(late()), time + GRACE)];
      };
      worker.onerror = (event) => {
        event.preventDefault();
        ended(event.message);
      };
      wait();
      worker.postMessage({ kind: "check", asked: JSON.stringify(asked) });
    });
  }
}
