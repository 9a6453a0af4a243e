"""Prepare an assignment for the desk: the public half of its questions, and their answers."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from grader import __version__
from grader.assignment import template
from grader.assignment.exercise import Exercise
from grader.errors import JudgeError
from grader.exercise_kinds import asked_through
from grader.exercise_kinds.kinds import KINDS
from grader.grading import accepted, config, drawing, planning
from grader.grading.config import Assignment
from grader.selfcheck import parts
from grader.selfcheck.prepared import AssignmentBundle, EncodedExercise, public, sealed

Known = dict[tuple[str, tuple[int, ...]], EncodedExercise]
"""Exercises that have been prepared, by id and the numbers of their parameters."""


def prepare(
    assignment: Assignment, entries: tuple[str, ...] = (), stamp: str = "", known: Known | None = None
) -> AssignmentBundle:
    """Draw every public question and work out its answer. Raises JudgeError where an exercise cannot be prepared.

    `entries` and `stamp` say what a copy was made of, for telling when it is out of date. What is `known` from another
    student is not prepared again, and what is not known yet is kept there.
    """
    known = {} if known is None else known
    drawing.refuse_nobodys(assignment, "say whose to take, as in `grader check --student ID`")
    shown = [public(one, KINDS[one.kind]) for one in assignment.exercises]
    limits = assignment.limits
    return AssignmentBundle(
        format=1,
        version=__version__,
        entries=entries,
        stamp=stamp,
        id=assignment.id,
        title=assignment.title,
        package=assignment.layout.package,
        modules=assignment.layout.modules,
        allowed=assignment.allowed,
        stubs=assignment.stubs,
        exercise_cpu=limits.exercise_cpu_seconds,
        submission_cpu=limits.submission_cpu_seconds,
        output=limits.output_kib * 1024,
        dialects=asked_through.texts((one for one in shown if one is not None), traced=True),
        hand_in=assignment.hand_in,
        exercises=tuple(_known(assignment, one, known) for one in shown if one is not None),
    )


def _known(assignment: Assignment, exercise: Exercise, known: Known) -> EncodedExercise:
    key = (exercise.id, exercise.drawn)
    if key not in known:
        known[key] = _sealed(assignment, exercise)
    return known[key]


def entries_of(path: Path) -> tuple[str, ...]:
    """Return the exercise files and folders that a config names, and its dialects' files. Raises UsageError."""
    form = config.form(path)
    return (*form.exercises, *accepted.files(form.through))


def from_config(path: Path, entries: tuple[str, ...], stamp: str) -> AssignmentBundle:
    """Prepare the assignment of a config. Raises UsageError, JudgeError."""
    return owned(config.load(path), path, entries, stamp)


def owned(assignment: Assignment, path: Path, entries: tuple[str, ...] = (), stamp: str = "") -> AssignmentBundle:
    """Prepare the assignment that was read of a config, beside which some folders are its author's. Raises as above."""
    made = prepare(assignment, entries, stamp)
    reference = os.path.relpath(assignment.reference, path.resolve().parent)
    return msgspec.structs.replace(made, own=(".", template.FOLDER, reference))


def _sealed(assignment: Assignment, exercise: Exercise) -> EncodedExercise:
    kind, corpus = KINDS[exercise.kind], assignment.corpus
    try:
        half = kind.prepare(exercise, corpus.public, planning.seed_of(corpus.seed, exercise, "public"), True)
    except (ArithmeticError, ValueError) as error:
        raise JudgeError(f"{exercise.id} cannot be prepared: {error}") from None
    asks = () if kind.on_paper else kind.questions(half)
    through = parts.runs(kind.stand_in == "class", exercise.own_files, asks)
    return sealed(kind, exercise, assignment.weights[exercise.id], kind.for_handout(half), through)
