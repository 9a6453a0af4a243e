"""A new exercise from a few answers: its YAML, and the solution to be cut out of the template, in the reference.

Only the commonest kind is written for an author: a class with forward and backward and a formula. What is written is
read back by the same checks as everything else before it is kept.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
import yaml

from grader.assignment import exercises
from grader.errors import UsageError
from grader.exercise_kinds.kinds import KINDS
from grader.grading.config import Assignment
from grader.oracle.expressions import ExpressionError, parse
from grader.sandbox.boundary.protocol import file_of

CALLS = frozenset(("exp", "log", "sqrt", "sin", "cos", "tan", "tanh"))
"""Functions of a formula that are Python's `math` under the same name."""

WORDS = re.compile(r"[a-z0-9]+")


CHECKS = "{forward: 1, backward: 2, contract: 1}"


class Idea(msgspec.Struct, frozen=True):
    """What an author has to say: `arguments` are name -> domain, `derivatives` one formula per argument, or none yet.

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
    path = folder / f"{_number(folder):02d}-{idea.id}.yaml"
    text = _yaml(idea)
    exercises.decode(text.encode(), path.name, KINDS)
    source = reference.read_text("utf-8")
    if re.search(rf"^class {idea.class_}\b", source, re.MULTILINE):
        raise UsageError(f"{reference.name}: has a class {idea.class_} already; choose another name")
    return Written(path, text, reference, f"{source.rstrip()}\n\n\n{solution(idea)}")


def solution(idea: Idea) -> str:
    """Return the class as the reference holds it: forward from the formula, backward from the derivatives.

    Raises UsageError where a formula cannot be written in Python's `math`.
    """
    names = ", ".join(f"{name}: float" for name in idea.arguments)
    returned = "float" if len(idea.arguments) == 1 else f"tuple[{', '.join(['float'] * len(idea.arguments))}]"
    saved = ", ".join(idea.arguments)
    unpacked = f"({saved},)" if len(idea.arguments) == 1 else saved
    lines = [
        f"class {idea.class_}(ScalarFunction):",
        f'    """{idea.title}."""',
        "",
        "    @staticmethod",
        f"    def forward(ctx: Context, {names}) -> float:",
        f"        # solution: {idea.title}, forward",
        f"        ctx.save_for_backward({saved})",
        f"        return {_python(idea.value, tuple(idea.arguments))}",
        "        # end solution",
        "",
        "    @staticmethod",
        f"    def backward(ctx: Context, d_out: float) -> {returned}:",
        f"        # solution: {idea.title}, backward",
        f"        {unpacked} = ctx.saved_values",
        f"        return {_gradients(idea)}",
        "        # end solution",
    ]
    return "\n".join(lines) + "\n"


def id_of(title: str) -> str:
    """Return an id for a title: its words, with hyphens."""
    return "-".join(WORDS.findall(title.casefold()))


def _gradients(idea: Idea) -> str:
    if not idea.derivatives:
        return "...  # the derivative, one per argument, times d_out"
    return ", ".join(f"({_python(one, tuple(idea.arguments))}) * d_out" for one in idea.derivatives)


def _yaml(idea: Idea) -> str:
    head = {"format": 1, "id": idea.id, "title": idea.title, "statement": idea.statement, "file": file_of(idea.module)}
    head |= {"class": idea.class_}
    flow: dict[str, object] = {"arguments": dict(idea.arguments), "value": idea.value}
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=110)
    for key, value in flow.items():
        shown = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=1000)
        text += f"{key}: {shown.removesuffix('...' + chr(10)).strip()}\n"
    points = [f"{{{', '.join(f'{name}: {number}' for name, number in one.items())}}}" for one in idea.inputs]
    text += f"inputs: [{', '.join(points)}]\n" if points else ""
    return text + f"checks: {CHECKS}\n"


def _number(folder: Path) -> int:
    numbers = [int(found[0]) for path in folder.glob("*.yaml") if (found := re.match(r"\d+", path.name))]
    return max(numbers, default=0) + 1


def _python(formula: str, arguments: tuple[str, ...]) -> str:
    """Return a formula as Python that a solution may hold. Raises UsageError for what only the formula language has."""
    try:
        parse(formula, arguments)
    except ExpressionError as error:
        raise UsageError(f"{formula!r}: {error.message} (column {error.column})") from None
    tree = ast.parse(formula.strip(), mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            if node.func.id in CALLS:
                node.func.id = f"math.{node.func.id}"
            elif node.func.id not in ("min", "max", "abs"):
                raise UsageError(
                    f"{formula!r}: {node.func.id} has no counterpart in `math`; write the solution yourself"
                )
    return ast.unparse(tree)
