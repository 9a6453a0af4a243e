"""When an answer about a graph is right: rows of evidence in, what is wrong out, or None."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from grader.exercise_kinds import wording
from grader.exercise_kinds.labels import NodeRow
from grader.exercise_kinds.quoting import quoted
from grader.judging.tolerance import EXACT, NETWORK, SUM
from grader.model import Graph, Tolerance
from grader.oracle.graphs import Derivatives, local
from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.building import NUMBER, UNKNOWN
from grader.sandbox.probes.graph import Seen

CALLS_EACH, CALLS_SPARE = 10, 1000


class Trial(msgspec.Struct, frozen=True):
    """A graph and the exact answer at each of its nodes."""

    graph: Graph
    answers: tuple[Derivatives, ...]


class Wrong(msgspec.Struct, frozen=True):
    """What is wrong with a row: a sentence that gives no answer away, and the numbers."""

    says: str
    numbers: str = ""


Judge = Callable[[Trial, NodeRow], Wrong | None]
"""What is wrong with one row, or None where it is right."""

UNWALKED = Wrong("a function's backward was called less often than the graph has nodes of that function")
FLAT = ("ReLU", "LT", "GT", "EQ")
"""Functions whose derivative is 0 somewhere: what is 0 need not be passed on."""

UNFINISHED = Wrong("it did not come to an end")


def walked(wrong: Judge, deep: bool) -> Judge:
    """Return a verdict that also wants every function node's backward to have been called; not `deep`: the last ones'.

    Calls are counted per function, and asked for only where no derivative on the way can be 0.
    """

    def held(trial: Trial, row: NodeRow) -> Wrong | None:
        found = wrong(trial, row)
        if found is None and any(row.backwards.get(op, 0) < count for op, count in _backwards(trial, deep).items()):
            return UNWALKED
        return found

    return held


def _backwards(trial: Trial, deep: bool) -> dict[str, int]:
    """Return how many nodes of each function lead from a leaf to what is sent; none where a derivative may be 0."""
    nodes = trial.graph.nodes
    flat = any(node.op in FLAT for node in nodes) or any(answer.value == 0.0 for answer in trial.answers)
    if flat or not all(d for _, d in trial.graph.sends):
        return {}
    leads: list[bool] = []
    for node in nodes:
        leads.append(node.op == "leaf" or any(leads[i] for i in node.inputs))
    behind: set[int] = set()
    todo = [node for node, _ in trial.graph.sends]
    while todo:
        i = todo.pop()
        if i not in behind:
            behind.add(i)
            todo.extend(nodes[i].inputs if deep else ())
    return dict(Counter(nodes[i].op for i in behind if leads[i] and nodes[i].inputs))


def budget(graph: Graph) -> int:
    """Return how many calls of backwards a walk may take whose work grows with the graph, not with its paths."""
    return CALLS_EACH * len(graph.nodes) + CALLS_SPARE


def expected(trial: Trial, tolerance: Tolerance = EXACT) -> list[list[tuple[float, float]]]:
    """Return, after each send, each leaf's derivative so far, and how far off it may be."""
    count = len(trial.answers[-1].partials)
    totals, slack, after = [0.0] * count, [0.0] * count, []
    for node, d in trial.graph.sends:
        for k in range(count):
            totals[k] += d * trial.answers[node].partials[k]
            slack[k] += tolerance.relative * abs(d) * trial.answers[node].sizes[k]
        after.append(list(zip(totals, slack)))
    return after


def close(got: object, wanted: float, slack: float) -> bool:
    """Say whether a derivative is right; where it is 0 to rounding, none at all is right too."""
    if isinstance(got, NonNumeric):
        return got.was == "None" and abs(wanted) <= slack + EXACT.absolute
    return type(got) is float and abs(got - wanted) <= slack + EXACT.absolute


def leaves_of(graph: Graph) -> list[int]:
    """Return the leaves."""
    return [i for i, node in enumerate(graph.nodes) if node.op == "leaf"]


def kept_of(graph: Graph) -> list[int]:
    """Return the nodes whose derivative is told: leaves and constants."""
    return [i for i, node in enumerate(graph.nodes) if node.op in ("leaf", "constant")]


def derivatives(trial: Trial, row: NodeRow, tolerance: Tolerance = EXACT) -> Wrong | None:
    """Hold every leaf's derivative, after each send, to the exact one; constants get none."""
    kept, leaves = kept_of(trial.graph), leaves_of(trial.graph)
    wanted = expected(trial, tolerance)
    if len(row.derivatives) != len(wanted) or any(len(one) != len(kept) for one in row.derivatives):
        return UNFINISHED
    if all(isinstance(value, NonNumeric) and value.was == "None" for value in row.derivatives[-1]) and any(
        total for total, _ in wanted[-1]
    ):
        return Wrong("no leaf got a derivative")
    for got, should in zip(row.derivatives, wanted):
        for i, value in zip(kept, got):
            exact, slack = should[leaves.index(i)] if i in leaves else (0.0, 0.0)
            if not close(value, exact, slack):
                return Wrong("a constant got a derivative" if i not in leaves else "a leaf's derivative is wrong")
    return None


