"""The self-check as a page that runs in a browser: a folder for any web server, and all of it in one file.

The page holds what a handout holds: the template, and the public half of the exercises. No seed, no hidden check and no
answer. The grader's modules are those of the handout's wheel. Python is Pyodide's, and is compiled ahead where there is
Node, since a browser takes long to compile what the self-check imports.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from grader import __version__
from grader.bundle import requirements, student, web_compile, web_packages, web_page, web_pyodide, wheel, wheels
from grader.bundle.requirements import Target
from grader.bundle.web_compile import unzipped
from grader.bundle.web_packages import FILES
from grader.errors import UsageError
from grader.grading import drawing
from grader.grading.config import Assignment
from grader.reports.zipped import zipped
from grader.selfcheck import in_browser, making
from grader.selfcheck.prepared import AssignmentBundle, encode

Say = Callable[[str], None]

TARGET = Target("3.14", "wasm32", ("pyemscripten_2026_0",))
ROOTS = ("selfcheck.in_browser", "sandbox.probes", *in_browser.LATE)
PURE = frozenset(("typing_extensions",))
"""Packages that students may import which are Python alone, so that a browser can have them."""

INDEX, ALONE, LICENCES = "index.html", "check.html", "LICENCES.txt"
EDITOR = (
    *("style-mod", "w3c-keyname", "crelt", "@marijn/find-cluster-break", "@codemirror/state", "@codemirror/view"),
    *("@lezer/common", "@lezer/highlight", "@lezer/lr", "@lezer/python", "@codemirror/streamparser"),
    *("@codemirror/language", "@codemirror/commands", "@codemirror/autocomplete", "@codemirror/lang-python"),
)
"""The editor's packages, each behind those that it is made of."""

ABOUT = """This page checks homework in the browser. It is made of:

- autodiff-grader {version} (MIT).
- Pyodide {pyodide}, Python compiled for browsers, under the Mozilla Public License 2.0 (https://mozilla.org/MPL/2.0/).
  Its source is at https://github.com/pyodide/pyodide. It holds Python's standard library, under the licence of the
  Python Software Foundation (https://docs.python.org/3/license.html). This copy is changed:
{changes}
- msgspec, which reads and writes the grader's records.
- The editor CodeMirror 6 with its parser Lezer, fflate for zips, and DOMPurify for what is shown.

The licences follow.
"""


class Wanted(msgspec.Struct, frozen=True):
    """Where the pieces come from: the lock of Python's packages, Pyodide's file (None: npm), a folder to keep them."""

    lock: Path
    pyodide: Path | None
    cache: Path


class Made(msgspec.Struct, frozen=True):
    """The page as files by their path, each behind what it needs, and how many bytes its folder sends a browser."""

    files: Mapping[str, bytes]
    sent: int


def build(assignment: Assignment, folder: Path | None, wanted: Wanted, say: Say) -> Made:
    """Return the page. `folder` holds the template; it is cut out of the reference where None.

    `say` is told what an author may not expect. Raises UsageError, JudgeError.
    """
    drawing.refuse_nobodys(
        assignment,
        "the page is one for everyone; hand out with `grader bundle student --roster`",
    )
    prepared = making.prepare(assignment)
    template = student.cut_template(assignment, prepared, folder, False, say)
    _hold_what_runs(assignment, prepared, template, say)
    packages = web_packages.unpacked(wanted.pyodide, wanted.cache / "npm")
    pyodide = packages[web_packages.PYODIDE]
    core = {**_packages(prepared, wanted), **{f"grader/{path}": raw for path, raw in wheel.code(ROOTS, ()).items()}}
    library, core = web_compile.compiled(pyodide, core, say)
    parts = {
        "python": pyodide["pyodide.asm.wasm"],
        "library": library,
        "core": zipped(core, compressed=False),
        "worker": web_pyodide.worker(pyodide, (FILES / "worker.js").read_text("utf-8")).encode(),
        "assignment": encode(prepared),
    }
    small = {name: gzip.compress(raw, 9, mtime=0) for name, raw in parts.items()}
    licences = _licences(packages, core)
    libraries = _libraries(packages)
    files = {path: raw.decode() for path, raw in template.items()}
    asked = [path for path in dict.fromkeys(map(prepared.path, prepared.exercises)) if path in files]
    texts = {path: files[path] for path in (*asked, *sorted(files)) if path != student.README}
    facts = web_page.Facts(
        assignment.id,
        assignment.title,
        asked[0] if asked else next(iter(texts)),
        texts,
        web_pyodide.lock(pyodide),
        {name: f"parts/{name}.gz" for name in small},
    )
    index = web_page.html(prepared, facts, libraries, licences, {}).encode()
    alone = web_page.html(prepared, msgspec.structs.replace(facts, parts={}), libraries, licences, small).encode()
    beside = {f"parts/{name}.gz": raw for name, raw in small.items()}
    sent = sum(map(len, beside.values())) + len(gzip.compress(index))
    return Made({LICENCES: licences.encode(), **beside, ALONE: alone, INDEX: index}, sent)


