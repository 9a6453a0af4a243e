"""Watch variables while code of the student's runs: which were made, which backward was called, what was written."""

from __future__ import annotations

import contextlib
import opcode
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any, Literal

import msgspec

from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes import hanging
from grader.sandbox.probes.building import NUMBER, UNKNOWN
from grader.sandbox.probes.dialect import BARE, Spoken
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import number, odd

MOST_EVENTS, MOST_INSTRUCTIONS, MOST_EXTRA = 2000, 400_000, 200
"""So much is told of a run, and watched of it. Longer ones end: nobody reads them."""

STORES = frozenset(opcode.opmap[name] for name in opcode.opmap if name.startswith(("STORE_ATTR", "STORE_SUBSCR")))
INITS = ("__init__", "__new__")

OURS = ((lambda: None).__code__.co_filename, hanging.held.__code__.co_filename)
"""Where what watches is written: it is not watched itself."""


class Event(msgspec.Struct, frozen=True, array_like=True):
    """One thing that happened to a variable, told by its label.

    `forward`: it was computed. `send`: `numbers` went in at it. `call` and `return`: its backward was called with
    `numbers`, and returned `numbers`. `write`: its derivative was (None: there was none), and is. `order`: a sort
    returned `listed`. `file` and `line` are the student's.
    """

    kind: Literal["forward", "send", "call", "return", "write", "order"]
    node: int = UNKNOWN
    function: str = ""
    numbers: tuple[float | NonNumeric | None, ...] = ()
    listed: tuple[int, ...] = ()
    file: str = ""
    line: int = 0


class TooLong(BaseException):
    """More happened than is told: no `except Exception` of the student's keeps it."""


