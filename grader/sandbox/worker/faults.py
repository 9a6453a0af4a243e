"""Tell an exception in the student's own frame: their line, their source, bounded text."""

from __future__ import annotations

import linecache
from types import TracebackType
from typing import Literal

from grader.sandbox.boundary.protocol import Fault
from grader.sandbox.worker import newer, notebooks

TEXT_CAP = 300

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
        source = error.text or ""
        later = newer.syntax(source)
        said = _text(f"{error.msg} ({later})" if later else error.msg)
        return Fault(kind, name, said, *_shown(str(error.filename), error.lineno or 0, source))
    places = _places(error.__traceback__, files)
    (file, line), caller = (places[-1], places[0]) if places else (("", 0), ("", 0))
    here = _shown(file, line, _line(file, line))
    if caller == (file, line):
        return Fault(kind, name, _message(error), *here)
    return Fault(kind, name, _message(error), *here, *_shown(*caller, _line(*caller)))


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
        return _text(text)
    except BaseException:
        return "(its message could not be read)"


def _places(traceback: TracebackType | None, files: frozenset[str]) -> list[tuple[str, int]]:
    """Return the lines of the student's that led to an exception, the outermost first."""
    places = []
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if name in files:
            places.append((name, traceback.tb_lineno))
        traceback = traceback.tb_next
    return places
