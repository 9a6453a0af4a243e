"""Evaluate a formula on the student's own arrays, send arrays back through it, and read the gradients.

As `expression`, but what goes in, comes out and is sent back are arrays: their entries in a row, and a shape. numpy is
imported where such a question is answered, and nowhere else.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from types import CodeType, GeneratorType
from typing import Any, Literal

import msgspec

from grader.sandbox.boundary.protocol import ArrayTold, Fault, NonNumeric
from grader.sandbox.probes.dialect import BARE, Interface, Lacking, Spoken
from grader.sandbox.probes.function import SAME_FAULT_CAP, in_turn
from grader.sandbox.probes.probe import Probe
from grader.sandbox.worker.array_values import array_told, numpy
from grader.sandbox.worker.faults import FORMULA, absent_name, fault
from grader.sandbox.worker.loading import Package

Shape = tuple[int, ...]
Flat = tuple[float, ...]

AskedArrays = tuple[int, tuple[Flat, ...], Flat]
"""An input: which row, the entries of each argument, and the entries to send back."""

Told = ArrayTold | NonNumeric
NOT_SENT = "not sent"
"""In place of gradients, where the value has another number of entries than what is to be sent back."""

COTANGENT = -1
"""What is changed, where it is no argument but what was sent back."""


class RowAsked(msgspec.Struct, frozen=True):
    """A formula over `_0`, `_1`, … for arrays of these shapes.

    `parameters` are what a function is given besides. `sent` is the shape of what is sent back, where no value says it.
    """

    formula: str
    shapes: tuple[Shape, ...]
    parameters: tuple[int | tuple[int, ...], ...] = ()
    sent: Shape = ()


class ArraysRequest(msgspec.Struct, frozen=True):
    """Evaluate at `inputs`, each (row, entries of each argument, entries to send back); or call `function`.

    The other fields are those of an `ExpressionRequest`.
    """

    module: str
    how: Interface
    mode: Literal["backward", "forward", "pullback"]
    rows: tuple[RowAsked, ...]
    operations: tuple[str, ...]
    needed: tuple[str, ...]
    inputs: tuple[AskedArrays, ...]
    function: str = ""
    backward: bool = True
    together: tuple[int, int] = (0, 0)


class ArrayRow(msgspec.Struct, frozen=True, array_like=True):
    """What one input brought: the value, and a gradient per argument (None: not asked).

    `changed` are the arguments whose arrays have other entries than before, -1 for what was sent back.
    """

    value: Told | Fault
    gradients: tuple[Told, ...] | NonNumeric | Fault | None = None
    changed: tuple[int, ...] = ()


class ArraysReply(msgspec.Struct, frozen=True):
    """One row per input, in order, at most."""

    missing: Fault | None = None
    absent: bool = False
    rows: tuple[ArrayRow, ...] = ()


class _Held:
    """One input on its way: its arrays as they went in, the student's variables, and what came out."""

    def __init__(self, args: list[Any], cotangent: Flat) -> None:
        self.args, self.cotangent = args, cotangent
        self.before = [one.tobytes() for one in args]
        self.leaves: list[Any] = []
        self.out: Any = None
        self.shape: Shape | None = None


class _Asker:
    """A formula per row, asked of one submission; every exception becomes a Fault."""

    def __init__(self, ask: ArraysRequest, package: Package, spoken: Spoken, evaluate: Sequence[Callable[..., Any]]):
        self._np = numpy()
        self._ask, self._package, self._spoken, self._evaluate = ask, package, spoken, evaluate
        self._faults = 0

    def rows(self) -> tuple[ArrayRow, ...]:
        """Return a row per input, in order, the run of those together among them; fewer where faults end it."""
        start, stop = self._ask.together
        found: list[ArrayRow] = []
        self._run(self._ask.inputs[:start], found)
        if stop > start and self._faults < SAME_FAULT_CAP:
            found += self._together(self._ask.inputs[start:stop])
        self._run(self._ask.inputs[stop:], found)
        return tuple(found)

    def _run(self, inputs: Sequence[AskedArrays], found: list[ArrayRow]) -> None:
        for one in inputs:
            if self._faults >= SAME_FAULT_CAP:
                return
            found.append(self._whole(*self._forward(one)))

    def _together(self, several: Sequence[AskedArrays]) -> list[ArrayRow]:
        begun = [self._forward(one) for one in several]
        found: list[ArrayRow | None] = [None] * len(begun)
        for i in in_turn(len(begun)):
            found[i] = self._whole(*begun[i])
        return [one for one in found if one is not None]

    def _forward(self, one: AskedArrays) -> tuple[_Held, Told | Fault]:
        row, args, cotangent = one
        asked, np = self._ask.rows[row], self._np
        held = _Held([np.array(x, np.float64).reshape(s) for x, s in zip(args, asked.shapes)], cotangent)
        if self._ask.mode == "pullback":
            held.out, held.shape = self._evaluate[row], asked.sent
            return held, NonNumeric("not asked")
        try:
            held.leaves = [self._spoken.leaf(x) for x in held.args]
            held.out = self._evaluate[row](*held.leaves)
            if type(held.out) in BARE:
                return held, array_told(held.out, bare=True)
            value = array_told(self._spoken.value(held.out))
            if type(value) is ArrayTold:
                held.shape = value.shape
        except BaseException as error:
            self._faults += 1
            return held, fault(error, self._package.files)
        self._faults = 0
        return held, value

    def _whole(self, held: _Held, value: Told | Fault) -> ArrayRow:
        if not self._ask.backward or isinstance(value, Fault):
            return ArrayRow(value, None, _changed(held))
        try:
            sent = self._np.array(held.cotangent, self._np.float64)
            before = sent.tobytes()
            gradients = self._gradients(held, sent)
        except BaseException as error:
            return ArrayRow(value, fault(error, self._package.files), _changed(held))
        off = () if sent.tobytes() == before else (COTANGENT,)
        return ArrayRow(value, gradients, (*_changed(held), *off))

    def _gradients(self, held: _Held, sent: Any) -> tuple[Told, ...] | NonNumeric:
        if self._ask.mode == "pullback":
            sent.shape = held.shape
            found = self._spoken.pullback(held.out, list(held.args), sent)
            several = _several(found, len(held.args), self._np)
            return several if isinstance(several, NonNumeric) else tuple(map(array_told, several))
        if type(held.out) in BARE or held.shape is None:
            return NonNumeric("no variable")
        if sent.size != math.prod(held.shape):
            return NonNumeric(NOT_SENT)
        sent.shape = held.shape
        self._spoken.backward(held.out, sent)
        return tuple([array_told(self._spoken.gradient(x)) for x in held.leaves])


