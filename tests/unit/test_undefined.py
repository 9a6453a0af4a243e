"""Where lint says that a formula has no value: a point shows it, and what has one everywhere is let through."""

from __future__ import annotations

import math
import random
import re

import pytest

from grader.assignment import domains, exercises
from grader.assignment.exercise import Exercise
from grader.authoring import enclosing, undefined
from grader.exercise_kinds.kinds import KINDS
from grader.oracle.dual import Undefined
from grader.oracle.expressions import parse, syntax
from grader.oracle.inputs import inside
from tests.conftest import ROOT

HEAD = {"format": "1", "id": "made", "title": "Made", "statement": "s", "file": "made.py", "class": "Made"}
CHECKS = "checks: {forward: 1, backward: 2}\n"


def exercise(text: str) -> Exercise:
    """Read an exercise, of which keys that are no matter may be left out."""
    missing = {key: value for key, value in HEAD.items() if not re.search(rf"(?m)^{key}:", text)}
    if "kind:" in text:
        missing.pop("class")
    head = "".join(f"{key}: {value}\n" for key, value in missing.items())
    return exercises.decode(f"{head}{text}{'' if 'checks:' in text else CHECKS}".encode(), "made.yaml", KINDS)


def told(text: str) -> list[str]:
    """Return what lint says of a formula's parts."""
    return [said for _, said in undefined.parts(exercise(text))]


RIGHT = (
    "arguments: {x: real, n: whole 0..4}\nvalue: x ** n\nwithout_gradient: [n]\n",
    "arguments: {x: nonzero, n: whole -3..3}\nvalue: x ** n\nwithout_gradient: [n]\n",
    "arguments: {x: -50..50, y: -50..50}\ncondition: x < y\nvalue: log(y - x)\n",
    'arguments: {x: real, y: real}\ncondition: ["x > 0", "y > x"]\nvalue: log(x) / sqrt(y - x)\n',
    "arguments: {a: real, b: 0 < b <= 2}\nvalue: a / b\n",
    "arguments: {p: 0 < p < 1}\nvalue: log(p) - log(1 - p)\n",
    "arguments: {x: x > -1}\nvalue: log(x + 1)\n",
    "arguments: {x: real, n: whole 0..9}\nvalue: x / (n - 3.5)\n",
    "arguments: {x: real, n: whole}\nvalue: x / (2 * n + 1)\nwithout_gradient: [n]\n",
    "arguments: {x: real, y: real}\ncondition: x != y\nvalue: 1 / (x - y)\n",
    "arguments: {x: -5..5}\ncondition: x ** 2 != 2\nvalue: 1 / (x ** 2 - 2)\n",
    "arguments: {x: -5..5}\ncondition: abs(x) > 1\nvalue: 1 / x\n",
    "arguments: {x: real, n: 0..4}\nvalue: x * sqrt(n)\nwithout_gradient: [n]\n",
    "arguments: {x: real}\nvalue: log(1 - tanh(x))\n",
    "arguments: {x: real}\nvalue: log(sigmoid(x)) + log(1 - sigmoid(x))\n",
    "arguments: {x: real}\nvalue: 1 / exp(x)\n",
    "arguments: {x: 3..9}\nparameters: {c: -2..2}\nvalue: log(x - c)\n",
    "arguments: {x: real}\nparameters: {c: 2..4}\nvalue: x ** c / c\n",
    "arguments: {x: real}\nparameters: {c: [-3, -2, 1, 5]}\nvalue: x / c\n",
    "arguments: {x: real}\nparameters: {c: 2..4}\ncondition: x > c\nvalue: log(x - c)\n",
    "kind: values\nfunction: made\narguments: {x: 0..9}\nvalue: sqrt(x)\nchecks: {value: 1}\n",
)

