"""Styles that nobody thought of when watching was written: the first wrong step is marked, and nothing else."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import pytest

from grader.model import Trace
from grader.selfcheck.tracing import What
from tests.machinery import replaced
from tests.trace.runs import calls, h, marked, name, source, trace

FORGETS = ("float(value * d_out)", "float(value)")
"""What makes Exp forget d_out."""

LONG = What("h = z * exp(exp(z) * 0.1 + z)", ("z = x * y",), {"x": 0.5, "y": 0.75})

WALKS = {
    "a matrix": """
        def backpropagate(variable, deriv):
            order = list(topological_sort(variable))
            slopes = {one.unique_id: [] if one.is_leaf() else one.chain_rule(1.0) for one in order}
            def total(one):
                given = [(user, s) for user in order for parent, s in slopes[user.unique_id] if parent is one]
                return (deriv if one is variable else 0.0) + sum(total(user) * s for user, s in given)
            for one in order:
                if one.is_leaf():
                    one.accumulate_derivative(total(one))
    """,
    "derivatives that begin at 0": """
        def backpropagate(variable, deriv):
            order = list(topological_sort(variable))
            for one in order:
                one.derivative = one.derivative or 0.0
            got = {variable.unique_id: deriv}
            for one in order:
                if one.is_leaf():
                    one.accumulate_derivative(got[one.unique_id])
                    continue
                for parent, share in one.chain_rule(got[one.unique_id]):
                    got[parent.unique_id] = got.get(parent.unique_id, 0.0) + share
    """,
    "a walk for each leaf": """
        def backpropagate(variable, deriv):
            order = list(topological_sort(variable))
            for leaf in [one for one in order if one.is_leaf()]:
                got = {variable.unique_id: deriv}
                for one in order:
                    for parent, share in [] if one.is_leaf() else one.chain_rule(got[one.unique_id]):
                        got[parent.unique_id] = got.get(parent.unique_id, 0.0) + share
                leaf.accumulate_derivative(got[leaf.unique_id])
    """,
}
"""Right walks that ask for slopes, begin with a write, or go several times."""

HISTORY = """\
    def __init__(self, last_fn: Any = None, ctx: Context | None = None, inputs: Sequence[Scalar] = ()) -> None:
        self.last_fn = last_fn
        self.ctx = ctx
        self.inputs = inputs
"""


def scalar(*changes: tuple[str, str]) -> dict[str, str]:
    """Return the reference's scalar.py with some text replaced."""
    code = source("module1", "scalar")
    for old, new in changes:
        assert old in code, old
        code = code.replace(old, new)
    return {"scalar": code}


NAMED_TUPLE = scalar(
    ("class ScalarHistory:", "import typing\n\n\nclass ScalarHistory(typing.NamedTuple):"),
    (
        HISTORY,
        "    last_fn: Any = None\n    ctx: Any = None\n    inputs: Any = ()\n",
    ),
)
STYLES: dict[str, Mapping[str, str]] = {
    **{style: replaced("autodiff.backpropagate", textwrap.dedent(code)) for style, code in WALKS.items()},
    "a history that is a named tuple": NAMED_TUPLE,
}


def with_wrong_exp(changed: Mapping[str, str], right: str, wrong: str) -> dict[str, str]:
    """Return sources in which Exp's backward is wrong besides."""
    before, start, rest = changed.get("scalar_functions", source("module1", "scalar_functions")).partition("class Exp")
    assert right in rest
    return {**changed, "scalar_functions": before + start + rest.replace(right, wrong, 1)}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("what", [h(), h(d=-2.5), LONG], ids=["h", "d", "long"])
def test_nothing_is_marked_in_a_right_style(style: str, what: What) -> None:
    found = trace("module1", what, STYLES[style])
    assert marked(found) is None
    assert all(end.right for end in found.ends)
    assert calls(found)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("what", [h(), LONG], ids=["h", "long"])
