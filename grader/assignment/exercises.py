"""Read exercises: the YAML an instructor writes, checked and turned into records.

What every exercise has is read here; what one kind of exercise has besides is read by its `Kind`, from
the table that `load` is given. Every mistake carries file, line and column, and all are told at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.assignment import forms, parameters
from grader.assignment.exercise import (
    ANSWERS,
    DEFAULT_KIND,
    ID,
    CheckForm,
    CheckSpec,
    Exercise,
    ExerciseForm,
    Parameter,
)
from grader.assignment.forms import FormError, Problem
from grader.assignment.kind import Kind, Kinds, Problems
from grader.errors import UsageError
from grader.model import Hint

if TYPE_CHECKING:
    import yaml


FILE = r"(?:[A-Za-z_]\w*/)*[A-Za-z_]\w*\.py"
"""A module of the student's, from the package's folder on."""


def load(paths: Sequence[Path], root: Path, kinds: Kinds) -> tuple[Exercise, ...]:
    """Read exercise files, in order. Raises FormError with the problems of all of them."""
    problems: list[Problem] = []
    found: dict[str, Exercise] = {}
    for path in paths:
        named = shown(path, root)
        try:
            inside = decode_all(forms.content(path, named), named, kinds)
        except FormError as error:
            problems += error.problems
            continue
        for exercise in inside:
            if exercise.id in found:
                said = f"duplicate id {exercise.id!r}: {found[exercise.id].source} has it too; give one another"
                problems.append(Problem(named, *exercise.place, said))
            found[exercise.id] = exercise
    if problems:
        raise FormError(problems)
    return tuple(found.values())


def files(entries: Sequence[Path], begun: bool = True) -> list[Path]:
    """Return the exercise files that `entries` (files, or folders of them) name. Raises UsageError.

    A folder that is not `begun` may be empty, or not there yet.
    """
    found: list[Path] = []
    for entry in entries:
        if entry.is_dir() or not (begun or entry.suffix):
            inside = sorted(entry.glob("*.yaml"))
            if not inside and begun:
                raise UsageError(f"{entry}: holds no exercise (*.yaml); `grader new exercise` writes one")
            found += inside
        elif entry.is_file():
            found.append(entry)
        else:
            raise UsageError(f"{entry}: no such exercise file or folder")
    return found


def read(path: Path, shown: str, kinds: Kinds) -> Exercise:
    """Read a file of one exercise. Raises FormError with every problem in it."""
    return decode(forms.content(path, shown), shown, kinds)


def decode(raw: bytes, shown: str, kinds: Kinds) -> Exercise:
    """Read one exercise from its text; see `read`."""
    found = decode_all(raw, shown, kinds)
    if len(found) != 1:
        raise FormError([Problem(shown, 0, 0, f"holds {len(found)} exercises, where one is wanted")])
    return found[0]


def decode_all(raw: bytes, shown: str, kinds: Kinds) -> tuple[Exercise, ...]:
    """Read the exercises of a file from its text: one, or several under `exercises`. Raises FormError."""
    from grader.assignment import nodes, several  # YAML is slow to import

    node = nodes.composed(raw, shown, trusted=True)
    if not several.is_several(node):
        return (_decoded(node, shown, kinds),)
    parts, problems = several.parts(node, kinds, shown)
    found: list[Exercise] = []
    raised: list[tuple[several.Part, list[Problem]]] = []
    for part in parts:
        try:
            found.append(msgspec.structs.replace(_decoded(part.node, shown, kinds), place=part.place))
        except FormError as error:
            raised.append((part, error.problems))
    problems += several.told(raised, parts)
    if problems:
        raise FormError(sorted(problems, key=lambda one: (one.line, one.column)))
    return tuple(found)


def places(raw: bytes, shown: str, kinds: Kinds) -> dict[str, forms.Places]:
    """Return where every value of a file's exercises stands, by their ids. Raises FormError for what cannot be read."""
    from grader.assignment import nodes, several

    node = nodes.composed(raw, shown, trusted=True)
    formed = {name: kind.form for name, kind in kinds.items()}
    whole = several.parts(node, kinds, shown)[0] if several.is_several(node) else None
    found = {}
    for one in [node] if whole is None else [part.node for part in whole]:
        form, where = nodes.decoded_one_of(one, "kind", formed, DEFAULT_KIND, shown)
        found[form.id] = where
    return found