def roughly(trial: Trial, row: NodeRow) -> Wrong | None:
    """Allow for functions of the student's own that guard against zero."""
    return derivatives(trial, row, NETWORK)


def _values(trial: Trial, row: NodeRow) -> Wrong | None:
    for i, (got, answer) in enumerate(zip(row.values, trial.answers)):
        if not close(got, answer.value, EXACT.relative * abs(answer.value)):
            return _wrong_value(trial.graph, i, got, answer.value)
    return None if len(row.values) >= len(trial.answers) else Wrong("a value is missing")


def _wrong_value(graph: Graph, index: int, got: float | NonNumeric, wanted: float) -> Wrong:
    said = wording.shown(got, wanted)
    what = graph.nodes[index].op if graph.nodes[index].inputs else "a leaf"
    return Wrong(f"the value of {what} is wrong", f"{_name(graph, index)} is {said}, and should be {wanted!r}")


def _name(graph: Graph, index: int) -> str:
    node = graph.nodes[index]
    return f"{node.op}({', '.join(str(graph.nodes[i].value) for i in node.inputs)})" if node.inputs else "a leaf"


def history(trial: Trial, row: NodeRow) -> Wrong | None:
    """Hold every node's own history to the function and the inputs it was made by, and the leaves to none."""
    wrong = _values(trial, row)
    if wrong:
        return wrong
    for i, node in enumerate(trial.graph.nodes):
        if node.op in ("number", "constant"):
            continue
        seen = row.seen[i]
        if node.op == "leaf":
            if seen.function:
                return Wrong("a scalar made from scratch has a function in its history")
            continue
        if seen.function != node.op:
            return Wrong(f"the history of {node.op} names {quoted(seen.function) or 'no function'}")
        if len(seen.inputs) != len(node.inputs) or not all(
            _same_input(trial.graph, row, mine, theirs) for mine, theirs in zip(node.inputs, seen.inputs)
        ):
            return Wrong(f"the history of {node.op} does not hold its inputs, in order")
        slopes = local(node.op, [trial.answers[j].value for j in node.inputs])
        if isinstance(seen.locals, NonNumeric) or not all(
            close(got, slope, EXACT.relative * abs(slope)) for got, slope in zip(seen.locals, slopes)
        ):
            return Wrong(f"the context in the history of {node.op} does not hold what its forward saved")
    return None


def _same_input(graph: Graph, row: NodeRow, mine: int, theirs: int) -> bool:
    """Say whether a history's input is the variable it should be; a number may have been wrapped in a new one."""
    if graph.nodes[mine].op != "number":
        return mine == theirs
    return theirs == NUMBER or (theirs >= len(graph.nodes) and row.values[theirs] == graph.nodes[mine].value)


def composed(trial: Trial, row: NodeRow) -> Wrong | None:
    """Put the local derivatives along the history together, and hold the result to the exact derivative."""
    answer = trial.answers[-1]
    if not 0 <= row.output < len(row.seen):
        return Wrong("what came back is no scalar")
    value = row.values[row.output]
    if not close(value, answer.value, EXACT.relative * abs(answer.value)):
        return _wrong_value(trial.graph, len(trial.graph.nodes) - 1, value, answer.value)
    found = through(row.seen, row.output, leaves_of(trial.graph))
    if found is None:
        return Wrong("its history does not lead back to the leaves")
    for got, wanted, size in zip(found, answer.partials, answer.sizes):
        if not close(got, wanted, EXACT.relative * max(size, abs(wanted))):
            what = _name(trial.graph, len(trial.graph.nodes) - 1)
            return Wrong(
                f"{trial.graph.nodes[-1].op} has the right value, and another derivative along its history: is it "
                "built from scalars, by functions that are applied?",
                f"along the history of {what} the derivative is {got:g}, and should be {wanted:g}",
            )
    return None


def through(seen: Sequence[Seen], output: int, leaves: Sequence[int]) -> list[float] | None:
    """Return the output's derivative by each leaf, forward along the history; None where that is no graph."""
    done: dict[int, list[float]] = {leaf: [float(leaf == other) for other in leaves] for leaf in leaves}
    zeros = [0.0] * len(leaves)
    todo, entered = [output], set[int]()
    while todo:
        i = todo[-1]
        if i in done or i in (NUMBER, UNKNOWN):
            todo.pop()
            continue
        one = seen[i]
        missing = [j for j in one.inputs if j not in done and j not in (NUMBER, UNKNOWN)]
        if missing:
            if i in entered:
                return None  # it leads back to itself
            entered.add(i)
            todo.extend(missing)
            continue
        todo.pop()
        if isinstance(one.locals, NonNumeric) or not all(isinstance(slope, float) for slope in one.locals):
            return None
        done[i] = list(zeros)
        for slope, j in zip(one.locals, one.inputs):
            below = done.get(j, zeros)
            done[i] = [total + float(slope) * part for total, part in zip(done[i], below)]  # type: ignore[arg-type]
    return done[output]


