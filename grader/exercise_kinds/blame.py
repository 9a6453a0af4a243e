"""Say what happened when a student's code did not answer: a fault it raised, or a worker that was stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from grader.exercise_kinds import exceptions
from grader.exercise_kinds.quoting import quoted, unquoted
from grader.model import Outcome, Reason, Stopped, Verdict
from grader.sandbox.boundary.protocol import ABSENT, HOLLOW, NOT_LOADED, Fault, NonNumeric, file_of

FAULT_VERDICTS: dict[
    Literal["not implemented", "forbidden import", "missing module", "something else", "memory", "syntax", "exception"],
    Verdict,
] = {
    "not implemented": "not attempted",
    "forbidden import": "forbidden",
    "missing module": "runtime error",
    "something else": "runtime error",
    "memory": "memory limit",
    "syntax": "runtime error",
    "exception": "runtime error",
}

BY_DIALECT = "raised by line"
"""What is said of an exception that no line of the student's raised, before the line of the dialect that did."""

STOPPED: dict[Reason, tuple[Verdict, str]] = {
    "time limit": ("time limit", "it was still running when its time was up"),
    "wall limit": ("time limit", "it was still running when its time was up"),
    "crash": (
        "runtime error",
        "it ended the whole process (sys.exit, os._exit, or a crash in compiled code)",
    ),
    "protocol violation": ("forbidden", "it wrote to the grader's own channel"),
}


def of_fault(fault: Fault, doing: str, call: str = "") -> Outcome:
    """Return the outcome of an exception: whose line, what was raised, and the call that led to it."""
    if fault.kind == "not implemented":
        return _not_written(fault, doing)
    if fault.kind == "forbidden import":
        return Outcome(
            "forbidden",
            "this assignment does not allow that import",
            quoted(fault.message),
            place=place(fault.file, fault.line, fault.source),
        )
    if fault.kind == "missing module":
        broken = f" {NOT_LOADED} " in fault.message
        return Outcome(
            "runtime error",
            "it imports from a file that did not load" if broken else "it uses what an import did not find",
            quoted(fault.message),
            place=place(fault.file, fault.line, fault.source),
        )
    if fault.kind == "something else":
        return Outcome("runtime error", "something else has that name", quoted(fault.message))
    said = f"{quoted(fault.error)}: {quoted(fault.message)}" if fault.message else quoted(fault.error)
    return Outcome(
        FAULT_VERDICTS[fault.kind],
        f"{doing} raised an exception",
        said,
        place=place(fault.file, fault.line, fault.source),
        callers=tuple(place(one.file, one.line, one.source) for one in fault.callers),
        detail=_without_a_line(fault),
        call=call,
        help=exceptions.sentence(fault),
    )


def _without_a_line(fault: Fault) -> str:
    """Say where an exception came up that no line of the student's raised; blank where one did."""
    if not fault.dialect:
        return ""
    if fault.given:
        return "raised in code that the course gives, by what it was given of yours"
    return f"{BY_DIALECT} {fault.dialect} of the course's dialect, which reads your variables"


def _not_written(fault: Fault, doing: str) -> Outcome:
    """Tell what is still to be written, or that a `raise NotImplementedError` is left under code."""
    if fault.error == ABSENT:
        return Outcome("not attempted", quoted(fault.message))
    if fault.under_code and fault.error == "NotImplementedError" and "NotImplementedError" in fault.source:
        return Outcome(
            "not attempted",  # a template may have the code above
            f"{doing} still raises NotImplementedError",
            place=place(fault.file, fault.line, fault.source),
            help="There is code above this line: delete the line when that code is complete.",
        )
    return Outcome(
        "not attempted", f"{doing} is not written yet", quoted(fault.message) if HOLLOW in fault.message else ""
    )


def of_what_is_not_there(missing: Fault | None, absent: bool, module: str, name: str) -> Outcome | None:
    """Return the outcome of a file that did not load, or that has not got what is asked; None where it is there."""
    if missing is not None:
        if missing.kind == "not implemented" and missing.file:
            return Outcome(
                "not attempted",
                f"{file_of(module)} runs what is not written yet while it is loaded",
                place=place(missing.file, missing.line, missing.source),
            )
        return of_fault(missing, f"loading {file_of(module)}")
    return Outcome("not attempted", f"there is no {name} in {file_of(module)}") if absent else None


WAITED = "it was waiting, not computing, when its time was up"
AT: dict[str, str] = {
    "loop": "The line shown starts the loop that it was in.",
    "recursion": "The function shown was calling itself.",
    "line": "The line shown is where it was.",
}
"""What is said of the place where a time limit was met."""


def besides(fault: Outcome | None) -> str:
    """Say that some inputs brought an exception, beside the wrong answers that others brought."""
    if fault is None or not fault.said:
        return ""
    line = unquoted(fault.place).partition(": ")[0]
    where = f" ({quoted(line)})" if line else ""
    return f"on other inputs it raises {fault.said}{where}"


def of_stop(stopped: Stopped, asked: Callable[[int], str] = lambda _: "") -> Outcome:
    """Return the outcome of a worker that had to be stopped, or stopped itself.

    `asked` says which call of a question was being answered, by how many had been.
    """
    verdict, reason = STOPPED[stopped.reason]
    if stopped.reason == "wall limit" and stopped.waited:
        reason = WAITED
    where = stopped.where
    if where is None:
        return Outcome(verdict, reason)
    first, *callers = [place(*one) for one in where.places] or [""]
    call = asked(where.row) if where.row >= 0 else ""
    return Outcome(verdict, reason, place=first, callers=tuple(callers), call=call, help=AT.get(where.what, ""))


def of_odd(odd: NonNumeric) -> str:
    """Return how a value that is no number reads."""
    if odd.was == "None":
        return "None"
    article = "an" if odd.was[:1].lower() in "aeiou" else "a"
    return f"{quoted(odd.shown)} ({quoted(odd.was)})" if odd.shown else f"{article} {quoted(odd.was)}"


def place(file: str, line: int, source: str) -> str:
    """Return a line of a student's in the form that editors open; in a notebook, by its cell."""
    if not line:
        return quoted(file)
    where = f"{file}, line {line}" if ", code cell " in file else f"{file}:{line}"
    return quoted(where + (f": {source}" if source else ""))
