"""A slip in one place is found on the named graphs alone, so under every seed; right code is right on all of them."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from grader.exercise_kinds import labels
from grader.exercise_kinds.graph_checks import COST_OF_ORDER, GRAPH_CHECKS, GraphCheck, trials
from grader.sandbox.probes import graph as box
from grader.sandbox.probes.graph import GraphRequest
from grader.sandbox.probes.steps import TooMany, counting

SORT = """
def topological_sort(variable):
    order, seen = [], set()
    def visit(current, depth=0):
        if current.is_constant() or current.unique_id in seen:
            return
        seen.add(current.unique_id)
        for parent in current.parents:
            visit(parent, depth + 1)
        order.insert(0, current)
    visit(variable)
    return order
"""

WALK = """
def backpropagate(variable, deriv):
    arrived, uses = {variable.unique_id: deriv}, {}
    for current in topological_sort(variable):
        d = arrived.get(current.unique_id, 0.0)
        if current.is_leaf():
            current.accumulate_derivative(d)
            continue
        pairs = list(current.chain_rule(d))
        for parent, share in pairs:
            uses[parent.unique_id] = uses.get(parent.unique_id, 0) + 1
            arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
"""

PAIRS = "pairs = list(current.chain_rule(d))\n"
ADDED = "arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share"
OF = "getattr(current.history.last_fn, '__name__', '')"
PARENTS = "list(current.parents)"

IN_A_WALK: dict[str, tuple[str, str]] = {
    "1 for a derivative of 0": ("0.0)\n        if", "0.0) or 1.0\n        if"),
    "ends where nothing arrives": (PAIRS, f"{PAIRS}        if d == 0.0:\n            break\n"),
    "1 sent back is lost": ("deriv}", "deriv if deriv != 1 else 0.0}"),
    "-1 for what is below 0": ("deriv}", "abs(deriv)}"),
    "the third use is lost": (ADDED, f"if uses[parent.unique_id] != 3:\n                {ADDED}"),
    "the sixth use is lost": (ADDED, f"if uses[parent.unique_id] != 6:\n                {ADDED}"),
    "large ones are clipped": (PAIRS, "pairs = list(current.chain_rule(max(-1e3, min(1e3, d))))\n"),
    "small ones are dropped": (PAIRS, f"{PAIRS}        pairs = pairs if abs(d) > 1e-6 else []\n"),
    "an inner one twice": (PAIRS, f"{PAIRS}        pairs = list({{p.unique_id: (p, s) for p, s in pairs}}.values())\n"),
    "equal shares once": (PAIRS, f"{PAIRS}        pairs = list({{s: (p, s) for p, s in pairs}}.values())\n"),
    "leaves told apart by value": ("current.unique_id, 0.0)", "current.data if current.is_leaf() else 0, 0.0)"),
    "the tenth leaf is lost": ("if current.is_leaf():", "if current.is_leaf() and len(arrived) < 24:"),
    "the direct use of a leaf is lost": (
        "current.accumulate_derivative(d)",
        "current.accumulate_derivative(d * all(one is not current for one in variable.parents))",
    ),
    **{
        f"{op} last of all": (
            PAIRS,
            f"{PAIRS}        pairs = [] if {OF} == '{op}' and current is variable else pairs\n",
        )
        for op in ("Neg", "Exp", "Log", "Inv", "Sigmoid", "ReLU", "Mul", "Add")
    },
    **{
        f"{op} over itself": (
            PAIRS,
            f"{PAIRS}        over = {PARENTS}[0].history.last_fn\n"
            f"        pairs = [] if {OF} == '{op}' == getattr(over, '__name__', '') else pairs\n",
        )
        for op in ("Neg", "Exp", "Log", "Inv", "Sigmoid", "ReLU", "Mul", "Add")
    },
    **{
        f"{op} over a leaf": (
            PAIRS,
            f"{PAIRS}        pairs = [] if {OF} == '{op}' and {PARENTS}[0].is_leaf() else pairs\n",
        )
        for op in ("Neg", "Exp", "Log", "Inv", "Sigmoid", "ReLU", "Mul", "Add")
    },
}

IN_ORDER = """\
        for parent in current.parents:
            visit(parent, depth + 1)
        order.insert(0, current)
"""

IN_AN_ORDER: dict[str, tuple[str, str]] = {
    "no deeper than 200": ("seen.add(", "if depth > 200:\n            return\n        seen.add("),
    "nothing behind a 0": ("in current.parents:", "in current.parents if current.data else ():"),
    "one of two parents late": (
        IN_ORDER,
        "        first, *others = *current.parents, None\n        visit(first) if first else None\n"
        "        order.insert(0, current)\n        [visit(one) for one in others if one]\n",
    ),
    "by value": ("current.unique_id in seen:", "current.data in seen:"),
    "at the second place": ("order.insert(0,", "order.insert(min(1, len(order)),"),
    "before it is complete": (
        IN_ORDER,
        "        order.append(current)\n        for parent in current.parents:\n            visit(parent)\n",
    ),
}

SHORTEST = """
def topological_sort(variable):
    level, nodes = {variable.unique_id: 0}, [variable]
    for current in nodes:
        for parent in current.parents:
            if parent.unique_id not in level and not parent.is_constant():
                level[parent.unique_id] = level[current.unique_id] + 1
                nodes.append(parent)
    return nodes
