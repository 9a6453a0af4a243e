"""Curves of a student's own beside the right ones: along which argument, at which d_out, and where there are gaps."""

from __future__ import annotations

import msgspec
import pytest

from grader.batch import cohort
from grader.grading import config
from grader.model import Plot, Submission
from grader.reports import plotting
from grader.sandbox.fresh import Fresh
from grader.selfcheck import finding
from grader.selfcheck.checking import Checked, SelfCheck
from grader.selfcheck.prepared import AssignmentBundle
from tests.conftest import ROOT, SAMPLES
from tests.desk.homes import MODULE1

SQUARE_BACK = "return float(2.0 * x * d_out)"


@pytest.fixture(scope="module")
def bundle() -> AssignmentBundle:
    return finding.assignment(ROOT, ROOT / "config.yaml").assignment


@pytest.fixture(scope="module")
def solved() -> Submission:
    return cohort.reference_submission(config.load(ROOT / "config.yaml"))


def edited(solved: Submission, *edits: tuple[str, str], module: str = "lecture8") -> Submission:
    path, source = solved.modules[module]
    text = source.decode()
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return msgspec.structs.replace(solved, modules={**solved.modules, module: (path, text.encode())})


def checked(bundle: AssignmentBundle, submission: Submission, id: str) -> tuple[Checked, tuple[Plot, ...]]:
    """Return how an exercise came out, and its curves."""
    with Fresh() as workers:
        desk = SelfCheck(bundle, workers)
        (one,) = desk.check(submission, [one for one in bundle.exercises if one.id == id])
        drawn, lost = desk.curves(submission, [one])
        assert not lost
        return one, drawn.get(id, ())


def test_value_and_gradient_are_drawn_beside_the_right_ones(bundle: AssignmentBundle, solved: Submission) -> None:
    one, (value, gradient) = checked(bundle, edited(solved, (SQUARE_BACK, "return 2.0 * x")), "square")
    assert one.status == "wrong"
    assert (value.what, gradient.what) == ("value of Square", "gradient of Square at d_out = 2")
    assert len(value.at) == len(gradient.at) == 61
    assert value.returned == value.expected == tuple(x * x for x in value.at)
    assert gradient.returned == tuple(2 * x for x in gradient.at)
    assert gradient.expected == tuple(4 * x for x in gradient.at)


def test_what_is_right_has_no_curve(bundle: AssignmentBundle, solved: Submission) -> None:
    one, plots = checked(bundle, solved, "square")
    assert (one.status, plots) == ("done", ())


def test_where_it_raises_or_gives_no_number_there_is_a_gap(bundle: AssignmentBundle, solved: Submission) -> None:
    odd = "return None if x > 2 else 1 / 0 if x < 0 else float('inf') if x == 0 else x * x"
    off = f"if x > 1:\n            raise ValueError\n        {SQUARE_BACK}"
    _, (value, gradient) = checked(bundle, edited(solved, ("return x * x", odd), (SQUARE_BACK, off)), "square")
    assert [x for x, y in zip(value.at, value.returned) if y is not None] == [x for x in value.at if 0 < x <= 2]
    assert [x for x, y in zip(value.at, gradient.returned) if y is not None] == [x for x in value.at if 0 <= x <= 1]
    gaps = value.returned.count(None)
    assert plotting.unseen(value) == f"Yours has no value at {gaps} of {len(value.at)} points."


def test_where_no_number_came_back_there_is_no_curve(bundle: AssignmentBundle, solved: Submission) -> None:
    one, plots = checked(bundle, edited(solved, ("return x * x", "raise ValueError")), "square")
    assert (one.status, plots) == ("wrong", ())
    one, (value,) = checked(bundle, edited(solved, (SQUARE_BACK, "return None")), "square")
    assert value.what == "value of Square"


def test_what_did_not_come_back_in_time_is_not_run_again(bundle: AssignmentBundle, solved: Submission) -> None:
    quick = msgspec.structs.replace(bundle, exercise_cpu=0.3)
    one, plots = checked(quick, edited(solved, (SQUARE_BACK, "while True: pass")), "square")
    assert (one.exercise.verdict, plots) == ("time limit", ())
    hangs = "if x == 0.1:\n            while True: pass\n        return 2.0 * x"  # on the curve alone
    one, plots = checked(quick, edited(solved, (SQUARE_BACK, hangs)), "square")
    assert (one.exercise.verdict, plots) == ("wrong answer", ())


def test_a_curve_stays_in_the_domain(bundle: AssignmentBundle, solved: Submission) -> None:
    _, (value, gradient) = checked(bundle, edited(solved, ("return float(d_out / x)", "return d_out")), "log")
    assert min(value.at) > 0
    assert None not in (*value.expected, *gradient.returned)


def test_of_two_arguments_one_moves_and_the_other_is_held(bundle: AssignmentBundle, solved: Submission) -> None:
    wrong = ("return y * d_out, x * d_out", "return y * d_out, y * d_out")
    one, (gradient,) = checked(bundle, edited(solved, wrong), "mul-backward")
    example = one.exercise.checks[0].outcome.counterexample
    assert example is not None
    assert example.argument == "y"
    x, d = example.args["x"], example.d_out
    assert isinstance(x, float)
    assert d
    assert gradient.what == f"gradient of Mul by y at d_out = {d:g}, with x = {x:g}"
    assert gradient.argument == "y"
    assert set(gradient.expected) == {x * d}
    assert gradient.returned == tuple(y * d for y in gradient.at)


def test_saved_values_are_read_as_the_student_reads_them(bundle: AssignmentBundle, solved: Submission) -> None:
    bare = (
        "        (x,) = ctx.saved_values\n        return float(2.0 * x * d_out)",
        "        return ctx.saved_values * d_out",
    )
    _, (_, gradient) = checked(bundle, edited(solved, bare), "square")
    assert gradient.returned == tuple(right and right / 2 for right in gradient.expected)


def test_a_plain_function_has_a_curve_of_its_value() -> None:
    bundle = finding.assignment(ROOT, ROOT / MODULE1).assignment
    solved = cohort.reference_submission(config.load(ROOT / MODULE1))
    relu = ("return x if x > 0 else 0.0", "return 1 / 0 if x > 1 else x")
    _, (value,) = checked(bundle, edited(solved, relu, module="operators"), "op-relu")
    assert value.expected == tuple(max(x, 0.0) for x in value.at)
    assert value.returned == tuple(x if x <= 1 else None for x in value.at)


def test_an_expression_on_own_variables_has_curves() -> None:
    path = SAMPLES["micrograd"]
    bundle = finding.assignment(path.parent, path).assignment
    solved = cohort.reference_submission(config.load(path))
    wrong = edited(solved, ("other.data * out.grad", "out.grad"), module="engine")
    one, (value, gradient) = checked(bundle, wrong, "mul")
    assert value.returned == value.expected
    assert gradient.returned != gradient.expected
    assert "by x at d_out = " in gradient.what or "by y at d_out = " in gradient.what
    assert one.status == "wrong"
