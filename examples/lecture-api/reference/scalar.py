"""Scalars and the functions on them, in one file, as the course's first years had it."""

from __future__ import annotations

import math
from typing import Any

from .autodiff import Context, FunctionBase, History, Variable


class Scalar(Variable):
    """A number that remembers how it was computed."""

    def __init__(self, v: float, back: History | None = None, name: str | None = None) -> None:
        super().__init__(History() if back is None else back, name)
        self.data = float(v)

    def __add__(self, b: Any) -> Any:
        """self + b."""
        return Add.apply(self, b)

    def __radd__(self, b: Any) -> Any:
        """b + self."""
        return Add.apply(b, self)

    def __mul__(self, b: Any) -> Any:
        """self · b."""
        return Mul.apply(self, b)

    def __rmul__(self, b: Any) -> Any:
        """b · self."""
        return Mul.apply(b, self)

    def __neg__(self) -> Any:
        """-self."""
        return Neg.apply(self)

    def __sub__(self, b: Any) -> Any:
        """self - b."""
        return Add.apply(self, Neg.apply(b))

    def __truediv__(self, b: Any) -> Any:
        """self / b."""
        return Mul.apply(self, Inv.apply(b))

    def __rtruediv__(self, b: Any) -> Any:
        """b / self."""
        return Mul.apply(b, Inv.apply(self))

    def log(self) -> Any:
        """Return the natural logarithm."""
        return Log.apply(self)

    def exp(self) -> Any:
        """Return e to this."""
        return Exp.apply(self)

    def sigmoid(self) -> Any:
        """Return sigmoid of this."""
        return Sigmoid.apply(self)

    def relu(self) -> Any:
        """Return this where it is positive, else 0."""
        return ReLU.apply(self)


class ScalarFunction(FunctionBase):
    """A function of scalars."""

    @staticmethod
    def variable(raw: float, history: History) -> Scalar:
        """Wrap a number."""
        return Scalar(raw, history)


class Add(ScalarFunction):
    """x + y."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return the sum."""
        return a + b

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return d_output for each."""
        return d_output, d_output


class Mul(ScalarFunction):
    """x · y."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return the product."""
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return the other argument times d_output."""
        a, b = ctx.saved_values
        return b * d_output, a * d_output


class Neg(ScalarFunction):
    """-x."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return minus a."""
        return -a

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return minus d_output."""
        return -d_output


class Inv(ScalarFunction):
    """1 / x."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return one over a."""
        ctx.save_for_backward(a)
        return 1.0 / a

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return -1/a² times d_output."""
        a = ctx.saved_values
        return -d_output / (a * a)


class Log(ScalarFunction):
    """log(x)."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the natural logarithm."""
        ctx.save_for_backward(a)
        return math.log(a)

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return 1/a times d_output."""
        return d_output / ctx.saved_values  # type: ignore[no-any-return] # what was saved may be anything


class Exp(ScalarFunction):
    """exp(x)."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return e to the a, and save it."""
        out = math.exp(a)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return what was saved times d_output."""
        return d_output * ctx.saved_values  # type: ignore[no-any-return] # what was saved may be anything


class Sigmoid(ScalarFunction):
    """1 / (1 + exp(-x))."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return sigmoid of a, by whichever form does not overflow."""
        e = math.exp(-abs(a))
        ctx.save_for_backward(a)
        return 1.0 / (1.0 + e) if a >= 0 else e / (1.0 + e)

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative times d_output."""
        e = math.exp(-abs(ctx.saved_values))
        return e / (1.0 + e) ** 2 * d_output


class ReLU(ScalarFunction):
    """max(x, 0)."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return a where it is positive, else 0."""
        ctx.save_for_backward(a)
        return max(a, 0.0)

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return d_output where a is positive, else 0."""
        return d_output if ctx.saved_values > 0 else 0.0
