"""Tell who sent what, in a run in which no call of a backward is seen: a loop that adds to derivatives itself.

Each change of a derivative is a share of a variable that is computed from it. Whose share it is, its size tells, or
that nobody else is left. Changes of one variable's inputs, one after the other, are its turn.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.building import UNKNOWN
from grader.sandbox.probes.watching import Event
from grader.selfcheck.trace_shares import Edge, same

Numbered = list[tuple[int, Event]]
"""Events, each with the number of the step that tells it."""


class _Turn(msgspec.Struct):
    """A variable's turn: what it had, and which of its inputs have not had their share yet."""

    node: int
    d: float
    left: list[int]
    last: int


def with_calls(edges: Sequence[Edge], output: int, events: Sequence[Event]) -> tuple[Numbered, bool]:
    """Return a run's events with a call and a return around each turn, and whether these are all.

    They end where a share may be anybody's.
    """
    told: Numbered = []
    has: dict[int, float] = {}
    done: set[int] = set()
    turn: _Turn | None = None
    for at, event in enumerate(events):
        if event.kind == "write":
            before, after = _plain(event.numbers[0]), _plain(event.numbers[1])
            if event.node != output and after is not None and not (after == 0.0 and before):
                then = next((one.node for one in events[at + 1 :] if one.kind == "write"), UNKNOWN)
                whose = _whose(edges, event.node, before or 0.0, after, has, done, turn, then)
                if whose is None:
                    return told, False
                if turn is None or whose != turn.node:
                    _end(turn, told)
                    done.add(whose)
                    turn = _Turn(whose, has.get(whose, 0.0), list(edges[whose].inputs), at)
                    told.append((at, Event("call", whose, numbers=(turn.d,))))
                turn.left.remove(event.node)
                turn.last = at
            has[event.node] = after or 0.0
        elif event.kind == "send":
            _end(turn, told)
            turn = None
            done.clear()
        told.append((at, event))
    _end(turn, told)
    return told, bool(done or (output in has and edges[output].inputs))


def _end(turn: _Turn | None, told: Numbered) -> None:
    if turn is not None:
        told.append((turn.last, Event("return", turn.node)))


def _plain(number: float | NonNumeric | None) -> float | None:
    return number if isinstance(number, float) else None


def _whose(
    edges: Sequence[Edge],
    node: int,
    before: float,
    after: float,
    has: dict[int, float],
    done: set[int],
    turn: _Turn | None,
    then: int,
) -> int | None:
    """Return the variable whose share a change is; None where it could be several's, and none fits.

    `then` is what changes next: most likely another input of the same variable.
    """
    current = [turn.node] if turn is not None and node in turn.left else []
    others = [i for i, one in enumerate(edges) if node in one.inputs and i not in done]
    for fits in (after - before, after):
        for user in (*current, *others):
            slopes = [slope for one, slope in zip(edges[user].inputs, edges[user].slopes) if one == node]
            if any(slope is not None and _is_share(fits, has.get(user, 0.0), slope) for slope in slopes):
                return user
    if current:
        return current[0]
    waiting = [i for i in others if has.get(i, 0.0)]
    if len(waiting) > 1:
        waiting = [i for i in waiting if then in edges[i].inputs]
    return waiting[0] if len(waiting) == 1 else None


def _is_share(number: float, d: float, slope: tuple[float, float]) -> bool:
    lo, hi = sorted((d * slope[0], d * slope[1]))
    return d != 0.0 and (lo <= number <= hi or same(number, lo) or same(number, hi))
