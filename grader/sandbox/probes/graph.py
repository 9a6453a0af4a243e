"""Build graphs with the student's machine and tell what it makes of them: values, histories, orders, derivatives.

Nothing here goes backwards through a graph: what a derivative should be is worked out elsewhere, so a worker that has
backpropagation under test has never held a backpropagation.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FrameType
from typing import Any, Literal, NamedTuple

import msgspec

from grader.sandbox.boundary.protocol import Fault, NonNumeric
from grader.sandbox.probes.building import NUMBER, UNKNOWN, Build, Steps
from grader.sandbox.probes.dialect import Interface, Lacking, Spoken
from grader.sandbox.probes.machine import MACHINES, Present, Variables
from grader.sandbox.probes.probe import Probe
from grader.sandbox.probes.saved import unwrapping
from grader.sandbox.probes.steps import TooMany, counting
from grader.sandbox.worker.faults import absent_name, fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import gradients, number, odd

FAULTS_CAP = 5
SEEN_FACTOR, SEEN_SPARE = 10, 1000
LOCAL_D_OUT = 4.0
"""What a function's derivatives are asked with: not 1, which hides a forgotten d_out; dividing by it again is exact."""

FIRST_STEPS = 500_000
"""How many steps the first graph may take where steps are counted: enough for work that grows with its cube."""

SHOWN_BY = 3
"""Graphs that show how steps grow."""

ENOUGH = 2
"""How many times the steps of the graph before are let through where they were seen to grow steeply."""

OTHERWISE = "something else when it was asked again"
RAISED = "exception"
"""What a worker says in place of an answer."""

INHERITED = object()
"""Stands for a backward that a function has from another class."""

Want = Literal["values", "structure", "chain", "order", "derivatives", "accumulated"]


class GraphRequest(msgspec.Struct, frozen=True):
    """Build every graph and tell what is wanted of it, of its last node where it is one node's.

    `build`: by `apply` or by Python's operators. `function` names (module, function) that makes the last node out of
    the others instead. `entry` names (module, function) that backpropagates; without a name the scalar's own method.
    `budget`: so many calls of backwards are let through for a graph, and counted; 0 counts nothing. `growth`: so many
    times the steps of the graph before are let through, and counted; `ENOUGH` times where steps grew by `steep` from
    each graph to the next. Of the first `plain` graphs no steps are counted: where one of them takes too many calls,
    the rest is left unasked. `walked`: tell how often each function's backward was called. `how`: variables are made
    and read by this dialect; `needed` are names that must be the student's.
    """

    graphs: tuple[Steps, ...]
    want: Want
    module: str
    functions: str = "scalar_functions"
    build: Literal["apply", "operators"] = "apply"
    function: str = ""
    entry: tuple[str, str] = ("autodiff", "")
    budget: int = 0
    growth: int = 0
    steep: int = 0
    plain: int = 0
    through: str = "minitorch"
    walked: bool = False
    how: Interface | None = None
    needed: tuple[str, ...] = ()


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """What a scalar says of itself: how it came about, and each input's derivative.

    `function` is blank for a leaf or a constant. `inputs` are labels, then counts of what was met
    besides. `leaf` and `constant` are 1, 0 or, for an answer that is neither, -1. `type` says what it is if it is no
    scalar, though a function made it. Scalars with the same `context` share one.
    """

    function: str
    inputs: tuple[int, ...]
    locals: tuple[float | NonNumeric, ...] | NonNumeric
    leaf: int
    constant: int
    type: str = ""
    context: int = -1


