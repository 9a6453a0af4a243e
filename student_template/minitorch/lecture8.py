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
        # TODO: return five times x
        raise NotImplementedError("return five times x")

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # TODO: return the derivative times d_out
        raise NotImplementedError("return the derivative times d_out")


class Mul(ScalarFunction):
    """x · y."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return the product."""
        # TODO: save what backward needs, and return the product of x and y
        raise NotImplementedError("save what backward needs, and return the product of x and y")

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return the derivatives by x and by y, each times d_out."""
        # TODO: return two derivatives times d_out
        raise NotImplementedError("return two derivatives times d_out")


class AddTimes2(ScalarFunction):
    """x + 2 · y."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return x plus twice y."""
        # TODO: return x plus twice y
        raise NotImplementedError("return x plus twice y")

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return the derivatives by x and by y, each times d_out."""
        # TODO: return two derivatives times d_out
        raise NotImplementedError("return two derivatives times d_out")


class Square(ScalarFunction):
    """x²."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return x times x."""
        # TODO: save what backward needs, and return x squared
        raise NotImplementedError("save what backward needs, and return x squared")

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # TODO: return the derivative times d_out
        raise NotImplementedError("return the derivative times d_out")


class Log(ScalarFunction):
    """log(x)."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return the natural logarithm."""
        # TODO: save what backward needs, and return log x
        raise NotImplementedError("save what backward needs, and return log x")

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # TODO: return the derivative times d_out
        raise NotImplementedError("return the derivative times d_out")


class Exp(ScalarFunction):
    """exp(x)."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return e to the x."""
        # TODO: save what backward needs, and return e to the x
        raise NotImplementedError("save what backward needs, and return e to the x")

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # TODO: return the derivative times d_out
        raise NotImplementedError("return the derivative times d_out")


class SquareOfTimesFive(ScalarFunction):
    """f(g(x)) with g(x) = 5x and f(y) = y²: the chain rule through one argument, in one box."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return the square of five times x."""
        # TODO: save what backward needs, and return (5x)²
        raise NotImplementedError("save what backward needs, and return (5x)²")

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative, by the chain rule, times d_out."""
        # TODO: multiply the derivatives of both, and d_out
        raise NotImplementedError("multiply the derivatives of both, and d_out")


class SquareOfAddTimes2(ScalarFunction):
    """f(g(x, y)) with g(x, y) = x + 2y and f(z) = z²: the chain rule through two arguments, in one box."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return the square of x plus twice y."""
        # TODO: save what backward needs, and return (x + 2y)²
        raise NotImplementedError("save what backward needs, and return (x + 2y)²")

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return the derivatives by x and by y, by the chain rule, each times d_out."""
        # TODO: multiply the derivatives of both, and d_out, for each argument
        raise NotImplementedError("multiply the derivatives of both, and d_out, for each argument")


class LogPlusExp(ScalarFunction):
    """h(x, y) = log(z) + exp(z) with z = x · y."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return log(z) + exp(z) of the product z."""
        # TODO: save what backward needs, and return log(z) + exp(z)
        raise NotImplementedError("save what backward needs, and return log(z) + exp(z)")

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return the derivatives by x and by y, each times d_out."""
        # TODO: differentiate by z first, then send that back through the product
        raise NotImplementedError("differentiate by z first, then send that back through the product")


def chained(x: Any) -> Any:
    """f(g(x)) of a scalar, with g TimesFive and f Square: chaining boxes, g first and then f."""
    # TODO: apply TimesFive, and Square to what comes out
    raise NotImplementedError("apply TimesFive, and Square to what comes out")


def h(x: Any, y: Any) -> Any:
    """log(z) + exp(z) with z = x · y, built from scalars by their own operators."""
    # TODO: compute z once, and use it twice
    raise NotImplementedError("compute z once, and use it twice")


def backpropagate(variable: Any, deriv: float) -> None:
    """Send `deriv` back from `variable` by the lecture's algorithm: a queue of variables and their derivatives."""
    # TODO: take from the queue; a leaf adds its derivative, another its inputs to the queue
    raise NotImplementedError("take from the queue; a leaf adds its derivative, another its inputs to the queue")
