"""Numbers that remember how they were computed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from .autodiff import Context, backpropagate, central_difference
from .scalar_functions import EQ, LT, Add, Exp, Inv, Log, Mul, Neg, ReLU, Sigmoid

_ids = itertools.count(1)


class ScalarHistory:
    """How a scalar came about: the function, its context, and its inputs. Without a function: a leaf."""

    def __init__(self, last_fn: Any = None, ctx: Context | None = None, inputs: Sequence[Scalar] = ()) -> None:
        self.last_fn = last_fn
        self.ctx = ctx
        self.inputs = inputs

    @property
    def context(self) -> Context | None:
        """Return the context, by the lecture's name for it."""
        return self.ctx


class Scalar:
    """A number, the history of how it was computed, and a derivative that arrives by backpropagation."""

    def __init__(self, v: float, back: ScalarHistory | None = None, name: str | None = None) -> None:
        self.data = float(v)
        self.history: ScalarHistory | None = ScalarHistory() if back is None else back
        self.derivative: float | None = None
        self.unique_id = next(_ids)
        self.name = str(self.unique_id) if name is None else name

    def requires_grad_(self, flag: bool) -> None:
        """Make this a leaf, or a constant."""
        self.history = ScalarHistory() if flag else None

    def __repr__(self) -> str:
        """Return the number as `Scalar(2.0)`."""
        return f"Scalar({self.data})"

    def __hash__(self) -> int:
        """Hash by identity: two scalars of the same value are two variables."""
        return self.unique_id

    def __bool__(self) -> bool:
        """Say whether the number is not 0."""
        return bool(self.data)

    def __float__(self) -> float:
        """Return the number."""
        return self.data

    def __add__(self, b: Any) -> Scalar:
        """self + b."""
        # solution: apply Add
        return Add.apply(self, b)
        # end solution

    def __radd__(self, b: Any) -> Scalar:
        """b + self."""
        return Add.apply(b, self)

    def __mul__(self, b: Any) -> Scalar:
        """self · b."""
        return Mul.apply(self, b)

    def __rmul__(self, b: Any) -> Scalar:
        """b · self."""
        return Mul.apply(b, self)

    def __neg__(self) -> Scalar:
        """-self."""
        # solution: apply Neg
        return Neg.apply(self)
        # end solution

    def __sub__(self, b: Any) -> Scalar:
        """self - b."""
        # solution: apply Add and Neg
        return Add.apply(self, Neg.apply(b))
        # end solution

    def __rsub__(self, b: Any) -> Scalar:
        """b - self."""
        # solution: apply Add and Neg
        return Add.apply(b, Neg.apply(self))
        # end solution

    def __truediv__(self, b: Any) -> Scalar:
        """self / b."""
        return Mul.apply(self, Inv.apply(b))

    def __rtruediv__(self, b: Any) -> Scalar:
        """b / self."""
        return Mul.apply(b, Inv.apply(self))

    def __lt__(self, b: Any) -> Scalar:
        """1.0 where self < b."""
        # solution: apply LT
        return LT.apply(self, b)
        # end solution

    def __gt__(self, b: Any) -> Scalar:
        """1.0 where self > b."""
        # solution: apply LT, the other way round
        return LT.apply(b, self)
        # end solution

    def __eq__(self, b: object) -> Scalar:  # type: ignore[override]
        """1.0 where self equals b."""
        # solution: apply EQ
        return EQ.apply(self, b)
        # end solution

    def log(self) -> Scalar:
        """Return the natural logarithm."""
        # solution: apply Log
        return Log.apply(self)
        # end solution

    def exp(self) -> Scalar:
        """Return e to this."""
        # solution: apply Exp
        return Exp.apply(self)
        # end solution

    def sigmoid(self) -> Scalar:
        """Return sigmoid of this."""
        # solution: apply Sigmoid
        return Sigmoid.apply(self)
        # end solution

    def relu(self) -> Scalar:
        """Return this where it is positive, else 0."""
        # solution: apply ReLU
        return ReLU.apply(self)
        # end solution

    def is_leaf(self) -> bool:
        """Say whether this was created from scratch, not by a function."""
        # solution: look at the history
        return self.history is not None and self.history.last_fn is None
        # end solution

    def is_constant(self) -> bool:
        """Say whether this takes no part in differentiation."""
        # solution: look at the history
        return self.history is None
        # end solution

    @property
    def parents(self) -> Iterable[Scalar]:
        """Return the inputs this was computed from; none for a leaf."""
        return () if self.history is None else self.history.inputs

    def accumulate_derivative(self, x: float) -> None:
        """Add to this leaf's derivative. Raises ValueError for anything but a leaf."""
        if not self.is_leaf():
            raise ValueError("only a leaf keeps a derivative")
        # solution: start from 0 and add
        self.derivative = (self.derivative or 0.0) + x
        # end solution

    def chain_rule(self, d_output: float) -> list[tuple[Scalar, float]]:
        """Return each input that is no constant with its derivative times `d_output`, in order."""
        # solution: call the last function's backward, and pair its gradients with the inputs
        history = self.history
        if history is None or history.last_fn is None:
            return []
        gradients = history.last_fn._backward(history.ctx, d_output)
        return [(scalar, d) for scalar, d in zip(history.inputs, gradients) if not scalar.is_constant()]
        # end solution

    def backward(self, d_output: float = 1.0) -> None:
        """Backpropagate `d_output` from here; the leaves' derivatives add up over calls."""
        backpropagate(self, d_output)


def derivative_check(f: Any, *scalars: Scalar) -> None:
    """Check the derivatives that `f(*scalars).backward()` leaves at `scalars`, which have none yet.

    Raises AssertionError where one is further than 1 % and 0.01 from the central difference.
    """
    f(*scalars).backward()
    for i, scalar in enumerate(scalars):
        numeric = float(central_difference(f, *scalars, arg=i))
        derivative = scalar.derivative
        assert derivative is not None, f"no derivative arrived at argument {i}"
        assert abs(derivative - numeric) <= 1e-2 + 1e-2 * abs(numeric), (
            f"at {[one.data for one in scalars]} the derivative by argument {i} is {derivative}, "
            f"and the central difference {numeric}"
        )