class GraphRow(msgspec.Struct, frozen=True):
    """What came of one graph; only what was wanted is filled in. `fault`: an exception ended it.

    Nodes are told by label: `values` and `seen` in their order, `derivatives` of all that have one, after each send.
    Where steps were counted, more than `allowed` say that it was ended for that. `again`: the exception came only when
    the same was asked once more.
    """

    values: tuple[float | NonNumeric, ...] = ()
    seen: tuple[Seen, ...] = ()
    output: int = UNKNOWN
    pairs: tuple[tuple[int, float | NonNumeric], ...] | NonNumeric = ()
    order: tuple[int, ...] | NonNumeric = ()
    derivatives: tuple[tuple[tuple[int, float | NonNumeric], ...], ...] = ()
    calls: int = 0
    steps: int = 0
    allowed: int = 0
    backwards: dict[str, int] = {}
    fault: Fault | None = None
    again: bool = False


class GraphReply(msgspec.Struct, frozen=True):
    """One row a graph, in order; after a few faults the rest is left unasked. `missing`: the file did not load."""

    missing: Fault | None = None
    absent: bool = False
    rows: tuple[GraphRow, ...] = ()


class _TooMany(BaseException):
    """More backward calls than the budget has: no `except Exception` of the student's keeps it."""


def answer(ask: GraphRequest, package: Package) -> GraphReply:
    """Build every graph and look."""
    missing = package.failures.get(ask.module)
    try:
        machine = MACHINES[ask.through](package, ask.functions) if ask.how is None else _spoken(ask, ask.how, package)
    except Lacking as lacking:
        told = package.missing(ask.module, lacking.name)
        return GraphReply(missing=told or absent_name(lacking.name, ask.module), absent=True)
    except BaseException as error:  # what is taken from the student may raise as soon as the dialect looks at it
        return GraphReply(missing=fault(error, package.files), absent=True)
    rows: list[GraphRow] = []
    faults, allowed = 0, FIRST_STEPS if ask.growth else 0
    graphs = list(reversed(ask.graphs))
    ask = msgspec.structs.replace(ask, graphs=())  # nobody keeps what has been built
    while graphs:
        if len(rows) < ask.plain:
            rows.append(_row(machine, ask, graphs, package, 0))
            if rows[-1].calls > ask.budget:
                rows += [GraphRow(calls=ask.budget + 1)] * len(graphs)
                break
            faults += rows[-1].fault is not None
            continue
        rows.append(_row(machine, ask, graphs, package, allowed))
        if allowed:
            allowed = _allowed(ask, rows[ask.plain :], allowed)
        faults += rows[-1].fault is not None
        if faults >= FAULTS_CAP:
            break
    absent = missing is not None and all(row.fault is not None for row in rows)
    return GraphReply(missing=missing, absent=True) if absent else GraphReply(rows=tuple(rows))


def _allowed(ask: GraphRequest, rows: Sequence[GraphRow], before: int) -> int:
    """Return how many steps the next graph may take; next to none once one was ended for its work."""
    last = rows[-1]
    if not last.steps:  # an exception ended it
        return before
    if last.steps > last.allowed or last.calls > ask.budget > 0:
        return 1
    steps = [row.steps for row in rows]
    steep = (more >= ask.steep * fewer for fewer, more in itertools.pairwise(steps))
    return (ENOUGH if ask.steep and len(steps) >= SHOWN_BY and all(steep) else ask.growth) * last.steps


def _spoken(ask: GraphRequest, how: Interface, package: Package) -> Present:
    spoken = Spoken(package, how, ask.needed)
    if ask.want in ("derivatives", "accumulated"):
        spoken.prepare()
    return Variables(package, spoken)


def complete(ask: GraphRequest, told: GraphReply) -> bool:
    """Say whether every row is there, but for those after the faults that ended the asking."""
    if told.absent:
        return not told.rows
    if any(row.fault is None and not _fits(ask.want, graph, row) for graph, row in zip(ask.graphs, told.rows)):
        return False
    if len(told.rows) < len(ask.graphs):
        return sum(row.fault is not None for row in told.rows) >= FAULTS_CAP
    return len(told.rows) == len(ask.graphs)


