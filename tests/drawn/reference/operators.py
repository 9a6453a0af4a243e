"""Plain functions of plain numbers."""

from __future__ import annotations


def shifted(x: float) -> float:
    """Return x plus a number of your own."""
    # solution: return x + {shifted.b}
    b = 3.0  # parameter: shifted.b
    return x + b
    # end solution
