"""What a unit provides is built once, in a branch of the zygote, and nobody's result can tell."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from grader import cohort, config, loading, planning
from grader.config import Assignment
from grader.grading import Grader
from grader.model import Result, Submission
from grader.planning import Plan
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT
from tests.end_to_end.test_cli import RIGHT
from tests.sandbox.station import below

WRITES_ON_WHAT_IS_PROVIDED = (
    RIGHT + "\nfrom minitorch import autodiff\nautodiff.mark = getattr(autodiff, 'mark', 0) + 1\n"
)
READS_IT = RIGHT.replace("return 5 * x", "from minitorch import autodiff; return 5 * x / autodiff.mark")


@pytest.fixture
def fresh(plan: Plan) -> Iterator[Supervisor]:
    with Supervisor(planning.box(plan.assignment), 930) as opened:
        yield opened


def graded(plan: Plan, supervisor: Supervisor, source: str, **more: str) -> Result:
    modules = {"lecture8": source, **more}
    files = {name: (f"{name}.py", text.encode()) for name, text in modules.items()}
    return Grader(plan, supervisor).grade(Submission("s", files))


def test_a_branch_is_there_from_the_second_time_on_and_grades_alike(plan: Plan, fresh: Supervisor) -> None:
    first = graded(plan, fresh, RIGHT)
    assert not fresh._branches
    assert graded(plan, fresh, RIGHT) == first
    assert len(fresh._branches) == 1


def test_who_hands_in_more_than_the_file_that_is_asked_is_built_anew(plan: Plan, fresh: Supervisor) -> None:
    for _ in range(3):
        graded(plan, fresh, RIGHT, operators="def mul(x, y):\n    return x * y\n")
    assert not fresh._branches


def test_what_one_student_does_to_what_is_provided_reaches_no_other(plan: Plan, fresh: Supervisor) -> None:
    for _ in range(3):
        assert (
            graded(plan, fresh, WRITES_ON_WHAT_IS_PROVIDED.replace(RIGHT, READS_IT)).exercises[0].verdict == "accepted"
        )


def test_a_branch_that_is_killed_is_replaced_with_its_zygote(plan: Plan, fresh: Supervisor) -> None:
    whole = [graded(plan, fresh, RIGHT) for _ in range(2)][-1]
    zygote = fresh._zygotes[False]._process
    assert zygote is not None
    (branch,) = [pid for pid in below(zygote.pid) if below(pid) == {pid}]
    os.kill(branch, signal.SIGKILL)
    assert graded(plan, fresh, RIGHT) == whole


def test_a_unit_whose_parts_build_on_what_is_asked_has_nothing_built_before(assignment: Assignment) -> None:
    module1 = config.load(ROOT / "examples/module1/config.yaml")
    box, containment = cohort.open_box(module1)
    prepared = cohort.plan(module1, box, containment.tier)
    operators = next(unit for unit in prepared.units if unit.module == "operators")
    source = (ROOT / "reference" / "operators.py").read_bytes()
    with Supervisor(box, 931) as supervisor:
        grader = Grader(prepared, supervisor)
        alone = [grader.grade(Submission("s", {"operators": ("operators.py", source)})) for _ in range(3)]
        assert supervisor._branches
    ids = {one.id for one in operators.exercises}
    assert all(one.verdict == "accepted" for result in alone for one in result.exercises if one.id in ids)
    assert assignment.layout.package == "minitorch"


def test_what_a_branch_is_built_with_holds_nothing_of_the_file_that_is_asked(plan: Plan) -> None:
    for unit in plan.units:
        if not unit.on_paper:
            held = loading.base(plan.assignment, unit)
            assert b"SquareOfTimesFive" not in held
            assert b"operators" in held
