"""Mark, inside our own sentences, the words that came out of a worker.

Whatever a worker says may be chosen by whoever runs there. It stays marked until it is decided how much of it is shown:
by `allowance` in grading; at a desk all of it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from grader.model import Counterexample, Outcome, Picture

OPEN, CLOSE = "\ue000", "\ue001"
"""Two characters of private use, which a worker's words lose."""

MARKED = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}?|{CLOSE}")

Allow = Callable[[str], str]
"""A worker's words -> what is shown in their place."""


def quoted(words: str) -> str:
    """Mark words of a worker's.

    >>> unquoted("it raised " + quoted("KeyError"))
    'it raised KeyError'
    """
    return f"{OPEN}{words.replace(OPEN, '').replace(CLOSE, '')}{CLOSE}" if words else ""


def unquoted(text: str, allow: Allow = str) -> str:
    """Return a text with its marks taken off, and each marked part put through `allow`."""
    if OPEN not in text and CLOSE not in text:
        return text
    return MARKED.sub(lambda found: allow(found[1] or ""), text)


def of_outcome(outcome: Outcome, allow: Allow = str) -> Outcome:
    """Return an outcome with every marked part of its texts put through `allow`."""
    if outcome.verdict == "accepted" and OPEN not in outcome.reason:
        return outcome  # as nearly always
    return msgspec.structs.replace(
        outcome,
        reason=unquoted(outcome.reason, allow),
        said=unquoted(outcome.said, allow),
        place=unquoted(outcome.place, allow),
        callers=tuple(unquoted(one, allow) for one in outcome.callers),
        detail=unquoted(outcome.detail, allow),
        counterexample=None if outcome.counterexample is None else _example(outcome.counterexample, allow),
        second=None if outcome.second is None else _example(outcome.second, allow),
    )


def _example(one: Counterexample, allow: Allow) -> Counterexample:
    picture = one.picture and Picture(
        tuple(
            msgspec.structs.replace(node, returned=unquoted(node.returned, allow), value=unquoted(node.value, allow))
            for node in one.picture.nodes
        ),
        one.picture.done,
        one.picture.read,
        one.picture.asked,
    )
    return msgspec.structs.replace(one, returned=unquoted(one.returned, allow), picture=picture)
