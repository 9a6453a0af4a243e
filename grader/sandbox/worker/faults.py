"""Tell an exception in the student's own frame: their line, their source, bounded text."""

from __future__ import annotations

import linecache
from types import TracebackType
from typing import Literal

from grader.sandbox.protocol import Fault

TEXT_CAP = 300

Kind = Literal["not implemented", "forbidden import", "memory", "syntax", "exception"]


class ForbiddenImport(ImportError):
    """The assignment does not allow this import."""


def fault(error: BaseException, files: frozenset[str], quiet: bool) -> Fault:
    """Describe `error` at the innermost frame that lies in one of the student's `files`."""
    kind = _kind(error)
    if quiet:
        return Fault(kind)
    name = str(type.__getattribute__(type(error), "__name__"))[:TEXT_CAP]
    if isinstance(error, SyntaxError) and error.filename in files:
        line, source = error.lineno or 0, error.text or ""
        return Fault(kind, name, str(error.msg)[:TEXT_CAP], str(error.filename), line, source.strip()[:TEXT_CAP])
    file, line = _place(error.__traceback__, files)
    return Fault(kind, name, _message(error), file, line, linecache.getline(file, line).strip()[:TEXT_CAP])


def _kind(error: BaseException) -> Kind:
    if isinstance(error, NotImplementedError):
        return "not implemented"
    if isinstance(error, ForbiddenImport):
        return "forbidden import"
    if isinstance(error, MemoryError):
        return "memory"
    return "syntax" if isinstance(error, SyntaxError) else "exception"


def _message(error: BaseException) -> str:
    """Return the exception's text, whatever its `__str__` does."""
    try:
        text = BaseException.__str__(error)
        if type(error).__str__ is not BaseException.__str__:
            text = str(error)
        return text[:TEXT_CAP]
    except BaseException:
        return "(its message could not be read)"


def _place(traceback: TracebackType | None, files: frozenset[str]) -> tuple[str, int]:
    place = ("", 0)
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if name in files:
            place = (name, traceback.tb_lineno)
        traceback = traceback.tb_next
    return place
