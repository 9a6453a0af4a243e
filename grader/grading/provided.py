"""The provided parts of a unit, as marshalled code: what it needs of the reference, and nothing that is under test.

A name is provided where the reference defines it at the top of a module, without a leading underscore. What others ask
for and the unit can do without (`needs`) is not; what has a formula is made from it (`made`). What is left out never
reaches the process that runs the unit.
"""

from __future__ import annotations
import __future__

import ast
import marshal
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import msgspec

from grader.assignment import parameters
from grader.assignment.definitions import defined_by
from grader.assignment.exercise import Exercise
from grader.assignment.kind import StandIn
from grader.errors import JudgeError
from grader.exercise_kinds.kinds import KINDS
from grader.grading import from_formulas as replaced
from grader.grading import needs
from grader.grading.config import Assignment
from grader.sandbox.boundary.protocol import HOLLOW, file_of


class Part(msgspec.Struct, frozen=True):
    """One module's provided code, none where nothing but imports is left.

    `names` replace the student's; `spare` ones stand where the student's module has none, and are hollow.
    """

    code: bytes
    names: tuple[str, ...]
    spare: tuple[str, ...] = ()


def read(reference: Path, modules: Collection[str]) -> dict[str, str]:
    """Return the reference's source, module by module; a module that cannot be read is left out."""
    found = {}
    for name in modules:
        try:
            found[name] = (reference / file_of(name)).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    return found


def of(assignment: Assignment, modules: Collection[str] | None = None) -> dict[str, str]:
    """Return the source of an assignment's reference, module by module, with the numbers of its parameters."""
    found = read(assignment.reference, assignment.layout.modules if modules is None else modules)
    values = {one.id: one.values for one in assignment.every if one.parameters}
    return {name: parameters.in_source(text, values) for name, text in found.items()} if values else found


def part(source: str, module: str, unit: Holding, own: Collection[str] = (), added: str = "") -> Part:
    """Cut out of a module what a unit is not to hold, and compile the rest. Raises JudgeError on broken source.

    What bears a name that is under test in another module is a solution in all but place. It is hollowed out instead of
    cut: what imports it still loads, and there is nothing in it. Where units are asked together it gives way to the
    student's, if they have one there. What the student `own`s besides is cut wherever it is; `added` is source that
    comes after.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise JudgeError(f"the reference's {file_of(module)} does not parse: {error}") from None
    body: list[ast.stmt] = []
    spare: list[str] = []
    made: set[StandIn] = set()
    for node in tree.body:
        defined = set(defined_by(node))
        what: object = "nothing" if defined & set(own) else unit.of(module, defined)
        if what == "spare":
            spare += sorted(name for name in defined if not isinstance(node, (ast.Assign, ast.AnnAssign)))
        elif what == "hollow":
            body.append(_hollow(node))
        elif isinstance(what, Exercise):
            (name,) = defined
            formula = replaced.node(what, name, node)
            body.append(node if formula is None else formula)
            made |= {KINDS[what.kind].stand_in} if formula is not None else set()
        elif what == "whole":
            body.append(node)
    start = 1 + max((i for i, node in enumerate(body) if _is_future(node)), default=-1)
    body[start:start] = replaced.prelude(made)
    tree.body = body + ast.parse(added).body
    names = [name for node in tree.body for name in defined_by(node) if not name.startswith("_")]
    if all(map(_idle, tree.body)):
        return Part(b"", (), tuple(spare))
    flags = (
        __future__.annotations.compiler_flag if made else 0
    )  # what is put before the module has annotations of its own
    code = compile(
        ast.fix_missing_locations(_without_docstrings(tree)),
        f"<provided {module}>",
        "exec",
        flags,
        dont_inherit=True,
        optimize=0,  # the course's own asserts are part of what it gives
    )
    return Part(marshal.dumps(code), tuple(dict.fromkeys(names)), tuple(spare))


class Holding(msgspec.Struct, frozen=True):
    """What a unit's worker may hold: nothing that is `tested`, and of what others ask for only what `held` says.

    `asked` has every module's names that an exercise asks for. `beside`: several units are asked together.
    """

    tested: frozenset[needs.Name]
    asked: dict[str, frozenset[str]]
    held: needs.Held
    beside: bool = False

    def of(self, module: str, defined: Collection[str]) -> Literal["whole", "spare", "hollow", "nothing"] | Exercise:
        """Say what becomes of a statement at the top of a module that defines these names."""
        if any((module, name) in self.tested for name in defined):
            return "nothing"
        if any(name in defined for _, name in self.tested):
            return "spare" if self.beside else "hollow"
        if module not in self.asked:
            return "whole"
        if module not in self.held.modules:
            return "spare" if defined and not all(name.startswith("_") for name in defined) else "nothing"
        wanted = {(module, name) for name in defined if name in self.asked[module]}
        if not wanted or wanted & self.held.whole:
            return "whole"
        return next((self.held.made[one] for one in wanted if one in self.held.made), "spare")


def _without_docstrings(tree: ast.Module) -> ast.Module:
    """Return a tree whose functions and classes say nothing of themselves."""
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _idle(node: ast.stmt) -> bool:
    """Say whether a statement changes nothing outside its module: an import, a docstring."""
    return isinstance(node, (ast.Import, ast.ImportFrom)) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _hollow(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.ClassDef):
        node.body = [ast.Pass()]
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        node.body = ast.parse(f"raise NotImplementedError({f'{node.name} {HOLLOW}'!r})").body
    return ast.fix_missing_locations(node)
