"""What a worker is loaded with: a submission's modules, beside the parts that are provided for a unit."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from grader.assignment.exercise import Exercise
from grader.exercise_kinds import asked_through, stand_ins
from grader.grading.config import Assignment
from grader.grading.planning import word_for, words
from grader.grading.units import Unit
from grader.model import Submission
from grader.sandbox.boundary.protocol import NAMELESS, Load, Module, encode


def names_any(submission: Submission, modules: Sequence[str]) -> bool:
    """Say whether a submission's source names any of the modules, as whatever imports one does."""
    names = _names_of(tuple(modules))
    sources = (source for _, source in (*submission.modules.values(), *submission.extras.values()))
    return not all(names.isdisjoint(words(source)) for source in sources)


@functools.lru_cache(maxsize=16)
def _names_of(modules: tuple[str, ...]) -> frozenset[bytes]:
    return frozenset(map(word_for, modules))


def base(assignment: Assignment, unit: Unit) -> bytes:
    """Return all that a unit provides, encoded for a branch to be built with."""
    return encode(load(assignment, Submission("", {unit.module: ("", b"")}), unit))


def own_files(assignment: Assignment, submission: Submission, *about: str) -> Load:
    """Return the student's own files as they were handed in, nothing provided but a context for those who have none.

    `about` are the modules that are asked about.
    """
    known = assignment.layout.modules
    theirs = [(name, *submission.modules[name]) for name in known if name in submission.modules]
    modules = [Module(name, path, source, eager=name in about, listed=True) for name, path, source in theirs]
    modules += [Module(name, path, source) for name, (path, source) in submission.extras.items()]
    modules.append(stand_ins.context())
    asked = [one for one in assignment.exercises if one.module in about]
    return _loaded(assignment, submission, modules, asked)


def load(assignment: Assignment, submission: Submission, unit: Unit) -> Load:
    """Return what to load for a unit; its id is whoever's asks it."""
    modules = []
    for name in assignment.layout.modules:
        part = unit.provided.get(name)
        path, student = submission.modules.get(name, ("", None))
        if part is None and student is None:
            continue
        code, names, spare = (part.code, part.names, part.spare) if part else (None, (), ())
        modules.append(Module(name, path, student, code, names, spare, eager=name in unit.modules, listed=True))
    modules += [Module(name, path, source) for name, (path, source) in submission.extras.items()]
    return _loaded(assignment, submission, modules, unit.exercises)


def _loaded(
    assignment: Assignment, submission: Submission, modules: Sequence[Module], exercises: Sequence[Exercise]
) -> Load:
    cap = assignment.limits.output_kib * 1024
    return Load(
        0,
        assignment.layout.package or NAMELESS,
        tuple(modules),
        assignment.allowed,
        cap,
        submission.data,
        stubs=assignment.stubs,
        dialects=asked_through.texts(exercises),
    )
