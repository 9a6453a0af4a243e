"""Make a trace of what happened in a run: the steps in words and numbers, the first wrong one marked."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.exercise_kinds import blame
from grader.exercise_kinds.quoting import unquoted
from grader.judging.tolerance import CANCELLED
from grader.model import Interval, Outcome, Trace, TraceEnd, TraceNode, TraceStep
from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.expression import NOT_ASKED
from grader.sandbox.probes.trace import STEP, Met, TraceReply
from grader.sandbox.probes.watching import Event
from grader.selfcheck.trace_edges import cut_off, edges_of, reads
from grader.selfcheck.trace_fault import first_fault
from grader.selfcheck.trace_flow import Fault as Wrong
from grader.selfcheck.trace_plan import Plan, reaching_back, sizes
from grader.selfcheck.trace_shares import Edge, same, shown

TOO_LONG = "this went on for too long, and was ended here: does a loop never end, or a walk take every path?"
BACK = "backpropagation"
AS_FAR = "this is as far as it goes"


class Sent(msgspec.Struct, frozen=True):
    """What was asked of a run besides its nodes: what was sent, how often, and whether each send begins anew."""

    d: float
    times: int = 1
    resets: bool = False


def judged(plan: Plan, reply: TraceReply, sent: Sent) -> Trace:
    """Return a run's trace. What did not come about is missing from it, and said."""
    met = reply.variables
    edges = edges_of(plan, met)
    reply = _of_computed(reply, edges)
    names = [_name(plan, met, i) for i in range(len(met))]
    whole = len(met) >= len(plan.nodes)
    wrong = _wrong(plan, reply, edges, names, sent) if whole else None
    shown_ones = _shown(plan, met)
    if wrong is not None and (which := reply.events[wrong.at].node) not in shown_ones and which >= 0:
        shown_ones.append(which)  # a number that became a variable
    steps = _steps(reply, edges, wrong, shown_ones)
    ended = _ended(plan, reply, wrong is None)
    notes = (*_changed(met, names), *(() if reply.fault or reply.stopped else _notes(reply)))
    place = {i: k for k, i in enumerate(shown_ones)}
    trace = Trace(
        title=plan.title,
        nodes=tuple(_node(plan, met, edges, names, i, sent) for i in shown_ones),
        output=plan.output if len(met) > plan.output else -1,
        sent=shown(sent.d),
        steps=(*steps, *ended),
        ends=_ends(plan, reply, sent) if whole and not (reply.fault or reply.stopped) else (),
        notes=notes,
    )
    return _renumbered(trace, place)


def _of_computed(reply: TraceReply, edges: Sequence[Edge]) -> TraceReply:
    """Return what happened without calls for leaves: an operation that stands for one has nothing to send on."""
    kept = [one for one in reply.events if one.kind not in ("call", "return") or edges[one.node].inputs]
    return msgspec.structs.replace(reply, events=tuple(kept))


# -- which variables


def _shown(plan: Plan, met: Sequence[Met]) -> list[int]:
    """Return the variables worth a place: the expression's own, but bare numbers, and those computed in between."""
    used = {i for one in met for i in one.inputs}
    own = [i for i in range(min(len(plan.nodes), len(met))) if plan.nodes[i].op != "number"]
    between = [i for i in range(len(plan.nodes), len(met)) if met[i].inputs and i in used]
    return [*own, *between]


def _name(plan: Plan, met: Sequence[Met], i: int) -> str:
    if i < len(plan.nodes):
        return plan.nodes[i].name
    one = met[i]
    if not one.inputs:
        return _number(one.value)
    given = [_in_brackets(_name(plan, met, j)) if 0 <= j < i else "…" for j in one.inputs]
    if one.function:
        return f"{one.function}({', '.join(given)})"
    return reads(one, met, given) or f"a step between, of {', '.join(given)}"


def _in_brackets(name: str) -> str:
    return name if name.isidentifier() or name.endswith(")") or name.lstrip("-").isdigit() else f"({name})"


def _node(plan: Plan, met: Sequence[Met], edges: Sequence[Edge], names: Sequence[str], i: int, sent: Sent) -> TraceNode:
    value = met[i].value
    if i >= len(plan.nodes):
        return TraceNode(names[i], "", tuple(edges[i].inputs), _number(value), extra=True)
    node, exact = plan.nodes[i], plan.values[i]
    if value == NOT_ASKED:
        return TraceNode(node.name, node.formula, tuple(edges[i].inputs), "", "", _interval(plan.totals[i], sent.d))
    right = isinstance(value, float) and same(value, exact)
    formula = node.formula if node.inputs else ""
    return TraceNode(
        node.name,
        formula,
        tuple(edges[i].inputs),
        _number(value),
        "" if right else shown(exact),
        _interval(plan.totals[i], sent.d),
    )


# -- what happened


