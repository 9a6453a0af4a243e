"""Functions that know their own derivative: a forward on plain numbers, and a backward.

`backward` returns, for every argument of `forward`, the derivative by that argument times `d_out`.
What it needs to know of the arguments, forward saves in the context.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from . import operators
from .autodiff import Context

if TYPE_CHECKING:
    from .scalar import Scalar


def wrap_tuple(x: Any) -> tuple[Any, ...]:
    """Return a tuple as it is, and anything else as a tuple with that one thing in it."""
    return x if isinstance(x, tuple) else (x,)


def unwrap_tuple(x: tuple[Any, ...]) -> Any:
    """Return what is in a tuple of one, and any other tuple as it is."""
    return x[0] if len(x) == 1 else x


class ScalarFunction:
    """A function of scalars: its forward and its backward are called on the class, and no object of it is made."""

    @classmethod
    def _forward(cls, ctx: Context, *inputs: float) -> float:
        """Call forward."""
        return cls.forward(ctx, *inputs)  # type: ignore[attr-defined, no-any-return]

    @classmethod
    def _backward(cls, ctx: Context, d_out: float) -> tuple[float, ...]:
        """Call backward, and give its gradients as a tuple however many there are."""
        return wrap_tuple(cls.backward(ctx, d_out))  # type: ignore[attr-defined]

    @classmethod
    def apply(cls, *vals: Any) -> Scalar:
        """Unwrap the arguments, call forward, and wrap its value with the history of how it came about.

        A bare number becomes a leaf of its own.
        """
        from .scalar import Scalar, ScalarHistory

        # solution: wrap bare numbers, call forward with floats and a new Context, record the history
        inputs = [val if isinstance(val, Scalar) else Scalar(val) for val in vals]
        ctx = Context()
        value = cls._forward(ctx, *(scalar.data for scalar in inputs))
        return Scalar(value, ScalarHistory(cls, ctx, inputs))
        # end solution


class Add(ScalarFunction):
    """x + y."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return the sum."""
        # solution: return the sum
        return operators.add(x, y)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return the derivative by each, times d_out."""
        # solution: return two derivatives times d_out
        return d_out, d_out
        # end solution


class Mul(ScalarFunction):
    """x · y."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return the product."""
        # solution: save what backward needs, and return the product
        ctx.save_for_backward(x, y)
        return operators.mul(x, y)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return each argument's derivative times d_out."""
        # solution: return two derivatives times d_out
        x, y = ctx.saved_values
        return y * d_out, x * d_out
        # end solution


class Inv(ScalarFunction):
    """1 / x."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return one over x."""
        # solution: save what backward needs, and return 1 / x
        ctx.save_for_backward(x)
        return operators.inv(x)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # solution: use operators.inv_back
        (x,) = ctx.saved_values
        return operators.inv_back(x, d_out)
        # end solution


class Neg(ScalarFunction):
    """-x."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return minus x."""
        # solution: return minus x
        return operators.neg(x)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # solution: return the derivative times d_out
        return -d_out
        # end solution


class Log(ScalarFunction):
    """log(x)."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return the natural logarithm."""
        # solution: save what backward needs, and return log x
        ctx.save_for_backward(x)
        return operators.log(x)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # solution: use operators.log_back
        (x,) = ctx.saved_values
        return operators.log_back(x, d_out)
        # end solution


class Exp(ScalarFunction):
    """exp(x)."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return e to the x."""
        # solution: save what backward needs, and return e to the x
        value = operators.exp(x)
        ctx.save_for_backward(value)
        return value
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # solution: return the derivative times d_out
        (value,) = ctx.saved_values
        return float(value * d_out)
        # end solution


class Sigmoid(ScalarFunction):
    """1 / (1 + exp(-x))."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return sigmoid of x."""
        # solution: save what backward needs, and return sigmoid of x
        ctx.save_for_backward(x)
        return operators.sigmoid(x)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # solution: return the derivative times d_out
        (x,) = ctx.saved_values
        return operators.sigmoid_back(x, d_out)
        # end solution


class ReLU(ScalarFunction):
    """max(x, 0)."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return x where it is positive, else 0."""
        # solution: save what backward needs, and return relu of x
        ctx.save_for_backward(x)
        return operators.relu(x)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative times d_out."""
        # solution: use operators.relu_back
        (x,) = ctx.saved_values
        return operators.relu_back(x, d_out)
        # end solution


class LT(ScalarFunction):
    """1.0 where x < y, else 0.0: a step."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return 1.0 or 0.0."""
        # solution: return 1.0 or 0.0
        return operators.lt(x, y)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return the derivative by each, times d_out."""
        # solution: return two derivatives times d_out
        return 0.0, 0.0
        # end solution


class EQ(ScalarFunction):
    """1.0 where x equals y, else 0.0."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return 1.0 or 0.0."""
        # solution: return 1.0 or 0.0
        return operators.eq(x, y)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return the derivative by each, times d_out."""
        # solution: return two derivatives times d_out
        return 0.0, 0.0
        # end solution


class Tanh(ScalarFunction):
    """The hyperbolic tangent."""

    @staticmethod
    def forward(ctx: Context, x: float) -> float:
        """Return tanh of x."""
        ctx.save_for_backward(x)
        return math.tanh(x)

    @staticmethod
    def backward(ctx: Context, d_out: float) -> float:
        """Return the derivative 4e/(1 + e)², e = exp(-2|x|), times d_out; 1 - tanh² would cancel."""
        (x,) = ctx.saved_values
        e = math.exp(-2.0 * abs(x))
        return 4.0 * e / (1.0 + e) ** 2 * d_out


class Div(ScalarFunction):
    """x / y."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return the quotient."""
        ctx.save_for_backward(x, y)
        return x / y

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return 1/y and -x/y², times d_out."""
        x, y = ctx.saved_values
        return d_out / y, -x / y / y * d_out


class Sub(ScalarFunction):
    """x - y."""

    @staticmethod
    def forward(ctx: Context, x: float, y: float) -> float:
        """Return the difference."""
        return x - y

    @staticmethod
    def backward(ctx: Context, d_out: float) -> tuple[float, float]:
        """Return d_out and -d_out."""
        return d_out, -d_out
