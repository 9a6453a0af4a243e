"""Suggest the name that was meant, as Python's own traceback does: from Python 3.10 on it is not in the message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

MOST_NAMES, LONGEST = 750, 40
"""Of more names, and of longer ones, nothing is suggested."""


def instead(error: BaseException) -> str:
    """Return `. Did you mean: 'save_for_backward'?` where a name is close to the one that is missing, else nothing.

    >>> try:
    ...     [].apend(1)
    ... except AttributeError as error:
    ...     instead(error)
    ". Did you mean: 'append'?"
    """
    wrong = getattr(error, "name", None)
    if type(wrong) is not str or not 0 < len(wrong) <= LONGEST:
        return ""
    best = closest(wrong, _names(error))
    return f". Did you mean: {best!r}?" if best else ""


def closest(wrong: str, names: Iterable[str]) -> str:
    """Return the name that fewest changes lead to, if they are few for its length; blank where there is none."""
    found, least = "", (len(wrong) + 1) // 3 + 1
    for name in names:
        if name != wrong and abs(len(name) - len(wrong)) < least and name.startswith("_") == wrong.startswith("_"):
            changes = _changes(wrong.casefold(), name.casefold())
            if changes < least:
                found, least = name, changes
    return found


def _names(error: BaseException) -> list[str]:
    if type(error) is AttributeError:
        return dir(error.obj)[:MOST_NAMES]
    if type(error) is not NameError:
        return []
    trace: Any = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return []
    frame = trace.tb_frame
    return [*frame.f_locals, *frame.f_globals, *frame.f_builtins][:MOST_NAMES]


def _changes(one: str, other: str) -> int:
    """Return how many letters have to be put in, taken out or changed."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, wanted in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != wanted))
    return row[-1]
