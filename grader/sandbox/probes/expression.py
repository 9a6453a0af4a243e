"""Evaluate an expression on the student's own variables, send derivatives back through it, or carry them along.

The expression is the exercise's formula as text over `_0`, `_1`, … and names of operations. Where a function of the
student's is under test there is none: the function is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.dialect import BARE, Interface, Lacking, Spoken
from grader.sandbox.probes.function import Caller, FunctionReply, complete, rows_of
from grader.sandbox.probes.probe import Probe
from grader.sandbox.worker.faults import absent_name, fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import odd

Mode = Literal["backward", "forward", "pullback"]


class ExpressionRequest(msgspec.Struct, frozen=True):
    """Evaluate `formula` at `inputs`, each (arguments, d); or call `function` of the module, where one is named.

    `operations` are those that the formula names. `needed` are the names that must be the student's. `mixed`: dual
    numbers carry a share of d along each argument at once, and one tangent comes back, followed by zeros; without it
    they carry d along one argument after the other.
    The other fields are those of a `FunctionRequest`.
    """

    module: str
    how: Interface
    mode: Mode
    formula: str
    operations: tuple[str, ...]
    needed: tuple[str, ...]
    arity: int
    inputs: tuple[tuple[tuple[float, ...], float], ...]
    function: str = ""
    backward: bool = True
    together: tuple[int, int] = (0, 0)
    mixed: tuple[float, ...] = ()
    brief: bool = False


class _Held:
    """What is kept from forward to backward: the leaves and the output, or the arguments."""

    __slots__ = ("args", "leaves", "out")

    leaves: list[Any]
    out: Any
    args: tuple[float, ...]


class _SentBack:
    """An expression with `forward` and `backward` like a function's, over a dialect that sends derivatives back."""

    def __init__(self, spoken: Spoken, evaluate: Callable[..., Any]) -> None:
        self._spoken, self._evaluate = spoken, evaluate

    def forward(self, held: _Held, *args: float) -> Any:
        make = self._spoken.leaf
        held.leaves = [make(x) for x in args]
        held.out = out = self._evaluate(*held.leaves)
        return _bare(out) if type(out) in BARE else self._spoken.value(out)

    def backward(self, held: _Held, d: float) -> Any:
        out = held.out
        if type(out) in BARE:
            return _bare(out)
        self._spoken.backward(out, d)
        read = self._spoken.gradient
        return tuple([read(x) for x in held.leaves])


class _CarriedAlong:
    """An expression over dual numbers: one pass per direction. `mixed`: one pass along all of them at once."""

    def __init__(self, spoken: Spoken, evaluate: Callable[..., Any], mixed: tuple[float, ...]) -> None:
        assert spoken.forward_mode is not None
        self._pass, self._evaluate, self._mixed = spoken.forward_mode, evaluate, mixed

    def forward(self, held: _Held, *args: float) -> Any:
        held.args = args
        return self._along((1.0,) + (0.0,) * (len(args) - 1), args)[0]

    def backward(self, held: _Held, d: float) -> Any:
        args = held.args
        if self._mixed:
            tangent = self._along(tuple([d * share for share in self._mixed]), args)[1]
            return (tangent,) + (0.0,) * (len(args) - 1)
        units = [tuple([d if i == k else 0.0 for i in range(len(args))]) for k in range(len(args))]
        return tuple([self._along(one, args)[1] for one in units])

    def _along(self, dxs: tuple[float, ...], xs: tuple[float, ...]) -> tuple[Any, Any]:
        came: Any = self  # of no type that is bare

        def evaluate(*leaves: Any) -> Any:
            nonlocal came
            came = self._evaluate(*leaves)
            return came

        try:
            value, tangent = self._pass(evaluate, list(xs), list(dxs))
        except Exception:
            if type(came) not in BARE:
                raise
            return _bare(came), _bare(came)  # the dialect could not read what is no dual number
        return value, tangent


class _Pulled:
    """A function that is given d and the arguments, and returns the gradients."""

    def __init__(self, spoken: Spoken, function: Callable[..., Any]) -> None:
        self._pullback, self._function = spoken.pullback, function

    def forward(self, held: _Held, *args: float) -> Any:
        held.args = args
        return NOT_ASKED

    def backward(self, held: _Held, d: float) -> Any:
        return self._pullback(self._function, list(held.args), d)


NOT_ASKED = NonNumeric("not asked")


def _bare(out: Any) -> NonNumeric:
    """Say what came out that is no variable."""
    if out is None:
        return NonNumeric("None")
    was = odd(out)
    return NonNumeric(f"bare {was.was}, no variable", was.shown)


def answer(ask: ExpressionRequest, package: Package) -> FunctionReply:
    """Evaluate it at every input."""
    try:
        spoken = Spoken(package, ask.how, ask.needed)
        evaluate = _evaluation(ask, package, spoken)
        lacking = spoken.lacks(ask.needed, ask.operations)
        if ask.backward and not lacking:
            spoken.prepare()
    except Lacking as error:
        return FunctionReply(missing=package.missing(ask.module, error.name), absent=True)
    except BaseException as error:  # what is taken from the student may raise as soon as the dialect looks at it
        return FunctionReply(missing=fault(error, package.files), absent=True)
    if lacking:
        told = package.missing(ask.module, lacking.rpartition(".")[2])
        return FunctionReply(missing=told or absent_name(lacking, ask.module), absent=True)
    adapter: Any = _adapter(ask, spoken, evaluate)
    return FunctionReply(rows=rows_of(Caller(ask, package, adapter, _Held), ask))


def _evaluation(ask: ExpressionRequest, package: Package, spoken: Spoken) -> Callable[..., Any]:
    if ask.function:
        found = package.asked(ask.module, ask.function, "function")
        if found is None:
            raise Lacking(ask.function)
        return found  # type: ignore[no-any-return]
    names = ", ".join(f"_{i}" for i in range(ask.arity))
    space = {name: spoken.operation(name) for name in ask.operations}
    made: Callable[..., Any] = eval(f"lambda {names}: {ask.formula}", space)
    return made


def _adapter(
    ask: ExpressionRequest, spoken: Spoken, evaluate: Callable[..., Any]
) -> _SentBack | _CarriedAlong | _Pulled:
    if ask.mode == "pullback":
        return _Pulled(spoken, evaluate)
    if ask.mode == "forward":
        return _CarriedAlong(spoken, evaluate, ask.mixed)
    return _SentBack(spoken, evaluate)


PROBE = Probe("expression", ExpressionRequest, FunctionReply, answer, complete)
