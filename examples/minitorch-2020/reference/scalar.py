"""Scalars, the functions on them, and a numeric derivative, in one file, as in 2020."""

from __future__ import annotations

from typing import Any

from . import operators
from .autodiff import Context, FunctionBase, History, Variable


def central_difference(f: Any, *vals: Any, arg: int = 0, epsilon: float = 1e-6) -> Any:
    """Return a numeric derivative of `f` by its argument number `arg`, at `vals`: numbers, or scalars."""
    # solution: evaluate f a step above and a step below, and divide by the distance
    above, below = list(vals), list(vals)
    above[arg] = above[arg] + epsilon
    below[arg] = below[arg] - epsilon
    return (f(*above) - f(*below)) / (2.0 * epsilon)
    # end solution


LEAF = History()


class Scalar(Variable):
    """A number that remembers how it was computed."""

    def __init__(self, v: float, back: History | None = LEAF, name: str | None = None) -> None:
        """Wrap a number. Where no history is given it is a leaf; with None it is a constant."""
        super().__init__(back, name)
        self.data = float(v)

    def __repr__(self) -> str:
        return f"Scalar({self.data})"

    def __add__(self, b: Any) -> Any:
        """self + b."""
        # solution: apply Add
        return Add.apply(self, b)
        # end solution

    def __sub__(self, b: Any) -> Any:
        """self - b."""
        # solution: apply Add and Neg
        return Add.apply(self, Neg.apply(b))
        # end solution

    def __mul__(self, b: Any) -> Any:
        """self · b."""
        # solution: apply Mul
        return Mul.apply(self, b)
        # end solution

    def __truediv__(self, b: Any) -> Any:
        """self / b."""
        # solution: apply Mul and Inv
        return Mul.apply(self, Inv.apply(b))
        # end solution

    def __neg__(self) -> Any:
        """-self."""
        # solution: apply Neg
        return Neg.apply(self)
        # end solution

    def __lt__(self, b: Any) -> Any:
        """self < b."""
        # solution: apply LT
        return LT.apply(self, b)
        # end solution

    def __gt__(self, b: Any) -> Any:
        """self > b."""
        # solution: apply LT
        return LT.apply(b, self)
        # end solution

    def log(self) -> Any:
        """Return the natural logarithm."""
        # solution: apply Log
        return Log.apply(self)
        # end solution

    def exp(self) -> Any:
        """Return e to this."""
        # solution: apply Exp
        return Exp.apply(self)
        # end solution

    def sigmoid(self) -> Any:
        """Return sigmoid of this."""
        # solution: apply Sigmoid
        return Sigmoid.apply(self)
        # end solution

    def relu(self) -> Any:
        """Return this where it is positive, else 0."""
        # solution: apply ReLU
        return ReLU.apply(self)
        # end solution


class ScalarFunction(FunctionBase):
    """A function of scalars: a forward on plain numbers, and a backward.

    `backward` returns, for every argument of `forward`, the derivative by that argument times `d_output`.
    """

    data_type = float

    @staticmethod
    def variable(raw: float, history: History | None) -> Scalar:
        """Wrap a number; with None it is a constant."""
        return Scalar(raw, history)

    @staticmethod
    def data(a: float) -> float:
        """Return a number as it is, for an `apply` that asks."""
        return a


class Add(ScalarFunction):
    """x + y."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return the sum."""
        # solution: return the sum
        return operators.add(a, b)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return d_output for each."""
        # solution: return two derivatives times d_output
        return d_output, d_output
        # end solution


class Mul(ScalarFunction):
    """x · y."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return the product."""
        # solution: save what backward needs, and return the product
        ctx.save_for_backward(a, b)
        return operators.mul(a, b)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return the other argument times d_output, for each."""
        # solution: return two derivatives times d_output
        a, b = ctx.saved_values
        return b * d_output, a * d_output
        # end solution


class Inv(ScalarFunction):
    """1 / x."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return one over a."""
        # solution: save what backward needs, and return 1 / a
        ctx.save_for_backward(a)
        return operators.inv(a)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return -1/a² times d_output."""
        # solution: use operators.inv_back
        a = ctx.saved_values
        return operators.inv_back(a, d_output)
        # end solution


class Neg(ScalarFunction):
    """-x."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return minus a."""
        # solution: return minus a
        return operators.neg(a)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return minus d_output."""
        # solution: return the derivative times d_output
        return -d_output
        # end solution


class Log(ScalarFunction):
    """log(x)."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the natural logarithm."""
        # solution: save what backward needs, and return log a
        ctx.save_for_backward(a)
        return operators.log(a)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return 1/a times d_output."""
        # solution: use operators.log_back
        a = ctx.saved_values
        return operators.log_back(a, d_output)
        # end solution


class Exp(ScalarFunction):
    """exp(x)."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return e to the a, and save it: it is its own derivative."""
        # solution: save what backward needs, and return e to the a
        out = operators.exp(a)
        ctx.save_for_backward(out)
        return out
        # end solution

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return exp(a) times d_output."""
        # solution: return the derivative times d_output
        return float(ctx.saved_values * d_output)
        # end solution


class Sigmoid(ScalarFunction):
    """1 / (1 + exp(-x))."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return sigmoid of a."""
        # solution: save what backward needs, and return sigmoid of a
        ctx.save_for_backward(a)
        return operators.sigmoid(a)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return sigmoid(a) · sigmoid(-a) times d_output: 1 - sigmoid(a) would cancel."""
        # solution: return the derivative times d_output
        a = ctx.saved_values
        return operators.sigmoid(a) * operators.sigmoid(-a) * d_output
        # end solution


class ReLU(ScalarFunction):
    """max(x, 0)."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return a where it is positive, else 0."""
        # solution: save what backward needs, and return relu of a
        ctx.save_for_backward(a)
        return operators.relu(a)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return d_output where a is positive, else 0."""
        # solution: use operators.relu_back
        a = ctx.saved_values
        return operators.relu_back(a, d_output)
        # end solution


class LT(ScalarFunction):
    """1.0 where x < y, else 0.0."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return whether a is the smaller."""
        # solution: return 1.0 or 0.0
        return operators.lt(a, b)
        # end solution

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return 0 for each: no gradient goes through a step."""
        return 0.0, 0.0


def derivative_check(f: Any, *scalars: Scalar) -> None:
    """Compare the derivatives that backpropagation finds with central differences. Raises AssertionError."""
    for x in scalars:
        x.requires_grad_(True)
    f(*scalars).backward()
    for i, x in enumerate(scalars):
        check = central_difference(f, *scalars, arg=i)
        assert x.derivative is not None
        assert abs(x.derivative - check.data) <= 1e-2 + 1e-2 * abs(check.data), (i, x.derivative, check.data)