class Watch:
    """One run, watched. `nodes` are the variables that were asked for, `extra` those that turned up, `events` what
    happened so far."""

    def __init__(self, spoken: Spoken, package: Package) -> None:
        self._spoken, self._files = spoken, package.files
        self.nodes: list[Any] = []
        self.extra: list[Any] = []
        self.events: list[Event] = []
        self._labels: dict[int, int] = {}
        self._inputs: list[tuple[int, ...]] = []
        self._values: dict[int, float | NonNumeric] = {}
        self._fresh: list[Any] = []
        self._type: type | None = None
        self._last: list[float | NonNumeric | None] = []
        self._codes: dict[CodeType, list[int]] = {}
        self._closures: dict[int, list[Any]] = {}
        self._keys: list[set[int]] = []
        self._sorts = _sorts(spoken)
        self._count = 0
        self._place = ("", 0)

    # -- forward

    @contextlib.contextmanager
    def forward(self) -> Iterator[None]:
        """Watch for variables that the student's own code makes on the way."""
        with _traced(self._making):
            yield

    def _making(self, frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename in OURS:
            return None
        self._count += 1
        if self._count > MOST_INSTRUCTIONS:
            raise TooLong
        if event == "return" and frame.f_code.co_name in INITS:
            made = frame.f_locals.get(frame.f_code.co_varnames[0]) if frame.f_code.co_argcount else None
            if self._type is not None and type(made) is self._type and all(made is not one for one in self._fresh):
                self._fresh.append(made)
        return self._making

    def made(self, label: int, variable: Any, node: Any) -> None:
        """Take note of a node that was made, and of what was made for it."""
        if node.op == "leaf" and self._type is None:
            self._type = type(variable)
        self.nodes.append(variable)
        self._values.setdefault(id(variable), self.value(variable))
        self._inputs.append(node.inputs)
        if type(variable) not in BARE:
            self._labels.setdefault(id(variable), label)
        for one in (*self._fresh, *self._unmet(variable)):
            if id(one) not in self._labels and len(self.extra) < MOST_EXTRA:
                self._labels[id(one)] = -10 - len(self.extra)  # numbered once all nodes are there
                self.extra.append(one)
                self._values[id(one)] = self.value(one)
                self.events.append(Event("forward", self._labels[id(one)]))
        self._fresh.clear()
        self.events.append(Event("forward", label))

    def _unmet(self, variable: Any) -> list[Any]:
        """Return the variables behind one that nobody saw being made, as without `__init__`; inputs first."""
        found: list[Any] = []
        todo, seen = [(variable, False)], {id(one) for one in self._fresh}
        while todo and len(seen) < MOST_EXTRA:
            one, expanded = todo.pop()
            if expanded:
                found.append(one)
                continue
            behind_it = [held for holder in hanging.holders(one) for held in holder if type(held) is self._type]
            new = [held for held in behind_it if id(held) not in self._labels and id(held) not in seen]
            seen.update(map(id, new))
            todo.extend(step for held in new for step in ((held, True), (held, False)))
        return found

    def settle(self) -> None:
        """Number what turned up after the nodes, and look at how each variable can be sent back through. Once."""
        if self._keys:
            return
        count = len(self.nodes)
        renamed = {-10 - k: count + k for k in range(len(self.extra))}
        self._labels = {which: renamed.get(label, label) for which, label in self._labels.items()}
        self.events = [
            msgspec.structs.replace(one, node=renamed[one.node]) if one.node in renamed else one for one in self.events
        ]
        self._last = [self.read(one) for one in self.variables()]
        for label, one in enumerate(self.variables()):
            self._keys.append(hanging.keys(one))
            if type(one) in BARE:
                continue
            for function in hanging.ways_back(one):
                code = hanging.code_of(function)
                if code is not None:
                    self._codes.setdefault(code, []).append(label)
                    if any(function is held for held in hanging.attributes(one)):
                        self._closures.setdefault(label, []).append(function)

    # -- back

    @contextlib.contextmanager
    def backward(self) -> Iterator[None]:
        """Watch calls and writes."""
        with _traced(self._called):
            yield

    def sends(self, label: int, d: float) -> None:
        """Say that something is sent back now."""
        self.events.append(Event("send", label, numbers=(d,)))

    def poll(self) -> None:
        """Note every derivative that is another than before."""
        for label, one in enumerate(self.variables()):
            now = self.read(one)
            before = self._last[label]
            if now != before and not (now != now and before != before):
                self._last[label] = now
                self._add(Event("write", label, numbers=(before, now), file=self._place[0], line=self._place[1]))

    def _add(self, event: Event) -> None:
        self.events.append(event)
        if len(self.events) >= MOST_EVENTS:
            raise TooLong

    def _called(self, frame: FrameType, _: str, __: Any) -> Any:
        """Begin to watch a frame: every line and instruction of the student's, and the ends of what leads there."""
        self._count += 1
        if self._count > MOST_INSTRUCTIONS:
            raise TooLong
        code = frame.f_code
        label, given = self._whose(frame, code)
        theirs = code.co_filename in self._files
        if label >= 0:
            place = (code.co_filename, code.co_firstlineno) if theirs else ("", 0)
            name = self._name_of(label)
            self._add(Event("call", label, name, given, (), *place))
        if not theirs and label < 0 and code not in self._sorts:
            return None
        if theirs:
            frame.f_trace_opcodes = True
        return self._following(label, code, theirs)

    def _following(self, label: int, code: CodeType, theirs: bool) -> Callable[[FrameType, str, Any], Any]:
        stored = False
        ops = code.co_code

        def follow(frame: FrameType, event: str, came: Any) -> Any:
            nonlocal stored
            self._count += 1
            if self._count > MOST_INSTRUCTIONS:
                raise TooLong
            if event == "opcode":
                if stored:
                    self.poll()
                stored = ops[frame.f_lasti] in STORES
                if stored:
                    self._place = (code.co_filename, frame.f_lineno)
                return follow
            if event == "line":
                self.poll()
                if theirs:
                    self._place = (code.co_filename, frame.f_lineno)
            elif event == "return":
                self.poll()
                if label >= 0:
                    self._add(Event("return", label, self._name_of(label), self._numbers(came)))
                if code in self._sorts and isinstance(came, (list, tuple)):
                    self._add(Event("order", listed=tuple(self.label(one) for one in came)))
            return follow

        return follow

    def _whose(self, frame: FrameType, code: CodeType) -> tuple[int, tuple[float | NonNumeric | None, ...]]:
        """Return the variable whose backward a frame is, with the numbers that it was given; -1 for any other."""
        labels = self._codes.get(code)
        if labels is None:
            return UNKNOWN, ()
        held = frame.f_locals
        closed = [(one, bound) for one in labels if (bound := self._closes(one, code, held)) is not None]
        count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4)
        args = [held[name] for name in code.co_varnames[:count] if name in held]
        if closed:
            found, bound = closed[-1]
            given = [one for one in args[bound:] if type(one) in (int, float)]
            return found, (tuple(map(number, given)) if given else (self.read(self.variables()[found]),))
        matched = [sum(id(one) in self._keys[label] for one in args) for label in labels]
        if not any(matched) or matched.count(max(matched)) > 1:
            return UNKNOWN, ()
        found = labels[matched.index(max(matched))]
        given = [one for one in args if id(one) not in self._keys[found] and not isinstance(one, type)]
        numbers = [self._number(one) for one in given]
        return found, tuple(one for one in numbers if isinstance(one, float)) or tuple(numbers)

    def _closes(self, label: int, code: CodeType, held: Any) -> int | None:
        """Return how many arguments a closure holds that hangs on a variable, if a frame runs it; None if not.

        It is the same code over the same objects.
        """
        for function in self._closures.get(label, ()):
            if hanging.code_of(function) is code:
                given, content = hanging.held(function)
                bound = [*zip(code.co_freevars, content), *zip(code.co_varnames, given)]
                if bound and all(name in held and held[name] is one for name, one in bound):
                    return len(given)
        return None

    # -- what is read

    def variables(self) -> list[Any]:
        """Return every variable: those that were asked for, and then those that turned up."""
        return [*self.nodes, *self.extra]

    def label(self, one: Any) -> int:
        """Return the label of a variable, -2 for a bare number, -1 for anything else."""
        return NUMBER if type(one) in (int, float, bool) else self._labels.get(id(one), UNKNOWN)

    def expression_inputs(self, label: int) -> tuple[int, ...]:
        """Return what the expression says that a node is made of."""
        return self._inputs[label] if label < len(self._inputs) else ()

    def value_when_made(self, one: Any) -> float | NonNumeric:
        """Return what a variable's value was when it was made."""
        return self._values[id(one)]

    def value(self, one: Any) -> float | NonNumeric:
        """Return a variable's value."""
        try:
            return number(one if type(one) in BARE else self._spoken.value(one))
        except BaseException:
            return odd(one)

    def read(self, one: Any) -> float | NonNumeric | None:
        """Return a variable's derivative; None where there is none."""
        if type(one) in BARE:
            return None
        try:
            found = self._spoken.gradient(one)
            return None if found is None else number(found)
        except TooLong:
            raise
        except BaseException:
            return None

    def _number(self, one: Any) -> float | NonNumeric | None:
        if one is None:
            return None
        return self.value(one) if type(one) is self._type else number(one)

    def _numbers(self, came: Any) -> tuple[float | NonNumeric | None, ...]:
        if came is None:
            return ()
        several = came if type(came) in (tuple, list) else (came,)
        return tuple(self._number(one) for one in several)

    def _name_of(self, label: int) -> str:
        return hanging.made_by(self.variables()[label])


