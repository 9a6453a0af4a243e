"""How inputs and answers read in feedback, and which of several a person would rather work out by hand."""

from __future__ import annotations

from collections.abc import Sequence

from grader.exercise_kinds import blame
from grader.sandbox.boundary.protocol import Fault, NonNumeric


def plain(value: float) -> str:
    """Return a float as a student would type it."""
    return repr(value + 0.0)  # no negative zero: it only puzzles


FEWEST_DIGITS, MOST_DIGITS = 6, 10
"""What came back is told with as many digits as tell it from what was expected: a worker may choose them."""


def shown(value: float | NonNumeric | Fault | None, beside: float | None = None) -> str:
    """Return what came back as text; a number with no more digits than tell it from the one `beside` it.

    >>> shown(7.389078266098947, beside=7.38905609893065), shown(0.1 + 0.2)
    ('7.38908', '0.3')
    """
    if isinstance(value, float):
        return _digits(value, beside)
    return blame.of_odd(value) if isinstance(value, NonNumeric) else "nothing"


def _digits(value: float, beside: float | None) -> str:
    for count in range(FEWEST_DIGITS, MOST_DIGITS):
        if beside is None or f"{value:.{count}g}" != f"{beside:.{count}g}":
            return plain(float(f"{value:.{count}g}"))
    return plain(float(f"{value:.{MOST_DIGITS}g}"))


SAME = 0.3
"""What it costs that two arguments are equal: neither shows which of them was used."""


def effort(args: Sequence[float], d_out: float = 1.0) -> float:
    """Return how hard an input is to work with by hand, and how little it shows."""
    same = SAME * (len(args) - len(set(args)))
    return sum(map(_awkward, args)) + same + (abs(d_out) / 10 if d_out == 1.0 else _awkward(d_out))


def tidy(number: float) -> float:
    """Return a number to three digits."""
    return float(f"{number:.3g}")


def _awkward(number: float) -> float:
    """Small whole numbers first, then short decimals; zero and one show little."""
    if number == 0:
        return 1.5
    sign = 0.5 if number < 0 else 0.0
    if number == int(number) and abs(number) <= 10:
        return abs(number) / 10 + sign + (0.25 if abs(number) == 1 else 0.0)
    if abs(number) in (0.5, 0.25, 0.1, 1.5):
        return 1.0 + sign
    text = repr(abs(number))
    return 2.0 + len(text.replace(".", "").strip("0")) + len(text) / 10 + sign