def places_of(exercise: Exercise, root: Path, kinds: Kinds) -> forms.Places:
    """Return where an exercise's values stand in its file; none where that lies outside the config's folder."""
    path = root / exercise.source
    if not path.is_file():
        return {}
    return places(forms.content(path, exercise.source), exercise.source, kinds).get(exercise.id, {})


def _decoded(node: yaml.Node, shown: str, kinds: Kinds) -> Exercise:
    from grader.assignment import nodes

    formed = {name: kind.form for name, kind in kinds.items()}
    form, places = nodes.decoded_one_of(node, "kind", formed, DEFAULT_KIND, shown)
    kind = kinds[form.kind]
    found = Problems(shown, places)
    _common(form, kind, found)
    checks = _checks(form, kinds, found)
    drawn_from = _parameters(form, kind, found)
    found.values = {one.name: one.usual for one in drawn_from}
    spec, asked = kind.read(form, found)
    under_test = _under_test(form, asked, found)
    if found.found:
        raise FormError(found.found)
    exercise = Exercise(
        id=form.id,
        kind=kind.name,
        title=form.title,
        statement=form.statement,
        module=form.file.rpartition(".")[0].replace("/", "."),
        under_test=under_test,
        checks=checks,
        spec=spec,
        source=shown,
        digest=_digest(form),
        own_files=not under_test and not kind.on_paper,
        on_paper=kind.on_paper,
        variants=form.variants,
        equivalent=form.equivalent,
        through=form.through,
        show=form.show,
        figure=form.figure,
        parameters=drawn_from,
        form=form if drawn_from else None,
    )
    return with_values(exercise, found.values, kinds) if drawn_from else exercise


def with_values(exercise: Exercise, values: Mapping[str, int], kinds: Kinds) -> Exercise:
    """Return an exercise as it is asked with these numbers for its parameters.

    What the assignment has made of it since it was read stays. Raises FormError where it cannot be asked so.
    """
    form, kind = exercise.form, kinds[exercise.kind]
    found = Problems(exercise.source, {}, values)
    spec, _ = kind.read(_said_with(form, values), found)
    if found.found:
        said = ", ".join(f"{name} = {value}" for name, value in values.items())
        raise FormError([Problem(one.file, *exercise.place, f"with {said}: {one.message}") for one in found.found])
    written = _checks(form, kinds, found)
    drawn = tuple(values[one.name] for one in exercise.parameters)
    return msgspec.structs.replace(
        exercise,
        title=parameters.in_words(form.title, values),
        statement=parameters.in_words(form.statement, values),
        checks=tuple(
            msgspec.structs.replace(one, hints=tuple(_hint(hint, values) for hint in same.hints))
            for one, same in zip(exercise.checks, written)
        ),
        spec=spec,
        drawn=drawn,
        digest=exercise.digest if drawn == exercise.drawn else _digest(exercise.digest, drawn),
    )


def _digest(*parts: object) -> str:
    import hashlib  # an exercise is read by its author's machine, and only opened by a student's

    return hashlib.sha256("".join(map(repr, parts)).encode()).hexdigest()[:16]


def _hint(hint: Hint, values: Mapping[str, int]) -> Hint:
    return Hint(parameters.in_words(hint.say, values), hint.after)


def _said_with(form: ExerciseForm, values: Mapping[str, int]) -> ExerciseForm:
    """Return a form whose sentences about mistakes have the numbers in them; its formulas get theirs when parsed."""
    named = tuple(
        msgspec.structs.replace(one, **{key: parameters.in_words(getattr(one, key), values) for key in ("say", "why")})
        for one in getattr(form, "misconceptions", ())
    )
    return msgspec.structs.replace(form, misconceptions=named) if named else form


def _parameters(form: ExerciseForm, kind: Kind, problems: Problems) -> tuple[Parameter, ...]:
    """Return what is drawn per student, and tell `problems` what cannot be."""
    if form.parameters and not kind.parameters:
        said = f"an exercise of kind {kind.name} has no formula that a parameter could stand in; leave parameters out"
        problems.add("parameters", said)
        return ()
    taken = {*getattr(form, "arguments", ()), *getattr(form, "where", ())}
    found = parameters.read(problems, form.parameters, taken)
    for one in found:
        if parameters.marked(getattr(form, "value", ""), [one.name]) == getattr(form, "value", ""):
            problems.add(f"parameters.{one.name}#key", f"parameter {one.name!r} is not in the formula")
    return found


