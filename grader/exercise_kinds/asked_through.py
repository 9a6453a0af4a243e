"""How a dialect is called in the box for an exercise."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from grader.assignment.dialects import Dialect
from grader.assignment.exercise import Exercise
from grader.exercise_kinds.blame import BY_DIALECT
from grader.exercise_kinds.quoting import unquoted
from grader.model import Outcome
from grader.sandbox.probes.dialect import Interface
from grader.sandbox.probes.machine import MACHINES

LACKING = re.compile(r"AttributeError: '(\w+)' object has no attribute '(\w+)'.*")
"""What an exception says of an attribute that the dialect reads and the student's class has not got."""

UNKNOWN = re.compile(r"NameError: name '(\w+)' is not defined.*", re.DOTALL)
"""What an exception says of a name that the dialect takes and no file of the student's has."""

SPEAKING = ("expression", "arrays", "graph")
"""The kinds whose questions a dialect is always needed for."""


def speaks(exercise: Exercise) -> bool:
    """Say whether a dialect is needed to ask an exercise; of checks of one's own, where variables are asked."""
    return exercise.kind in SPEAKING or getattr(exercise.spec, "of", "") == "scalars"


def in_its_words(exercise: Exercise, outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
    """Return outcomes in the words of a course with variables of its own.

    Help names their class. What the dialect did not find in them is not written yet, and no exception.
    """
    if exercise.dialect is None:
        return outcomes
    outcomes = {check: _looked_for(one, exercise.dialect) for check, one in outcomes.items()}
    if exercise.dialect.name in MACHINES or not exercise.under_test:
        return outcomes
    name = exercise.under_test[0]
    found = {}
    for check, one in outcomes.items():
        lacking = LACKING.fullmatch(unquoted(one.said)) if one.detail.startswith(BY_DIALECT) else None
        if lacking is not None and lacking[1] == name:
            reason = f"there is no {name}.{lacking[2]} in {exercise.file}"
            found[check] = Outcome("not attempted", reason, detail=one.detail)
        else:
            found[check] = msgspec.structs.replace(one, help=re.sub(r"\bScalar\b", name, one.help)) if one.help else one
    return found


def _looked_for(one: Outcome, dialect: Dialect) -> Outcome:
    """Return the outcome of a name of theirs that the dialect did not find; any other as it is."""
    unknown = UNKNOWN.fullmatch(unquoted(one.said)) if one.detail.startswith(BY_DIALECT) else None
    if unknown is None or unknown[1] not in dialect.names:
        return one
    return Outcome("not attempted", f"there is no {unknown[1]} in your files", detail=one.detail)


def texts(exercises: Iterable[Exercise], traced: bool = False) -> dict[str, str]:
    """Return the text of each dialect that a worker needs for these exercises, by its name.

    A graph through MiniTorch's own interfaces needs none: their machine is in the worker. Where runs are `traced`, it
    needs theirs as well.
    """
    found = {}
    for one in exercises:
        asked = speaks(one) and (one.kind != "graph" or one.dialect is None or one.dialect.name not in MACHINES)
        if one.dialect and (traced or asked):
            found[one.dialect.name] = one.dialect.source
    return found


def interface(exercise: Exercise, dialect: Dialect) -> Interface:
    """Return how a dialect is called for an exercise: its name, and what it takes of the student's."""
    return Interface(dialect.name, exercise.module, dialect.names, tuple(dialect.operations.items()))
