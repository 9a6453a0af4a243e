"""A formula's derivative by forward differentiation: each number carries its slope along.

At a kink the slope is that of one side.
"""

from __future__ import annotations

import math as _math
from collections.abc import Callable as _Callable
from typing import Any as _Any

_pi, _e = _math.pi, _math.e


class _Sloped:
    """A number and its slope by the one argument that is being differentiated by."""

    __slots__ = ("slope", "value")

    def __init__(self, value: float, slope: float) -> None:
        self.value, self.slope = value, slope

    def __add__(self, other: _Any) -> _Sloped:
        if type(other) is _Sloped:
            return _Sloped(self.value + other.value, self.slope + other.slope)
        return _Sloped(self.value + other, self.slope)

    __radd__ = __add__

    def __neg__(self) -> _Sloped:
        return _Sloped(-self.value, -self.slope)

    def __pos__(self) -> _Sloped:
        return self

    def __sub__(self, other: _Any) -> _Sloped:
        return self.__add__(-other)

    def __rsub__(self, other: _Any) -> _Sloped:
        return _Sloped(other - self.value, -self.slope)

    def __mul__(self, other: _Any) -> _Sloped:
        if type(other) is _Sloped:
            return _Sloped(self.value * other.value, self.slope * other.value + self.value * other.slope)
        return _Sloped(self.value * other, self.slope * other)

    __rmul__ = __mul__

    def __truediv__(self, other: _Any) -> _Sloped:
        if type(other) is _Sloped:
            quotient = self.value / other.value
            return _Sloped(quotient, (self.slope - quotient * other.slope) / other.value)
        return _Sloped(self.value / other, self.slope / other)

    def __rtruediv__(self, other: _Any) -> _Sloped:
        quotient = other / self.value
        return _Sloped(quotient, -quotient * self.slope / self.value)

    def __pow__(self, other: _Any) -> _Sloped:
        if type(other) is _Sloped:
            value = self.value**other.value
            slope = other.value * value / self.value * self.slope + value * _math.log(self.value) * other.slope
            return _Sloped(value, slope)
        if other == 0:
            return _Sloped(1.0, 0.0)
        return _Sloped(self.value**other, other * self.value ** (other - 1) * self.slope)

    def __rpow__(self, other: _Any) -> _Sloped:
        value = other**self.value
        return _Sloped(value, value * _math.log(other) * self.slope if self.slope else 0.0)

    def __lt__(self, other: _Any) -> bool:
        return self.value < _plain(other)

    def __le__(self, other: _Any) -> bool:
        return self.value <= _plain(other)

    def __gt__(self, other: _Any) -> bool:
        return self.value > _plain(other)

    def __ge__(self, other: _Any) -> bool:
        return self.value >= _plain(other)

    def __eq__(self, other: object) -> bool:
        return self.value == _plain(other)

    def __ne__(self, other: object) -> bool:
        return self.value != _plain(other)

    __hash__ = None  # type: ignore[assignment]


def _plain(x: _Any) -> float:
    return x.value if type(x) is _Sloped else x


def _through(value: _Callable[[float], float], slope: _Callable[[float, float], float]) -> _Callable[[_Any], _Any]:
    """Return a function of a float or a sloped number. `slope` is given the argument and the value."""

    def function(x: _Any) -> _Any:
        if type(x) is not _Sloped:
            return value(x)
        found = value(x.value)
        return _Sloped(found, slope(x.value, found) * x.slope)

    return function


def _logistic(x: float) -> float:
    e = _math.exp(-abs(x))
    return 1.0 / (1.0 + e) if x >= 0 else e / (1.0 + e)


def _logistic_slope(x: float, _: float) -> float:
    e = _math.exp(-abs(x))
    return e / (1.0 + e) ** 2


def _tanh_slope(x: float, _: float) -> float:
    e = _math.exp(-2.0 * abs(x))
    return 4.0 * e / (1.0 + e) ** 2


_log = _through(_math.log, lambda x, _: 1.0 / x)
_exp = _through(_math.exp, lambda _, value: value)
_sqrt = _through(_math.sqrt, lambda _, value: 0.5 / value)
_inv = _through(lambda x: 1.0 / x, lambda x, value: -value / x)
_sin = _through(_math.sin, lambda x, _: _math.cos(x))
_cos = _through(_math.cos, lambda x, _: -_math.sin(x))
_tan = _through(_math.tan, lambda _, value: 1.0 + value * value)
_tanh = _through(_math.tanh, _tanh_slope)
_sigmoid = _through(_logistic, _logistic_slope)
_relu = _through(lambda x: x if x > 0 else 0.0, lambda x, _: 1.0 if x > 0 else 0.0)
_min, _max = min, max  # they go by what is less
_abs = _through(abs, lambda x, _: _math.copysign(1.0, x) if x else 0.0)


def _forward(formula: _Callable[..., float]) -> _Any:
    """Return a function's forward. It saves its arguments."""

    def forward(ctx: _Any, *args: float) -> float:
        ctx.save_for_backward(*args)
        return float(formula(*args))

    return staticmethod(forward)


def _backward(formula: _Callable[..., _Any]) -> _Any:
    """Return a function's backward: a gradient, or a tuple of as many as it has arguments."""

    def backward(ctx: _Any, d_out: float) -> _Any:
        args = ctx.saved_values
        if type(args) is not tuple:  # a context may hand a single one back bare
            args = (args,)
        if len(args) == 1:
            found = formula(_Sloped(args[0], 1.0))
            return found.slope * d_out if type(found) is _Sloped else 0.0
        gradients = []
        for i, x in enumerate(args):
            found = formula(*args[:i], _Sloped(x, 1.0), *args[i + 1 :])
            gradients.append(found.slope * d_out if type(found) is _Sloped else 0.0)
        return tuple(gradients)

    return staticmethod(backward)
