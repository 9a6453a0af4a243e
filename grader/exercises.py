"""Exercises: the YAML an instructor writes, checked and turned into records.

`ExerciseForm` is the file as written; `Exercise` is what grading uses, with the formula parsed and
the domains worked out. Every mistake carries file, line and column, and all are told at once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

import msgspec

from grader import forms
from grader.errors import UsageError
from grader.forms import FormError, Problem
from grader.model import Domain
from grader.oracle.expressions import Expression, ExpressionError, parse

CHECKS = ("forward", "backward", "contract")
"""The checks of a function exercise, in the order they are judged and shown."""

Visibility = Literal["visible", "hidden"]
Feedback = Literal["full", "hint", "verdict", "none"]
SavedValues = Literal["tuple", "unwrapped", "either"]

REAL = Domain(-1e4, 1e4)
DOMAINS = {
    "real": REAL,
    "positive": Domain(0.0, 1e4, nonzero=True),
    "nonzero": Domain(-1e4, 1e4, nonzero=True),
}
RANGE = re.compile(r"\s*([^\s.]\S*?)\s*\.\.\s*(\S+)\s*")


class CheckForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A check written out: its points, who sees its outcome, and how much its feedback says."""

    points: Fraction
    visibility: Visibility = "visible"
    feedback: Feedback = "full"
    hint: str = ""


class MisconceptionForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mistake of this exercise's own: what is returned when it is made, and what to say then.

    `returns` is an expression in the arguments and `d_out`, one an argument.
    """

    returns: tuple[str, ...]
    say: str


class ExerciseForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An exercise as its file has it."""

    format: Literal[1]
    id: str
    title: str
    statement: str
    file: str
    class_: str = msgspec.field(name="class")
    arguments: dict[str, str]
    value: str
    checks: dict[str, Fraction | CheckForm]
    points: Fraction | None = None
    also_accept: tuple[str, ...] = ()
    misconceptions: tuple[MisconceptionForm, ...] = ()
    numeric_derivative: Literal["accept", "refuse"] = "accept"
    saved_values: SavedValues = "either"


class CheckSpec(msgspec.Struct, frozen=True):
    """One thing judged, and what it is worth."""

    name: str
    points: Fraction
    visibility: Visibility
    feedback: Feedback
    hint: str


class Misconception(msgspec.Struct, frozen=True):
    """A named mistake: one formula an argument, in the arguments and d_out."""

    returns: tuple[Expression, ...]
    say: str


class Exercise(msgspec.Struct, frozen=True):
    """One thing asked of a student: a class with forward and backward, and the formula it is to compute."""

    id: str
    title: str
    statement: str
    module: str
    name: str
    arguments: tuple[str, ...]
    domains: tuple[Domain, ...]
    value: Expression
    also_accept: tuple[Expression, ...]
    checks: tuple[CheckSpec, ...]
    misconceptions: tuple[Misconception, ...]
    numeric_derivative: Literal["accept", "refuse"]
    saved_values: SavedValues
    source: str
    digest: str

    @property
    def points(self) -> Fraction:
        """Return what all its checks are worth together."""
        return sum((check.points for check in self.checks), Fraction(0))


def load(paths: Sequence[Path], root: Path) -> tuple[Exercise, ...]:
    """Read exercise files, in order. Raises FormError with the problems of all of them."""
    problems: list[Problem] = []
    found: dict[str, Exercise] = {}
    for path in paths:
        shown = _shown(path, root)
        try:
            exercise = read(path, shown)
        except FormError as error:
            problems += error.problems
            continue
        if exercise.id in found:
            first = found[exercise.id].source
            problems.append(Problem(shown, 0, 0, f"duplicate id {exercise.id!r}: {first} has it too; give one another"))
        found[exercise.id] = exercise
    if problems:
        raise FormError(problems)
    return tuple(found.values())


def files(entries: Sequence[Path]) -> list[Path]:
    """Return the exercise files that `entries` (files, or folders of them) name. Raises UsageError."""
    found: list[Path] = []
    for entry in entries:
        if entry.is_dir():
            inside = sorted(entry.glob("*.yaml"))
            if not inside:
                raise UsageError(f"{entry}: holds no exercise (*.yaml)")
            found += inside
        elif entry.is_file():
            found.append(entry)
        else:
            raise UsageError(f"{entry}: no such exercise file or folder")
    return found


def read(path: Path, shown: str) -> Exercise:
    """Read one exercise file. Raises FormError with every problem in it."""
    form, places = forms.read(path, ExerciseForm, shown)
    return _Checker(shown, places).exercise(form)


