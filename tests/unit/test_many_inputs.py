"""A million inputs: the judge's bounds hold for the reference and for other right ways to write the same."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from grader.exercise_kinds import function
from grader.grading import config
from grader.grading.config import Assignment
from grader.judging import bands
from grader.oracle.inputs import draw
from grader.sandbox.probes.function import Evaluation
from reference.autodiff import Context
from tests.conftest import ROOT

EACH = 2_000


def assignments() -> list[Assignment]:
    return [config.load(path) for path in (ROOT / "config.yaml", ROOT / "examples" / "module1" / "config.yaml")]


def rows(solution: Any, corpus: Any) -> list[Evaluation]:
    found = []
    for one in corpus.inputs:
        ctx = Context()
        value = solution.forward(ctx, *one.args)
        gradients = solution.backward(ctx, one.d_out)
        found.append(
            Evaluation(float(value), tuple(map(float, gradients if isinstance(gradients, tuple) else (gradients,))))
        )
    return found


@pytest.mark.prove
def test_the_reference_is_right_at_a_million_inputs() -> None:
    judged = 0
    exercises = [one for assignment in assignments() for one in assignment.exercises if one.kind == "function"]
    seeds = 1 + 1_000_000 // (EACH * len(exercises))
    for exercise in exercises:
        spec: function.FunctionSpec = exercise.spec
        solution = getattr(importlib.import_module(f"reference.{exercise.module}"), spec.name)
        for seed in range(seeds):
            corpus = draw(spec.formulas.domains, spec.formulas.value, EACH, f"{seed}:{exercise.id}:million")
            targets = bands.targets(corpus, spec.formulas.value)
            found = rows(solution, corpus)
            assert bands.values([row.forward for row in found], [targets]).misses == (), exercise.id
            assert bands.backward(found, corpus, [targets], "refuse", never).misses == (), exercise.id
            judged += len(found)
    assert judged >= 1_000_000


def never(*_: object) -> Any:
    raise AssertionError("nothing missed, so nothing is certified")
