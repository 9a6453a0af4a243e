"""Stand in for what an import did not find, so that it costs nothing until something uses it.

While a file of the student's is being loaded, a stand-in goes along with what people do with a module at the top of a
file: take names from it, annotate, derive, decorate, call, draw. Afterwards every use of it raises, and says which
import is meant. Nothing of what it stands for is ever there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from opcode import opmap
from typing import Any

from grader.sandbox.boundary.protocol import HOLLOW
from grader.sandbox.worker.faults import ForbiddenImport, MissingModule

OPERATORS = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift"),
    *("radd", "rsub", "rmul", "rtruediv", "rfloordiv", "rmod", "rpow", "rmatmul", "rand", "ror", "rxor"),
    *("neg", "pos", "abs", "invert", "lt", "le", "gt", "ge", "getitem", "enter"),
)
SAID = ("__version__", "__name__", "__doc__", "__file__")
"""What is printed of a module at the top of a file. No other double-underscored name is there: each is a protocol."""

DECORATED = (type, staticmethod, classmethod, type(lambda: None))
"""What a decorator is put before."""

UNPACK_SEQUENCE = opmap["UNPACK_SEQUENCE"]

loading = 0
"""How many files of the student's are being loaded just now, one inside the other."""


class Absent:
    """What stands for a module that is not there, or for anything taken from it.

    `why` is the sentence that a use raises, with the line of the import in it; `error` its class.
    """

    def __init__(self, shown: str, why: str, error: type[ImportError]) -> None:
        self.__dict__.update(_shown=shown, _why=why, _error=error)

    def __getattr__(self, name: str) -> Any:
        """Return a stand-in for what is taken from it."""
        if name == "__all__":
            return ()
        if name.startswith("__") and name not in SAID:
            raise AttributeError(name)
        return self._part(f"{self._shown}.{name}")

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Return a stand-in for the result; of a decorator, what it decorates, as it is."""
        self._part("")
        decorated = len(args) == 1 and not named and isinstance(args[0], DECORATED)
        if decorated and isinstance(args[0], type) and issubclass(args[0], BaseException):  # pytest.raises(ValueError)
            decorated = False
        return args[0] if decorated else self._part(f"{self._shown}(…)")

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        """Give nothing to a class that derives from it."""
        self._part("")
        return ()

    def __iter__(self) -> Iterator[Any]:
        """Give as many stand-ins as the caller unpacks, as in `figure, axes = plt.subplots()`; else none."""
        self._part("")
        return iter([self._part(f"{self._shown}[{i}]") for i in range(_unpacked(sys._getframe(1)))])

    def __setattr__(self, name: str, value: Any) -> None:
        """Forget what is set."""
        self._part(name)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Forget what is set."""
        self._part("")

    def __exit__(self, *_: object) -> None:
        """End a `with`."""

    def __bool__(self) -> bool:
        """Say no: `if torch.cuda.is_available():`."""
        self._part("")
        return False

    def __instancecheck__(self, instance: object) -> bool:
        """Say no: nothing can be an instance of what is not there."""
        return False

    def __subclasscheck__(self, subclass: type) -> bool:
        """Say no."""
        return False

    def __float__(self) -> float:
        """Raise: there is no number to give."""
        raise self._error(self._why)

    __int__ = __index__ = __len__ = __float__

    def __format__(self, _: str) -> str:
        """Return what it stands for, whatever the format: `f"{loss.item():.3f}"`."""
        self._part("")
        return repr(self)

    def __round__(self, _: int | None = None) -> Absent:
        """Return a stand-in."""
        return self._part(self._shown)

    def __repr__(self) -> str:
        """Return what it stands for."""
        return f"<{self._shown} is not here>"

    def _part(self, shown: str) -> Absent:
        """Return a stand-in for a part of it. Raises once the files are loaded: that is a use."""
        if not loading:
            raise self._error(self._why)
        return Absent(shown, self._why, self._error)


def _operator(self: Absent, *_: object) -> Absent:
    return self._part(self._shown)


for _name in OPERATORS:
    setattr(Absent, f"__{_name}__", _operator)


def of_module(name: str, error: ImportError, place: str) -> Absent:
    """Return what stands for a module whose import failed with `error` at `place`: `line 3 of lecture8.py`."""
    kind = ForbiddenImport if isinstance(error, ForbiddenImport) else MissingModule
    return Absent(name, f"{error} (imported in {place})", kind)


def _unpacked(frame: Any) -> int:
    """Return how many values the caller is about to unpack; 0 where it is at something else."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at + 1] if code[at] == UNPACK_SEQUENCE else 0


def hollow(name: str) -> Any:
    """Return what stands for a name that another exercise asks for: a class with nothing in it, or a function."""
    if name[:1].isupper():
        return type(name, (), {})

    def unwritten(*_: object, **__: object) -> Any:
        raise NotImplementedError(f"{name} {HOLLOW}")

    unwritten.__name__ = unwritten.__qualname__ = name
    return unwritten