"""
PUSHED = """
def topological_sort(variable):
    order, seen, stack = [], {variable.unique_id}, [(variable, False)]
    while stack:
        current, expanded = stack.pop()
        if expanded:
            order.insert(0, current)
            continue
        stack.append((current, True))
        for parent in current.parents:
            if parent.unique_id not in seen and not parent.is_constant():
                seen.add(parent.unique_id)
                stack.append((parent, False))
    return order
"""


class Package:
    """The reference, as the box sees a student's files."""

    def __init__(self) -> None:
        self.failures: dict[str, Any] = {}
        self.files: dict[str, Any] = {}

    def find(self, module: str, name: str, _sort: str = "any") -> Any:
        """Return one of the reference's names."""
        return getattr(importlib.import_module(f"reference.{module}"), name, None)

    asked = find


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """The reference with its walk and its order put back afterwards."""
    module = importlib.import_module("reference.autodiff")
    for name in ("backpropagate", "topological_sort"):
        monkeypatch.setattr(module, name, getattr(module, name))
    return Package()


def wrong(rule: GraphCheck, source: str, package: Package) -> int:
    """Return on how many of a check's named graphs the reference goes wrong with a function replaced."""
    module = importlib.import_module("reference.autodiff")
    exec(textwrap.dedent(source), module.__dict__)
    made = trials(rule, 0, "no random ones", True)
    graphs = [one.graph for one in made]
    asked = tuple(map(labels.steps, graphs))
    entry = ("autodiff", "backpropagate")
    told = box.answer(GraphRequest(asked, rule.want, "autodiff", entry=entry, growth=rule.growth), package)  # type: ignore[arg-type]
    rows = labels.rows(graphs, told.rows)
    return sum(row.fault is not None or rule.wrong(one, row) is not None for one, row in zip(made, rows))


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_A_WALK)
def test_a_slip_in_a_walk_is_found_whatever_the_seed(name: str, package: Package) -> None:
    old, new = IN_A_WALK[name]
    assert old in WALK
    assert wrong(GRAPH_CHECKS["gradients"], WALK.replace(old, new, 1), package)


def test_a_constant_on_the_left_is_met_whatever_the_seed(package: Package) -> None:
    slip = f"{PAIRS}        pairs = [] if {PARENTS}[0].is_constant() else pairs\n"
    assert wrong(GRAPH_CHECKS["constants"], WALK.replace(PAIRS, slip, 1), package)


@pytest.mark.parametrize("name", IN_AN_ORDER)
def test_a_slip_in_an_order_is_found_whatever_the_seed(name: str, package: Package) -> None:
    old, new = IN_AN_ORDER[name]
    assert old in SORT
    changed = SORT.replace(old, new, 1)
    if name == "by value":
        changed = changed.replace("seen.add(current.unique_id)", "seen.add(current.data)")
    assert wrong(GRAPH_CHECKS["order"], changed, package)


@pytest.mark.parametrize("source", [SHORTEST, PUSHED])
def test_a_wrong_algorithm_is_found_whatever_the_seed(source: str, package: Package) -> None:
    assert wrong(GRAPH_CHECKS["order"], source, package)


def test_right_code_is_right_on_every_named_graph(package: Package) -> None:
    assert wrong(GRAPH_CHECKS["gradients"], WALK, package) == 0
    assert wrong(GRAPH_CHECKS["order"], SORT, package) == 0
    assert wrong(COST_OF_ORDER, SORT, package) == 0
    assert wrong(GRAPH_CHECKS["cost"], WALK, package) == 0
    assert wrong(GRAPH_CHECKS["constants"], WALK, package) == 0


@pytest.mark.skipif(sys.gettrace() is not None, reason="what measures coverage adds steps of its own")
@pytest.mark.parametrize(
    "work",
    [
        lambda n: [one for one in range(n) if one],
        lambda n: sum(one * one for one in range(n)),
        lambda n: [(lambda: one)() for one in range(n)],
        lambda n: exec(f"for one in range({n}): pass"),
        lambda n: exec(f"left = {n}\nwhile left: left -= 1"),
    ],
)
def test_every_round_of_a_loop_is_a_step_the_same_each_time(work: Callable[[int], object]) -> None:
    counts = []
    for rounds in (100, 100, 200):
        with counting(10_000) as steps:
            work(rounds)
        counts.append(steps())
    assert counts[0] == counts[1] > 100
    assert 1.9 < (counts[2] - 5) / (counts[0] - 5) < 2.1
    with pytest.raises(TooMany), counting(100):
        work(1000)
    with counting(0) as steps:
        work(1000)
    assert steps() == 0
