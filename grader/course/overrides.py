"""overrides.yaml: what staff decide by hand. It is read anew for every list of marks, so it survives any regrading."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from grader.assignment import forms, late
from grader.assignment.forms import FormError, Problem, near
from grader.submissions.people import Person, keys


class OverrideForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One decision: for whom (any of their ids, or the submission's name), and what.

    `points` with an `exercise` takes the place of that exercise's points; without one it is the final mark, and
    lateness takes nothing off it. `extension` is time on top of the due date. `excuse` leaves the student out.
    """

    student: str
    exercise: str = ""
    points: Fraction | None = None
    comment: str = ""
    extension: str = ""
    excuse: bool = False


class OverridesForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """overrides.yaml as written."""

    format: Literal[1]
    overrides: tuple[OverrideForm, ...] = ()


class Override(msgspec.Struct, frozen=True):
    """One decision, looked at: `extension` in seconds."""

    student: str
    exercise: str
    points: Fraction | None
    comment: str
    extension: int
    excuse: bool


def read(path: Path, exercises: Collection[str]) -> tuple[Override, ...]:
    """Return what was decided. Raises FormError with every mistake, by line and column."""
    form, places = forms.read(path, OverridesForm, path.name)
    problems = []
    for i, one in enumerate(form.overrides):
        line, column = places.get(f"overrides.{i}", (0, 0))
        problems += [Problem(path.name, line, column, said) for said in _wrong_with(one, exercises)]
    if problems:
        raise FormError(problems)
    return tuple(
        Override(one.student, one.exercise, one.points, one.comment, late.span(one.extension) or 0, one.excuse)
        for one in form.overrides
    )


def _wrong_with(one: OverrideForm, exercises: Collection[str]) -> list[str]:
    said = []
    if one.exercise and one.exercise not in exercises:
        said.append(f"no exercise has the id {one.exercise!r}{near(one.exercise, exercises)}")
    if one.points is not None and one.points < 0:
        said.append("points should not be negative")
    if one.extension and late.span(one.extension) is None:
        said.append(f"extension should be a time like 48h or 2d, not {one.extension!r}")
    if one.exercise and (one.extension or one.excuse):
        said.append("an extension or an excuse is for the whole assignment; leave `exercise` out")
    if one.points is None and not (one.comment or one.extension or one.excuse):
        said.append("decides nothing; say points, comment, extension or excuse")
    return said


def of(person: Person, submission: str, overrides: Sequence[Override]) -> tuple[Override, ...]:
    """Return what was decided for one student."""
    names = {value for _, value in keys(person)} | {submission}
    return tuple(one for one in overrides if one.student in names or one.student.casefold() in names)


def of_nobody(names: Collection[str], overrides: Sequence[Override]) -> tuple[Override, ...]:
    """Return the decisions about nobody in the class, so that a slip of the pen is seen."""
    return tuple(one for one in overrides if one.student not in names and one.student.casefold() not in names)
