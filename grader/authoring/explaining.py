"""What an exercise checks, at which inputs and how closely: for authors, and whoever is asked about it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from fractions import Fraction

from grader.assignment.exercise import Exercise
from grader.assignment.formulas import Formulas
from grader.assignment.kind import Description
from grader.authoring import mathematics
from grader.exercise_kinds.kinds import KINDS
from grader.grading import units
from grader.grading.config import Assignment
from grader.reports.text import points

WIDTH = 76


def text(assignment: Assignment, exercise: Exercise, description: Description) -> str:
    """Return the explanation of one exercise; `description` is its kind's own."""
    weight = assignment.weights[exercise.id]
    parts = [
        f"{exercise.title} ({exercise.id}): {points(exercise.points * weight)} points",
        *_checks(exercise, weight, description),
        *_inputs(exercise, description),
        *_section("How closely", description.closeness),
        *_around(assignment, exercise),
        *_mistakes(exercise),
    ]
    return "\n".join(_wrapped(part) for part in parts) + "\n"


def _checks(exercise: Exercise, weight: Fraction, description: Description) -> Iterator[str]:
    yield "\nWhat is held"
    for check in exercise.checks:
        hidden = ", hidden until grades are published" if check.visibility != "visible" else ""
        level = f", students read: {check.feedback}" if check.feedback not in (None, "full") else ""
        yield f"  {check.name} ({points(check.points * weight)}{hidden}{level}): {description.checks[check.name]}."
        for hint in check.hints:
            yield f"  {check.name} hint{f' after {hint.after} attempts' if hint.after else ''}: {hint.say}"


def _inputs(exercise: Exercise, description: Description) -> Iterator[str]:
    formula = KINDS[exercise.kind].formula(exercise)  # an author may know it
    stated = (f"formula: {mathematics.line(formula)}",) if formula else ()
    yield from _section("At which inputs", (*stated, *_drawn(exercise), *description.inputs))


def _drawn(exercise: Exercise) -> Iterator[str]:
    """Say of each parameter what it is drawn from, and what stands here for it."""
    for one in exercise.parameters:
        first, last = min(one.values), max(one.values)
        whole = len(one.values) == last - first + 1
        among = f"{first} to {last}" if whole else ", ".join(map(str, one.values))
        here = exercise.values[one.name]
        yield f"{one.name} is drawn per student from {among} ({len(one.values)} numbers); here it is {here}"


def _section(title: str, sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        yield f"\n{title}"
        yield from (f"  {one}" for one in sentences)


def _given(assignment: Assignment, exercise: Exercise) -> str:
    """Say what stands beside what is under test, of what other exercises ask for."""
    if exercise.own_files:
        return "nothing is provided: all of the student's files run together"
    held = units.held(assignment, exercise)
    parts = [
        f"{words} {', '.join(dict.fromkeys(name for _, name in sorted(names)))}"
        for words, names in (("from the reference", held.whole), ("made from their formulas", held.made))
        if names
    ]
    given = f"{'; '.join(parts)}. All else" if parts else "all"
    return f"{given} that other exercises ask for is the student's own, or hollow where there is none"


def _around(assignment: Assignment, exercise: Exercise) -> Iterator[str]:
    yield "\nWith what around it"
    if exercise.on_paper:
        yield "  nothing: there is no code to run."
        return
    limits = assignment.limits
    yield f"  {_given(assignment, exercise)}."
    if assignment.stubs:
        yield (
            f"  stubs for {', '.join(assignment.stubs)}: they may be imported, what they decorate runs as plain "
            "Python, and they have no values."
        )
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


def _wrapped(part: str) -> str:
    indent = " " * (len(part) - len(part.lstrip(" ")))
    return textwrap.fill(part, WIDTH, subsequent_indent=f"{indent}  ") if part.startswith(" ") else part
