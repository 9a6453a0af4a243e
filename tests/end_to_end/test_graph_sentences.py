"""What is said of a wrong graph is what was seen: each sentence beside the code that it is said of."""

from __future__ import annotations

import msgspec
import pytest

from grader.grading.planning import Plan
from grader.sandbox.supervisor import Supervisor
from tests.end_to_end.test_machinery import exercise, graded, held, lost, module1, only, prepared  # noqa: F401 - fixtures
from tests.machinery import replaced


class Said(msgspec.Struct, frozen=True):
    """A change of the reference, the check that loses for it, and what is said there."""

    where: str
    source: str
    check: str
    reason: str
    detail: str = ""
    name: str = ""


def operator(name: str, body: str) -> tuple[str, str]:
    return f"scalar.Scalar.{name}", f"def {name}(self, b):\n    {body}\n"


ONE_OF = "autodiff.topological_sort"
STEP = "scalar.Scalar.chain_rule"
APPLY = """
@classmethod
def apply(cls, *vals):
    from .scalar import Scalar
    return cls._forward(Context(), *(one.data if isinstance(one, Scalar) else one for one in vals))
"""
SAID = {
    "apply returns a float": Said(
        "scalar_functions.ScalarFunction.apply", APPLY, "apply history", "Neg.apply(x) returned a float, not a Scalar"
    ),
    "a backward without d_out": Said(
        "lecture8.Square.backward",
        "@staticmethod\ndef backward(ctx, d_out):\n    return 2.0 * ctx.saved_values[0]\n",
        "square-history boxes",
        "backward of Square, with the context in the history of what Square.apply returns, is wrong",
        "after a = Square.apply(x) a.history.last_fn.backward(a.history.ctx, 4.0) gives 6.0, expected 24.0",
    ),
    "one context for all calls": Said(
        "scalar_functions.ScalarFunction.apply",
        """
        @classmethod
        def apply(cls, *vals, ctx=Context()):
            from .scalar import Scalar, ScalarHistory
            inputs = [v if isinstance(v, Scalar) else Scalar(v) for v in vals]
            return Scalar(cls._forward(ctx, *(s.data for s in inputs)), ScalarHistory(cls, ctx, inputs))
        """,
        "apply history",
        "two calls of apply share one context, and the later forward overwrites what the earlier one saved",
        "after a = Mul.apply(x, y) and b = Add.apply(a, x) both have the same history.ctx",
    ),
    "an empty context in the history": Said(
        "scalar_functions.ScalarFunction.apply",
        """
        @classmethod
        def apply(cls, *vals):
            from .scalar import Scalar, ScalarHistory
            inputs = [v if isinstance(v, Scalar) else Scalar(v) for v in vals]
            return Scalar(cls._forward(Context(), *(s.data for s in inputs)), ScalarHistory(cls, Context(), inputs))
        """,
        "apply history",
        "backward of Mul, with the context in the history of what Mul.apply returns, is wrong",
        "after a = Mul.apply(x, y) a.history.last_fn.backward(a.history.ctx, 4.0) raises an exception, "
        "expected 8.0, 12.0",
    ),
    "a difference the wrong way round": Said(
        *operator("__sub__", "return Add.apply(b, Neg.apply(self))"),
        "scalar-operators arithmetic",
        "x - y has the wrong value (your __sub__)",
        "x - y is -1.0, expected 1.0 (your __sub__)",
        "__sub__ returns other - self",
    ),
    "a reversed difference that is the plain one": Said(
        *operator("__rsub__", "return self - b"),
        "scalar-operators arithmetic",
        "3.0 - x has the wrong value (your __rsub__)",
        "3.0 - x is -1.0, expected 1.0 (your __rsub__)",
        "__rsub__ returns self - other, as __sub__ does",
    ),
    "a reversed quotient that is the plain one": Said(
        *operator("__rtruediv__", "return self / b"),
        "scalar-operators arithmetic",
        "3.0 / x has the wrong value (your __rtruediv__)",
        "3.0 / x is 0.666667, expected 1.5 (your __rtruediv__)",
        "__rtruediv__ returns self / other, as __truediv__ does",
    ),
    "greater that asks for smaller": Said(
        *operator("__gt__", "return LT.apply(self, b)"),
        "scalar-operators comparisons",
        "x > y has the wrong value (your __gt__)",
        "x > y is 0.0, expected 1.0 (your __gt__)",
        "__gt__ compares the wrong way round: it returns self < other",
    ),
    "smaller that takes equal": Said(
        *operator("__lt__", "return Add.apply(1.0, Neg.apply(LT.apply(b, self)))"),
        "scalar-operators comparisons",
        "x < y has the wrong value (your __lt__)",
        "x < y is 1.0, expected 0.0 (your __lt__)",
        "__lt__ returns self <= other",
    ),
    "a reversed difference that is wrong otherwise": Said(
        *operator("__rsub__", "return self + b"),
        "scalar-operators arithmetic",
        "3.0 - x has the wrong value (your __rsub__)",
        "3.0 - x is 5.0, expected 1.0 (your __rsub__)",
    ),
    "a comparison as a bool": Said(
        *operator("__gt__", "return self.data > getattr(b, 'data', b)"),
        "scalar-operators comparisons",
        "x > y returned a bool, not a Scalar (your __gt__)",
    ),
    "an operator without a return": Said(
        *operator("__add__", "Add.apply(self, b)"),
        "scalar-operators arithmetic",
        "x + y returned None (is a return missing?), not a Scalar (your __add__)",
    ),
    "an order without a return": Said(
        ONE_OF,
        "def topological_sort(variable):\n    order = [variable]\n",
        "topological-sort order",
        "it returned no list of variables",
        "it returned None",
    ),
    "an order of pairs": Said(
        ONE_OF,
        "def topological_sort(variable):\n    return [(variable, 1.0)]\n",
        "topological-sort order",
        "it returned no list of variables",
        "it returned a list with a tuple in it",
    ),
    "a variable as its own order": Said(
        ONE_OF,
        "def topological_sort(variable):\n    return variable\n",
        "topological-sort order",
        "it returned no list of variables",
        "it returned a Scalar",
    ),
    "a variable twice": Said(
        ONE_OF,
        "def topological_sort(variable):\n    return [variable, variable]\n",
        "topological-sort order",
        "a variable is in it twice",
        "you returned x, x: x is in it 2 times",
    ),
    "the output alone": Said(
        ONE_OF,
        "def topological_sort(variable):\n    return [variable]\n",
        "topological-sort order",
        "1 of 2 variables that functions made is not in it",
        "you returned b: a is missing",
    ),
    "an order of numbers": Said(
        ONE_OF,
        "def topological_sort(variable):\n    return [1.0, 2.0]\n",
        "topological-sort order",
        "something that is no variable is in it",
        "you returned something that is no variable, something that is no variable; in another graph, "
        "6 of 6 variables that functions made are not in it",
    ),
    "gradients without their variables": Said(
        STEP,
        "def chain_rule(self, d):\n    return self.history.last_fn._backward(self.history.ctx, d)\n",
        "chain-rule chain_rule",
        "it returned no pairs of a variable and its derivative",
        "it returned a tuple with a float in it",
    ),
    "pairs in the wrong order": Said(
        STEP,
        "def chain_rule(self, d):\n    h = self.history\n"
        "    return list(zip(h.inputs, h.last_fn._backward(h.ctx, d)))[::-1]\n",
        "chain-rule chain_rule",
        "its pairs are not in the order of the inputs",
        "it gave (y, 3.0), (x, 2.0), expected (x, 2.0), (y, 3.0)",
    ),
    "another answer each time": Said(
        STEP,
        "times = [1.0]\n\ndef chain_rule(self, d):\n    h = self.history\n    self.times[0] += 1.0\n"
        "    return [(one, d * self.times[0]) for one in h.inputs]\n",
        "chain-rule chain_rule",
        "it returned something else when it was asked again",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_said_is_what_was_seen(
    case: str,
    prepared: Plan,  # noqa: F811
    held: Supervisor,  # noqa: F811
) -> None:
    one = SAID[case]
    asked, check = one.check.split()
    result = graded(replaced(one.where, one.source), only(prepared, {asked}), held)
    outcome = next(each.outcome for each in exercise(result, asked).checks if each.name == check)
    names = [each.name for each in outcome.diagnosis]
    assert (outcome.reason, outcome.detail, names) == (one.reason, one.detail, [one.name] if one.name else [])


def test_a_listing_shows_the_students_own_value(
    prepared: Plan,  # noqa: F811
    held: Supervisor,  # noqa: F811
) -> None:
    wrong = SAID["greater that asks for smaller"]
    result = graded(replaced(wrong.where, wrong.source), only(prepared, {"scalar-operators"}), held)
    shown = exercise(result, "scalar-operators").checks[1].outcome.counterexample
    assert shown is not None
    assert shown.picture is not None
    assert [(one.formula, one.value) for one in shown.picture.nodes] == [
        ("Scalar(3.0)", "3.0"),
        ("Scalar(2.0)", "2.0"),
        ("x > y", "0.0, expected 1.0"),
    ]


def test_two_mistakes_in_one_check_are_both_told(
    prepared: Plan,  # noqa: F811
    held: Supervisor,  # noqa: F811
) -> None:
    first = replaced(*operator("__gt__", "return LT.apply(self, b)"))
    both = replaced(*operator("__eq__", "return LT.apply(self, b)"), first)
    result = graded(both, only(prepared, {"scalar-operators"}), held)
    outcome = exercise(result, "scalar-operators").checks[1].outcome
    assert outcome.reason == "x > y has the wrong value (your __gt__)"
    assert outcome.detail.endswith("; in another graph, x == y has the wrong value (your __eq__)")


FORGETS = (
    "@staticmethod\ndef backward(ctx, d_out):\n    (x,) = ctx.saved_values\n    return operators.sigmoid_back(x, 1.0)\n"
)


def test_a_function_that_forgets_d_out_is_shown_at_that_function(
    prepared: Plan,  # noqa: F811
    held: Supervisor,  # noqa: F811
) -> None:
    sources = replaced("scalar_functions.Sigmoid.backward", FORGETS)
    outcome = exercise(graded(sources, only(prepared, {"all-together"}), held), "all-together").checks[0].outcome
    assert outcome.reason == "a leaf's derivative is wrong"
    assert outcome.counterexample is not None
    assert outcome.counterexample.picture is not None
    assert [one.formula for one in outcome.counterexample.picture.nodes] == ["Scalar(2.0)", "x.sigmoid()"]


def test_a_value_that_is_wrong_already_is_told_before_its_derivative(
    prepared: Plan,  # noqa: F811
    held: Supervisor,  # noqa: F811
) -> None:
    sources = replaced("operators.mul", "def mul(x, y):\n    return x + y\n")
    outcome = exercise(graded(sources, only(prepared, {"all-together"}), held), "all-together").checks[0].outcome
    assert outcome.detail == "the value of a is wrong already: 1.4, expected -1.2"


@pytest.mark.parametrize(
    ("where", "source"),
    [
        operator("__rsub__", "return -(self - b)"),
        operator("__gt__", "return (b if isinstance(b, Scalar) else Scalar(b)) < self"),
        operator("__sub__", "return self + -1.0 * b"),
        (ONE_OF, "def topological_sort(variable):\n    found = {}\n    def visit(one):\n"
         "        for parent in one.parents:\n            visit(parent) if id(parent) not in found else None\n"
         "        found[id(one)] = one\n    visit(variable)\n    return tuple(found.values())\n"),
        (STEP, "def chain_rule(self, d):\n    h = self.history\n"
         "    return map(lambda one, share: [one, share], h.inputs, h.last_fn._backward(h.ctx, d))\n"),
    ],
)  # fmt: skip
def test_right_code_in_another_style_has_nothing_said_of_it(
    where: str,
    source: str,
    prepared: Plan,  # noqa: F811
    held: Supervisor,  # noqa: F811
) -> None:
    asked = {"scalar-operators", "topological-sort", "chain-rule"}
    result = graded(replaced(where, source), only(prepared, asked), held)
    assert {one: checks for one, checks in lost(result).items() if one in asked} == {}
    assert [
        check.outcome.diagnosis for one in result.exercises for check in one.checks if check.outcome.diagnosis
    ] == []
