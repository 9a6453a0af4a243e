"""Follow what is sent back through a graph, event by event, and find the first step that is wrong.

Theory of operation. Something arrives at a variable when a backward returns it, or when a closure adds it to the
variable's derivative. What has arrived and was not passed on yet is kept per variable. A call is right if its `d_out`
is a sum of such arrivals: all of them in a walk by topological order, one of them in a walk along each path. It is
wrong if it is anything else, and it is wrong in hindsight if something is left over that nobody ever passes on. So a
walk is judged by what it does with its own numbers: whoever passes on what came wrong from elsewhere is not blamed.

Some right walks call a backward with 1 only to learn what a variable was computed from, and drop what it returns. So
a run is read in two ways, with such calls and without; the way with fewer wrong steps is the one that is told. And
where what the backwards returned comes to what the leaves have, the walk is right however it went about it
(`trace_sums`): then only what was returned can be wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Literal

import msgspec

from grader.judging.tolerance import NETWORK
from grader.model import Interval
from grader.sandbox.probes.watching import Event

MOST_SUMS, MOST_WAYS = 10, 200
"""Arrivals whose every sum is tried; of more only each, and all of them. And ways to have passed them on, kept."""

FLAT = (0.0, 0.0)
"""The slope by an input that changes nothing."""

UNUSED = -9
"""Stands for the variable of a call whose result is dropped."""


class Edge(msgspec.Struct, frozen=True):
    """What a variable was computed from, and its exact derivative by each; None where that is not known."""

    inputs: tuple[int, ...]
    slopes: tuple[Interval | None, ...]


class Fault(msgspec.Struct, frozen=True):
    """A wrong step: the event's index, and why, in a sentence. `by_absence`: it is what was not seen to happen."""

    at: int
    why: str
    by_absence: bool = False


class _Arrival(msgspec.Struct, frozen=True):
    """A share of the derivative at a variable: how much, and by which event."""

    amount: float
    event: int


class _Inbox:
    """What arrived at a variable. Which of it was passed on, a number alone may leave open: every way is kept."""

    def __init__(self) -> None:
        self.arrived: list[_Arrival] = []
        self._ways: set[frozenset[int]] = {frozenset()}

    def add(self, amount: float, event: int) -> None:
        """Take in a share."""
        self.arrived.append(_Arrival(amount, event))

    def take(self, total: float) -> bool:
        """Pass on shares that add up to a number; say whether there are such."""
        found = self._taking(total)
        if found:
            self._ways = found
        return bool(found)

    def has(self, total: float) -> bool:
        """Say whether there are shares, not passed on yet, that add up to a number."""
        return bool(self.left()) and bool(self._taking(total))

    def take_all(self) -> None:
        """Pass on whatever is there: what is wrong with it was said."""
        self._ways = {frozenset(range(len(self.arrived)))}

    def left(self) -> list[_Arrival]:
        """Return what was not passed on yet, in the way that leaves the least."""
        ways = [[one for i, one in enumerate(self.arrived) if i not in way] for way in self._ways]
        return min(ways, key=lambda left: sum(not same(one.amount, 0.0) for one in left))

    def _taking(self, total: float) -> set[frozenset[int]]:
        found: set[frozenset[int]] = set()
        for way in self._ways:
            unused = [i for i in range(len(self.arrived)) if i not in way]
            for picked in _choices(unused):
                amounts = [self.arrived[i].amount for i in picked]
                if same(sum(amounts), total, 1e-6 * sum(map(abs, amounts))):
                    found.add(way | frozenset(picked))
                    if len(found) >= MOST_WAYS:
                        return found
        return found


