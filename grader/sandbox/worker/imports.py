"""What a student's file may import, and what becomes of an import that finds nothing.

An import in a file's own body, with no `try` around it, is given a stand-in (`absent`): it costs nothing until it is
used. Anywhere else it raises ModuleNotFoundError, as Python does, so that a guard works. Which one it is, is read from
the file's syntax, and only once an import has failed: files whose imports work are never parsed for it.

This is courtesy, not containment: the box has no files to import from.
"""

from __future__ import annotations

import builtins
import opcode
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import FrameType, ModuleType
from typing import Any

from grader.sandbox.boundary.protocol import file_of
from grader.sandbox.worker import absent, newer, stubs
from grader.sandbox.worker.faults import ForbiddenImport, MissingModule, shown

ONLY_AST = 0x400
"""`ast.PyCF_ONLY_AST`: parse, without compiling."""

LIBRARY = ("grader", "msgspec")
"""What a worker has besides Python, under names that a student's helper may have as well."""

IMPORT_FROM = opcode.opmap["IMPORT_FROM"]
A_FUNCTION = 0x1
"""`inspect.CO_OPTIMIZED`: the code is a function's, not a module's or a class's body."""

SAYS_IT = (ForbiddenImport, MissingModule)
"""Exceptions that say which import is meant."""

python = builtins.__import__


