"""Where in a student's files a lost check's function stands, and what its text shows without being run.

Pure, from the source as it was handed in: nothing that a worker says comes in.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from typing import Any

import msgspec

from grader.assignment.definitions import DEFINITIONS, statements, text_of
from grader.assignment.exercise import Exercise
from grader.assignment.kind import Kind
from grader.exercise_kinds import blame
from grader.exercise_kinds.quoting import unquoted
from grader.model import Diagnosis, Outcome
from grader.sandbox.worker import notebooks

NO_RETURN = Diagnosis("no `return` gives a value back", "A function without one returns None.")


class Found(msgspec.Struct, frozen=True):
    """A function in a file: the line it starts on, and whether any `return` of its own gives a value back."""

    line: int
    source: str
    returns: bool


def placed(
    exercise: Exercise, kind: Kind, outcomes: dict[str, Outcome], files: Mapping[str, tuple[str, bytes]]
) -> dict[str, Outcome]:
    """Return outcomes in which each wrong answer has the place of its function. `files`: module -> (path, source)."""
    if not any(map(_lacks_place, outcomes.values())):
        return outcomes  # as nearly always: the very same record
    return {
        check: _placed(exercise, kind, check, outcome, files) if _lacks_place(outcome) else outcome
        for check, outcome in outcomes.items()
    }


def _lacks_place(outcome: Outcome) -> bool:
    """Say whether a place belongs in it. Of what only the private half lost, nothing is shown."""
    return outcome.verdict == "wrong answer" and not outcome.place and not outcome.private


def _placed(
    exercise: Exercise, kind: Kind, check: str, outcome: Outcome, files: Mapping[str, tuple[str, bytes]]
) -> Outcome:
    path, source = files.get(exercise.module, ("", b""))
    name = kind.about(exercise, check)
    shown = outcome.counterexample
    method = shown.what if shown is not None and shown.picture is not None else ""
    found = find(source, method) if method and path else None
    found = found or (find(source, name) if name and path else None)
    if found is None:
        return outcome
    nothing = shown is not None and shown.returned == "None" and not shown.argument and not found.returns
    return msgspec.structs.replace(
        outcome,
        place=unquoted(blame.place(*_shown(path, source, found.line), found.source)),
        diagnosis=(NO_RETURN,) if nothing and not outcome.diagnosis else outcome.diagnosis,
    )


def _shown(path: str, source: bytes, line: int) -> tuple[str, int]:
    if not path.lower().endswith(".ipynb"):
        return path, line
    cell, line = notebooks.place(source.decode("utf-8", "replace"), line)
    return (f"{path}, code cell {cell}" if cell else path), line


@functools.lru_cache(1 << 10)
def find(source: bytes, name: str) -> Found | None:
    """Return the last definition of a name in a file; `Square.backward` is a method. None where there is none.

    >>> find(b"class Square:\\n    def backward(ctx, d):\\n        return d\\n", "Square.backward")
    Found(line=2, source='def backward(ctx, d):', returns=True)
    """
    text = text_of(source)
    body = statements(text)
    node: Any = None
    for part in name.split("."):
        defined = [one for one in body if isinstance(one, DEFINITIONS) and one.name == part]
        if not defined:
            return None
        node = defined[-1]
        body = node.body
    return Found(node.lineno, text.splitlines()[node.lineno - 1].strip(), any(map(_gives_back, body)))


def _gives_back(node: ast.AST) -> bool:
    """Say whether a value comes back by this statement: what functions inside of it return does not count."""
    if isinstance(node, (*DEFINITIONS, ast.Lambda)):
        return False
    if isinstance(node, (ast.Yield, ast.YieldFrom)) or (isinstance(node, ast.Return) and node.value is not None):
        return True
    return any(map(_gives_back, ast.iter_child_nodes(node)))
