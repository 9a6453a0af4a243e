"""overrides.yaml: what staff decide by hand. It is read anew for every list of marks, so it survives any regrading."""

from __future__ import annotations

import os
from collections.abc import Collection
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from grader.assignment import forms, late
from grader.assignment.forms import FormError, Problem, near
from grader.errors import UsageError

USUAL = "overrides.yaml"
"""What the file is called where a config does not say; that one need not be there."""


class OverrideForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One decision: for whom (any of their ids, or the submission's name), and what.

    With a `mistake` of an `exercise` in place of a `student` it is for everyone who made it.

    `points` with an `exercise` takes the place of that exercise's points; without one it is the final mark, and
    lateness takes nothing off it. `bonus` lets them be more than it is worth. `late` is how late it was handed in,
    whatever the platform says. `extension` is time on top of the due date. `excuse` leaves the student out.
    """

    student: str = ""
    exercise: str = ""
    mistake: str = ""
    points: Fraction | None = None
    comment: str = ""
    extension: str = ""
    excuse: bool = False
    late: str = ""
    bonus: bool = False


class OverridesForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """overrides.yaml as written."""

    format: Literal[1]
    overrides: tuple[OverrideForm, ...] = ()


class Override(msgspec.Struct, frozen=True):
    """One decision, looked at: `extension` and `late` in seconds (`late` None: not said).

    It stands at `at` in its file, its points at `points_at`: (line, column). `mistake`: it is for everyone who made
    that; `of` names the submission of one of them.
    """

    student: str
    exercise: str
    points: Fraction | None
    comment: str
    extension: int = 0
    excuse: bool = False
    late: int | None = None
    bonus: bool = False
    at: tuple[int, int] = (0, 0)
    points_at: tuple[int, int] = (0, 0)
    mistake: str = ""
    of: str = ""


def decided(path: Path, root: Path, exercises: Collection[str]) -> tuple[Override, ...]:
    """Return what was decided, nothing where there is no file. Only the usual one need not be there.

    `root` is the config's folder. Raises UsageError where another is not there, or is a folder; FormError as `read`.
    """
    if path.is_file():
        return read(path, exercises)
    shown = os.path.relpath(path, root)
    if path.is_dir():
        raise UsageError(f"course.overrides: {shown}: is a folder; name the file of decisions")
    if shown != USUAL or os.path.lexists(path):
        raise UsageError(f"course.overrides: {shown}: no such file; write it, or leave `overrides` out")
    return ()


def read(path: Path, exercises: Collection[str]) -> tuple[Override, ...]:
    """Return what was decided. Raises FormError with every mistake, by line and column."""
    return _held(*forms.read(path, OverridesForm, path.name), path.name, exercises)


def read_text(text: str, shown: str, exercises: Collection[str]) -> tuple[Override, ...]:
    """Do as `read` does with a text that messages call `shown`."""
    return _held(*forms.decode(text.encode(), OverridesForm, shown, trusted=True), shown, exercises)


def _held(form: OverridesForm, places: forms.Places, shown: str, exercises: Collection[str]) -> tuple[Override, ...]:
    problems = []
    for i, one in enumerate(form.overrides):
        line, column = places.get(f"overrides.{i}", (0, 0))
        problems += [Problem(shown, line, column, said) for said in _wrong_with(one, exercises)]
    if problems:
        raise FormError(problems)
    return tuple(
        Override(
            one.student,
            one.exercise,
            one.points,
            one.comment,
            late.span(one.extension) or 0,
            one.excuse,
            late.span(one.late) if one.late else None,
            one.bonus,
            places.get(f"overrides.{i}", (0, 0)),
            places.get(f"overrides.{i}.points", (0, 0)),
            one.mistake,
        )
        for i, one in enumerate(form.overrides)
    )


def _wrong_with(one: OverrideForm, exercises: Collection[str]) -> list[str]:
    said = []
    if not one.student and not one.mistake:
        said.append("decides for nobody; say student, or exercise and mistake")
    if one.student and one.mistake:
        said.append("names a student and a mistake; leave one of them out")
    if one.mistake and not one.exercise:
        said.append("names a mistake; say in which exercise")
    if one.mistake and (one.extension or one.excuse or one.late):
        said.append("what is decided about a mistake is points, a comment, or both")
    if one.exercise and one.exercise not in exercises:
        said.append(f"no exercise has the id {one.exercise!r}{near(one.exercise, exercises)}")
    if one.points is not None and one.points < 0:
        said.append("points should not be negative")
    if one.extension and late.span(one.extension) is None:
        said.append(f"extension should be a time like 48h or 2d, not {one.extension!r}")
    if one.late and late.span(one.late) is None:
        said.append(f"late should be a time like 26h or 1d 2h, or 0m for in time, not {one.late!r}")
    if one.exercise and (one.extension or one.excuse or one.late):
        said.append("an extension, a lateness or an excuse is for the whole assignment; leave `exercise` out")
    if one.excuse and one.points is not None:
        said.append("excuses the student and sets points; leave one of them out")
    if one.bonus and one.points is None:
        said.append("bonus says that points may be more than there are; say points as well")
    if one.points is None and not (one.comment or one.extension or one.excuse or one.late):
        said.append("decides nothing; say points, comment, extension, late or excuse")
    return said
