"""Run one expression of the student's own, forward and back, and tell every step as it really happened.

Theory of operation. Nothing of the student's is changed or replaced. Python's own tracing says when a function of
theirs is called and when it returns, line by line and, where something is stored, instruction by instruction. After
each the derivatives of all variables are read, by the dialect: one that is another than before was written there. A
call is the backward of a variable if its code hangs on that variable (a closure, or the function in its history), and
what the call was given says of which. Which step is right is worked out elsewhere: no number here is an exact one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from grader.sandbox.boundary.protocol import ABSENT, Fault, NonNumeric
from grader.sandbox.probes.building import NUMBER
from grader.sandbox.probes.dialect import BARE, Interface, Spoken
from grader.sandbox.probes.expression import NOT_ASKED
from grader.sandbox.probes.function import PlainContext
from grader.sandbox.probes.machine import MACHINES
from grader.sandbox.probes.probe import Probe
from grader.sandbox.probes.saved import unwrapping
from grader.sandbox.probes.watching import MOST_EVENTS, Event, TooLong, Watch, behind, plainly
from grader.sandbox.worker.faults import SomethingElse, fault
from grader.sandbox.worker.loading import Package
from grader.sandbox.worker.plain import number, of_those_asked

STEP = 1e-5
"""How far a leaf is moved to each side for a central difference, of its size or 1, whichever is more."""


class TracedNode(msgspec.Struct, frozen=True, array_like=True):
    """A node to make: `leaf` or `number` with a value, or an operation of the dialect's on earlier nodes."""

    op: str
    inputs: tuple[int, ...] = ()
    value: float = 0.0


class TraceRequest(msgspec.Struct, frozen=True):
    """Compute the nodes in their order, and send back what `sends` says, (node, d), one after the other.

    `function` names a function with forward and backward, or one that is given d, in `module`: it makes the last node
    of the leaves. `how`: variables are made and read by this dialect. `entry` names the (module, function) that sends
    back, where it is not the variable's own method. `unwrap`: a class's Context hands a single saved value back bare.
    `skipped`: the arguments of a class's forward whose gradient is not asked.
    """

    nodes: tuple[TracedNode, ...]
    sends: tuple[tuple[int, float], ...]
    module: str
    mode: Literal["backward", "forward", "pullback", "function"] = "backward"
    function: str = ""
    context_module: str = ""
    how: Interface | None = None
    entry: tuple[str, str] = ("", "")
    unwrap: bool = False
    skipped: tuple[int, ...] = ()


class Met(msgspec.Struct, frozen=True, array_like=True):
    """A variable: its value when it was made, what it says it was made of (labels, or -1 and -2), by which function.

    `changed`: its value is another at the end.
    """

    value: float | NonNumeric
    inputs: tuple[int, ...] = ()
    function: str = ""
    changed: float | NonNumeric | None = None


class TraceReply(msgspec.Struct, frozen=True):
    """What happened. `variables`: the nodes that were asked for, as far as they were made, then those that turned up.

    `derivatives`: of every variable at the end, None where there is none. `tangents`: in forward mode, of each
    node along each leaf. `nearby`: per leaf the output with this leaf moved up and down by `STEP`. `fault` ended it,
    or, without one, `stopped` says that it was ended for its length. `unloaded`: the module of the student's whose
    loading failed, where `missing` says how.
    """

    missing: Fault | None = None
    absent: bool = False
    unloaded: str = ""
    variables: tuple[Met, ...] = ()
    events: tuple[Event, ...] = ()
    derivatives: tuple[float | NonNumeric | None, ...] = ()
    tangents: tuple[tuple[float | NonNumeric, ...], ...] = ()
    nearby: tuple[tuple[float | NonNumeric, float | NonNumeric], ...] = ()
    fault: Fault | None = None
    stopped: bool = False


def answer(ask: TraceRequest, package: Package) -> TraceReply:
    """Run it, and tell. A name that is missing while a file of theirs did not load is told as that."""
    told = _run(ask, package)
    if package.failures and (told.absent or (told.fault is not None and _is_of_a_name(told.fault))):
        module, why = next(iter(package.failures.items()))
        return TraceReply(missing=why, absent=True, unloaded=module)
    lacking = _lacking(told.fault, ask.how)
    return TraceReply(missing=lacking, absent=True) if lacking else told


def _is_of_a_name(fault: Fault) -> bool:
    """Say whether an exception may be about a name that a file which did not load would have had."""
    return fault.error in ("NameError", "AttributeError", "ImportError") or fault.kind == "missing module"


