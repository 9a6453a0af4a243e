"""Keep a student's code and the grader apart where both run in one interpreter: each has the library as it left it.

Theory of operation. A student's file may put things in place of the library's, by accident as well: its `math.exp`, the
depth of recursion. In a process of its own that is the student's business. Here the grader works with the same modules.
So what the modules in `BOTH` hold is exchanged whenever a question goes over to the student's code and its answer comes
back. Once a worker ends, every module that was there before holds again what it held, and the student's own modules are
gone. What cannot be put back, such as a class of the library, or a module that was first imported meanwhile, is seen:
then this interpreter is to be asked nothing more. Nothing is contained by this.
"""

from __future__ import annotations

import contextlib
import decimal
import operator
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

BOTH = (
    *("builtins", "sys", "os", "io", "math", "operator", "random", "functools", "itertools", "collections", "copy"),
    *("time", "decimal", "fractions", "warnings", "types", "typing", "abc", "dataclasses", "contextlib", "numpy"),
)
"""What the grader works with and a student may have changed."""

LIBRARY = (
    *("abc", "ast", "collections", "collections.abc", "contextlib", "copy", "dataclasses", "decimal", "enum"),
    *("fractions", "functools", "io", "itertools", "json", "json.decoder", "json.encoder", "logging", "numbers"),
    *("pathlib", "random", "string", "types", "typing", "warnings", "weakref"),
)
"""Whose classes are looked at."""

CHANGEABLE = 1 << 9
"""`Py_TPFLAGS_HEAPTYPE`: attributes of such a class may be set."""

BUILT_IN = ("built-in", "frozen")

Space = dict[str, Any]


class Shared:
    """The library while one worker lives."""

    def __init__(self) -> None:
        self._classes = _classes()
        self._settings = _settings()
        self._modules = {name: one for name, one in sys.modules.items() if isinstance(one, ModuleType)}
        self._spaces = {name: dict(vars(one)) for name, one in self._modules.items()}
        filters: Any = warnings.filters
        lists: tuple[list[Any], ...] = (sys.path, sys.meta_path, sys.path_hooks, sys.argv, filters)
        self._lists = [(one, [*one]) for one in lists]
        self._variables = dict(os.environ)
        self._depth = sys.getrecursionlimit()
        both = [name for name in BOTH if name in self._modules]
        self._ours = [(vars(self._modules[name]), self._spaces[name]) for name in both]
        self._theirs = self._ours
        self._their_depth = self._depth

    def put_back(self) -> bool:
        """Put everything back that can be, let go of the student's modules, and say whether something stays changed."""
        sys.setrecursionlimit(self._depth)
        for one, content in self._lists:
            one[:] = content
        if dict(os.environ) != self._variables:
            os.environ.clear()
            os.environ.update(self._variables)
        new = {name: module for name, module in sys.modules.items() if name not in self._modules}
        for name in [one for one, module in new.items() if not _is_installed(module)]:
            del sys.modules[name]
        sys.modules.update(self._modules)
        for name, module in self._modules.items():
            space, before = vars(module), self._spaces[name]
            if not _is_same(space, before):
                _put(space, {**_submodules(name, space), **before})
        late = any(map(_is_installed, new.values()))  # it may be changed as well, and nobody knows what it was
        return late or self._settings != _settings() or not all(_is_same(vars(one), had) for one, had in self._classes)

    @contextlib.contextmanager
    def theirs(self) -> Iterator[None]:
        """Have the library as the student left it, for as long as their code runs."""
        for space, content in self._theirs:
            if not _is_same(space, content):
                _put(space, content)
        _set_depth(self._their_depth)
        try:
            yield
        finally:
            self._their_depth = sys.getrecursionlimit()
            _set_depth(self._depth)
            self._theirs = [
                (space, content if _is_same(space, content) else dict(space)) for space, content in self._ours
            ]
            for space, content in self._ours:
                if not _is_same(space, content):
                    _put(space, content)


def _classes() -> list[tuple[type, Space]]:
    """Return the classes of the library that are written in Python, each with what it holds."""
    found = {
        one
        for name in LIBRARY
        for one in vars(sys.modules.get(name, sys)).values()
        if isinstance(one, type) and one.__flags__ & CHANGEABLE
    }
    return [(one, dict(vars(one))) for one in found]


def _settings() -> tuple[Any, ...]:
    """Return what the library keeps elsewhere than in a name of a module or a class."""
    digits = getattr(sys, "get_int_max_str_digits", int)()
    logging = sys.modules.get("logging")
    level = None if logging is None else logging.root.manager.disable
    return repr(decimal.DefaultContext), repr(decimal.getcontext()), digits, level


def _is_same(space: Mapping[str, Any], content: Space) -> bool:
    return len(space) == len(content) and all(map(operator.is_, space.values(), content.values()))


def _put(space: Space, content: Mapping[str, Any]) -> None:
    """Fill a module's space without emptying it in between: builtins are needed all the while."""
    for name in [one for one in space if one not in content]:
        del space[name]
    space.update(content)


def _submodules(package: str, space: Space) -> Space:
    """Return what a package holds because a module of its own was imported meanwhile."""
    return {name: one for name, one in space.items() if one is not None and sys.modules.get(f"{package}.{name}") is one}


def _is_installed(module: object) -> bool:
    """Say whether a module is the library's or a package's, not made from what a student handed in."""
    spec = getattr(module, "__spec__", None)
    return bool(getattr(spec, "has_location", False)) or getattr(spec, "origin", None) in BUILT_IN


def _set_depth(limit: int) -> None:
    with contextlib.suppress(RecursionError):  # it is below where we are now
        if sys.getrecursionlimit() != limit:
            sys.setrecursionlimit(limit)
