"""Tell an exception in the student's own frame: their line, their source, bounded text."""

from __future__ import annotations

import linecache
from types import FrameType, TracebackType
from typing import Any, Literal

from grader.sandbox.boundary.protocol import ABSENT, DIALECT, MOST_CALLERS, Fault, Place, file_of
from grader.sandbox.worker import meant, newer, notebooks

TEXT_CAP = 300
OF_DIALECT = DIALECT.partition("{")[0]
PROVIDED = "<provided "
"""How files are called that hold code which the course gives."""

FORMULA = "<string>"
"""Where an exercise's formula is evaluated: what a dialect calls it for is not the dialect's doing."""

FEW_TIMES = 20
"""A line that a recursion without end passes is passed more often: Python ends one after about 1,000 calls."""

ONLY_AST = 0x400
"""`ast.PyCF_ONLY_AST`."""

stars: list[str] = []
"""Every `import *` that found nothing, in the package that is loaded."""

Kind = Literal[
    "not implemented", "forbidden import", "missing module", "something else", "memory", "syntax", "exception"
]


class ForbiddenImport(ModuleNotFoundError):
    """The assignment does not allow this import."""


class SomethingElse(TypeError):
    """What has the name that is asked for is something else than what is asked for."""


class MissingModule(ModuleNotFoundError):
    """What was imported is not installed, or was not handed in; it is used all the same."""


def absent_name(name: str, module: str) -> Fault:
    """Return the fault of a name that a student's file has not got."""
    return Fault("not implemented", ABSENT, _text(f"there is no {name} in {file_of(module)}"))


def fault(error: BaseException, files: frozenset[str]) -> Fault:
    """Describe `error` at the innermost frame that lies in one of the student's `files`."""
    kind = _kind(error)
    try:
        return _told(kind, error, files)
    except BaseException:  # an exception may lie about everything it holds
        return Fault(kind, "an exception that cannot be shown")


def _told(kind: Kind, error: BaseException, files: frozenset[str]) -> Fault:
    name = _text(type.__getattribute__(type(error), "__name__"))
    if isinstance(error, SyntaxError) and error.filename in files:
        # Python takes `text` from the disk where it can, and a notebook's lines there are JSON
        source = _line(str(error.filename), error.lineno or 0) or error.text or ""
        later = newer.syntax(source)
        said = _text(f"{error.msg} ({later})" if later else error.msg)
        return Fault(kind, name, said, *_shown(str(error.filename), error.lineno or 0, source))
    frames = _frames(error.__traceback__, files)
    if not frames:
        line, given = _line_of_dialect(error.__traceback__)
        return Fault(kind, name, _message(error), dialect=line, given=given)
    *callers, (file, line) = _once(frames)
    above = tuple(Place(*shown(*one)) for one in _fewer(list(reversed(callers))))
    under_code = kind == "not implemented" and _is_under_code(text(file), line)
    itself, rounds = _recursion(frames) if isinstance(error, RecursionError) else ("", ())
    return Fault(kind, name, _message(error), *shown(file, line), above, under_code, itself=itself, rounds=rounds)


