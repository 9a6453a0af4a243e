"""Curves over a logarithmic axis, side by side, as one SVG: numbers in, text out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, MARGIN = 250, 180, 34

Curve = tuple[str, Sequence[float], Sequence[float]]
"""A title, where, and the values there."""


def svg(curves: Sequence[Curve]) -> str:
    """Return one panel a curve. Each starts at 0 and is labelled at its points."""
    panels = [_panel(curve, i * (WIDTH + MARGIN)) for i, curve in enumerate(curves)]
    width = len(curves) * (WIDTH + MARGIN) + MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 2 * MARGIN}" '
        'font-family="sans-serif" font-size="11">'
    )
    background = f'<rect width="{width}" height="{HEIGHT + 2 * MARGIN}" fill="white"/>'
    return "\n".join((head, background, *panels, "</svg>")) + "\n"


def _panel(curve: Curve, left: float) -> str:
    title, where, values = curve
    lo, hi = math.log10(min(where)), math.log10(max(where))
    top = max(values) * 1.15 or 1.0
    points = [
        (left + MARGIN + (WIDTH - MARGIN) * ((math.log10(x) - lo) / (hi - lo or 1)), MARGIN + HEIGHT * (1 - y / top))
        for x, y in zip(where, values)
    ]
    base = MARGIN + HEIGHT
    lines = [
        f'<text x="{left + MARGIN:.0f}" y="18" font-weight="bold">{escape(title)}</text>',
        f'<line x1="{left + MARGIN:.0f}" y1="{base}" x2="{left + WIDTH:.0f}" y2="{base}" stroke="#888"/>',
        f'<polyline fill="none" stroke="#1f6feb" stroke-width="2" '
        f'points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>',
    ]
    for (x, y), size, value in zip(points, where, values):
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#1f6feb"/>')
        lines.append(f'<text x="{x:.1f}" y="{y - 7:.1f}" text-anchor="middle">{value:.3g}</text>')
        lines.append(f'<text x="{x:.1f}" y="{base + 15}" text-anchor="middle" fill="#555">{size:,.0f}</text>')
    return "\n".join(lines)
