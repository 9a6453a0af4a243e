import math
import numbers


class Dual:
    """a + b ε with ε² = 0."""

    def __init__(self, val, der=0.0):
        self.val = val
        self.der = der

    @staticmethod
    def wrap(x):
        if isinstance(x, Dual):
            return x
        if isinstance(x, numbers.Real):
            return Dual(float(x))
        raise TypeError(f"cannot make a dual number of {x!r}")

    def __add__(self, other):
        other = Dual.wrap(other)
        return Dual(self.val + other.val, self.der + other.der)

    def __sub__(self, other):
        other = Dual.wrap(other)
        return Dual(self.val - other.val, self.der - other.der)

    def __mul__(self, other):
        other = Dual.wrap(other)
        return Dual(self.val * other.val, self.val * other.der + self.der * other.val)

    def __truediv__(self, other):
        other = Dual.wrap(other)
        return self * Dual(1.0 / other.val, -other.der / other.val**2)

    def __pow__(self, other):
        if isinstance(other, Dual):
            return exp(other * log(self))
        return Dual(self.val**other, other * self.val ** (other - 1) * self.der)

    def __radd__(self, other):
        return Dual.wrap(other) + self

    def __rsub__(self, other):
        return Dual.wrap(other) - self

    def __rmul__(self, other):
        return Dual.wrap(other) * self

    def __rtruediv__(self, other):
        return Dual.wrap(other) / self

    def __neg__(self):
        return Dual(-self.val, -self.der)

    def __pos__(self):
        return self

    def __eq__(self, other):
        other = Dual.wrap(other)
        return (self.val, self.der) == (other.val, other.der)

    def __repr__(self):
        return f"Dual(val={self.val}, der={self.der})"


def _apply(x, f, slope):
    """Numbers stay numbers."""
    if isinstance(x, Dual):
        return Dual(f(x.val), slope(x.val) * x.der)
    return f(x)


def sin(x):
    return _apply(x, math.sin, math.cos)


def cos(x):
    return _apply(x, math.cos, lambda v: -math.sin(v))


def tan(x):
    return _apply(x, math.tan, lambda v: 1 / math.cos(v) ** 2)


def exp(x):
    return _apply(x, math.exp, math.exp)


def log(x):
    return _apply(x, math.log, lambda v: 1 / v)


def sqrt(x):
    return _apply(x, math.sqrt, lambda v: 1 / (2 * math.sqrt(v)))
