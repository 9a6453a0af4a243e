"""What lies in a report folder belongs to one class: what is of another one, or of who left, is not mixed with it."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.reports import stored, whose

LEFT = stored.LEFT

GIVEN = ("feedback/{}.md", "feedback/{}.html", "staff/{}.html", "code/{}.json")
"""What lies beside a result, by the submission's name."""

LOOKED_AT = 5
"""Results that say whose a folder is; those that cannot be read say nothing, and are not counted."""


class Settled(msgspec.Struct, frozen=True):
    """Who had a result before, who of them is no longer handed in, and who came back."""

    before: frozenset[str] = frozenset()
    gone: tuple[str, ...] = ()
    back: tuple[str, ...] = ()


def refuse_another(out: Path, assignment: str, command: str) -> None:
    """Raise UsageError where the results under `out` are another assignment's. Nothing is written.

    `command` is what to run to keep both.
    """
    others = {*itertools.islice(whose.assignments(out), LOOKED_AT)}
    if others and assignment not in others:
        raise UsageError(
            f"{out}: holds results of another assignment, {min(others)!r}; this one is {assignment!r}. "
            f"Nothing was written. Keep them apart: {command}"
        )


def settle(out: Path, ids: Collection[str]) -> Settled:
    """Move the results of who is no longer handed in to `left/`, and those of who is again back. Raises OSError."""
    before = stored.all_names(out)
    there = {*before}
    gone = sorted(there - {*ids})
    back = sorted({*stored.all_names(out / LEFT)} & {*ids} - there)
    for name in gone:
        _move(name, out, out / LEFT)
    for name in back:
        _move(name, out / LEFT, out)
    return Settled(frozenset(before), tuple(gone), tuple(back))


def left(out: Path) -> Sequence[str]:
    """Return whose results were put aside because they are no longer handed in."""
    return stored.all_names(out / LEFT)


def _move(name: str, here: Path, there: Path) -> None:
    """Move all that a student is given, and last the result: until then it is still to be moved."""
    for place in (*(place.format(name) for place in GIVEN), f"results/{name}.json"):
        target = there / place
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            (here / place).replace(target)
        except FileNotFoundError:
            target.unlink(missing_ok=True)  # what lies there is of an earlier result
