"""Draw a student's curve beside the right one as SVG: where they part, and how."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from grader.model import Plot
from grader.reports.text import inert

WIDTH, HEIGHT, MARGIN, LINE = 460, 220, 12, 18
SHARE = 0.1
"""How much of the right curve's height is left free above and below it; what lies further off is cut."""


def svg(plot: Plot, titled: bool = True) -> str:
    """Return the plot as an inline SVG element. All text in it is inert. Not `titled`: `title` is shown beside it."""
    lo, hi = _range(plot)
    across = (plot.at[0], plot.at[-1])
    foot = HEIGHT + LINE * titled + LINE
    said = f'<text x="{MARGIN}" y="{HEIGHT + LINE}">{escape(title(plot))}:</text>' if titled else ""
    return (
        f'<svg role="img" aria-label="{escape(inert(plot.what))}: yours and the right one" viewBox="0 0 {WIDTH} '
        f'{foot + 8}" width="{WIDTH}" height="{foot + 8}">'
        f"{''.join(_axes(across, (lo, hi)))}"
        f"{''.join(_curve(plot.at, plot.expected, across, (lo, hi), 'right'))}"
        f"{''.join(_curve(plot.at, plot.returned, across, (lo, hi), 'yours'))}{said}"
        f'<text class="off" x="{MARGIN}" y="{foot}">yours (dashed)</text>'
        f'<text class="right" x="{MARGIN + 130}" y="{foot}">right</text></svg>'
    )


def title(plot: Plot) -> str:
    """Return what is plotted, and from where to where."""
    return f"{inert(plot.what)}, for {inert(plot.argument)} from {plot.at[0]:g} to {plot.at[-1]:g}"


def unseen(plot: Plot) -> str:
    """Say how much of a student's curve is not in the picture, and why; where the right one is off as well, nothing.

    >>> unseen(Plot("x", "value", (0.0, 1.0, 2.0), (None, 1.0, 2.0), (0.0, 1.0, 2.0)))
    'Yours has no value at 1 of 3 points.'
    """
    lo, hi = _range(plot)
    gaps = sum(one is None for one in plot.returned)
    off = sum(
        one is not None and not lo <= one <= hi and (right is None or lo <= right <= hi)
        for one, right in zip(plot.returned, plot.expected)
    )
    said = [f"has no value at {gaps}"] * bool(gaps) + [f"lies above or below the picture at {off}"] * bool(off)
    return f"Yours {' and '.join(said)} of {len(plot.at)} points." if said else ""


def _range(plot: Plot) -> tuple[float, float]:
    """Return the heights to show: all of the right curve but its steepest tenth, and of the other what is near it."""
    right = sorted(one for one in plot.expected if one is not None)
    if not right:
        return -1.0, 1.0
    cut = len(right) // 20
    middle = right[cut : len(right) - cut] or right
    near = max(abs(middle[0]), abs(middle[-1]), 1e-3)
    theirs = [one for one in plot.returned if one is not None and abs(one) <= 3 * near]
    lo, hi = min([middle[0], 0.0, *theirs]), max([middle[-1], 0.0, *theirs])
    free = SHARE * (hi - lo) or 1.0
    return lo - free, hi + free


def _axes(across: tuple[float, float], heights: tuple[float, float]) -> Iterator[str]:
    left, zero = _place(across[0], 0.0, across, heights)
    right, _ = _place(across[1], 0.0, across, heights)
    yield f'<line class="axis" x1="{left:g}" y1="{zero:g}" x2="{right:g}" y2="{zero:g}"/>'
    yield f'<text class="tick" x="{left:g}" y="{MARGIN:g}">{heights[1]:.3g}</text>'
    yield f'<text class="tick" x="{left:g}" y="{HEIGHT - 2:g}">{heights[0]:.3g}</text>'
    if across[0] < 0 < across[1]:
        middle, top = _place(0.0, heights[1], across, heights)
        yield f'<line class="axis" x1="{middle:g}" y1="{top:g}" x2="{middle:g}" y2="{HEIGHT - MARGIN:g}"/>'


def _curve(
    at: Sequence[float],
    values: Sequence[float | None],
    across: tuple[float, float],
    heights: tuple[float, float],
    kind: str,
) -> Iterator[str]:
    """Yield a line for every stretch that has values within the heights shown."""
    stretch: list[str] = []
    for x, y in [*zip(at, values), (0.0, None)]:
        if y is not None and math.isfinite(y) and heights[0] <= y <= heights[1]:
            px, py = _place(x, y, across, heights)
            stretch.append(f"{px:.1f},{py:.1f}")
            continue
        if len(stretch) > 1:
            yield f'<polyline class="curve {kind}" points="{" ".join(stretch)}"/>'
        stretch = []


def _place(x: float, y: float, across: tuple[float, float], heights: tuple[float, float]) -> tuple[float, float]:
    wide = (x - across[0]) / (across[1] - across[0])
    high = (y - heights[0]) / (heights[1] - heights[0])
    return MARGIN + wide * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - high * (HEIGHT - 2 * MARGIN)