def _fits(want: Want, graph: Steps, row: GraphRow) -> bool:
    """Say whether every label leads somewhere, and what belongs together is as long: nobody after this looks again."""
    count = len(graph.steps)
    if row.derivatives and want not in ("derivatives", "accumulated"):
        return False
    if want == "structure":
        labels = [row.output, *(i for one in row.seen for i in one.inputs)]
        matched = all(isinstance(one.locals, NonNumeric) or len(one.locals) == len(one.inputs) for one in row.seen)
        return matched and count <= len(row.seen) == len(row.values) and _lead(labels, len(row.seen))
    if want == "chain":
        return isinstance(row.pairs, NonNumeric) or _lead([i for i, _ in row.pairs], count)
    if want == "order":
        return isinstance(row.order, NonNumeric) or _lead(row.order, count)
    told = [[label for label, _ in after] for after in row.derivatives]
    return all(_lead(one, count, least=0) and len(set(one)) == len(one) for one in told)


def _lead(labels: Sequence[int], count: int, least: int = NUMBER) -> bool:
    return all(least <= i < count for i in labels)


def _row(machine: Present, ask: GraphRequest, graphs: list[Steps], package: Package, allowed: int) -> GraphRow:
    """Build the last of the graphs, and look."""
    steps: Callable[[], int] = int
    names, left = graphs[-1].functions(), len(graphs)
    count: Callable[[], int] = int
    answered: list[Any] = []
    build = last = None
    try:
        with _counting(machine, names, ask.budget) as count:
            output = graphs[-1].steps[-1].label
            build = Build(machine, ask.build == "apply", graphs)
            last = build.replaced_by(package, ask.module, ask.function) if ask.function else build.nodes[output]
            walk = _noting(machine, names) if ask.walked else contextlib.nullcontext(dict)
            with counting(allowed) as steps, walk as backwards:
                row = WANTS[ask.want](_Looking(build, last, ask.entry, count, answered, package, allowed > 0))
            row = msgspec.structs.replace(row, steps=steps(), allowed=allowed) if allowed else row
            return msgspec.structs.replace(row, backwards=backwards()) if ask.walked else row
    except (_TooMany, TooMany):
        return GraphRow(calls=count(), steps=steps(), allowed=allowed)
    except BaseException as error:
        return GraphRow(
            fault=fault(error, package.files), calls=count(), again=bool(answered) and ask.want != "structure"
        )
    finally:
        last = None
        if build is not None:
            build.let_go()
        if len(graphs) == left:
            graphs.pop()


class _Looking(NamedTuple):
    """A graph that stands: its last node, how to go back through it, and how often backwards were called so far.

    `answered` is what came back already, where the same is asked twice, and the contexts that were met. `counted`: its
    steps are.
    """

    build: Build
    last: Any
    entry: tuple[str, str]
    calls: Callable[[], int]
    answered: list[Any]
    package: Package
    counted: bool

    def number_of(self, context: Any) -> int:
        """Return which of the contexts met so far this is, by identity."""
        if all(one is not context for one in self.answered):
            self.answered.append(context)
        return next(i for i, one in enumerate(self.answered) if one is context)


