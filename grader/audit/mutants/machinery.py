"""Plant well-known wrong ways to build the machinery, and right ones in other styles, as code that replaces a function.

The walks are written against what a course's variables offer: `chain_rule`, `is_leaf`, `accumulate_derivative`,
`unique_id`. Those that `graph_walks` has a name for must get it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator

import msgspec

from grader.audit.mutants import Mutant
from grader.diagnosis import graph_walks


class Replaced(msgspec.Struct, frozen=True):
    """Another body for a function or a class of the machinery, and which checks are to notice."""

    name: str
    code: str
    meant: tuple[str, ...] = ()


def _code(text: str) -> str:
    return textwrap.dedent(text).strip() + "\n"


WALK = _code("""
    def backpropagate(variable, deriv):
        arrived = {variable.unique_id: deriv}
        for current in topological_sort(variable):
            d = arrived.get(current.unique_id, 0.0)
            if current.is_leaf():
                current.accumulate_derivative(d)
                continue
            for parent, share in current.chain_rule(d):
                arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
""")
"""A right walk. Others are written as changes of it."""

SORT = _code("""
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
        return order[::-1]
""")
"""A right order. Others are written as changes of it."""

EARLY = _code("""
    def backpropagate(variable, deriv):
        order, seen, todo = [], set(), [variable]
        while todo:
            current = todo.pop(0)
            if current.unique_id in seen:
                continue
            seen.add(current.unique_id)
            order.append(current)
            if not current.is_leaf():
                todo.extend(parent for parent, _ in current.chain_rule(1.0))
        arrived = {variable.unique_id: deriv}
        for current in order:
            if not current.is_leaf():
                for parent, share in current.chain_rule(arrived.get(current.unique_id, 0.0)):
                    arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
        for current in order:
            if current.is_leaf():
                current.accumulate_derivative(arrived[current.unique_id])
""")
"""A walk in an order that is none: nodes pass on before all has arrived."""

DISTANCE = _code("""
    def backpropagate(variable, deriv):
        distance, known, todo = {variable.unique_id: 0}, [variable], [variable]
        while todo:
            current = todo.pop(0)
            if current.is_leaf():
                continue
            for parent in current.history.inputs:
                if not parent.is_constant() and parent.unique_id not in distance:
                    distance[parent.unique_id] = distance[current.unique_id] + 1
                    known.append(parent)
                    todo.append(parent)
        arrived = {variable.unique_id: deriv}
        for current in sorted(known, key=lambda one: (distance[one.unique_id], -one.unique_id)):
            d = arrived.get(current.unique_id, 0.0)
            if current.is_leaf():
                current.accumulate_derivative(d)
                continue
            for parent, share in current.chain_rule(d):
                arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share