def _wrong(plan: Plan, reply: TraceReply, edges: Sequence[Edge], names: Sequence[str], sent: Sent) -> Wrong | None:
    """Return the first wrong step, by the event it is: a wrong value, or what goes back."""
    met = reply.variables
    for at, event in enumerate(reply.events):
        if event.kind == "forward" and 0 <= event.node < len(plan.nodes):
            value, exact = met[event.node].value, plan.values[event.node]
            given = all(_right_value(plan, met, i) for i in edges[event.node].inputs)
            if not (isinstance(value, float) and same(value, exact)) and given:
                return Wrong(at, f"{names[event.node]} is {_number(value)}, and {shown(exact)} is right")
    if reply.tangents:
        return _wrong_along(plan, reply, edges, names)
    if reply.stopped or reply.fault is not None or all(one.right for one in _ends(plan, reply, sent)):
        return None  # what comes out right is right, whatever the walk
    cut = cut_off(plan, met)
    if cut is not None:
        node, lost = cut
        at = next(at for at, event in enumerate(reply.events) if event.kind == "forward" and event.node == node)
        return Wrong(at, f"{names[node]} was computed from {names[lost]}, and keeps no way back to it")
    return first_fault(names, edges, plan.leaves, plan.output, sent.resets, reply.events)


def _wrong_along(plan: Plan, reply: TraceReply, edges: Sequence[Edge], names: Sequence[str]) -> Wrong | None:
    """Return the first node whose derivative along a leaf is wrong, though those of what it is made of are right."""
    off = [[not _is_in(one, exact) for one, exact in zip(got, plan.along[i])] for i, got in enumerate(reply.tangents)]
    for at, event in enumerate(reply.events):
        i = event.node
        if any(off[i]) and not any(any(off[j]) for j in edges[i].inputs if j >= 0):
            k = off[i].index(True)
            lo, hi = plan.along[i][k]
            return Wrong(
                at,
                f"the derivative of {names[i]} by {names[plan.leaves[k]]} is {_number(reply.tangents[i][k])}; "
                f"{_interval((lo, hi), 1.0)} is right",
            )
    return None


def _is_in(got: float | NonNumeric | None, exact: Interval, size: float = 0.0) -> bool:
    lo, hi = exact
    return isinstance(got, float) and (lo <= got <= hi or same(got, lo, size) or same(got, hi, size))


def _right_value(plan: Plan, met: Sequence[Met], i: int) -> bool:
    if not 0 <= i < len(plan.nodes):
        return True
    value = met[i].value
    return isinstance(value, float) and same(value, plan.values[i])


def _steps(reply: TraceReply, edges: Sequence[Edge], wrong: Wrong | None, shown_ones: Sequence[int]) -> list[TraceStep]:
    returns = _returns(reply.events)
    steps = []
    for at, event in enumerate(reply.events):
        why = wrong.why if wrong is not None and wrong.at == at else ""
        if event.kind == "return" or (event.kind == "forward" and event.node not in shown_ones):
            continue
        if event.kind == "write" and event.node not in shown_ones:
            continue
        steps.append(_step(reply, event, edges, returns.get(at), why))
    return steps


def _returns(events: Sequence[Event]) -> dict[int, Event]:
    """Return what each call returned: call's index -> the event."""
    found, open_calls = {}, []
    for at, event in enumerate(events):
        if event.kind == "call":
            open_calls.append(at)
        elif event.kind == "return" and open_calls:
            found[open_calls.pop()] = event
    return found


def _step(reply: TraceReply, event: Event, edges: Sequence[Edge], returned: Event | None, why: str) -> TraceStep:
    place = f"{event.file}:{event.line}" if event.file else ""
    if event.kind == "forward":
        tangents = reply.tangents[event.node] if reply.tangents else ()
        leaves = [i for i, one in enumerate(reply.variables) if not one.inputs and reply.tangents and reply.tangents[i]]
        along = tuple((leaf, _number(one)) for leaf, one in zip(leaves, tangents))
        return TraceStep("forward", event.node, returned=along if reply.variables[event.node].inputs else (), wrong=why)
    if event.kind == "order":
        return TraceStep("order", listed=event.listed, wrong=why)
    numbers = [_number(one) for one in event.numbers]
    if event.kind == "write":
        return TraceStep("write", event.node, before=numbers[0], after=numbers[1], place=place, wrong=why)
    if event.kind == "send":
        return TraceStep("send", event.node, d_out=numbers[0], wrong=why)
    inputs = edges[event.node].inputs
    came = returned.numbers if returned is not None else ()
    one_each = len(came) == len(inputs)
    given = tuple((inputs[k] if one_each else -1, _number(one)) for k, one in enumerate(came))
    return TraceStep("call", event.node, event.function, ", ".join(numbers), given, place=place, wrong=why)


def _ended(plan: Plan, reply: TraceReply, unmarked: bool) -> tuple[TraceStep, ...]:
    if reply.stopped:
        return (TraceStep("stopped", said=TOO_LONG, wrong=TOO_LONG if unmarked else ""),)
    if reply.fault is None:
        return ()
    outcome = blame.of_fault(reply.fault, _doing(plan, reply))
    said = _told(outcome)
    if outcome.verdict == "not attempted":
        said = f"{said}: {AS_FAR}"
    marked = unmarked and outcome.verdict != "not attempted"
    return (TraceStep("raised", said=said, place=unquoted(outcome.place), wrong=said if marked else ""),)


