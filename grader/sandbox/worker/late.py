"""Say where a student's code is when its time is up: asked by a signal in grading, by a frame at a self-check.

The place is chosen so that it does not depend on the moment: the outermost loop that is being run, or else the function
that calls itself. Who is asked is still in the middle of the code; what the frames of the driver hold says which
question it is, and which of its inputs.
"""

from __future__ import annotations

import os
import signal
from types import CodeType, FrameType
from typing import Any

from grader.sandbox.boundary.protocol import MOST_CALLERS, Late, Place, encode
from grader.sandbox.worker import faults

SIGNAL = getattr(signal, "SIGUSR2", None)
LOOPS = ("For", "While", "AsyncFor")
COUNTED = {"rows": "rows", "rows_of": "rows", "answer": "values"}
"""The drivers' functions that go through inputs one by one, and what they call the list of what came back."""

UNCOUNTED = "together"
"""The one that goes through them twice."""

_exit = os._exit


def listen() -> None:
    """Answer the signal from now on, in whatever is forked from this process as well."""
    if SIGNAL is not None:
        signal.signal(SIGNAL, _answer)


def _answer(_: int, frame: FrameType | None) -> None:
    try:
        told = said(frame)
        send = None if told is None else _local(frame, "serve", "send")
        if send is not None:
            send(encode(told))
    finally:
        _exit(0)


def said(frame: FrameType | None) -> Late | None:
    """Return where the code is that `frame` is the innermost frame of; None where no question is being answered."""
    request = _local(frame, "answer", "request")
    number = _local(frame, "answer", "id") if request is None else request.id
    package = _local(frame, "answer", "package")
    if number is None or package is None:
        return None
    theirs: list[tuple[CodeType, int]] = []
    drivers: list[FrameType] = []
    while frame is not None:
        if frame.f_code.co_filename in package.files:
            theirs.append((frame.f_code, frame.f_lineno))
        elif str(frame.f_globals.get("__name__")).startswith("grader.sandbox.probes."):
            drivers.append(frame)
        frame = frame.f_back
    theirs.reverse()
    row = _row(drivers)
    what, at, line = _place(theirs)
    if at < 0:
        return Late(number, row=row)
    callers = [(code.co_filename, number) for code, number in theirs[:at]]
    places = dict.fromkeys([(theirs[at][0].co_filename, line), *reversed(callers)])
    return Late(number, what, tuple(Place(*faults.shown(*one)) for one in list(places)[: 1 + MOST_CALLERS]), row)


def _row(drivers: list[FrameType]) -> int:
    """Return how many inputs were answered before the one that is being worked on; -1 where that is not known."""
    names = [one.f_code.co_name for one in drivers]
    held = [(COUNTED[name], one.f_locals) for one, name in zip(drivers, names) if name in COUNTED]
    lists = [space.get(name, space.get("rows")) for name, space in held]
    counts = [len(one) for one in lists if isinstance(one, list)]
    return sum(counts) if counts and UNCOUNTED not in names else -1


def _place(theirs: list[tuple[CodeType, int]]) -> tuple[Any, int, int]:
    """Return what kind of place it is, the index of its frame (-1: none is theirs), and its line."""
    for i, (code, line) in enumerate(theirs):
        loop = _loop(code, line)
        if loop:
            return "loop", i, loop
    codes = [code for code, _ in theirs]
    for i, code in enumerate(codes):
        if codes.count(code) > 1:
            return "recursion", i, code.co_firstlineno
    return "line", 0 if theirs else -1, theirs[0][1] if theirs else 0


def _loop(code: CodeType, line: int) -> int:
    """Return the line of the outermost loop around a line, in the code's own body; 0 where there is none."""
    try:
        tree: Any = compile(faults.text(code.co_filename), "", "exec", faults.ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return 0
    found, todo = 0, [tree]
    while todo:
        for one in _statements(todo.pop()):
            if one.lineno <= line <= (one.end_lineno or 0):
                kind = type(one).__name__
                if kind in ("FunctionDef", "AsyncFunctionDef"):
                    found = 0
                elif kind in LOOPS and not found:
                    found = one.lineno
                todo.append(one)
    return found


def _statements(node: Any) -> list[Any]:
    parts = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    parts += [inner.body for name in ("handlers", "cases") for inner in getattr(node, name, [])]
    return [one for part in parts if isinstance(part, list) for one in part]


def _local(frame: FrameType | None, function: str, name: str) -> Any:
    """Return a local of the serving loop's, from the frames outside of one; None where it is not there."""
    while frame is not None:
        if frame.f_code.co_name == function and frame.f_globals.get("__name__") == "grader.sandbox.serving":
            return frame.f_locals.get(name)
        frame = frame.f_back
    return None
