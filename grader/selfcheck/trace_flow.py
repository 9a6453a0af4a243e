"""Follow what is sent back through a graph, event by event, and find the first step that is wrong.

Theory of operation. Something arrives at a variable when a backward returns it, or when a closure adds it to the
variable's derivative. What has arrived and was not passed on yet is kept per variable. A call is right if its `d_out`
is a sum of such arrivals: all of them in a walk by topological order, one of them in a walk along each path. It is
wrong if it is anything else, and it is wrong in hindsight if something is left over that nobody ever passes on. So a
walk is judged by what it does with its own numbers: whoever passes on what came wrong from elsewhere is not blamed.

Some right walks call a backward with 1 only to learn what a variable was computed from, and drop what it returns. So
a run is read in two ways, with such calls and without; the way with fewer wrong steps is the one that is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import msgspec

from grader.judging.tolerance import NETWORK
from grader.model import Interval
from grader.sandbox.probes.watching import Event

MOST_SUMS = 10
"""Arrivals whose every sum is tried. Of more only each, and all of them."""

UNUSED = -9
"""Stands for the variable of a call whose result is dropped."""


class Edge(msgspec.Struct, frozen=True):
    """What a variable was computed from, and its exact derivative by each; None where that is not known."""

    inputs: tuple[int, ...]
    slopes: tuple[Interval | None, ...]


class Fault(msgspec.Struct, frozen=True):
    """A wrong step: the event's index, and why, in a sentence."""

    at: int
    why: str


class _Arrival(msgspec.Struct):
    """A share of the derivative at a variable: how much, by which event, and whether it was passed on."""

    amount: float
    event: int
    used: bool = False


def same(a: float, b: float, size: float = 0.0) -> bool:
    """Say whether two numbers are one but for rounding and a guard against zero."""
    return abs(a - b) <= NETWORK.allowed(max(abs(a), abs(b), size), 1.0)


def shown(value: float) -> str:
    """Return a number as it reads in a step."""
    return f"{value:.6g}" if value != int(value) or abs(value) >= 1e15 else str(int(value))


def first_fault(
    names: Sequence[str], edges: Sequence[Edge], leaves: Sequence[int], resets: bool, events: Sequence[Event]
) -> Fault | None:
    """Return the first wrong step of what goes back; None where every step is right."""
    ways = [Flow(names, edges, leaves, resets, probing).follow(events) for probing in (False, True)]
    fewest = min(ways, key=len)
    return fewest[0] if fewest else None