WRONG = {
    "arguments: {x: real, n: whole -2..4}\nvalue: x ** n\nwithout_gradient: [n]\n": (
        "x ** n has no value at x = 0, n = -1, which the domains allow (x: real, n: whole -2..4); keep x away from 0"
    ),
    "arguments: {x: real, n: whole 2..4}\nvalue: x ** n\n": (
        "x ** n is never asked at x = 0, n = 2, which the domains allow (x: real, n: whole 2..4); keep x above 0, or "
        "list n under without_gradient"
    ),
    "arguments: {x: -50..50, y: -50..50}\ncondition: x <= y\nvalue: log(y - x)\n": (
        "log(y - x) has no value at x = 0, y = 0, which the domains allow (x: -50..50, y: -50..50; x <= y); keep y - x "
        "above 0"
    ),
    "arguments: {a: real, b: 0 <= b < 2}\nvalue: a / b\n": (
        "a / b has no value at a = 0, b = 0, which the domains allow (a: real, b: 0 <= b < 2); keep b away from 0"
    ),
    "arguments: {x: real, n: whole 0..9}\nvalue: x / (n - 3)\n": (
        "x / (n - 3) has no value at x = -0.5, n = 3, which the domains allow (x: real, n: whole 0..9); keep n - 3 "
        "away from 0"
    ),
    "arguments: {x: positive}\nvalue: 1 / (x ** 0.5 - 2)\n": (
        "1 / (x ** 0.5 - 2) has no value where x ** 0.5 - 2 is 0, which the domains allow (x: positive); keep x ** 0.5 "
        "- 2 away from 0"
    ),
    "arguments: {x: 0 < x <= 4}\nvalue: 1 / (sqrt(x) - 2)\n": (
        "1 / (sqrt(x) - 2) has no value at x = 4, which the domains allow (x: 0 < x <= 4); keep sqrt(x) - 2 away from 0"
    ),
    "arguments: {x: 2 < x < 9}\nvalue: 1 / sin(x)\n": (
        "1 / sin(x) has no value where sin(x) is 0, which the domains allow (x: 2 < x < 9); keep sin(x) away from 0"
    ),
    "arguments: {x: 3..9}\nparameters: {c: 2..5}\nvalue: log(x - c)\n": (
        "log(x - c) has no value at x = 3, c = 4, which the domains allow (x: 3..9, c: 2..5); keep x - c above 0"
    ),
    "arguments: {x: real}\nparameters: {c: [-1, 0, 1]}\nvalue: x / c\n": (
        "x / c has no value at x = 0, c = 0, which the domains allow (x: real, c: -1..1); keep c away from 0"
    ),
}


