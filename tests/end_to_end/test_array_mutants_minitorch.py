"""Mistakes planted in MiniTorch's tensor functions: each costs points where it is, and otherwise all together only."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest

from grader.batch import cohort
from grader.grading import config, planning
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Result, Submission
from grader.sandbox.supervisor import Supervisor
from tests.array_mutants_minitorch import FUNCTIONS, REFERENCE, Mutant, mutants
from tests.conftest import SAMPLES

CONFIG = SAMPLES["minitorch-module2"]
TOGETHER = {"linear", "axes-in-turn"}
NAMES = sorted({one.name for one in mutants()})


@pytest.fixture(scope="module")
def held() -> Iterator[Supervisor]:
    box, _ = cohort.open_box(config.load(CONFIG))
    with Supervisor(box, 914) as opened:
        yield opened


@functools.cache
def plan() -> Plan:
    assignment = config.load(CONFIG)
    return cohort.plan(assignment, cohort.open_box(assignment)[0], 1)


def asked(mutant: Mutant) -> set[str]:
    """Return the exercises that ask for what a mutant is planted in."""
    every = {one.id for one in plan().assignment.exercises if mutant.name in one.under_test}
    return every - TOGETHER


def handed_in(mutant: Mutant | None = None) -> Submission:
    found = {}
    for path in REFERENCE.glob("*.py"):
        text = path.read_text("utf-8")
        if mutant is not None and path.stem == mutant.module:
            text = mutant.source(text)
        found[path.stem] = (f"minitorch/{path.name}", text.encode())
    return Submission("s", found)


def lost(result: Result) -> set[str]:
    return {one.id for one in result.exercises if one.verdict != "accepted"}


def test_each_function_has_a_dozen() -> None:
    counted = {name: sum(one.name == name for one in mutants()) for name, _ in FUNCTIONS}
    assert min(counted.values()) >= 12, counted


def test_the_reference_earns_all(held: Supervisor) -> None:
    assert (lost(Grader(plan(), held).grade(handed_in())), plan().faults) == (set(), {})


def test_what_is_asked_of_all_files_is_never_asked_with_provided_parts() -> None:
    assert {unit.module for unit in plan().together} == {"tensor_data", "tensor_ops", "tensor_functions"}
    assert not TOGETHER & {one.id for unit in plan().together for one in unit.exercises}


@pytest.mark.parametrize(
    ("name", "method", "says"),
    [("Sum", "backward", "what comes first, for all"), ("ReLU", "backward", "what is sent back twice")],
)
def test_a_slip_that_ones_hide_is_found_and_charged_once(name: str, method: str, says: str, held: Supervisor) -> None:
    (mutant,) = (one for one in mutants() if (one.name, one.method, one.says) == (name, method, says))
    found = lost(Grader(plan(), held).grade(handed_in(mutant)))
    assert found - TOGETHER
    assert found - TOGETHER <= asked(mutant)


@pytest.mark.prove
@pytest.mark.parametrize("name", NAMES)
def test_every_mistake_is_found_where_it_is(name: str, held: Supervisor) -> None:
    planted = [one for one in mutants() if one.name == name]
    here = planning.only(plan(), asked(planted[0]))
    assert [one.says for one in planted if not lost(Grader(here, held).grade(handed_in(one)))] == []


NAMED = {
    "sign": "the sign is wrong",
    "zero": "the gradient is always 0",
    "squared": "grad_output is multiplied in twice",
    "what is sent back forgotten": "grad_output is ignored",
    "what is sent back ignored": "grad_output is ignored",
    "passed through": "grad_output is passed on as it came",
    "exchanged": "the gradient of another argument is returned",
}
STEPS = ("LT", "EQ")
"""Their gradient is 0, whatever is sent back."""


@pytest.mark.ci
def test_mistakes_that_have_a_name_get_it_and_no_other(held: Supervisor) -> None:
    right, other = 0, []
    planted = [one for one in mutants() if one.method == "backward" and one.says in NAMED and one.name not in STEPS]
    for one in planted:
        result = Grader(planning.only(plan(), asked(one)), held).grade(handed_in(one))
        said = {found.name for part in result.exercises for check in part.checks for found in check.outcome.diagnosis}
        right += said == {NAMED[one.says]}
        other += [(one.name, one.says, said)] if said - {NAMED[one.says]} else []
    assert other == []
    assert right >= 0.9 * len(planted) > 40, (right, len(planted))


@pytest.mark.ci
@pytest.mark.parametrize("seed", [f"seed {i}" for i in range(5)])
@pytest.mark.parametrize("name", ["t1002", "t1003", "t1004", "t1005", "t1006", "t1007"])
def test_a_right_style_is_right_under_other_seeds(name: str, seed: str, held: Supervisor) -> None:
    here = planning.prepare(plan().assignment, seed)
    files = (CONFIG.parent / "submissions" / name).rglob("minitorch/*.py")
    modules = {path.stem: (f"minitorch/{path.name}", path.read_bytes()) for path in files}
    known = {name: modules[name] for name in plan().assignment.layout.modules}
    assert lost(Grader(here, held).grade(Submission(name, known))) == set()