def _lacking(fault: Fault | None, how: Interface | None) -> Fault | None:
    """Return that a name is missing, where the dialect looked for one of the student's in vain."""
    if fault is None or how is None or fault.error != "NameError" or fault.file:
        return None
    name = next((one for one in how.names if f"'{one}'" in fault.message), "")
    return Fault("not implemented", ABSENT, f"there is no {name} in these files") if name else None


def _run(ask: TraceRequest, package: Package) -> TraceReply:
    try:
        if ask.mode in ("function", "pullback"):
            return _of_function(ask, package)
        assert ask.how is not None
        spoken = Spoken(package, ask.how)
        if ask.sends:
            spoken.prepare()
    except BaseException as error:  # what is taken from the student may raise as soon as it is looked at
        return TraceReply(missing=fault(error, package.files), absent=True)
    try:
        return (_carried_along if ask.mode == "forward" else _sent_back)(ask, spoken, package)
    except BaseException as error:  # of a class that raises as soon as it is looked at
        return TraceReply(fault=fault(error, package.files))


def _sent_back(ask: TraceRequest, spoken: Spoken, package: Package) -> TraceReply:
    watch = Watch(spoken, package)
    back = _way_back(ask, spoken, package)
    ended: dict[str, Any] = {}
    function = package.asked(ask.module, ask.function, "function") if ask.function else None
    if ask.function and function is None:
        return TraceReply(missing=package.missing(ask.module, ask.function), absent=True)
    try:
        with watch.forward():
            for i, node in enumerate(ask.nodes):
                watch.made(i, _make(spoken, node, watch.nodes, function), node)
        watch.settle()
        with watch.backward():
            for label, d in ask.sends:
                watch.sends(label, d)
                back(watch.nodes[label], d)
                watch.poll()
    except TooLong:
        ended["stopped"] = True
    except BaseException as error:
        ended["fault"] = fault(error, package.files)
    watch.settle()
    derivatives = tuple(watch.read(one) for one in watch.variables())
    nearby = (
        () if len(watch.nodes) < len(ask.nodes) else _nearby(ask, lambda nodes: _output(spoken, nodes, ask, function))
    )
    return TraceReply(
        variables=tuple(_met(one, watch) for one in watch.variables()),
        events=tuple(watch.events),
        derivatives=derivatives,
        nearby=nearby,
        **ended,
    )


def _met(one: Any, watch: Watch) -> Met:
    before, now = watch.value_when_made(one), watch.value(one)
    same = now == before or (now != now and before != before)
    return Met(before, *behind(one, watch), changed=None if same else now)


def _way_back(ask: TraceRequest, spoken: Spoken, package: Package) -> Callable[[Any, float], Any]:
    """Return what sends a number back from a variable: the function under test, or what the dialect says."""
    if not ask.entry[1] or ask.how is None or ask.how.dialect not in MACHINES:
        return spoken.backward
    machine = MACHINES[ask.how.dialect](package, "scalar_functions")
    return lambda variable, d: machine.backpropagate(variable, d, ask.entry)


def _make(spoken: Spoken, node: TracedNode, made: Sequence[Any], function: Any = None) -> Any:
    """Make a node; where a function of the student's is named, it makes every node that is no leaf."""
    if function is not None and node.inputs:
        return function(*[made[i] for i in node.inputs])
    if node.op == "leaf":
        return spoken.leaf(node.value)
    if node.op == "number":
        return plainly(node.value)
    return spoken.operation(node.op)(*[made[i] for i in node.inputs])


def _output(spoken: Spoken, nodes: Sequence[TracedNode], ask: TraceRequest, function: Any) -> Any:
    made: list[Any] = []
    for node in nodes:
        made.append(_make(spoken, node, made, function))
    out = made[ask.sends[-1][0] if ask.sends else -1]
    return out if type(out) in BARE else spoken.value(out)


def _nearby(
    ask: TraceRequest, output: Callable[[Sequence[TracedNode]], Any]
) -> tuple[tuple[float | NonNumeric, float | NonNumeric], ...]:
    found = []
    for i, node in enumerate(ask.nodes):
        if node.op == "leaf":
            step = STEP * max(1.0, abs(node.value))
            found.append((_moved(ask, output, i, step), _moved(ask, output, i, -step)))
    return tuple(found)


def _moved(
    ask: TraceRequest, output: Callable[[Sequence[TracedNode]], Any], which: int, by: float
) -> float | NonNumeric:
    nodes = list(ask.nodes)
    nodes[which] = msgspec.structs.replace(nodes[which], value=nodes[which].value + by)
    try:
        return number(output(nodes))
    except BaseException:
        return NonNumeric("exception")


