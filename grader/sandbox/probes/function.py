"""Call a `ScalarFunction`'s forward and backward on the inputs that were sent.

Every input gets a context of its own. Of some inputs all forwards run before any of their backwards, in an order that
shows state kept where it should not be. What is asked twice, and with which `d_out`, is not told here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from grader.sandbox.boundary.protocol import Fault, NonNumeric, dotted
from grader.sandbox.probes.probe import Probe
from grader.sandbox.probes.saved import unwrapping
from grader.sandbox.worker.faults import SomethingElse, fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import gradients, number, of_those_asked

Value = float | NonNumeric | Fault
Gradients = tuple[float | NonNumeric, ...] | NonNumeric | Fault | None

SAME_FAULT_CAP = 5
"""After so many faults the rest of the inputs is left unasked: unanswered is not passed."""

GOLDEN = 0.6180339887498949
"""Its multiples, mod 1, are in an order that suits neither a queue nor a stack of saved values."""


class FunctionRequest(msgspec.Struct, frozen=True):
    """Call `module.name` on `inputs`, each (arguments, d_out).

    `together`: the first and the last but one of a run of inputs whose forwards all come before their backwards.
    `unwrap` hands a single saved value back bare, as the lecture's own Context does; `brief` tells that there was an
    exception, and nothing of it. `skipped`: the arguments whose gradient is not asked. In their places 0 comes back,
    whatever was returned there, if anything.
    """

    module: str
    name: str
    context_module: str
    arity: int
    inputs: tuple[tuple[tuple[float, ...], float], ...]
    backward: bool = True
    together: tuple[int, int] = (0, 0)
    unwrap: bool = False
    brief: bool = False
    skipped: tuple[int, ...] = ()


class Evaluation(msgspec.Struct, frozen=True, array_like=True):
    """What one input brought: the value of forward, and a gradient an argument (None: not asked)."""

    forward: Value
    backward: Gradients


class FunctionReply(msgspec.Struct, frozen=True):
    """One row an input, in order, at most."""

    missing: Fault | None = None
    absent: bool = False
    rows: tuple[Evaluation, ...] = ()


class Asked(Protocol):
    """What of a request says how a function is called."""

    @property
    def arity(self) -> int:
        """Return how many arguments it has."""

    @property
    def inputs(self) -> tuple[tuple[tuple[float, ...], float], ...]:
        """Return (arguments, d_out) for each call."""

    @property
    def backward(self) -> bool:
        """Say whether backward is asked."""

    @property
    def together(self) -> tuple[int, int]:
        """Return the run of inputs whose forwards all come before their backwards."""

    @property
    def brief(self) -> bool:
        """Say whether nothing of an exception is told."""


class PlainContext:
    """Stands where a course's layout has no `Context`: it keeps what is saved, and does no more."""

    saved_values: tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        """Keep what backward will need."""
        self.saved_values = values

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """Return the same under the name that it has in PyTorch."""
        return self.saved_values


class Caller:
    """One function of the student's, called with fresh contexts; every exception becomes a Fault."""

    def __init__(
        self, ask: Asked, package: Package, function: Any, context: Callable[[], Any], skipped: tuple[int, ...] = ()
    ) -> None:
        self._arity, self._brief, self._skipped = ask.arity, ask.brief, skipped
        self._package, self._function, self._context = package, function, context
        self.forward_faults = self._backward_faults = 0

    def rows(self, inputs: Sequence[tuple[tuple[float, ...], float]], backward: bool) -> list[Any]:
        """Run forward, and backward where it is asked for and forward came through, with a new context each time.

        After some faults of forward in a row the rest is left unasked, and of backward from there on. One plain loop,
        with what nearly always comes spelt out, and plain tuples, which are encoded as an `Evaluation` is: most of a
        worker's time is spent here.
        """
        make, function, arity, cap = self._context, self._function, self._arity, SAME_FAULT_CAP
        rows: list[tuple[Value, Gradients]] = []
        for args, d_out in inputs:
            try:
                context = make()
                value = function.forward(context, *args)
                if type(value) is not float:
                    value = number(value)
            except BaseException as error:
                rows.append((self._fault(error), None))
                self.forward_faults += 1
                if self.forward_faults == cap:
                    break
                continue
            self.forward_faults = 0
            if not backward or self._backward_faults >= cap:
                rows.append((value, None))
                continue
            try:
                found = function.backward(context, d_out)
                if self._skipped:
                    found = of_those_asked(found, arity, self._skipped)
                elif type(found) is float and arity == 1:
                    found = (found,)
                elif not (
                    type(found) is tuple and len(found) == 2 == arity and type(found[0]) is float is type(found[1])
                ):
                    found = gradients(found, arity)
            except BaseException as error:
                found = self._fault(error)
                self._backward_faults += 1
            rows.append((value, found))
        return rows

    def together(self, inputs: Sequence[tuple[tuple[float, ...], float]]) -> list[Any]:
        """Run every forward, then every backward whose forward came through."""
        rows: list[tuple[Value, Gradients]] = []
        contexts = []
        for args, _ in inputs:
            context = None
            try:
                context = self._context()
                rows.append((number(self._function.forward(context, *args)), None))
            except BaseException as error:
                rows.append((self._fault(error), None))
            contexts.append(context)
        for i in in_turn(len(inputs)):
            value = rows[i][0]
            if not isinstance(value, Fault):
                rows[i] = (value, self._gradients(contexts[i], inputs[i][1]))
        return rows

    def _gradients(self, context: Any, d_out: float) -> Gradients:
        try:
            return of_those_asked(self._function.backward(context, d_out), self._arity, self._skipped)
        except BaseException as error:
            return self._fault(error)

    def _fault(self, error: BaseException) -> Fault:
        return Fault("exception") if self._brief else fault(error, self._package.files)