def roles(trial: Trial, row: NodeRow) -> Wrong | None:
    """Hold what each scalar says of itself to what it is."""
    wanted = {"leaf": (1, 0), "constant": (0, 1)}
    words = {"leaf": "a scalar made from scratch", "constant": "a scalar without history"}
    for i, node in enumerate(trial.graph.nodes):
        if node.op == "number":
            continue
        leaf, constant = wanted.get(node.op, (0, 0))
        what = words.get(node.op, "what a function returned")
        if row.seen[i].leaf != leaf:
            return Wrong(f"is_leaf is wrong for {what}", f"it should be {bool(leaf)}")
        if row.seen[i].constant != constant:
            return Wrong(f"is_constant is wrong for {what}", f"it should be {bool(constant)}")
    return None


def accumulated(trial: Trial, row: NodeRow) -> Wrong | None:
    """Hold a leaf's derivative to the sum of what was added."""
    totals: dict[int, float] = {}
    for (node, d), got in zip(trial.graph.sends, row.derivatives):
        totals[node] = totals.get(node, 0.0) + d
        if not close(got[0], totals[node], SUM.absolute - EXACT.absolute):
            return Wrong(
                "a leaf's derivative is not the sum of what was added",
                f"after adding {d!r} it should be {totals[node]!r}",
            )
    return None if len(row.derivatives) == len(trial.graph.sends) else UNFINISHED


def pairs(trial: Trial, row: NodeRow) -> Wrong | None:
    """Hold one step of the chain rule to (variable, derivative) pairs in order; constants may be there or not."""
    if isinstance(row.pairs, NonNumeric):
        return Wrong(f"it returned {quoted(row.pairs.was)}")
    (node, d), *_ = trial.graph.sends
    inputs = trial.graph.nodes[node].inputs
    if not inputs:
        return None  # what a leaf's chain rule gives is nobody's business
    slopes = local(trial.graph.nodes[node].op, [trial.answers[i].value for i in inputs])
    wanted = [
        (i, d * slope) for i, slope in zip(inputs, slopes) if trial.graph.nodes[i].op not in ("constant", "number")
    ]
    if len(row.pairs) > len(inputs):
        return Wrong(f"it gives {len(row.pairs)} pairs for {len(inputs)} inputs")
    got = [(i, value) for i, value in row.pairs if i >= 0 and trial.graph.nodes[i].op not in ("constant", "number")]
    if [i for i, _ in got] != [i for i, _ in wanted]:
        if sorted(i for i, _ in got) == sorted(i for i, _ in wanted):
            return Wrong("its pairs are not in the order of the inputs")
        return Wrong(f"it gives {len(got)} variables a derivative, and {len(wanted)} should get one")
    for (_, value), (_, exact) in zip(got, wanted):
        if not close(value, exact, EXACT.relative * abs(exact)):
            said = wording.shown(value, exact)
            return Wrong("a variable gets a wrong derivative", f"it gets {said}, and should get {exact!r}")
    return None


def variables_of(graph: Graph, order: Sequence[int]) -> list[int]:
    """Return the variables in an order that are the graph's own and no constants."""
    return [i for i in order if i >= 0 and graph.nodes[i].op not in ("constant", "number")]


def order(trial: Trial, row: NodeRow) -> Wrong | None:
    """Hold an order to being topological, outputs first or leaves first; leaves and constants may be left out."""
    if isinstance(row.order, NonNumeric):
        return Wrong(f"it returned {quoted(row.order.was)}")
    nodes = trial.graph.nodes
    inner = [i for i, node in enumerate(nodes) if node.inputs]
    got = variables_of(trial.graph, row.order)
    if len(set(got)) != len(got):
        return Wrong("a variable is in it twice")
    numbers = sum(nodes[i].op == "number" for node in nodes for i in node.inputs)
    if sum(i == UNKNOWN for i in row.order) > numbers:  # a bare number may have been wrapped in a constant
        return Wrong("a variable is in it that the given one was not computed from")
    missing = [i for i in inner if i not in got]
    if missing:
        return Wrong(f"{len(missing)} of {len(inner)} variables that functions made are not in it")
    place = {i: at for at, i in enumerate(got)}
    edges = [(i, j) for i in got for j in nodes[i].inputs if j in place]
    outputs_first = all(place[i] < place[j] for i, j in edges)
    leaves_first = all(place[i] > place[j] for i, j in edges)
    if not outputs_first and not leaves_first:
        return Wrong("a variable comes before one that is computed from it, and another after")
    return None
