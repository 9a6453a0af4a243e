import numpy as np


class Dual:
    def __init__(self, val, der=1.0):
        self.val = np.float64(val)
        self.der = np.float64(der)

    # whoever has no .val is a constant
    def __add__(self, other):
        try:
            return Dual(self.val + other.val, self.der + other.der)
        except AttributeError:
            return Dual(self.val + other, self.der)

    def __mul__(self, other):
        try:
            return Dual(self.val * other.val, self.val * other.der + other.val * self.der)
        except AttributeError:
            return Dual(self.val * other, other * self.der)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self):
        return -1 * self

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return other + -self

    def __pow__(self, n):
        return Dual(np.power(self.val, n, dtype=float), n * np.power(self.val, n - 1, dtype=float))

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1


def sin(x):
    return Dual(np.sin(x.val), np.cos(x.val) * x.der)


def cos(x):
    return Dual(np.cos(x.val), -np.sin(x.val) * x.der)


def tan(x):
    return sin(x) / cos(x)


def exp(x):
    e = np.exp(x.val)
    Dual(e, e * x.der)


def log(x):
    return Dual(np.log(x.val), x.der / x.val)


def sqrt(x):
    return x**0.5
