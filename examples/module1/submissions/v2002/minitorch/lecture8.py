"""The lecture's own functions: boxes with a forward and a backward.

`forward` computes a value from plain numbers. `backward` gets `d_out`, the derivative of everything
after the box, and returns the box's own derivative times `d_out`, one for each argument.
"""

from __future__ import annotations

import math
from typing import Any

from .autodiff import Context
from .scalar_functions import ScalarFunction


class TimesFive(ScalarFunction):
    """5 · x."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return five times x."""
        return 5.0 * x

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        return 5.0 * d_out


class Mul(ScalarFunction):
    """x · y."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return the product."""
        ctx.save_for_backward(x, y)
        return x * y

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return the derivatives by x and by y, each times d_out."""
        x, y = ctx.saved_values
        return y * d_out, x * d_out


class AddTimes2(ScalarFunction):
    """x + 2 · y."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return x plus twice y."""
        return x + 2.0 * y

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return the derivatives by x and by y, each times d_out."""
        return d_out, 2.0 * d_out


class Square(ScalarFunction):
    """x²."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return x times x."""
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative 2x times d_out."""
        (x,) = ctx.saved_values
        return float(2.0 * x * d_out)


class Log(ScalarFunction):
    """log(x)."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return the natural logarithm."""
        ctx.save_for_backward(x)
        return math.log(x)

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative 1/x times d_out."""
        (x,) = ctx.saved_values
        return float(d_out / x)


class Exp(ScalarFunction):
    """exp(x)."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return e to the x."""
        ctx.save_for_backward(x)
        return math.exp(x)

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative exp(x) times d_out."""
        (x,) = ctx.saved_values
        return math.exp(x) * d_out


class SquareOfTimesFive(ScalarFunction):
    """f(g(x)) with g(x) = 5x and f(y) = y²: the chain rule through one argument, in one box."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return the square of five times x."""
        y = 5.0 * x
        ctx.save_for_backward(y)
        return y * y

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return g'(x) · f'(g(x)) · d_out."""
        (y,) = ctx.saved_values
        return 5.0 * float(2.0 * y * d_out)


class SquareOfAddTimes2(ScalarFunction):
    """f(g(x, y)) with g(x, y) = x + 2y and f(z) = z²: the chain rule through two arguments, in one box."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return the square of x plus twice y."""
        z = x + 2.0 * y
        ctx.save_for_backward(z)
        return z * z

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return g_x' · f'(g) · d_out and g_y' · f'(g) · d_out."""
        (z,) = ctx.saved_values
        d_z = 2.0 * z * d_out
        return d_z, 2.0 * d_z


class LogPlusExp(ScalarFunction):
    """h(x, y) = log(z) + exp(z) with z = x · y."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return log(z) + exp(z) of the product z."""
        ctx.save_for_backward(x, y)
        z = x * y
        return math.log(z) + math.exp(z)

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return the derivatives by x and by y: h'(z) · y · d_out and h'(z) · x · d_out."""
        x, y = ctx.saved_values
        z = x * y
        d_z = (1.0 / z + math.exp(z)) * d_out
        return y * d_z, x * d_z


def chained(x: Any) -> Any:
    """f(g(x)) of a scalar, with g TimesFive and f Square: chaining boxes, G first and then F."""
    return Square.apply(TimesFive.apply(x))


def h(x: Any, y: Any) -> Any:
    """log(z) + exp(z) with z = x · y, built from scalars by their own operators."""
    z = x * y
    return z.log() + z.exp()


def backpropagate(variable: Any, deriv: float) -> None:
    """Send `deriv` back from `variable` by the lecture's algorithm: a queue of variables and their derivatives."""
    queue = [(variable, deriv)]
    while queue:
        current, d_out = queue.pop(0)
        if current.is_leaf():
            current.accumulate_derivative(d_out)
        else:
            queue.extend(current.chain_rule(d_out))