""")
"""A walk in the order of the shortest distance from the output, the newest first where two are as far."""

ADDED = "arrived[parent.unique_id] = arrived.get(parent.unique_id, 0.0) + share"


def _changed(code: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in code, old
        code = code.replace(old, new)
    return code


def _walk(*changes: tuple[str, str], meant: tuple[str, ...] = ("gradients", "network")) -> Replaced:
    return Replaced("backpropagate", _changed(WALK, *changes), meant)


def _sort(*changes: tuple[str, str], meant: tuple[str, ...] = ("order",)) -> Replaced:
    return Replaced("topological_sort", _changed(SORT, *changes), meant)


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
        ("gradients", "network"),
    ),
    "breadth first, sums passed on early": Replaced("backpropagate", EARLY, ("gradients", "network")),
    "depth first, before all has arrived": Replaced(
        "backpropagate",
        _changed(
            EARLY,
            (
                "todo.extend(parent for parent, _ in current.chain_rule(1.0))",
                "todo[:0] = [parent for parent, _ in current.chain_rule(1.0)]",
            ),
        ),
        ("gradients", "network"),
    ),
    "depth first, each node passed once": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                seen = set()
                def visit(current, d):
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                    elif current.unique_id not in seen:
                        seen.add(current.unique_id)
                        for parent, share in current.chain_rule(d):
                            visit(parent, share)
                visit(variable, deriv)
        """),
        ("gradients", "network"),
    ),
    "by the shortest distance": Replaced("backpropagate", DISTANCE, ("gradients", "network")),
    "marked when put on the stack": Replaced(
        "backpropagate",
        _changed(
            EARLY,
            ("order, seen, todo = [], set(), [variable]", "order, seen, todo = [], {variable.unique_id}, [variable]"),
            ("todo.pop(0)", "todo.pop()"),
            ("        if current.unique_id in seen:\n            continue\n        seen.add(current.unique_id)\n", ""),
            (
                "todo.extend(parent for parent, _ in current.chain_rule(1.0))",
                "fresh = [one for one, _ in current.chain_rule(1.0) if one.unique_id not in seen]\n"
                "            todo.extend({one.unique_id: one for one in fresh}.values())\n"
                "            seen.update(one.unique_id for one in fresh)",
            ),
        ),
        ("gradients", "network"),
    ),
    "post-order marked at first sight": _walk(
        (
            "    arrived = ",
            "    order, seen, stack = [], {variable.unique_id}, [(variable, False)]\n"
            "    while stack:\n"
            "        current, expanded = stack.pop()\n"
            "        if expanded:\n"
            "            order.append(current)\n"
            "            continue\n"
            "        stack.append((current, True))\n"
            "        for parent in () if current.is_leaf() else current.history.inputs:\n"
            "            if not parent.is_constant() and parent.unique_id not in seen:\n"
            "                seen.add(parent.unique_id)\n"
            "                stack.append((parent, False))\n"
            "    arrived = ",
        ),
        ("topological_sort(variable)", "reversed(order)"),
    ),
    "what arrives overwrites": _walk((ADDED, "arrived[parent.unique_id] = share")),
    "each parent once": _walk(
        ("        for parent, share", "        done = set()\n        for parent, share"),
        (
            ADDED,
            f"if parent.unique_id not in done:\n                done.add(parent.unique_id)\n                {ADDED}",
        ),
    ),
    "by value": _walk(
        (
            "        d = arrived",
            "        if current.data in done:\n            continue\n"
            "        done.add(current.data)\n        d = arrived",
        ),
        ("    for current in topological", "    done = set()\n    for current in topological"),
        ("unique_id", "data"),
    ),
    "seed ignored": _walk(("unique_id: deriv", "unique_id: 1.0")),
    "local derivatives alone": _walk(("chain_rule(d)", "chain_rule(1.0)")),
    "stale between calls": _walk(
        ("def backpropagate", "kept = {}\n\n\ndef backpropagate"),
        (
            "    arrived = {variable.unique_id: deriv}",
            "    one = variable.unique_id\n    kept[one] = kept.get(one, 0.0) + deriv",
        ),
        ("accumulate_derivative(d)\n", "accumulate_derivative(d)\n            kept[current.unique_id] = 0.0\n"),
        ("arrived", "kept"),
        meant=("again", "network"),
    ),
    "every arrival passed on by a queue": Replaced(
        "backpropagate",
        _code("""
            def backpropagate(variable, deriv):
                queue = [(variable, deriv)]
                while queue:
                    current, d = queue.pop(0)
                    if current.is_leaf():
                        current.accumulate_derivative(d)
                    else:
                        queue.extend(current.chain_rule(d))
        """),
        ("cost",),
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
    "constants get a derivative": _walk(
        (
            "        for parent, share",
            "        for one in current.history.inputs:\n"
            "            if one.is_constant():\n"
            "                one.derivative = (one.derivative or 0.0) + d\n"
            "        for parent, share",
        ),
        meant=("constants",),
    ),
    "every path sorted, then walked once": _walk(
        (
            "    arrived = ",
            "    order = {}\n"
            "    def visit(current):\n"
            "        for parent in () if current.is_leaf() or current.is_constant() else current.history.inputs:\n"
            "            visit(parent)\n"
            "        order[current.unique_id] = current\n"
            "    visit(variable)\n"
            "    arrived = ",
        ),
        ("topological_sort(variable)", "list(order.values())[::-1]"),
        ("        d = ", "        if current.is_constant():\n            continue\n        d = "),
        meant=("cost",),
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
    "an order by the shortest distance": Replaced(
        "topological_sort",
        _code("""
            def topological_sort(variable):
                distance, known = {variable.unique_id: 0}, [variable]
                for current in known:
                    for parent in current.parents:
                        if not parent.is_constant() and parent.unique_id not in distance:
                            distance[parent.unique_id] = distance[current.unique_id] + 1
                            known.append(parent)
                return sorted(known, key=lambda one: (distance[one.unique_id], one.unique_id))
        """),
        ("order",),
    ),
    "an order marked when put on the stack": Replaced(
        "topological_sort",
        _code("""
            def topological_sort(variable):
                order, stack, seen = [], [variable], {variable.unique_id}
                while stack:
                    current = stack.pop()
                    order.append(current)
                    for parent in current.parents:
                        if not parent.is_constant() and parent.unique_id not in seen:
                            seen.add(parent.unique_id)
                            stack.append(parent)
                return order
        """),
        ("order",),
    ),
    "an order marked at first sight": _sort(
        ("current.is_constant() or current.unique_id in seen", "current.is_constant()"),
        ("        seen.add(current.unique_id)\n", ""),
        (
            "        for parent in current.parents:\n            visit(parent)\n",
            "        fresh = [one for one in current.parents if one.unique_id not in seen]\n"
            "        seen.update(one.unique_id for one in fresh)\n"
            "        for parent in {one.unique_id: one for one in fresh}.values():\n            visit(parent)\n",
        ),
    ),
    "pre-order": _sort(
        ("        order.append(current)\n", ""),
        ("        for parent", "        order.append(current)\n        for parent"),
        ("order[::-1]", "order"),
    ),
    "visited by value": _sort(
        ("set()", "[]"),
        ("current.unique_id in seen", "current in seen"),
        ("seen.add(current.unique_id)", "seen.append(current)"),
    ),
    "every path sorted": _sort(
        (" or current.unique_id in seen", ""),
        ("        seen.add(current.unique_id)\n", ""),
        ("order[::-1]", "list({one.unique_id: one for one in order}.values())[::-1]"),
        meant=("cost",),
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
    "an order with leaves first": _sort(("order[::-1]", "order")),
    "an order as a generator, without leaves": _sort(
        ("current.is_constant()", "current.is_leaf() or current.is_constant()"),
        ("current.unique_id", "id(current)"),
        ("order[::-1]", "(one for one in reversed(order))"),
    ),
    "an order as a deque, constants in it": _sort(
        ("    order, seen = [], set()", "    from collections import deque\n    order, seen = deque(), set()"),
        ("current.is_constant() or ", ""),
        ("order.append(", "order.appendleft("),
        ("order[::-1]", "order"),
    ),
    "an order that looks through a list for every variable": _sort(
        ("current.unique_id in seen", "any(current is one for one in order)"),
        ("        seen.add(current.unique_id)\n", ""),
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
    "in the order of creation": _walk(
        (
            "    arrived = ",
            "    known, todo = {variable.unique_id: variable}, [variable]\n"
            "    while todo:\n"
            "        current = todo.pop()\n"
            "        for parent in () if current.is_leaf() else current.history.inputs:\n"
            "            if not parent.is_constant() and parent.unique_id not in known:\n"
            "                known[parent.unique_id] = parent\n"
            "                todo.append(parent)\n"
            "    arrived = ",
        ),
        ("topological_sort(variable)", "sorted(known.values(), key=lambda one: one.unique_id, reverse=True)"),
    ),
    "by the longest depth": _walk(
        (
            "    arrived = ",
            "    depth, todo = {}, [(variable, False)]\n"
            "    while todo:\n"
            "        current, expanded = todo.pop()\n"
            "        inputs = () if current.is_leaf() else [i for i in current.history.inputs if not i.is_constant()]\n"
            "        if expanded:\n"
            "            below = [depth[one.unique_id][0] for one in inputs]\n"
            "            depth[current.unique_id] = 1 + max(below, default=0), current\n"
            "        elif current.unique_id not in depth:\n"
            "            todo.append((current, True))\n"
            "            todo.extend((one, False) for one in inputs)\n"
            "    arrived = ",
        ),
        ("topological_sort(variable)", "[one for _, one in sorted(depth.values(), key=lambda one: -one[0])]"),
    ),
    "keyed by the variable itself": _walk((".unique_id", "")),
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
    "a zero that is not passed on": _walk(
        ("        if current.is_leaf", "        if d == 0.0:\n            continue\n        if current.is_leaf")
    ),
}

NAMED = {
    planted: one.sentence for one in (*graph_walks.MISTAKES, *graph_walks.ORDER_MISTAKES) for planted in one.planted
}
"""What a diagnosis is to say of a walk, or of an order."""


def mistakes(module: str, source: str, names: Collection[str]) -> Iterator[Mutant]:
    """Yield the known mistakes of what is under test; where one builds on a function the module has not got, none."""
    for what, one in WRONG.items():
        if one.name in names and _fits(one, source):
            yield Mutant(module, one.name, what, f"{source}\n\n{one.code}", one.meant, NAMED.get(what, ""))


def styles(module: str, source: str, names: Collection[str]) -> Iterator[Mutant]:
    """Yield right code in other styles."""
    for what, one in RIGHT.items():
        if one.name in names and _fits(one, source):
            yield Mutant(module, one.name, what, f"{source}\n\n{one.code}")


def _fits(one: Replaced, source: str) -> bool:
    return "topological_sort(" not in one.code or one.name == "topological_sort" or "def topological_sort" in source
