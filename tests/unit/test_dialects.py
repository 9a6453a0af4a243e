"""Dialects: their text is read without being run, every mistake in it is told, and each does what its file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment import dialects
from grader.assignment.dialects import BUILT_IN, Dialect, parse
from grader.assignment.forms import FormError
from grader.errors import UsageError
from grader.grading import accepted as accepting
from grader.grading import recognition
from grader.model import Submission
from grader.oracle.expressions import parse as formula
from grader.oracle.spelling import method_of, occurrences, spelled


def read(text: str) -> Dialect:
    return parse(text, "mine.py", "mine.py")


def refused(text: str) -> list[str]:
    with pytest.raises(FormError) as error:
        read(text)
    return str(error.value).splitlines()


def test_the_built_in_dialects_are_those_that_the_courses_need() -> None:
    wanted = {"dual", "micrograd", "minitorch", "minitorch-2020", "minitorch-2021", "pullback"}
    wanted |= {"minitorch-tensor", "needle", "needle-2022"}
    assert set(BUILT_IN) == wanted
    modes = {name: dialects.built_in(name).mode for name in BUILT_IN}
    assert modes == dict.fromkeys(wanted, "backward") | {"dual": "forward", "pullback": "pullback"}


def test_names_that_a_dialect_neither_defines_nor_imports_are_the_students() -> None:
    text = """
import math

def _helper(v, *others, key=0):
    for one in others:
        try:
            with open(one) as file:
                return [x for x in file if len(x) > math.pi]
        except OSError as error:
            return error

