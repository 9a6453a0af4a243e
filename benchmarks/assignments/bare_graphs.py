"""Make the calls that a question about graphs makes, node by node, and nothing else."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import Any

from benchmarks.assignments.bare_machines import Machine, machine
from benchmarks.assignments.ended import ended_after
from benchmarks.assignments.own import Own
from grader.sandbox.probes.building import Steps
from grader.sandbox.probes.graph import LOCAL_D_OUT, GraphRequest


def graphs(ask: GraphRequest, own: Own) -> None:
    """Build every graph and ask of it what is wanted. What a student's code raises ends that graph alone."""
    drive = machine(ask, own)
    for steps in ask.graphs:
        functions = [getattr(own.module(ask.functions), name) for name in steps.functions()] if ask.budget else []
        with contextlib.suppress(Exception), ended_after(ask.budget, functions) as is_over:
            _one(ask, own, drive, steps)
        if ask.budget and is_over():
            break  # as in grading: the rest is left unasked


def _one(ask: GraphRequest, own: Own, drive: Machine, steps: Steps) -> None:
    nodes = _built(steps, drive, ask.build == "apply")
    last = nodes[steps.steps[-1].label]
    if ask.function:
        last = getattr(own.module(ask.module), ask.function)(*(nodes[label] for label in sorted(nodes)))
    if ask.want == "structure":
        _looked_at([*nodes.values(), last])
    elif ask.want == "chain":
        (label, d), *_ = steps.sends
        for _ in range(2):  # a question asks twice, to see whether the same comes back
            list(nodes[label].chain_rule(d))
    elif ask.want == "order":
        for _ in range(1 if ask.growth else 2):
            list(drive.order(last))
    elif ask.want == "derivatives":
        for label, d in steps.sends:
            drive.send(nodes[label], d, ask.entry)
    elif ask.want == "accumulated":
        for label, d in steps.sends:
            nodes[label].accumulate_derivative(d)
    while nodes:  # the newest first: one that ends a long chain would end all of it
        nodes.popitem()


def _built(steps: Steps, drive: Machine, by_apply: bool) -> dict[int, Any]:
    nodes: dict[int, Any] = {}
    make = drive.apply if by_apply else drive.operate
    for step in steps.steps:
        if step.op == "leaf":
            nodes[step.label] = drive.leaf(step.value)
        elif step.op == "constant":
            nodes[step.label] = drive.constant(step.value)
        elif step.op == "number":
            nodes[step.label] = step.value
        else:
            nodes[step.label] = make(step.op, *[nodes[i] for i in step.inputs])
    return nodes


def _looked_at(nodes: list[Any]) -> None:
    """Ask every scalar of a graph what it is, and every function for its local derivatives."""
    todo, seen = deque(one for one in nodes if hasattr(one, "history")), set()
    while todo:
        one = todo.popleft()
        if id(one) in seen:
            continue
        seen.add(id(one))
        one.is_leaf()
        one.is_constant()
        history = one.history
        if history is not None and history.last_fn is not None:
            todo.extend(history.inputs)
            if any(each.history is not None for each in history.inputs):
                history.last_fn.backward(history.ctx, LOCAL_D_OUT)
