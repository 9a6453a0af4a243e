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
        return Fault(kind, name, _text(error.msg), str(error.filename), error.lineno or 0, _text(error.text or ""))
    file, line = _place(error.__traceback__, files)
    return Fault(kind, name, _message(error), file, line, _text(linecache.getline(file, line)))


def _text(text: object) -> str:
    """Bound a text, and keep what cannot be encoded out of it."""
    return str(text)[:TEXT_CAP].strip().encode("utf-8", "replace").decode("utf-8")


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
        return _text(text)
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
