"""Words and numbers as people read them, safe wherever they end up."""

from __future__ import annotations

from fractions import Fraction


def points(value: Fraction) -> str:
    """Return points without a trailing `.0`: 2, 1.5, 0.33."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def inert(text: str) -> str:
    """Return a student's text with every control and escape character made visible."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def number(value: float) -> str:
    """Return a float as a student would type it."""
    return repr(value + 0.0)


def clip(text: str, room: int) -> str:
    """Return what of a text fits."""
    return text if len(text) <= room else text[: room - 1] + "…"
