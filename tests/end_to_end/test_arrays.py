"""Exercises on arrays, end to end: right styles pass, mistakes are found and named, the smallest arrays are shown."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.authoring import linting
from grader.batch import cohort
from grader.errors import UsageError
from grader.grading import config, planning
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import CheckResult, Result, Submission
from grader.reports.feedback import shown_counterexample
from grader.sandbox.supervisor import Supervisor
from grader.selfcheck import making, prepared
from tests.array_mistakes import MISTAKES
from tests.conftest import ROOT

HOME = ROOT / "tests" / "arrays"
OPS = (HOME / "reference" / "ops.py").read_text("utf-8")


@pytest.fixture(scope="module")
def held() -> Iterator[Supervisor]:
    box, _ = cohort.open_box(config.load(HOME / "config.yaml"))
    with Supervisor(box, 912) as opened:
        yield opened


@functools.cache
def plan() -> Plan:
    assignment = config.load(HOME / "config.yaml")
    return cohort.plan(assignment, cohort.open_box(assignment)[0], 1)


def handed_in(source: str) -> Submission:
    return Submission("s", {"ops": ("ops.py", source.encode())})


def changed(*changes: tuple[str, str]) -> str:
    text = OPS
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def lost(result: Result) -> set[str]:
    return {one.id for one in result.exercises if one.verdict != "accepted"}


def check(result: Result, exercise: str, name: str) -> CheckResult:
    (found,) = (one for one in result.exercises if one.id == exercise)
    (inside,) = (one for one in found.checks if one.name == name)
    return inside


def names(result: Result, exercise: str) -> set[str]:
    (found,) = (one for one in result.exercises if one.id == exercise)
    return {diagnosis.name for one in found.checks for diagnosis in one.outcome.diagnosis}


def test_the_reference_earns_all(held: Supervisor) -> None:
    result = Grader(plan(), held).grade(handed_in(OPS))
    assert (lost(result), plan().faults) == (set(), {})


@pytest.mark.parametrize(
    ("exercise", "old", "new", "name"),
    [one for one in MISTAKES if one[1] != one[2]],
    ids=[f"{i}-{one[0]}" for i, one in enumerate(MISTAKES) if one[1] != one[2]],
)
def test_a_mistake_is_found_and_called_by_its_name(
    held: Supervisor, exercise: str, old: str, new: str, name: str
) -> None:
    result = Grader(plan(), held).grade(handed_in(changed((old, new))))
    assert exercise in lost(result)
    assert names(result, exercise) == ({name} if name else set())


STYLES = {
    "einsum": (("return a @ b", "return np.einsum('...ij,...jk->...ik', a, b)"),),
    "tensordot": (
        ("a.sum(axis=axes_of(self.settings, a.ndim))", "np.add.reduce(a, axis=axes_of(self.settings, a.ndim))"),
    ),
    "swapped product": (
        (
            "unbroadcast(d @ b.swapaxes(-1, -2), a.shape)",
            "unbroadcast((b @ d.swapaxes(-1, -2)).swapaxes(-1, -2), a.shape)",
        ),
    ),
    "single precision": (("np.asarray(data), op", "np.asarray(data, dtype=np.float32), op"),),
    "lists": (
        ("return np.exp(a)", "return np.array([[np.exp(x) for x in row] for row in a])"),
        (
            "return (d * np.exp(a),)",
            "return (np.array([[x * y for x, y in zip(p, q)] for p, q in zip(d, np.exp(a))]),)",
        ),
    ),
    "max to the first of equal entries": (
        (
            "first = first / first.sum(axis=axes_of(self.settings, a.ndim), keepdims=True)",
            "first = first & (np.cumsum(first, axis=self.settings[0]) == 1)",
        ),
    ),
    "max to all equal entries": (
        ("first = first / first.sum(axis=axes_of(self.settings, a.ndim), keepdims=True)", "first = first * 1.0"),
    ),
    "relu with one half at 0": (("return (d * (a > 0),)", "return (d * np.heaviside(a, 0.5),)"),),
    "an EPS in the logarithm": (
        ("return np.log(a)", "return np.log(a + 1e-8)"),
        ("return (d / a,)", "return (d / (a + 1e-8),)"),
    ),
    "log of a quotient": (("return (d / a,)", "return (d * (1 / a),)"),),
    "exp kept from forward": (("return (d * np.exp(a),)", "return (self.compute(a) * d,)"),),
    "unbroadcast by einsum": (
        ("            g = g.sum(axis=i, keepdims=True)", "            g = np.expand_dims(g.sum(i), i)"),
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_right_code_in_another_style_earns_all(held: Supervisor, style: str) -> None:
    result = Grader(plan(), held).grade(handed_in(changed(*STYLES[style])))
    assert [
        (one.id, check.outcome) for one in result.exercises for check in one.checks if one.verdict != "accepted"
    ] == []


TOGETHER = (
    ("einsum", "tensordot", "max to the first of equal entries", "an EPS in the logarithm", "exp kept from forward"),
    ("swapped product", "lists", "max to all equal entries", "log of a quotient", "relu with one half at 0"),
    ("single precision", "unbroadcast by einsum"),
)
"""Styles of different operations, in one submission."""


@pytest.mark.parametrize(
    "number", [pytest.param(i, marks=pytest.mark.ci if i < 8 else pytest.mark.prove) for i in range(100)]
)
def test_no_right_style_loses_points_under_any_seed(held: Supervisor, number: int) -> None:
    assert {style for styles in TOGETHER for style in styles} == set(STYLES)
    drawn = planning.prepare(config.load(HOME / "config.yaml"), f"seed {number}")
    for styles in TOGETHER:
        changes = [one for style in styles for one in STYLES[style]]
        assert lost(Grader(drawn, held).grade(handed_in(changed(*changes)))) == set(), styles


def shown(result: Result, exercise: str, name: str) -> str:
    example = check(result, exercise, name).outcome.counterexample
    assert example is not None
    return "\n".join(shown_counterexample(example)).partition("\ntry it")[0]


def test_the_smallest_arrays_that_show_the_mistake_are_shown(held: Supervisor) -> None:
    old, new = "return unbroadcast(d, a.shape), unbroadcast(d, b.shape)", "return d, d"
    outcome = Grader(plan(), held).grade(handed_in(changed((old, new))))
    assert check(outcome, "add", "gradient").outcome.reason == "the gradient of a + b has the wrong shape"
    assert check(outcome, "add", "gradient").outcome.detail == "the gradient by a has shape (2,), and a has (1,)"
    assert shown(outcome, "add", "gradient") == (
        "at a = [1.0], b = [2.0, 3.0], out_grad = [2.0, 3.0]\n"
        "  your gradient for a is   [2.0, 3.0]\n"
        "  expected                 [5.0]\n"
        "  (central differences of your own value say the same as what is expected)"
    )


def test_rows_of_arrays_stand_under_each_other(held: Supervisor) -> None:
    laid = "return (np.resize(d, a.shape),)"
    outcome = Grader(plan(), held).grade(handed_in(changed(("return (spread(d, a.shape, self.settings),)", laid))))
    assert shown(outcome, "sum", "gradient") == (
        "at a = [[1.0, 2.0],\n"
        "        [3.0, 4.0]]\n"
        "   axes = (1,)\n"
        "   out_grad = [2.0, 3.0]\n"
        "  your gradient is   [[2.0, 3.0],\n"
        "                      [2.0, 3.0]]\n"
        "  expected           [[2.0, 2.0],\n"
        "                      [3.0, 3.0]]\n"
        "  (central differences of your own value say the same as what is expected)"
    )


def test_a_matrix_product_is_not_shown_on_arrays_without_rows(held: Supervisor) -> None:
    outcome = Grader(plan(), held).grade(handed_in(changed(("return a @ b", "return a @ b + 1"))))
    assert shown(outcome, "matmul", "value").startswith(
        "at a = [[1.0]], b = [[2.0, 3.0]]\n  your value is   [[3.0, 4.0]]"
    )


def test_code_that_changes_what_it_is_given_loses_the_contract(held: Supervisor) -> None:
    for_exp = (("return (d * np.exp(a),)", "found = d * np.exp(a); d += 1; return (found,)"),)
    outcome = check(Grader(plan(), held).grade(handed_in(changed(*for_exp))), "exp", "contract").outcome
    assert outcome.reason == "it changes what is sent back (out_grad), which others may still need"
    for_log = (("return (d / a,)", "found = d / a; a += 1; return (found,)"),)
    outcome = check(Grader(plan(), held).grade(handed_in(changed(*for_log))), "log", "contract").outcome
    assert outcome.reason == "it changes the array a, which others may still need"


def test_state_between_calls_loses_the_contract(held: Supervisor) -> None:
    kept = (
        ("return np.exp(a)", "Exp.kept = a; return np.exp(a)"),
        ("return (d * np.exp(a),)", "return (d * np.exp(Exp.kept),)"),
    )
    outcome = check(Grader(plan(), held).grade(handed_in(changed(*kept))), "exp", "contract").outcome
    assert outcome.reason.startswith("with several expressions built before the first is sent back through")


def test_a_gradient_that_is_not_linear_in_what_is_sent_loses_points(held: Supervisor) -> None:
    clipped = (("return (d * np.exp(a),)", "return (np.clip(d, -3, 3) * np.exp(a),)"),)
    outcome = check(Grader(plan(), held).grade(handed_in(changed(*clipped))), "exp", "contract").outcome
    assert outcome.verdict == "wrong answer"


def test_a_giant_array_is_told_by_its_shape(held: Supervisor) -> None:
    giant = (("return np.exp(a)", "return np.broadcast_to(1.0, (10**6, 10**6))"),)
    result = Grader(plan(), held).grade(handed_in(changed(*giant)))
    assert (
        check(result, "exp", "value").outcome.detail
        == "the value has shape (1000000, 1000000), and it should have (1,)"
    )
    assert check(result, "exp", "gradient").outcome.verdict == "skipped"


def test_a_giant_gradient_is_told_by_its_shape_and_withholds_nothing(held: Supervisor) -> None:
    result = Grader(plan(), held).grade(
        handed_in(changed(("return (d * np.exp(a),)", "return (np.zeros((100, 100)),)")))
    )
    assert (lost(result), check(result, "exp", "gradient").outcome.verdict) == ({"exp"}, "wrong answer")
    assert names(result, "exp") == set()


def test_an_array_that_takes_all_memory_ends_its_exercise_alone(held: Supervisor) -> None:
    filled = (("return np.exp(a)", "return np.ones((40000, 40000)) + a.sum()"),)
    result = Grader(plan(), held).grade(handed_in(changed(*filled)))
    assert (check(result, "exp", "value").outcome.verdict, lost(result)) == ("memory limit", {"exp"})


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        ("None", "the gradient of exp(a) is None"),
        ("'text'", "the gradient of exp(a) is wrong"),
        ("np.array(['a'])", "the gradient of exp(a) is wrong"),
        ("np.array([1j])", "the gradient of exp(a) is wrong"),
        ("[[1.0], [2.0, 3.0]]", "the gradient of exp(a) is wrong"),
        ("np.full(a.shape, np.nan)", "the gradient of exp(a) is wrong"),
        ("np.full(a.shape, np.inf)", "the gradient of exp(a) is wrong"),
        ("np.ones(0)", "the gradient of exp(a) has the wrong shape"),
        ("type('Says', (), {'__array__': lambda self, *_: d * np.exp(a)})()", "the gradient of exp(a) is wrong"),
        ("type('Any', (float,), {'__eq__': lambda *_: True, '__le__': lambda *_: True})(0)", "wrong shape"),
    ],
)
def test_what_is_no_array_of_numbers_is_wrong(held: Supervisor, returned: str, says: str) -> None:
    result = Grader(plan(), held).grade(handed_in(changed(("return (d * np.exp(a),)", f"return ({returned},)"))))
    outcome = check(result, "exp", "gradient").outcome
    assert outcome.verdict == "wrong answer"
    assert says in outcome.reason


def test_an_exception_is_shown_on_the_smallest_arrays_that_raise_it(held: Supervisor) -> None:
    raising = (("return (d.reshape(a.shape),)", "return (d.reshape(a.shape[0], -1, 7),)"),)
    outcome = check(Grader(plan(), held).grade(handed_in(changed(*raising))), "reshape", "gradient").outcome
    assert outcome.verdict == "runtime error"
    assert "a = Tensor(np.array([[1.0, 2.0]])); out = reshape(a, (2, 1))" in outcome.call


def test_an_exception_in_what_the_course_gives_is_told_as_that(held: Supervisor) -> None:
    result = Grader(plan(), held).grade(handed_in(changed(("return (d * np.exp(a),)", "return None"))))
    outcome = check(result, "exp", "gradient").outcome
    assert (outcome.verdict, outcome.place) == ("runtime error", "")
    assert outcome.detail == "raised in code that the course gives, by what it was given of yours"


def test_what_is_not_written_yet_is_not_attempted(held: Supervisor) -> None:
    blank = (
        ("return (d * np.exp(a),)", "raise NotImplementedError"),
        ("return np.log(a)", "raise NotImplementedError"),
    )
    result = Grader(plan(), held).grade(handed_in(changed(*blank)))
    assert check(result, "exp", "value").outcome.verdict == "accepted"
    assert check(result, "exp", "gradient").outcome.verdict == "not attempted"
    assert {one.outcome.verdict for one in next(e for e in result.exercises if e.id == "log").checks} == {
        "not attempted"
    }


def test_a_file_without_the_class_says_so(held: Supervisor) -> None:
    result = Grader(plan(), held).grade(handed_in(changed(("class Exp(Op)", "class Other(Op)"))))
    assert check(result, "exp", "value").outcome.reason == "there is no Exp in ops.py"


def test_an_author_without_numpy_is_told_where_to_allow_it(tmp_path: Path) -> None:
    shutil.copytree(HOME, tmp_path / "course")
    path = tmp_path / "course" / "config.yaml"
    path.write_text(path.read_text("utf-8").replace("allow_imports: [numpy]\n", ""), "utf-8")
    with pytest.raises(UsageError, match="allow_imports should hold numpy: exercises of kind arrays are asked with it"):
        config.load(path)


def test_lint_finds_nothing_wrong_with_a_dialect_of_arrays() -> None:
    assert linting.failures(config.load(HOME / "config.yaml")) == []


def test_a_students_desk_has_the_answers_of_what_is_public() -> None:
    assignment = config.load(HOME / "config.yaml")
    made = prepared.decode(prepared.encode(making.prepare(assignment)), "desk")
    opened = [prepared.opened(one) for one in made.exercises]
    assert [one.exercise.id for one in opened] == [one.id for one in assignment.exercises]
    assert all(one.half == plan().public[one.exercise.id] for one in opened)
    assert all(one.exercise.spec == exercise.spec for one, exercise in zip(opened, assignment.exercises))


PLAIN = {
    "config.yaml": """