def plainly(value: float) -> Any:
    """Return a number as it would be typed: a whole one is an int."""
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def behind(variable: Any, watch: Watch) -> tuple[tuple[int, ...], str]:
    """Return the labels of what a variable says it was made of, and by which class.

    What holds variables is looked for on the variable, then on what hangs on it, then in its closures. A set has no
    order; where it holds the same as the expression names, the expression's order is told.
    """
    if type(variable) in BARE:
        at = next((i for i, one in enumerate(watch.nodes) if one is variable), UNKNOWN)
        return watch.expression_inputs(at) if at >= 0 else (), ""
    label = watch.label(variable)
    named = watch.expression_inputs(label) if label >= 0 else ()
    for held in hanging.holders(variable):
        found = tuple(watch.label(one) for one in held)
        if any(one >= 0 for one in found):
            same = {one for one in found if one >= 0} == {one for one in named if one >= 0}
            unordered = isinstance(held, (set, frozenset))
            return (named if unordered and same else found), hanging.made_by(variable)
    return named, hanging.made_by(variable)


def _sorts(spoken: Spoken) -> set[CodeType]:
    """Return the code of the functions by which the dialect asks for an order; none where it names no order."""
    if spoken.order is None:
        return set()
    asked = hanging.code_of(spoken.order)
    named = [spoken.named(name) for name in (asked.co_names if asked else ())]
    return {code for one in named if (code := hanging.code_of(one)) is not None}


@contextlib.contextmanager
def _traced(tracer: Callable[[FrameType, str, Any], Any]) -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        yield
    finally:
        sys.settrace(before)
