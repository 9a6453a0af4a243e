"""Words and numbers as people read them, safe wherever they end up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from grader.model import Diagnosis

MARKUP = re.compile(r"[\\`*~\[\]<&]")
ACTIVE = re.compile(rf"{MARKUP.pattern}|(?<=:)/(?=/)|(?<=www)\.", re.IGNORECASE)
"""What Markdown, or a reader of it that links whatever looks like an address, makes more of than text within a line."""

ENTITIES = {"<": "&lt;", "&": "&amp;"}
"""Not every reader of Markdown knows a backslash before these."""


def points(value: Fraction) -> str:
    """Return points without a trailing `.0`.

    >>> points(Fraction(2)), points(Fraction(3, 2)), points(Fraction(1, 3))
    ('2', '1.5', '0.33')
    """
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def verdict(name: str) -> str:
    """Return a verdict as people read it.

    >>> verdict("judge error"), verdict("wrong answer")
    ('grader fault', 'wrong answer')
    """
    return "grader fault" if name == "judge error" else name


def inert(text: str) -> str:
    """Return a student's text with every control and escape character made visible."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def inline(text: str, links: bool = False) -> str:
    """Return a text as Markdown that reads the same: no markup, no HTML, and no link but where staff wrote it."""
    return (MARKUP if links else ACTIVE).sub(lambda found: ENTITIES.get(found[0], f"\\{found[0]}"), inert(text))


def number(value: float | str) -> str:
    """Return a float, or an array that is text already, as a student would type it."""
    return inert(value) if isinstance(value, str) else repr(value + 0.0)


CODE = re.compile(r"\w+[._(\[]\w|\w+_\w|_")


def sentence(text: str) -> str:
    """Return a text with a capital at its start, unless it starts with a name of code.

    >>> sentence("it raised"), sentence("ctx.saved_values is empty"), sentence("x_2 is wrong")
    ('It raised', 'ctx.saved_values is empty', 'x_2 is wrong')
    """
    return text if CODE.match(text) else text[:1].upper() + text[1:]


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, in the singular where it is one.

    >>> counted(1, "exercise"), counted(1200, "exercise")
    ('1 exercise', '1200 exercises')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def a_few(names: Sequence[str], most: int = 3) -> str:
    """Return names in a line: all of a few, else the first so many, and how many more.

    >>> a_few(["a", "b"]), a_few(["a", "b", "c", "d", "e"])
    ('a, b', 'a, b, c and 2 more')
    """
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def named(one: Diagnosis) -> str:
    """Return a mistake by its name, and whose gradient it is made in.

    >>> named(Diagnosis("the sign is flipped", of="y"))
    'for y: the sign is flipped'
    """
    return f"for {one.of}: {one.name}" if one.of else one.name


def briefly(one: Diagnosis) -> str:
    """Return a mistake with its name first, for where the rest may be cut off.

    >>> briefly(Diagnosis("the sign is flipped", of="y"))
    'the sign is flipped (for y)'
    """
    return f"{one.name} (for {one.of})" if one.of else one.name


def shortened(text: str, room: int) -> str:
    """Return what of a text fits, cut between two words, with nothing left that only leads to what was cut.

    >>> shortened("square: d_out was forgotten; log: the sign is flipped", 34)
    'square: d_out was forgotten…'
    """
    if len(text) <= room:
        return text
    kept = text[:room].rsplit(" ", 1)[0] if " " in text[:room] else text[: room - 1]
    items = kept.split("; ")
    if len(items) > 1 and ": " not in items[-1]:
        kept = "; ".join(items[:-1])
    return kept[: room - 1].rstrip(" :;,(") + "…"


def clip(text: str, room: int) -> str:
    """Return what of a text fits."""
    return text if len(text) <= room else text[: room - 1] + "…"
