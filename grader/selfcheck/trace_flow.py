"""Follow what is sent back through a graph, event by event, and find the first step that is wrong.

Theory of operation. Something arrives at a variable when a backward returns it, or when a closure adds it to the
variable's derivative. What has arrived and was not passed on yet is kept per variable. A call is right if its `d_out`
is a sum of such arrivals: all of them in a walk by topological order, one of them in a walk along each path. It is
wrong if it is anything else, and it is wrong in hindsight if something is left over that nobody ever passes on. So a
walk is judged by what it does with its own numbers. A call that was given a wrong number, and passes that on, is right.

Some right walks call a backward with 1 only to learn what a variable was computed from, and drop what it returns. So
a run is read in two ways, with such calls and without; the way with fewer wrong steps is the one that is told. And
where what the backwards returned comes to what the leaves have, the walk is right however it went about it
(`trace_sums`): then only what was returned can be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Literal

import msgspec

from grader.sandbox.probes.watching import Event
from grader.selfcheck.trace_arrivals import Arrival, Inbox
from grader.selfcheck.trace_shares import Edge, listed, reaching, same, should_be, shown, total, within

UNUSED = -9
"""Stands for the variable of a call whose result is dropped."""


class Fault(msgspec.Struct, frozen=True):
    """A wrong step: the event's index, and why, in a sentence. `by_absence`: it is what was not seen to happen."""

    at: int
    why: str
    by_absence: bool = False


Reading = Literal["sums", "asking", "functions"]
"""How a run is read: every call passes on what had arrived; calls with 1 only ask; or the walk is right as it is."""


def sends_by_writing(events: Iterable[tuple[int, Event]]) -> bool:
    """Say whether backwards add to derivatives themselves, and return nothing."""
    return not any(one.kind == "return" and one.numbers for _, one in events)


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
        self._arrived: dict[int, Inbox] = {}
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

    def _inbox(self, node: int) -> Inbox:
        return self._arrived.setdefault(node, Inbox())

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

    def _why_not(self, node: int, d: float, inbox: Inbox, earlier: Sequence[tuple[float, int]]) -> str:
        name, left = self._names[node], inbox.left()
        had = sum(one.amount for one in inbox.arrived)
        if earlier and same(d, had):
            gone = shown(sum(one for one, _ in earlier))
            return f"{name} had passed on {gone} before, and passes it on once more"
        if not left:
            return f"nothing had arrived at {name} that was not passed on yet, and {shown(d)} is passed on"
        return f"d_out is {shown(d)} here; what had arrived at {name} is {listed([one.amount for one in left])}"

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
            if slope is not None and not within(number, d, slope):
                self._blame(
                    called, f"for {self._name(edge.inputs[k])} it returned {shown(number)}; {should_be(d, slope)}"
                )
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
        sums = [total(picked) for count in range(1, len(known) + 1) for picked in combinations(known, count)]
        if any(within(amount, d, one, abs(was)) for one in sums):
            return
        if was and any(within(after, d, one) for one in sums):
            should = shown(was + after)
            self._blame(
                at,
                f"{shown(after)} replaces {shown(was)}; it should be added: {shown(was)} + {shown(after)} = {should}",
            )
        else:
            self._blame(at, f"{shown(amount)} is added; {should_be(d, total(known))}")

    def _missing(self, node: int, called: int, d: float, added: dict[int, list[float]]) -> None:
        """Blame a closure that gave an input nothing, where it should have."""
        edge = self._edges[node]
        for one in dict.fromkeys(edge.inputs):
            slopes = [slope for label, slope in zip(edge.inputs, edge.slopes) if label == one]
            if one < 0 or any(slope is None for slope in slopes):
                continue
            whole = total([slope for slope in slopes if slope is not None])
            got = sum(added.get(one, []))
            told = any(fault.at in self._writes_of.get(one, ()) for fault in self.faults)
            if not within(got, d, whole) and (one not in added or len(slopes) > 1) and not told:
                self._blame(called, f"it gave {self._names[one]} {shown(got)}; {should_be(d, whole)}")

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
            why = f"it changes by {shown(after - was)}; what had arrived is {listed(amounts)}"
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

    def _left_at_leaf(self, node: int, left: Sequence[Arrival]) -> None:
        if self._by_writing:
            return  # to arrive is to be written
        name, last = self._names[node], self._written.get(node, -1)
        before = [one for one in left if one.event < last]
        amounts = listed([one.amount for one in left])
        if before:
            self._blame(last, f"{amounts} had arrived at {name} as well, and is never added")
        else:
            self._blame(left[0].event, f"{amounts} for {name} is never added to its derivative")

    def _left_between(self, node: int, left: Sequence[Arrival]) -> None:
        name, calls = self._names[node], self._sent.get(node, [])
        amounts = listed([one.amount for one in left])
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
