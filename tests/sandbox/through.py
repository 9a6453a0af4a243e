"""The attacks, asked through a dialect: an attack's `Mul` and `TimesFive` are what its variables compute by."""

from __future__ import annotations

from pathlib import Path

from grader.grading import config
from grader.grading.config import Assignment

CONTEXT = """

class _Context:
    saved_values = ()

    def save_for_backward(self, *values):
        self.saved_values = values
"""

VARIABLES = {
    "micrograd": """

class Value:
    def __init__(self, data):
        self.data, self.grad, self._made = data, 0.0, None

    def _of(self, function, *inputs):
        context = _Context()
        out = Value(function.forward(context, *[one.data for one in inputs]))
        out._made = function, context, inputs
        return out

    def __mul__(self, other):
        if isinstance(other, Value) and self._made is None:
            return self._of(Mul, self, other)
        out = Value(self.data * other.data)
        out._made = None, other.data, (self,)
        return out

    def times_five(self):
        return self._of(TimesFive, self)

    def backward(self):
        self.grad = 1.0
        todo = [self]
        while todo:
            out = todo.pop()
            if out._made is None:
                continue
            function, context, inputs = out._made
            shares = context * out.grad if function is None else function.backward(context, out.grad)
            for one, share in zip(inputs, shares if isinstance(shares, tuple) else (shares,)):
                one.grad = one.grad + share
                todo.append(one)


def times_five(x):
    return x.times_five()
""",
    "dual": """

class Dual:
    def __init__(self, val, der):
        self.val, self.der = val, der

    def _of(self, function, *inputs):
        context = _Context()
        value = function.forward(context, *[one.val for one in inputs])
        carried = any(one.der for one in inputs)
        backward = getattr(function, "backward", None) if carried else None
        shares = backward(context, 1.0) if backward else (0.0,) * len(inputs)
        shares = shares if isinstance(shares, tuple) else (shares,)
        return Dual(value, sum(one.der * share for one, share in zip(inputs, shares)))

    def __mul__(self, other):
        return self._of(Mul, self, other)


def times_five(x):
    return x._of(TimesFive, x)
""",
}
"""Dialect -> what is put behind an attack: its variables, computing by the attack's own functions."""

ARRAYS = "arrays"
VARIABLES[ARRAYS] = VARIABLES["micrograd"]
"""The same variables hold arrays of one number, for exercises on arrays."""

SOLVED = """
class Mul:
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y

    @staticmethod
    def backward(ctx, d):
        x, y = ctx.saved_values
        return y * d, x * d


class TimesFive:
    @staticmethod
    def forward(ctx, x):
        return 5.0 * x

    @staticmethod
    def backward(ctx, d):
        return 5.0 * d
"""

EXERCISES = """
format: 1
kind: expression
file: lecture8.py
under_test: [{variable}, Mul, TimesFive, _Context]
exercises:
  times-five-forward: {{function: times_five, arguments: {{x: real}}, value: 5 * x, checks: {{value: 1}}}}
  mul-forward: {{arguments: {{x: real, y: real}}, value: x * y, checks: {{value: 1}}}}
  times-five-backward: {{function: times_five, arguments: {{x: real}}, value: 5 * x, checks: {{value: 1}}}}
"""

ON_ARRAYS = """
format: 1
kind: arrays
file: lecture8.py
under_test: [{variable}, Mul, TimesFive, _Context]
exercises:
  times-five-forward: {{function: times_five, arguments: {{x: "real[1]"}}, value: 5 * x, checks: {{value: 1}}}}
  mul-forward: {{arguments: {{x: "real[1]", y: "real[1]"}}, value: x * y, checks: {{value: 1}}}}
  times-five-backward: {{function: times_five, arguments: {{x: "real[1]"}}, value: 5 * x, checks: {{value: 1}}}}
"""

CONFIG = """
format: 1
assignment: attacked
title: Attacked through a dialect
exercises: [exercises.yaml]
through: {dialect}
layout: {{modules: [autodiff, scalar, lecture8], reference: reference}}
allow_imports: {imports}
"""


def behind(dialect: str) -> bytes:
    """Return what is put behind an attack for its variables to compute by its functions."""
    return (CONTEXT + VARIABLES[dialect]).encode() if dialect else b""


def assignment(dialect: str, folder: Path) -> Assignment:
    """Write the attacks' three exercises as a course in a dialect, and read it."""
    variable = {"micrograd": "Value", "dual": "Dual", ARRAYS: "Value"}[dialect]
    (folder / "reference").mkdir()
    (folder / "reference" / "lecture8.py").write_text(SOLVED + CONTEXT + VARIABLES[dialect])
    exercises, imports = (ON_ARRAYS, "[numpy]") if dialect == ARRAYS else (EXERCISES, "[]")
    (folder / "exercises.yaml").write_text(exercises.format(variable=variable))
    named = "micrograd" if dialect == ARRAYS else dialect
    (folder / "config.yaml").write_text(CONFIG.format(dialect=named, imports=imports))
    return config.load(folder / "config.yaml")
