"""Follow which names of a student's own files use which others, from their source; nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator

from grader.assignment.definitions import defined_by, leads_to, statements, text_of
from grader.model import Submission
from grader.selfcheck.parts import SCALAR

Name = tuple[str, str]
"""(module, name), of a method (module, `Class.method`)."""

ANNOTATIONS = ("annotation", "returns", "type_params")

BY_OPERATOR: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Add: ("Add",),
    ast.Sub: ("Add", "Neg"),
    ast.Mult: ("Mul",),
    ast.Div: ("Mul", "Inv"),
    ast.USub: ("Neg",),
    ast.Lt: ("LT",),
    ast.Gt: ("LT",),
    ast.Eq: ("EQ",),
}
BY_METHOD = {"log": "Log", "exp": "Exp", "sigmoid": "Sigmoid", "relu": "ReLU"}
"""What a scalar's operators and methods lead to."""


class References:
    """A student's files as names that use names. What cannot be parsed uses none."""

    def __init__(self, submission: Submission) -> None:
        files = {**submission.extras, **submission.modules}
        self._sources = {name: text_of(source) for name, (_, source) in files.items()}
        self._by_last = {name.rpartition(".")[2]: name for name in self._sources}
        self._parsed: dict[str, _Module] = {}

    def reached(
        self, starts: Iterable[Name], stops: Callable[[Name], bool] = lambda _: False, bases: bool = True
    ) -> frozenset[Name]:
        """Return the names that `starts` lead to, themselves among them, without those where it `stops`.

        `bases`: classes lead to what they derive from.
        """
        seen: set[Name] = set()
        todo = list(starts)
        first = set(todo)
        while todo:
            name = todo.pop()
            if name not in seen and (name in first or not stops(name)):
                seen.add(name)
                todo += self._used_by(name, bases)
        return frozenset(seen)

    def operations(self, name: Name) -> frozenset[str]:
        """Return the functions that the operators and methods in a definition lead to."""
        found: set[str] = set()
        for part in (part for node in self._module(name[0]).named(name[1]) for part in ast.walk(node)):
            if type(part) in BY_OPERATOR:
                found.update(BY_OPERATOR[type(part)])
            elif isinstance(part, ast.Attribute) and part.attr in BY_METHOD:
                found.add(BY_METHOD[part.attr])
        return frozenset(found)

    def _used_by(self, name: Name, bases: bool) -> Iterator[Name]:
        module = self._module(name[0])
        if name[1] in module.imported:
            yield module.imported[name[1]]
        left_out = ANNOTATIONS if bases else (*ANNOTATIONS, "bases")
        for node in module.named(name[1]):
            for part in _parts(node, left_out, without_backward=name == SCALAR):
                match part:
                    case ast.Name(id=found):
                        yield from self._resolved(module, found)
                    case ast.Attribute(value=ast.Name(id=alias), attr=found) if alias in module.aliases:
                        yield module.aliases[alias], found
                    case ast.Attribute(value=ast.Attribute(attr=last), attr=found) if last in self._by_last:
                        yield self._by_last[last], found

    def _resolved(self, module: _Module, name: str) -> Iterator[Name]:
        if name in module.definitions:
            yield module.name, name
        elif name in module.imported:
            yield module.imported[name]
        else:
            yield from ((star, name) for star in module.stars if name in self._module(star).definitions)

    def _module(self, name: str) -> _Module:
        if name not in self._parsed:
            self._parsed[name] = _Module(name, self._sources.get(name, ""), self._sources)
        return self._parsed[name]


class _Module:
    """One file: its definitions, and where its other names come from."""

    def __init__(self, name: str, source: str, known: Collection[str]) -> None:
        self.name = name
        self.definitions: dict[str, list[ast.stmt]] = {}
        self.imported: dict[str, Name] = {}
        self.aliases: dict[str, str] = {}
        self.stars: list[str] = []
        for node in statements(source):
            for part in ast.walk(node):
                if isinstance(part, ast.ImportFrom):
                    self._import_from(part, known)
                elif isinstance(part, ast.Import):
                    self._import(part, known)
            for defined in defined_by(node):
                self.definitions.setdefault(defined, []).append(node)

    def named(self, name: str) -> list[ast.stmt]:
        """Return what defines a name; of a method's, the method."""
        owner, _, method = name.rpartition(".")
        nodes = self.definitions.get(owner or name, [])
        if not owner:
            return nodes
        inside = (part for node in nodes if isinstance(node, ast.ClassDef) for part in node.body)
        return [part for part in inside if method in defined_by(part)]

    def _import_from(self, node: ast.ImportFrom, known: Collection[str]) -> None:
        module = leads_to(node.module or "", node.level, self.name, known)
        for alias in node.names:
            bound = alias.asname or alias.name
            inside = ".".join(filter(None, (node.module, alias.name)))
            if alias.name == "*":
                self.stars += [module] if module else []
            elif module and f"{module}.{alias.name}" not in known:
                self.imported.setdefault(bound, (module, alias.name))
            elif found := leads_to(inside, node.level, self.name, known):
                self.aliases[bound] = found

    def _import(self, node: ast.Import, known: Collection[str]) -> None:
        for alias in node.names:
            found = leads_to(alias.name, 0, self.name, known)
            if found and (alias.asname or "." not in alias.name):
                self.aliases[alias.asname or alias.name] = found


def _parts(node: ast.AST, left_out: Collection[str], without_backward: bool) -> Iterator[ast.AST]:
    """Yield what a definition is made of, in any order. Of `Scalar` its `backward` is a part of its own."""
    todo = [node]
    while todo:
        part = todo.pop()
        yield part
        for field, value in ast.iter_fields(part):
            if field not in left_out:
                children = value if isinstance(value, list) else [value]
                todo += [
                    child
                    for child in children
                    if isinstance(child, ast.AST) and not _is_backward(child, without_backward and part is node)
                ]


def _is_backward(node: ast.AST, asked: bool) -> bool:
    return asked and isinstance(node, ast.FunctionDef) and node.name == "backward"