format: 1
assignment: plain
title: "Arrays without numpy"
exercises: [vectors.yaml]
through: dialect.py
layout: {package: "", modules: [vectors], reference: reference}
allow_imports: [numpy]
""",
    "vectors.yaml": """
format: 1
kind: arrays
id: twice
title: Twice
statement: Twice.
file: vectors.py
under_test: [Vector]
arguments: {a: "real[3]"}
value: a + a
checks: {value: 1, gradient: 1}
""",
    "dialect.py": """
def leaf(value):
    return Vector(value.tolist())


def backward(v, d):
    v.backward(d.tolist())
""",
    "reference/vectors.py": """
class Vector:
    def __init__(self, data, of=()):
        self.data, self.of, self.grad = data, of, [0.0] * len(data)

    def __add__(self, other):
        return Vector([x + y for x, y in zip(self.data, other.data)], (self, other))

    def backward(self, d):
        self.grad = [x + y for x, y in zip(self.grad, d)]
        for one in self.of:
            one.backward(d)
""",
}


def test_a_course_that_never_imports_numpy_is_judged_on_arrays(tmp_path: Path) -> None:
    for name, text in PLAIN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    assignment = config.load(tmp_path / "config.yaml")
    box, _ = cohort.open_box(assignment)
    with Supervisor(box, 913) as opened:
        found = Grader(cohort.plan(assignment, box, 1), opened)
        solved = PLAIN["reference/vectors.py"].encode()
        right = found.grade(Submission("s", {"vectors": ("vectors.py", solved)}))
        once = solved.replace(b"for one in self.of:", b"for one in set(self.of):")
        wrong = found.grade(Submission("s", {"vectors": ("vectors.py", once)}))
    assert (right.earned, right.possible) == (2, 2)
    assert names(wrong, "twice") == {"one use of the argument overwrites what came back from another"}