class _Checker:
    """Turn a form into an exercise, collecting what does not make sense."""

    def __init__(self, shown: str, places: dict[str, tuple[int, int]]) -> None:
        self._shown, self._places = shown, places
        self._problems: list[Problem] = []

    def exercise(self, form: ExerciseForm) -> Exercise:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", form.id):
            self._problem("id", f"id {form.id!r} should be lower-case letters, digits and hyphens")
        if not re.fullmatch(r"[A-Za-z_]\w*\.py", form.file):
            self._problem("file", f"file {form.file!r} should be a module of the student's, like lecture8.py")
        if not form.class_.isidentifier():
            self._problem("class", f"class {form.class_!r} should be a Python name")
        arguments = tuple(form.arguments)
        for name in arguments:
            if not name.isidentifier() or name == "d_out":
                self._problem(f"arguments.{name}", f"argument {name!r} should be a Python name other than d_out")
        if not arguments:
            self._problem("arguments", "a function has at least one argument, like x: real")
        domains = [self._domain(name, text) for name, text in form.arguments.items()]
        value = self._formula("value", form.value, arguments)
        also = [self._formula(f"also_accept.{i}", text, arguments) for i, text in enumerate(form.also_accept)]
        checks = self._checks(form)
        misconceptions = [
            self._misconception(f"misconceptions.{i}", one, arguments) for i, one in enumerate(form.misconceptions)
        ]
        if self._problems or value is None:
            raise FormError(self._problems)
        return Exercise(
            id=form.id,
            title=form.title,
            statement=form.statement,
            module=form.file.removesuffix(".py"),
            name=form.class_,
            arguments=arguments,
            domains=tuple(domain for domain in domains if domain is not None),
            value=value,
            also_accept=tuple(one for one in also if one is not None),
            checks=checks,
            misconceptions=tuple(one for one in misconceptions if one is not None),
            numeric_derivative=form.numeric_derivative,
            saved_values=form.saved_values,
            source=self._shown,
            digest=hashlib.sha256(repr(form).encode()).hexdigest()[:16],
        )

    def _problem(self, path: str, message: str, offset: int = 0) -> None:
        line, column = self._places.get(path, (0, 0))
        self._problems.append(Problem(self._shown, line, column + offset, message))

    def _domain(self, name: str, text: str) -> Domain | None:
        if text in DOMAINS:
            return DOMAINS[text]
        match = RANGE.fullmatch(text)
        try:
            lo, hi = (float(match[1]), float(match[2])) if match else (1.0, 0.0)
        except ValueError:
            lo, hi = 1.0, 0.0
        if lo < hi and max(abs(lo), abs(hi)) <= 1e100:
            return Domain(lo, hi)
        wanted = f"one of {', '.join(DOMAINS)}, or a range like -500..500"
        self._problem(f"arguments.{name}", f"domain {text!r} of {name} should be {wanted}{forms.near(text, DOMAINS)}")
        return None

    def _formula(self, path: str, text: str, arguments: Sequence[str]) -> Expression | None:
        try:
            return parse(text, arguments)
        except ExpressionError as error:
            self._problem(path, f"in {text!r}: {error.message}", max(error.column - 1, 0))
            return None

    def _checks(self, form: ExerciseForm) -> tuple[CheckSpec, ...]:
        specs: dict[str, CheckSpec] = {}
        for name, check in form.checks.items():
            if name not in CHECKS:
                self._problem(f"checks.{name}#key", f"unknown check {name!r}{forms.near(name, CHECKS)}")
                continue
            full = check if isinstance(check, CheckForm) else CheckForm(check)
            if full.points < 0:
                self._problem(f"checks.{name}", f"points of {name} should not be negative")
            specs[name] = CheckSpec(name, full.points, full.visibility, full.feedback, full.hint)
        if not form.checks:
            self._problem("checks", f"should name at least one of {', '.join(CHECKS)}")
        total = sum((spec.points for spec in specs.values()), Fraction(0))
        if form.points is not None and form.points != total and len(specs) == len(form.checks):
            self._problem("points", f"points don't add up: the checks are worth {total}, not {form.points}")
        return tuple(specs[name] for name in CHECKS if name in specs)

    def _misconception(self, path: str, form: MisconceptionForm, arguments: Sequence[str]) -> Misconception | None:
        if len(form.returns) != len(arguments):
            self._problem(path, f"returns should hold one formula an argument, {len(arguments)} in all")
            return None
        names = (*arguments, "d_out")
        formulas = [self._formula(f"{path}.returns.{i}", text, names) for i, text in enumerate(form.returns)]
        return Misconception(tuple(one for one in formulas if one is not None), form.say)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
