"""What is said of an exception beside Python's own words: who called, which name was meant, and what helps."""

from __future__ import annotations

import linecache
from typing import Any

import pytest

from grader.exercise_kinds import blame, exceptions
from grader.exercise_kinds.quoting import unquoted
from grader.grading.python_messages import is_pythons_own
from grader.sandbox.boundary.protocol import MOST_CALLERS, Fault
from grader.sandbox.worker import faults, meant

FILE = "lecture8.py"

CONTEXT = """
class Context:
    def __init__(self, *saved):
        self.saved_values = saved
    def save_for_backward(self, *values):
        self.saved_values = values
ctx = Context({saved})
class Scalar:
    data = 1.0
"""


def raised(code: str, saved: str = "") -> Fault:
    """Return the fault of a line of a student's, with a context that holds `saved`."""
    source = f"import math\n\ndef f(x):\n    {code}\n\nf(2.0)\n"
    linecache.cache[FILE] = (len(source), None, source.splitlines(True), FILE)
    space: dict[str, Any] = {}
    exec(CONTEXT.format(saved=saved), space)
    try:
        exec(compile(source, FILE, "exec"), space)
    except Exception as error:
        return faults.fault(error, frozenset((FILE,)))
    raise AssertionError(f"{code} raised nothing")


HELPED = (
    ("(x,) = ctx.saved_values", "", "ctx.saved_values is empty here"),
    ("x, y = ctx.saved_values", "1.5,", "This line unpacks 2 values, and 1 was saved"),
    ("(x,) = ctx.saved_values", "1.5, 2.5", "More values were saved than the 1"),
    ("a, b = x", "", "A single number is unpacked"),
    ("return 2.0 * ctx.saved_values", "1.5,", "ctx.saved_values is a tuple"),
    ("return 2.0 * (x,)", "", "A tuple or a list is multiplied"),
    ("return math.log((x,))", "", "A tuple stands where a number should"),
    ("return x - ctx.saved_values", "1.5,", "One side is a tuple"),
    ("return ctx.saved_values ** x", "1.5,", "One side is a tuple"),
    ("y = None; y += x", "", "The left side is None"),
    ("return x * None", "", "One side is None"),
    ("return math.exp(Scalar())", "", "A Scalar stands where"),
    ("return x.data", "", "This is a plain number"),
    ("return math.log(-x)", "", "math.log takes numbers above 0"),
    ("return math.exp(1000 * x)", "", "math.exp of a number above 709"),
    ("history = None; history.last_fn", "", "The history is None here"),
    ("last_fn = None; last_fn.backward(x)", "", "last_fn is None here"),
    ("return Scalar(x)", "", "Scalar(…) makes an object of the class"),
    ("return f(x)", "", "Python allows about 1,000 calls"),
    ("seen = {}; seen[x] += 1.0", "", "The dictionary has no such key"),
    ("y = z; z = 1", "", "A name that is given a value"),
    ("return random.random()", "", "`random` is a module of Python"),
    ("raise ValueError('x should be positive')", "", ""),
    ("return [][1]", "", ""),
    ("return int('x')", "", ""),
)


@pytest.mark.parametrize(("code", "saved", "helped"), HELPED)
def test_a_common_exception_gets_the_sentence_that_is_true_of_it(code: str, saved: str, helped: str) -> None:
    said = exceptions.sentence(raised(code, saved))
    assert said.startswith(helped)
    assert bool(said) == bool(helped)


def test_every_sentence_of_the_table_is_met_by_an_exception() -> None:
    unmet = [one for one in exceptions.TABLE if not any(one.holds(raised(code, saved)) for code, saved, _ in HELPED)]
    alone = ["It is called on the class, wi", "`{0}` is this function itself", "A forward leads to an apply h"]
    assert [one.sentence[:29] for one in unmet] == alone


def without_end(source: str, call: str) -> str:
    """Return what is said of a file in which a call calls itself without end."""
    linecache.cache[FILE] = (len(source), None, source.splitlines(True), FILE)
    space: dict[str, Any] = {}
    exec(compile(source, FILE, "exec"), space)
    with pytest.raises(RecursionError) as caught:
        eval(call, space)
    return exceptions.sentence(faults.fault(caught.value, frozenset((FILE,))))


def test_a_function_that_has_the_name_of_pythons_own_is_told() -> None:
    alone = "def max(x, y):\n    return max(x, y)\n"
    assert without_end(alone, "max(1.0, 2.0)").startswith("`max` is this function itself")
    two = "def f(x):\n    return g(x)\n\ndef g(x):\n    return f(max(x, 1.0))\n"
    assert without_end(two, "f(1.0)").startswith("Python allows")


