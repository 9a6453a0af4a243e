"""When an answer about a graph is right: rows of evidence in, what is wrong out, or None."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from grader.exercise_kinds import blame, wording
from grader.exercise_kinds.graph_words import formula, method_of, names_of
from grader.exercise_kinds.labels import NodeRow
from grader.exercise_kinds.quoting import quoted
from grader.judging.tolerance import EXACT, NETWORK, SUM
from grader.model import Graph, Tolerance
from grader.oracle.graphs import Derivatives, local
from grader.reports.text import counted
from grader.sandbox.boundary.protocol import NonNumeric
from grader.sandbox.probes.building import NUMBER, UNKNOWN
from grader.sandbox.probes.graph import LOCAL_D_OUT, OTHERWISE, RAISED, Seen

CALLS_EACH, CALLS_SPARE = 10, 1000


class Trial(msgspec.Struct, frozen=True):
    """A graph and the exact answer at each of its nodes. `resets`: what was sent before is forgotten."""

    graph: Graph
    answers: tuple[Derivatives, ...]
    resets: bool = False


class Wrong(msgspec.Struct, frozen=True):
    """What is wrong with a row: a sentence that gives no answer away, and the numbers.

    `look` is what a student prints to see it, where that is not what was wanted of the graph. `mark` tells it from
    other faults where `says` names nodes of the graph. `remembers`: it shows only after another graph. `whose`
    is the student's method that does it, where one is known to.
    """

    says: str
    numbers: str = ""
    look: str = ""
    mark: str = ""
    remembers: bool = False
    whose: str = ""

    def is_like(self, other: Wrong) -> bool:
        """Say whether this is the same fault in another graph."""
        return (self.mark or self.says) == (other.mark or other.says)

    def is_of_the_same(self, other: Wrong) -> bool:
        """Say whether this comes of the same part of the student's code, as far as that is known."""
        return self.is_like(other) or (self.whose != "" and self.whose == other.whose)


Judge = Callable[[Trial, NodeRow], Wrong | None]
"""What is wrong with one row, or None where it is right."""

UNWALKED = Wrong("a function's backward was called less often than the graph has nodes of that function")
FLAT = ("ReLU", "LT", "GT", "EQ")
"""Functions whose derivative is 0 somewhere: what is 0 need not be passed on."""

SAVE_NOTHING = ("Add", "Sub", "Neg")
"""Functions whose backward needs nothing of their forward. Ours, made from formulas, save their inputs all the same."""

OUT_OF_ORDER = "a variable is on the wrong side of one that is computed from it"

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
        if trial.resets:
            totals, slack = [0.0] * count, [0.0] * count
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


def history(trial: Trial, row: NodeRow) -> Wrong | None:
    """Hold every node's own history to the function and the inputs it was made by, and the leaves to none."""
    names = names_of(trial.graph)
    for i, node in enumerate(trial.graph.nodes):
        made = formula(trial.graph, i, names, applied=True)
        wrong = (_no_scalar(made, names[i], row, i) if node.inputs else None) or _wrong_value(
            made, f"{names[i]}.data", row, i, trial
        )
        if wrong:
            return wrong
    for i, node in enumerate(trial.graph.nodes):
        found = None if node.op in ("number", "constant") else _own_history(trial, row, i, names)
        if found is not None:
            return found
    return None


def _own_history(trial: Trial, row: NodeRow, i: int, names: Sequence[str]) -> Wrong | None:
    """Hold the history of one node to its function, its inputs and its context."""
    node, seen, function = trial.graph.nodes[i], row.seen[i], f"{names[i]}.history.last_fn"
    if node.op == "leaf":
        if seen.function:
            return Wrong("a scalar made from scratch has a function in its history", look=function)
        return None
    made = formula(trial.graph, i, names, applied=True)
    if seen.function != node.op:
        named = f"names {quoted(seen.function)}" if seen.function else "names no function"
        return Wrong(
            f"the history of what {node.op}.apply returns {named}",
            f"after {names[i]} = {made} {function} should be {node.op}",
            function,
            f"the history {named}" if not seen.function else "the history names another",
        )
    if len(seen.inputs) != len(node.inputs) or not all(
        _same_input(trial.graph, row, mine, theirs) for mine, theirs in zip(node.inputs, seen.inputs)
    ):
        held = ", ".join(called(trial.graph, one) for one in seen.inputs) or "nothing"
        return Wrong(
            f"the history of what {node.op}.apply returns does not hold its inputs, in order",
            f"the history of {names[i]} = {made} holds {held}",
            _look_at_inputs(trial.graph, row, i, seen, names),
            "the inputs in the history",
        )
    return None if node.op in SAVE_NOTHING else _own_context(trial, row, i, names)


