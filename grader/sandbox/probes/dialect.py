"""Run a dialect in the box: its functions over the student's own names, and Python's operators where it says nothing.

A dialect's text is run once per module that it is asked about, in a namespace that no file of the student's can
import. The names that it takes from the student are looked up there first, in the module under test and then in the
others.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

import msgspec

from grader.sandbox.boundary.protocol import DIALECT
from grader.sandbox.worker.loading import Package

SIGNS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "pow": operator.pow,
    "matmul": operator.matmul,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
    "abs": abs,
}
"""Operations that Python has a sign or a function for."""


BARE = (int, float, bool, complex, str, bytes, tuple, list, dict, set, type(None))
"""What is no variable of any course's."""


class Interface(msgspec.Struct, frozen=True):
    """How the exercise's dialect is called. `names` are those that it takes from the student's files.

    `operations`: (operation, the method that is called, or blank where the dialect's own table says it).
    """

    dialect: str
    module: str
    names: tuple[str, ...] = ()
    operations: tuple[tuple[str, str], ...] = ()


class Lacking(Exception):
    """The student's files lack a name that the dialect takes."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


_compiled: dict[str, CodeType] = {}


class Spoken:
    """A dialect at work on one submission: what each of its functions does, with the defaults."""

    def __init__(self, package: Package, how: Interface, needed: Sequence[str] = ()) -> None:
        """Run the dialect. `needed` are names that must be the student's own. Raises Lacking, and what it raises."""
        space: dict[str, Any] = {"__name__": DIALECT.format(how.dialect)}
        for name in how.names:
            found = _looked_up(package, how.module, name)
            if found is not None:
                space[name] = found
            elif name in needed:
                raise Lacking(name)
        exec(_code(package.dialects[how.dialect], how.dialect), space)
        self._space, self._methods = space, dict(how.operations)
        self.prepare: Callable[[], Any] = space.get("prepare", lambda: None)
        self.leaf: Callable[[float], Any] = space.get("leaf", _no_leaf)
        self.value: Callable[[Any], Any] = space.get("value", operator.attrgetter("data"))
        self.backward: Callable[[Any, float], Any] = space.get("backward", lambda v, d: v.backward(d))
        self.gradient: Callable[[Any], Any] = space.get("gradient", operator.attrgetter("grad"))
        self.order: Callable[[Any], Any] | None = space.get("order")
        self.forward_mode: Callable[..., Any] | None = space.get("forward_mode")
        self.pullback: Callable[..., Any] = space.get("pullback", lambda function, xs, d: function(d, *xs))

    def named(self, name: str) -> Any:
        """Return what the dialect means by a name: its own, or the student's; None where there is none."""
        return self._space.get(name)

    def lacks(self, names: Sequence[str], operations: Sequence[str]) -> str:
        """Return the first method of an operation that the class of variables has not got; blank where it has all.

        `names` are the student's; the first that is a class is the one.
        """
        variables = next((one for name in names if isinstance(one := self._space.get(name), type)), None)
        for operation in operations if variables is not None else ():
            method = self._methods.get(operation, "" if operation in SIGNS else operation)
            if method and not hasattr(variables, method):
                return f"{type.__getattribute__(variables, '__name__')}.{method}"
        return ""

    def operation(self, name: str) -> Callable[..., Any]:
        """Return what an operation does to the student's variables: the dialect's word, Python's sign, or a method."""
        if name in self._methods:
            method = self._methods[name]
            if not method:
                said: Callable[..., Any] = self._space["OPERATIONS"][name]
                return said
            return lambda x, *others: getattr(x, method)(*others)
        return SIGNS.get(name) or (lambda x, *others: getattr(x, name)(*others))


def _code(source: str, name: str) -> CodeType:
    if source not in _compiled:
        _compiled[source] = compile(source, DIALECT.format(name), "exec", dont_inherit=True)
    return _compiled[source]


def _looked_up(package: Package, module: str, name: str) -> Any:
    """Return what the module under test calls by a name, or another one; only then what differs from it in case."""
    if hasattr(builtins, name):
        return None
    others = [one for one in package.modules if one != module and package.modules[one].listed]
    if module in package.modules and name not in package.module(module).__dict__:
        exact = next((one for one in others if name in package.module(one).__dict__), None)
        if exact is not None:
            return package.find(exact, name)
    found = package.asked(module, name, "any")
    rest = iter(others)
    while found is None and (other := next(rest, None)) is not None:
        found = package.find(other, name)
    return found


def _no_leaf(_: float) -> Any:
    raise NotImplementedError("the dialect does not say how a leaf is made: def leaf(value)")
