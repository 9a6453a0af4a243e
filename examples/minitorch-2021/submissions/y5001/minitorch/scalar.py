"""Scalars, the functions on them, and a numeric derivative, in one file, as in 2021."""

from __future__ import annotations

from typing import Any

from . import operators
from .autodiff import Context, FunctionBase, History, Variable


def central_difference(f: Any, *vals: Any, arg: int = 0, epsilon: float = 1e-6) -> Any:
    """Return a numeric derivative of `f` by its argument number `arg`, at `vals`: numbers, or scalars."""
    # TODO: evaluate f a step above and a step below, and divide by the distance
    raise NotImplementedError("evaluate f a step above and a step below, and divide by the distance")


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
        # TODO: apply Add
        raise NotImplementedError("apply Add")

    def __sub__(self, b: Any) -> Any:
        """self - b."""
        # TODO: apply Add and Neg
        raise NotImplementedError("apply Add and Neg")

    def __mul__(self, b: Any) -> Any:
        """self · b."""
        # TODO: apply Mul
        raise NotImplementedError("apply Mul")

    def __truediv__(self, b: Any) -> Any:
        """self / b."""
        # TODO: apply Mul and Inv
        raise NotImplementedError("apply Mul and Inv")

    def __rtruediv__(self, b: Any) -> Any:
        """b / self."""
        # TODO: apply Mul and Inv
        raise NotImplementedError("apply Mul and Inv")

    def __neg__(self) -> Any:
        """-self."""
        # TODO: apply Neg
        raise NotImplementedError("apply Neg")

    def __lt__(self, b: Any) -> Any:
        """self < b."""
        # TODO: apply LT
        raise NotImplementedError("apply LT")

    def __gt__(self, b: Any) -> Any:
        """self > b."""
        # TODO: apply LT
        raise NotImplementedError("apply LT")

    def __eq__(self, b: Any) -> Any:
        """self == b."""
        # TODO: apply EQ
        raise NotImplementedError("apply EQ")

    def __hash__(self) -> int:
        return hash(self.unique_id)

    def __bool__(self) -> bool:
        return bool(self.data)

    def log(self) -> Any:
        """Return the natural logarithm."""
        # TODO: apply Log
        raise NotImplementedError("apply Log")

    def exp(self) -> Any:
        """Return e to this."""
        # TODO: apply Exp
        raise NotImplementedError("apply Exp")

    def sigmoid(self) -> Any:
        """Return sigmoid of this."""
        # TODO: apply Sigmoid
        raise NotImplementedError("apply Sigmoid")

    def relu(self) -> Any:
        """Return this where it is positive, else 0."""
        # TODO: apply ReLU
        raise NotImplementedError("apply ReLU")


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
        # TODO: return the sum
        raise NotImplementedError("return the sum")

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return d_output for each."""
        # TODO: return two derivatives times d_output
        raise NotImplementedError("return two derivatives times d_output")


class Mul(ScalarFunction):
    """x · y."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return the product."""
        # TODO: save what backward needs, and return the product
        raise NotImplementedError("save what backward needs, and return the product")

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return the other argument times d_output, for each."""
        # TODO: return two derivatives times d_output
        raise NotImplementedError("return two derivatives times d_output")


class Inv(ScalarFunction):
    """1 / x."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return one over a."""
        # TODO: save what backward needs, and return 1 / a
        raise NotImplementedError("save what backward needs, and return 1 / a")

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return -1/a² times d_output."""
        # TODO: use operators.inv_back
        raise NotImplementedError("use operators.inv_back")


class Neg(ScalarFunction):
    """-x."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return minus a."""
        # TODO: return minus a
        raise NotImplementedError("return minus a")

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return minus d_output."""
        # TODO: return the derivative times d_output
        raise NotImplementedError("return the derivative times d_output")


class Log(ScalarFunction):
    """log(x)."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the natural logarithm."""
        # TODO: save what backward needs, and return log a
        raise NotImplementedError("save what backward needs, and return log a")

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return 1/a times d_output."""
        # TODO: use operators.log_back
        raise NotImplementedError("use operators.log_back")


class Exp(ScalarFunction):
    """exp(x)."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return e to the a, and save it: it is its own derivative."""
        # TODO: save what backward needs, and return e to the a
        raise NotImplementedError("save what backward needs, and return e to the a")

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return exp(a) times d_output."""
        # TODO: return the derivative times d_output
        raise NotImplementedError("return the derivative times d_output")


class Sigmoid(ScalarFunction):
    """1 / (1 + exp(-x))."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return sigmoid of a."""
        # TODO: save what backward needs, and return sigmoid of a
        raise NotImplementedError("save what backward needs, and return sigmoid of a")

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return sigmoid(a) · sigmoid(-a) times d_output: 1 - sigmoid(a) would cancel."""
        # TODO: return the derivative times d_output
        raise NotImplementedError("return the derivative times d_output")


class ReLU(ScalarFunction):
    """max(x, 0)."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return a where it is positive, else 0."""
        # TODO: save what backward needs, and return relu of a
        raise NotImplementedError("save what backward needs, and return relu of a")

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return d_output where a is positive, else 0."""
        # TODO: use operators.relu_back
        raise NotImplementedError("use operators.relu_back")


class LT(ScalarFunction):
    """1.0 where x < y, else 0.0."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return whether a is the smaller."""
        # TODO: return 1.0 or 0.0
        raise NotImplementedError("return 1.0 or 0.0")

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return 0 for each: no gradient goes through a step."""
        # TODO: return two derivatives
        raise NotImplementedError("return two derivatives")


class EQ(ScalarFunction):
    """1.0 where x equals y, else 0.0."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return whether the two are equal."""
        # TODO: return 1.0 or 0.0
        raise NotImplementedError("return 1.0 or 0.0")

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return 0 for each: no gradient goes through a step."""
        # TODO: return two derivatives
        raise NotImplementedError("return two derivatives")


def derivative_check(f: Any, *scalars: Scalar) -> None:
    """Compare the derivatives that backpropagation finds with central differences. Raises AssertionError."""
    for x in scalars:
        x.requires_grad_(True)
    f(*scalars).backward()
    for i, x in enumerate(scalars):
        check = central_difference(f, *scalars, arg=i)
        assert x.derivative is not None
        assert abs(x.derivative - check.data) <= 1e-2 + 1e-2 * abs(check.data), (i, x.derivative, check.data)
