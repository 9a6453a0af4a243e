"""On paper a difference quotient gets what it gets in code: a note, or no points. A derivative in any form is right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.assignment import exercises
from grader.assignment.exercise import Exercise
from grader.exercise_kinds import paper
from grader.exercise_kinds.kinds import KINDS
from grader.judging.own_forward import NUMERIC
from grader.model import Outcome

TEXT = """
format: 1
kind: paper
id: p
title: T
statement: S
file: answers.yaml
arguments: {x: %s, y: 0.1..5}
value: %s
by: x
where: {z: x * y}
numeric_derivative: %s
checks: {derivative: 1}
"""

SEEDS = ("s", "another", "1")


def exercise(folder: Path, value: str, numeric: str = "accept", domain: str = "real") -> Exercise:
    path = folder / "p.yaml"
    path.write_text(TEXT % (domain, value, numeric))
    return exercises.read(path, "p.yaml", KINDS)


def outcomes(one: Exercise, answer: str) -> list[Outcome]:
    known: Mapping[str, str] = {one.id: answer}
    return [paper.judge(one, paper.prepare(one, 50, seed, True), known.get)["derivative"] for seed in SEEDS]


QUOTIENTS = (
    ("x ** 2", "((x+1e-6)**2 - (x-1e-6)**2) / 2e-6"),
    ("x ** 2", "((x + 10**-6)**2 - (x - 10**-6)**2) / (2 * 10**-6)"),
    ("x ** 2", "((x+1e-6)*(x+1e-6) - (x-1e-6)**2) * 500000"),
    ("x ** 2", "(x+1e-6)**2 / 2e-6 - (x-1e-6)**2 / 2e-6"),
    ("x ** 2", "(-(x-1e-5)**2 + (x+1e-5)**2) * (2e-5) ** -1"),
    ("x ** 2", "((x+0.0001)**2 + -1 * (x-0.0001)**2) / 0.0002"),
    ("(x + 2 * y) ** 2", "((x + 1e-6 + 2*y)**2 - (x - 1e-6 + 2*y)**2) / 2e-6"),
    ("x ** 3", "((x+1e-5)**3 - (x-1e-5)**3) / 2e-5"),
    ("5 * x", "(5 * (x + 1e-6) - 5 * (x - 1e-6)) / 2e-6"),
    ("sin(x)", "(sin(x + 1e-6) - sin(x - 1e-6)) / 2e-6"),
)
WITHIN = (
    ("log(x * y) + exp(x * y)", "(log((x+1e-6)*y) + exp((x+1e-6)*y) - log((x-1e-6)*y) - exp((x-1e-6)*y)) / 2e-6"),
    ("log(x * y) + exp(x * y)", "(log(z+1e-6*y) + exp(z+1e-6*y) - (log(z-1e-6*y) + exp(z-1e-6*y))) / 2e-6"),
    ("exp(x)", "(exp(x * (1 + 1e-6)) - exp(x * (1 - 1e-6))) / (2e-6 * x)"),
)


@pytest.mark.parametrize(
    ("domain", "value", "answer"), [*(("real", *one) for one in QUOTIENTS), *(("0.1..5", *one) for one in WITHIN)]
)
def test_a_quotient_gets_the_note_or_no_points(domain: str, value: str, answer: str, tmp_path: Path) -> None:
    for outcome in outcomes(exercise(tmp_path, value, "accept", domain), answer):
        assert (outcome.verdict, outcome.reason) == ("accepted", NUMERIC)
    for outcome in outcomes(exercise(tmp_path, value, "refuse", domain), answer):
        assert (outcome.verdict, outcome.reason) == ("wrong answer", paper.QUOTIENT)


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("x ** 2", "((x+1e-3)**2 - x**2) / 1e-3"),
        ("x ** 3", "((x+1e-2)**3 - (x-1e-2)**3) / 2e-2"),
        ("x ** 2", "2 * ((x+1e-6)**2 - (x-1e-6)**2) / 2e-6"),
        ("x ** 2", "((x+1e-6)**2 - (x+1e-6)**2) / 2e-6"),
        ("x ** 2", "((x+1e-6)**3 - (x-1e-6)**3) / 2e-6"),
    ],
)
def test_a_quotient_not_close_or_of_something_else_is_wrong_either_way(value: str, answer: str, tmp_path: Path) -> None:
    for numeric in ("accept", "refuse"):
        assert {one.verdict for one in outcomes(exercise(tmp_path, value, numeric), answer)} == {"wrong answer"}


DERIVATIVES = (
    ("real", "x ** 2", ["2 * x", "x + x", "2 * x ** 1", "(x + 1) ** 2 - x ** 2 - 1"]),
    ("real", "0.001 * x ** 2", ["0.002 * x", "2 * x * 10 ** -3", "x / 500", "0.001 * (x + x)"]),
    ("real", "250 * x", ["250", "0.25 * 1000", "1 / 0.004"]),
    ("1000..9000", "x / (x + 1)", ["((x + 1) * 1 - x * 1) / (x + 1) ** 2", "1 / (x + 1) ** 2"]),
    (
        "10..20",
        "exp(x) / (1 + exp(x))",
        ["(exp(x)*(1+exp(x)) - exp(x)*exp(x)) / (1+exp(x))**2", "sigmoid(x)*sigmoid(-x)"],
    ),
    ("1..9", "x / (x + 0.001)", ["((x + 0.001) - x) / (x + 0.001) ** 2", "0.001 / (x + 0.001) ** 2"]),
    ("0.1..5", "sqrt(x ** 2 + 1) - x", ["x / sqrt(x ** 2 + 1) - 1", "(x - sqrt(x * x + 1)) / sqrt(x * x + 1)"]),
    ("1..9", "exp(x + 0.001) - exp(x)", ["exp(x + 0.001) - exp(x)", "exp(x) * (exp(0.001) - 1)"]),
    ("0.1..5", "log(x * y) + exp(x * y)", ["y * (1 / z + exp(z))", "1/x + y*exp(z)", "1e-3*(1000/x) + y*exp(x*y)"]),
    ("0.1..5", "tanh(x)", ["1 - tanh(x) ** 2", "(1 - tanh(x)) * (1 + tanh(x))", "4 / (exp(x) + exp(-x)) ** 2"]),
)


@pytest.mark.parametrize(
    ("domain", "value", "answer"), [(domain, value, one) for domain, value, forms in DERIVATIVES for one in forms]
)
def test_a_derivative_in_any_form_is_right_without_a_note(domain: str, value: str, answer: str, tmp_path: Path) -> None:
    for numeric in ("accept", "refuse"):
        for outcome in outcomes(exercise(tmp_path, value, numeric, domain), answer):
            if answer == "(x + 1) ** 2 - x ** 2 - 1":  # right, and lost to rounding far out: no quotient anyhow
                assert outcome.reason not in (NUMERIC, paper.QUOTIENT)
            else:
                assert (outcome.verdict, outcome.reason) == ("accepted", "")