def leaf(value): return Node(value)
def backward(v, d): run(gradients(v), lambda out: out * d)
"""
    assert set(read(text).names) == {"Node", "run", "gradients"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def lief(value): pass", "mine.py:1:1: unknown function 'lief'; did you mean 'leaf'?; a helper's name"),
        ("def leaf(value, more): pass", "mine.py:1:1: leaf is called with (value)"),
        ("def backward(v): pass", "mine.py:1:1: backward is called with (v, d)"),
        ("AGAIN = 'often'", "mine.py:1:9: AGAIN should be one of accumulates, resets, unasked"),
        ("NUMBERS = 1", "mine.py:1:11: NUMBERS should be one of leaves, constants, unasked"),
        ("DEPTH = 3", "mine.py:1:9: DEPTH should be a whole number from 10 to 5000"),
        ("OPERATIONS = {'relo': 'relu'}", "mine.py:1:15: unknown operation 'relo'; did you mean 'relu'?; one of"),
        ("OPERATIONS = ['relu']", "mine.py:1:14: OPERATIONS is a dict, as"),
        ("OPERATIONS = {'relu': 'x.relu()'}", "mine.py:1:23: 'x.relu()' should be the name of a method"),
        ("WORDS = {'leave': 'Value({})'}", "mine.py:1:9: unknown word 'leave'; did you mean 'leaf'?"),
        ("WORDS = {'leaf': 'Value({x})'}", "mine.py:1:9: WORDS is a dict of templates, as"),
        ("DEPHT = 100", "mine.py:1:1: unknown constant 'DEPHT'; did you mean 'DEPTH'?; a helper's name begins"),
        ("RECOGNISED_BY = 'Value'", "mine.py:1:17: RECOGNISED_BY is a list of names, as"),
        ("def leaf(value:", "mine.py:1:"),
        ("def backward(v, d): pass\ndef pullback(function, xs, d): pass", "mine.py:2:1: derivatives come by backward"),
        ("def prepare(): pass\ndef pullback(function, xs, d): pass", "mine.py:2:1: prepare runs before"),
        ("def prepare(x): pass", "mine.py:1:1: prepare is called with ()"),
    ],
)
def test_a_mistake_in_a_dialect_is_told_where_it_stands(text: str, said: str) -> None:
    (line,) = refused(text)
    assert line.startswith(said)


def test_all_mistakes_are_told_at_once() -> None:
    assert len(refused("AGAIN = 'often'\nDEPTH = 3\ndef lief(v): pass\n")) == 3


def test_a_dialect_that_is_not_there_is_told_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(FormError, match="unknown dialect 'microgard'; did you mean 'micrograd'\\?; one of dual"):
        dialects.read("microgard", tmp_path)
    with pytest.raises(UsageError, match=r"dialect\.py: cannot be read: No such file"):
        dialects.read("dialect.py", tmp_path)


def test_reading_a_dialect_runs_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "dialect.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\ndef leaf(value): return 1 / 0\n")
    assert dialects.read("dialect.py", tmp_path).functions == ("leaf",)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("text", "build", "named", "comes"),
    [
        ("2 - x", "as_written", (), "2 - _0"),
        ("2 / x", "methods", (), "div(2, _0)"),
        ("x * y + 1", "as_written", ("mul",), "mul(_0, _1) + 1"),
        ("x * y + 1", "operators", ("mul",), "_0 * _1 + 1"),
        ("2 * 3 * x", "methods", (), "mul(2 * 3, _0)"),
        ("-x + pi", "as_written", (), "-_0 + 3.141592653589793"),
        ("where(x < y, exp(x), 1)", "as_written", (), "where(_0 < _1, exp(_0), 1)"),
    ],
)
def test_a_formula_is_spelled_as_the_author_builds_it(
    text: str, build: str, named: tuple[str, ...], comes: str
) -> None:
    assert spelled(formula(text, ["x", "y"]), build, named).text == comes  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("x + y", "__add__"),
        ("3 + x", "__radd__"),
        ("2 / x", "__rtruediv__"),
        ("x ** -2", "__pow__"),
        ("-x", "__neg__"),
        ("tanh(x)", "tanh"),
        ("tanh(x) + tanh(x)", ""),
        ("x * x + x", ""),
    ],
)
def test_the_method_under_test_is_told_from_the_formula(text: str, method: str) -> None:
    assert method_of(formula(text, ["x", "y"])) == method


def test_each_use_of_an_argument_is_told_apart() -> None:
    assert occurrences(formula("x * y + exp(x)", ["x", "y"])) == ("_0 * _1 + exp(_2)", (0, 1, 0))


OLD = b"class FunctionBase:\n    pass\nclass VariableWithDeriv:\n    pass\n"
BETWEEN = b"class FunctionBase:\n    pass\ndef topological_sort(v):\n    pass\n"


def handed_in(**modules: bytes) -> Submission:
    return Submission("s", {name: (f"{name}.py", source) for name, source in modules.items()})


def accepted(*names: str) -> list[Dialect]:
    return [dialects.built_in(name) for name in names]


@pytest.mark.parametrize(
    ("submission", "index"),
    [
        (handed_in(autodiff=OLD), 2),
        (handed_in(autodiff=BETWEEN), 1),
        (handed_in(autodiff=b"", scalar_functions=b"class Mul: pass"), 0),
        (handed_in(autodiff=b"# class FunctionBase: VariableWithDeriv\n"), 0),
        (handed_in(), 0),
    ],
)
def test_a_submission_is_recognised_by_what_its_files_define(submission: Submission, index: int) -> None:
    known = accepted("minitorch", "minitorch-2021", "minitorch-2020")
    assert recognition.recognised(known, submission) == recognition.Recognised(index)


def test_no_file_can_choose_a_dialect_that_is_not_accepted() -> None:
    easier = handed_in(autodiff=OLD, engine=b"class Value:\n    pass\n")
    found = recognition.recognised(accepted("minitorch-2020"), easier)
    assert found == recognition.Recognised(0)


def test_another_interface_is_said_only_where_no_accepted_one_is_there() -> None:
    assert recognition.recognised(accepted("minitorch"), handed_in(autodiff=OLD)).other == "minitorch-2020"
    both = handed_in(autodiff=OLD, scalar_functions=b"class Mul: pass")
    assert recognition.recognised(accepted("minitorch"), both).other == ""


def test_several_dialects_have_to_be_told_apart(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def leaf(value): return Node(value)\n")
    with pytest.raises(FormError, match=r"mine\.py: nothing tells a submission of this dialect from others"):
        accepting.read(("micrograd", "mine.py"), tmp_path)
    with pytest.raises(FormError, match="through: names no dialect"):
        accepting.read((), tmp_path)
    assert [one.dialect.name for one in accepting.read(("mine.py", "micrograd"), tmp_path)] == ["mine.py", "micrograd"]


def test_a_dialect_takes_what_the_operations_that_are_asked_need() -> None:
    said = "OPERATIONS = {'exp': lambda x: Exp()(x), 'log': lambda x: Log()(x), 'sum': lambda x: Tensor.sum(x)}\n"
    one = parse(f"{said}def leaf(value): return Tensor(value)\n", "mine.py", "mine.py")
    assert one.taken(["exp", "add"]) == ("Tensor", "Exp")
    assert one.taken([]) == ("Tensor",)