class Guard:
    """Imports for the modules of one package.

    `inside` says whether a top-level name is the package's own; `allowed` names what else may be imported; `sources`
    gives the parts that a file of the student's is compiled in, by its path. `stubbed` is stood in for whatever there
    is, a file of the student's own of that name included, with all that lies below it.
    """

    def __init__(
        self,
        package: str,
        allowed: Collection[str],
        inside: Callable[[str], bool],
        sources: Callable[[str], Sequence[str]],
        stubbed: Collection[str] = (),
    ) -> None:
        self._stubs = frozenset(name.partition(".")[0] for name in stubbed)
        self._package, self._allowed, self._inside, self._sources = package, frozenset(allowed), inside, sources
        self._known: dict[tuple[str, str, int], str] = {}
        self._bodies: dict[str, dict[int, frozenset[str]]] = {}
        self.missed: list[str] = []
        """Every import that was given a stand-in: `torch, imported in line 2 of lecture8.py`."""
        self.stars: list[str] = []
        """What `import *` did not find, each as `from torch import * in line 2 of lecture8.py`."""

    def importer(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """Stand in for `builtins.__import__`."""
        if level and fromlist:
            there = self._there(globals, name, fromlist, level)
            if there is not None:
                return there
        asker = globals.get("__name__", "") if globals else ""
        if type(asker) is not str or not self._inside(asker.partition(".")[0]):
            return python(name, globals, locals, fromlist or (), level)
        try:
            if level == 0:
                top = name.partition(".")[0]
                if top in self._stubs:
                    return self._stub(name, fromlist or ())
                self._check(top)
                if top in LIBRARY and self._inside(top) and top != self._package:
                    return self._own(top, name, fromlist or ())
            else:
                package = str((globals or {}).get("__package__", ""))
                level = self._clamped(package, level)
                self._known[package, name, level] = self._full(package, name, level)
            return python(name, globals, locals, fromlist or (), level)
        except ModuleNotFoundError as error:
            missing = error.name or ""
            wanted = name if level == 0 else self._full(str((globals or {}).get("__package__", "")), name, level)
            if missing != wanted and not wanted.startswith(f"{missing}."):
                raise  # something that is there lacks something of its own
            standing = self._standing(sys._getframe(1), name, fromlist or (), level, error)
            if standing is None:
                raise
            return standing  # type: ignore[return-value]

    def _there(
        self, globals: Mapping[str, Any] | None, name: str, fromlist: Sequence[str], level: int
    ) -> ModuleType | None:
        """Return a module that was imported so before and has all that is wanted: functions import at every call."""
        package = globals.get("__package__") if globals else None
        if type(package) is not str:
            return None
        there = sys.modules.get(self._known.get((package, name, level), ""))
        if there is None:
            return None
        for one in fromlist:
            if one not in there.__dict__:
                return None
        return there

    def _stub(self, name: str, fromlist: Sequence[str]) -> ModuleType:
        """Return what an import of a stub gives. Nobody knows what `*` would bring."""
        if "*" in fromlist:
            self.stars.append(f"`from {name} import *` in {_place(sys._getframe(2))}")
        whole = stubs.module(name)
        return whole if fromlist else stubs.module(name.partition(".")[0])

    def _own(self, top: str, name: str, fromlist: Sequence[str]) -> ModuleType:
        """Import a helper of the student's whose name a package of the worker has too."""
        whole = python(f"{self._package}.{name}", None, None, tuple(fromlist) or ("*",), 0)
        return whole if fromlist else sys.modules[f"{self._package}.{top}"]

    def lacking(self, module: str, name: str, why: str = "") -> Any:
        """Return what stands for a name that a module of the package has not got, where it was imported from there.

        `why` says what happened to the module. Raises AttributeError anywhere else.
        """
        frame = sys._getframe(2)
        if name.startswith("__") or name not in self._imported(frame):
            if why and frame.f_code.co_code[frame.f_lasti] == IMPORT_FROM:
                raise MissingModule(why)
            shown = f"{self._package}.{module}".strip(".")
            raise AttributeError(f"module {shown!r} has no attribute {name!r}")
        there = file_of(module) if module else self._package
        error = MissingModule(why or f"{there} has no {name}")
        return absent.of_module(name, error, _place(frame))

    def _check(self, top: str) -> None:
        """Raise where a later Python has a module and this one not, or the assignment does not allow it."""
        if not self._inside(top) and top not in self._allowed and not top.startswith("_"):
            since = newer.module(top)
            if since:
                raise MissingModule(since, name=top)
            raise ForbiddenImport(f"this assignment does not allow importing {top!r}", name=top)

    def _clamped(self, package: str, level: int) -> int:
        """Return a level that does not climb out of the package: what lies above it is a module of it here."""
        return min(level, package.count(".") + 1)

    def _full(self, package: str, name: str, level: int) -> str:
        above = package.rsplit(".", level - 1)[0]
        return f"{above}.{name}" if name else above

    def _standing(
        self, frame: FrameType, name: str, fromlist: Sequence[str], level: int, error: ModuleNotFoundError
    ) -> absent.Absent | None:
        """Return a stand-in for a module, where its import is made in a file's own body with no `try` around it."""
        if not self._imported(frame) or self._is_guarded_above(frame):
            return None
        shown = "." * level + name
        error = self._told(error, shown)
        place = _place(frame)
        self.missed.append(f"{shown}, imported in {place}")
        if "*" in fromlist:
            self.stars.append(f"`from {shown} import *` in {place}")
        return absent.of_module(shown if fromlist else shown.partition(".")[0] or shown, error, place)

    def _is_guarded_above(self, frame: FrameType | None) -> bool:
        """Say whether a file is just being imported by a file of theirs that has a guard around it."""
        while frame is not None:
            theirs = not frame.f_code.co_flags & A_FUNCTION and self._sources(frame.f_code.co_filename)
            if theirs and not self._imported(frame):
                return True
            frame = frame.f_back
        return False

    def _told(self, error: ModuleNotFoundError, shown: str) -> ModuleNotFoundError:
        """Return an error that says in a student's words why a module is not there."""
        if isinstance(error, (ForbiddenImport, MissingModule)):
            return error
        top = shown.partition(".")[0]
        if self._inside(top) or not top:
            return MissingModule(f"there is no module {shown} among your files")
        return MissingModule(f"the module {top} is not installed here")

    def _imported(self, frame: FrameType) -> frozenset[str]:
        """Return the names that are imported by the statement a frame is at; none where a guard is around it."""
        code = frame.f_code
        if code.co_flags & A_FUNCTION:
            return frozenset()
        path = code.co_filename
        if path not in self._bodies:
            self._bodies[path] = {}
            for source in self._sources(path):
                self._bodies[path].update(_imports_of(source, path))
        return self._bodies[path].get(frame.f_lineno, frozenset())


def _place(frame: FrameType) -> str:
    file, line, _ = shown(frame.f_code.co_filename, frame.f_lineno)
    return f"line {line} of {file.rpartition('/')[2]}"


def _imports_of(source: str, path: str) -> dict[int, frozenset[str]]:
    """Return the unguarded imports in a file's own body: line -> the names in the statement."""
    try:
        tree: Any = compile(source, path, "exec", ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return {}
    found: dict[int, frozenset[str]] = {}
    for one in _unguarded(tree.body):
        names = frozenset(alias.name for alias in one.names)
        for line in range(one.lineno, one.end_lineno + 1):
            found[line] = found.get(line, frozenset()) | names
    return found


def _unguarded(body: Sequence[Any]) -> Iterator[Any]:
    """Yield the imports that run when a body does, and whose exception nothing around them catches."""
    for one in body:
        kind = type(one).__name__
        if kind in ("Import", "ImportFrom"):
            yield one
        elif kind in ("FunctionDef", "AsyncFunctionDef") or (kind == "With" and any(map(_suppresses, one.items))):
            continue
        else:
            caught = kind in ("Try", "TryStar") and one.handlers
            parts = [] if caught else [getattr(one, "body", [])]
            parts += [getattr(one, name, []) for name in ("orelse", "finalbody")]
            parts += [inner.body for name in ("handlers", "cases") for inner in getattr(one, name, [])]
            for part in parts:
                if isinstance(part, list):
                    yield from _unguarded(part)


def _suppresses(item: Any) -> bool:
    """Say whether a `with` is `contextlib.suppress(…)`, by whatever way it is named."""
    called = getattr(item.context_expr, "func", None)
    return "suppress" in (getattr(called, "id", ""), getattr(called, "attr", ""))
