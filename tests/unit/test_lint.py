"""`grader lint`: each mistake is found where it stands and says what to do; what is right stays clean."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader import cli
from grader.authoring import linting
from tests.conftest import ROOT

CONFIGS = (
    "config.yaml",
    *sorted(f"examples/{one.parent.name}/config.yaml" for one in ROOT.glob("examples/*/config.yaml")),
)

FUNCTION = """\
format: 1
id: made
title: Made
statement: s
file: made.py
class: Made
arguments: {x: real, y: positive}
value: x * y
checks: {forward: 1, backward: 2}
"""
VALUES = FUNCTION.replace("class: Made", "kind: values\nfunction: made").replace(
    "{forward: 1, backward: 2}", "{value: 1}"
)
REFERENCE = """\
from .autodiff import Context
from .scalar_functions import ScalarFunction
# solution: all that follows

class Made(ScalarFunction):
    @staticmethod
    def forward(ctx, x, y):
        return x * y

    @staticmethod
    def backward(ctx, d_out):
        return d_out, d_out


class ByClass(ScalarFunction):
    @classmethod
    def forward(cls, ctx, x, y=1.0):
        return x * y


class Many(ScalarFunction):
    @staticmethod
    def forward(ctx, *args):
        return args[0]


def made(x, y):
    return x * y


def one(x):
    return x


def guarded(x, y, eps=1e-9):
    return x * y