class Flow:
    """One run's events, looked at one after the other. `faults` are the steps that are wrong."""

    def __init__(
        self, names: Sequence[str], edges: Sequence[Edge], leaves: Sequence[int], resets: bool, probing: bool = False
    ) -> None:
        self._names, self._edges, self._leaves, self._resets = names, edges, frozenset(leaves), resets
        self._probing = probing
        self.faults: list[Fault] = []
        self._arrived: dict[int, list[_Arrival]] = {}
        self._sent: dict[int, list[tuple[float, int]]] = {}
        self._calls: list[tuple[int, int, float, dict[int, list[float]]]] = []
        self._written: dict[int, int] = {}
        self._by_writing = False
        self._expected: dict[int, float] = {}

    def follow(self, events: Sequence[Event]) -> list[Fault]:
        """Return what is wrong, the first step first."""
        self._by_writing = not any(one.kind == "return" and one.numbers for one in events)
        for at, event in enumerate(events):
            if event.kind == "send":
                self._settle()
                self._begin(at, event)
            elif event.kind == "call":
                self._call(at, event)
            elif event.kind == "return":
                self._returned(event)
            elif event.kind == "write":
                self._write(at, event)
        self._settle()
        return sorted(self.faults, key=lambda one: one.at)

    def _begin(self, at: int, event: Event) -> None:
        self._arrived, self._sent, self._calls, self._written = {}, {}, [], {}
        d = event.numbers[0]
        if isinstance(d, float):
            self._arrives(event.node, d, at)

    def _arrives(self, node: int, amount: float, at: int) -> None:
        self._arrived.setdefault(node, []).append(_Arrival(amount, at))

    def _blame(self, at: int, why: str) -> None:
        self.faults.append(Fault(at, why))

    # -- a backward is called

    def _call(self, at: int, event: Event) -> None:
        node, d = event.node, event.numbers[0] if event.numbers else None
        if not isinstance(d, float):
            self._calls.append((node, at, 0.0, {}))
            return
        self._calls.append((node, at, d, {}))
        earlier = self._sent.setdefault(node, [])
        arrived = self._arrived.get(node, [])
        left = [one for one in arrived if not one.used]
        used = _summing(left, d)
        if used is not None:
            for one in used:
                one.used = True
        elif self._probing and d == 1.0:
            self._calls[-1] = (UNUSED, at, d, {})
            return
        else:
            self._blame(at, self._why_not(node, d, left, earlier))
            for one in left:  # told once
                one.used = True
        earlier.append((d, at))

    def _why_not(self, node: int, d: float, left: Sequence[_Arrival], earlier: Sequence[tuple[float, int]]) -> str:
        name = self._names[node]
        had = sum(one.amount for one in self._arrived.get(node, []))
        if earlier and same(d, had):
            gone = shown(sum(one for one, _ in earlier))
            return f"{name} had passed on {gone} before, and passes it on once more"
        if not left:
            return f"nothing had arrived at {name} that was not passed on yet, and {shown(d)} is passed on"
        return f"d_out is {shown(d)} here; what had arrived at {name} is {_listed([one.amount for one in left])}"

    def _returned(self, event: Event) -> None:
        if not self._calls:
            return
        node, called, d, added = self._calls.pop()
        if node == UNUSED:
            return
        edge = self._edges[node]
        if self._by_writing:
            self._missing(node, called, d, added)
            return
        numbers = event.numbers
        if len(numbers) == 1 and len(edge.inputs) > 1 and numbers[0] == 0.0:
            numbers = (0.0,) * len(edge.inputs)
        if len(numbers) == 1 < len(edge.inputs) and not isinstance(numbers[0], float):
            self._blame(called, f"it returned one thing, and {len(edge.inputs)} inputs take a derivative each")
            return
        for k, number in enumerate(numbers):
            if k >= len(edge.inputs):
                break
            slope = edge.slopes[k]
            if edge.inputs[k] < 0 and not isinstance(number, float):
                continue
            if not isinstance(number, float):
                if edge.inputs[k] in self._leaves or edge.inputs[k] >= 0:
                    self._blame(called, f"what it returned for {self._name(edge.inputs[k])} is no number")
                continue
            if slope is not None and not _within(number, d, slope):
                self._blame(called, f"for {self._name(edge.inputs[k])} it returned {shown(number)}; {_right(d, slope)}")
            if edge.inputs[k] >= 0:
                self._arrives(edge.inputs[k], number, called)
        if len(numbers) != len(edge.inputs) and any(one >= 0 for one in edge.inputs):
            count = len(edge.inputs)
            self._blame(called, f"it returned {len(numbers) or 'nothing'}, and there are {count} inputs")

    def _name(self, node: int) -> str:
        return self._names[node] if node >= 0 else "the number"

    # -- a derivative is written

    def _write(self, at: int, event: Event) -> None:
        node = event.node
        before, after = event.numbers
        was = before if isinstance(before, float) else 0.0
        if not isinstance(after, float):
            return
        self._written[node] = at
        if self._by_writing and self._calls:
            self._write_in_call(at, node, was, after)
        elif not self._by_writing and node in self._leaves:
            self._write_of_arrived(at, node, was, after)

    def _write_in_call(self, at: int, node: int, was: float, after: float) -> None:
        """Judge what a closure adds: its own d_out times the derivative by that input."""
        owner, _, d, added = self._calls[-1]
        edge = self._edges[owner]
        slopes = [slope for one, slope in zip(edge.inputs, edge.slopes) if one == node]
        amount = after - was
        self._arrives(node, amount, at)
        if not slopes or any(one is None for one in slopes):
            return
        known = [one for one in slopes if one is not None]
        given = added.setdefault(node, [])
        given.append(amount)
        sums = [_sum(picked) for count in range(1, len(known) + 1) for picked in combinations(known, count)]
        if any(_within(amount, d, one, abs(was)) for one in sums):
            return
        if was and any(_within(after, d, one) for one in sums):
            should = shown(was + after)
            self._blame(
                at,
                f"{shown(after)} replaces {shown(was)}; it should be added: {shown(was)} + {shown(after)} = {should}",
            )
        else:
            self._blame(at, f"{shown(amount)} is added; {_right(d, _sum(known))}")

    def _missing(self, node: int, called: int, d: float, added: dict[int, list[float]]) -> None:
        """Blame a closure that gave an input nothing, where it should have."""
        edge = self._edges[node]
        for one in dict.fromkeys(edge.inputs):
            slopes = [slope for label, slope in zip(edge.inputs, edge.slopes) if label == one]
            if one < 0 or any(slope is None for slope in slopes):
                continue
            whole = _sum([slope for slope in slopes if slope is not None])
            got = sum(added.get(one, []))
            if not _within(got, d, whole) and (one not in added or len(slopes) > 1):
                self._blame(called, f"it gave {self._names[one]} {shown(got)}; {_right(d, whole)}")

    def _write_of_arrived(self, at: int, node: int, was: float, after: float) -> None:
        """Judge what a leaf's derivative becomes: what has arrived is added, all at once or one after the other."""
        left = [one for one in self._arrived.get(node, []) if not one.used]
        base = 0.0 if self._resets and node not in self._expected else was
        self._expected[node] = after
        if after == 0.0 and was != 0.0:  # set back, to begin anew
            return
        used = _summing(left, after - base) if left else None
        if used is None and self._resets:
            used = _summing(left, after)
        if used is not None:
            for one in used:
                one.used = True
            return
        replaced = _summing(left, after) if left and was else None
        if replaced is not None:
            why = f"{shown(after)} replaces {shown(was)}; it should be added to it: {shown(was + after)}"
        elif left:
            why = f"it changes by {shown(after - was)}; what had arrived is {_listed([one.amount for one in left])}"
        else:
            why = f"nothing had arrived that was not added yet, and it changes by {shown(after - was)}"
        self._blame(at, why)
        for one in left:
            one.used = True

    # -- at the end, what nobody passed on

    def _settle(self) -> None:
        """Blame, in hindsight, the step at which something was left behind."""
        for node, arrived in self._arrived.items():
            left = [one for one in arrived if not one.used and not same(one.amount, 0.0)]
            if not left:
                continue
            if node in self._leaves:
                self._left_at_leaf(node, left)
            else:
                self._left_between(node, left)
        self._expected.clear()

    def _left_at_leaf(self, node: int, left: Sequence[_Arrival]) -> None:
        if self._by_writing:
            return  # to arrive is to be written
        name, last = self._names[node], self._written.get(node, -1)
        before = [one for one in left if one.event < last]
        amounts = _listed([one.amount for one in left])
        if before:
            self._blame(last, f"{amounts} had arrived at {name} as well, and is never added")
        else:
            self._blame(left[0].event, f"{amounts} for {name} is never added to its derivative")

    def _left_between(self, node: int, left: Sequence[_Arrival]) -> None:
        name, calls = self._names[node], self._sent.get(node, [])
        amounts = _listed([one.amount for one in left])
        if not any(one >= 0 for one in self._edges[node].inputs):
            return  # a constant keeps what it gets
        if not calls:
            self._blame(left[-1].event, f"{amounts} arrives at {name}, which never passes it on")
            return
        d, at = calls[-1]
        if self._probing:  # which came first, a call that only asks does not say
            self._blame(at, f"{name} passes on {shown(d)}; {amounts} also arrives and is never passed on")
        elif any(one.event > at for one in left):
            self._blame(at, f"{name} passes on {shown(d)} here; {amounts} arrives later and is never passed on")
        else:
            self._blame(at, f"{name} passes on {shown(d)} alone; {amounts} had arrived as well")


