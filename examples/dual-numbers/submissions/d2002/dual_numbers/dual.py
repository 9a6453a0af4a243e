from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Union

Number = Union[int, float]


@dataclass(frozen=True)
class Dual:
    val: float
    der: float = 1.0

    def _of(self, other: Dual | Number) -> Dual:
        return other if isinstance(other, Dual) else Dual(float(other), 0.0)

    def __add__(self, other: Dual | Number) -> Dual:
        o = self._of(other)
        return Dual(self.val + o.val, self.der + o.der)

    def __sub__(self, other: Dual | Number) -> Dual:
        o = self._of(other)
        return Dual(self.val - o.val, self.der - o.der)

    def __mul__(self, other: Dual | Number) -> Dual:
        o = self._of(other)
        return Dual(self.val * o.val, self.val * o.der + self.der * o.val)

    def __truediv__(self, other: Dual | Number) -> Dual:
        o = self._of(other)
        return Dual(self.val / o.val, self.der / o.val + self.val * o.der / (o.val * o.val))

    def __radd__(self, other: Number) -> Dual:
        return self._of(other) + self

    def __rsub__(self, other: Number) -> Dual:
        return self._of(other) - self

    def __rmul__(self, other: Number) -> Dual:
        return self._of(other) * self

    def __rtruediv__(self, other: Number) -> Dual:
        return self._of(other) / self

    def __neg__(self) -> Dual:
        return Dual(-self.val, -self.der)

    def __pow__(self, exponent: Number) -> Dual:
        return Dual(self.val**exponent, exponent * self.val ** (exponent - 1) * self.der)


def sin(x: Dual) -> Dual:
    return Dual(math.sin(x.val), math.cos(x.val) * x.der)


def cos(x: Dual) -> Dual:
    return Dual(math.cos(x.val), -math.sin(x.val) * x.der)


def tan(x: Dual) -> Dual:
    t = math.tan(x.val)
    return Dual(t, (1 + t * t) * x.der)


def exp(x: Dual) -> Dual:
    return Dual(math.exp(x.val), math.exp(x.val) * x.der)


def log(x: Dual) -> Dual:
    return Dual(math.log(x.val), x.der / x.val)


def sqrt(x: Dual) -> Dual:
    return Dual(math.sqrt(x.val), x.der / 2 / math.sqrt(x.val))
