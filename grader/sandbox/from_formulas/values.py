"""The functions of the exercise language, on plain floats."""

from __future__ import annotations

import math as _math
from collections.abc import Callable as _Callable

_pi, _e = _math.pi, _math.e
_log, _exp, _sqrt, _sin, _cos, _tan, _tanh = (
    _math.log,
    _math.exp,
    _math.sqrt,
    _math.sin,
    _math.cos,
    _math.tan,
    _math.tanh,
)
_abs, _min, _max = abs, min, max


def _inv(x: float) -> float:
    return 1.0 / x


def _relu(x: float) -> float:
    return x if x > 0 else 0.0


def _sigmoid(x: float) -> float:
    e = _math.exp(-abs(x))
    return 1.0 / (1.0 + e) if x >= 0 else e / (1.0 + e)


def _value(name: str, formula: _Callable[..., float]) -> _Callable[..., float]:
    """Return a function of plain numbers: the formula's value as a float."""

    def function(*args: float, **named: float) -> float:
        return float(formula(*args, **named))

    function.__name__ = function.__qualname__ = name
    return function
