"""What new students stumbled over on the way from a Module 1 handout to all done: each mistake, made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk import homes
from tests.desk.homes import MODULE1, check
from tests.desk.test_try_it import every_block

LAST = "return self.history is not None and self.history.last_fn is None"

MISTAKES = {
    "is_leaf fails of a constant": ("scalar", LAST, "return self.history.last_fn is None"),
    "pairs come from a generator that fails": (
        "scalar",
        "gradients = history.last_fn._backward(history.ctx, d_output)\n        return [",
        "yield from zip(history.inputs, history.last_fn.backward(history.ctx, d_output))\n        return [",
    ),
    "apply returns a float": (
        "scalar_functions",
        "return Scalar(value, ScalarHistory(cls, ctx, inputs))",
        "return value",
    ),
}
"""Mistake -> (module, what is right, what was written instead)."""


@pytest.fixture
def handout(tmp_path: Path) -> Path:
    """Return a Module 1 handout, all done."""
    folder = homes.unpacked(tmp_path, MODULE1)
    homes.fill_in(folder, MODULE1)
    return folder


def edit(handout: Path, module: str, right: str, written: str) -> None:
    path = handout / "minitorch" / f"{module}.py"
    text = path.read_text("utf-8")
    assert right in text, text
    path.write_text(text.replace(right, written, 1), "utf-8")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_is_given_to_try_shows_it_again(mistake: str, handout: Path) -> None:
    edit(handout, *MISTAKES[mistake])
    assert every_block(handout)


def test_a_float_from_apply_is_told_as_such_by_whatever_meets_it(handout: Path) -> None:
    edit(handout, *MISTAKES["apply returns a float"])
    said = check(handout, "--exercise", "chained", "--exercise", "scalar-roles", "--exercise", "square-history")
    told = " ".join(said.stdout.split())
    assert "chained does not return a Scalar" in told
    assert "expected a Scalar of 100.0" in told
    assert "roles: wrong answer: x * y returned a float, not a Scalar" in told
    assert "is_constant is wrong" not in told
    assert told.count("see 'ScalarFunction.apply'. Correct that first.") == 3


def test_functions_are_applied_where_an_operator_is_not_written(handout: Path) -> None:
    edit(handout, *MISTAKES["pairs come from a generator that fails"])
    edit(handout, "scalar", "return Neg.apply(self)", "raise NotImplementedError")
    (block,) = [one for one in every_block(handout) if "chain_rule" in one.code]
    assert "Neg.apply(x)" in block.code