def _fewer(callers: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the first and the last of many callers."""
    if len(callers) <= MOST_CALLERS:
        return callers
    return callers[: MOST_CALLERS // 2] + callers[-MOST_CALLERS // 2 :]


def _is_under_code(source: str, line: int) -> bool:
    """Say whether other statements stand above a line in its function, but for a docstring and the like."""
    try:
        tree = compile(source, "", "exec", ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    inside: list[Any] = []
    todo: list[Any] = [tree]
    while todo:
        for one in getattr(todo.pop(), "body", ()):
            if one.lineno <= line <= (one.end_lineno or 0):
                todo.append(one)
                if type(one).__name__ == "FunctionDef":
                    inside = one.body
    above = [one for one in inside if (one.end_lineno or 0) < line]
    return not all(map(_says_nothing, above))


def _says_nothing(statement: Any) -> bool:
    """Say whether a statement is what a template has above a TODO: a docstring, an import, or an `if` that raises."""
    kind = type(statement).__name__
    if kind == "Expr":
        return type(statement.value).__name__ == "Constant"
    if kind == "If":
        return not statement.orelse and all(type(one).__name__ == "Raise" for one in statement.body)
    return kind in ("Pass", "Import", "ImportFrom")


def shown(file: str, line: int) -> tuple[str, int, str]:
    """Return a place of a student's with what stands there, as its student knows it."""
    return _shown(file, line, _line(file, line))


def text(file: str) -> str:
    """Return what a student's file holds."""
    return "".join(_lines(file))


def _shown(file: str, line: int, source: str) -> tuple[str, int, str]:
    """Return a place as its student knows it: in a notebook, by its cell."""
    cell = 0
    if ".ipynb" in file.lower():
        cell, line = notebooks.place("".join(_lines(file)), line)
    return f"{file}, code cell {cell}" if cell else file, line, _text(source)


def _line(file: str, line: int) -> str:
    _lines(file)
    return linecache.getline(file, line)


def _lines(file: str) -> list[str]:
    """Return a file's lines, which are split only now: few files are ever asked for."""
    entry = linecache.cache.get(file, ())
    if len(entry) == 1:
        text = entry[0]() or ""
        linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    return linecache.getlines(file)


def _text(text: object) -> str:
    """Bound a text, and keep what cannot be encoded out of it."""
    return str(text)[:TEXT_CAP].strip().encode("utf-8", "replace").decode("utf-8")


def _kind(error: BaseException) -> Kind:
    if isinstance(error, NotImplementedError):
        return "not implemented"
    if isinstance(error, ForbiddenImport):
        return "forbidden import"
    if isinstance(error, MissingModule):
        return "missing module"
    if isinstance(error, SomethingElse):
        return "something else"
    if isinstance(error, MemoryError):
        return "memory"
    return "syntax" if isinstance(error, SyntaxError) else "exception"


def _message(error: BaseException) -> str:
    """Return the exception's text, whatever its `__str__` does."""
    try:
        text = BaseException.__str__(error)
        if type(error).__str__ is not BaseException.__str__:
            text = str(error)
        if stars and type(error) is NameError:
            text = f"{text} ({'; '.join(stars)} brought no names: that module is not here)"
        return _text(f"{text}{meant.instead(error)}")
    except BaseException:
        return "(its message could not be read)"


def _line_of_dialect(traceback: TracebackType | None) -> tuple[int, bool]:
    """Return the innermost line of a dialect's that led to an exception; 0 where none did, or only by a formula.

    And whether code that the course gives raised it.
    """
    line, file = 0, ""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file.startswith(OF_DIALECT):
            line = traceback.tb_lineno
        elif file == FORMULA:
            line = 0
        traceback = traceback.tb_next
    return line, file.startswith(PROVIDED)


def _frames(traceback: TracebackType | None, files: frozenset[str]) -> list[tuple[FrameType, int]]:
    """Return the frames of the student's that led to an exception with their lines, the outermost first."""
    found: list[tuple[FrameType, int]] = []
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename in files:
            found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return found


def _once(frames: list[tuple[FrameType, int]]) -> list[tuple[str, int]]:
    """Return the lines of the frames, each where it stands last: a recursion is told once."""
    nearest = dict.fromkeys((frame.f_code.co_filename, line) for frame, line in reversed(frames))
    return list(reversed(nearest))


def _recursion(frames: list[tuple[FrameType, int]]) -> tuple[str, tuple[str, ...]]:
    """Return the name by which the innermost function is known in its own module, and the lines that came round again.

    The name is blank where the module has none for it: a method's, or one that a decorator replaced.
    """
    innermost = frames[-1][0]
    name = innermost.f_code.co_name
    known = getattr(innermost.f_globals.get(name), "__code__", None) is innermost.f_code
    passed: dict[tuple[str, int], int] = {}
    for frame, line in frames:
        place = frame.f_code.co_filename, line
        passed[place] = passed.get(place, 0) + 1
    again = [place for place, times in passed.items() if times > FEW_TIMES][:MOST_CALLERS]
    return name if known else "", tuple(_text(_line(*place)) for place in again)
