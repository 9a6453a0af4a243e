"""Python's source compiled ahead by Pyodide itself, in Node: bytecode is for one version of Python only."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from grader.bundle.web_packages import FILES
from grader.reports.zipped import zipped

NEEDED = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide-lock.json")

PATIENCE = 180
"""Seconds that compiling may take. It takes about five."""

Files = Mapping[str, bytes]


def compiled(pyodide: Files, core: Files, say: Callable[[str], None]) -> tuple[bytes, dict[str, bytes]]:
    """Return the standard library as a zip, and the core; what is imported at the start as bytecode, where Node is.

    `say` is told where it could not be done.
    """
    library = pyodide["python_stdlib.zip"]
    node = shutil.which("node")
    if node is None:
        say("node is not installed here, so the page has to compile Python's source: it starts some seconds later")
        return library, dict(core)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in NEEDED:
            (place / name).write_bytes(pyodide[name])
        (place / "library.zip").write_bytes(library)
        (place / "core.zip").write_bytes(zipped(core))
        made = place / "compiled.zip"
        why = _run(node, folder) or ("" if made.is_file() else "it wrote nothing")
        if why:
            say(f"node could not compile Python's source ahead ({why[:200]}): the page starts some seconds later")
            return library, dict(core)
        found = unzipped(made.read_bytes())
    ours = {name.removeprefix("core/"): raw for name, raw in found.items() if name.startswith("core/")}
    theirs = {name.removeprefix("library/"): raw for name, raw in found.items() if name.startswith("library/")}
    return zipped(_instead(unzipped(library), theirs), compressed=False), _instead(core, ours)


def _run(node: str, folder: str) -> str:
    """Have Node compile; return why it did not, or nothing."""
    command = [node, str(FILES / "compile.mjs"), folder]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"it took over {PATIENCE} seconds"
    said = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
    return said[-1] if done.returncode else ""


def _instead(sources: Files, compiled: Files) -> dict[str, bytes]:
    """Return files with bytecode in place of the source that it was made of."""
    return {**{name: raw for name, raw in sources.items() if f"{name}c" not in compiled}, **compiled}


def unzipped(raw: bytes) -> dict[str, bytes]:
    """Return a zip's files by their names."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
