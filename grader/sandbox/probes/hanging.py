"""What hangs on a variable: what it was made of, and the functions that go back through the operation that made it.

Courses keep these on the variable, on an object that hangs on it, or in a closure.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Sequence
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from grader.sandbox.probes.dialect import BARE

SENT_BACK = ("backward", "gradient", "vjp", "_backward")
"""What courses call the function that goes back through an operation; the first that is there is the one."""

CALLED = "__call__"
"""Or the operation itself is called."""

COLLECTIONS: tuple[Any, ...] = (list, tuple, set, frozenset)
"""What a variable's inputs are kept in."""

HANGING = (FunctionType, MethodType, functools.partial)
"""What is called as it hangs on a variable, with what it holds already."""


def made_by(variable: Any) -> str:
    """Return the name of the class that made a variable, where it has one; blank for a closure's."""
    for one in _parts(variable, 2):
        if any(_got(one, name) is not None for name in SENT_BACK) and not isinstance(one, (FunctionType, MethodType)):
            kind = one if isinstance(one, type) else type(one)
            if kind is not type(variable):
                return str(type.__getattribute__(kind, "__name__"))[:60]
    return ""


def holders(variable: Any) -> Iterator[Any]:
    """Yield the collections that hang on a variable or on what hangs on it, and what its closures close over."""
    for one in (variable, *_parts(variable, 1)):
        for several in attributes(one):
            kind = next((one for one in COLLECTIONS if one in type.mro(type(several))), None)
            if kind is not None:
                yield kind(kind.__iter__(several))  # past any method of a subclass
    for function in ways_back(variable):
        given, content = held(function)
        yield [one for one in (*given, *content) if one is not variable]


def ways_back(variable: Any) -> Iterator[Any]:
    """Yield the functions that hang on a variable, and those that go back through the operation that made it."""
    for one in attributes(variable):
        if type(one) in HANGING and code_of(one) is not None:
            yield one
    for one in _parts(variable, 2):
        if type(one) in HANGING or type(one) is type(variable):
            continue
        found = next((back for name in (*SENT_BACK, CALLED) if callable(back := _got(one, name))), None)
        if found is not None:
            yield found


def keys(variable: Any) -> set[int]:
    """Return the ids of what tells that a call is about a variable: itself, and what hangs on it alone."""
    return {id(variable), *(id(one) for one in _parts(variable, 2) if not isinstance(one, (type, FunctionType)))}


def _parts(variable: Any, depth: int) -> Iterator[Any]:
    """Yield the objects that hang on a variable, nearest first: no other variable, no number and no collection."""
    level, seen = [variable], {id(variable)}
    for _ in range(depth):
        found = []
        for one in level:
            for part in attributes(one):
                plain = type(part) in BARE or isinstance(part, (set, frozenset, ModuleType))
                if not plain and id(part) not in seen and type(part) is not type(variable):
                    seen.add(id(part))
                    found.append(part)
        yield from found
        level = [one for one in found if not isinstance(one, (type, FunctionType))]


def attributes(one: Any) -> list[Any]:
    """Return what hangs on an object, its slots as well, without running any code of its class."""
    try:
        found = list(dict.values(object.__getattribute__(one, "__dict__")))
    except (AttributeError, TypeError):
        found = []
    if tuple in type.mro(type(one)):
        found.extend(tuple.__iter__(one))  # a named one has its fields there
    for kind in type.mro(type(one)):
        for name in _slots(kind):
            with contextlib.suppress(AttributeError):
                found.append(object.__getattribute__(one, name))
    return found


def _slots(kind: type) -> Sequence[str]:
    slots = type.__getattribute__(kind, "__dict__").get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(one for one in slots if isinstance(one, str))


def _got(one: Any, name: str) -> Any:
    try:
        return getattr(one, name, None)
    except Exception:
        return None


def code_of(function: Any) -> CodeType | None:
    """Return the code of a function, a method or a partial one; None of anything else."""
    function = getattr(function, "func", function)
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return code if isinstance(code, CodeType) else None


def held(function: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return the arguments that a function was given already, and what its closure holds."""
    whole, given = _unwrapped(function)
    return given, tuple(map(_content, _cells(whole)))


def _unwrapped(function: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the function in a partial one or a method, with the arguments that are given to it already."""
    given: tuple[Any, ...] = ()
    if type(function) is functools.partial:
        function, given = function.func, function.args
    return (function.__func__, (function.__self__, *given)) if type(function) is MethodType else (function, given)


def _cells(function: Any) -> tuple[Any, ...]:
    cells = getattr(function, "__closure__", None)
    return cells if type(cells) is tuple else ()


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing in it yet
        return None
