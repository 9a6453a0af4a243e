"""A new exercise from a few answers: its YAML, and the solution to be cut out of the template, in the reference.

Only the commonest kind is written for an author: a class with forward and backward and a formula. What is written is
read back by the same checks as everything else before it is kept.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import yaml

from grader.assignment import exercises, template
from grader.assignment.exercise import Exercise
from grader.assignment.forms import FormError, Problem
from grader.assignment.formulas import Formulas
from grader.authoring import derivatives, sameness, solving, undefined
from grader.authoring.names import clashes, unused
from grader.errors import UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading.config import Assignment
from grader.judging import bands
from grader.model import Domain, Input, Interval
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression, parse
from grader.oracle.inputs import draw
from grader.sandbox.boundary.protocol import file_of

BASES = ("ScalarFunction", "Context")
"""What the class that is written is made of; its file in the reference has to have them."""

OPTIONS = {"arguments": "--argument", "inputs": "--input", "value": "--value"}
"""Key of an exercise -> the option that it is given with, where that is called otherwise."""

WORDS = re.compile(r"[a-z0-9]+")


INPUTS = 60
"""How many inputs derivatives are tried at."""

CHECKS, WITHOUT_CONTRACT = "{forward: 1, backward: 2, contract: 1}", "{forward: 1, backward: 2}"
"""The points. Where nothing is saved the contract asks for nothing: no mistake could lose it."""


class Idea(msgspec.Struct, frozen=True):
    """What an author has to say: `arguments` are name -> domain, `derivatives` one formula per argument,
    or none where they are to be worked out.

    `inputs` are points of the author's own, name -> number.
    """

    id: str
    title: str
    statement: str
    module: str
    class_: str
    arguments: Mapping[str, str]
    value: str
    derivatives: tuple[str, ...] = ()
    inputs: tuple[Mapping[str, str], ...] = ()


class Written(msgspec.Struct, frozen=True):
    """Two files: the exercise's, new, and the reference's, with the solution added to its end."""

    exercise: Path
    yaml: str
    reference: Path
    source: str


def written(idea: Idea, assignment: Assignment, folder: Path) -> Written:
    """Return what to write for an idea. Raises UsageError (FormError with line and column) where it is no exercise."""
    if any(one.id == idea.id for one in assignment.exercises):
        raise UsageError(f"an exercise with the id {idea.id!r} is there already; choose another")
    reference = assignment.reference / file_of(idea.module)
    if not reference.is_file():
        known = ", ".join(assignment.layout.modules)
        raise UsageError(f"{file_of(idea.module)}: no such file in the reference; it has {known}")
    template.refuse_broken_markers(assignment.reference)
    path = folder / f"{_number(folder):02d}-{idea.id}.yaml"
    exercise = _read(idea, _yaml(idea), path.name)
    formulas = exercise.spec.formulas
    _refuse_wrong_derivatives(idea, formulas, assignment.corpus.seed)
    _refuse_odd(exercise)
    source = reference.read_text("utf-8")
    if re.search(rf"^class {idea.class_}\b", source, re.MULTILINE):
        raise UsageError(f"{reference.name}: has a class {idea.class_} already; choose another name")
    solved = solution(idea, formulas.domains)
    source = f"{_with_imports(source, reference.name).rstrip()}\n\n\n{solved}"
    text = _yaml(idea, "save_for_backward" in solved, sameness.equivalents(idea.module, source, idea.class_))
    _read(idea, text, path.name)
    return Written(path, text, reference, source)


def _read(idea: Idea, text: str, shown: str) -> Exercise:
    """Read an exercise that is not written yet. Raises UsageError, with the option that each mistake is in."""
    try:
        return exercises.decode(text.encode(), shown, KINDS)
    except FormError as error:
        lines = text.splitlines()
        raise UsageError("\n".join(_by_option(idea, one, lines[one.line - 1]) for one in error.problems)) from None


def _by_option(idea: Idea, problem: Problem, line: str) -> str:
    """Return a mistake by the option that it was given with; in the formula by its column as well."""
    key, _, rest = line.partition(": ")
    option = OPTIONS.get(key, f"--{key}")
    column = problem.column - len(key) - 2 - (len(rest) - len(rest.lstrip("'\"")))
    where = f", column {column}" if key == "value" and 0 < column <= len(idea.value) + 1 else ""
    return f"{option}{where}: {problem.message}"


def _refuse_odd(exercise: Exercise) -> None:
    """Raise UsageError for what lint would refuse once it is written, with the option that it is in."""
    found = [*clashes(exercise), *unused(exercise), *undefined.parts(exercise)]
    if found:
        keys = (key.partition(".")[0].partition("@")[0] for key, _ in found)
        told = [f"{OPTIONS.get(key, key)}: {said}" for key, (_, said) in zip(keys, found)]
        by_hand = "; here every argument has a gradient: write the exercise by hand"
        raise UsageError("\n".join(f"{one}{by_hand if 'without_gradient' in one else ''}" for one in told))


def solution(idea: Idea, domains: Sequence[Domain]) -> str:
    """Return the class as the reference holds it: forward from the formula, backward from the derivatives.

    It saves the arguments that a derivative needs. Raises UsageError where a derivative is no formula.
    """
    within = dict(zip(idea.arguments, domains))
    value = ast.unparse(solving.python(idea.value, within))
    by = [solving.python(one, within) for one in _derivatives(idea)]
    saved = ", ".join(_saved(idea, by))
    unpacked = f"({saved},)" if "," not in saved else saved
    names = ", ".join(f"{name}: float" for name in idea.arguments)
    returned = "float" if len(by) == 1 else f"tuple[{', '.join(['float'] * len(by))}]"
    lines = [
        f"class {idea.class_}(ScalarFunction):",
        f'    """{_in_docstring(idea.title)}."""',
        "",
        "    @staticmethod",
        f"    def forward(ctx: Context, {names}) -> float:",
        f"        # solution: {idea.title}, forward",
        *([f"        ctx.save_for_backward({saved})"] if saved else []),
        f"        return {value}",
        "        # end solution",
        "",
        "    @staticmethod",
        f"    def backward(ctx: Context, d_out: float) -> {returned}:",
        f"        # solution: {idea.title}, backward",
        *([f"        {unpacked} = ctx.saved_values"] if saved else []),
        f"        return {', '.join(map(_times_d_out, by))}",
        "        # end solution",
    ]
    return "\n".join(lines) + "\n"


def _saved(idea: Idea, by: Sequence[ast.expr]) -> list[str]:
    """Return the arguments that a derivative needs."""
    used = {one.id for tree in by for one in ast.walk(tree) if isinstance(one, ast.Name)}
    return [name for name in idea.arguments if name in used]


def _derivatives(idea: Idea) -> tuple[str, ...]:
    return idea.derivatives or derivatives.derivatives(idea.value, tuple(idea.arguments))


def _times_d_out(by: ast.expr) -> str:
    number = derivatives.number_of(by)
    if number in (1, -1):
        return "d_out" if number == 1 else "-d_out"
    return "0.0" if number == 0 else f"{ast.unparse(by)} * d_out" if _is_atom(by) else f"({ast.unparse(by)}) * d_out"


def _is_atom(tree: ast.expr) -> bool:
    return isinstance(tree, (ast.Name, ast.Constant, ast.Call))


def _in_docstring(title: str) -> str:
    return title.replace("\\", "\\\\").replace('"', "'")


def _refuse_wrong_derivatives(idea: Idea, formulas: Formulas, seed: str) -> None:
    """Hold the derivatives that were given to the exact ones. Raises UsageError with an input where one is wrong."""
    names = tuple(idea.arguments)
    if idea.derivatives:
        for text in idea.derivatives:
            solving.python(text, dict(zip(names, formulas.domains)))
    try:
        corpus = draw(formulas.domains, formulas.value, INPUTS, seed)
    except ValueError as error:
        raise UsageError(f"{idea.value!r}: {error}") from None
    for name, i, text in zip(names, range(len(names)), _derivatives(idea)):
        by = parse(text, names)
        for one, answer in zip(corpus.inputs, corpus.answers):
            got = _value(by, one.args)
            if got is None or not bands.within(got, bands.gradient_bands(Input(one.args, 1.0), answer)[i]):
                at = ", ".join(f"{each} = {number:g}" for each, number in zip(names, one.args))
                came = "has no value" if got is None else f"is {got:g}"
                said = f"the derivative by {name} of {idea.value!r} is another: at {at} {text!r} {came}"
                raise UsageError(f"{said}, where {_shown(answer.partials[i])} is right")


def _value(formula: Expression, point: tuple[float, ...]) -> float | None:
    try:
        return formula.value(point)
    except Undefined:
        return None


def _shown(partial: Interval) -> str:
    lo, hi = partial
    return f"{lo:g}" if lo == hi else f"{lo:g} to {hi:g}"


def _with_imports(source: str, shown: str) -> str:
    """Return a module's source that imports `math`. Raises UsageError where it lacks what a class is made of."""
    tree = ast.parse(source)
    bound = set(_bound(tree))
    lacking = [name for name in BASES if name not in bound]
    if lacking:
        said = f"{shown}: has no {' and no '.join(lacking)}, which a class with forward and backward is made of here"
        raise UsageError(f"{said}; name a file that imports both with --file, or write the exercise by hand")
    if "math" in bound:
        return source
    first = [one for one in tree.body if not _opens(one)]
    lines = source.splitlines(keepends=True)
    at = first[0].lineno - 1 if first else len(lines)
    return "".join([*lines[:at], "import math\n", *lines[at:]])


