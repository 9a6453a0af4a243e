"""The lecture's graph, h(x, y) = log(z) + exp(z) with z = x · y, run step by step (slides backprop2 to backprop7)."""

from __future__ import annotations

import math

import pytest

from grader.model import Trace
from grader.selfcheck.tracing import What
from tests.machinery import WRONG, replaced
from tests.trace.runs import calls, h, marked, name, trace

SUM = 1 / 6 + math.exp(6)


@pytest.fixture(scope="module")
def lecture() -> Trace:
    return trace("module1", h())


def near(text: str, value: float) -> bool:
    """Say whether a number reads as another, to the digits that are shown."""
    return float(text) == pytest.approx(value, rel=1e-5)


def test_every_value_comes_forward_in_its_turn(lecture: Trace) -> None:
    forward = [step.node for step in lecture.steps if step.kind == "forward"]
    assert [name(lecture, i) for i in forward] == ["x", "y", "z", "log(z)", "exp(z)", "h"]
    values = dict(zip(["x", "y", "z", "log", "exp", "h"], (lecture.nodes[i].value for i in forward)))
    assert near(values["h"], math.log(6) + math.exp(6))
    assert not any(node.expected for node in lecture.nodes)


def test_what_each_variable_takes_is_the_lectures(lecture: Trace) -> None:
    made = calls(lecture)
    assert [node for node, _, _ in made] == ["h", "log(z)", "exp(z)", "z"]
    took = {node: (d, given) for node, d, given in made}
    assert took["h"] == ("1", {"log(z)": "1", "exp(z)": "1"})
    assert took["log(z)"][0] == took["exp(z)"][0] == "1"
    assert near(took["log(z)"][1]["z"], 1 / 6)
    assert near(took["exp(z)"][1]["z"], math.exp(6))
    assert near(took["z"][0], SUM)  # both had arrived before z was taken
    assert near(took["z"][1]["x"], 3 * SUM)
    assert near(took["z"][1]["y"], 2 * SUM)


def test_leaves_end_at_the_exact_sum_and_the_central_difference(lecture: Trace) -> None:
    assert [name(lecture, one.node) for one in lecture.ends] == ["x", "y"]
    for one, factor in zip(lecture.ends, (3, 2)):
        assert near(one.derivative, factor * SUM)
        assert near(one.difference, factor * SUM)
        assert one.right
    assert marked(lecture) is None


def test_the_order_is_told_where_the_dialect_names_one(lecture: Trace) -> None:
    (order,) = (step for step in lecture.steps if step.kind == "order")
    listed = [name(lecture, i) for i in order.listed]
    assert listed[0] == "h"
    assert listed.index("z") > max(listed.index("log(z)"), listed.index("exp(z)"))


def test_every_write_says_where_in_the_students_files(lecture: Trace) -> None:
    writes = [step for step in lecture.steps if step.kind == "write"]
    assert {name(lecture, step.node) for step in writes} == {"x", "y"}
    assert all("scalar.py:" in step.place for step in writes)


def test_a_queue_takes_z_twice_and_comes_to_the_same_sums() -> None:
    queue = WRONG["every arrival passed on by a queue"]
    found = trace("module1", h(), replaced(queue.where, queue.source))
    taken = [d for node, d, _ in calls(found) if node == "z"]
    assert len(taken) == 2
    assert near(taken[0], 1 / 6)
    assert near(taken[1], math.exp(6))
    assert [near(one.derivative, factor * SUM) for one, factor in zip(found.ends, (3, 2))] == [True, True]
    assert marked(found) is None


def test_an_exercise_runs_the_function_that_it_asks_for() -> None:
    """The lecture's own backpropagate is another function than the one that a scalar's method calls."""
    broken = replaced("autodiff.backpropagate", "def backpropagate(variable, deriv):\n    raise NotImplementedError()")
    found = trace("module1", What("queue-backpropagation"), broken)
    assert [end.right for end in found.ends] == [True, True]
    assert "not written yet" in trace("module1", What("backpropagate"), broken).steps[-1].said
