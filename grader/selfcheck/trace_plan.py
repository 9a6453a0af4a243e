"""Turn an expression, written as a student would write it, into nodes with their exact values and derivatives.

The derivatives are worked out in forward mode: there is no reverse walk here to give away or to be wrong.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from grader.assignment.forms import near
from grader.errors import UsageError
from grader.model import Expected, Interval
from grader.oracle import dual
from grader.oracle.dual import Dual, Undefined
from grader.oracle.expressions import COMPARED, CONSTANTS, ExpressionError, parse
from grader.oracle.spelling import SIGN

SIMPLE = (2.0, 3.0, 5.0, 7.0, 1.5, 4.0, 0.5)
"""What arguments are where nothing is said."""

MOST_NODES = 40
NAMED = re.compile(r"\s*([A-Za-z_]\w*)\s*=(?!=)(.*)", re.DOTALL)
OUTPUT = "out"

OPERATIONS: dict[str, Callable[..., Dual]] = {
    "add": dual.add,
    "sub": dual.subtract,
    "mul": dual.multiply,
    "div": dual.divide,
    "neg": dual.negate,
    **dual.ONE_ARGUMENT,
    **dual.TWO_ARGUMENTS,
}
"""What a node may be, by the name of the dialect's operation; `pow` besides."""


class PlanNode(msgspec.Struct, frozen=True):
    """A node: `leaf` and `number` have a value, others an operation of earlier nodes. A `number` is typed as it is."""

    name: str
    formula: str
    op: str
    inputs: tuple[int, ...] = ()
    value: float = 0.0


class Plan(msgspec.Struct, frozen=True):
    """An expression at one point. `values` are exact; at a kink, anything in the interval is right.

    `totals` are the derivatives of the last node by each, `locals` each node's derivatives by its own inputs, and
    `along` each node's derivatives by the leaves.
    """

    title: str
    nodes: tuple[PlanNode, ...]
    values: tuple[float, ...]
    totals: tuple[Interval, ...]
    locals: tuple[tuple[Interval, ...], ...]
    along: tuple[tuple[Interval, ...], ...]

    @property
    def output(self) -> int:
        """Return the index of the last node."""
        return len(self.nodes) - 1

    @property
    def leaves(self) -> tuple[int, ...]:
        """Return the indices of the leaves."""
        return tuple(i for i, node in enumerate(self.nodes) if node.op == "leaf")


def planned(
    expression: str, where: Sequence[str] = (), at: Mapping[str, float] | None = None, all_used: bool = True
) -> Plan:
    """Return the plan of an expression, of names that `where` defines, at a point. Raises UsageError.

    `all_used`: it has to use all of these names.

    >>> one = planned("h = log(z) + exp(z)", ["z = x * y"], {"x": 2.0, "y": 3.0})
    >>> [node.name for node in one.nodes]
    ['x', 'y', 'z', 'log(z)', 'exp(z)', 'h']
    >>> round(one.totals[0][0], 3), round(one.totals[2][0], 3)
    (1210.786, 403.595)
    """
    lines = [part for text in where for part in text.split(";") if part.strip()]
    writer = _Writer()
    named = NAMED.fullmatch(expression)
    name, text = (named[1], named[2]) if named else (OUTPUT, expression)
    for line in lines:
        defined = NAMED.fullmatch(line)
        if not defined:
            raise UsageError(f"--where {line.strip()!r}: should be a name, = and what it is, as in z = x * y")
        writer.define(defined[1], defined[2], f"--where {line.strip()!r}")
    writer.define(name, text, f"{expression!r}", is_output=True, named=named is not None)
    if all_used:
        writer.hold_to_use(name)
    return writer.plan(_shown(name if named else "", text, lines), at or {})


def reaching_back(plan: Plan) -> set[int]:
    """Return the nodes that the last one is computed from, and itself."""
    found = {plan.output}
    for i in range(plan.output, -1, -1):
        if i in found:
            found.update(plan.nodes[i].inputs)
    return found


def sizes(plan: Plan) -> list[float]:
    """Return how large what arrives at each node is before any of it cancels: rounding is of that size.

    >>> sizes(planned("x * y - x", (), {"x": 2.0, "y": 3.0}))[:2]
    [4.0, 2.0]
    """
    found = [0.0] * plan.output + [1.0]
    for i in range(plan.output, -1, -1):
        for one, slope in zip(plan.nodes[i].inputs, plan.locals[i]):
            found[one] += found[i] * max(map(abs, slope))
    return found