def answer(ask: FunctionRequest, package: Package) -> FunctionReply:
    """Call it on every input."""
    try:
        function = package.asked(ask.module, ask.name, "class")
    except SomethingElse as error:
        return FunctionReply(missing=fault(error, package.files), absent=True)
    if function is None:
        return FunctionReply(missing=package.missing(ask.module, ask.name), absent=True)
    try:
        context: Any = package.asked(ask.context_module, "Context", "class") or PlainContext
    except SomethingElse as error:
        return FunctionReply(missing=fault(error, package.files), absent=True)
    caller = Caller(ask, package, function, context, ask.skipped)
    if ask.unwrap:
        with unwrapping(context):
            return FunctionReply(rows=rows_of(caller, ask))
    return FunctionReply(rows=rows_of(caller, ask))


def rows_of(caller: Caller, ask: Asked) -> tuple[Any, ...]:
    """Return a row per input, the run of those together among them."""
    start, stop = ask.together
    if start == stop:
        return tuple(caller.rows(ask.inputs, ask.backward))
    rows = caller.rows(ask.inputs[:start], ask.backward)
    if len(rows) == start and caller.forward_faults < SAME_FAULT_CAP:
        rows += caller.together(ask.inputs[start:stop])
        rows += caller.rows(ask.inputs[stop:], ask.backward)
    return tuple(rows)


@functools.cache
def in_turn(count: int) -> tuple[int, ...]:
    """Return an order of that many that is neither a queue's nor a stack's."""
    return tuple(sorted(range(count), key=lambda i: i * GOLDEN % 1))


def complete(ask: Asked, told: FunctionReply) -> bool:
    """Say whether every row is there, but for those after the faults that ended the asking early."""
    if told.absent:
        return not told.rows
    if any(type(row.backward) is tuple and len(row.backward) != ask.arity for row in told.rows):
        return False
    if len(told.rows) < len(ask.inputs):
        return bool(told.rows) and isinstance(told.rows[-1].forward, Fault)
    return len(told.rows) == len(ask.inputs)


def context(name: str, unwrapped: bool) -> tuple[str, str]:
    """Return two statements that make a context, as a student runs them: it keeps what is saved, and does no more."""
    kept = "v[0] if len(v) == 1 else v" if unwrapped else "v"
    saving = f'lambda *v: setattr({name}, "saved_values", {kept})'
    return f"{name} = SimpleNamespace(saved_values=())", f"{name}.save_for_backward = {saving}"


def call(package: str, ask: FunctionRequest, row: int) -> str:
    """Return the call of forward, and of backward where it is asked, that an input is, to paste and run."""
    if row >= len(ask.inputs) or ask.together[0] <= row < ask.together[1]:
        return ""
    args, d_out = ask.inputs[row]
    start = ("from types import SimpleNamespace", f"from {dotted(package, ask.module)} import {ask.name}")
    lines = [*start, *context("ctx", ask.unwrap), f"print({ask.name}.forward(ctx, {', '.join(map(repr, args))}))"]
    return "; ".join([*lines, f"print({ask.name}.backward(ctx, {d_out!r}))"] if ask.backward else lines)


PROBE = Probe("function", FunctionRequest, FunctionReply, answer, complete, call)
