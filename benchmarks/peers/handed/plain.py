"""Lecture 8 without Hypothesis: the same checks, tolerances and number of examples, drawn at random.

For peers that bring a way to report and no way to draw. `EXERCISES` names the eleven; `check` raises AssertionError.
"""

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

EXAMPLES = 100
REAL, POSITIVE, D_OUT = (-100.0, 100.0), (0.1, 10.0), (-3.0, 3.0)


class Exercise(NamedTuple):
    """A box, its formula, where its arguments are drawn, and which of its two methods are checked."""

    box: str
    formula: Callable[..., float]
    domain: tuple[float, float] = REAL
    forward: bool = True
    backward: bool = True


EXERCISES = {
    "times_five_forward": Exercise("TimesFive", lambda x: 5 * x, backward=False),
    "mul_forward": Exercise("Mul", lambda x, y: x * y, backward=False),
    "times_five_backward": Exercise("TimesFive", lambda x: 5 * x, forward=False),
    "add_times_2": Exercise("AddTimes2", lambda x, y: x + 2 * y),
    "square": Exercise("Square", lambda x: x * x),
    "mul_backward": Exercise("Mul", lambda x, y: x * y, forward=False),
    "log": Exercise("Log", lambda x: math.log(x), POSITIVE),
    "exp": Exercise("Exp", lambda x: math.exp(x)),
    "chain_one_argument": Exercise("SquareOfTimesFive", lambda x: (5 * x) ** 2),
    "chain_two_arguments": Exercise("SquareOfAddTimes2", lambda x, y: (x + 2 * y) ** 2),
    "log_plus_exp": Exercise("LogPlusExp", lambda x, y: math.log(x * y) + math.exp(x * y), POSITIVE),
}


def close(a: float, b: float) -> bool:
    """Compare as MiniTorch does."""
    return abs(a - b) <= 1e-2 + 1e-2 * abs(b)


def check(name: str) -> None:
    """Try one exercise at `EXAMPLES` inputs. Raises AssertionError at the first that is wrong."""
    from minitorch import lecture8  # type: ignore[import-not-found] # as a course has it; the names above do without

    exercise = EXERCISES[name]
    box, source = getattr(lecture8, exercise.box), random.Random(name)
    for _ in range(EXAMPLES):
        args = [source.uniform(*exercise.domain) for _ in range(exercise.formula.__code__.co_argcount)]
        _check(box, exercise, args, source.uniform(*D_OUT))


def _check(box: Any, exercise: Exercise, args: list[float], d: float) -> None:
    from minitorch.autodiff import Context, central_difference  # type: ignore[import-not-found] # a course has it

    if exercise.forward:
        assert close(box.forward(Context(), *args), exercise.formula(*args)), f"forward at {args}"
    if not exercise.backward:
        return
    ctx = Context()
    box.forward(ctx, *args)
    gradients = box.backward(ctx, d)
    if not isinstance(gradients, tuple):
        gradients = (gradients,)
    assert len(gradients) == len(args)
    for i, gradient in enumerate(gradients):
        numeric = central_difference(lambda *vals: box.forward(Context(), *vals), *args, arg=i)
        assert close(gradient, numeric * d), f"backward at {args}, d_out = {d}"
