"""Exercises: the YAML an instructor writes, checked and turned into records.

What every exercise has is read here; what one kind of exercise has besides is read by its `Kind`, from
the table that `load` is given. Every mistake carries file, line and column, and all are told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import msgspec

from grader.assignment import forms
from grader.assignment.forms import FormError, Problem
from grader.errors import UsageError
from grader.model import Feedback, Hint, Outcome, Visibility

DEFAULT_KIND = "function"
ANSWERS = "answers.yaml"


class HintForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hint that is kept back until so many attempts have been made."""

    say: str
    after: int = 0


class CheckForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A check written out: its points, who sees its outcome, how much its feedback says, and hints, one or staged.

    Without `feedback` the assignment's own level for its visibility holds.
    """

    points: Fraction
    visibility: Visibility = "visible"
    feedback: Feedback | None = None
    hint: str = ""
    hints: tuple[HintForm, ...] = ()


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A planted mistake that is none, by its name in `grader audit` (`*` stands for anything), and the reason."""

    mistake: str
    because: str


class ExerciseForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every exercise's file has. Each kind adds its own keys."""

    format: Literal[1]
    kind: str = DEFAULT_KIND
    id: str
    title: str
    statement: str
    file: str
    checks: dict[str, Fraction | CheckForm]
    points: Fraction | None = None
    variants: tuple[Variant, ...] = ()
    equivalent: tuple[Equivalent, ...] = ()