def of_function(name: str, arguments: Sequence[str], point: Sequence[float], answer: Expected) -> Plan:
    """Return the plan of one function of a student's: its leaves, and what the exact value and derivatives are."""
    leaves = tuple(PlanNode(argument, "", "leaf", (), x) for argument, x in zip(arguments, point))
    called = f"{name}({', '.join(arguments)})"
    value, partials = answer.value, answer.partials
    out = PlanNode(called, called, name, tuple(range(len(leaves))))
    locals_ = (*((),) * len(leaves), tuple(partials))
    along = (*(_unit(i, len(leaves)) for i in range(len(leaves))), tuple(partials))
    return Plan(called, (*leaves, out), (*point, value), (*partials, (1.0, 1.0)), locals_, along)


def _shown(name: str, text: str, lines: Sequence[str]) -> str:
    whole = f"{name} = {text.strip()}" if name else text.strip()
    return ", with ".join([whole, *([", ".join(line.strip() for line in lines)] if lines else [])])


class _Writer:
    """Nodes, one after the other; a name stands for one node wherever it is used."""

    def __init__(self) -> None:
        self._made: list[PlanNode] = []
        self._named: dict[str, int] = {}
        self._leaves: dict[str, int] = {}
        self._unused: dict[str, str] = {}

    def define(self, name: str, text: str, shown: str, is_output: bool = False, named: bool = True) -> None:
        """Add what a name stands for. Raises UsageError with the place of what is no formula."""
        if named and (name in self._named or name in self._leaves):
            late = "is used above, and defined only here" if name in self._leaves else "is defined twice"
            raise UsageError(f"{shown}: {name} {late}")
        free = _names(text)
        if named and name in free:
            raise UsageError(f"{shown}: {name} is defined by itself; give one of the two another name")
        self._unused[name] = shown
        for used in free:
            self._unused.pop(used, None)
        try:
            parse(text, free)
        except ExpressionError as error:
            raise UsageError(f"{shown}: column {error.column}: {error.message}") from None
        index = self._node(ast.parse(text.strip(), mode="eval").body, shown)
        node = self._made[index]
        if is_output and not node.inputs:
            raise UsageError(f"{shown}: nothing is computed here; write an expression, as in x * y")
        if named and node.inputs and index == len(self._made) - 1:
            self._made[index] = msgspec.structs.replace(node, name=name)
        self._named[name] = index

    def hold_to_use(self, output: str) -> None:
        """Raise UsageError where a name was defined that nothing is computed from."""
        for name, shown in self._unused.items():
            if name != output:
                raise UsageError(f"{shown}: {name} is used nowhere")

    def _add(self, node: PlanNode, shown: str) -> int:
        if len(self._made) >= MOST_NODES:
            raise UsageError(f"{shown}: more than {MOST_NODES} steps are too many to follow; take a part of it")
        self._made.append(node)
        return len(self._made) - 1

    def _node(self, tree: ast.expr, shown: str) -> int:
        fixed = self._fixed(tree)
        if fixed is not None and not (isinstance(tree, ast.Name) and tree.id in fixed):
            value = _constant(ast.unparse(tree), fixed, shown)
            return self._add(PlanNode(_plain(value), "", "number", (), value), shown)
        if isinstance(tree, ast.Name):
            return self._name(tree.id, shown)
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.UAdd):
            return self._node(tree.operand, shown)
        op, parts = _operation(tree)
        if op not in OPERATIONS and op not in COMPARED and op != "pow":
            raise UsageError(f"{shown}: {op} cannot be followed step by step; write it without")
        inputs = tuple(self._node(part, shown) for part in parts)
        text = ast.unparse(tree)
        return self._add(PlanNode(text, text, op, inputs), shown)

    def _fixed(self, tree: ast.expr) -> dict[str, float] | None:
        """Return the numbers that the names in a formula stand for; None where one stands for anything else."""
        nodes = {name: self._made[self._named[name]] for name in _names_in(tree) if name in self._named}
        is_fixed = all(name in nodes and nodes[name].op == "number" for name in _names_in(tree))
        return {name: node.value for name, node in nodes.items()} if is_fixed else None

    def _name(self, name: str, shown: str) -> int:
        if name in self._named:
            return self._named[name]
        if name not in self._leaves:
            self._leaves[name] = self._add(PlanNode(name, "", "leaf"), shown)
        return self._leaves[name]

    def plan(self, title: str, at: Mapping[str, float]) -> Plan:
        """Return the plan at a point, leaves first. Raises UsageError where it has no value there."""
        unknown = next((name for name in at if name not in self._leaves), None)
        if unknown is not None:
            defined = " (it is defined, not chosen)" if unknown in self._named else near(unknown, self._leaves)
            raise UsageError(f"--at {unknown}: the expression has no argument {unknown}{defined}")
        rest = iter(SIMPLE * MOST_NODES)
        values = {name: at.get(name, default) for name, default in zip(self._leaves, rest)}
        nodes = _leaves_first(self._made)
        nodes = [msgspec.structs.replace(n, value=values[n.name]) if n.op == "leaf" else n for n in nodes]
        point = ", ".join(f"{name} = {value:g}" for name, value in values.items())
        try:
            return _exact(title, nodes)
        except (Undefined, ArithmeticError, ValueError) as error:
            raise UsageError(f"{title} has no value at {point}: {error}; choose another point with --at") from None


