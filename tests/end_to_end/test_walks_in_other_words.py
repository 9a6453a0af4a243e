"""Known mistakes in walks, written in other ways than they are acted out: the name is the mistake's, not the code's."""

from __future__ import annotations

import pytest

from grader.grading.planning import Plan
from grader.sandbox.supervisor import Supervisor
from tests.end_to_end.test_machinery import exercise, graded, held, module1, only, prepared  # noqa: F401 - fixtures
from tests.machinery import replaced

WALKS: dict[str, tuple[str, str]] = {
    "a queue that marks what it takes out": (
        "each variable is passed through once",
        """
        def backpropagate(variable, deriv):
            from collections import deque
            queue, visited = deque([(variable, deriv)]), set()
            while queue:
                v, d = queue.popleft()
                if v.unique_id in visited: continue
                visited.add(v.unique_id)
                if v.is_leaf():
                    v.accumulate_derivative(d)
                else:
                    for p, s in v.chain_rule(d):
                        queue.append((p, s))
        """,
    ),
    "recursion that returns where it has been": (
        "each variable is passed through once",
        """
        def backpropagate(variable, deriv, visited=None):
            visited = set() if visited is None else visited
            if variable.unique_id in visited: return
            visited.add(variable.unique_id)
            if variable.is_leaf():
                variable.accumulate_derivative(deriv); return
            for p, s in variable.chain_rule(deriv):
                backpropagate(p, s, visited)
        """,
    ),
    "breadth first, leaves at their turn": (
        "variables pass on in breadth-first order",
        """
        def backpropagate(variable, deriv):
            order, queue, seen = [], [variable], {variable.unique_id}
            while queue:
                v = queue.pop(0); order.append(v)
                for p in (v.history.inputs if not v.is_leaf() else []):
                    if not p.is_constant() and p.unique_id not in seen:
                        seen.add(p.unique_id); queue.append(p)
            grads = {variable.unique_id: deriv}
            for v in order:
                if v.is_leaf():
                    v.accumulate_derivative(grads[v.unique_id])
                else:
                    for p, s in v.chain_rule(grads[v.unique_id]):
                        grads[p.unique_id] = grads.get(p.unique_id, 0) + s
        """,
    ),
    "the shortest depth, by recursion": (
        "variables pass on in breadth-first order",
        """
        def backpropagate(variable, deriv):
            depth = {}; nodes = {}
            def walk(v, k):
                if v.is_constant(): return
                nodes[v.unique_id] = v
                if v.unique_id in depth and depth[v.unique_id] <= k: return
                depth[v.unique_id] = k
                if not v.is_leaf():
                    for p in v.history.inputs: walk(p, k + 1)
            walk(variable, 0)
            grads = {variable.unique_id: deriv}
            for v in sorted(nodes.values(), key=lambda v: depth[v.unique_id]):
                g = grads.get(v.unique_id, 0.0)
                if v.is_leaf():
                    v.accumulate_derivative(g)
                else:
                    for p, s in v.chain_rule(g):
                        grads[p.unique_id] = grads.get(p.unique_id, 0.0) + s
        """,
    ),
    "the longest depth, over every path": (
        "",
        """
        def backpropagate(variable, deriv):
            depth = {}; nodes = {}
            def walk(v, k):
                if v.is_constant(): return
                nodes[v.unique_id] = v
                depth[v.unique_id] = max(k, depth.get(v.unique_id, 0))
                if not v.is_leaf():
                    for p in v.history.inputs: walk(p, k + 1)
            walk(variable, 0)
            grads = {variable.unique_id: deriv}
            for v in sorted(nodes.values(), key=lambda v: depth[v.unique_id]):
                g = grads.get(v.unique_id, 0.0)
                if v.is_leaf():
                    v.accumulate_derivative(g)
                else:
                    for p, s in v.chain_rule(g):
                        grads[p.unique_id] = grads.get(p.unique_id, 0.0) + s
        """,
    ),
    "breadth first, leaves added to at once": (
        "variables pass on in breadth-first order",
        """
        def backpropagate(variable, deriv):
            queue, grads, done = [variable], {variable.unique_id: deriv}, set()
            while queue:
                v = queue.pop(0)
                if v.unique_id in done: continue
                done.add(v.unique_id)
                for p, s in v.chain_rule(grads[v.unique_id]):
                    if p.is_leaf(): p.accumulate_derivative(s)
                    else:
                        grads[p.unique_id] = grads.get(p.unique_id, 0.0) + s
                        queue.append(p)
            if variable.is_leaf(): variable.accumulate_derivative(deriv)
        """,
    ),
    "a stack, leaves at the end": (
        "variables pass on in the order in which a depth-first walk first meets",
        """
        def backpropagate(variable, deriv):
            stack, grads = [variable], {variable.unique_id: deriv}
            seen = set()
            while stack:
                v = stack.pop()
                if v.is_leaf():
                    continue
                if v.unique_id in seen: continue
                seen.add(v.unique_id)
                for p, s in v.chain_rule(grads[v.unique_id]):
                    grads[p.unique_id] = grads.get(p.unique_id, 0.0) + s
                    stack.append(p)
            leaves = {}
            todo=[variable]; met=set()
            while todo:
                v=todo.pop()
                if v.unique_id in met: continue
                met.add(v.unique_id)
                if v.is_leaf(): v.accumulate_derivative(grads.get(v.unique_id,0.0))
                else: todo += [p for p,_ in v.chain_rule(0.0)]
        """,
    ),
    "a sum that is passed on again at every arrival": (
        "",
        """
        def backpropagate(variable, deriv):
            grads, queue = {variable.unique_id: deriv}, [variable]
            while queue:
                v = queue.pop(0)
                g = grads[v.unique_id]
                if v.is_leaf(): continue
                for p, s in v.chain_rule(g):
                    grads[p.unique_id] = grads.get(p.unique_id, 0.0) + s
                    if p.is_leaf(): p.accumulate_derivative(s)
                    queue.append(p)
            if variable.is_leaf(): variable.accumulate_derivative(deriv)
        """,
    ),
    "the chain rule asked with 1": (
        "a variable passes on its local derivative alone",
        """
        def backpropagate(variable, deriv):
            grads = {variable.unique_id: deriv}
            for v in topological_sort(variable):
                g = grads.get(v.unique_id, 0.0)
                if v.is_leaf(): v.accumulate_derivative(g); continue
                for p, s in v.chain_rule(1.0):
                    grads[p.unique_id] = grads.get(p.unique_id, 0.0) + s
        """,
    ),
}
"""What is done -> (how its name starts, the code). Two have no name: one is right but slow, one is not known."""


@pytest.mark.parametrize("case", WALKS)
def test_a_known_mistake_in_other_words_gets_its_name(
    case: str,
    prepared: Plan,  # noqa: F811
    held: Supervisor,  # noqa: F811
) -> None:
    starts, source = WALKS[case]
    result = graded(replaced("autodiff.backpropagate", source), only(prepared, {"backpropagate"}), held)
    checks = {one.name: one.outcome for one in exercise(result, "backpropagate").checks}
    names = [one.name for one in checks["gradients"].diagnosis]
    assert len(names) == bool(starts)
    assert all(one.startswith(starts) for one in names)
    if case == "the longest depth, over every path":
        assert checks["gradients"].verdict == "accepted"
        assert checks["cost"].reason == "right, but its work grows with the number of paths, not of nodes"
        assert checks["cost"].diagnosis == ()
    else:
        assert checks["gradients"].verdict == "wrong answer"
