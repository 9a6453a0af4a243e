"""Call a `ScalarFunction`'s forward and backward on the inputs that were sent.

Every input gets a context of its own. The contract passes come after, in an order that shows
state kept where it should not be: many forwards before their backwards, `d_out` scaled, and the
same question twice.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from grader.sandbox.kinds.driver import Driver
from grader.sandbox.kinds.saved import unwrapping
from grader.sandbox.protocol import Fault, Odd
from grader.sandbox.worker.faults import fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import gradients, number

Value = float | Odd | Fault
Gradients = tuple[float | Odd, ...] | Odd | Fault | None

SAME_FAULT_CAP = 5
"""After so many faults the rest of the inputs is left unasked: unanswered is not passed."""

SCALE = -2.0

GOLDEN = 0.6180339887498949
"""Its multiples, mod 1, are in an order that suits neither a queue nor a stack of saved values."""


class FunctionAsk(msgspec.Struct, frozen=True):
    """Call `module.name` on `inputs`, each (arguments, d_out), and go over the first `contract` of them again.

    `unwrap` hands a single saved value back bare, as the lecture's own Context does; `brief` tells that there was an
    exception, and nothing of it.
    """

    module: str
    name: str
    context_module: str
    arity: int
    inputs: tuple[tuple[tuple[float, ...], float], ...]
    backward: bool = True
    contract: int = 0
    unwrap: bool = False
    brief: bool = False


class Row(msgspec.Struct, frozen=True, array_like=True):
    """What one input brought: the value of forward, and a gradient an argument (None: not asked)."""

    forward: Value
    backward: Gradients


class FunctionTold(msgspec.Struct, frozen=True):
    """One row an input, in order, at most; then the contract passes over the first of them.

    `interleaved` had every forward run before any backward, and the backwards in reverse;
    `scaled` was asked with -2·d_out; `repeated` is the first pass over again.
    """

    missing: Fault | None = None
    absent: bool = False
    rows: tuple[Row, ...] = ()
    interleaved: tuple[Gradients, ...] = ()
    scaled: tuple[Gradients, ...] = ()
    repeated: tuple[Row, ...] = ()


class _Caller:
    """One function of the student's, called with fresh contexts; every exception becomes a Fault."""

    def __init__(self, ask: FunctionAsk, package: Package, function: Any, context: Callable[[], Any]) -> None:
        self._arity, self._brief = ask.arity, ask.brief
        self._package, self._function, self._context = package, function, context

    def after_forward(self, args: tuple[float, ...]) -> Any:
        """Return a context that saw this forward, whatever came of it; None where there is none."""
        context = None
        try:
            context = self._context()
            self._function.forward(context, *args)
        except BaseException:
            pass
        return context

    def backward(self, context: Any, d_out: float) -> Gradients:
        """Return the gradients of a context's forward."""
        try:
            found = self._function.backward(context, d_out)
            return (found,) if type(found) is float and self._arity == 1 else gradients(found, self._arity)
        except BaseException as error:
            return self._fault(error)

    def rows(
        self, inputs: Iterable[tuple[tuple[float, ...], float]], backward: bool = True, cap: int = SAME_FAULT_CAP
    ) -> tuple[tuple[Any, ...], int]:
        """Run forward, and backward where it is asked for and forward came through, with a new context each time.

        After `cap` faults of forward in a row the rest is left unasked, and of backward from there on. Returns the
        rows, and how many faults there were in all. One plain loop, with what nearly always comes spelt out, and plain
        tuples, which are encoded as a `Row` is: most of a worker's time is spent here.
        """
        make, function, arity = self._context, self._function, self._arity
        rows: list[tuple[Value, Gradients]] = []
        faults = forward_faults = backward_faults = 0
        for args, d_out in inputs:
            try:
                context = make()
                value = function.forward(context, *args)
                if type(value) is not float:
                    value = number(value)
            except BaseException as error:
                rows.append((self._fault(error), None))
                faults += 1
                forward_faults += 1
                if forward_faults == cap:
                    break
                continue
            forward_faults = 0
            if not backward or backward_faults >= cap:
                rows.append((value, None))
                continue
            try:
                found = function.backward(context, d_out)
                if type(found) is float and arity == 1:
                    found = (found,)
                elif not (
                    type(found) is tuple and len(found) == 2 == arity and type(found[0]) is float is type(found[1])
                ):
                    found = gradients(found, arity)
            except BaseException as error:
                found = self._fault(error)
                faults += 1
                backward_faults += 1
            rows.append((value, found))
        return tuple(rows), faults

    def _fault(self, error: BaseException) -> Fault:
        return Fault("exception") if self._brief else fault(error, self._package.files)


def answer(ask: FunctionAsk, package: Package) -> FunctionTold:
    """Run every pass that was asked for."""
    function = package.find(ask.module, ask.name, "class")
    if function is None:
        return FunctionTold(missing=package.missing(ask.module, ask.name), absent=True)
    context: Any = package.find(ask.context_module, "Context")
    if ask.unwrap:
        with unwrapping(context):
            return _passes(_Caller(ask, package, function, context), ask)
    return _passes(_Caller(ask, package, function, context), ask)


def _passes(caller: _Caller, ask: FunctionAsk) -> FunctionTold:
    rows, faults = caller.rows(ask.inputs, ask.backward)
    if not ask.contract or faults:
        return FunctionTold(rows=rows)
    chosen = ask.inputs[: ask.contract]
    most = len(chosen) + 1
    interleaved = _interleaved(caller, chosen)
    scaled, _ = caller.rows([(args, SCALE * d_out) for args, d_out in chosen], cap=most)
    return FunctionTold(
        rows=rows,
        interleaved=interleaved,
        scaled=tuple([gradients for _, gradients in scaled]),
        repeated=caller.rows(chosen, cap=most)[0],
    )


def _interleaved(caller: _Caller, chosen: tuple[tuple[tuple[float, ...], float], ...]) -> tuple[Gradients, ...]:
    contexts = [caller.after_forward(args) for args, _ in chosen]
    backwards: list[Gradients] = [None] * len(chosen)
    for i in _order(len(chosen)):
        backwards[i] = caller.backward(contexts[i], chosen[i][1])
    return tuple(backwards)


@functools.cache
def _order(count: int) -> tuple[int, ...]:
    return tuple(sorted(range(count), key=lambda i: i * GOLDEN % 1))


def complete(ask: FunctionAsk, told: FunctionTold) -> bool:
    """Say whether every row is there, but for those after the faults that ended the asking early."""
    if told.absent:
        return not told.rows
    if any(type(one) is tuple and len(one) != ask.arity for one in _all_gradients(told)):
        return False
    if len(told.rows) < len(ask.inputs):
        return bool(told.rows) and isinstance(told.rows[-1].forward, Fault)
    passes = {len(told.interleaved), len(told.scaled), len(told.repeated)}
    if len(told.rows) == len(ask.inputs) and passes == {ask.contract}:
        return True
    faulty = any(isinstance(row.forward, Fault) or isinstance(row.backward, Fault) for row in told.rows)
    return len(told.rows) == len(ask.inputs) and passes == {0} and faulty


def _all_gradients(told: FunctionTold) -> Iterator[Gradients]:
    for row in (*told.rows, *told.repeated):
        yield row.backward
    yield from told.interleaved
    yield from told.scaled


DRIVER = Driver("function", FunctionAsk, FunctionTold, answer, complete)
