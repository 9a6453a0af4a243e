"""A module of the reference in parts: names at its top, and methods with a marked solution as parts of their own."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from grader.assignment import template
from grader.assignment.definitions import DEFINITIONS, leads_to

Name = tuple[str, str]
"""(module, name), or (module, `Class.method`)."""


class Source:
    """A module's text, what it defines, and what each part of it refers to."""

    def __init__(self, module: str, text: str, modules: Collection[str]) -> None:
        self.module, self.text, self.modules = module, text, modules
        self.tree = ast.parse(text)
        self.spans = template.solutions(text)
        self.names: dict[str, list[ast.stmt]] = {}
        self._methods: dict[str, ast.stmt] = {}
        self._imported: dict[str, Name] = {}
        self._aliases: dict[str, str] = {}
        self._starred: list[str] = []
        for node in self.tree.body:
            for name in () if self._is_solution(node) else defined(node):
                self.names.setdefault(name, []).append(node)
            if isinstance(node, ast.ClassDef):
                inside = [one for one in node.body if isinstance(one, DEFINITIONS) and self._holds(one)]
                self._methods |= {f"{node.name}.{one.name}": one for one in inside}
        typed = {id(one) for guard in ast.walk(self.tree) if _for_types(guard) for one in ast.walk(guard)}
        self._foreign: set[str] = set()
        for one in ast.walk(self.tree):
            if isinstance(one, ast.ImportFrom) and id(one) not in typed:
                self._import(one)
            elif isinstance(one, ast.Import):
                self._foreign |= {alias.asname or alias.name.partition(".")[0] for alias in one.names}
        self._foreign |= set(self._aliases)

    def _import(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            name, here = alias.name, alias.asname or alias.name
            if name == "*":
                self._starred += filter(None, [self.module_of(node)])
            elif inside := self.module_of(node, name):
                self._aliases[here] = inside
            elif module := self.module_of(node):
                self._imported.setdefault(here, (module, name))

    def module_of(self, node: ast.ImportFrom, name: str = "") -> str:
        """Return the module of the layout that an import means, or that a name in it is; blank where none."""
        written = ".".join(filter(None, (node.module, name)))
        found = leads_to(written, node.level, self.module, self.modules)
        return found if not name or found.rpartition(".")[2] == name else ""

    def _is_solution(self, node: ast.stmt) -> bool:
        """Say whether a whole statement stands between markers, as a helper does that only the solution has."""
        return any(span.start <= first_line(node) and (node.end_lineno or 0) < span.stop for span in self.spans)

    def _holds(self, node: ast.stmt) -> bool:
        return any(first_line(node) <= span.start <= (node.end_lineno or 0) for span in self.spans)

    @property
    def marked(self) -> set[str]:
        """Return the parts with a marked solution in them."""
        return {self.part_at(span.start) for span in self.spans} - {""}

    @property
    def parts(self) -> set[str]:
        """Return all its parts."""
        return {*self.names, *self._methods}

    def part_at(self, line: int) -> str:
        """Return the part that a line is in; blank where it is in none."""
        tops = [(name, node) for name, nodes in self.names.items() for node in nodes]
        for name, node in (*self._methods.items(), *tops):
            if first_line(node) <= line <= (node.end_lineno or 0):
                return name
        return ""

    def methods(self, name: str) -> list[str]:
        """Return a class's methods that are parts of their own."""
        return [method for method in self._methods if method.partition(".")[0] == name]

    def method_at(self, node: ast.stmt) -> str:
        """Return what a method is called as a part; blank where it is none of its own."""
        return next((name for name, one in self._methods.items() if one is node), "")

    @property
    def imports(self) -> list[str]:
        """Return the module's imports, a line each."""
        return [ast.unparse(node) for node in ast.walk(self.tree) if isinstance(node, (ast.Import, ast.ImportFrom))]

    def text_of(self, part: str) -> str:
        """Return the lines that define a part, decorators and what is marked in it among them."""
        lines = self.text.splitlines()
        nodes = [self._methods[part]] if part in self._methods else self.names.get(part, [])
        return "\n".join(line for node in nodes for line in lines[first_line(node) - 1 : node.end_lineno])

    def _walk(self, part: str) -> Iterator[ast.AST]:
        """Yield all in a part, but for the parts within it."""
        own = {id(one) for one in self._methods.values()}
        todo: list[ast.AST] = [self._methods[part]] if part in self._methods else [*self.names.get(part, ())]
        top = {id(one) for one in todo}
        while todo:
            node = todo.pop()
            if id(node) in own and id(node) not in top:
                continue
            yield node
            todo += ast.iter_child_nodes(node)

    def leads_to(self, part: str) -> Iterator[Name]:
        """Yield the names of the layout's modules that a part refers to; what is only imported here, in its own."""
        if part not in self.names and part not in self._methods:
            yield from [self._imported[part]] if part in self._imported else [(one, part) for one in self._starred]
        for node in self._walk(part):
            match node:
                case ast.Name(id=name) if name in self._imported:
                    yield self._imported[name]
                case ast.Name(id=name) if name in self.names:
                    yield self.module, name
                case ast.Attribute(value=ast.Name(id=alias), attr=name) if alias in self._aliases:
                    yield self._aliases[alias], name

    def attributes(self, part: str) -> set[str]:
        """Return the attributes that a part speaks of, whosoever they are, but for those of a module."""
        found = [node for node in self._walk(part) if isinstance(node, ast.Attribute)]
        return {node.attr for node in found if getattr(node.value, "id", "") not in self._foreign}


def first_line(node: ast.stmt) -> int:
    """Return the first line of a statement, decorators included."""
    above: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in above)])


def defined(node: ast.stmt) -> list[str]:
    """Return the names that a statement at the top of a module binds, imports aside."""
    if isinstance(node, DEFINITIONS):
        return [node.name]
    inside = list(ast.walk(node))
    stored = [one.id for one in inside if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    return list(dict.fromkeys([*stored, *(one.name for one in inside if isinstance(one, DEFINITIONS))]))


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
