// Runs Python beside the page: takes files, says what came of them, and may be ended at any time.
// Ahead of this text stand Pyodide's own two files, changed as `web_pyodide.py` says.
"use strict";

const OURS = new Map(); // what is asked for by address is here already: nothing else is fetched
const ADDRESS = "https://pyodide.invalid/";
const GROWN = 400 * 2 ** 20; // bytes; memory that was grown is never given back

// Bytes that Python may use of its own stack, while the browser uses some times as many of another. Where the browser
// can switch stacks, that other one is as long as a page's; a worker's own has half of that.
const SWITCHES = "Suspending" in WebAssembly;
const STACK = SWITCHES ? 280_000 : 160_000;
const SIGINT = 2;
const AGAIN = 50; // milliseconds until a student's code that kept an interruption to itself is interrupted again

let desk = null;
let python = null;
let deadline = 0;

self.fetch = async (address) => {
  const found = OURS.get(String(address).slice(ADDRESS.length));
  if (!found) throw new TypeError("nothing is fetched here");
  return new Response(found);
};
console.error = () => {}; // what ends Python is told by the page
for (const name of ["XMLHttpRequest", "WebSocket", "EventSource", "WebTransport", "importScripts"]) delete self[name];

const say = (kind, more) => self.postMessage({ kind, ...more });

async function start({ module, library, core, lock, assignment }) {
  WebAssembly.instantiateStreaming = async (_, imports) => ({
    module,
    instance: await WebAssembly.instantiate(module, imports),
  });
  OURS.set("library.zip", library);
  OURS.set("pyodide.asm.wasm", new Uint8Array());
  python = await self.loadPyodide({
    createPyodideModule: self.createPyodideModule,
    indexURL: ADDRESS,
    stdLibURL: `${ADDRESS}library.zip`,
    lockFileContents: lock,
    stdout: () => {},
    stderr: () => {},
  });
  const [major, minor] = python.runPython("import sys; f'{sys.version_info[0]} {sys.version_info[1]}'").split(" ");
  const packages = `/lib/python${major}.${minor}/site-packages`;
  for (const [path, content] of core) {
    python.FS.mkdirTree(`${packages}/${path}`.replace(/\/[^/]*$/, ""));
    python.FS.writeFile(`${packages}/${path}`, content);
  }
  python.setInterruptBuffer({
    length: 1,
    get 0() {
      const now = performance.now();
      if (!deadline || now < deadline) return 0;
      deadline = now + AGAIN;
      return SIGINT;
    },
    set 0(_) {},
  });
  desk = python.pyimport("grader.selfcheck.in_browser").opened(python.toPy(assignment), (seconds) => {
    deadline = seconds ? performance.now() + 1000 * seconds : 0;
  });
}

self.onmessage = async ({ data }) => {
  try {
    if (data.kind === "start") {
      await start(data);
      say("ready");
    } else {
      const line = (said) => say("said", { line: said });
      const asked = [data.asked, line, python._module.stackSave(), STACK];
      const changed = SWITCHES ? await desk.check.callPromising(...asked) : desk.check(...asked);
      say("over", { spoilt: changed || python._module.HEAP8.length > GROWN });
    }
  } catch (error) {
    // what Python could not catch ended Python: `exit`, no more stack, a fault of ours
    say("ended", { why: String(error && error.message).slice(-2000), fatal: !python || !!python._api.fatal_error });
  }
};
