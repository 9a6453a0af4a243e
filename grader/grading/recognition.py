"""Tell from a submission's text which of the known interfaces it is written in. Nothing of it is run.

Only the dialects that the assignment accepts are chosen among, so that no file can pick an easier assignment. Where a
submission is in another one that is known, that is said, and nothing is taken away for it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence

import msgspec

from grader.assignment import dialects
from grader.assignment.dialects import Dialect
from grader.model import Outcome, Submission

OPEN_CLASSES = ("not attempted", "runtime error", "skipped")
"""What a file in another interface comes to where it is asked what it has not got."""


class Recognised(msgspec.Struct, frozen=True):
    """Which of the accepted dialects a submission is in, by index; or, blank where it is one, the other it is in."""

    index: int
    other: str = ""


def recognised(accepted: Sequence[Dialect], submission: Submission) -> Recognised:
    """Return the accepted dialect whose names are all there, the one with the most; the first where none is.

    A dialect that is not accepted is named only where all its names are there and none of an accepted one.
    """
    sources = {name: source for name, (_, source) in (*submission.modules.items(), *submission.extras.items())}
    counts = [_count(one, sources) for one in accepted]
    whole = [i for i, one in enumerate(accepted) if one.recognised and counts[i] == len(one.recognised)]
    if whole:
        return Recognised(max(whole, key=lambda i: (counts[i], -i)))
    names = {one.name for one in accepted}
    if not any(counts) and any(one.recognised for one in accepted):
        for other in known():
            if other.name not in names and other.recognised and _count(other, sources) == len(other.recognised):
                return Recognised(0, other.name)
    return Recognised(0)


@functools.cache
def known() -> tuple[Dialect, ...]:
    """Return the dialects that come with the grader."""
    return tuple(dialects.built_in(name) for name in dialects.BUILT_IN)


def said(other: str, accepted: Sequence[Dialect]) -> str:
    """Return the one sentence about a submission in an interface that the assignment cannot grade."""
    if all(one.name in dialects.BUILT_IN for one in accepted):
        return f"these files are in the interface {other}, and this assignment grades {_either(accepted)}"
    names = dict.fromkeys(name.rpartition(".")[2] for one in accepted for name in one.recognised or one.names)
    asks = " or ".join(names) if names else "another"
    return f"these files are in the interface {other}, and this assignment asks for {asks}"


def _either(accepted: Sequence[Dialect]) -> str:
    return " or ".join(one.name for one in accepted)


def told(outcomes: Mapping[str, dict[str, Outcome]], sentence: str) -> dict[str, dict[str, Outcome]]:
    """Return outcomes in which everything that nothing came of says the one sentence; what earned anything is kept."""
    instead = Outcome("not attempted", sentence)
    return {
        name: dict.fromkeys(checks, instead) if all(one.verdict in OPEN_CLASSES for one in checks.values()) else checks
        for name, checks in outcomes.items()
    }


def _count(dialect: Dialect, sources: Mapping[str, bytes]) -> int:
    return sum(_is_there(name, sources) for name in dialect.recognised)


def _is_there(name: str, sources: Mapping[str, bytes]) -> bool:
    """Say whether a name is defined: `module.name` in that module, `name` in any, or as a module of its own."""
    module, _, last = name.rpartition(".")
    if not module:
        return last in sources or any(_defines(source, last) for source in sources.values())
    return module in sources and _defines(sources[module], last)


def _defines(source: bytes, name: str) -> bool:
    return name.encode() in source and _definition(name).search(source) is not None


@functools.cache
def _definition(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"^(?:class|def)\s+%s\b|^%s\s*=" % (name.encode(), name.encode()), re.MULTILINE)