def _carried_along(ask: TraceRequest, spoken: Spoken, package: Package) -> TraceReply:
    """Evaluate each node on its own, along each leaf: dual numbers carry the derivative with the value."""
    assert spoken.forward_mode is not None
    leaves = [i for i, node in enumerate(ask.nodes) if node.op == "leaf"]
    xs = [ask.nodes[i].value for i in leaves]
    met: list[Met] = []
    tangents: list[tuple[float | NonNumeric, ...]] = []
    ended: dict[str, Any] = {}
    try:
        for i, node in enumerate(ask.nodes):
            value: Any = node.value
            along: list[float | NonNumeric] = []
            for k in range(len(leaves)) if node.op != "number" else ():
                dxs = [float(k == j) for j in range(len(leaves))]
                value, tangent = spoken.forward_mode(_up_to(i, ask, spoken), list(xs), dxs)
                along.append(number(tangent))
            met.append(Met(number(value), node.inputs))
            tangents.append(tuple(along))
    except BaseException as error:
        ended["fault"] = fault(error, package.files)

    def output(nodes: Sequence[TracedNode]) -> Any:
        assert spoken.forward_mode is not None
        moved = [nodes[i].value for i in leaves]
        return spoken.forward_mode(_up_to(len(nodes) - 1, ask, spoken), moved, [0.0] * len(moved))[0]

    return TraceReply(
        variables=tuple(met),
        events=tuple(Event("forward", i) for i in range(len(met))),
        derivatives=(None,) * len(met),
        tangents=tuple(tangents),
        nearby=() if ended else _nearby(ask, output),
        **ended,
    )


def _up_to(last: int, ask: TraceRequest, spoken: Spoken) -> Callable[..., Any]:
    """Return the function of the leaves that computes a node."""

    def evaluate(*leaves: Any) -> Any:
        rest, made = list(leaves), list[Any]()
        for node in ask.nodes[: last + 1]:
            made.append(rest.pop(0) if node.op == "leaf" else _make(spoken, node, made))
        return made[last]

    return evaluate


def _of_function(ask: TraceRequest, package: Package) -> TraceReply:
    """Call a function's forward, and its backward with what is sent; or a function that takes d and the arguments."""
    function = package.asked(ask.module, ask.function, "class" if ask.mode == "function" else "function")
    if function is None:
        return TraceReply(missing=package.missing(ask.module, ask.function), absent=True)
    xs = [node.value for node in ask.nodes if node.op == "leaf"]
    leaves = [i for i, node in enumerate(ask.nodes) if node.op == "leaf"]
    met = [Met(node.value) for node in ask.nodes if node.op == "leaf"]
    events = [Event("forward", i) for i in leaves]
    out, ended = len(ask.nodes) - 1, dict[str, Any]()
    try:
        context: Any = package.asked(ask.context_module, "Context", "class") if ask.context_module else None
    except SomethingElse:
        context = None
    made: Any = context or PlainContext
    try:
        with unwrapping(made) if ask.unwrap else contextlib.nullcontext():
            held = made()
            if ask.mode == "function":
                met.append(Met(number(function.forward(held, *xs)), tuple(leaves), ask.function))
                events.append(Event("forward", out))
            else:
                met.append(Met(NOT_ASKED, tuple(leaves), ask.function))
            for _, d in ask.sends:
                events.append(Event("send", out, numbers=(d,)))
                events.append(Event("call", out, ask.function, (d,)))
                came = function.backward(held, d) if ask.mode == "function" else function(d, *xs)
                found = of_those_asked(came, len(xs), ask.skipped)
                told = (found,) if isinstance(found, NonNumeric) else found
                events.append(Event("return", out, ask.function, told))
    except BaseException as error:
        ended["fault"] = fault(error, package.files)

    def output(nodes: Sequence[TracedNode]) -> Any:
        return function.forward(made(), *[one.value for one in nodes if one.op == "leaf"])

    asked = ask.mode == "function" and len(met) == len(ask.nodes)  # a function that takes d has no value
    return TraceReply(
        variables=tuple(met),
        events=tuple(events),
        derivatives=(None,) * len(met),
        nearby=_nearby(ask, output) if asked and not ask.skipped else (),
        **ended,
    )


def complete(ask: TraceRequest, told: TraceReply) -> bool:
    """Say whether every label leads somewhere, and what belongs together is as long."""
    if told.absent:
        return not told.variables
    count = len(told.variables)
    labels = [i for one in told.variables for i in one.inputs] + [one.node for one in told.events]
    labels += [i for one in told.events for i in one.listed]
    leaves = sum(one.op == "leaf" for one in ask.nodes)
    return (
        len(told.derivatives) == count
        and all(NUMBER <= i < count for i in labels)
        and len(told.nearby) in (0, leaves)
        and (not told.tangents or len(told.tangents) == count)
        and len(told.events) <= MOST_EVENTS + len(ask.nodes)
    )


PROBE = Probe("trace", TraceRequest, TraceReply, answer, complete)
