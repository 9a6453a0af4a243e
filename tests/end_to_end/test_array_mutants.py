"""Mistakes on arrays are found: a dozen and more per op of the needle pack, and for its walk."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest

from grader.batch import cohort
from grader.grading import config, planning
from grader.grading.grader import Grader
from grader.grading.planning import Plan
from grader.model import Submission
from grader.sandbox.supervisor import Supervisor
from tests import array_mutants
from tests.array_mutants import MUTANTS, REFERENCE, ArrayMutant
from tests.conftest import ROOT

CONFIG = ROOT / "examples" / "needle-hw1" / "config.yaml"
OPS = tuple(dict.fromkeys(one.op for one in MUTANTS))
FILES = {
    "backend_numpy": "backend_numpy.py",
    "autograd": "autograd.py",
    "ops": "ops/__init__.py",
    "ops.ops_mathematic": "ops/ops_mathematic.py",
}


@pytest.fixture(scope="module")
def held() -> Iterator[Supervisor]:
    box, _ = cohort.open_box(config.load(CONFIG))
    with Supervisor(box, 917) as opened:
        yield opened


@functools.cache
def plan() -> Plan:
    return planning.prepare(config.load(CONFIG))


@functools.cache
def asked_about(op: str) -> tuple[str, ...]:
    return tuple(one.id for one in plan().assignment.exercises if op in one.under_test)


def handed_in(mutant: ArrayMutant) -> Submission:
    modules = {name: (path, (REFERENCE / path).read_bytes()) for name, path in FILES.items()}
    modules[mutant.module] = (FILES[mutant.module], array_mutants.source(mutant).encode())
    return Submission("s", modules)


def finds(mutant: ArrayMutant, held: Supervisor) -> bool:
    few = planning.only(plan(), asked_about(mutant.op))
    result = Grader(few, held).grade(handed_in(mutant))
    assert not any(one.verdict == "judge error" for one in result.exercises)
    return result.earned < result.possible


@pytest.mark.ci
@pytest.mark.parametrize("op", OPS)
def test_every_mistake_in_an_op_is_found(op: str, held: Supervisor) -> None:
    planted = [one for one in MUTANTS if one.op == op]
    assert [one.name for one in planted if not finds(one, held)] == []


def test_there_are_a_dozen_mistakes_for_each_op_and_for_the_walk() -> None:
    for op in {one.op for one in array_mutants.OF_OPS}:
        assert sum(one.op == op for one in MUTANTS) >= 12
    assert len(array_mutants.OF_THE_WALK) >= 24
