"""What of the reference a unit's worker cannot run without. All else that an assignment asks for stays out of it.

Whatever is in a worker can be read by whoever runs there. So a unit gets, of the names that other exercises ask for,
only those that its own kind needs and those that the reference's own answer uses. Of these, what has a formula is made
from the formula (`made`), not from the reference.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from grader.assignment.definitions import defined_by, leads_to
from grader.assignment.exercise import Exercise
from grader.assignment.kind import Needs
from grader.exercise_kinds.kinds import KINDS

Name = tuple[str, str]
"""(module, name)."""


class Held(msgspec.Struct, frozen=True):
    """What a unit's worker holds of names that are asked for: as the reference has them, or made from a formula.

    `modules` are those that anything there leads to; of the others it holds nothing.
    """

    whole: frozenset[Name]
    made: dict[Name, Exercise]
    modules: frozenset[str]


def asked(exercises: Sequence[Exercise]) -> dict[Name, Exercise]:
    """Return every name that an assignment asks for, with the first exercise that does."""
    found: dict[Name, Exercise] = {}
    for one in exercises:
        for name in one.under_test:
            found.setdefault((one.module, name), one)
    return found


def held(unit: Sequence[Exercise], needs: Needs, others: Mapping[Name, Exercise], sources: Mapping[str, str]) -> Held:
    """Work out what a unit is to hold of the names that other exercises ask for.

    `others` are those names; `needs` is what the unit's kind cannot do without; `sources` is the reference, module by
    module. A class of the machine is used for what the driver asks of it, so what its methods would go on to, to send
    derivatives back, is needed only where that is asked.
    """
    known = {module: _module(module, source, frozenset(sources)) for module, source in sources.items()}
    tested = [(one.module, name) for one in unit for name in one.under_test]
    beside_a_class = any(KINDS[one.kind].stand_in == "class" for one in unit)  # there nothing differentiates
    made_as = ("function",) if beside_a_class else ("function", "class")
    formulas = {name: one for name, one in others.items() if KINDS[one.kind].stand_in in made_as}
    whole: set[Name] = set()
    made: dict[Name, Exercise] = {}
    seen: set[Name] = set()
    todo = [*tested, *needs.names]
    while todo:
        name = todo.pop()
        if name in seen or name[0] not in known:
            continue
        seen.add(name)
        module = known[name[0]]
        if name in formulas and name not in tested:
            made[name] = formulas[name]
            todo += module.bases(name[1])
            continue
        if name in others:
            whole.add(name)
        for other in module.references(name[1], needs.bases or name not in tested):
            walks = other in others and KINDS[others[other].kind].walks
            if walks and module.is_class(name[1]) and not needs.walks and known[other[0]].is_function(other[1]):
                continue
            todo.append(other)
    modules = {module for module, _ in seen}
    made.update({name: one for name, one in formulas.items() if _goes_with(name, one, made, tested)})
    return Held(frozenset(whole), made, frozenset(modules))


def _goes_with(name: Name, one: Exercise, made: Mapping[Name, Exercise], tested: Sequence[Name]) -> bool:
    """Say whether a function stands beside some that are needed: another solution may use it instead."""
    return (
        KINDS[one.kind].stand_in == "function" and name not in tested and any(name[0] == module for module, _ in made)
    )


@functools.lru_cache(64)
def _module(name: str, source: str, modules: frozenset[str]) -> _Module:
    return _Module(name, source, modules)


class _Module:
    """One module of the reference: what each of its names refers to."""

    def __init__(self, name: str, source: str, modules: frozenset[str]) -> None:
        self._name, self._modules = name, modules
        self._nodes: dict[str, ast.stmt] = {}
        self._names: dict[str, Name] = {}
        self._aliases: dict[str, str] = {}
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):  # told where it is compiled
            return
        for node in tree.body:
            for defined in defined_by(node):
                self._nodes[defined] = node
                self._names[defined] = (name, defined)
        for part in ast.walk(tree):
            if isinstance(part, ast.ImportFrom):
                self._import(part)

    def _import(self, node: ast.ImportFrom) -> None:
        module = leads_to(node.module or "", node.level, self._name, self._modules)
        for alias in node.names:
            inside = ".".join(filter(None, (node.module, alias.name)))
            if module and f"{module}.{alias.name}" not in self._modules:
                self._names.setdefault(alias.asname or alias.name, (module, alias.name))
            elif found := leads_to(inside, node.level, self._name, self._modules):
                self._aliases[alias.asname or alias.name] = found

    def is_class(self, name: str) -> bool:
        return isinstance(self._nodes.get(name), ast.ClassDef)

    def is_function(self, name: str) -> bool:
        return isinstance(self._nodes.get(name), ast.FunctionDef)

    def bases(self, name: str) -> Iterator[Name]:
        """Yield what a class derives from."""
        node = self._nodes.get(name)
        return self._of(node.bases if isinstance(node, ast.ClassDef) else ())

    def references(self, name: str, bases: bool) -> Iterator[Name]:
        """Yield what the definition of a name uses, of this module and of others; not what it only annotates.

        `bases`: nor, where that is not so, what it derives from.
        """
        node = self._nodes.get(name)
        left_out = ("annotation", "returns") if bases else ("annotation", "returns", "bases")
        return self._of(() if node is None else _used(node, left_out))

    def _of(self, parts: Iterable[ast.AST]) -> Iterator[Name]:
        for part in parts:
            match part:
                case ast.Name(id=found) if found in self._names:
                    yield self._names[found]
                case ast.Attribute(value=ast.Name(id=alias), attr=attribute) if alias in self._aliases:
                    yield self._aliases[alias], attribute


def _used(node: ast.AST, left_out: Collection[str]) -> Iterator[ast.AST]:
    yield node
    for field, value in ast.iter_fields(node):
        if field in left_out:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _used(child, left_out)


@functools.lru_cache(64)
def _defined(source: str) -> frozenset[str]:
    try:
        return frozenset(name for node in ast.parse(source).body for name in defined_by(node))
    except (SyntaxError, ValueError):  # told where it is compiled
        return frozenset()


def defines(source: str, name: str) -> bool:
    """Say whether a module's text defines a name at its top."""
    return name in _defined(source)


@functools.lru_cache(64)
def _functions(source: str) -> frozenset[str]:
    try:
        return frozenset(node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    except (SyntaxError, ValueError):  # told where it is compiled
        return frozenset()


def defines_function(source: str, name: str) -> bool:
    """Say whether a name is a function at the top of a module's text."""
    return name in _functions(source)


def named_in(source: str) -> set[str]:
    """Return the names that some lines use."""
    return {part.id for part in ast.walk(ast.parse(source)) if isinstance(part, ast.Name)}
