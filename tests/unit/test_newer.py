"""What is new in a later Python is said as such; what is only wrong is not."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from grader.model import Result
from grader.sandbox.worker import newer


@pytest.mark.parametrize(
    ("line", "since"),
    [
        ("    except* ValueError:", "3.11"),
        ("first = table[*index]", "3.11"),
        ("type Pair = tuple[float, float]", "3.12"),
        ("def first[T](items: list[T]) -> T:", "3.12"),
        ("class Box[T]:", "3.12"),
        ("class Box[T = int]:", "3.13"),
        ("print(f'{names['x']}')", "3.12"),
        ("except ValueError, TypeError:", "3.14"),
        ("greeting = t'hello {name}'", "3.14"),
    ],
)
def test_a_newer_syntax_is_said_with_both_versions(line: str, since: str) -> None:
    said = newer.syntax(line, here=(3, 10))
    assert f"is new in Python {since}, and this was run with Python 3.10" in said
    major, minor = map(int, since.split("."))
    assert newer.syntax(line, here=(major, minor)) == ""


@pytest.mark.parametrize(
    "line",
    [
        "print('don't')",
        "print(f'{x')",
        "f'a' f'{b}' c d",
        "x = 't' 1",
        "def broken(:",
        "return",
        "x = = 1",
        "print 'x'",
        "class Box(:",
        "typed = x y",
    ],
)
def test_what_is_only_wrong_is_not_taken_for_new(line: str) -> None:
    assert newer.syntax(line, here=(3, 10)) == ""


def test_a_newer_module_is_said() -> None:
    assert newer.module("tomllib", here=(3, 10)).startswith("the module tomllib is new in Python 3.11")
    assert newer.module("tomllib", here=(3, 11)) == newer.module("math", here=(3, 10)) == ""


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="nothing is newer than this Python")
def test_a_student_is_told_which_python_it_takes(grade: Callable[[str], Result]) -> None:
    result = grade("try:\n    pass\nexcept ValueError, TypeError:\n    pass\n")
    assert "is new in Python 3.14" in result.exercises[0].checks[0].outcome.said
    result = grade("import compression\n\nclass TimesFive:\n    forward = staticmethod(lambda ctx, x: compression.x)\n")
    assert "compression is new in Python 3.14" in result.exercises[0].checks[0].outcome.said
