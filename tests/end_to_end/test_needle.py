"""needle, homework 1: a slip costs its own op alone, both layouts are graded, and right styles lose nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from grader.assignment.exercise import Exercise
from grader.batch import cohort
from grader.grading import config, planning
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.grading.session import Budget
from grader.grading.units import Unit
from grader.model import Result, Submission
from grader.sandbox.supervisor import Supervisor
from grader.submissions.handed_in import find
from tests.array_mutants import MUTANTS, ArrayMutant
from tests.end_to_end.test_array_mutants import CONFIG, FILES, handed_in

PACK = CONFIG.parent
RIGHT = ("n1001", "n1002", "n1004", "n1005", "n1006", "n1007")
LATER_THAN_2022 = {"ewise-pow"}
FURTHER = {"matmul-stretched", "summation-negative-axes", "summation-one-axis"}


@pytest.fixture(scope="module")
def held() -> Iterator[Supervisor]:
    box, _ = cohort.open_box(config.load(CONFIG))
    with Supervisor(box, 918) as opened:
        yield opened


@functools.cache
def plan(seed: str = "") -> Plan:
    return planning.prepare(config.load(CONFIG), seed or None)


def sample(name: str) -> Submission:
    found = find(PACK / "submissions", cohort.layout(config.load(CONFIG)))
    return next(one for one in found if one.id == name)


def lost(result: Result) -> set[str]:
    return {one.id for one in result.exercises if one.earned < one.possible}


def mutant(op: str, name: str) -> ArrayMutant:
    return next(one for one in MUTANTS if (one.op, one.name) == (op, name))


@pytest.mark.parametrize("op", ["Summation", "BroadcastTo", "Negate", "Transpose", "ReLU"])
def test_a_slip_in_one_op_is_charged_to_that_op_alone(op: str, held: Supervisor) -> None:
    of_the_op = {one.id for one in plan().assignment.exercises if op in one.under_test}
    found = lost(Grader(plan(), held).grade(handed_in(mutant(op, "passed on" if op != "ReLU" else "zero"))))
    assert found
    assert found <= of_the_op


def test_a_slip_in_the_walk_is_charged_to_no_op(held: Supervisor) -> None:
    planted = mutant("compute_gradient_of_variables", "overwritten")
    found = lost(Grader(plan(), held).grade(handed_in(planted)))
    assert found == {"compute-gradient", "product-used-twice", "two-layers"}


def test_a_slip_in_the_order_is_not_charged_to_the_walk(held: Supervisor) -> None:
    found = lost(Grader(plan(), held).grade(handed_in(mutant("find_topo_sort", "breadth first"))))
    assert found == {"find-topo-sort", "two-layers"}


def test_a_file_may_import_a_folder_that_was_not_handed_in(held: Supervisor) -> None:
    text = (PACK / "reference" / "autograd.py").read_text("utf-8")
    imports = "import needle\nfrom needle import init\nfrom .init import ones\n"
    modules = {
        "autograd": ("autograd.py", (imports + text).encode()),
        "ops.ops_mathematic": ("ops_mathematic.py", (PACK / "reference" / FILES["ops.ops_mathematic"]).read_bytes()),
    }
    assert lost(Grader(plan(), held).grade(Submission("s", modules))) == set()


def test_the_layout_of_2022_is_told_by_its_files(held: Supervisor) -> None:
    for name, interface in (("n1001", "needle"), ("n1004", "needle-2022")):
        result = Grader(plan(), held).grade(sample(name))
        assert f"graded through the interface {interface}" in result.notes


def test_a_folder_and_what_lies_in_it_are_both_read() -> None:
    found = sample("n1001")
    assert {"autograd", "ops", "ops.ops_mathematic"} <= set(found.modules)
    assert found.modules["ops"][0].endswith("ops/__init__.py")
    assert {"init", "init.init_basic"} <= set(found.extras)


def test_a_helper_beside_a_module_in_a_folder_is_read(tmp_path: Path) -> None:
    ops = tmp_path / "s1" / "needle" / "ops"
    ops.mkdir(parents=True)
    for name in ("__init__", "ops_mathematic", "ops_tuple"):
        (ops / f"{name}.py").write_text("from .ops_tuple import *\n")
    (one,) = find(tmp_path, cohort.layout(config.load(CONFIG)))
    assert "ops.ops_tuple" in one.extras


def test_both_references_hold_the_same_ops() -> None:
    now = (PACK / "reference" / "ops" / "ops_mathematic.py").read_text("utf-8")
    then = (PACK / "reference_2022" / "ops.py").read_text("utf-8")
    assert now.replace("from ..autograd", "from .autograd") == then


@pytest.mark.ci
@pytest.mark.parametrize("seed", [f"needle {i}" for i in range(10)])
def test_right_styles_lose_nothing_under_any_seed(seed: str, held: Supervisor) -> None:
    for name in RIGHT:
        older = plan(seed).assignment.dialects[1].recognised[0].partition(".")[0] in sample(name).modules
        found = lost(Grader(plan(seed), held).grade(sample(name)))
        assert found <= (LATER_THAN_2022 if older else set()), name
    assert lost(Grader(plan(seed), held).grade(sample("n1003"))) == FURTHER


def test_what_is_right_among_the_others_is_not_asked_alone(held: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    alone: list[str] = []
    asked = Grader._unit

    def noted(self: Grader, submission: Submission, unit: Unit, few: Sequence[Exercise], budget: Budget) -> object:
        alone.extend(one.id for one in few if one.kind == "arrays")
        return asked(self, submission, unit, few, budget)

    monkeypatch.setattr(Grader, "_unit", noted)
    assert lost(Grader(plan(), held).grade(sample("n1002"))) == set()
    assert alone == []
    assert lost(Grader(plan(), held).grade(sample("n2005"))) == {"ewise-div"}
    assert alone == ["ewise-div"]
