"""The first wrong step of a wrong walk is marked, with what is wrong; the steps of a right one never are."""

from __future__ import annotations

import pytest

from grader.selfcheck.tracing import What
from tests.machinery import RIGHT, WRONG, replaced
from tests.trace.runs import H, Z, h, marked, name, source, trace

LONG = What("h = z * log(exp(z) + z)", (Z,))
"""z is used at three distances from the output."""

SHORT = What("h = log(exp(z)) + z", (Z,))
TWICE = What("h = x * x", (), {"x": 3.0})
ALIKE = What(H, (Z,), {"x": 2.0, "y": 2.0})
SAME = What("h = log(exp(z)) + z", (Z,), {"x": 2.0, "y": 2.0})

MARKED: dict[str, tuple[What, str, str]] = {
    "breadth first, each node passed once": (h(), "z", "z passes on 0.166667 alone; 403.429 had arrived as well"),
    "depth first, each node passed once": (h(), "z", "z passes on 0.166667 here; 403.429 arrives later"),
    "depth first, before all has arrived": (h(), "z", "z passes on 0.166667; 403.429 also arrives"),
    "marked when put on the stack": (h(), "z", "z passes on 403.429"),
    "what arrives overwrites": (h(), "z", "z passes on 403.429 alone; 0.166667 had arrived as well"),
    "breadth first, sums passed on early": (LONG, "z", "z passes on 6.01476"),
    "by the shortest distance": (LONG, "z", "z passes on 6.01476 here"),
    "post-order marked at first sight": (LONG, "z", "z passes on 6.01476 here"),
    "each parent once": (TWICE, "x", "3 had arrived at x as well, and is never added"),
    "by value": (ALIKE, "z", "for y is never added to its derivative"),
    "seed ignored": (h(d=2.0), "h", "d_out is 1 here; what had arrived at h is 2"),
    "local derivatives alone": (h(), "z", "d_out is 1 here; what had arrived at z is 0.166667 + 403.429"),
    "stale between calls": (h(times=2), "h", "d_out is 2 here; what had arrived at h is 1"),
    "pre-order": (h(), "z", "z passes on 0.166667 here; 403.429 arrives later"),
    "an order marked when put on the stack": (h(), "z", "z passes on 403.429 here; 0.166667 arrives later"),
    "breadth-first order": (LONG, "z", "z passes on 6.01476 here"),
    "an order by the shortest distance": (LONG, "z", "z passes on 6.01476 here"),
    "an order marked at first sight": (SHORT, "z", "z passes on 1 here"),
    "visited by value": (SAME, "exp(z)", "arrives at z, which never passes it on"),
}
"""Wrong walk or order -> a run that shows it, the variable of the step that is marked, and what is said."""


@pytest.mark.parametrize("mistake", MARKED)
def test_the_first_wrong_step_is_marked_and_said(mistake: str) -> None:
    what, variable, why = MARKED[mistake]
    found = trace("module1", what, replaced(WRONG[mistake].where, WRONG[mistake].source))
    step = marked(found)
    assert step is not None
    assert name(found, step.node) == variable
    assert why in step.wrong
    assert not all(one.right for one in found.ends)


def test_a_leaf_that_is_overwritten_by_a_second_call_is_marked() -> None:
    line = "self.derivative = (self.derivative or 0.0) + x"
    scalar = source("module1", "scalar")
    assert line in scalar
    found = trace("module1", h(times=2), {"scalar": scalar.replace(line, "self.derivative = x")})
    step = marked(found)
    assert step is not None
    assert "for x is never added to its derivative" in step.wrong


@pytest.mark.parametrize("style", [style for style, (where, _) in RIGHT.items() if "backpropagate" in where])
@pytest.mark.parametrize(
    "what", [h(), h(d=-2.5, times=2), LONG, TWICE, ALIKE], ids=["h", "twice", "long", "x*x", "alike"]
)
def test_no_step_of_a_right_walk_is_marked(style: str, what: What) -> None:
    found = trace("module1", what, replaced(*RIGHT[style]))
    assert marked(found) is None
    assert all(one.right for one in found.ends)


WRONG_FUNCTIONS = {
    "a forgotten d_out": ("class Exp", "float(value * d_out)", "float(value)", "403.429 × 2 = 806.858 is right"),
    "swapped gradients": ("class Mul", "y * d_out, x * d_out", "x * d_out, y * d_out", "for x it returned 1614.38"),
    "one gradient of two": ("class Mul", "return y * d_out, x * d_out", "return (y * d_out,)", "there are 2 inputs"),
    "a wrong forward": (
        "class Log",
        "operators.log(x)",
        "2 * operators.log(x)",
        "log(z) is 3.58352, and 1.79176 is right",
    ),
}
"""Mistake -> where it is planted, what it replaces, by what, and what is said of the first wrong step."""


@pytest.mark.parametrize("mistake", WRONG_FUNCTIONS)
def test_a_wrong_function_is_marked_and_not_the_walk(mistake: str) -> None:
    where, right, wrong, why = WRONG_FUNCTIONS[mistake]
    before, start, rest = source("module1", "scalar_functions").partition(where)
    assert right in rest
    code = before + start + rest.replace(right, wrong, 1)
    step = marked(trace("module1", h(d=2.0), {"scalar_functions": code}))
    assert step is not None
    assert why in step.wrong
