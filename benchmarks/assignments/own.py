"""One submission's own files, imported as they are, with what a dialect looks for in them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, ClassVar

import msgspec


class Listed(msgspec.Struct, frozen=True):
    """Stands where a worker knows a module: each of these may be looked through."""

    listed: bool = True


class Own:
    """A submission's modules by the names that an assignment has for them; what it needs is imported at once."""

    files: ClassVar[frozenset[str]] = frozenset()
    failures: ClassVar[dict[str, Any]] = {}

    def __init__(self, place: str, package: str, modules: Sequence[str], dialects: dict[str, str]) -> None:
        for name in [one for one in sys.modules if one.partition(".")[0] == package]:
            del sys.modules[name]
        sys.path[0] = place
        importlib.invalidate_caches()
        self._modules = {name: importlib.import_module(f"{package}.{name}") for name in modules}
        self.modules = dict.fromkeys(modules, Listed())
        self.dialects = dialects

    def module(self, name: str) -> ModuleType:
        """Return a module."""
        return self._modules[name]

    def find(self, module: str, name: str, sort: str = "any") -> Any:  # noqa: ARG002 - as a worker is asked
        """Return what a module calls by a name; None where it has none."""
        found = self._modules.get(module)
        return getattr(found, name, None)

    asked: Callable[..., Any] = find

    def missing(self, module: str, name: str) -> None:
        """Return nothing: here, an exception will say it."""
