"""Which dialects an assignment accepts, and through which of them each exercise is asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.assignment import dialects
from grader.assignment import exercises as reading
from grader.assignment.dialects import Dialect
from grader.assignment.exercise import Exercise
from grader.assignment.forms import FormError, Problem
from grader.exercise_kinds.asked_through import speaks
from grader.exercise_kinds.kinds import KINDS
from grader.sandbox.boundary.protocol import file_of

DEFAULT = "minitorch"


class ThroughForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What differs for one of several dialects: the solved copy of its files, and what its files are called.

    `files` maps a file that exercises name to the one that submissions of this dialect have in its place.
    """

    reference: str = ""
    files: dict[str, str] = {}


Through = str | tuple[str, ...] | dict[str, ThroughForm]


class Accepted(msgspec.Struct, frozen=True):
    """A dialect that an assignment accepts, with its own reference where it has one, and its names of modules."""

    dialect: Dialect
    reference: Path | None = None
    modules: tuple[tuple[str, str], ...] = ()


def read(through: Through, root: Path) -> tuple[Accepted, ...]:
    """Read the dialects that a config lists, in its order. Raises FormError."""
    if isinstance(through, str):
        return (Accepted(dialects.read(through or DEFAULT, root)),)
    wanted = through if isinstance(through, dict) else dict.fromkeys(through, ThroughForm())
    if not wanted:
        raise FormError([Problem("through", 0, 0, "names no dialect; leave it out, or name one")])
    found = tuple(
        Accepted(
            dialects.read(name, root),
            root / one.reference if one.reference else None,
            tuple((_module(old), _module(new)) for old, new in one.files.items()),
        )
        for name, one in wanted.items()
    )
    unknown = [one.dialect.name for one in found[1:] if not one.dialect.recognised]
    if unknown:
        said = 'nothing tells a submission of this dialect from others: say RECOGNISED_BY, as in ["Value"]'
        raise FormError([Problem(name, 0, 0, said) for name in unknown])
    return found


def files(through: Through) -> tuple[str, ...]:
    """Return the files of a course's own dialects that a config names."""
    names = (through,) if isinstance(through, str) else tuple(through)
    return tuple(name for name in names if name.endswith(".py"))


def _module(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def asked_through(exercises: Sequence[Exercise], accepted: Accepted, root: Path) -> tuple[Exercise, ...]:
    """Return exercises as they are asked of submissions of a dialect; one that names its own is asked through that.

    Raises FormError where one cannot be asked so.
    """
    found, unasked, problems = _tried(exercises, accepted, root)
    problems += [_placed(one, root, "id", f"{one.id}: {unasked[one.id]}") for one in exercises if one.id in unasked]
    if problems:
        raise FormError(problems)
    return found


def packaged(
    exercises: Sequence[Exercise], package: str, reference: Path, modules: Sequence[str]
) -> tuple[Exercise, ...]:
    """Return exercises as students read them: of this package, and names imported from the modules that have them."""
    homes = _homes(exercises, reference, modules)
    return tuple(
        msgspec.structs.replace(
            one,
            package=package,
            dialect=msgspec.structs.replace(one.dialect, homes=homes)
            if one.dialect and _takes_from_elsewhere(one)
            else one.dialect,
        )
        for one in exercises
    )


def _homes(exercises: Sequence[Exercise], reference: Path, modules: Sequence[str]) -> dict[str, str]:
    """Return which module of a reference defines each name that dialects take from other files than the one asked."""
    wanted = {name for one in exercises if one.dialect and _takes_from_elsewhere(one) for name in one.dialect.names}
    found: dict[str, str] = {}
    for module in modules if wanted else ():
        path = reference / file_of(module)
        text = path.read_text("utf-8", "replace") if path.is_file() else ""  # one that is missing is told elsewhere
        for name in re.findall(r"(?m)^(?:class|def)\s+(\w+)", text):
            if name in wanted:
                found.setdefault(name, module)
    return found


def _takes_from_elsewhere(exercise: Exercise) -> bool:
    """Say whether a function of variables is asked for, so that the class of variables may be in another file."""
    return speaks(exercise) and exercise.kind in ("expression", "own") and len(exercise.under_test) == 1


def _placed(exercise: Exercise, root: Path, key: str, message: str) -> Problem:
    """Return what is wrong with an exercise's key, where the key's value stands."""
    return Problem(exercise.source, *reading.places_of(exercise, root, KINDS).get(key, exercise.place), message)


def asked_besides(
    exercises: Sequence[Exercise], accepted: Accepted, root: Path
) -> tuple[tuple[Exercise, ...], dict[str, str]]:
    """Return exercises as they are asked of another dialect that is accepted, and why some of them cannot be.

    Those stay in the total: what a dialect cannot be asked is not attempted.
    """
    found, unasked, _ = _tried(exercises, accepted, root)
    return found, unasked


def _tried(
    exercises: Sequence[Exercise], accepted: Accepted, root: Path
) -> tuple[tuple[Exercise, ...], dict[str, str], list[Problem]]:
    problems: list[Problem] = []
    found: list[Exercise] = []
    unasked: dict[str, str] = {}
    renamed = dict(accepted.modules)
    for one in exercises:
        try:
            dialect = dialects.read(one.through, root) if one.through else accepted.dialect
        except FormError as error:
            said = [each if each.line else _placed(one, root, "through", each.message) for each in error.problems]
            problems += said
            continue
        wrong = KINDS[one.kind].fits(one, dialect)
        if wrong:
            unasked[one.id] = wrong
        module = renamed.get(one.module, one.module)
        digest = hashlib.sha256(f"{one.digest}{dialect.digest}".encode()).hexdigest()[:16]
        found.append(msgspec.structs.replace(one, dialect=dialect, module=module, digest=digest))
    return tuple(found), unasked, problems
