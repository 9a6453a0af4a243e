"""How a dialect is called in the box for an exercise."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from grader.assignment.dialects import Dialect
from grader.assignment.exercise import Exercise
from grader.model import Outcome
from grader.sandbox.probes.dialect import Interface
from grader.sandbox.probes.machine import MACHINES

SPEAKING = ("expression", "graph")
"""The kinds whose questions a dialect is needed for."""


def in_its_words(exercise: Exercise, outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
    """Return outcomes whose help names the course's own class of variables, where it is no `Scalar`."""
    if exercise.dialect is None or exercise.dialect.name in MACHINES or not exercise.under_test:
        return outcomes
    name = exercise.under_test[0]
    return {
        check: msgspec.structs.replace(one, help=re.sub(r"\bScalar\b", name, one.help)) if one.help else one
        for check, one in outcomes.items()
    }


def texts(exercises: Iterable[Exercise]) -> dict[str, str]:
    """Return the text of each dialect that a worker needs for these exercises, by its name.

    A graph through MiniTorch's own interfaces needs none: their machine is in the worker.
    """
    found = {}
    for one in exercises:
        asked = one.dialect is not None and one.kind in SPEAKING
        if one.dialect and asked and (one.kind == "expression" or one.dialect.name not in MACHINES):
            found[one.dialect.name] = one.dialect.source
    return found


def interface(exercise: Exercise, dialect: Dialect) -> Interface:
    """Return how a dialect is called for an exercise: its name, and what it takes of the student's."""
    return Interface(dialect.name, exercise.module, dialect.names, tuple(dialect.operations.items()))