def _opens(node: ast.stmt) -> bool:
    """Say whether a statement has to come before every import: a docstring, or an import from the future."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (one.asname or one.name for one in node.names)
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            yield node.name


def id_of(title: str) -> str:
    """Return an id for a title: its words, with hyphens."""
    return "-".join(WORDS.findall(title.casefold()))


def _yaml(idea: Idea, saves: bool = True, equivalents: Sequence[tuple[str, str]] = ()) -> str:
    head = {"format": 1, "id": idea.id, "title": idea.title, "statement": idea.statement, "file": file_of(idea.module)}
    head |= {"class": idea.class_}
    flow: dict[str, object] = {"arguments": dict(idea.arguments), "value": idea.value}
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=110)
    for key, value in flow.items():
        shown = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=1000)
        text += f"{key}: {shown.removesuffix('...' + chr(10)).strip()}\n"
    points = [f"{{{', '.join(f'{name}: {number}' for name, number in one.items())}}}" for one in idea.inputs]
    text += f"inputs: [{', '.join(points)}]\n" if points else ""
    text += f"checks: {CHECKS if saves else WITHOUT_CONTRACT}\n"
    listed = [{"mistake": mistake, "because": because} for mistake, because in equivalents]
    return text + (
        yaml.safe_dump({"equivalent": listed}, sort_keys=False, allow_unicode=True, width=110) if listed else ""
    )


def _number(folder: Path) -> int:
    numbers = [int(found[0]) for path in folder.glob("*.yaml") if (found := re.match(r"\d+", path.name))]
    return max(numbers, default=0) + 1
