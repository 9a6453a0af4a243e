"""What an exercise checks, at which inputs and how closely: for authors, and whoever is asked about it."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from grader.assignment.exercises import Exercise
from grader.assignment.formulas import Formulas
from grader.authoring import mathematics, sheet
from grader.grading import planning
from grader.grading.config import Assignment
from grader.judging import bands
from grader.model import Domain, Input
from grader.reports.text import points

HELD: Mapping[tuple[str, str], str] = {
    ("function", "forward"): "the value at every input, against the formula",
    ("function", "backward"): "the exact derivative times d_out, one an argument; d_out is negative, zero, large and "
    "rarely 1. A gradient that fits a forward which is itself off is right: the mistake is charged once",
    ("function", "contract"): "the same question twice gives the same answer, contexts share nothing, and backward is "
    "proportional to d_out. Judged once backward is right",
    ("values", "value"): "the value at every input, against the formula",
    ("scalars", "value"): "the value of the scalar that comes back, against the formula",
    ("scalars", "history"): "the derivatives along the history that it leaves, put together, against the exact ones",
    ("difference", "value"): "the difference quotient itself: both sides, any argument, any step",
    ("context", "save"): "what was saved comes back, in order, and anew each time",
    ("context", "no_grad"): "nothing is saved where no_grad is set",
    ("context", "independent"): "two contexts share nothing",
    ("paper", "derivative"): "any form that equals the derivative wherever it is defined",
    ("graph", "arithmetic"): "the scalar's operators, numbers on either side, and the history through them",
    ("graph", "comparisons"): "the scalar's comparisons, numbers on either side",
    ("graph", "methods"): "the scalar's methods and the history through them",
    ("graph", "history"): "the function, inputs and context that apply leaves",
    ("graph", "boxes"): "every function of the module, through apply",
    ("graph", "roles"): "leaf, non-leaf and constant are told apart",
    ("graph", "accumulate"): "a leaf's derivative adds up",
    ("graph", "chain_rule"): "the (variable, derivative) pairs of one step, in order",
    ("graph", "order"): "every node after all that it feeds, or before: either direction",
    ("graph", "gradients"): "every leaf's derivative, on small graphs and random ones",
    ("graph", "constants"): "constants get no derivative",
    ("graph", "again"): "the same graph twice, and two outputs over one graph",
    ("graph", "lone_leaf"): "a leaf that is itself the output",
    ("graph", "cost"): "work that grows with the nodes and not the paths: calls of backward and steps of Python are "
    "counted, never timed",
    ("graph", "depth"): "a chain of 5,000 nodes",
    ("graph", "network"): "loss, gradients and training steps of a small network",
}
"""What each check of each kind holds a student to."""

WIDTH = 76
SAMPLES = 4


def text(assignment: Assignment, exercise: Exercise, inputs: Sequence[Input]) -> str:
    """Return the explanation of one exercise; `inputs` are its public ones, where it has any of numbers."""
    weight = assignment.weights[exercise.id]
    parts = [
        f"{exercise.title} ({exercise.id}): {points(exercise.points * weight)} points",
        *_checks(exercise, weight),
        *_inputs(assignment, exercise, inputs),
        *_closely(exercise),
        *_around(assignment, exercise),
        *_mistakes(exercise),
    ]
    return "\n".join(_wrapped(part) for part in parts) + "\n"


def _checks(exercise: Exercise, weight: Fraction) -> Iterator[str]:
    yield "\nWhat is held"
    for check in exercise.checks:
        hidden = ", hidden until grades are published" if check.visibility != "visible" else ""
        level = f", students read: {check.feedback}" if check.feedback not in (None, "full") else ""
        yield f"  {check.name} ({points(check.points * weight)}{hidden}{level}): {_held(exercise, check.name)}."
        for hint in check.hints:
            yield f"  {check.name} hint{f' after {hint.after} attempts' if hint.after else ''}: {hint.say}"


def _held(exercise: Exercise, check: str) -> str:
    if exercise.kind != "own":
        return HELD[exercise.kind, check]
    defined = {node.name: node for node in ast.parse(exercise.spec.judge).body if isinstance(node, ast.FunctionDef)}
    return (ast.get_docstring(defined[check]) or f"the exercise's own function {check}").rstrip(".")


def _inputs(assignment: Assignment, exercise: Exercise, inputs: Sequence[Input]) -> Iterator[str]:
    formula = sheet.formula_of(exercise)
    formulas = _formulas(exercise)
    if formulas is None:
        return
    corpus = assignment.corpus
    yield "\nAt which inputs"
    if formula:
        yield f"  formula: {mathematics.line(formula)}"
    domains = ", ".join(f"{name} {_domain(one)}" for name, one in zip(formulas.arguments, formulas.domains))
    yield f"  arguments: {domains}"
    yield (
        f"  {corpus.public} public and {corpus.private} private inputs, drawn once from the assignment's seed and the "
        "same for everyone: ordinary sizes, edges of the domain, small and large ones, on and beside every border of "
        "the formula, and some with all their digits. Students see public ones only."
    )
    if formulas.inputs:
        yield f"  {len(formulas.inputs)} of the public ones are the exercise's own (`inputs`), and come first."
    if inputs:
        shown = "; ".join(_input(formulas.arguments, one) for one in inputs[:SAMPLES])
        yield f"  the first of them: {shown}"


def _closely(exercise: Exercise) -> Iterator[str]:
    if not sheet.formula_of(exercise) or exercise.own_files:
        return
    yield "\nHow closely"
    yield (
        f"  to {bands.RELATIVE:g} of the exact answer and {bands.ABSOLUTE:g} of the size of what it is "
        "made from. The derivative is worked out by dual numbers from the formula, never by differences; at a "
        "kink any slope between the two sides is right, and at a jump none is judged."
    )


def _given(assignment: Assignment, exercise: Exercise) -> str:
    """Say what stands beside what is under test, of what other exercises ask for."""
    if exercise.own_files:
        return "nothing is provided: all of the student's files run together"
    held = planning.held(assignment, exercise)
    parts = [
        f"{words} {', '.join(dict.fromkeys(name for _, name in sorted(names)))}"
        for words, names in (("from the reference", held.whole), ("made from their formulas", held.made))
        if names
    ]
    given = f"{'; '.join(parts)}. All else" if parts else "all"
    return f"{given} that other exercises ask for is the student's own, or hollow where there is none"


def _around(assignment: Assignment, exercise: Exercise) -> Iterator[str]:
    yield "\nWith what around it"
    if exercise.kind == "paper":
        yield "  nothing: there is no code to run."
        return
    limits = assignment.limits
    yield f"  {_given(assignment, exercise)}."
    yield (
        f"  {limits.exercise_cpu_seconds:g} s of CPU, {limits.memory_mib} MiB, {limits.output_kib} KiB printed; in a "
        "process without files, network or answers."
    )


def _mistakes(exercise: Exercise) -> Iterator[str]:
    formulas = _formulas(exercise)
    named = formulas.misconceptions if formulas else ()
    if named or exercise.equivalent:
        yield "\nMistakes of its own"
    for one in named:
        yield f"  returning {', '.join(mathematics.line(part.text) for part in one.returns)}: {one.say}"
    for same in exercise.equivalent:
        yield f"  no mistake: {same.mistake} ({same.because})"


def _formulas(exercise: Exercise) -> Formulas | None:
    found = exercise.spec if isinstance(exercise.spec, Formulas) else getattr(exercise.spec, "formulas", None)
    return found if isinstance(found, Formulas) else None


def _domain(one: Domain) -> str:
    return f"from {one.lo:g} to {one.hi:g}{' but not 0' if one.nonzero else ''}"


def _input(arguments: Sequence[str], one: Input) -> str:
    at = ", ".join(f"{name} = {value:.6g}" for name, value in zip(arguments, one.args))
    return f"{at}, d_out = {one.d_out:.6g}"


def _wrapped(part: str) -> str:
    indent = " " * (len(part) - len(part.lstrip(" ")))
    return textwrap.fill(part, WIDTH, subsequent_indent=f"{indent}  ") if part.startswith(" ") else part
