"""Show a student the smallest graph that goes wrong: every node's value, what came back, and what should have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from grader.assignment.dialects import Words
from grader.exercise_kinds import labels, snippets, wording
from grader.exercise_kinds.graph_checks import GraphCheck
from grader.exercise_kinds.graph_verdicts import Trial, Wrong, close, expected, kept_of, leaves_of
from grader.exercise_kinds.graph_words import SCALAR, formula, is_applied, names_of
from grader.exercise_kinds.labels import NodeRow
from grader.exercise_kinds.shrinking import shrink
from grader.judging.tolerance import NETWORK
from grader.model import Counterexample, Graph, Node, Picture, PictureNode
from grader.oracle.dual import Undefined
from grader.oracle.graph_corpus import answers, pruned
from grader.sandbox.boundary.protocol import NonNumeric, encode
from grader.sandbox.probes.graph import Want

SIMPLEST = (2.0, 3.0, 5.0, 7.0, 1.5)
MOST_SHOWN = 40
"""Nodes. A larger graph is not drawn."""

MOST_STATEMENTS = 12
"""Statements, without imports. Nobody reads a longer line."""


def smallest(
    trial: Trial, check: GraphCheck, ask: Callable[[Sequence[Graph]], Sequence[NodeRow]], fault: Wrong
) -> Trial:
    """Shrink a graph that goes wrong, asking again and again; the result is wrong in the same way, or the graph itself.

    `fault` is what is wrong with it.
    """

    def fails(candidates: Sequence[Graph]) -> list[bool]:
        exact = [_trial(graph) for graph in candidates]
        rows = iter(ask([one.graph for one in exact if one is not None]))
        found = []
        for one in exact:
            row = next(rows, None) if one is not None else None
            wrong = check.wrong(one, row) if one is not None and row is not None and row.fault is None else None
            found.append(wrong is not None and wrong.is_like(fault))
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
STEP = "{name}.history.last_fn.chain_rule({name}.history.ctx, {name}.history.inputs, {d})"
"""One step back where functions have the chain rule."""

DIALECTS: dict[str, dict[Want, str]] = {
    "minitorch-2020": {**DONE, "derivatives": "{entry}(VariableWithDeriv({name}, {d}))", "chain": STEP},
    "minitorch-2021": {**DONE, "chain": STEP},
}
"""Dialect -> what was done, where it is written otherwise than in `DONE`."""

SEEN: dict[Want, str] = {
    "chain": "[(one.data, d) for one, d in {done}]",
    "order": "[one.data for one in {done}]",
}
SEEN_AS_OBJECTS: dict[Want, str] = {**SEEN, "chain": "[(one.variable.data, one.deriv) for one in {done}]"}
"""What to print of what came back, where a variable would not read as itself."""


class Writing(msgspec.Struct, frozen=True):
    """How a student writes down what was done with a graph: the words of an exercise.

    `applied`: functions are called by `apply`, whatever operators there are. `entry`: (module, function) to go back by.
    `words` are those of another course's dialect, and `taken` the (module, name) that its lines take.
    """

    package: str
    functions: str
    want: Want
    entry: tuple[str, str]
    through: str = "minitorch"
    applied: bool = False
    roles: bool = False
    words: Words | None = None
    taken: tuple[tuple[str, str], ...] = ()

    @property
    def leaf(self) -> str:
        """Return how a leaf is made."""
        return self.words.leaf if self.words else SCALAR

    @property
    def read(self) -> str:
        """Return how a derivative is read."""
        return self.words.gradient if self.words else "{}.derivative"

    @property
    def lecture(self) -> bool:
        """Say whether a variable and its derivative come in one object."""
        return self.through == "minitorch-2020"

    def done(self, graph: Graph) -> tuple[str, ...]:
        """Return what was done with the graph, one call after the other."""
        names, entry = names_of(graph), self.entry[1] or "backpropagate"
        if self.words and self.want == "derivatives":
            return tuple(self.words.sent(names[node], wording.plain(d)) for node, d in graph.sends)
        if self.words and self.want == "order" and self.words.order:
            return tuple(self.words.order.format(names[node]) for node, _ in graph.sends)
        how = DIALECTS.get(self.through, DONE)[self.want]
        if self.want == "derivatives" and self.entry[1] and not self.lecture:
            how = "{entry}({name}, {d})"
        if self.roles:
            how = "{name}.is_leaf()"
        return tuple(how.format(name=names[node], d=wording.plain(d), entry=entry) for node, d in graph.sends)

    def looks(self, graph: Graph) -> list[str]:
        """Return how each scalar is looked at, where one of these looks raised an exception."""
        names = names_of(graph)
        if self.roles:
            made = [name for name, node in zip(names, graph.nodes) if node.op != "number"]
            return [f"{name}.{asked}()" for name in made for asked in ("is_leaf", "is_constant")]
        made = [name for name, node in zip(names, graph.nodes) if node.inputs]
        looks = ("list({name}.history.inputs)", "print({name}.history.last_fn.backward({name}.history.ctx, 1.0))")
        there = ", ".join(name for name, node in zip(names, graph.nodes) if node.op != "number")
        asked = [f"print([(one.is_leaf(), one.is_constant()) for one in [{there}]])"]
        return asked + [look.format(name=name) for name in made for look in looks]

    def imports(self, graph: Graph) -> str:
        """Return the imports that the graph and what is done with it take."""
        if self.words:
            first = f"{self.words.first}; " if self.words.first else ""
            return f"{first}{snippets.imports(self.package, *self.taken)}"
        made = {node.op for node in graph.nodes if node.inputs and is_applied(node.op, self.applied)}
        pairs = [("scalar", "Scalar"), *((self.functions, op) for op in sorted(made))]
        if self.want == "order":
            pairs.append(("autodiff", "topological_sort"))
        elif self.want == "derivatives" and (self.entry[1] or self.lecture):
            pairs.append((self.entry[0], self.entry[1] or "backpropagate"))
            pairs += [("autodiff", "VariableWithDeriv")] if self.lecture else []
        return snippets.imports(self.package, *pairs)


def counterexample(trial: Trial, row: NodeRow, writing: Writing, wrong: Wrong) -> Counterexample | None:
    """Return the graph as a student should see it, and what is wrong with it; None where it is too large to show."""
    if len(trial.graph.nodes) > MOST_SHOWN:
        return None
    names = names_of(trial.graph)
    nodes = tuple(
        PictureNode(
            names[i],
            formula(trial.graph, i, names, writing.applied, writing.leaf)
            + (" without history" if trial.graph.nodes[i].op == "constant" else ""),
            _value(trial, row, i),
            trial.graph.nodes[i].inputs,
            *_told(trial, row, i),
        )
        for i in range(len(trial.graph.nodes))
    )
    off = next((one for one in nodes if one.returned != one.expected), None)
    look = writing.read.format(off.name) if off else wrong.look or _seen(row, writing)
    return Counterexample(
        args={},
        d_out=None,
        argument=off.name if off else "",
        returned=off.returned if off else "",
        expected=off.expected if off else "",
        snippet=snippet(trial.graph, writing, look, twice=wrong.remembers),
        what=f"Scalar.{wrong.whose}" if wrong.whose else "",
        picture=Picture(
            nodes,
            (look,) if writing.want == "structure" else writing.done(trial.graph),
            read=writing.read if writing.words else "",
            asked=encode(labels.steps(trial.graph)),
        ),
    )


def _value(trial: Trial, row: NodeRow, index: int) -> str:
    """Return a node's value; where the student's own is another, theirs and what was expected."""
    exact = trial.answers[index].value
    right = wording.plain(float(f"{exact:.10g}"))
    if index >= len(row.values) or close(row.values[index], exact, NETWORK.relative * abs(exact)):
        return right
    return f"{wording.shown(row.values[index], exact)}, expected {right}"


def _seen(row: NodeRow, writing: Writing) -> str:
    """Return how to print what came back; as it is, where it is no list."""
    if isinstance(row.pairs, NonNumeric) or isinstance(row.order, NonNumeric):
        return "{done}"
    return (SEEN_AS_OBJECTS if writing.lecture else SEEN).get(writing.want, "{done}")


def snippet(graph: Graph, writing: Writing, look: str = "", twice: bool = False, again: bool = False) -> str:
    """Return a graph, what is done with it, and a print of `look`, to paste and run; nothing where it is long.

    In `look` `{done}` stands for what is done with the graph. `twice`: all of it is done once before.
    `again`: what is done with the graph is done twice.
    """
    names = names_of(graph)
    lines = []
    for i, (name, node) in enumerate(zip(names, graph.nodes)):
        lines += [] if node.op == "number" else [f"{name} = {formula(graph, i, names, writing.applied, writing.leaf)}"]
        lines += [f"{name}.history = None"] if node.op == "constant" else []
    done = writing.done(graph)
    lines += [*done, *lines] if twice else []
    if writing.want in ("derivatives", "accumulated") or not look:
        lines += writing.looks(graph) if writing.want == "structure" else [*_run_through(writing, done)] * (1 + again)
    lines += [f"print({look.replace('{done}', done[-1])})"] if look else []
    return "; ".join([writing.imports(graph), *lines]) if len(lines) <= MOST_STATEMENTS else ""


def _run_through(writing: Writing, done: Sequence[str]) -> list[str]:
    """Return what is done, run to its end: pairs may come one by one, from a generator."""
    return [f"print(list({one}))" for one in done] if writing.want == "chain" else list(done)


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
    should = wording.plain(float(f"{wanted:.10g}")) if index in leaves else "None"
    right = close(got, wanted, slack) and (isinstance(got, float) or index not in leaves)
    none = isinstance(got, NonNumeric) and got.was == "None"
    return (should if right else "None" if none else wording.shown(got, wanted)), should
