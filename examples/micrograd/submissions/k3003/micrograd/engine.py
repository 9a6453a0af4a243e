import math


class Dual:
    """Forward mode: a value and its derivative, side by side."""

    def __init__(self, val, der=1.0):
        self.val = val
        self.der = der

    def __add__(self, other):
        if isinstance(other, Dual):
            return Dual(self.val + other.val, self.der + other.der)
        return Dual(self.val + other, self.der)

    __radd__ = __add__

    def __mul__(self, other):
        if isinstance(other, Dual):
            return Dual(self.val * other.val, self.val * other.der + self.der * other.val)
        return Dual(self.val * other, self.der * other)

    __rmul__ = __mul__

    def __neg__(self):
        return Dual(-self.val, -self.der)

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return -self + other

    def __pow__(self, n):
        return Dual(self.val**n, n * self.val ** (n - 1) * self.der)

    def exp(self):
        e = math.exp(self.val)
        return Dual(e, e * self.der)

    def tanh(self):
        t = math.tanh(self.val)
        return Dual(t, (1 - t * t) * self.der)
