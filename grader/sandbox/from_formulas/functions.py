"""A function's forward and backward from its formula: the slope is written down as the formula is gone through.

Each part of a formula is Python's text for its value, and for its slope by one argument. At a kink the slope is that
of one side.
"""

from __future__ import annotations

import math as _math
from collections.abc import Callable as _Callable
from typing import Any as _Any


def _sigmoid_slope(x: float) -> float:
    e = _math.exp(-abs(x))
    return e / (1.0 + e) ** 2


def _tanh_slope(x: float) -> float:
    e = _math.exp(-2.0 * abs(x))
    return 4.0 * e / (1.0 + e) ** 2


_FUNCTIONS = {
    "log": ("_math.log({0})", "1.0 / {0}"),
    "exp": ("_math.exp({0})", "_math.exp({0})"),
    "sqrt": ("_math.sqrt({0})", "0.5 / _math.sqrt({0})"),
    "inv": ("_inv({0})", "-1.0 / {0} / {0}"),
    "sin": ("_math.sin({0})", "_math.cos({0})"),
    "cos": ("_math.cos({0})", "-_math.sin({0})"),
    "tan": ("_math.tan({0})", "1.0 + _math.tan({0}) ** 2"),
    "tanh": ("_math.tanh({0})", "_tanh_slope({0})"),
    "sigmoid": ("_sigmoid({0})", "_sigmoid_slope({0})"),
    "relu": ("_relu({0})", "1.0 if {0} > 0 else 0.0"),
    "abs": ("abs({0})", "_math.copysign(1.0, {0}) if {0} else 0.0"),
}
"""Value and slope by the argument, as text."""


class _Part:
    """Part of a formula: the text of its value, and of its slope; a blank slope is 0."""

    def __init__(self, value: str, slope: str = "") -> None:
        self.value, self.slope = value, slope

    def __add__(self, other: _Any) -> _Part:
        other = _part(other)
        return _Part(f"({self.value} + {other.value})", _sum(self.slope, other.slope))

    def __radd__(self, other: _Any) -> _Part:
        return _part(other) + self

    def __neg__(self) -> _Part:
        return _Part(f"(-{self.value})", f"(-{self.slope})" if self.slope else "")

    def __pos__(self) -> _Part:
        return self

    def __sub__(self, other: _Any) -> _Part:
        other = _part(other)
        return _Part(f"({self.value} - {other.value})", _sum(self.slope, (-other).slope))

    def __rsub__(self, other: _Any) -> _Part:
        return _part(other) - self

    def __mul__(self, other: _Any) -> _Part:
        other = _part(other)
        slope = _sum(_times(self.slope, other.value), _times(other.slope, self.value))
        return _Part(f"({self.value} * {other.value})", slope)

    def __rmul__(self, other: _Any) -> _Part:
        return _part(other) * self

    def __truediv__(self, other: _Any) -> _Part:
        other = _part(other)
        by_other = f"(-{self.value} / {other.value} / {other.value})"
        slope = _sum(_times(self.slope, f"(1.0 / {other.value})"), _times(other.slope, by_other))
        return _Part(f"({self.value} / {other.value})", slope)

    def __rtruediv__(self, other: _Any) -> _Part:
        return _part(other) / self

    def __pow__(self, other: _Any) -> _Part:
        other = _part(other)
        value = f"({self.value} ** {other.value})"
        by_base = f"({other.value} * {self.value} ** ({other.value} - 1) if {other.value} else 0.0)"
        by_power = f"({value} * _math.log({self.value}))"
        return _Part(value, _sum(_times(self.slope, by_base), _times(other.slope, by_power)))

    def __rpow__(self, other: _Any) -> _Part:
        return _part(other) ** self

    def _compared(self, sign: str, other: _Any) -> _Part:
        return _Part(f"({self.value} {sign} {_part(other).value})")

    def __lt__(self, other: _Any) -> _Part:
        return self._compared("<", other)

    def __le__(self, other: _Any) -> _Part:
        return self._compared("<=", other)

    def __gt__(self, other: _Any) -> _Part:
        return self._compared(">", other)

    def __ge__(self, other: _Any) -> _Part:
        return self._compared(">=", other)

    def __eq__(self, other: object) -> _Part:  # type: ignore[override]
        return self._compared("==", other)

    def __ne__(self, other: object) -> _Part:  # type: ignore[override]
        return self._compared("!=", other)

    __hash__ = None  # type: ignore[assignment]


def _part(x: _Any) -> _Part:
    return x if isinstance(x, _Part) else _Part(repr(x))


def _sum(one: str, other: str) -> str:
    return f"({one} + {other})" if one and other else one or other


def _times(slope: str, factor: str) -> str:
    return factor if slope == "1.0" else f"({slope} * {factor})" if slope else ""


def _applied(name: str) -> _Any:
    value, slope = _FUNCTIONS[name]

    def function(x: _Any) -> _Part:
        x = _part(x)
        return _Part(f"({value.format(x.value)})", _times(x.slope, f"({slope.format(x.value)})"))

    return function


def _where(holds: _Any, yes: _Any, no: _Any) -> _Part:
    holds, yes, no = _part(holds), _part(yes), _part(no)
    slope = f"({yes.slope or 0.0} if {holds.value} else {no.slope or 0.0})" if yes.slope or no.slope else ""
    return _Part(f"({yes.value} if {holds.value} else {no.value})", slope)


_part_log, _part_exp, _part_sqrt, _part_inv, _part_sin, _part_cos, _part_tan, _part_tanh = map(
    _applied, ("log", "exp", "sqrt", "inv", "sin", "cos", "tan", "tanh")
)
_part_sigmoid, _part_relu, _part_abs, _part_where = *map(_applied, ("sigmoid", "relu", "abs")), _where
_part_pi, _part_e = _math.pi, _math.e


def _part_min(a: _Any, b: _Any) -> _Part:
    return _where(_part(a) < b, a, b)


def _part_max(a: _Any, b: _Any) -> _Part:
    return _where(_part(a) > b, a, b)


def _backward(arguments: tuple[str, ...], formula: _Callable[..., _Any], constants: tuple[str, ...] = ()) -> _Any:
    """Return a class's backward, a gradient or a tuple of several; `formula` is in these words, as `_part_log`.

    The gradient by one of the `constants` is 0.
    """
    gradients = []
    for by in arguments:
        if by in constants:
            gradients.append("0.0")
            continue
        slope = _part(formula(*[_Part(one, "1.0" if one == by else "") for one in arguments])).slope
        gradients.append("_d" if slope == "1.0" else f"{slope} * _d" if slope else "0.0")
    returned = gradients[0] if len(gradients) == 1 else f"({', '.join(gradients)})"
    slopes = eval(f"lambda _d, {', '.join(arguments)}: {returned}", globals())

    def backward(ctx: _Any, d_out: float) -> _Any:
        saved = ctx.saved_values
        return (
            slopes(d_out, *saved) if type(saved) is tuple else slopes(d_out, saved)
        )  # a context may hand one back bare

    return staticmethod(backward)