# end solution
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course whose last module is `made.py`, with no exercise yet."""
    shutil.copytree(ROOT / "reference", tmp_path / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "reference" / "made.py").write_text(REFERENCE)
    (tmp_path / "config.yaml").write_text(
        "format: 1\nassignment: a\ntitle: A\nexercises: [made.yaml]\n"
        "layout: {modules: [operators, autodiff, scalar_functions, scalar, made]}\n"
    )
    return tmp_path


def found(course: Path, text: str) -> list[str]:
    """Return what lint says of one exercise, as lines."""
    (course / "made.yaml").write_text(text)
    return [str(one) for one in linting.problems(course / "config.yaml")]


@pytest.mark.parametrize("name", CONFIGS)
def test_every_shipped_exercise_is_clean(name: str) -> None:
    assert linting.problems(ROOT / name) == []


def test_what_is_right_is_clean(course: Path) -> None:
    assert found(course, FUNCTION) == []
    assert found(course, VALUES) == []


MISTAKES = {
    "an argument that the formula does not use": (
        FUNCTION.replace("x * y", "x * 2"),
        "made.yaml:7:22: argument 'y' is not in the formula x * 2; use it, or leave it out",
    ),
    "a logarithm of what may be negative": (
        FUNCTION.replace("x * y", "y + log(x)"),
        "made.yaml:8:12: log(x) has no value at x = 0, which the domains allow (x: real, y: positive); keep x above 0",
    ),
    "a root of what may be 0": (
        FUNCTION.replace("x * y", "y * sqrt(abs(x))"),
        "made.yaml:8:12: sqrt(abs(x)) has no derivative at x = 0, which the domains allow (x: real, y: positive); "
        "keep abs(x) above 0",
    ),
    "a division by what can be 0": (
        FUNCTION.replace("x * y", "y / x"),
        "made.yaml:8:8: y / x has no value at x = 0, y = ",
    ),
    "a division by what is 0 at no round number": (
        FUNCTION.replace("x * y", "y / (x ** 2 - 7)"),
        "made.yaml:8:8: y / (x ** 2 - 7) has no value where x ** 2 - 7 is 0, which the domains allow",
    ),
    "a power of 0": (
        FUNCTION.replace("x * y", "y * x ** -1"),
        "made.yaml:8:12: x ** -1 has no value at x = 0, which the domains allow",
    ),
    "a varying power of what may be negative": (
        FUNCTION.replace("x * y", "x ** y"),
        "made.yaml:8:8: x ** y has no value at x = 0, y = ",
    ),
    "too few arguments in the reference": (
        VALUES.replace("function: made", "function: one"),
        "made.yaml:8:12: one in the reference (made.py:31) takes 1 argument, and the exercise asks it with 2; "
        "make them the same",
    ),
    "too many in a class's forward": (
        FUNCTION.replace("x: real, y", "y").replace("x * y", "y"),
        "made.yaml:7:12: Made.forward in the reference (made.py:7) takes 3 arguments, and the exercise asks it with 2 "
        "(ctx counts); make them the same",
    ),
    "an argument called ctx": (
        FUNCTION.replace("{x:", "{ctx:").replace("x * y", "ctx * y"),
        "made.yaml:7:13: argument 'ctx' has the name of the context; call it something else",
    ),
    "an argument called as the function": (
        VALUES.replace("{x:", "{made:").replace("x * y", "made * y"),
        "made.yaml:8:13: argument 'made' has the name of what students write; call it something else",
    ),
    "an argument called as one of the language": (
        FUNCTION.replace("{x:", "{exp:").replace("x * y", "exp * y"),
        "made.yaml:7:13: argument 'exp' has the name of a function of the formula language; call it something else",
    ),
    "a number of the language as an argument": (
        FUNCTION.replace("{x:", "{e:").replace("x * y", "e * y"),
        "made.yaml:7:13: argument 'e' has the name of a number of the formula language; call it something else",
    ),
    "a word of Python's as an argument": (
        FUNCTION.replace("{x:", "{lambda:"),
        "made.yaml:7:21: argument 'lambda' should be a Python name other than d_out",
    ),
    "a reversed range": (
        FUNCTION.replace("x: real", "x: 5..-5"),
        "made.yaml:7:16: domain '5..-5' of x should be one of real, positive, nonzero, whole, a range like -500..500, "
        "or an inequality like 0 < x <= 1; "
        "this one is reversed, write -5..5",
    ),
    "an empty range": (
        FUNCTION.replace("x: real", "x: 5..5"),
        "made.yaml:7:16: domain '5..5' of x should be one of real, positive, nonzero, whole, a range like -500..500, "
        "or an inequality like 0 < x <= 1; "
        "this one holds a single number",
    ),
    "a file outside the layout": (
        FUNCTION.replace("file: made.py", "file: mode.py"),
        "made.yaml:5:7: file 'mode.py' is no module of the layout; did you mean 'made.py'?; the layout ",
    ),
    "a class that the reference has not": (
        FUNCTION.replace("class: Made", "class: Male"),
        "made.yaml:6:8: Male is not in the reference's made.py; write its solution there",
    ),
    "a range with three dots": (
        FUNCTION.replace("x: real", "x: 0...5"),
        "made.yaml:7:16: domain '0...5' of x should be one of real, positive, nonzero, whole, a range like -500..500, "
        "or an inequality like 0 < x <= 1; a range has two dots, write 0..5",
    ),
    "a misconception that is right": (
        f"{FUNCTION}misconceptions:\n  - {{returns: [y * d_out, x], say: s}}\n"
        "  - {returns: [d_out * y, x * d_out + 0], say: s}\n",
        "made.yaml:12:15: returns is the right answer at every input that was tried; write what is returned by mistake",
    ),
    "a misconception of a value that is right": (
        f"{VALUES}misconceptions: [{{returns: [y * x], say: s}}]\n",
        "made.yaml:11:28: returns is the right answer at every input that was tried; write what is returned by mistake",
    ),
    "no points": (
        FUNCTION.replace("1, backward: 2", "0, backward: 0"),
        "made.yaml:9:9: no check is worth a point; give one its points",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_where_it_stands(mistake: str, course: Path) -> None:
    text, said = MISTAKES[mistake]
    told = found(course, text)
    assert len([one for one in told if one.startswith(said)]) == 1, told


RIGHT = {
    "a guard by where": FUNCTION.replace("x * y", "where(x > 0, log(x), y)"),
    "a guard on the other side": FUNCTION.replace("x * y", "where(x < 0, y, sqrt(x + 1))"),
    "a divisor of one sign": FUNCTION.replace("x * y", "y / (1 + x ** 2)"),
    "a divisor with a hole at 0": FUNCTION.replace("x: real", "x: nonzero").replace("x * y", "y / x"),
    "a divisor that jumps over 0": FUNCTION.replace("x * y", "y / where(x > 0, 1, -1)"),
    "a range that stays away": FUNCTION.replace("x: real", "x: 1..9").replace("x * y", "log(x) / (x - 0.5) + y"),
    "what is only too large": FUNCTION.replace("x * y", "exp(x) * y"),
    "an overflow in the branch that is taken": FUNCTION.replace("x * y", "where(x > 0, exp(x), sqrt(1 - x)) + y"),
    "a root of 0 where no derivative is asked": VALUES.replace("x * y", "y * sqrt(abs(x))"),
    "a class method with a default": FUNCTION.replace("class: Made", "class: ByClass"),
    "any number of arguments": FUNCTION.replace("class: Made", "class: Many"),
    "one more argument with a default": VALUES.replace("function: made", "function: guarded"),
}


@pytest.mark.parametrize("right", RIGHT)
def test_unusual_exercises_that_are_right_stay_clean(right: str, course: Path) -> None:
    assert found(course, RIGHT[right]) == []


def test_of_several_in_a_file_each_is_told_at_its_own_line(course: Path) -> None:
    text = (
        "format: 1\nkind: values\nfile: made.py\nchecks: {value: 1}\narguments: {x: real, y: real}\nexercises:\n"
        "  product: {function: made, value: x * y}\n"
        "  quotient: {function: made, value: x / y}\n"
        "  alone: {function: made, value: x + 1}\n"
    )
    told = found(course, text)
    assert told[0].startswith("made.yaml:5:22: argument 'y' is not in the formula x + 1")
    assert told[1].startswith("made.yaml:8:37: x / y has no value at ")
    assert len(told) == 2


def test_a_reference_that_is_no_python_is_told_with_its_line(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (course / "made.yaml").write_text(FUNCTION)
    (course / "reference" / "made.py").write_text("def made(x):\n    return (x\n")
    assert cli.main(["lint", "--config", str(course / "config.yaml")]) == 2
    assert "reference/made.py:2:12: is no Python: '(' was never closed; mend it" in capsys.readouterr().out


def test_a_reference_that_fails_is_told_with_check_input_and_line(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "made.yaml").write_text(FUNCTION.replace("x * y", "x * y + 0 * x"))
    assert cli.main(["lint", "--config", str(course / "config.yaml")]) == 2
    told = capsys.readouterr().out
    assert told.startswith(
        "made.yaml:2:5: the reference itself fails its backward check (wrong answer: the gradient of "
    )
    assert ", at made.py:11, at x = 2.0, y = 3.0, d_out = 1.0: it returned 1.0, expected 3.0" in told


def test_a_graph_that_a_reference_fails_is_told_as_lines_to_run(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(ROOT / "exercises/module1/34-backpropagate.yaml", course / "made.yaml")
    machine = course / "reference" / "autodiff.py"
    right = "arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share"
    assert right in machine.read_text()
    machine.write_text(machine.read_text().replace(right, "arrived[parent.unique_id] = share"))
    assert cli.main(["lint", "--config", str(course / "config.yaml")]) == 2
    assert "x = Scalar(3.0); a = x * x; backpropagate(a, 2.0); " in capsys.readouterr().out


def test_an_exercise_that_is_not_read_is_told(course: Path) -> None:
    (course / "exercises").mkdir()
    (course / "exercises" / "made.yaml").write_text(FUNCTION)
    (course / "exercises" / "20-new.yml").write_text(FUNCTION)
    text = (course / "config.yaml").read_text()
    (course / "config.yaml").write_text(text.replace("[made.yaml]", "[exercises]"))
    said = "exercises/20-new.yml: is not read: an exercise's file ends in .yaml; rename it, or move it elsewhere"
    assert [str(one) for one in linting.problems(course / "config.yaml")] == [said]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "value:",
            "condition: x > 99999\nvalue:",
            "made.yaml:8:12: only 0 of 50 inputs can be drawn from its domain where its condition holds; widen either ",
        ),
        ("x: real", "x: 1e90..1e91", "made.yaml:7:12: only 0 of 50 inputs can be drawn from its domain; widen it or"),
    ],
)
def test_what_cannot_be_drawn_is_told_where_it_is_said(
    old: str, new: str, said: str, course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "made.yaml").write_text(FUNCTION.replace(old, new).replace("x * y", "(x * y) ** 2"))
    assert cli.main(["lint", "--config", str(course / "config.yaml")]) == 2
    assert capsys.readouterr().out.startswith(said)
