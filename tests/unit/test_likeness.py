"""Which functions equal the solution's: renamed and stripped ones do, others that do the same do not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.batch import class_page
from grader.grading import likeness
from grader.grading.likeness import alike
from grader.model import Result
from grader.reports import audience, feedback, rows, stored, terminal
from grader.reports.overview import Head
from tests.machinery import REFERENCE

SORT = """
from __future__ import annotations

def topological_sort(v):
    # mine, all mine
    result = []
    visited = set()
    todo = [(v, False)]
    while todo:
        node, done = todo.pop()
        if done:
            result.append(node)
            continue
        if node.is_constant() or node.unique_id in visited:
            continue
        visited.add(node.unique_id)
        todo.append((node, True))
        todo.extend((p, False) for p in node.parents)
    result.reverse()
    return result
"""


def test_a_renamed_copy_without_comments_is_alike() -> None:
    assert alike({"autodiff": SORT.encode()}, REFERENCE) == ("autodiff.topological_sort",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    result.reverse()\n    return result", "    return result[::-1]"),
        ("todo.append((node, True))", "todo.append((v, True))"),
        ("node.parents", "node.inputs"),
        ("if done:", "if not done:"),
    ],
)
def test_one_that_differs_in_more_than_names_is_not(old: str, new: str) -> None:
    assert old in SORT
    assert alike({"autodiff": SORT.replace(old, new).encode()}, REFERENCE) == ()


def test_the_reference_is_alike_only_where_it_has_something_to_solve() -> None:
    found = alike({name: text.encode() for name, text in REFERENCE.items()}, REFERENCE)
    assert {"autodiff.topological_sort", "autodiff.backpropagate", "scalar.Scalar.chain_rule"} <= set(found)
    assert not {"scalar.Scalar.__init__", "scalar.derivative_check", "operators.mul"} & set(found)


def test_what_is_no_python_is_like_nothing() -> None:
    assert alike({"autodiff": b"def f(:", "scalar": b"\xff", "other": b""}, REFERENCE) == ()


def test_helpers_and_names_that_are_not_local_count() -> None:
    other = SORT.replace("node.is_constant()", "is_constant(node)")
    assert alike({"autodiff": other.encode()}, REFERENCE) == ()


def test_staff_read_of_it_everywhere_and_students_nowhere() -> None:
    whole = Result(1, "u1", "hw1", "d", {}, Fraction(1), Fraction(1), (), alike=("autodiff.topological_sort",))
    told = audience.for_student(whole)
    assert "autodiff.topological_sort" in feedback.markdown(whole)
    assert b"autodiff.topological_sort" in stored.encode(whole)
    for text in (feedback.markdown(told), repr(told), stored.encode(told).decode()):
        assert "topological_sort" not in text
    row = rows.of(whole)
    page = "".join(class_page.html("hw1", [row], [Head("a", "A", Fraction(1))]))
    assert "u1" in page and "autodiff.topological_sort" in page
    assert "1 with functions that equal the solution's" in terminal.summary(["a"], [row], 200)


def test_two_that_equal_each_other_have_one_digest_and_no_other_does() -> None:
    mine = SORT.replace("    result.reverse()\n    return result", "    return result[::-1]")
    renamed = mine.replace("todo", "stack").replace("visited", "seen").replace("# mine, all mine", "# not mine")
    different = mine.replace("node.parents", "node.inputs")
    first, second, third = (
        likeness.digests({"autodiff": text.encode()}, REFERENCE) for text in (mine, renamed, different)
    )
    assert first == second
    assert [*first] == ["autodiff.topological_sort"] == [*third]
    assert first != third
    assert likeness.digests({"autodiff": SORT.encode()}, REFERENCE) == {}, "the solution's own is told apart from these"
    short = "def topological_sort(v):\n    return sorted(v)\n"
    assert likeness.digests({"autodiff": short.encode()}, REFERENCE) == {}
    for text in (b"def topological_sort(:", b"\xff", b""):
        assert likeness.digests({"autodiff": text}, REFERENCE) == {}
