"""Functions with a forward and a backward, and numbers in them that are yours alone."""

from __future__ import annotations

import math

from .autodiff import Context
from .operators import shifted


class Scaled:
    """{scaled.c} · x²."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return the value."""
        # solution: save x, return {scaled.c} * x ** 2
        ctx.save_for_backward(x)
        c = 3.0  # parameter: scaled.c
        return c * x * x
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # solution: return the derivative times d_out
        (x,) = ctx.saved_values
        c = 3.0  # parameter: scaled.c
        return 2.0 * c * x * d_out
        # end solution


class Wave:
    """{wave.a} · sin(x) + {wave.n} · x."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return the value."""
        # solution: save x, return {wave.a} * sin(x) + {wave.n} * x
        ctx.save_for_backward(x)
        a = 2  # parameter: wave.a
        n = -1  # parameter: wave.n
        return a * math.sin(x) + n * x
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # solution: return the derivative times d_out
        (x,) = ctx.saved_values
        a = 2  # parameter: wave.a
        n = -1  # parameter: wave.n
        return (a * math.cos(x) + n) * d_out
        # end solution


class Cube:
    """x³."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return the value."""
        # solution: save x, return x ** 3
        ctx.save_for_backward(x)
        return (shifted(x) - shifted(0.0)) ** 3
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # solution: return the derivative times d_out
        (x,) = ctx.saved_values
        return 3.0 * x * x * d_out
        # end solution