@pytest.mark.parametrize("text", RIGHT)
def test_what_has_a_value_wherever_it_is_asked_is_clean(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize("text", WRONG)
def test_what_has_none_is_told_with_a_point_and_its_domains(text: str) -> None:
    assert told(text) == [WRONG[text]]


def test_two_parts_that_begin_at_one_place_are_both_told() -> None:
    said = told("arguments: {x: real, y: real}\nvalue: log(x) / y\n")
    assert [one.partition(" at ")[0] for one in said] == ["log(x) has no value", "log(x) / y has no value"]


def test_what_the_docs_print_is_accepted() -> None:
    page = (ROOT / "docs" / "exercises.md").read_text("utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    stated = [one for one in blocks if "arguments:" in one and "\nvalue:" in one]
    assert len(stated) >= 3
    for one in stated:
        assert told(one) == [], one


DOMAINS = (
    *("real", "positive", "nonzero", "-500..500", "0..5", "0 < x <= 1", "x >= 2", "x < 0", "x > -3", "x <= 20000"),
    *("whole", "whole 0..5", "whole x >= 2", "whole x < 3", "whole 0 < x < 9", "-1e+09..0.123456789", "-2 <= x < 2"),
)


@pytest.mark.parametrize("text", DOMAINS)
def test_a_domain_is_said_as_it_is_written(text: str) -> None:
    read = domains.read("x", text)
    assert read is not None
    assert domains.said("x", read) == text


PARTS = ("x", "y", "n", "1", "2", "0.5", "x", "y")
SHAPES = (
    *(
        "{} + {}",
        "{} - {}",
        "{} * {}",
        "{} / {}",
        "log({})",
        "sqrt({})",
        "inv({})",
        "({}) ** 2",
        "({}) ** -1",
        "exp({})",
    ),
    *(
        "({}) ** n",
        "tanh({})",
        "abs({})",
        "max({}, {})",
        "where({} > {}, {}, {})",
        "sin({})",
        "({}) ** 0.5",
        "relu({})",
    ),
)
WITHIN = {
    "x": ("real", "positive", "nonzero", "-3..3", "0 < x <= 1", "x >= 2", "x < 0"),
    "y": ("real", "0..5", "0 < y < 1", "y > -1", "nonzero"),
    "n": ("whole", "whole 0..4", "whole -3..3", "whole n >= 1"),
}
CONDITIONS = ("", "", "condition: x < y\n", "condition: x * y > 0\n", 'condition: ["x > n", "y != 0"]\n')


def formula(source: random.Random, depth: int) -> str:
    """Return a formula at random."""
    if depth == 0 or (depth < 3 and source.random() < 0.2):
        return source.choice(PARTS)
    shape = source.choice(SHAPES)
    return "(" + shape.format(*(formula(source, depth - 1) for _ in range(shape.count("{}")))) + ")"


def made(source: random.Random) -> str:
    """Return an exercise at random: domains of every sort, conditions, an argument without a gradient."""
    within = ", ".join(f'{name}: "{source.choice(texts)}"' for name, texts in WITHIN.items())
    skipped = source.choice(("", "without_gradient: [n]\n"))
    return f"arguments: {{{within}}}\nvalue: {formula(source, 3)}\n{source.choice(CONDITIONS)}{skipped}"


@pytest.mark.parametrize("seed", range(150))
def test_whatever_is_refused_a_point_that_is_allowed_shows(seed: int) -> None:
    one = exercise(made(random.Random(seed)))
    formulas = one.spec.formulas
    asked = undefined.asked(one)
    assert asked is not None
    for each in undefined.found(asked):
        shown = [each.point, *([each.beside] if each.beside else [])]
        for point in shown:
            assert all(map(inside, point, formulas.domains)), (each, one.spec)
            assert formulas.value.holds(point), (each, one.spec)
        if not each.beside:
            with pytest.raises(Undefined):
                formulas.value.answer(each.point)
            continue
        assert all(abs(a - b) <= 4 * math.ulp(max(abs(a), abs(b), 1.0)) for a, b in zip(*shown))
        below = parse(re.fullmatch(r"where (.*) is 0", each.at)[1], formulas.arguments)  # type: ignore[index]
        assert below.value(shown[0]) <= 0 <= below.value(shown[1])


def test_random_exercises_are_refused_and_let_through() -> None:
    found = [undefined.asked(exercise(made(random.Random(seed)))) for seed in range(60)]
    refused = [bool(undefined.found(one)) for one in found if one is not None]
    assert 10 < sum(refused) < 50


@pytest.mark.parametrize("seed", range(60))
def test_bounds_hold_what_doubles_come_to(seed: int) -> None:
    source = random.Random(seed)
    text = formula(source, 3)
    tree = syntax(text, ("x", "y", "n"))[0]
    for _ in range(20):
        at = {"x": source.uniform(-3, 3), "y": source.choice((0.0, 1.0, 2.5)), "n": float(source.randint(-3, 4))}
        found = enclosing.bounds(tree, at)
        try:
            value = parse(text, tuple(at), ("n",)).value(tuple(at.values()))
        except Undefined:
            continue
        if found is not None:
            slack = 1e-9 * (1 + abs(value))
            assert float(found[0]) - slack <= value <= float(found[1]) + slack, (text, at)