def _choices(unused: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield what may have been passed on at once: all of it first, then less; of many only what walks do."""
    counts = range(len(unused), -1, -1) if len(unused) <= MOST_SUMS else (len(unused), 1, 0)
    for count in counts:
        yield from combinations(unused, count)


def same(a: float, b: float, size: float = 0.0) -> bool:
    """Say whether two numbers are one but for rounding and a guard against zero.

    >>> same(1.0, 1.0 + 1e-9), same(float("inf"), 1.0), same(float("nan"), float("nan"))
    (True, False, False)
    """
    if not (math.isfinite(a) and math.isfinite(b)):
        return a == b
    return abs(a - b) <= NETWORK.allowed(max(abs(a), abs(b), size), 1.0)


def shown(value: float) -> str:
    """Return a number as it reads in a step.

    >>> shown(2.0), shown(1 / 3), shown(float("nan")), shown(float("-inf"))
    ('2', '0.333333', 'nan', '-inf')
    """
    if not math.isfinite(value):
        return repr(value)
    return f"{value:.6g}" if value != int(value) or abs(value) >= 1e15 else str(int(value))


Reading = Literal["sums", "asking", "functions"]
"""How a run is read: every call passes on what had arrived; calls with 1 only ask; or the walk is right as it is."""


def sends_by_writing(events: Iterable[tuple[int, Event]]) -> bool:
    """Say whether backwards add to derivatives themselves, and return nothing."""
    return not any(one.kind == "return" and one.numbers for _, one in events)


def reaching(edges: Sequence[Edge], targets: Iterable[int]) -> set[int]:
    """Return the variables that change with some others, and these: the rest are constants."""
    found = set(targets)
    grew = True
    steep = [{i for i, slope in zip(one.inputs, one.slopes) if slope != FLAT} for one in edges]
    while grew:
        new = {i for i, inputs in enumerate(steep) if i not in found and not found.isdisjoint(inputs)}
        found |= new
        grew = bool(new)
    return found


class Flow:
    """One run's events, looked at one after the other. `faults` are the steps that are wrong.

    `misread`: calls of a backward were taken for questions, and nothing else passes on what had arrived there.
    """

    def __init__(
        self,
        names: Sequence[str],
        edges: Sequence[Edge],
        leaves: Sequence[int],
        resets: bool,
        reading: Reading = "sums",
    ) -> None:
        self._names, self._edges, self._leaves, self._resets = names, edges, frozenset(leaves), resets
        self._reading = reading
        self._varying = reaching(edges, leaves)
        self.faults: list[Fault] = []
        self.misread = False
        self._arrived: dict[int, _Inbox] = {}
        self._sent: dict[int, list[tuple[float, int]]] = {}
        self._calls: list[tuple[int, int, float, dict[int, list[float]]]] = []
        self._asked: set[int] = set()
        self._writes_of: dict[int, list[int]] = {}
        self._written: dict[int, int] = {}
        self._by_writing = False
        self._expected: dict[int, float] = {}

    def follow(self, events: Sequence[tuple[int, Event]], is_whole: bool = True) -> list[Fault]:
        """Return what is wrong, the first step first. Each event has the number of the step that tells it.

        Where events are missing at the end, nothing is wrong for what did not happen.
        """
        self._by_writing = sends_by_writing(events)
        for at, event in events:
            if event.kind == "send":
                self._settle()
                self._begin(at, event)
            elif event.kind == "call":
                self._call(at, event)
            elif event.kind == "return":
                self._returned(event)
            elif event.kind == "write":
                self._write(at, event)
        if is_whole:
            self._settle()
        return sorted(self.faults, key=lambda one: one.at)

    def _begin(self, at: int, event: Event) -> None:
        self._arrived, self._sent, self._calls, self._written = {}, {}, [], {}
        d = event.numbers[0]
        if isinstance(d, float):
            self._arrives(event.node, d, at)

    def _arrives(self, node: int, amount: float, at: int) -> None:
        self._inbox(node).add(amount, at)

    def _inbox(self, node: int) -> _Inbox:
        return self._arrived.setdefault(node, _Inbox())

    def _blame(self, at: int, why: str) -> None:
        self.faults.append(Fault(at, why))

    # -- a backward is called

    def _call(self, at: int, event: Event) -> None:
        node, d = event.node, event.numbers[0] if event.numbers else None
        if not isinstance(d, float):
            self._calls.append((node, at, 0.0, {}))
            return
        self._calls.append((node, at, d, {}))
        if self._reading == "functions":
            return
        earlier = self._sent.setdefault(node, [])
        inbox = self._inbox(node)
        if inbox.take(d):
            pass
        elif self._reading == "asking" and d == 1.0:
            self._calls[-1] = (UNUSED, at, d, {})
            self._asked.add(node)
            return
        else:
            self._blame(at, self._why_not(node, d, inbox, earlier))
            inbox.take_all()
        earlier.append((d, at))

    def _why_not(self, node: int, d: float, inbox: _Inbox, earlier: Sequence[tuple[float, int]]) -> str:
        name, left = self._names[node], inbox.left()
        had = sum(one.amount for one in inbox.arrived)
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
            if after is not None and node in self._leaves:
                self._blame(at, f"the derivative of {self._names[node]} becomes something that is no number")
                self._inbox(node).take_all()
            return
        self._written[node] = at
        if self._by_writing and self._calls:
            self._write_in_call(at, node, was, after)
        elif not self._by_writing and node in self._leaves and self._reading != "functions":
            self._write_of_arrived(at, node, was, after)

    def _write_in_call(self, at: int, node: int, was: float, after: float) -> None:
        """Judge what a closure adds: its own d_out times the derivative by that input."""
        owner, _, d, added = self._calls[-1]
        edge = self._edges[owner]
        slopes = [slope for one, slope in zip(edge.inputs, edge.slopes) if one == node]
        amount = after - was
        self._arrives(node, amount, at)
        self._writes_of.setdefault(node, []).append(at)
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
            told = any(fault.at in self._writes_of.get(one, ()) for fault in self.faults)
            if not _within(got, d, whole) and (one not in added or len(slopes) > 1) and not told:
                self._blame(called, f"it gave {self._names[one]} {shown(got)}; {_right(d, whole)}")

    def _write_of_arrived(self, at: int, node: int, was: float, after: float) -> None:
        """Judge what a leaf's derivative becomes: what has arrived is added, all at once or one after the other."""
        inbox = self._inbox(node)
        base = 0.0 if self._resets and node not in self._expected else was
        self._expected[node] = after
        if inbox.take(after - base) or (self._resets and inbox.take(after)):
            return
        if after == 0.0 and (was != 0.0 or not inbox.left()):  # set back, or to 0, to begin
            return
        amounts = [one.amount for one in inbox.left()]
        if was and inbox.has(after):
            why = f"{shown(after)} replaces {shown(was)}; it should be added to it: {shown(was + after)}"
        elif amounts:
            why = f"it changes by {shown(after - was)}; what had arrived is {_listed(amounts)}"
        else:
            why = f"nothing had arrived that was not added yet, and it changes by {shown(after - was)}"
        self._blame(at, why)
        inbox.take_all()

    # -- at the end, what nobody passed on

    def _settle(self) -> None:
        """Blame, in hindsight, the step at which something was left behind."""
        if self._reading == "functions":
            return
        for node, inbox in self._arrived.items():
            left = [one for one in inbox.left() if not same(one.amount, 0.0)]
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
        if node not in self._varying:
            return  # a constant keeps what it gets
        if not calls:
            self.misread |= node in self._asked
            why = f"{amounts} arrives at {name}, which never passes it on"
            self.faults.append(Fault(left[-1].event, why, by_absence=True))
            return
        d, at = calls[-1]
        if self._reading == "asking":  # which came first, a call that only asks does not say
            self._blame(at, f"{name} passes on {shown(d)}; {amounts} also arrives and is never passed on")
        elif any(one.event > at for one in left):
            self._blame(at, f"{name} passes on {shown(d)} here; {amounts} arrives later and is never passed on")
        else:
            self._blame(at, f"{name} passes on {shown(d)} alone; {amounts} had arrived as well")


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
