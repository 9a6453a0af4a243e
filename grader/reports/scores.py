"""Draw how scores are spread as SVG: a bar a range with its count, and what it says in words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from grader.reports.overview import Bar

WIDTH, HEIGHT, TOP, FOOT, GAP = 600, 190, 20, 40, 6


def svg(bars: Sequence[Bar]) -> str:
    """Return the bars as an inline SVG element, with the same in words for who cannot see it."""
    most = max((bar.count for bar in bars), default=0) or 1
    step = WIDTH / max(len(bars), 1)
    drawn = "".join(_bar(bar, i * step, step, most) for i, bar in enumerate(bars))
    return (
        f'<svg class="scores" role="img" aria-label="{escape(words(bars))}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<line class="axis" x1="0" y1="{HEIGHT - FOOT}" x2="{WIDTH}" y2="{HEIGHT - FOOT}"/>{drawn}'
        f'<text class="tick" x="{WIDTH / 2:g}" y="{HEIGHT - 4}">percent of the points</text></svg>'
    )


def words(bars: Sequence[Bar]) -> str:
    """Say how many scores lie where, leaving out where there are none."""
    said = [f"{bar.count} with {_range(bar.label)}" for bar in bars if bar.count]
    return f"Scores: {', '.join(said) or 'none yet'}."


def _range(label: str) -> str:
    return {"0": "no points", "all": "all points"}.get(label, f"{label.replace('–', ' to ')} %")


def _bar(bar: Bar, left: float, step: float, most: int) -> str:
    tall = (HEIGHT - TOP - FOOT) * bar.count / most
    if bar.count:
        tall = max(tall, 2.0)
    middle, wide, base = left + step / 2, step - GAP, HEIGHT - FOOT
    count = f'<text class="count" x="{middle:g}" y="{base - tall - 6:g}">{bar.count}</text>' if bar.count else ""
    return (
        f'<rect class="bar" x="{left + GAP / 2:g}" y="{base - tall:g}" width="{wide:g}" height="{tall:g}" rx="2"/>'
        f'{count}<text class="tick" x="{middle:g}" y="{base + 16}">{bar.label}</text>'
    )
