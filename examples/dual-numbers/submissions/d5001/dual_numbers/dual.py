"""A number that carries its derivative along: forward mode."""

from __future__ import annotations

import math


class Dual:
    """A value, and its derivative along one direction."""

    def __init__(self, val, der=1.0):
        self.val = val
        self.der = der

    def __repr__(self):
        return f"Dual({self.val}, {self.der})"

    def __add__(self, other):
        # TODO: the sum of the values, and the sum of the derivatives
        raise NotImplementedError("the sum of the values, and the sum of the derivatives")

    def __sub__(self, other):
        # TODO: the difference of both
        raise NotImplementedError("the difference of both")

    def __mul__(self, other):
        # TODO: the product, and the product rule
        raise NotImplementedError("the product, and the product rule")

    def __truediv__(self, other):
        # TODO: the quotient, and the quotient rule
        raise NotImplementedError("the quotient, and the quotient rule")

    def __neg__(self):
        # TODO: both with the other sign
        raise NotImplementedError("both with the other sign")

    def __pow__(self, exponent):
        # TODO: a power with a fixed exponent
        raise NotImplementedError("a power with a fixed exponent")

    def __radd__(self, other):
        # TODO: other + self
        raise NotImplementedError("other + self")

    def __rsub__(self, other):
        # TODO: other - self
        raise NotImplementedError("other - self")

    def __rmul__(self, other):
        # TODO: other * self
        raise NotImplementedError("other * self")

    def __rtruediv__(self, other):
        # TODO: other / self
        raise NotImplementedError("other / self")


def _dual(x):
    """Return x as a dual number: a plain number does not change, so its derivative is 0."""
    return x if isinstance(x, Dual) else Dual(x, 0.0)


def sin(x):
    """Return the sine of a dual number, in radians."""
    # TODO: the sine, and the chain rule
    raise NotImplementedError("the sine, and the chain rule")


def cos(x):
    """Return the cosine of a dual number, in radians."""
    # TODO: the cosine, and the chain rule
    raise NotImplementedError("the cosine, and the chain rule")


def tan(x):
    """Return the tangent of a dual number, in radians."""
    # TODO: the tangent, and the chain rule
    raise NotImplementedError("the tangent, and the chain rule")


def exp(x):
    """Return e to the power of a dual number."""
    # TODO: the power of e, and the chain rule
    raise NotImplementedError("the power of e, and the chain rule")


def log(x):
    """Return the natural logarithm of a dual number."""
    # TODO: the logarithm, and the chain rule
    raise NotImplementedError("the logarithm, and the chain rule")


def sqrt(x):
    """Return the square root of a dual number."""
    # TODO: the root, and the chain rule
    raise NotImplementedError("the root, and the chain rule")