def _summing(arrivals: Sequence[_Arrival], total: float) -> list[_Arrival] | None:
    """Return arrivals that add up to a number, as many as can be; none for zero; None where no sum is that."""
    size = sum(abs(one.amount) for one in arrivals)
    if same(total, 0.0) and not any(same(one.amount, 0.0) for one in arrivals):
        return [] if not same(sum(one.amount for one in arrivals), 0.0) else list(arrivals)
    if arrivals and same(sum(one.amount for one in arrivals), total, size * 1e-6):
        return list(arrivals)
    counts = range(len(arrivals) - 1, 0, -1) if len(arrivals) <= MOST_SUMS else (1,)
    for count in counts:
        for picked in combinations(arrivals, count):
            if same(sum(one.amount for one in picked), total):
                return list(picked)
    return None


def _within(number: float, d: float, slope: Interval, size: float = 0.0) -> bool:
    lo, hi = sorted((d * slope[0], d * slope[1]))
    return lo <= number <= hi or same(number, lo, size * 1e-6) or same(number, hi, size * 1e-6)


def _sum(slopes: Sequence[Interval]) -> Interval:
    return sum(one[0] for one in slopes), sum(one[1] for one in slopes)


def _right(d: float, slope: Interval) -> str:
    """Say what a share should be: the derivative times what came."""
    lo, hi = sorted((d * slope[0], d * slope[1]))
    if lo == hi:
        return f"{shown(slope[0])} × {shown(d)} = {shown(lo)} is right"
    return f"anything from {shown(lo)} to {shown(hi)} is right"


def _listed(amounts: Sequence[float]) -> str:
    texts = [shown(one) for one in amounts]
    return " + ".join(texts) + (f" = {shown(sum(amounts))}" if len(texts) > 1 else "")
