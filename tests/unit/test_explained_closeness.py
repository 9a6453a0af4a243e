"""What `grader explain` says of closeness is what is judged: errors just inside pass, just outside do not."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from grader.assignment import forms
from grader.assignment.exercise import Exercise
from grader.assignment.kind import Description, Fresh
from grader.diagnosis import difference_mistakes
from grader.exercise_kinds import labels
from grader.exercise_kinds.graph import Question
from grader.exercise_kinds.graph_verdicts import Trial, derivatives, expected, kept_of, leaves_of, roughly
from grader.exercise_kinds.kinds import KINDS
from grader.grading import config, planning
from grader.grading.config import Assignment
from grader.grading.planning import Plan
from grader.judging import bands
from grader.model import Input
from grader.oracle.expressions import Expression
from grader.sandbox.probes.difference import DifferenceReply, DifferenceRequest
from grader.sandbox.probes.function import Evaluation, FunctionReply, FunctionRequest
from grader.sandbox.probes.graph import GraphReply, GraphRequest, GraphRow, Seen
from grader.sandbox.probes.values import ValuesReply, ValuesRequest
from grader.submissions.papers import Answers
from tests.conftest import ROOT

CONFIGS = (
    "config.yaml",
    "examples/module1/config.yaml",
    "examples/minitorch-2020/config.yaml",
    "examples/minitorch-2021/config.yaml",
    "examples/micrograd/config.yaml",
    "examples/dual-numbers/config.yaml",
    "examples/cmu-11785/config.yaml",
    "examples/cse599w/config.yaml",
    "examples/needle-hw1/config.yaml",
)
INSIDE, OUTSIDE = 0.9, 1.2


class Case(msgspec.Struct, frozen=True):
    """A shipped exercise with its plan and what is said of it."""

    exercise: Exercise
    plan: Plan
    said: Description

    def closely(self, what: str) -> list[float]:
        """Return the numbers of the sentence that begins with `what`."""
        (sentence,) = [one for one in self.said.closeness if one.startswith(what)]
        return [float(number) for number in re.findall(r"\d[\d.]*e-\d+|0\.\d+", sentence)]

    def outcome(self, check: str, call: Callable[[Any], Any]) -> tuple[str, str]:
        """Return the verdict and the reason of a check on the public half."""
        half = self.plan.public[self.exercise.id]
        found = KINDS[self.exercise.kind].judge(self.exercise, half, call)[check]
        return found.verdict, found.reason


def cases(*kinds: str) -> list[Any]:
    return [
        pytest.param((path, one.id), id=f"{loaded.id} {one.id}")
        for path, loaded in assignments().items()
        for one in loaded.exercises
        if one.kind in kinds
    ]


@functools.cache
def assignments() -> dict[str, Assignment]:
    return {path: config.load(ROOT / path) for path in CONFIGS}


@functools.cache
def plan(path: str) -> Plan:
    """Prepare an assignment where a case is tried, and not where tests are collected."""
    return planning.prepare(assignments()[path])


def case_of(path: str, exercise: str) -> Case:
    (one,) = (one for one in plan(path).assignment.exercises if one.id == exercise)
    return Case(one, plan(path), planning.description(plan(path), one))


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    return case_of(*request.param)


def off(case: Case, what: str, times: float, size: float, scale: float) -> float:
    """Return so many times the error that is said to be right."""
    relative, absolute = case.closely(what)
    return times * (relative * abs(size) + absolute * scale)


def value_off(case: Case, formula: Expression, args: tuple[float, ...], times: float) -> float:
    value = formula.answer(args).value
    return value + off(case, "A value", times, value, max(1.0, abs(value)))


@pytest.mark.parametrize("case", cases("values"), indirect=True)
def test_values_are_held_as_closely_as_is_said(case: Case) -> None:
    formula = case.exercise.spec.formulas.value

    def call(times: float) -> Callable[[ValuesRequest], ValuesReply]:
        return lambda ask: ValuesReply(values=tuple(value_off(case, formula, args, times) for args in ask.inputs))

    assert case.outcome("value", call(INSIDE)) == ("accepted", "")
    assert case.outcome("value", call(OUTSIDE))[0] == "wrong answer"


def rows(case: Case, ask: FunctionRequest, forward: float, backward: float, some: float = 0.0) -> FunctionReply:
    """Answer with errors of so many times what is said; `some`: every eighth gradient off by this share of itself."""
    formula = case.exercise.spec.formulas.value
    found = []
    for i, (args, d_out) in enumerate(ask.inputs):
        answer = formula.answer(args)
        gradient = []
        for partial in answer.partials:
            lo, hi = bands.expected(Input(args, d_out), partial)
            top = next((end for end in (hi, lo) if math.isfinite(end)), 0.0)
            size = max((abs(end) for end in (lo, hi) if math.isfinite(end)), default=0.0)
            error = off(case, "A derivative", backward, size, abs(d_out) * max(1.0, abs(answer.value)))
            gradient.append(top + error + (some * abs(top) * (-1) ** (i // 8) if i % 8 == 0 else 0.0))
        found.append(Evaluation(value_off(case, formula, args, forward), tuple(gradient)))
    return FunctionReply(rows=tuple(found))


@pytest.mark.parametrize("case", cases("function"), indirect=True)
def test_functions_are_held_as_closely_as_is_said(case: Case) -> None:
    def call(forward: float, backward: float, some: float = 0.0) -> Callable[[Any], FunctionReply]:
        return lambda ask: rows(case, ask.ask if isinstance(ask, Fresh) else ask, forward, backward, some)

    checks = {check.name for check in case.exercise.checks}
    if "forward" in checks:
        assert case.outcome("forward", call(INSIDE, 0.0)) == ("accepted", "")
        assert case.outcome("forward", call(OUTSIDE, 0.0))[0] == "wrong answer"
    if "backward" in checks:
        assert case.outcome("backward", call(0.0, INSIDE)) == ("accepted", "")
        assert case.outcome("backward", call(0.0, OUTSIDE)) != ("accepted", "")  # a quotient's rounding may explain it
        assert strict(case).outcome("backward", call(0.0, OUTSIDE))[0] == "wrong answer"


def strict(case: Case) -> Case:
    """Return the case with difference quotients refused."""
    spec = msgspec.structs.replace(case.exercise.spec, numeric_derivative="refuse")
    return msgspec.structs.replace(case, exercise=msgspec.structs.replace(case.exercise, spec=spec))


def test_a_gradient_is_close_as_often_and_as_nearly_as_is_said() -> None:
    case = case_of("config.yaml", "square")
    close, _ = [float(one) for one in re.findall(r"by (\S+) at no more than (\d+)%", case.said.closeness[2])[0]]

    def call(share: float) -> Callable[[Any], FunctionReply]:
        return lambda ask: rows(case, ask.ask if isinstance(ask, Fresh) else ask, 0.0, 0.0, share)

    assert case.outcome("backward", call(INSIDE * close))[0] == "accepted"
    assert case.outcome("backward", call(OUTSIDE * close))[0] == "wrong answer"


@pytest.mark.parametrize("case", cases("scalars"), indirect=True)
def test_scalars_are_held_as_closely_as_is_said(case: Case) -> None:
    formula = case.exercise.spec.formulas.value

    def call(value: float, history: float) -> Callable[[GraphRequest], GraphReply]:
        def told(ask: GraphRequest) -> GraphReply:
            args = [tuple(step.value for step in one.steps) for one in ask.graphs]
            return GraphReply(rows=tuple(row(one, value, history) for one in args))

        return told

    def row(args: tuple[float, ...], value: float, history: float) -> GraphRow:
        partials = [lo for lo, _ in formula.answer(args).partials]
        share, least = case.closely("A derivative along")
        error = history * share * max(least, *map(abs, partials))
        leaves = tuple(Seen("", (), (), 1, 0) for _ in args)
        top = Seen("F", tuple(range(len(args))), tuple(one + error for one in partials), 0, 0)
        return GraphRow((*args, value_off(case, formula, args, value)), (*leaves, top), output=len(args))

    assert case.outcome("value", call(INSIDE, 0.0)) == ("accepted", "")
    assert case.outcome("value", call(OUTSIDE, 0.0))[0] == "wrong answer"
    assert case.outcome("history", call(0.0, INSIDE)) == ("accepted", "")
    assert case.outcome("history", call(0.0, OUTSIDE))[0] == "wrong answer"


@pytest.mark.parametrize("case", cases("paper"), indirect=True)
def test_paper_is_held_as_closely_as_is_said(case: Case) -> None:
    answers = forms.decode((ROOT / "reference" / "answers.yaml").read_bytes(), Answers, "answers.yaml")[0].answers or {}
    answer = answers[case.exercise.id]
    relative, _ = case.closely("A derivative")
    assert case.outcome("derivative", lambda _: answer) == ("accepted", "")
    assert case.outcome("derivative", lambda _: f"({answer}) * (1 + {INSIDE * relative:.17f})") == ("accepted", "")
    assert case.outcome("derivative", lambda _: f"({answer}) * (1 + {2 * relative:.17f})")[0] == "wrong answer"


@pytest.mark.parametrize("case", cases("difference"), indirect=True)
def test_difference_quotients_are_held_as_closely_as_is_said(case: Case) -> None:
    given, default = case.closely("The quotient"), case.closely("It may")

    def call(times: float) -> Callable[[DifferenceRequest], DifferenceReply]:
        def told(ask: DifferenceRequest) -> DifferenceReply:
            exact = [(one, difference_mistakes.full(one)) for one in ask.calls]
            shares = [(given if one.epsilon is not None else default)[0] for one, _ in exact]
            return DifferenceReply(
                values=tuple(x + times * share * max(1.0, abs(x)) for (_, x), share in zip(exact, shares))
            )

        return told

    assert case.outcome("value", call(INSIDE)) == ("accepted", "")
    assert case.outcome("value", call(OUTSIDE))[0] == "wrong answer"


@pytest.mark.parametrize("case", cases("graph"), indirect=True)
def test_gradients_on_graphs_are_held_as_closely_as_is_said(case: Case) -> None:
    shares = case.closely("Numbers")
    questions: dict[str, Question] = case.plan.public[case.exercise.id].ask
    for name, question in questions.items():
        for trial in question.trials if name in ("gradients", "again", "network") else ():
            share, verdict = (shares[1], roughly) if name == "network" else (shares[0], derivatives)
            assert verdict(trial, moved(trial, INSIDE * share)) is None
            assert verdict(trial, moved(trial, OUTSIDE * share)) is not None or not any(
                slack for _, slack in expected(trial)[-1]
            )


def moved(trial: Trial, share: float) -> labels.NodeRow:
    """Return the right derivatives, each off by a share of the size of the terms that it is made from."""
    leaves = leaves_of(trial.graph)
    unit = bands.EXACT.relative
    told = []
    for after in expected(trial):
        by_leaf = {leaf: exact + share * slack / unit for leaf, (exact, slack) in zip(leaves, after)}
        told.append(tuple(by_leaf.get(node, labels.NonNumeric("None")) for node in kept_of(trial.graph)))
    return labels.NodeRow(derivatives=tuple(told))