@contextlib.contextmanager
def _counting(machine: Present, names: set[str], budget: int) -> Iterator[Callable[[], int]]:
    """Count the calls of the functions' backwards, and end it all past the budget."""
    calls = 0
    kept: list[tuple[Any, Any]] = []

    def counted(original: Any) -> Any:
        def backward(*args: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > budget:
                raise _TooMany
            return original(*args)

        return staticmethod(backward)

    try:
        for name in names if budget else ():
            function = machine.function(name)
            original = function.backward
            kept.append((function, vars(function).get("backward", INHERITED)))
            function.backward = counted(original)
        yield lambda: calls
    finally:
        for function, own in kept:
            if own is INHERITED:
                with contextlib.suppress(AttributeError):
                    del function.backward
            else:
                function.backward = own


@contextlib.contextmanager
def _noting(machine: Present, names: set[str]) -> Iterator[Callable[[], dict[str, int]]]:
    """Count the calls of each function's backward, however it is reached: by what runs, not by what is looked up."""
    codes = {_code(machine.function(name).backward): name for name in names}
    calls = dict.fromkeys(names, 0)

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in codes:
            calls[codes[frame.f_code]] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield lambda: calls
    finally:
        sys.setprofile(before)


def _code(function: Any) -> CodeType | None:
    """Return the code that runs when a function is called; None for what is no function of Python's."""
    function = getattr(function, "func", function)  # a partial
    function = getattr(function, "__func__", function)  # a bound method
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


def _values(at: _Looking) -> GraphRow:
    values = tuple(number(at.build.machine.data(one)) for one in at.build.nodes.values())
    return GraphRow(values=values, output=at.build.label(at.last))


def _structure(at: _Looking) -> GraphRow:
    """Walk every history behind the last node, breadth first, and tell what each scalar says of itself."""
    build = at.build
    output = build.meet(at.last)
    scalars = list(build.scalars().values())
    told: dict[int, Seen] = {}
    cap = SEEN_FACTOR * len(build.nodes) + SEEN_SPARE
    while scalars and len(told) < cap:
        one = scalars.pop(0)
        label = build.meet(one)
        if label in told or label == NUMBER:
            continue
        told[label] = _seen(at, one)
        scalars.extend(build.machine.origin(one)[2])
    count = len(build.nodes) + len(build.met)
    no_scalars = {label: one for label, one in build.nodes.items() if not build.machine.is_scalar(one)}
    told |= {label: Seen("", (), (), 0, 1, odd(one).was) for label, one in no_scalars.items()}
    blank = Seen("", (), (), 0, 1)
    values = tuple(number(build.machine.data(one)) for one in (*build.nodes.values(), *build.met))
    return GraphRow(values=values, seen=tuple(told.get(i, blank) for i in range(count)), output=output)


def _seen(at: _Looking, one: Any) -> Seen:
    build = at.build
    function, context, inputs = build.machine.origin(one)
    leaf, constant = _truth(build.machine.is_leaf(one)), _truth(build.machine.is_constant(one))
    if function is None:
        return Seen("", (), (), leaf, constant)
    local: tuple[float | NonNumeric, ...] | NonNumeric = (0.0,) * len(inputs)
    if any(build.machine.is_scalar(i) and i.history is not None for i in inputs):  # else nobody ever asks
        local = _local(at, function, context, len(inputs))
    name, met = build.machine.name_of(function), tuple(build.meet(i) for i in inputs)
    return Seen(name, met, local, leaf, constant, context=at.number_of(context))


def _local(at: _Looking, function: Any, context: Any, arity: int) -> tuple[float | NonNumeric, ...] | NonNumeric:
    """Return the derivatives by the inputs, reading what was saved in the present way, and then in the lecture's.

    What fails in both is told as it fails in the first: the second's exceptions are of our making. A backward of ours
    that fails does so for want of what was saved.
    """
    try:
        found = gradients(function.backward(context, LOCAL_D_OUT), arity)
    except Exception as first:
        try:
            with unwrapping(type(context)):
                found = gradients(function.backward(context, LOCAL_D_OUT), arity)
        except Exception:
            if fault(first, at.package.files).file:
                raise first from None
            return NonNumeric(RAISED)
    if isinstance(found, NonNumeric):
        return found
    return tuple(one / LOCAL_D_OUT if isinstance(one, float) else one for one in found)


def _chain(at: _Looking) -> GraphRow:
    build = at.build
    (label, d_out), *_rest = build.sends
    scalar = build.nodes[label]
    for _ in range(2):
        at.answered.append(_pairs(build, build.machine.chain_rule(scalar, d_out)))
    pairs, again = at.answered
    return GraphRow(pairs=pairs if pairs == again else NonNumeric(OTHERWISE))


def _pairs(build: Build, result: Any) -> tuple[tuple[int, float | NonNumeric], ...] | NonNumeric:
    found = _listed(result)
    if isinstance(found, NonNumeric):
        return found
    pairs = [_pair(build, one) for one in found]
    odd_one = next((one for one, pair in zip(found, pairs) if pair is None), result)
    return _holding(result, odd_one) if None in pairs else tuple(pair for pair in pairs if pair is not None)


def _pair(build: Build, one: Any) -> tuple[int, float | NonNumeric] | None:
    if hasattr(one, "variable") and hasattr(one, "deriv"):
        return build.label(one.variable), number(one.deriv)
    if isinstance(one, (tuple, list)) and len(one) == 2:
        return build.label(one[0]), number(one[1])
    return None


def _order(at: _Looking) -> GraphRow:
    """Ask for the order, and once more: it should be the same. Where steps are counted, once is enough."""
    build = at.build
    for _ in range(1 if at.counted else 2):
        at.answered.append(_ordered(build, build.machine.order(at.last)))
    order, again = at.answered[0], at.answered[-1]
    return GraphRow(order=order if order == again else NonNumeric(OTHERWISE))


def _ordered(build: Build, result: Any) -> tuple[int, ...] | NonNumeric:
    found = _listed(result)
    if isinstance(found, NonNumeric):
        return found
    for one in found:
        if not build.machine.is_scalar(one) and isinstance(number(one), NonNumeric):
            return _holding(result, one)
    return tuple(map(build.label, found))


def _derivatives(at: _Looking) -> GraphRow:
    after = []
    for label, d_out in at.build.sends:
        at.build.machine.backpropagate(at.build.nodes[label], d_out, at.entry)
        after.append(_all_derivatives(at.build))
    return GraphRow(derivatives=tuple(after), calls=at.calls())


def _all_derivatives(build: Build) -> tuple[tuple[int, float | NonNumeric], ...]:
    """Return every derivative that there is. Only where no scalar can tell of one, why not is raised."""
    found, failed = [], []
    scalars = build.scalars()
    for label, one in scalars.items():
        try:
            derivative = build.machine.derivative(one)
        except Exception as error:
            failed.append(error)
            continue
        if derivative is not None:
            found.append((label, number(derivative)))
    if failed and len(failed) == len(scalars):
        raise failed[0]
    return tuple(found)


def _accumulated(at: _Looking) -> GraphRow:
    after = []
    for label, d in at.build.sends:
        one = at.build.nodes[label]
        one.accumulate_derivative(d)
        derivative = one.derivative
        after.append(() if derivative is None else ((label, number(derivative)),))
    return GraphRow(derivatives=tuple(after))


def _listed(result: Any) -> Sequence[Any] | NonNumeric:
    """Return what a list, a deque, an iterator or a generator holds, up to a bound; what else it is, if it is none."""
    try:
        each = iter(result)
    except TypeError:
        return odd(result)
    found = []
    for one in each:
        found.append(one)
        if len(found) > 200_000:
            raise ValueError("it never ends")
    return found


def _holding(result: Any, one: Any) -> NonNumeric:
    """Describe a list that holds what it should not."""
    return NonNumeric(f"{odd(result).was} with a {odd(one).was} in it")


def _truth(value: Any) -> int:
    """Return 1 or 0 for what stands for yes or no, a None as well as numpy's own; -1 for anything else."""
    plain = 0.0 if value is None else number(value)
    return int(plain) if plain in (0.0, 1.0) else -1


WANTS: dict[Want, Callable[[_Looking], GraphRow]] = {
    "values": _values,
    "structure": _structure,
    "chain": _chain,
    "order": _order,
    "derivatives": _derivatives,
    "accumulated": _accumulated,
}

PROBE = Probe("graph", GraphRequest, GraphReply, answer, complete)