def test_a_wrong_function_is_marked_in_any_style_of_walk(style: str, what: What) -> None:
    found = trace("module1", what, with_wrong_exp(STYLES[style], FORGETS[0], "float(value * d_out * 1.5)"))
    step = marked(found)
    assert step is not None
    assert (step.kind, step.function) == ("call", "Exp")
    assert "is right" in step.wrong


# -- a variable that keeps no way back

CUT = {
    "a difference": ("Add.apply(self, Neg.apply(b))", "Add.apply(self, Scalar(-b.data))", "h = x - y", "h", "y"),
    "a quotient": ("Mul.apply(self, Inv.apply(b))", "Mul.apply(self, Scalar(1 / b.data))", "h = x / y", "h", "y"),
    "a sum that keeps one input": (
        "        return Add.apply(self, b)",
        "        out = Add.apply(self, b)\n        out.history.inputs = [self, self]\n        return out",
        "h = x + y",
        "h",
        "y",
    ),
}
"""What is cut off -> code, the code that cuts, an expression, the variable that is marked, and what it lost."""


@pytest.mark.parametrize("which", CUT)
def test_a_variable_that_lost_its_way_back_is_marked(which: str) -> None:
    right, wrong, expression, variable, lost = CUT[which]
    found = trace("module1", What(expression), scalar((right, wrong)))
    step = marked(found)
    assert step is not None
    assert (step.kind, name(found, step.node)) == ("forward", variable)
    assert step.wrong == f"{variable} was computed from {lost}, and keeps no way back to it"


def test_a_way_back_that_leads_there_by_another_is_lost_all_the_same() -> None:
    right, wrong, *_ = CUT["a sum that keeps one input"]
    step = marked(trace("module1", What("h = x * y + x"), scalar((right, wrong))))
    assert step is not None
    assert step.wrong == "h was computed from x, and keeps no way back to it"


def test_a_slope_of_zero_needs_no_way_back() -> None:
    relu = scalar(("return ReLU.apply(self)", "return ReLU.apply(self) if self.data > 0 else Scalar(0.0)"))
    wrong = with_wrong_exp(relu, FORGETS[0], "float(value * d_out * 1.5)")
    step = marked(trace("module1", What("h = relu(0 - x) + exp(x)"), wrong))
    assert step is not None
    assert step.function == "Exp"


# -- what is no number


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("x * float('nan')", "it changes by nan; what had arrived is"),
        ("x * float('inf')", "it changes by inf; what had arrived is"),
        ("str(x)", "the derivative of x becomes something that is no number"),
    ],
)
def test_a_derivative_that_is_no_number_is_marked(stored: str, said: str) -> None:
    line = "self.derivative = (self.derivative or 0.0) + x"
    step = marked(trace("module1", h(), scalar((line, f"self.derivative = {stored}"))))
    assert step is not None
    assert step.kind == "write"
    assert said in step.wrong


def test_an_infinite_value_forward_is_told() -> None:
    code = source("module1", "operators")
    changed = code.replace("return math.exp(x)", "return math.inf")
    assert changed != code
    step = marked(trace("module1", h(), {"operators": changed}))
    assert step is not None
    assert "exp(z) is inf, and 403.429 is right" in step.wrong


# -- closures, and loops without any

MICROGRAD = source("micrograd", "engine")
SWAPPED = ("self.grad += other.data * out.grad", "self.grad += self.data * out.grad")
HUNG = {
    "partial": ("out._backward = _backward", "import functools\n        out._backward = functools.partial(_backward)"),
    "decorated": ("        def _backward():", "        @lambda f: lambda: f()\n        def _backward():"),
    "slots": ("class Value:\n", "class Value:\n    __slots__ = ('data', 'grad', '_backward', '_prev', '_op')\n\n"),
}
H = What("h = exp(z) + z", ("z = x * y",), {"x": 0.5, "y": 0.75})
AGAIN = What("h = z * z * z + z", ("z = x * y",))