def _under_test(form: ExerciseForm, asked: tuple[str, ...], problems: Problems) -> tuple[str, ...]:
    """Return the names that stay the student's: those that the kind asks for, and those that the file adds."""
    if isinstance(form.under_test, str):
        return ()
    for i, name in enumerate(form.under_test):
        if not name.isidentifier():
            problems.add(f"under_test.{i}", f"{name!r} should be a Python name")
    return tuple(dict.fromkeys((*asked, *form.under_test)))


def _common(form: ExerciseForm, kind: Kind, problems: Problems) -> None:
    import ast
    import re

    if not re.fullmatch(ID, form.id):
        problems.add("id", f"id {form.id!r} should be lower-case letters, digits and hyphens")
    if form.show == "statement":
        _tells_no_formula(form, problems)
    for i, variant in enumerate(form.variants):
        for module, lines in variant.provide.items():
            try:
                ast.parse(lines)
            except SyntaxError as error:
                message = f"the lines for {module} are no Python: {error.msg}"
                problems.add(f"variants.{i}.provide.{module}", message)
    if kind.on_paper and form.file != ANSWERS:
        problems.add("file", f"file should be {ANSWERS}")
    elif not kind.on_paper and not re.fullmatch(FILE, form.file):
        said = f"file {form.file!r} should be a module of the student's, like lecture8.py or ops/arithmetic.py"
        problems.add("file", said)


def _tells_no_formula(form: ExerciseForm, problems: Problems) -> None:
    """Hold a title and a statement to what `show: statement` promises: the formula is in neither."""
    value = "".join(str(getattr(form, "value", "")).split())
    either = {value, parameters.marked(value, form.parameters)}
    for key in ("title", "statement"):
        if value and not value.isalnum() and any(one in "".join(getattr(form, key).split()) for one in either):
            problems.add(key, f"{key} has the formula in it that `show: statement` is to keep back; say it in words")


def _meant(name: str, known: Sequence[str], kinds: Kinds) -> str:
    """Return which check an author may have meant: one that reads nearly so, or another kind's of that name."""
    others = [kind.name for kind in kinds.values() if name in kind.checks]
    if others:
        return f"; it is one of `kind: {others[0]}`, and this kind has {', '.join(known)}"
    return forms.near(name, known)


def _checks(form: ExerciseForm, kinds: Kinds, problems: Problems) -> tuple[CheckSpec, ...]:
    specs: dict[str, CheckSpec] = {}
    known = kinds[form.kind].checks or tuple(form.checks)
    for name, check in form.checks.items():
        if name not in known:
            problems.add(f"checks.{name}#key", f"unknown check {name!r}{_meant(name, known, kinds)}")
            continue
        full = check if isinstance(check, CheckForm) else CheckForm(check)
        if full.points < 0:
            problems.add(f"checks.{name}", f"points of {name} should not be negative")
        for key, attempts in (("name_after", full.name_after), ("why_after", full.why_after)):
            if attempts < 0:
                problems.add(f"checks.{name}.{key}", f"{key} should count attempts, from 0")
        for i, hint in enumerate(full.hints):
            if hint.after < 0:
                problems.add(f"checks.{name}.hints.{i}.after", "after should count attempts, from 0")
        hints = (*([Hint(full.hint)] if full.hint else []), *(Hint(one.say, one.after) for one in full.hints))
        specs[name] = CheckSpec(
            name, full.points, full.visibility, full.feedback, hints, full.name_after, full.why_after
        )
    if not form.checks:
        problems.add("checks", f"should name at least one{' of ' if known else ''}{', '.join(known)}")
    total = sum((spec.points for spec in specs.values()), Fraction(0))
    if form.points is not None and form.points != total and len(specs) == len(form.checks):
        problems.add("points", f"points don't add up: the checks are worth {total}, not {form.points}")
    return tuple(specs[name] for name in known if name in specs)


def shown(path: Path, root: Path) -> str:
    """Return what messages call a file of an assignment in the folder `root`."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