def _several(found: Any, count: int, np: Any) -> list[Any] | NonNumeric:
    """Return one gradient per argument, however they were put together; what came instead where they are not as many.

    One argument's may come bare or in a tuple.
    """
    ancestors = type.mro(type(found))
    base: Any = next((one for one in (tuple, list, GeneratorType) if one in ancestors), None)
    if base is not None and (count > 1 or base is tuple):
        items = list(itertools.islice(base.__iter__(found), count + 1))
    elif count > 1 and np.ndarray in ancestors and np.ndarray.view(found, np.ndarray).ndim:
        items = list(np.ndarray.view(found, np.ndarray))
    else:
        items = [found]
    if len(items) == count:
        return items
    name = type.__getattribute__(type(found), "__name__")
    return NonNumeric(str(name) if items == [found] else f"{name} of {'more' if len(items) > count else len(items)}")


def _changed(held: _Held) -> tuple[int, ...]:
    return tuple(i for i, (one, before) in enumerate(zip(held.args, held.before)) if one.tobytes() != before)


def answer(ask: ArraysRequest, package: Package) -> ArraysReply:
    """Evaluate at every input."""
    try:
        spoken = Spoken(package, ask.how, ask.needed)
        evaluate = [_evaluation(ask, one, package, spoken) for one in ask.rows]
        if ask.backward:
            spoken.prepare()
        lacking = spoken.lacks(ask.needed, ask.operations) if _holds_variables(ask, spoken) else ""
    except Lacking as error:
        return ArraysReply(missing=package.missing(ask.module, error.name), absent=True)
    except BaseException as error:  # what is taken from the student may raise as soon as the dialect looks at it
        return ArraysReply(missing=fault(error, package.files), absent=True)
    if lacking:
        told = package.missing(ask.module, lacking.rpartition(".")[2])
        return ArraysReply(missing=told or absent_name(lacking, ask.module), absent=True)
    return ArraysReply(rows=_Asker(ask, package, spoken, evaluate).rows())


def _holds_variables(ask: ArraysRequest, spoken: Spoken) -> bool:
    """Say whether the class of variables is itself under test: only then it is the student's to have an operation."""
    if ask.mode == "pullback":
        return False
    made = type(spoken.leaf(numpy().zeros(ask.rows[0].shapes[0])))
    return type.__getattribute__(made, "__name__") in ask.needed


def _evaluation(ask: ArraysRequest, row: RowAsked, package: Package, spoken: Spoken) -> Callable[..., Any]:
    if ask.function:
        found: Any = package.asked(ask.module, ask.function, "function")
        if found is None:
            raise Lacking(ask.function)
        return (lambda *leaves: found(*leaves, *row.parameters)) if row.parameters else found
    names = ", ".join(f"_{i}" for i in range(len(row.shapes)))
    space = {name: spoken.operation(name) for name in ask.operations}
    made: Callable[..., Any] = eval(_code(f"lambda {names}: {row.formula}"), space)
    return made


@functools.lru_cache(256)
def _code(text: str) -> CodeType:
    """Compile a formula: rows and halves have the same ones."""
    return compile(text, FORMULA, "eval", dont_inherit=True)


def complete(ask: ArraysRequest, told: ArraysReply) -> bool:
    """Say whether every row is there, but for those after the faults that ended the asking early, and each is whole."""
    if told.absent:
        return not told.rows
    if not all(_is_whole(ask, one, row) for one, row in zip(ask.inputs, told.rows)):
        return False
    if len(told.rows) < len(ask.inputs):
        return bool(told.rows) and isinstance(told.rows[-1].value, Fault)
    return len(told.rows) == len(ask.inputs)


def _is_whole(ask: ArraysRequest, one: AskedArrays, row: ArrayRow) -> bool:
    gradients = row.gradients if isinstance(row.gradients, tuple) else ()
    if gradients and len(gradients) != len(ask.rows[one[0]].shapes):
        return False
    return all(found.is_whole() for found in (row.value, *gradients) if isinstance(found, ArrayTold))


PROBE = Probe("arrays", ArraysRequest, ArraysReply, answer, complete)
