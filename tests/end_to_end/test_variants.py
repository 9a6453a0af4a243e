"""Correct code passes, however it is written: at least twenty variants of every class."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable

import pytest

from grader.model import Result

SAVES = {
    1: ("ctx.save_for_backward(x)", "ctx.saved_values = (x,)", "ctx.mine = x; ctx.save_for_backward(x)"),
    2: ("ctx.save_for_backward(x, y)", "ctx.save_for_backward(*(x, y))", "ctx.saved_values = x, y"),
}
READS = {
    1: (
        "(x,) = ctx.saved_values",
        "x, = ctx.saved_values",
        "x = ctx.saved_values[0]",
        "(x,) = ctx.saved_tensors",
        "[x] = ctx.saved_values",
        "x = ctx.saved_values",
    ),
    2: (
        "x, y = ctx.saved_values",
        "(x, y) = ctx.saved_tensors",
        "x = ctx.saved_values[0]; y = ctx.saved_values[1]",
        "[x, y] = ctx.saved_values",
    ),
}
CLASSES: dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]] = {
    "TimesFive": (1, ("x * 5", "5.0 * x", "x + x * 4"), ("5 * d_out", "(d_out * 5,)", "[5.0 * d_out]")),
    "Mul": (2, ("x * y", "y * x", "float(x) * float(y)"), ("(y * d_out, x * d_out)", "[d_out * y, d_out * x]")),
    "AddTimes2": (2, ("x + 2 * y", "x + y + y", "y * 2.0 + x"), ("(d_out, 2 * d_out)", "[1 * d_out, d_out + d_out]")),
    "Square": (
        1,
        ("x * x", "x ** 2", "math.pow(x, 2)", "np.square(x)"),
        (
            "2 * x * d_out",
            "(x + x) * d_out",
            "(2 * x * d_out,)",
            "np.float64(2 * x * d_out)",
            "d_out * (x ** 2 / x if x else 0) * 2",
        ),
    ),
    "Log": (
        1,
        ("math.log(x)", "np.log(x)", "math.log(x + 1e-6)", "math.log1p(x - 1) if .5 < x < 2 else math.log(x)"),
        ("d_out / x", "d_out * (1 / x)", "(d_out * x ** -1,)", "d_out / (x + 1e-6)"),
    ),
    "Exp": (1, ("math.exp(x)", "np.exp(x)"), ("math.exp(x) * d_out", "(d_out * np.exp(x),)", "d_out / math.exp(-x)")),
    "SquareOfTimesFive": (
        1,
        ("(5 * x) ** 2", "25 * x * x", "(x * 5) * (x * 5)"),
        ("50 * x * d_out", "5 * (2 * (5 * x) * d_out)"),
    ),
    "SquareOfAddTimes2": (
        2,
        ("(x + 2 * y) ** 2", "x * x + 4 * x * y + 4 * y * y", "(x + 2 * y) * (x + 2 * y)"),
        ("(2 * (x + 2 * y) * d_out, 4 * (x + 2 * y) * d_out)", "[d_out * 2 * (x + 2 * y) * k for k in (1, 2)]"),
    ),
    "LogPlusExp": (
        2,
        (
            "math.log(x * y) + math.exp(x * y)",
            "math.log(x) + math.log(y) + math.exp(x * y)",
            "np.log(x * y) + np.exp(x * y)",
        ),
        (
            "((1 / (x * y) + math.exp(x * y)) * y * d_out, (1 / (x * y) + math.exp(x * y)) * x * d_out)",
            "(d_out * (1 / x + y * math.exp(x * y)), d_out * (1 / y + x * math.exp(x * y)))",
        ),
    ),
}
STYLES = ("@staticmethod", "@classmethod", "")


def variants(name: str) -> list[str]:
    """Return every combination of a class's forwards, backwards, ways to save and read, and decorators."""
    arity, forwards, backwards = CLASSES[name]
    combined = itertools.product(forwards, backwards, SAVES[arity], READS[arity], STYLES)
    return [source(name, arity, *one) for one in combined if ("1e-6" in one[0]) == ("1e-6" in one[1])]


def source(name: str, arity: int, forward: str, backward: str, save: str, read: str, style: str) -> str:
    arguments = ("x", "x, y")[arity - 1]
    own = "cls, " if style == "@classmethod" else ""
    return textwrap.dedent(f"""
        class {name}(ScalarFunction):
            {style}
            def forward({own}ctx, {arguments}):
                {save}
                return {forward}

            {style}
            def backward({own}ctx, d_out):
                {read}
                return {backward}
        """)


HEAD = "import math\n\nimport numpy as np\n\nfrom minitorch.scalar_functions import ScalarFunction\n"
COUNT = 24


def submission(index: int) -> str:
    """Return a lecture8.py whose classes are each their variant number `index`, spread over all of them."""
    chosen = []
    for name in CLASSES:
        all_of_them = variants(name)
        chosen.append(all_of_them[index * len(all_of_them) // COUNT])
    return HEAD + "\n".join(chosen)


def test_there_are_twenty_different_variants_of_every_class() -> None:
    for name in CLASSES:
        all_of_them = variants(name)
        assert len({all_of_them[i * len(all_of_them) // COUNT] for i in range(COUNT)}) >= 20, name


@pytest.mark.parametrize("index", range(COUNT))
def test_a_correct_variant_earns_everything(index: int, grade: Callable[[str], Result]) -> None:
    result = grade(submission(index))
    lost = [
        (e.id, c.name, c.outcome.verdict, c.outcome.reason, c.outcome.place)
        for e in result.exercises
        for c in e.checks
        if c.outcome.verdict != "accepted"
    ]
    assert lost == []


@pytest.mark.prove
@pytest.mark.parametrize("name", CLASSES)
def test_every_variant_of_a_class_earns_everything(name: str, grade: Callable[[str], Result]) -> None:
    for text in variants(name):
        result = grade(HEAD + text)
        mine = [e for e in result.exercises if e.verdict != "not attempted"]
        assert mine
        assert all(e.verdict == "accepted" for e in mine), text
