"""Where a function is right and where it is wrong: a half line, a band or a comparison that splits the rows.

A region is named only for a branch that somebody wrote: on one side the rows are right to the last digits, on the
other they are clearly wrong, and no less so near the border. A formula that merely tends to the right one far
out, as tanh's saturation lets many do, has no border and gets no name.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Callable, Iterator, Sequence

import msgspec

from grader.judging.tolerance import ROWS_RIGHT, ROWS_WRONG

FEWEST_BAD, FEWEST_GOOD = 4, 8
LEAST_BORDER = 0.3
BORDER_SHARE, NEAR_BORDER = 0.1, 3
"""The rows nearest the border are wrong by at least this share of what is typical."""


class Sample(msgspec.Struct, frozen=True):
    """Where a row lies, how far off it is (relative; infinite where no number came), and whether 0 would be wrong.

    A row that is right only because nothing is asked of it is on neither side.
    """

    args: tuple[float, ...]
    d_out: float | None
    error: float
    informative: bool


def regions(spots: Sequence[Sample], arguments: Sequence[str]) -> tuple[str, ...]:
    """Return every condition that holds exactly where the rows are right, such as `x > 0`."""
    if any(ROWS_RIGHT < spot.error < ROWS_WRONG for spot in spots):
        return ()
    spots = [spot for spot in spots if spot.informative or spot.error >= ROWS_WRONG]
    found = []
    for i, name in enumerate(arguments):
        signs = list(_signs(spots, functools.partial(_argument, i), name))
        found += signs or list(_borders(spots, i, name))
    if len(arguments) == 2:
        x, y = arguments
        found += _signs(spots, lambda spot: spot.args[0] - spot.args[1], x, y)
        found += _ties(spots, x, y)
    if all(spot.d_out is not None for spot in spots):
        found += _signs(spots, lambda spot: spot.d_out or 0.0, "d_out")
    return tuple(found)


def _argument(i: int, spot: Sample) -> float:
    return spot.args[i]


def _is_over(of: Callable[[Sample], float], sign: float, spot: Sample) -> bool:
    return sign * of(spot) > 0


def _is_tied(tied: bool, spot: Sample) -> bool:
    return (spot.args[0] == spot.args[1]) == tied


def _signs(spots: Sequence[Sample], of: Callable[[Sample], float], name: str, than: str = "0") -> Iterator[str]:
    """Yield `name > than` or `name < than`; the rows where they are equal may be either."""
    clear = [spot for spot in spots if of(spot) != 0.0]
    for sign, relation in ((1.0, ">"), (-1.0, "<")):
        if _split(clear, functools.partial(_is_over, of, sign)):
            yield f"{name} {relation} {than}"


def _ties(spots: Sequence[Sample], x: str, y: str) -> Iterator[str]:
    for ties, relation in ((True, "="), (False, "≠")):
        if _split(spots, functools.partial(_is_tied, ties)):
            yield f"{x} {relation} {y}"


def _borders(spots: Sequence[Sample], i: int, name: str) -> Iterator[str]:
    """Yield the border that splits the sizes, or else the values, of one argument."""
    places = [spot.args[i] for spot in spots]
    bad = [spot.error >= ROWS_WRONG for spot in spots]
    scales = [(name, places)]
    if min(places, default=0.0) < 0 < max(places, default=0.0):
        scales.insert(0, (f"|{name}|", list(map(abs, places))))
    for said, scale in scales:
        for sign, relation in ((1.0, "above"), (-1.0, "below")):
            wrong = [sign * at for at, off in zip(scale, bad) if off]
            right = [sign * at for at, off in zip(scale, bad) if not off]
            if len(wrong) < FEWEST_BAD or len(right) < FEWEST_GOOD or max(wrong) >= min(right):
                continue
            border = _roundest(*sorted((sign * max(wrong), sign * min(right))))
            if abs(border) >= LEAST_BORDER and _sharp(spots, [abs(at - border) for at in scale]):
                yield f"{said} is {relation} about {border:g}"
                return


def _split(spots: Sequence[Sample], inside: Callable[[Sample], bool]) -> bool:
    """Say whether the right rows are those inside, with enough on either side to be no accident."""
    if any(inside(spot) != (spot.error <= ROWS_RIGHT) for spot in spots):
        return False
    bad = sum(spot.error >= ROWS_WRONG for spot in spots)
    return bad >= FEWEST_BAD and len(spots) - bad >= FEWEST_GOOD


def _sharp(spots: Sequence[Sample], away: Sequence[float]) -> bool:
    """Say whether the wrong rows are as wrong at the border as elsewhere: a tail that fades has no border."""
    nearest = sorted(zip(away, (min(spot.error, 1.0) for spot in spots)))
    errors = [error for _, error in nearest if error >= ROWS_WRONG]
    return min(errors[:NEAR_BORDER]) >= BORDER_SHARE * statistics.median(errors)


def _roundest(low: float, high: float) -> float:
    """Return the number of fewest digits between two, the middle of the range where that leaves a choice."""
    middle = (low + high) / 2
    for digits in range(1, 17):
        size = 10.0 ** (math.floor(math.log10(max(abs(low), abs(high)))) - digits + 1)
        rounded = round(middle / size) * size
        if low <= rounded <= high:
            return float(f"{rounded:.{digits}g}")
    return middle
