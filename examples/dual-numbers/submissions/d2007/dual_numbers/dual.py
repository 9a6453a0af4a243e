import math


class Dual:
    def __init__(self, val, der=1):
        self.val = val
        self.der = der

    def __repr__(self):
        return "Dual(%r, %r)" % (self.val, self.der)

    def __add__(self, other):
        if isinstance(other, Dual):
            return Dual(self.val + other.val, self.der + other.der)
        return Dual(self.val + other, self.der)

    def __radd__(self, other):
        return self.__add__(other)

    def __sub__(self, other):
        if isinstance(other, Dual):
            return Dual(self.val - other.val, self.der - other.der)
        return Dual(self.val - other, self.der)

    def __rsub__(self, other):
        return Dual(other - self.val, -self.der)

    def __mul__(self, other):
        if isinstance(other, Dual):
            return Dual(self.val * other.val, self.val * other.der + self.der * other.val)
        return Dual(self.val * other, self.der * other)

    def __rmul__(self, other):
        return self.__mul__(other)

    def __truediv__(self, other):
        if isinstance(other, Dual):
            val = self.val / other.val
            der = (self.der * other.val - self.val * other.der) / other.val**2
            return Dual(val, der)
        return Dual(self.val / other, self.der / other)

    def __rtruediv__(self, other):
        return Dual(other / self.val, -other * self.der / self.val**2)

    def __neg__(self):
        return Dual(-self.val, -self.der)

    def __pow__(self, n):
        return Dual(self.val**n, n * self.val ** (n - 1) * self.der)


def sin(x):
    a = math.radians(x.val)
    return Dual(math.sin(a), math.cos(a) * x.der)


def cos(x):
    a = math.radians(x.val)
    return Dual(math.cos(a), -math.sin(a) * x.der)


def tan(x):
    a = math.radians(x.val)
    return Dual(math.tan(a), x.der / math.cos(a) ** 2)


def exp(x):
    return Dual(math.exp(x.val), math.exp(x.val) * x.der)


def log(x):
    return Dual(math.log(x.val), x.der / x.val)


def sqrt(x):
    return Dual(math.sqrt(x.val), 0.5 / math.sqrt(x.val) * x.der)