def _hold_what_runs(
    assignment: Assignment, prepared: AssignmentBundle, template: Mapping[str, bytes], say: Say
) -> None:
    """Raise UsageError where an exercise takes what a browser has not got, and say what submissions will miss."""
    instead = "hand out `grader bundle student` for this assignment"
    arrays = [one.id for one in prepared.exercises if one.kind == "arrays"]
    if arrays:
        raise UsageError(
            f"{', '.join(arrays)}: exercises on arrays need numpy, which npm's Pyodide does not bring, so they cannot "
            f"be checked in a browser; {instead}"
        )
    needed = sorted({*student.imported(assignment, prepared, template)} - {*PURE})
    if needed:
        raise UsageError(
            f"the files that students are given, or the dialect, import {', '.join(needed)}, which npm's Pyodide does "
            f"not bring, so nothing could be checked in a browser; {instead}"
        )
    missed = sorted({name.partition(".")[0] for name in prepared.allowed} - sys.stdlib_module_names - {*PURE})
    if missed:
        say(f"not there in a browser, though students may import it elsewhere: {', '.join(missed)}")


def _packages(prepared: AssignmentBundle, wanted: Wanted) -> dict[str, bytes]:
    """Return the files of the packages that the self-check imports. Of PyYAML its Python is enough."""
    lock = requirements.text_of(wanted.lock)
    found = _fetched(lock, "msgspec", TARGET, wanted)
    for name in PURE & {*prepared.allowed}:
        found |= _fetched(lock, name, Target("3.13"), wanted)
    if any(one.on_paper for one in prepared.exercises):
        yaml = _fetched(lock, "pyyaml", Target("3.13"), wanted)
        found |= {name: raw for name, raw in yaml.items() if not name.endswith(".so")}
    return found


def _fetched(lock: str, name: str, target: Target, wanted: Wanted) -> dict[str, bytes]:
    (raw,) = wheels.fetched((requirements.one(lock, name),), target, wanted.cache / "wheels").values()
    return unzipped(raw)


def _libraries(packages: Mapping[str, Mapping[str, bytes]]) -> Sequence[str]:
    """Return the scripts of others: fflate, and the editor's packages, each a function to call when it is required."""
    packed = []
    for name in EDITOR:
        files = packages[name]
        (path,) = (one for one in files if one.endswith(".cjs") and "/test" not in one)
        packed.append(f"pack({name!r}, function (require, exports, module) {{\n{files[path].decode()}\n}});")
    start = (FILES / "required.js").read_text("utf-8")
    return [
        packages["fflate"]["umd/index.js"].decode(),
        packages["dompurify"]["dist/purify.min.js"].decode(),
        start,
        *packed,
    ]


def _licences(packages: Mapping[str, Mapping[str, bytes]], core: Mapping[str, bytes]) -> str:
    versions = {one.name: one.version for one in web_packages.pinned()}
    changes = "\n".join(f"  - {one}." for one in web_pyodide.CHANGES)
    told = [ABOUT.format(version=__version__, pyodide=versions[web_packages.PYODIDE], changes=changes)]
    held = {f"{name} {versions[name]}": files["LICENSE"] for name, files in packages.items() if "LICENSE" in files}
    held |= {"msgspec": next(raw for name, raw in core.items() if name.endswith("LICENSE"))}
    for name, raw in held.items():
        told.append(f"{name}\n\n{raw.decode('utf-8', 'replace').strip()}\n")
    return "\n----\n\n".join(told)
