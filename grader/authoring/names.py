"""What of an exercise's names does not fit: with its formula, the formula language, its reference and the layout."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from grader.assignment.exercise import Exercise
from grader.assignment.forms import near
from grader.exercise_kinds.kinds import KINDS
from grader.grading.config import LayoutForm
from grader.oracle import dual
from grader.oracle.expressions import CONSTANTS
from grader.reports.text import counted
from grader.sandbox.boundary.protocol import file_of

FUNCTIONS = (*dual.ONE_ARGUMENT, *dual.TWO_ARGUMENTS, "where")
OF_PYTHON = {"self": "a method's own object", "cls": "a method's own class", "math": "the module that students need"}
IN_CLASSES = {"ctx": "the context"}

CALLED = ("values", "scalars", "own")
"""Kinds whose function is called with the arguments as they stand; others are asked through a dialect."""

Found = Iterator[tuple[str, str]]
"""(key of the exercise, what is wrong with it and what to do)."""


def arguments(exercise: Exercise) -> tuple[str, ...]:
    """Return the names that an exercise's formula is in; none where it states no arguments."""
    formulas = getattr(exercise.spec, "formulas", exercise.spec)
    found: tuple[str, ...] = getattr(formulas, "arguments", ())
    return found


def clashes(exercise: Exercise) -> Found:
    """Yield arguments that are called as something else is."""
    taken = {**dict.fromkeys(exercise.under_test, "what students write"), **OF_PYTHON}
    taken |= dict.fromkeys(FUNCTIONS, "a function of the formula language")
    taken |= dict.fromkeys(CONSTANTS, "a number of the formula language")
    if KINDS[exercise.kind].mutants.methods:
        taken |= IN_CLASSES
    for name in arguments(exercise):
        if name in taken:
            yield f"arguments.{name}#key", f"argument {name!r} has the name of {taken[name]}; call it something else"


def unused(exercise: Exercise) -> Found:
    """Yield arguments that nothing the exercise states has in it."""
    formulas = getattr(exercise.spec, "formulas", exercise.spec)
    value = getattr(getattr(formulas, "value", None), "text", "") or getattr(formulas, "text", "")
    if not value or exercise.kind == "own":  # its own checks are given all arguments
        return
    stated = [value, *(one.text for one in getattr(exercise.spec, "definitions", ()))]
    used = {one.id for text in stated for one in ast.walk(ast.parse(text.strip())) if isinstance(one, ast.Name)}
    for name in arguments(exercise):
        if name not in used:
            yield f"arguments.{name}#key", f"argument {name!r} is not in the formula {value}; use it, or leave it out"


def outside(exercise: Exercise, layout: LayoutForm) -> Found:
    """Yield a file that is no module of the layout's."""
    if not exercise.on_paper and exercise.module not in layout.modules:
        known = [file_of(name) for name in layout.modules]
        said = f"file {exercise.file!r} is no module of the layout{near(exercise.file, known)}"
        yield "file", f"{said}; the layout has {', '.join(known)}"


def miscounted(exercise: Exercise, trees: Mapping[str, ast.Module]) -> Found:
    """Yield where the reference's function takes another number of arguments than the exercise states."""
    stated = arguments(exercise)
    tree = trees.get(exercise.module)
    if tree is None or not stated or len(exercise.under_test) != 1:
        return
    (name,) = exercise.under_test
    node = next(
        (one for one in tree.body if isinstance(one, (ast.FunctionDef, ast.ClassDef)) and one.name == name), None
    )
    if isinstance(node, ast.ClassDef) and KINDS[exercise.kind].mutants.methods:
        for method, wanted in (("forward", ("ctx", *stated)), ("backward", ("ctx", "d_out"))):
            found = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == method), None)
            if found is not None:
                yield from _counted(exercise, found, f"{name}.{method}", len(wanted), _is_of_class(found))
    elif isinstance(node, ast.FunctionDef) and exercise.kind in CALLED:
        yield from _counted(exercise, node, name, len(stated), 0)


def _counted(exercise: Exercise, node: ast.FunctionDef, called: str, wanted: int, bound: int) -> Found:
    given = node.args
    most = len(given.posonlyargs) + len(given.args) - bound
    if given.vararg is not None or most - len(given.defaults) <= wanted <= most:
        return
    place = f"{exercise.file}:{node.lineno}"
    yield (
        "arguments",
        (
            f"{called} in the reference ({place}) takes {counted(most, 'argument')}, and the exercise asks it with "
            f"{wanted}{' (ctx counts)' if '.' in called else ''}; make them the same"
        ),
    )


def _is_of_class(node: ast.FunctionDef) -> int:
    return int(any(isinstance(one, ast.Name) and one.id == "classmethod" for one in node.decorator_list))
