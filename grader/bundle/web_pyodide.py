"""Pyodide's own text, changed so that it starts from a page that was opened as a file. What is changed is listed here.

Such a page can start a classic worker only, and from a text that it has itself. Pyodide refuses those, and is written
as two modules. Its licence (MPL-2.0) asks that changes are told: `CHANGES` is shipped with every page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from grader.errors import UsageError

CHANGES = (
    "pyodide.mjs: the guard against classic workers is cut out, and the export at its end is an assignment",
    "pyodide.asm.mjs: import.meta.url, which only modules have, is an address that does not exist, and the export at "
    "its end is an assignment",
    "pyodide.asm.mjs: no more than 1 GiB of memory is taken, in place of 4 GiB: beyond it Python raises MemoryError",
    "pyodide-lock.json: lists no packages, so that none is looked for",
    "python_stdlib.zip: what the self-check imports is in it as bytecode of the same Python, in place of its source",
)

NOWHERE = '"https://pyodide.invalid/pyodide.asm.mjs"'
MOST_MEMORY = 2**30

LOADER = (
    (r'if\(\w+&&\w+\(\)\)throw new Error\("Classic web workers are not supported"\);', ""),
    (r"export\{(\w+) as loadPyodide,\w+ as version\};", r"self.loadPyodide=\1;"),
    (r"\n//# sourceMappingURL=\S*", ""),
)
CORE = (
    (r"export default _createPyodideModule;", "self.createPyodideModule=_createPyodideModule;"),
    (r"getHeapMax=\(\)=>\d+", f"getHeapMax=()=>{MOST_MEMORY}"),
)


def worker(pyodide: Mapping[str, bytes], ours: str) -> str:
    """Return the text of the worker: Pyodide's two, each in a scope of its own, and ours. Raises UsageError."""
    loader = _changed("pyodide.mjs", pyodide, LOADER)
    core = _changed("pyodide.asm.mjs", pyodide, CORE).replace("import.meta.url", NOWHERE)
    return "".join(f"(function(){{{text}\n}})();\n" for text in (loader, core)) + ours


def lock(pyodide: Mapping[str, bytes]) -> str:
    """Return Pyodide's list of packages, with none in it."""
    whole = json.loads(pyodide["pyodide-lock.json"])
    return json.dumps({"info": whole["info"], "packages": {}})


def _changed(name: str, pyodide: Mapping[str, bytes], changes: tuple[tuple[str, str], ...]) -> str:
    text = pyodide[name].decode()
    for pattern, instead in changes:
        text, count = re.subn(pattern, instead, text)
        if count != 1:
            raise UsageError(
                f"{name} of Pyodide is not written as this version of the grader knows it: {pattern} is not there once"
            )
    return text
