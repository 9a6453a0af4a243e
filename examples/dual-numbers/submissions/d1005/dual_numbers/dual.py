from math import cos as _cos, exp as _exp, log as _log, sin as _sin
from typing import NamedTuple


class Dual(NamedTuple):
    """A pair that cannot be changed."""

    val: float
    der: float = 1.0

    def __add__(self, other):
        a, da = self
        b, db = _pair(other)
        return Dual(a + b, da + db)

    def __sub__(self, other):
        a, da = self
        b, db = _pair(other)
        return Dual(a - b, da - db)

    def __mul__(self, other):
        a, da = self
        b, db = _pair(other)
        return Dual(a * b, da * b + a * db)

    def __truediv__(self, other):
        a, da = self
        b, db = _pair(other)
        return Dual(a / b, (da * b - a * db) / (b * b))

    def __radd__(self, other):
        return _pair(other) + self

    def __rsub__(self, other):
        return _pair(other) - self

    def __rmul__(self, other):
        return _pair(other) * self

    def __rtruediv__(self, other):
        return _pair(other) / self

    def __neg__(self):
        return 0 - self

    def __pow__(self, n):
        a, da = self
        return Dual(a**n, n * a ** (n - 1) * da)


def _pair(x):
    return x if isinstance(x, Dual) else Dual(x, 0.0)


def sin(x):
    return Dual(_sin(x.val), x.der * _cos(x.val))


def cos(x):
    return Dual(_cos(x.val), -x.der * _sin(x.val))


def tan(x):
    return sin(x) / cos(x)


def exp(x):
    return Dual(_exp(x.val), x.der * _exp(x.val))


def log(x):
    return Dual(_log(x.val), x.der / x.val)


def sqrt(x):
    return x ** (1 / 2)
