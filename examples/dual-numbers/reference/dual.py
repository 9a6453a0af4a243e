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
        # solution: the sum of the values, and the sum of the derivatives
        other = _dual(other)
        return Dual(self.val + other.val, self.der + other.der)
        # end solution

    def __sub__(self, other):
        # solution: the difference of both
        other = _dual(other)
        return Dual(self.val - other.val, self.der - other.der)
        # end solution

    def __mul__(self, other):
        # solution: the product, and the product rule
        other = _dual(other)
        return Dual(self.val * other.val, self.der * other.val + self.val * other.der)
        # end solution

    def __truediv__(self, other):
        # solution: the quotient, and the quotient rule
        other = _dual(other)
        quotient = self.val / other.val
        return Dual(quotient, (self.der - quotient * other.der) / other.val)
        # end solution

    def __neg__(self):
        # solution: both with the other sign
        return Dual(-self.val, -self.der)
        # end solution

    def __pow__(self, exponent):
        # solution: a power with a fixed exponent
        return Dual(self.val**exponent, exponent * self.val ** (exponent - 1) * self.der)
        # end solution

    def __radd__(self, other):
        # solution: other + self
        return self + other
        # end solution

    def __rsub__(self, other):
        # solution: other - self
        return _dual(other) - self
        # end solution

    def __rmul__(self, other):
        # solution: other * self
        return self * other
        # end solution

    def __rtruediv__(self, other):
        # solution: other / self
        return _dual(other) / self
        # end solution


def _dual(x):
    """Return x as a dual number: a plain number does not change, so its derivative is 0."""
    return x if isinstance(x, Dual) else Dual(x, 0.0)


def sin(x):
    """Return the sine of a dual number, in radians."""
    # solution: the sine, and the chain rule
    return Dual(math.sin(x.val), math.cos(x.val) * x.der)
    # end solution


def cos(x):
    """Return the cosine of a dual number, in radians."""
    # solution: the cosine, and the chain rule
    return Dual(math.cos(x.val), -math.sin(x.val) * x.der)
    # end solution


def tan(x):
    """Return the tangent of a dual number, in radians."""
    # solution: the tangent, and the chain rule
    return Dual(math.tan(x.val), x.der / math.cos(x.val) ** 2)
    # end solution


def exp(x):
    """Return e to the power of a dual number."""
    # solution: the power of e, and the chain rule
    value = math.exp(x.val)
    return Dual(value, value * x.der)
    # end solution


def log(x):
    """Return the natural logarithm of a dual number."""
    # solution: the logarithm, and the chain rule
    return Dual(math.log(x.val), x.der / x.val)
    # end solution


def sqrt(x):
    """Return the square root of a dual number."""
    # solution: the root, and the chain rule
    root = math.sqrt(x.val)
    return Dual(root, x.der / (2 * root))
    # end solution