def _constant(text: str, names: Mapping[str, float], shown: str) -> float:
    try:
        value = parse(text, tuple(names)).value(tuple(names.values()))
    except (Undefined, ArithmeticError, ValueError) as error:
        raise UsageError(f"{shown}: {text} has no value: {error}") from None
    if not math.isfinite(value):
        raise UsageError(f"{shown}: {text} is not a finite number")
    return value


def _leaves_first(made: Sequence[PlanNode]) -> list[PlanNode]:
    order = sorted(range(len(made)), key=lambda i: made[i].op != "leaf")
    places = {old: new for new, old in enumerate(order)}
    return [msgspec.structs.replace(made[i], inputs=tuple(places[j] for j in made[i].inputs)) for i in order]


def _operation(tree: ast.expr) -> tuple[str, list[ast.expr]]:
    if isinstance(tree, ast.BinOp):
        return SIGN[type(tree.op)], [tree.left, tree.right]
    if isinstance(tree, ast.UnaryOp):
        return SIGN[type(tree.op)], [tree.operand]
    if isinstance(tree, ast.Compare):
        return SIGN[type(tree.ops[0])], [tree.left, tree.comparators[0]]
    assert isinstance(tree, ast.Call)
    assert isinstance(tree.func, ast.Name)
    return tree.func.id, tree.args


def _exact(title: str, nodes: Sequence[PlanNode]) -> Plan:
    """Evaluate every node with a derivative by every node: each is a variable of its own from there on."""
    count = len(nodes)
    zeros = ((0.0, 0.0),) * count
    duals: list[Dual] = []
    slopes: list[tuple[Interval, ...]] = []
    for i, node in enumerate(nodes):
        if node.inputs:
            made = _applied(node, nodes, [duals[j] for j in node.inputs])
            slopes.append(_local(node, nodes, [duals[j].value for j in node.inputs]))
        else:
            made = Dual(node.value, zeros)
            slopes.append(())
        own = tuple((1.0, 1.0) if k == i else one for k, one in enumerate(made.partials))
        duals.append(Dual(made.value, own))
    leaves = [i for i, node in enumerate(nodes) if node.op == "leaf"]
    along = tuple(tuple(one.partials[i] for i in leaves) for one in duals)
    return Plan(title, tuple(nodes), tuple(one.value for one in duals), duals[-1].partials, tuple(slopes), along)


def _applied(node: PlanNode, nodes: Sequence[PlanNode], inputs: Sequence[Dual]) -> Dual:
    if node.op == "pow":
        fixed = nodes[node.inputs[1]].op == "number"
        return (dual.constant_power if fixed else dual.power)(*inputs)
    if node.op in COMPARED:
        a, b = inputs
        return Dual(float(COMPARED[node.op](a.value, b.value)), ((0.0, 0.0),) * len(a.partials))
    return OPERATIONS[node.op](*inputs)


def _local(node: PlanNode, nodes: Sequence[PlanNode], values: Sequence[float]) -> tuple[Interval, ...]:
    count = len(values)
    return _applied(node, nodes, [Dual(x, _unit(i, count)) for i, x in enumerate(values)]).partials


def _unit(i: int, count: int) -> tuple[Interval, ...]:
    return tuple((1.0, 1.0) if i == j else (0.0, 0.0) for j in range(count))


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _names_in(tree: ast.AST) -> list[str]:
    called = {id(one.func) for one in ast.walk(tree) if isinstance(one, ast.Call)}
    names = [one for one in ast.walk(tree) if isinstance(one, ast.Name) and id(one) not in called]
    return [one.id for one in sorted(names, key=lambda one: (one.lineno, one.col_offset)) if one.id not in CONSTANTS]


def _names(text: str) -> list[str]:
    """Return the names in a formula's text; none where it is no Python at all."""
    try:
        return list(dict.fromkeys(_names_in(ast.parse(text.strip(), mode="eval"))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