def _doing(plan: Plan, reply: TraceReply) -> str:
    """Return what was being done when something was raised: the function whose turn it was, where one is known."""
    if len(reply.variables) < len(plan.nodes):
        is_one_function = len(plan.nodes) == len(plan.leaves) + 1 and plan.nodes[-1].formula == plan.nodes[-1].name
        return f"{plan.nodes[-1].op}.forward" if is_one_function else "computing this"
    last = next((one for one in reversed(reply.events) if one.kind != "write"), None)
    return f"{last.function}.backward" if last is not None and last.kind == "call" and last.function else BACK


def _told(outcome: Outcome) -> str:
    return ": ".join(unquoted(one) for one in (outcome.reason, outcome.said) if one)


def _changed(met: Sequence[Met], names: Sequence[str]) -> list[str]:
    """Say which values are others at the end than they were: what is computed of them later is, too."""
    return [
        f"The value of {name} was {_number(one.value)} when it was made, and is {_number(one.changed)} at the end: "
        "your code changed it."
        for one, name in zip(met, names)
        if one.changed is not None
    ]


def _notes(reply: TraceReply) -> tuple[str, ...]:
    kinds = {one.kind for one in reply.events}
    if reply.tangents:
        return ("Forward mode: nothing is sent back. Each value carries its derivative along each argument.",)
    if "send" in kinds and not kinds & {"call", "write"}:
        return ("Nothing was called and nothing was written: no derivative arrived anywhere.",)
    if "write" in kinds and "call" not in kinds:
        return ("No call of a backward was recognised, so only what was written is shown.",)
    return ()


# -- how it ends


def _ends(plan: Plan, reply: TraceReply, sent: Sent) -> tuple[TraceEnd, ...]:
    found = []
    behind, size = reaching_back(plan), sizes(plan)
    for k, leaf in enumerate(plan.leaves):
        lo, hi = _sent_total(plan.totals[leaf], sent)
        got = _final(plan, reply, k, leaf)
        rounding = size[leaf] * abs(_times(sent)) * CANCELLED
        right = _is_in(got, (lo, hi), rounding) or (got is None and leaf not in behind)
        difference = _difference(plan, reply, k, leaf, sent)
        found.append(TraceEnd(leaf, _number(got), _interval(plan.totals[leaf], _times(sent)), difference, right))
    return tuple(found)


def _final(plan: Plan, reply: TraceReply, k: int, leaf: int) -> float | NonNumeric | None:
    """Return what is at a leaf at the end: its derivative, what a function returned for it, or what came along it."""
    if reply.tangents:
        return reply.tangents[plan.output][k]
    if any(one.kind == "write" for one in reply.events) or reply.derivatives[leaf] is not None:
        return reply.derivatives[leaf]
    returned = [one for one in reply.events if one.kind == "return"]
    alone = len(plan.nodes) == len(plan.leaves) + 1 and len(returned) == 1
    return returned[0].numbers[k] if alone and len(returned[0].numbers) == len(plan.leaves) else None


def _times(sent: Sent) -> float:
    return sent.d if sent.resets else sent.d * sent.times


def _sent_total(total: Interval, sent: Sent) -> Interval:
    lo, hi = sorted((total[0] * _times(sent), total[1] * _times(sent)))
    return lo, hi


def _difference(plan: Plan, reply: TraceReply, k: int, leaf: int, sent: Sent) -> str:
    if len(reply.nearby) <= k:
        return ""
    above, below = reply.nearby[k]
    if not (isinstance(above, float) and isinstance(below, float)):
        return ""
    step = STEP * max(1.0, abs(plan.values[leaf]))
    return shown((above - below) / (2 * step) * _times(sent))


def _interval(total: Interval, d: float) -> str:
    lo, hi = sorted((total[0] * d, total[1] * d))
    return shown(lo) if lo == hi else f"{shown(lo)} to {shown(hi)}"


def _number(value: float | NonNumeric | None) -> str:
    if value is None:
        return "None"
    return shown(value) if isinstance(value, float) else unquoted(blame.of_odd(value))


def _renumbered(trace: Trace, place: dict[int, int]) -> Trace:
    """Return a trace whose labels are places in `nodes`; what has none there is -1."""

    def at(i: int) -> int:
        return place.get(i, -1)

    replace = msgspec.structs.replace
    return replace(
        trace,
        nodes=tuple(replace(one, inputs=tuple(at(i) for i in one.inputs if at(i) >= 0)) for one in trace.nodes),
        output=at(trace.output),
        steps=tuple(
            replace(
                one,
                node=at(one.node),
                returned=tuple((at(i), text) for i, text in one.returned),
                listed=tuple(map(at, one.listed)),
            )
            for one in trace.steps
        ),
        ends=tuple(replace(one, node=at(one.node)) for one in trace.ends),
    )
