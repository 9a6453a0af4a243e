"""`cost` in every course that builds graphs: each walk that goes every path loses it, and right ones keep it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.assignment.template import solutions
from grader.grading import config, planning
from grader.grading.grader import Grader
from grader.model import Submission
from grader.sandbox.supervisor import Supervisor
from tests.conftest import ROOT

NEEDLE = """
    seen = set()

    def walk(node, sent):
        node.grad = node.grad + sent if node in seen else sent
        seen.add(node)
        if node.op is not None:
            for one, share in zip(node.inputs, node.op.gradient_as_tuple(sent, node)):
                walk(one, share)

    walk(output_tensor, out_grad)
"""
TENSORS = """
    def walk(current, d):
        if current.is_leaf():
            current.accumulate_derivative(d)
            return
        for parent, share in current.chain_rule(d):
            if not parent.is_constant():
                walk(parent, share)

    walk(variable, deriv)
"""
NODES = """
    grads = {}

    def walk(node, sent):
        grads[node] = grads[node] + sent if node in grads else sent
        for one, share in zip(node.inputs, node.op.gradient(node, sent)):
            walk(one, share)

    walk(output_node, oneslike_op(output_node))
    return [grads[node] for node in node_list]
"""
COURSES = {
    "needle-hw1": ("autograd.py", "[compute_gradient_of_variables]", "def compute_gradient_of_variables", NEEDLE),
    "minitorch-module2": ("autodiff.py", "[topological_sort, backpropagate]", "def backpropagate", TENSORS),
    "cse599w": ("autodiff.py", "[Node, Variable, Executor, gradients, find_topo_sort]", "def gradients", NODES),
    "cse599w-arrays": ("autodiff.py", "[Node, Variable, Executor, gradients, find_topo_sort]", "def gradients", NODES),
}
EXERCISE = """format: 1
kind: graph
id: walk
title: The walk
statement: Each node once.
file: {file}
under_test: {names}
build: operators
operations: [add, mul, neg]
checks: {{gradients: 2, cost: 1}}
"""


@pytest.mark.parametrize("course", COURSES)
def test_a_walk_along_every_path_loses_cost_and_nothing_else(
    course: str, tmp_path: Path, supervisor: Supervisor
) -> None:
    file, names, head, wrong = COURSES[course]
    shutil.copytree(ROOT / "examples" / course, tmp_path / course, ignore=shutil.ignore_patterns("submissions"))
    shutil.rmtree(tmp_path / course / "exercises")
    (tmp_path / course / "exercises").mkdir()
    (tmp_path / course / "exercises" / "a.yaml").write_text(EXERCISE.format(file=file, names=names))
    plan = planning.prepare(config.load(tmp_path / course / "config.yaml"))
    assert plan.faults == {}
    source = (ROOT / "examples" / course / "reference" / file).read_text()
    for text, lost in ((source, set()), (with_solution(source, head, wrong), {"cost"})):
        module = file.removesuffix(".py")
        result = Grader(plan, supervisor).grade(Submission("s", {module: (file, text.encode())}))
        (walk,) = result.exercises
        assert {one.name for one in walk.checks if one.outcome.verdict != "accepted"} == lost, walk
    assert "its work grows with the number of paths, not of nodes" in walk.checks[1].outcome.reason


def with_solution(source: str, head: str, wrong: str) -> str:
    """Put another solution into the function that begins with `head`."""
    lines = source.splitlines()
    start = next(i for i, line in enumerate(lines, 1) if line.startswith(head))
    marked = next(one for one in solutions(source) if one.start > start)
    return "\n".join([*lines[: marked.start - 1], *wrong.strip("\n").split("\n"), *lines[marked.stop - 1 :]]) + "\n"
