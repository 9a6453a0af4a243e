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
from grader.exercise_kinds.asked_through import speaks
from grader.exercise_kinds.expression_names import OVERWRITTEN
from grader.exercise_kinds.quoting import unquoted
from grader.model import Diagnosis, Outcome
from grader.sandbox.worker import notebooks

NO_RETURN = Diagnosis("no `return` gives a value back", "A function without one returns None.")


ON_SELF = Diagnosis(
    "the closure is hung on what an operation is given, not on what it returns",
    "out._backward = _backward: each result has its own, and one on self is overwritten when self is used again.",
)


class Found(msgspec.Struct, frozen=True):
    """A function or class in a file: the line it starts on, and whether any `return` of its own gives a value back.

    `on_self`: a closure that is made in it, or in a method of it, is hung on its first parameter, and another object
    is returned.
    """

    line: int
    source: str
    returns: bool
    on_self: bool = False


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
    whole = find(source, name.partition(".")[0]) if name and path else None
    found = found or whole
    if found is None:
        return outcome
    on_self = speaks(exercise) and _shows_on_self(found, whole, outcome)
    nothing = shown is not None and shown.returned == "None" and not shown.argument and not found.returns
    return msgspec.structs.replace(
        outcome,
        place=unquoted(blame.place(*_shown(path, source, found.line), found.source)),
        diagnosis=_named(outcome, nothing, on_self),
    )


def _shows_on_self(found: Found, whole: Found | None, outcome: Outcome) -> bool:
    """Say whether the text explains this answer: the method's own text, or the class's where derivatives were lost."""
    return found.on_self or (whole is not None and whole.on_self and outcome.diagnosis == (OVERWRITTEN,))


def _named(outcome: Outcome, nothing: bool, on_self: bool) -> tuple[Diagnosis, ...]:
    """Return the name of a mistake. One that the text shows comes before one that looks the same from outside."""
    if on_self and (not outcome.diagnosis or outcome.diagnosis == (OVERWRITTEN,)):
        return (ON_SELF,)
    return outcome.diagnosis or (NO_RETURN,) * nothing


def _shown(path: str, source: bytes, line: int) -> tuple[str, int]:
    if not path.lower().endswith(".ipynb"):
        return path, line
    cell, line = notebooks.place(source.decode("utf-8", "replace"), line)
    return (f"{path}, code cell {cell}" if cell else path), line


@functools.lru_cache(1 << 10)
def find(source: bytes, name: str) -> Found | None:
    """Return the last definition of a name in a file; `Square.backward` is a method. None where there is none.

    >>> find(b"class Square:\\n    def backward(ctx, d):\\n        return d\\n", "Square.backward")
    Found(line=2, source='def backward(ctx, d):', returns=True, on_self=False)
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
    methods = node.body if isinstance(node, ast.ClassDef) else [node]
    line = text.splitlines()[node.lineno - 1].strip()
    return Found(node.lineno, line, any(map(_gives_back, body)), any(map(_hangs_on_self, methods)))


def _hangs_on_self(method: ast.stmt) -> bool:
    """Say whether a method makes a function, hangs it on its own first parameter, and returns something else."""
    if not isinstance(method, ast.FunctionDef) or not method.args.args or method.name == "__init__":
        return False
    first = method.args.args[0].arg
    made = {one.name for one in method.body if isinstance(one, ast.FunctionDef)}
    hung = any(
        isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == first
        for one in method.body
        if isinstance(one, ast.Assign)
        and (isinstance(one.value, ast.Lambda) or (isinstance(one.value, ast.Name) and one.value.id in made))
        for target in one.targets
    )
    returned = [one.value for one in method.body if isinstance(one, ast.Return)]
    return hung and any(isinstance(one, ast.Name) and one.id != first for one in returned)


def _gives_back(node: ast.AST) -> bool:
    """Say whether a value comes back by this statement: what functions inside of it return does not count."""
    if isinstance(node, (*DEFINITIONS, ast.Lambda)):
        return False
    if isinstance(node, (ast.Yield, ast.YieldFrom)) or (isinstance(node, ast.Return) and node.value is not None):
        return True
    return any(map(_gives_back, ast.iter_child_nodes(node)))