@pytest.mark.parametrize("how", HUNG)
def test_closures_are_seen_however_they_hang(how: str) -> None:
    assert HUNG[how][0] in MICROGRAD
    code = MICROGRAD.replace(*HUNG[how])
    right = trace("micrograd", H, {"engine": code})
    assert marked(right) is None
    assert [node for node, _, _ in calls(right)] == ["h", "exp(z)", "z"]
    step = marked(trace("micrograd", H, {"engine": code.replace(*SWAPPED)}))
    assert step is not None
    assert "0.75 × 2.45499 = 1.84124 is right" in step.wrong


def test_a_closure_that_runs_twice_is_marked() -> None:
    code = MICROGRAD.replace("            node._backward()", "            node._backward(), node._backward()")
    step = marked(trace("micrograd", H, {"engine": code}))
    assert step is not None
    assert step.wrong == "h had passed on 1 before, and passes it on once more"


LOOP = """
import math

class Value:
    def __init__(self, data, inputs=(), slopes=()):
        self.data, self.grad, self.inputs, self.slopes = data, 0.0, inputs, slopes
    def __add__(self, o):
        o = o if isinstance(o, Value) else Value(o)
        return Value(self.data + o.data, (self, o), (1.0, 1.0))
    def __mul__(self, o):
        o = o if isinstance(o, Value) else Value(o)
        return Value(self.data * o.data, (self, o), (o.data, self.data))
    def exp(self):
        return Value(math.exp(self.data), (self,), (math.exp(self.data),))
    def backward(self):
        order = []
        def visit(v):
            if v not in order:
                for one in v.inputs:
                    visit(one)
                order.append(v)
        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            for one, slope in zip(v.inputs, v.slopes):
                one.grad += slope * v.grad
"""
LOOPS = {
    "swapped": ("(o.data, self.data)", "(self.data, o.data)", H, "x", "1.2275 is added; 0.75 × 2.45499 = 1.84124"),
    "not added": ("one.grad +=", "one.grad =", H, "z", "1.45499 replaces 1; it should be added: 1 + 1.45499 = 2.45499"),
    "d forgotten": ("slope * v.grad", "slope", H, "x", "0.75 is added; 0.75 × 2.45499 = 1.84124 is right"),
    "inputs first": ("in reversed(order)", "in order", H, "exp(z)", "1 arrives at exp(z), which never passes it on"),
    "thrice": ("one.grad +=", "one.grad =", AGAIN, "z", "36 replaces 1; it should be added: 1 + 36 = 37"),
}
"""Mistake in a loop that adds to derivatives itself -> what is marked, and what is said."""


def test_a_right_loop_without_closures_has_no_mark() -> None:
    for what in (H, AGAIN):
        found = trace("micrograd", what, {"engine": LOOP})
        assert marked(found) is None
        assert all(end.right for end in found.ends)


@pytest.mark.parametrize("mistake", LOOPS)
def test_a_wrong_loop_without_closures_is_marked(mistake: str) -> None:
    right, wrong, what, variable, said = LOOPS[mistake]
    found = trace("micrograd", what, {"engine": LOOP.replace(right, wrong)})
    step = marked(found)
    assert step is not None
    assert name(found, step.node) == variable
    assert said in step.wrong


def test_variables_that_are_made_without_init_are_seen() -> None:
    found = needle(("", ""))
    assert [node.name for node in found.nodes if node.extra] == ["Negate(y)"]
    assert marked(found) is None


def test_what_goes_through_them_is_followed() -> None:
    step = marked(needle(("sum_node_list(arrived[node])", "arrived[node][-1]")))
    assert step is not None
    assert "had arrived as well" in step.wrong or "had arrived at" in step.wrong


def needle(change: tuple[str, str]) -> Trace:
    """Return the trace of a difference in needle, whose tensors are made by `__new__`; with a change."""
    return trace("needle-hw1", What("h = x * (x - y)"), {"autograd": source("needle-hw1", "autograd").replace(*change)})


def test_what_is_left_of_a_sum_that_cancels_is_rounding() -> None:
    found = trace("module1", What("h = x / x", (), {"x": 0.05}, 1e12))
    assert float(found.ends[0].derivative) != 0.0
    assert found.ends[0].right
    assert marked(found) is None
