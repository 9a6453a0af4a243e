"""What an exercise asks for and the reference does not mark as a solution: its template would be its solution.

A part is marked where a solution stands in it, where it stands in a solution as a whole, or where it speaks of a helper
that does. Of several names under test one may be marked and the others be given. A class with forward and backward is
held to it method by method, since each has checks of its own.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator, Mapping

import msgspec

from grader.assignment import template
from grader.assignment.definitions import defined_by
from grader.assignment.exercise import Exercise
from grader.assignment.forms import Problem
from grader.exercise_kinds.kinds import KINDS
from grader.grading import provided
from grader.grading.config import Assignment
from grader.reports.text import a_few
from grader.sandbox.boundary.protocol import file_of

TO_DO = "put what students are to write between `# solution: what to write` and `# end solution`"


class Unmarked(msgspec.Struct, frozen=True):
    """A part of a module without a solution in it, the exercises that ask for it, and where it stands.

    A blank module says that no module at all has one.
    """

    module: str
    part: str
    exercises: tuple[str, ...]
    place: tuple[int, int]

    def problem(self, assignment: Assignment) -> Problem:
        """Return what to tell the author."""
        folder = assignment.reference.name
        if not self.module:
            said = f"nothing here marks a solution, and {a_few(self.exercises)} runs all of a student's files"
            return Problem(folder, 0, 0, f"{said}; {TO_DO}")
        said = f"{self.part} marks no solution, so a handout would have {a_few(self.exercises)} solved"
        return Problem(f"{folder}/{file_of(self.module)}", *self.place, f"{said}; {TO_DO}")


def found(assignment: Assignment) -> list[Unmarked]:
    """Return what is asked and not marked, each part once. A module that cannot be parsed is left out."""
    modules = {name: _Module(text) for name, text in provided.of(assignment).items()}
    listed: dict[tuple[str, str], Unmarked] = {}
    for one in assignment.exercises:
        for module, part, place in () if one.on_paper else _of(one, modules):
            known = listed.get((module, part), Unmarked(module, part, (), place))
            listed[module, part] = msgspec.structs.replace(known, exercises=(*known.exercises, one.id))
    return list(listed.values())


def in_template(missed: Unmarked, assignment: Assignment, files: Mapping[str, str]) -> bool:
    """Say whether a template, module -> text, has such a part as the reference has it."""
    sources = provided.of(assignment)
    if not missed.module:
        return all(
            _Module(files.get(name, "")).statements <= _Module(text).statements for name, text in sources.items()
        )
    theirs, ours = (_Module(one).node(missed.part) for one in (files.get(missed.module, ""), sources[missed.module]))
    return theirs is not None and ours is not None and ast.dump(_bare(theirs)) == ast.dump(_bare(ours))


def _bare(node: ast.stmt) -> ast.AST:
    """Return a definition without what a template puts in place of a solution: it may stand beside the solution."""
    return _WithoutPrompts().visit(copy.deepcopy(node))  # type: ignore[no-any-return]


class _WithoutPrompts(ast.NodeTransformer):
    def visit_Raise(self, node: ast.Raise) -> ast.Raise | None:
        """Leave out `raise NotImplementedError(...)`."""
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return None if isinstance(raised, ast.Name) and raised.id == "NotImplementedError" else node


Found = Iterator[tuple[str, str, tuple[int, int]]]
"""(module, part, line and column)."""


def _of(exercise: Exercise, modules: Mapping[str, _Module]) -> Found:
    if exercise.own_files:
        if modules and not any(one.spans for one in modules.values()):
            yield "", "", (0, 0)
        return
    module = modules.get(exercise.module)
    if module is None:
        return
    if KINDS[exercise.kind].mutants.methods:
        asked = [KINDS[exercise.kind].about(exercise, check.name) for check in exercise.checks if check.points]
        for part in dict.fromkeys(asked):
            node = module.node(part)
            if node is not None and not module.is_marked(node):
                yield exercise.module, part, (node.lineno, node.col_offset + 1)
        return
    nodes = {name: node for name in exercise.under_test if (node := module.node(name)) is not None}
    if nodes and not any(map(module.is_marked, nodes.values())):
        name, node = next(iter(nodes.items()))
        yield exercise.module, name, (node.lineno, node.col_offset + 1)


class _Module:
    """A module's definitions, and the lines of its solutions."""

    def __init__(self, text: str) -> None:
        lines = text.splitlines()
        self.spans = [span for span in template.solutions(text) if _has_code(lines[span.start - 1 : span.stop - 1])]
        try:
            self._body = ast.parse(text).body
        except (SyntaxError, ValueError):
            self._body = []
        within = [node for node in self._body if any(_holds(span, node) for span in self.spans)]
        self._helpers = {name for node in within for name in defined_by(node)}

    @property
    def statements(self) -> set[str]:
        """Return what stands at its top, imports aside; two of the same code are equal."""
        return {ast.dump(one) for one in self._body if not isinstance(one, (ast.Import, ast.ImportFrom))}

    def node(self, part: str) -> ast.stmt | None:
        """Return where a name or `Class.method` is defined; where the class does not define the method, the class."""
        name, _, method = part.partition(".")
        top = next((node for node in self._body if name in defined_by(node)), None)
        inside = top.body if isinstance(top, ast.ClassDef) and method else []
        return next((one for one in inside if isinstance(one, ast.FunctionDef) and one.name == method), top)

    def is_marked(self, node: ast.stmt) -> bool:
        """Say whether something of a definition is cut out of the template."""
        if any(span.start <= (node.end_lineno or 0) and node.lineno < span.stop for span in self.spans):
            return True
        return not self._helpers.isdisjoint(one.id for one in ast.walk(node) if isinstance(one, ast.Name))


def _holds(span: range, node: ast.stmt) -> bool:
    return span.start <= node.lineno and (node.end_lineno or 0) < span.stop


def _has_code(lines: Collection[str]) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines)
