"""Warnings of one kind: one line for each where there are few, else one line with a count and the first three."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from grader.cli.common import say

SHOWN = 3


def verbose(parser: argparse.ArgumentParser) -> None:
    """Let a command be told to say every warning."""
    parser.add_argument(
        "--verbose", action="store_true", help=f"say every warning, also where more than {SHOWN} are alike"
    )


def say_each(kind: str, items: Sequence[str], every: bool = False, where: str = "--verbose lists them all") -> None:
    """Say what is alike on standard error: `every` one on a line of its own, or the first three and how many there are.

    `where` says in the same line how to get at the whole list.
    """
    for line in lines(kind, items, every, where):
        say(line)


def lines(kind: str, items: Sequence[str], every: bool, where: str) -> Sequence[str]:
    """Return what is said of `items`.

    >>> lines("left out", ["u1 has no mark", "u2 has no mark"], False, "")
    ['left out: u1 has no mark', 'left out: u2 has no mark']
    >>> lines("left out", ["u1", "u2", "u3", "u4", "u5"], False, "--verbose lists them all")
    ['left out: 5 in all: u1; u2; u3; and 2 more (--verbose lists them all)']
    """
    if every or len(items) <= SHOWN:
        return [f"{kind}: {item}" for item in items]
    first = "; ".join(items[:SHOWN])
    return [f"{kind}: {len(items)} in all: {first}; and {len(items) - SHOWN} more ({where})"]
