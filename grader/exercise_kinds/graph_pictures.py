"""Show a student the smallest graph that goes wrong: every node's value, what came back, and what should have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from grader.exercise_kinds import wording
from grader.exercise_kinds.graph_checks import GraphCheck
from grader.exercise_kinds.graph_verdicts import Trial, close, expected, kept_of, leaves_of
from grader.exercise_kinds.labels import NodeRow
from grader.exercise_kinds.shrinking import shrink
from grader.model import Counterexample, Graph, Node, Picture, PictureNode
from grader.oracle.dual import Undefined
from grader.oracle.graph_corpus import answers, pruned
from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.graph import Want

SIGNS = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "LT": "<", "GT": ">", "EQ": "=="}
LEAF_NAMES, INNER_NAMES = "xyzuvwpqrst", "abcdefghijklmno"
SIMPLEST = (2.0, 3.0, 5.0, 7.0, 1.5)
MOST_SHOWN = 40


def smallest(trial: Trial, check: GraphCheck, ask: Callable[[Sequence[Graph]], Sequence[NodeRow]], says: str) -> Trial:
    """Shrink a graph that goes wrong, asking again and again; the result is wrong in the same way, or the graph itself.

    `says` is what is wrong with it: of another fault something else would be said.
    """

    def fails(candidates: Sequence[Graph]) -> list[bool]:
        exact = [_trial(graph) for graph in candidates]
        rows = iter(ask([one.graph for one in exact if one is not None]))
        found = []
        for one in exact:
            row = next(rows, None) if one is not None else None
            wrong = check.wrong(one, row) if one is not None and row is not None and row.fault is None else None
            found.append(wrong is not None and wrong.says == says)
        return found

    return _trial(shrink(trial.graph, smaller, fails)) or trial


def _trial(graph: Graph) -> Trial | None:
    try:
        return Trial(graph, answers(graph))
    except (Undefined, ArithmeticError):
        return None


def smaller(graph: Graph) -> Iterator[Graph]:
    """Yield graphs with less in them, the boldest first: fewer sends, fewer nodes, simpler functions and numbers."""
    if len(graph.sends) > 1:
        yield from (pruned(Graph(graph.nodes, (one,))) for one in graph.sends)
        yield from (pruned(Graph(graph.nodes, graph.sends[:i] + graph.sends[i + 1 :])) for i in range(len(graph.sends)))
    inner = [i for i, node in enumerate(graph.nodes) if node.inputs]
    outputs = {node for node, _ in graph.sends}
    for i in inner:
        if i not in outputs:
            yield pruned(Graph(graph.nodes, tuple((i, d) for _, d in graph.sends[:1])))
    for i in inner:
        for j in dict.fromkeys(graph.nodes[i].inputs):
            if graph.nodes[j].op != "number":
                yield _without(graph, i, j)
    for i in inner:
        if i not in outputs:
            yield _with(graph, i, Node("leaf", (), _fresh(graph)))
    for i in inner:
        simple = "Neg" if len(graph.nodes[i].inputs) == 1 else "Add"
        if graph.nodes[i].op not in (simple, "Mul"):
            yield _with(graph, i, Node(simple, graph.nodes[i].inputs))
    for k, i in enumerate(leaves_of(graph)):
        if graph.nodes[i].value not in SIMPLEST:
            yield _with(graph, i, Node("leaf", (), SIMPLEST[k % len(SIMPLEST)]))
    for i, (node, d) in enumerate(graph.sends):
        for simple_d in (1.0, 2.0):
            if d not in (1.0, 2.0):
                yield Graph(graph.nodes, (*graph.sends[:i], (node, simple_d), *graph.sends[i + 1 :]))


def _without(graph: Graph, gone: int, instead: int) -> Graph:
    """Let everything that used one node use another before it."""
    swap = {gone: instead}
    nodes = tuple(Node(n.op, tuple(swap.get(i, i) for i in n.inputs), n.value) for n in graph.nodes)
    return pruned(Graph(nodes, tuple((swap.get(node, node), d) for node, d in graph.sends)))


def _with(graph: Graph, index: int, node: Node) -> Graph:
    return pruned(Graph((*graph.nodes[:index], node, *graph.nodes[index + 1 :]), graph.sends))


def _fresh(graph: Graph) -> float:
    taken = {node.value for node in graph.nodes}
    return next((value for value in SIMPLEST if value not in taken), 1.0)


DONE: dict[Want, str] = {
    "derivatives": "{name}.backward({d})",
    "accumulated": "{name}.accumulate_derivative({d})",
    "chain": "{name}.chain_rule({d})",
    "order": "topological_sort({name})",
    "structure": "{name}.history",
}


def counterexample(trial: Trial, row: NodeRow, how: str) -> Counterexample | None:
    """Return the graph as a student should see it, or None where it is too large to show anything."""
    if len(trial.graph.nodes) > MOST_SHOWN:
        return None
    names = _names(trial.graph)
    formulas = [_formula(trial.graph, i, names) for i in range(len(trial.graph.nodes))]
    done = tuple(how.format(name=names[node], d=wording.plain(d)) for node, d in trial.graph.sends)
    nodes = tuple(
        PictureNode(
            names[i],
            formulas[i],
            wording.plain(float(f"{trial.answers[i].value:.10g}")),
            trial.graph.nodes[i].inputs,
            *_told(trial, row, i),
        )
        for i in range(len(trial.graph.nodes))
    )
    off = next((one for one in nodes if one.returned != one.expected), None)
    return Counterexample(
        args={},
        d_out=None,
        argument=off.name if off else "",
        returned=off.returned if off else "",
        expected=off.expected if off else "",
        snippet="; ".join([snippet(trial.graph, how), *([f"{off.name}.derivative"] if off else [])]),
        picture=Picture(nodes, done),
    )


def snippet(graph: Graph, how: str) -> str:
    """Return a graph, and what is done with it, to paste and run."""
    names = _names(graph)
    lines = []
    for i, (name, node) in enumerate(zip(names, graph.nodes)):
        lines += [] if node.op == "number" else [f"{name} = {_formula(graph, i, names)}"]
        lines += [f"{name}.history = None"] if node.op == "constant" else []
    return "; ".join([*lines, *(how.format(name=names[node], d=wording.plain(d)) for node, d in graph.sends)])


def _told(trial: Trial, row: NodeRow, index: int) -> tuple[str, str]:
    """Return the derivative that came back for a node at the end, and the right one; blank where none is kept."""
    kept, leaves = kept_of(trial.graph), leaves_of(trial.graph)
    if not row.derivatives or trial.graph.nodes[index].op not in ("leaf", "constant"):
        return "", ""
    if len(row.derivatives[-1]) == len(kept):
        got = row.derivatives[-1][kept.index(index)]
        wanted, slack = expected(trial)[-1][leaves.index(index)] if index in leaves else (0.0, 0.0)
    else:  # what was added is told leaf by leaf
        sent = [(after[0], d) for (node, d), after in zip(trial.graph.sends, row.derivatives) if node == index]
        if not sent:
            return "", ""
        got, wanted, slack = sent[-1][0], sum(d for _, d in sent), 0.0
    should = wording.plain(float(f"{wanted:.10g}"))
    right = isinstance(got, float) and close(got, wanted, slack)
    none = isinstance(got, NonNumeric) and got.was == "None"
    return (should if right else "None" if none else wording.shown(got, wanted)), should


def _names(graph: Graph) -> list[str]:
    leaves, inner = iter(_endless(LEAF_NAMES)), iter(_endless(INNER_NAMES))
    return [wording.plain(n.value) if n.op == "number" else next(inner if n.inputs else leaves) for n in graph.nodes]


def _endless(letters: str) -> Iterator[str]:
    yield from letters
    for i in range(1, 100):
        yield from (f"{letter}{i}" for letter in letters)


def _formula(graph: Graph, index: int, names: Sequence[str]) -> str:
    node = graph.nodes[index]
    if not node.inputs:
        return {"leaf": f"Scalar({node.value!r})", "constant": f"Scalar({node.value!r})"}.get(node.op, names[index])
    given = [names[i] for i in node.inputs]
    if node.op in SIGNS:
        return f"{given[0]} {SIGNS[node.op]} {given[1]}"
    if node.op == "Neg":
        return f"-{given[0]}"
    if node.op == "Inv":
        return f"1 / {given[0]}"
    return f"{given[0]}.{node.op.lower()}()"
