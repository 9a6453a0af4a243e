"""Draw an assignment's parameters for a student, and ask the assignment with them.

The secret is read here and goes no further: all that leaves are numbers.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

import msgspec

from grader.assignment import exercises, parameters, seeds
from grader.assignment.exercise import Exercise
from grader.errors import UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading.config import Assignment
from grader.reports.text import a_few

Drawn = Mapping[str, Mapping[str, int]]
"""Exercise id -> parameter -> its number."""


def with_parameters(assignment: Assignment) -> tuple[Exercise, ...]:
    """Return the exercises of an assignment that have parameters, chosen ones and others."""
    return tuple(one for one in assignment.every if one.parameters)


def secret(assignment: Assignment) -> bytes:
    """Return what parameters are drawn with. Raises UsageError where it cannot be read, or can be guessed."""
    path = assignment.secret
    if path is None:
        raise UsageError("secret: the config names no file with a secret to draw parameters with")
    better = f"write a line of your own into it, for instance {secrets.token_hex(seeds.BYTES)}"
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise UsageError(f"{path.name}: the secret for drawing parameters cannot be read: {why}; {better}") from None
    if seeds.bits(text) < seeds.ENOUGH_BITS:
        raise UsageError(f"{path.name}: this secret can be guessed, and so can everyone's parameters; {better}")
    return text.encode()


def drawn(assignment: Assignment, key: bytes, student: str) -> Drawn:
    """Return a student's parameters of all exercises, drawn with the secret `key`. The id is taken as it is written."""
    return {
        one.id: parameters.drawn(key, assignment.id, one.id, student, one.parameters)
        for one in with_parameters(assignment)
    }


def of_student(assignment: Assignment, student: str, key: bytes | None = None) -> Assignment:
    """Return an assignment as one student is asked it. Raises UsageError, and FormError for what cannot be asked so."""
    values = drawn(assignment, secret(assignment) if key is None else key, student)
    return msgspec.structs.replace(bound(assignment, values), student=student)


def bound(assignment: Assignment, values: Drawn) -> Assignment:
    """Return an assignment as it is asked with these numbers. Raises FormError where one cannot be asked so."""

    def with_them(those: Sequence[Exercise]) -> tuple[Exercise, ...]:
        return tuple(exercises.with_values(one, values[one.id], KINDS) if one.parameters else one for one in those)

    return msgspec.structs.replace(
        assignment,
        exercises=with_them(assignment.exercises),
        every=with_them(assignment.every),
        others=tuple(bound(one, values) for one in assignment.others),
    )


def numbers(assignment: Assignment) -> Drawn:
    """Return the numbers that an assignment's parameters have, by exercise."""
    return {one.id: one.values for one in with_parameters(assignment)}


def ends(assignment: Assignment) -> tuple[Assignment, ...]:
    """Return an assignment with the first and with the last number of every parameter; none where there are none.

    Raises FormError where one cannot be asked so.
    """
    drawn_from = {one.id: one.parameters for one in with_parameters(assignment)}
    if not drawn_from:
        return ()
    return tuple(
        bound(assignment, {id: {each.name: each.values[end] for each in those} for id, those in drawn_from.items()})
        for end in (0, -1)
    )


def said(assignment: Assignment) -> str:
    """Return the numbers that an assignment's parameters have, in words."""
    return "; ".join(
        f"{id} with {', '.join(f'{name} = {value}' for name, value in values.items())}"
        for id, values in numbers(assignment).items()
    )


def refuse_nobodys(assignment: Assignment, what: str) -> None:
    """Raise UsageError where `what` would be made with nobody's parameters."""
    ids = [one.id for one in assignment.exercises if one.parameters]
    if ids and not assignment.student:
        has = "has" if len(ids) == 1 else "have"
        raise UsageError(f"{a_few(ids)} {has} parameters that are drawn per student: {what}")
