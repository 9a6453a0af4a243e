"""Stand in for modules that an assignment names as stubs: a file imports them, and what it is judged by needs none.

Unlike what stands for an import that found nothing (`absent`), a stub is there after loading, too: what it decorates is
the plain function, which runs as plain Python. `prange` is `range`. All else is a stub again, and false. No number is
made up: a stub that is asked for its value has none, which is said, but while a file is being loaded, where it is 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from grader.sandbox.worker import absent

PLAIN: dict[str, Any] = {"prange": range}
"""What has a meaning in plain Python."""

made: dict[str, ModuleType] = {}


class Stub:
    """What stands for anything that is taken from a stubbed module."""

    def __init__(self, shown: str) -> None:
        self.__dict__["_shown"] = shown

    def __getattr__(self, name: str) -> Any:
        """Return a stub for what is taken from it."""
        if name.startswith("__") and name not in absent.SAID:
            raise AttributeError(name)
        return PLAIN.get(name) or Stub(f"{self._shown}.{name}")

    def __call__(self, *args: Any, **_: Any) -> Any:
        """Return what is decorated, as it is; of any other call a stub."""
        if args and isinstance(args[0], absent.DECORATED):
            return args[0]
        return Stub(f"{self._shown}(…)")

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        """Give nothing to a class that derives from it."""
        return ()

    def __iter__(self) -> Iterator[Any]:
        """Give nothing."""
        return iter(())

    def __setattr__(self, name: str, value: Any) -> None:
        """Forget what is set."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Forget what is set."""

    def __exit__(self, *_: object) -> None:
        """End a `with`."""

    def __bool__(self) -> bool:
        """Say no: `if cuda.is_available():`."""
        return False

    def __instancecheck__(self, instance: object) -> bool:
        """Say no: nothing can be an instance of what is not there."""
        return False

    def __subclasscheck__(self, subclass: type) -> bool:
        """Say no."""
        return False

    def __float__(self) -> float:
        """Return 0 while a file is being loaded. Raises TypeError afterwards."""
        return float(self._number())

    def __int__(self) -> int:
        """Return 0 while a file is being loaded. Raises TypeError afterwards."""
        return self._number()

    __index__ = __len__ = __int__

    def __repr__(self) -> str:
        """Return what it stands for."""
        return f"<{self._shown} is a stub>"

    def _number(self) -> int:
        if not absent.loading:
            raise TypeError(f"{self._shown} is only a stub where this is graded, and has no value")
        return 0


def _operator(self: Stub, *_: object) -> Stub:
    return self


for _name in absent.OPERATORS:
    setattr(Stub, f"__{_name}__", _operator)


def module(name: str) -> ModuleType:
    """Return the module of a dotted name, in those above it."""
    if name not in made:
        found = made[name] = ModuleType(name)
        found.__path__ = []
        found.__getattr__ = _attributes(name)  # type: ignore[method-assign]
        above, _, last = name.rpartition(".")
        if above:
            setattr(module(above), last, found)
    return made[name]


def _attributes(module: str) -> Any:
    def attribute(name: str) -> Any:
        if name == "__all__":
            return ()
        return getattr(Stub(module), name)

    return attribute
