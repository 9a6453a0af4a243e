// Have Pyodide itself compile what the self-check imports: Python's bytecode is for one version of Python only.
// node compile.mjs FOLDER: reads pyodide.mjs and what belongs to it, library.zip and core.zip there; writes compiled.zip.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
process.on("uncaughtException", (error) => {
  console.error(String(error.message).trim().split("\n").pop()); // Python's last line says what it was
  process.exit(1);
});
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const env = { PYTHONNODEBUGRANGES: "1" }; // columns are for the carets under a traceback, which nobody sees here
const python = await loadPyodide({ indexURL: `${folder}/`, stdLibURL: `${folder}/library.zip`, env });
python.FS.writeFile("/core.zip", new Uint8Array(readFileSync(`${folder}/core.zip`)));
python.runPython(`
import sys

at_the_start = {getattr(one, "__file__", None) for one in sys.modules.values()}
import zipfile

LIBRARY = next(one for one in sys.path if one.endswith(".zip"))
PACKAGES = next(one for one in sys.path if one.endswith("site-packages"))
zipfile.ZipFile("/core.zip").extractall(PACKAGES)
before = set(sys.modules)
from grader.selfcheck import in_browser
in_browser.ready()
imported = at_the_start | {getattr(one, "__file__", None) for name, one in sys.modules.items() if name not in before}
import ast
import importlib._bootstrap_external as bootstrap

def without_docstrings(tree):
    for one in ast.walk(tree):
        if isinstance(one, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(one, clean=False):
            one.body[:1] = [] if len(one.body) > 1 else [ast.copy_location(ast.Pass(), one.body[0])]
    return tree

with zipfile.ZipFile("/compiled.zip", "w", zipfile.ZIP_DEFLATED) as out:
    for archive, root, is_ours in ((LIBRARY, LIBRARY, False), ("/core.zip", PACKAGES, True)):
        with zipfile.ZipFile(archive) as sources:
            for name in sorted(sources.namelist()):
                path = f"{root}/{name}"
                if name.endswith(".py") and (is_ours or path in imported):
                    source = sources.read(name)
                    read = without_docstrings(ast.parse(source, path)) if name.startswith("grader/") else source
                    code = compile(read, path, "exec", dont_inherit=True)
                    raw = bootstrap._code_to_timestamp_pyc(code, 0, len(source))
                    out.writestr(zipfile.ZipInfo(f"{'core' if is_ours else 'library'}/{name}c"), raw)
`);
writeFileSync(`${folder}/compiled.zip`, python.FS.readFile("/compiled.zip"));