def _own_context(trial: Trial, row: NodeRow, i: int, names: Sequence[str]) -> Wrong | None:
    """Hold what a node's backward makes of its context to the node's derivatives."""
    node, seen, function = trial.graph.nodes[i], row.seen[i], f"{names[i]}.history.last_fn"
    slopes = local(node.op, [trial.answers[j].value for j in node.inputs])
    if not isinstance(seen.locals, NonNumeric) and all(
        close(got, slope, EXACT.relative * abs(slope)) for got, slope in zip(seen.locals, slopes)
    ):
        return None
    made, other = formula(trial.graph, i, names, applied=True), _sharing(trial.graph, row, i)
    if other is not None:
        return Wrong(
            "two calls of apply share one context, and the later forward overwrites what the earlier one saved",
            f"after {names[i]} = {made} and {names[other]} = "
            f"{formula(trial.graph, other, names, applied=True)} both have the same history.ctx",
            f"{names[i]}.history.ctx is {names[other]}.history.ctx",
        )
    call = f"{function}.backward({names[i]}.history.ctx, {LOCAL_D_OUT})"
    right = ", ".join(wording.plain(slope * LOCAL_D_OUT) for slope in slopes)
    return Wrong(
        f"backward of {node.op}, with the context in the history of what {node.op}.apply returns, is wrong",
        f"after {names[i]} = {made} {call} {_given(seen.locals)}, expected {right}",
        call,
    )


def _given(slopes: tuple[float | NonNumeric, ...] | NonNumeric) -> str:
    """Say what a backward gave that was asked for a node's local derivatives."""
    if isinstance(slopes, NonNumeric):
        return "raises an exception" if slopes.was == RAISED else f"gives {blame.of_odd(slopes)}"
    return "gives " + ", ".join(
        wording.shown(slope * LOCAL_D_OUT if isinstance(slope, float) else slope) for slope in slopes
    )


def first_wrong_value(trial: Trial, row: NodeRow) -> str:
    """Say which node's value is wrong already, before anything is sent back; nothing where none is known to be."""
    names = names_of(trial.graph)
    for i, (value, answer) in enumerate(zip(row.values, trial.answers)):
        if not close(value, answer.value, NETWORK.relative * abs(answer.value)):
            right = wording.plain(float(f"{answer.value:.10g}"))
            return f"the value of {names[i]} is wrong already: {wording.shown(value, answer.value)}, expected {right}"
    return ""


def _sharing(graph: Graph, row: NodeRow, index: int) -> int | None:
    """Return another node whose history has the same context."""
    same = (
        i
        for i, node in enumerate(graph.nodes)
        if node.inputs and i != index and row.seen[i].context == row.seen[index].context >= 0
    )
    return next(same, None)


def _wrong_value(made: str, look: str, row: NodeRow, index: int, trial: Trial, method: str = "") -> Wrong | None:
    """Compare a node's value. `method` is the student's own that made it."""
    of = _of(method)
    if index >= len(row.values):
        return Wrong("a value is missing")
    got, wanted = row.values[index], trial.answers[index].value
    if close(got, wanted, EXACT.relative * abs(wanted)):
        return None
    what = made if trial.graph.nodes[index].inputs else "a scalar made from scratch"
    numbers = f"{made} is {wording.shown(got, wanted)}, expected {wanted!r}{of}"
    mark = f"the value of {trial.graph.nodes[index].op}{of}"
    return Wrong(f"{what} has the wrong value{of}", numbers, look, mark, whose=method)


def _of(method: str) -> str:
    return f" (your {method})" if method else ""


def _no_scalar(made: str, name: str, row: NodeRow, index: int, method: str = "") -> Wrong | None:
    """Say what a function returned that is no scalar."""
    of = _of(method)
    if index >= len(row.seen) or not row.seen[index].type:
        return None
    kind = row.seen[index].type
    came = "None (is a return missing?)" if kind == "None" else f"a {quoted(kind)}"
    return Wrong(f"{made} returned {came}, not a Scalar{of}", look=f"type({name})", mark=f"{came}{of}", whose=method)


def called(graph: Graph, label: int) -> str:
    """Return what a label stands for, in words where it is no node of the graph."""
    if 0 <= label < len(graph.nodes):
        return names_of(graph)[label]
    return "something that is no variable" if label == NUMBER else "a variable that is not in the graph"