class CheckSpec(msgspec.Struct, frozen=True):
    """One thing judged, and what it is worth. `feedback` is None where the assignment is to say."""

    name: str
    points: Fraction
    visibility: Visibility
    feedback: Feedback | None
    hints: tuple[Hint, ...]


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another way to set an exercise up, for solutions that are right together with other parts.

    `own`: names, in any module, that stay the student's besides; `provide`: module -> lines added to what is provided.
    An exercise earns what its best way of being set up earns.
    """

    own: tuple[str, ...] = ()
    provide: dict[str, str] = {}


class Exercise(msgspec.Struct, frozen=True):
    """One thing asked of a student. `spec` is the record of its kind; `module` names the file to hand in.

    `under_test` are the names in that module which stay the student's; all others that the assignment
    knows are provided. `own_files`: nothing is provided, the student's files run with each other.
    """

    id: str
    kind: str
    title: str
    statement: str
    module: str
    under_test: tuple[str, ...]
    checks: tuple[CheckSpec, ...]
    spec: Any
    source: str
    digest: str
    own_files: bool = False
    variants: tuple[Variant, ...] = ()
    equivalent: tuple[Equivalent, ...] = ()

    @property
    def points(self) -> Fraction:
        """Return what all its checks are worth together."""
        return sum((check.points for check in self.checks), Fraction(0))


class Fresh(msgspec.Struct, frozen=True):
    """A question for a worker that has been asked nothing yet, put as `instead_of` was: nobody tells the two apart."""

    ask: Any
    instead_of: Any


Call = Callable[[Any], Any]
"""Put one question of the kind's own to the worker, or a `Fresh` one to another. Raises where the worker does not
answer, which the caller charges; where a fresh one does not, there is None."""

Outcomes = dict[str, Outcome]
"""Check name -> outcome."""


class Needs(msgspec.Struct, frozen=True):
    """What a worker that is asked about an exercise needs besides what the exercise asks for: (module, name).

    `walks`: derivatives are sent back, so the machine is used in all its parts. `bases`: so are the classes that what
    is under test derives from.
    """

    names: tuple[tuple[str, str], ...] = ()
    walks: bool = False
    bases: bool = True


class Kind(msgspec.Struct, frozen=True):
    """One kind of exercise: its keys, its checks, and how it is prepared and judged.

    `read` turns the form into (the kind's own record, the names under test), telling a Border what is wrong; no names
    means that all of the student's files run with each other, and nothing is provided;
    `prepare` draws one half of the questions from (exercise, count, seed, public), and raises ValueError where
    they cannot be drawn; `questions` are those that will be asked whatever is answered; `judge` asks them, and others
    where it needs to, through a Call, and returns an outcome for every check. It is a function of the answers alone.
    No `checks` means that an exercise names its own.
    `records` are the types of its own record and of a half, for writing them down and reading them back.
    `among_own` turns (exercise, half, modules handed in) into the halves to ask among the student's own files, one of
    which must be right all through;
    `needs` says what of the reference its worker cannot do without.
    `alone` says that its code runs with no other part, so that there is no such asking.
    `shares` says that exercises of one file may be asked of one worker; `answers` that there is no code to run: the
    student's text for an exercise's id is what a Call returns.
    """

    name: str
    form: type[ExerciseForm]
    checks: tuple[str, ...]
    read: Callable[[Any, Border], tuple[Any, tuple[str, ...]]]
    prepare: Callable[[Exercise, int, str, bool], Any]
    judge: Callable[[Exercise, Any, Call], Outcomes]
    records: tuple[Any, Any]
    questions: Callable[[Any], tuple[Any, ...]] = lambda half: () if half.ask is None else (half.ask,)
    among_own: Callable[[Exercise, Any, Collection[str]], tuple[Any, ...]] = lambda _exercise, half, _handed: (half,)
    needs: Callable[[Exercise], Needs] = lambda _: Needs()
    alone: bool = False
    shares: bool = False
    answers: bool = False


Kinds = Mapping[str, Kind]


class Border:
    """Where a kind tells what is wrong with a form, by the path of the key."""

    def __init__(self, shown: str, places: forms.Places) -> None:
        self._shown, self._places = shown, places
        self.problems: list[Problem] = []

    def problem(self, path: str, message: str, offset: int = 0) -> None:
        """Record a mistake at the value of `path`, or at its key with `#key`; `offset` columns further on."""
        line, column = self._places.get(path, (0, 0))
        self.problems.append(Problem(self._shown, line, column + offset, message))


def load(paths: Sequence[Path], root: Path, kinds: Kinds) -> tuple[Exercise, ...]:
    """Read exercise files, in order. Raises FormError with the problems of all of them."""
    problems: list[Problem] = []
    found: dict[str, Exercise] = {}
    for path in paths:
        shown = _shown(path, root)
        try:
            exercise = read(path, shown, kinds)
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


def read(path: Path, shown: str, kinds: Kinds) -> Exercise:
    """Read one exercise file. Raises FormError with every problem in it."""
    return decode(forms.content(path, shown), shown, kinds)


def decode(raw: bytes, shown: str, kinds: Kinds) -> Exercise:
    """Read one exercise from its text; see `read`."""
    import hashlib  # an exercise is read by its author's machine, and only opened by a student's

    formed = {name: kind.form for name, kind in kinds.items()}
    form, places = forms.decode_one_of(raw, "kind", formed, DEFAULT_KIND, shown)
    kind = kinds[form.kind]
    border = Border(shown, places)
    _common(form, kind, border)
    checks = _checks(form, kind, border)
    spec, under_test = kind.read(form, border)
    if border.problems:
        raise FormError(border.problems)
    return Exercise(
        id=form.id,
        kind=kind.name,
        title=form.title,
        statement=form.statement,
        module=form.file.rpartition(".")[0],
        under_test=under_test,
        checks=checks,
        spec=spec,
        source=shown,
        digest=hashlib.sha256(repr(form).encode()).hexdigest()[:16],
        own_files=not under_test and not kind.answers,
        variants=form.variants,
        equivalent=form.equivalent,
    )


def _common(form: ExerciseForm, kind: Kind, border: Border) -> None:
    import ast
    import re

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", form.id):
        border.problem("id", f"id {form.id!r} should be lower-case letters, digits and hyphens")
    for i, variant in enumerate(form.variants):
        for module, lines in variant.provide.items():
            try:
                ast.parse(lines)
            except SyntaxError as error:
                message = f"the lines for {module} are no Python: {error.msg}"
                border.problem(f"variants.{i}.provide.{module}", message)
    if kind.answers and form.file != ANSWERS:
        border.problem("file", f"file should be {ANSWERS}")
    elif not kind.answers and not re.fullmatch(r"[A-Za-z_]\w*\.py", form.file):
        border.problem("file", f"file {form.file!r} should be a module of the student's, like lecture8.py")


def _checks(form: ExerciseForm, kind: Kind, border: Border) -> tuple[CheckSpec, ...]:
    specs: dict[str, CheckSpec] = {}
    known = kind.checks or tuple(form.checks)
    for name, check in form.checks.items():
        if name not in known:
            border.problem(f"checks.{name}#key", f"unknown check {name!r}{forms.near(name, known)}")
            continue
        full = check if isinstance(check, CheckForm) else CheckForm(check)
        if full.points < 0:
            border.problem(f"checks.{name}", f"points of {name} should not be negative")
        for i, hint in enumerate(full.hints):
            if hint.after < 0:
                border.problem(f"checks.{name}.hints.{i}.after", "after should count attempts, from 0")
        hints = (*([Hint(full.hint)] if full.hint else []), *(Hint(one.say, one.after) for one in full.hints))
        specs[name] = CheckSpec(name, full.points, full.visibility, full.feedback, hints)
    if not form.checks:
        border.problem("checks", f"should name at least one{' of ' if known else ''}{', '.join(known)}")
    total = sum((spec.points for spec in specs.values()), Fraction(0))
    if form.points is not None and form.points != total and len(specs) == len(form.checks):
        border.problem("points", f"points don't add up: the checks are worth {total}, not {form.points}")
    return tuple(specs[name] for name in known if name in specs)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
