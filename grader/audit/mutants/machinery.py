"""Plant well-known wrong ways to build the machinery, and right ones in other styles, as code that replaces a function.

The walks are written against what a course's variables offer: `chain_rule`, `is_leaf`, `accumulate_derivative`,
`unique_id`. Those that `graph_mistakes` has a name for must get it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator

import msgspec

from grader.audit.mutants import Planted


class Replaced(msgspec.Struct, frozen=True):
    """Another body for a function or a class of the machinery: who is to notice, and by what name."""

    name: str
    code: str
    meant: tuple[str, ...] = ()
    named: str = ""


def _code(text: str) -> str:
    return textwrap.dedent(text).strip() + "\n"


ANY = ("gradients", "network")

WRONG: dict[str, Replaced] = {
    "breadth first, each node passed once": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                queue, seen = [(variable, deriv)], {variable.unique_id}
                while queue:
                    current, d = queue.pop(0)
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                        continue
                    for parent, share in current.chain_rule(d):
                        if parent.is_leaf() or parent.unique_id not in seen:
                            seen.add(parent.unique_id)
                            queue.append((parent, share))
        """),
        ANY,
        "passed through once",
    ),
    "breadth first, sums passed on early": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                order, queue, kept = [], [variable], {}
                while queue:
                    current = queue.pop(0)
                    if current.unique_id in kept:
                        continue
                    kept[current.unique_id] = current
                    order.append(current)
                    if not current.is_leaf():
                        queue.extend(parent for parent, _ in current.chain_rule(1.0))
                arrived = {variable.unique_id: deriv}
                for current in order:
                    if current.is_leaf():
                        continue
                    for parent, share in current.chain_rule(arrived.get(current.unique_id, 0.0)):
                        arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
                for current in order:
                    if current.is_leaf():
                        current.accumulate_derivative(arrived[current.unique_id])
        """),
        ANY,
        "breadth-first order is not",
    ),
    "depth first, before all has arrived": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                order, seen = [], set()
                def visit(current):
                    if current.unique_id in seen:
                        return
                    seen.add(current.unique_id)
                    order.append(current)
                    if not current.is_leaf():
                        for parent, _ in current.chain_rule(1.0):
                            visit(parent)
                visit(variable)
                arrived = {variable.unique_id: deriv}
                for current in order:
                    if current.is_leaf():
                        continue
                    for parent, share in current.chain_rule(arrived.get(current.unique_id, 0.0)):
                        arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
                for current in order:
                    if current.is_leaf():
                        current.accumulate_derivative(arrived[current.unique_id])
        """),
        ANY,
        "depth first from the output",
    ),
    "what arrives overwrites": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                arrived = {variable.unique_id: deriv}
                for current in topological_sort(variable):
                    d = arrived.get(current.unique_id, 0.0)
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                        continue
                    for parent, share in current.chain_rule(d):
                        arrived[parent.unique_id] = share
        """),
        ANY,
        "overwrites the first",
    ),
    "each parent once": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                arrived = {variable.unique_id: deriv}
                for current in topological_sort(variable):
                    d = arrived.get(current.unique_id, 0.0)
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                        continue
                    done = set()
                    for parent, share in current.chain_rule(d):
                        if parent.unique_id not in done:
                            done.add(parent.unique_id)
                            arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
        """),
        ANY,
        "gets one share only",
    ),
    "by value": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                arrived, done = {variable.data: deriv}, set()
                for current in topological_sort(variable):
                    if current.data in done:
                        continue
                    done.add(current.data)
                    d = arrived.get(current.data, 0.0)
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                        continue
                    for parent, share in current.chain_rule(d):
                        arrived[parent.data] = arrived.get(parent.data, 0.0) + share
        """),
        ANY,
        "told apart by their value",
    ),
    "seed ignored": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                arrived = {variable.unique_id: 1.0}
                for current in topological_sort(variable):
                    d = arrived.get(current.unique_id, 0.0)
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                        continue
                    for parent, share in current.chain_rule(d):
                        arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
        """),
        ANY,
        "ignored, and 1 sent instead",
    ),
    "stale between calls": Replaced(
        "backpropagate",
        _code("""
            kept = {}


            def backpropagate(variable, deriv):
                kept[variable.unique_id] = kept.get(variable.unique_id, 0.0) + deriv
                for current in topological_sort(variable):
                    d = kept.get(current.unique_id, 0.0)
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                        kept[current.unique_id] = 0.0
                        continue
                    for parent, share in current.chain_rule(d):
                        kept[parent.unique_id] = kept.get(parent.unique_id, 0.0) + share
        """),
        ("again", "network"),
        "from an earlier call",
    ),
    "every path walked": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                if variable.is_leaf():
                    variable.accumulate_derivative(deriv)
                    return
                for parent, share in variable.chain_rule(deriv):
                    backpropagate(parent, share)
        """),
        ("cost",),
    ),
    "constants get a derivative": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                arrived = {variable.unique_id: deriv}
                for current in topological_sort(variable):
                    d = arrived.get(current.unique_id, 0.0)
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                        continue
                    for one in current.history.inputs:
                        if one.is_constant():
                            one.derivative = (one.derivative or 0.0) + d
                    for parent, share in current.chain_rule(d):
                        arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
        """),
        ("constants",),
    ),
    "breadth-first order": Replaced(
        "topological_sort",
        _code("""
            def topological_sort(variable):
                order, queue, seen = [], [variable], set()
                while queue:
                    current = queue.pop(0)
                    if current.unique_id in seen or current.is_constant():
                        continue
                    seen.add(current.unique_id)
                    order.append(current)
                    queue.extend(current.parents)
                return order
        """),
        ("order",),
    ),
    "pre-order": Replaced(
        "topological_sort",
        _code("""
            def topological_sort(variable):
                order, seen = [], set()
                def visit(current):
                    if current.unique_id in seen or current.is_constant():
                        return
                    seen.add(current.unique_id)
                    order.append(current)
                    for parent in current.parents:
                        visit(parent)
                visit(variable)
                return order
        """),
        ("order",),
    ),
    "visited by value": Replaced(
        "topological_sort",
        _code("""
            def topological_sort(variable):
                order, seen = [], []
                def visit(current):
                    if current.is_constant() or current in seen:
                        return
                    seen.append(current)
                    for parent in current.parents:
                        visit(parent)
                    order.insert(0, current)
                visit(variable)
                return order
        """),
        ("order",),
    ),
    "every path sorted": Replaced(
        "topological_sort",
        _code("""
            def topological_sort(variable):
                order = []
                def visit(current):
                    if current.is_constant():
                        return
                    for parent in current.parents:
                        visit(parent)
                    order.append(current)
                visit(variable)
                return list({one.unique_id: one for one in order}.values())[::-1]
        """),
        ("cost",),
    ),
    "every path sorted, then walked once": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                order = {}
                def visit(current):
                    for parent in () if current.is_leaf() or current.is_constant() else current.history.inputs:
                        visit(parent)
                    order[current.unique_id] = current
                visit(variable)
                arrived = {variable.unique_id: deriv}
                for current in list(order.values())[::-1]:
                    d = arrived.get(current.unique_id, 0.0)
                    if current.is_constant():
                        continue
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                        continue
                    for parent, share in current.chain_rule(d):
                        arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
        """),
        ("cost",),
    ),
    "no_grad ignored": Replaced(
        "Context",
        _code("""
            class Context:
                def __init__(self, no_grad=False):
                    self.no_grad = no_grad
                    self.saved_values = ()
                def save_for_backward(self, *values):
                    self.saved_values = values
                saved_tensors = property(lambda self: self.saved_values)
        """),
        ("no_grad",),
    ),
    "saved on the class": Replaced(
        "Context",
        _code("""
            class Context:
                saved_values = ()
                def __init__(self, no_grad=False):
                    self.no_grad = no_grad
                def save_for_backward(self, *values):
                    if not self.no_grad:
                        Context.saved_values = values
                saved_tensors = property(lambda self: self.saved_values)
        """),
        ("independent",),
    ),
}

RIGHT: dict[str, Replaced] = {
    "an order with leaves first": Replaced(
        "topological_sort",
        _code("""
            def topological_sort(variable):
                order, seen = [], set()
                def visit(current):
                    if current.is_constant() or current.unique_id in seen:
                        return
                    seen.add(current.unique_id)
                    for parent in current.parents:
                        visit(parent)
                    order.append(current)
                visit(variable)
                return order
        """),
    ),
    "an order as a generator, without leaves": Replaced(
        "topological_sort",
        _code("""
            def topological_sort(variable):
                order, seen = [], set()
                def visit(current):
                    if current.is_leaf() or current.is_constant() or id(current) in seen:
                        return
                    seen.add(id(current))
                    for parent in current.parents:
                        visit(parent)
                    order.append(current)
                visit(variable)
                return (one for one in reversed(order))
        """),
    ),
    "an order as a deque, constants in it": Replaced(
        "topological_sort",
        _code("""
            def topological_sort(variable):
                from collections import deque
                order, seen = deque(), set()
                def visit(current):
                    if current.unique_id in seen:
                        return
                    seen.add(current.unique_id)
                    for parent in current.parents:
                        visit(parent)
                    order.appendleft(current)
                visit(variable)
                return order
        """),
    ),
    "an order that looks through a list for every variable": Replaced(
        "topological_sort",
        _code("""
            def topological_sort(variable):
                order = []
                def visit(current):
                    if current.is_constant() or any(current is one for one in order):
                        return
                    for parent in current.parents:
                        visit(parent)
                    order.append(current)
                visit(variable)
                return order[::-1]
        """),
    ),
    "an order that removes what nothing is left to feed": Replaced(
        "topological_sort",
        _code("""
            def topological_sort(variable):
                order, left, todo = [], [], [variable]
                while todo:
                    current = todo.pop()
                    if not current.is_constant() and not any(current is one for one in left):
                        left.append(current)
                        todo.extend(current.parents)
                while left:
                    for current in left:
                        if not any(parent is current for one in left for parent in one.parents):
                            order.append(current)
                            left = [one for one in left if one is not current]
                            break
                return order
        """),
    ),
    "Kahn's algorithm inside": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                counts, todo, known = {}, [variable], {variable.unique_id}
                while todo:
                    current = todo.pop()
                    if current.is_leaf():
                        continue
                    for parent, _ in current.chain_rule(1.0):
                        counts[parent.unique_id] = counts.get(parent.unique_id, 0) + 1
                        if parent.unique_id not in known:
                            known.add(parent.unique_id)
                            todo.append(parent)
                arrived, ready = {variable.unique_id: deriv}, [variable]
                while ready:
                    current = ready.pop()
                    d = arrived[current.unique_id]
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                        continue
                    for parent, share in current.chain_rule(d):
                        arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
                        counts[parent.unique_id] -= 1
                        if counts[parent.unique_id] == 0:
                            ready.append(parent)
        """),
    ),
    "keyed by the variable itself": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                arrived = {variable: deriv}
                for current in topological_sort(variable):
                    d = arrived.get(current, 0.0)
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                        continue
                    for parent, share in current.chain_rule(d):
                        arrived[parent] = arrived.get(parent, 0.0) + share
        """),
    ),
    "half a step to each side": Replaced(
        "central_difference",
        _code("""
            def central_difference(f, *vals, arg=0, epsilon=1e-6):
                left, right = list(vals), list(vals)
                left[arg] -= epsilon / 2
                right[arg] += epsilon / 2
                return (f(*right) - f(*left)) / epsilon
        """),
    ),
    "a zero that is not passed on": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                arrived = {variable.unique_id: deriv}
                for current in topological_sort(variable):
                    d = arrived.get(current.unique_id, 0.0)
                    if d == 0.0:
                        continue
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                        continue
                    for parent, share in current.chain_rule(d):
                        arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
        """),
    ),
}


def mistakes(module: str, source: str, names: Collection[str]) -> Iterator[Planted]:
    """Yield the known mistakes of what is under test; where one builds on a function the module has not got, none."""
    for what, one in WRONG.items():
        if one.name in names and _fits(one, source):
            yield Planted(module, one.name, what, f"{source}\n\n{one.code}", one.meant, one.named)


def styles(module: str, source: str, names: Collection[str]) -> Iterator[Planted]:
    """Yield right code in other styles."""
    for what, one in RIGHT.items():
        if one.name in names and _fits(one, source):
            yield Planted(module, one.name, what, f"{source}\n\n{one.code}")


def _fits(one: Replaced, source: str) -> bool:
    return "topological_sort(" not in one.code or one.name == "topological_sort" or "def topological_sort" in source
