"""Turn a public formula into what a worker is given in place of the reference: source, with nothing of ours in it.

A function of plain numbers computes its formula's value. A class with a forward and a backward works its slope out of
the formula where it runs (`sandbox.made`): what is sent is the formula, which everybody may know, and no derivative.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Collection, Sequence
from importlib import resources

from grader.assignment.exercise import Exercise
from grader.assignment.kind import StandIn
from grader.exercise_kinds.kinds import KINDS

FUNCTIONS = ("log", "exp", "sqrt", "inv", "sin", "cos", "tan", "tanh", "sigmoid", "relu", "abs", "min", "max")
CONSTANTS = ("pi", "e")


def node(exercise: Exercise, name: str, original: ast.stmt) -> ast.stmt | None:
    """Return a definition of `name` from its exercise's formula, or None where the exercise has none.

    A class keeps the bases of the reference's.
    """
    formulas = getattr(exercise.spec, "formulas", None)
    if formulas is None:
        return None
    arguments, text = formulas.arguments, formulas.value.text
    names, value = ", ".join(arguments), python(text, arguments)
    if KINDS[exercise.kind].stand_in == "function":
        return ast.parse(f"{name} = _value({name!r}, lambda {names}: {value})").body[0]
    if not isinstance(original, ast.ClassDef):
        return None
    parts = python(text, arguments, "_part_")
    lines = [
        f"class {name}:",
        " @staticmethod",
        f" def forward(ctx, {names}):",
        f"  ctx.save_for_backward({names})",
        f"  return float({value})",
        f" backward = _backward({tuple(arguments)!r}, lambda {names}: {parts}, {formulas.value.constants!r})",
    ]
    made = ast.parse("\n".join(lines)).body[0]
    assert isinstance(made, ast.ClassDef)
    made.bases = original.bases
    return made


def prelude(made: Collection[StandIn]) -> Sequence[ast.stmt]:
    """Return what stand-ins of these sorts build on."""
    names = ["values"] * bool(made) + ["functions"] * ("class" in made)
    body = ast.parse("".join(map(_source, names))).body
    return [one for one in body if not (isinstance(one, ast.ImportFrom) and one.module == "__future__")]


@functools.cache
def _source(name: str) -> str:
    return resources.files("grader.sandbox.from_formulas").joinpath(f"{name}.py").read_text("utf-8")


def python(text: str, arguments: Sequence[str], before: str = "_") -> str:
    """Return a formula as Python, its own words with something `before` them.

    To run, `where` becomes a choice of which one side is worked out; else it stays a word like another.
    """
    return ast.unparse(_AsPython(arguments, before).visit(ast.parse(text.strip(), mode="eval")))


class _AsPython(ast.NodeTransformer):
    def __init__(self, arguments: Sequence[str], before: str) -> None:
        self._arguments, self._before = arguments, before

    def visit_Call(self, tree: ast.Call) -> ast.expr:
        args = [self.visit(one) for one in tree.args]
        assert isinstance(tree.func, ast.Name)
        if tree.func.id == "where" and self._before == "_":
            return ast.IfExp(args[0], args[1], args[2])
        assert tree.func.id in (*FUNCTIONS, "where")
        return ast.Call(ast.Name(f"{self._before}{tree.func.id}", ast.Load()), args, [])

    def visit_Name(self, tree: ast.Name) -> ast.Name:
        if tree.id in CONSTANTS and tree.id not in self._arguments:
            return ast.Name(f"{self._before}{tree.id}", ast.Load())
        return tree
