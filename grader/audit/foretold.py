"""Plant what an exercise's own misconceptions say: code that returns just what an author says is returned."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.assignment.exercise import Exercise
from grader.assignment.formulas import Formulas, Misconception
from grader.audit.mutants import Mutant, table
from grader.exercise_kinds import expression_names
from grader.exercise_kinds.kinds import KINDS
from grader.grading import from_formulas
from grader.oracle.expressions import Expression


def mistakes(exercise: Exercise, source: str) -> Iterator[Mutant]:
    """Yield each misconception of an exercise as a module, by what the author says; none where it cannot be planted.

    It can where the exercise asks for one function or class that computes its whole formula.
    """
    made = KINDS[exercise.kind].mutants
    named = own(exercise)
    if not named or not made.value or len(exercise.under_test) != 1:
        return
    (name,) = exercise.under_test
    words = "\n".join(map(ast.unparse, from_formulas.prelude({"function"})))
    for one in named:
        where, code = (f"{name}.backward", _class(name, one)) if made.methods else (name, _function(name, one))
        yield Mutant(exercise.module, where, one.say, f"{source}\n\n{words}\n{code}", named=one.say)


def own(exercise: Exercise) -> Sequence[Misconception]:
    """Return the misconceptions that an exercise's author named."""
    formulas = getattr(exercise.spec, "formulas", None)
    if not isinstance(formulas, Formulas):
        return ()
    added = {one.say for one in expression_names.known(formulas)} if exercise.kind == "expression" else set()
    return [one for one in formulas.misconceptions if one.say not in added]


def left_out(exercise: Exercise) -> list[str]:
    """Return what an author says of misconceptions that cannot be planted."""
    planted = {one.what for one in mistakes(exercise, "")}
    return [one.say for one in own(exercise) if one.say not in planted]


def _class(name: str, one: Misconception) -> str:
    gradients = ", ".join(f"{_python(each)}(*args, d)" for each in one.returns)
    return table.wrapped(name, f"g = [{gradients}]")


def _function(name: str, one: Misconception) -> str:
    (value,) = one.returns
    return table.FUNCTION.format(name=name, code=f"{_python(value)}(*args)")


def _python(formula: Expression) -> str:
    text = from_formulas.python(formula.text, formula.arguments)
    return f"(lambda {', '.join(formula.arguments)}: float({text}))"