def test_a_forward_on_scalars_is_told_where_it_never_ends() -> None:
    mul = "class Mul:\n  def forward(x, y):\n    return x * y\n  def apply(x, y):\n    return Mul.forward(x, y)\n"
    scalar = "class Scalar:\n  def __mul__(self, other):\n    return Mul.apply(self, other)\n"
    assert without_end(mul + scalar, "Scalar() * Scalar()").startswith("A forward leads to an apply here")


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("class A:\n  def __len__(self):\n    return len(self)\n", "len(A())"),
        ("class A:\n  def abs(self):\n    return abs(self)\n  __abs__ = abs\n", "A().abs()"),
        ("def f(x):\n  return [*map(f, [x])]\n", "f(1)"),
        ("def f(x):\n  return f(max(x, 1.0))\n", "f(1.0)"),
        ("def max(a, x):\n  return a.max(a, x)\n", "max(__import__('types').SimpleNamespace(max=max), 1)"),
        ("def walk(x):\n  return walk(x)\ndef forward(x):\n  return walk(x)\ny = lambda x: F.apply(x)\n"
         "class F:\n  def apply(x): return forward(x)\n", "F.apply(1)"),
        ("def walk(x):\n  return walk(x)\nclass F:\n  def apply(x): return F.forward(x)\n"
         "  def forward(x): return walk(x)\ndef call(x): return F.apply(x)\n", "call(1)"),
    ],
)  # fmt: skip
def test_a_recursion_of_another_kind_is_not_told_as_these(source: str, call: str) -> None:
    assert without_end(source, call).startswith("Python allows")


def test_a_recursion_of_two_lines_is_told_by_each_line_once() -> None:
    source = "def f(x):\n    return g(x)\n\ndef g(x):\n    return f(x)\n\ndef start(x):\n    return f(x)\n"
    linecache.cache[FILE] = (len(source), None, source.splitlines(True), FILE)
    space: dict[str, Any] = {}
    exec(compile(source, FILE, "exec"), space)
    with pytest.raises(RecursionError) as caught:
        eval("start(1.0)", space)
    told = faults.fault(caught.value, frozenset((FILE,)))
    assert sorted((told.line, *(one.line for one in told.callers))) == [2, 5, 8]
    assert told.callers[-1].line == 8


@pytest.mark.parametrize("parameters", ["x", "self, ctx, x"])
def test_a_missing_ctx_or_a_self_too_many_is_told(parameters: str) -> None:
    with pytest.raises(TypeError) as caught:
        exec(f"class Square:\n  def forward({parameters}): pass\nSquare.forward(None, 2.0)")
    assert "ctx first" in exceptions.sentence(faults.fault(caught.value, frozenset()))


KNOWN = ("valeu", "sqr", "saved_value", "save_for_backwards", "sqrt", "value", "ctx")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("return ctx.saved_value", "saved_values"),
        ("ctx.save_for_backwards(x)", "save_for_backward"),
        ("return math.sqr(x)", "sqrt"),
        ("value = x; return valeu", "value"),
    ],
)
def test_the_name_that_was_meant_is_told_as_python_tells_it(code: str, name: str) -> None:
    message = raised(code).message
    assert message.endswith(f". Did you mean: {name!r}?")
    assert is_pythons_own(message, KNOWN.__contains__)
    assert not is_pythons_own(message.replace(name, "somebody_elses"), KNOWN.__contains__)


@pytest.mark.parametrize("code", ["return ctx.gradient", "return q", "return math.integral(x)", "return x.__flutes__"])
def test_no_name_is_suggested_where_none_is_close(code: str) -> None:
    assert "Did you mean" not in raised(code).message


def test_an_object_that_lies_about_its_names_suggests_nothing() -> None:
    class Liar:
        def __dir__(self) -> list[str]:
            raise ValueError("no")

    with pytest.raises(AttributeError) as caught:
        Liar().name  # type: ignore[attr-defined]  # noqa: B018 - it is meant to raise
    assert faults.fault(caught.value, frozenset()).message == "(its message could not be read)"
    assert meant.closest("a", ["b" * 50]) == ""


def test_every_frame_of_theirs_is_told_and_a_recursion_once() -> None:
    source = (
        "def a(n):\n    return a(n - 1) if n else b()\ndef b():\n    return c()\ndef c():\n    return 1 / 0\na(50)\n"
    )
    linecache.cache[FILE] = (len(source), None, source.splitlines(True), FILE)
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile(source, FILE, "exec"), {})
    outcome = blame.of_fault(faults.fault(caught.value, frozenset((FILE,))), "a")
    assert unquoted(outcome.place) == "lecture8.py:6: return 1 / 0"
    assert [unquoted(one) for one in outcome.callers] == [
        "lecture8.py:4: return c()",
        "lecture8.py:2: return a(n - 1) if n else b()",
        "lecture8.py:7: a(50)",
    ]
    assert len(outcome.callers) <= MOST_CALLERS


@pytest.mark.parametrize(
    ("body", "under_code"),
    [
        ("raise NotImplementedError", False),
        ("'''Text.'''\n    pass\n    ...\n    raise NotImplementedError", False),
        ("import math\n    from math import exp\n    raise NotImplementedError", False),
        ("if x < 0:\n        raise ValueError\n    raise NotImplementedError", False),
        ("if x < 0:\n        raise ValueError\n    else:\n        y = x\n    raise NotImplementedError", True),
        ("y = 2 * x\n    raise NotImplementedError('still to do')", True),
        ("if x > 0:\n        y = x\n        raise NotImplementedError\n    return 1", False),
        ("y = x\n    if x > 0:\n        raise NotImplementedError\n    return 1", True),
    ],
)
def test_a_raise_under_code_is_told_from_what_is_not_written(body: str, under_code: bool) -> None:
    outcome = blame.of_fault(raised(body), "f")
    assert outcome.verdict == "not attempted"
    assert outcome.reason == ("f still raises NotImplementedError" if under_code else "f is not written yet")
    assert bool(outcome.help) is under_code