def _look_at_inputs(graph: Graph, row: NodeRow, index: int, seen: Seen, names: Sequence[str]) -> str:
    """Return what to print of a history whose inputs are wrong: one that equals the right one may be another."""
    inputs = f"{names[index]}.history.inputs"
    mine = graph.nodes[index].inputs
    if len(seen.inputs) != len(mine):
        return f"len({inputs})"
    k = next(k for k, (one, other) in enumerate(zip(mine, seen.inputs)) if not _same_input(graph, row, one, other))
    return inputs if graph.nodes[mine[k]].op == "number" else f"{inputs}[{k}] is {names[mine[k]]}"


def _same_input(graph: Graph, row: NodeRow, mine: int, theirs: int) -> bool:
    """Say whether a history's input is the variable it should be; a number may have been wrapped in a new one."""
    if graph.nodes[mine].op != "number":
        return mine == theirs
    return theirs == NUMBER or (theirs >= len(graph.nodes) and row.values[theirs] == graph.nodes[mine].value)


def composed(trial: Trial, row: NodeRow) -> Wrong | None:
    """Put the local derivatives along the history together, and hold the result to the exact derivative."""
    answer, last, names = trial.answers[-1], len(trial.graph.nodes) - 1, names_of(trial.graph)
    if not trial.graph.nodes[last].inputs:
        return None  # no operator made it
    made, method = formula(trial.graph, last, names), method_of(trial.graph, last)
    of = _of(method)
    if not 0 <= row.output < len(row.seen):
        return _no_scalar(made, names[last], row, last, method) or Wrong(f"{made} returned no Scalar{of}")
    told = msgspec.structs.replace(row, values=(*row.values[:last], row.values[row.output]))
    wrong = _wrong_value(made, f"{names[last]}.data", told, last, trial, method)
    if wrong:
        return wrong
    found = through(row.seen, row.output, leaves_of(trial.graph))
    if found is None:
        return Wrong(
            f"the history of {made} does not lead back to the leaves{of}",
            look=f"{names[last]}.history",
            mark=of,
            whose=method,
        )
    for leaf, got, wanted, size in zip(leaves_of(trial.graph), found, answer.partials, answer.sizes):
        if not close(got, wanted, EXACT.relative * max(size, abs(wanted))):
            function = f"{names[last]}.history.last_fn"
            made_by = row.seen[row.output].function
            return Wrong(
                f"{made} has the right value, and another derivative along its history{of}: is it built from scalars, "
                "by functions that are applied?",
                f"along the history of {made} the derivative by {names[leaf]} is {got:g}, expected {wanted:g}",
                f"{function}.backward({names[last]}.history.ctx, 1.0)" if made_by else function,
                f"the derivative along {of}",
                whose=method,
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
    names = names_of(trial.graph)
    for i, node in enumerate(trial.graph.nodes):
        if node.op == "number":
            continue
        no_scalar = _no_scalar(formula(trial.graph, i, names), names[i], row, i)
        if no_scalar is not None:
            return no_scalar
        for asked, got, should in zip(
            ("is_leaf", "is_constant"), (row.seen[i].leaf, row.seen[i].constant), wanted.get(node.op, (0, 0))
        ):
            if got != should:
                return Wrong(
                    f"{asked} is wrong for {words.get(node.op, 'what a function returned')}",
                    f"{names[i]}.{asked}() should be {bool(should)}",
                    f"{names[i]}.{asked}()",
                )
    return None


def accumulated(trial: Trial, row: NodeRow) -> Wrong | None:
    """Hold a leaf's derivative to the sum of what was added."""
    totals: dict[int, float] = {}
    for (node, d), got in zip(trial.graph.sends, row.derivatives):
        totals[node] = totals.get(node, 0.0) + d
        if not close(got[0], totals[node], SUM.absolute - EXACT.absolute):
            return Wrong(
                "a leaf's derivative is not the sum of what was added",
                f"after adding {d!r} it is {wording.shown(got[0], totals[node])}, expected {totals[node]!r}",
            )
    return None if len(row.derivatives) == len(trial.graph.sends) else UNFINISHED


def pairs(trial: Trial, row: NodeRow) -> Wrong | None:
    """Hold one step of the chain rule to (variable, derivative) pairs in order; constants may be there or not."""
    (node, d), *_ = trial.graph.sends
    inputs, nodes = trial.graph.nodes[node].inputs, trial.graph.nodes
    if not inputs:
        return None  # what a leaf's chain rule gives is nobody's business
    if isinstance(row.pairs, NonNumeric):
        return _no_list("it returned no pairs of a variable and its derivative", row.pairs)
    slopes = local(nodes[node].op, [trial.answers[i].value for i in inputs])
    wanted = [(i, d * slope) for i, slope in zip(inputs, slopes) if nodes[i].op not in ("constant", "number")]
    got = [(i, value) for i, value in row.pairs if i >= 0 and nodes[i].op not in ("constant", "number")]
    came = ", ".join(
        f"({called(trial.graph, i)}, {wording.shown(value, dict(wanted).get(i))})" for i, value in row.pairs
    )
    right = ", ".join(f"({called(trial.graph, i)}, {wording.plain(value)})" for i, value in wanted)
    numbers = f"it gave {came or 'no pair'}, expected {right or 'no pair'}"
    if len(row.pairs) > len(inputs):
        says = f"it gives {counted(len(row.pairs), 'pair')} for {counted(len(inputs), 'input')}"
        return Wrong(says, numbers, mark="too many pairs")
    if [i for i, _ in got] != [i for i, _ in wanted]:
        if sorted(i for i, _ in got) == sorted(i for i, _ in wanted):
            return Wrong("its pairs are not in the order of the inputs", numbers)
        says = f"it gives {counted(len(got), 'pair')} for inputs that are variables, expected {len(wanted)}"
        return Wrong(says, numbers, mark="other variables")
    if any(not close(value, exact, EXACT.relative * abs(exact)) for (_, value), (_, exact) in zip(got, wanted)):
        return Wrong("a variable gets a wrong derivative", numbers)
    return None


def _no_list(says: str, odd: NonNumeric) -> Wrong:
    if odd.was == OTHERWISE:
        return Wrong(f"it returned {OTHERWISE}", look="{done}, {done}")
    return Wrong(says, f"it returned {blame.of_odd(odd)}")


def variables_of(graph: Graph, order: Sequence[int]) -> list[int]:
    """Return the variables in an order that are the graph's own and no constants."""
    return [i for i in order if i >= 0 and graph.nodes[i].op not in ("constant", "number")]


LONGEST_TOLD = 12
"""Variables. A longer order is not told as a whole."""


def order(trial: Trial, row: NodeRow) -> Wrong | None:
    """Hold an order to being topological, outputs first or leaves first; leaves and constants may be left out."""
    if isinstance(row.order, NonNumeric):
        return _no_list("it returned no list of variables", row.order)
    nodes, names = trial.graph.nodes, names_of(trial.graph)
    came = ", ".join(called(trial.graph, i) for i in row.order) or "no variable"
    returned = f"you returned {came}: " if len(row.order) <= LONGEST_TOLD else ""
    got = variables_of(trial.graph, row.order)
    double = next((i for i, count in Counter(got).items() if count > 1), None)
    if double is not None:
        return Wrong("a variable is in it twice", f"{returned}{names[double]} is in it {Counter(got)[double]} times")
    numbers = sum(nodes[i].op == "number" for node in nodes for i in node.inputs)
    if row.order.count(UNKNOWN) > numbers:  # a bare number may have been wrapped in a constant
        return Wrong(
            "a variable is in it that the given one was not computed from",
            f"{returned}does it keep what it found in a graph before, as in a default argument or a global name?",
            remembers=True,
        )
    if row.order.count(NUMBER) > numbers:
        return Wrong("something that is no variable is in it", returned.removesuffix(": "))
    inner = [i for i, node in enumerate(nodes) if node.inputs]
    missing = [i for i in inner if i not in got]
    if missing:
        gone = ", ".join(names[i] for i in missing[:LONGEST_TOLD])
        be = "is" if len(missing) == 1 else "are"
        says = f"{len(missing)} of {counted(len(inner), 'variable')} that functions made {be} not in it"
        return Wrong(says, f"{returned}{gone} {be} missing", mark="missing")
    place = {i: at for at, i in enumerate(got)}
    edges = [(i, j) for i in got for j in nodes[i].inputs if j in place]
    too_late = [(i, j) for i, j in edges if place[i] > place[j]]
    too_early = [(i, j) for i, j in edges if place[i] < place[j]]
    if not too_late or not too_early:
        return None
    if len(too_late) <= len(too_early):
        (i, j), *_ = too_late
        return Wrong(
            OUT_OF_ORDER, f"{returned}{names[j]} stands before {names[i]}, but {names[i]} is computed from {names[j]}"
        )
    (i, j), *_ = too_early
    said = (
        f"{returned}{names[i]} stands before {names[j]}, from which it is computed; elsewhere it is the other way round"
    )
    return Wrong(OUT_OF_ORDER, said)
