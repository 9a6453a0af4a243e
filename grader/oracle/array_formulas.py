"""The exercise language on arrays: formulas in a closed subset of Python's syntax, with the shapes worked out.

    expression  := number | pi | e | argument | - expression | expression op expression | comparison | function(…)
                 | expression[index or slice, …]
    op          := + - * / ** @
    elementwise := exp log sqrt sin cos tan tanh sigmoid relu abs inv (x) | maximum minimum (a, b)
                 | where(comparison, a, b)
    reductions  := sum mean max min logsumexp (x, axes, keepdims)      axes: a number, several, or none for all
    structure   := softmax(x, axis) | reshape(x, shape) | broadcast_to(x, shape) | permute(x, order)
                 | transpose(x) | transpose(x, (i, j)) | concatenate((a, b), axis) | stack((a, b), axis) | matmul(a, b)

Axes, shapes and orders are numbers as written, or the name of a parameter. Elementwise operations stretch their
arguments to each other as numpy does. A formula is bounded in length, size and depth.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from typing import Any, NoReturn

import msgspec

from grader.oracle import shapes
from grader.oracle.expressions import CONSTANTS, ExpressionError, near, syntax
from grader.oracle.shapes import Shape, ShapeError

SIZE_CAP, DEPTH_CAP = 200, 40

SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}
COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
ELEMENTWISE = ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sigmoid", "relu", "abs", "inv")
PAIRS = ("maximum", "minimum")
REDUCTIONS = ("sum", "mean", "max", "min", "logsumexp")

TAKES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(ELEMENTWISE, ("x",)),
    **dict.fromkeys(PAIRS, ("a", "b")),
    **dict.fromkeys(REDUCTIONS, ("x", "axes", "keepdims")),
    "matmul": ("a", "b"),
    "where": ("condition", "a", "b"),
    "softmax": ("x", "axis"),
    "reshape": ("x", "shape"),
    "broadcast_to": ("x", "shape"),
    "permute": ("x", "order"),
    "transpose": ("x", "axes"),
    "concatenate": ("arrays", "axis"),
    "stack": ("arrays", "axis"),
}
"""Function -> what it is given, in order."""

OPTIONAL = ("axes", "keepdims")
SETTINGS = ("axes", "axis", "shape", "order", "keepdims")
Setting = int | tuple[int, ...] | bool | None


class Term(msgspec.Struct, frozen=True):
    """One part of a formula: an operation on others, with the shape of what comes out.

    `op` is also `argument` (whose place is `settings[0]`) or `number`. `settings` are axes, shapes, orders or keys.
    """

    op: str
    shape: Shape
    inputs: tuple[Term, ...] = ()
    settings: tuple[Any, ...] = ()
    value: float = 0.0


class ArrayFormula(msgspec.Struct, frozen=True):
    """A formula over arrays of certain shapes. `used` are the operations that it takes of its arguments."""

    text: str
    arguments: tuple[tuple[str, Shape], ...]
    root: Term
    used: tuple[str, ...]

    @property
    def shape(self) -> Shape:
        """Return the shape of the value."""
        return self.root.shape

    @property
    def work(self) -> int:
        """Return how many partials are worked out on the way to the value: what an exact answer costs.

        >>> parse("a @ b", {"a": (3, 4), "b": (4, 2)}).work
        1000
        """
        return _entries(self.root) * sum(shapes.size(shape) for _, shape in self.arguments)


def parse(
    text: str, arguments: Mapping[str, Shape], parameters: Mapping[str, int | tuple[int, ...]] | None = None
) -> ArrayFormula:
    """Parse a formula in arrays of the given shapes; a parameter is a number, or axes or a shape.

    Raises ExpressionError, with a column, for any text that is none and for shapes that do not fit.

    >>> parse("sum(a * b, axes)", {"a": (3, 1), "b": (3, 4)}, {"axes": 0}).shape
    (4,)
    >>> parse("matmul(a, b)", {"a": (3, 1), "b": (4, 3)})
    Traceback (most recent call last):
    grader.oracle.expressions.ExpressionError: a is (3, 1) and b is (4, 3): matmul needs 1 = 4
    """
    tree, stripped, indent = syntax(text, (*arguments, *(parameters or {})))
    builder = _Builder(stripped, indent, arguments, parameters or {})
    root = builder.term(tree, 0)
    return ArrayFormula(stripped, tuple(arguments.items()), root, tuple(dict.fromkeys(builder.used)))


def _entries(term: Term) -> int:
    """Return how many entries a term has with all that it is made of; a matrix product's are multiplied out first."""
    summed = term.inputs[0].shape[-1] + 1 if term.op == "matmul" else 1
    return shapes.size(term.shape) * summed + sum(map(_entries, term.inputs))


def given(tree: ast.Call) -> dict[str, ast.expr]:
    """Return what a function of the language is given, by what each is called; `axis` and `axes` are one word."""
    takes = TAKES[tree.func.id] if isinstance(tree.func, ast.Name) else ()
    found = dict(zip(takes, tree.args))
    for word in tree.keywords:
        name = word.arg or ""
        found[name if name in takes else {"axis": "axes", "axes": "axis"}.get(name, name)] = word.value
    return found


class _Builder:
    """Turn syntax into terms, refusing whatever is not listed and whatever does not fit."""

    def __init__(
        self, text: str, indent: int, arguments: Mapping[str, Shape], parameters: Mapping[str, int | tuple[int, ...]]
    ) -> None:
        self._text, self._indent = text.encode(), indent
        self._arguments, self._parameters = arguments, parameters
        self._count = 0
        self.used: list[str] = []

    def term(self, tree: ast.expr, depth: int) -> Term:
        self._count += 1
        if self._count > SIZE_CAP or depth > DEPTH_CAP:
            self._refuse(tree, "the formula is too long or too deep")
        try:
            found = self._term(tree, depth)
        except ShapeError as error:
            self._refuse(tree, str(error))
        if shapes.size(found.shape) > shapes.MOST_ENTRIES or len(found.shape) > shapes.MOST_AXES:
            self._refuse(
                tree,
                f"this is {shapes.shown(found.shape)}: over {shapes.MOST_ENTRIES} entries or {shapes.MOST_AXES} axes; "
                "smaller shapes show as much",
            )
        return found

    def _term(self, tree: ast.expr, depth: int) -> Term:
        match tree:
            case ast.Constant():
                return self._number(tree)
            case ast.Name():
                return self._name(tree)
            case ast.UnaryOp():
                return self._unary(tree, depth)
            case ast.BinOp():
                return self._binary(tree, tree.op, tree.left, tree.right, depth)
            case ast.Compare():
                if len(tree.ops) != 1 or SIGNS.get(type(tree.ops[0])) not in COMPARISONS:
                    self._refuse(tree, "a comparison is one of < <= > >= == !=, between two terms")
                return self._binary(tree, tree.ops[0], tree.left, tree.comparators[0], depth)
            case ast.Subscript():
                return self._part(tree, depth)
            case ast.Call():
                return self._call(tree, depth)
        return self._refuse(tree, f"{type(tree).__name__.lower()} has no place in a formula")

    def _refuse(self, tree: ast.AST, message: str) -> NoReturn:
        before = self._text[: getattr(tree, "col_offset", 0)].decode()  # ast counts bytes
        raise ExpressionError(message, self._indent + len(before) + 1)

    def _number(self, tree: ast.Constant) -> Term:
        if type(tree.value) not in (int, float):
            self._refuse(tree, f"{str(tree.value)[:20]!r} is not a real number")
        if abs(tree.value) > 1e100:  # type: ignore[arg-type]
            self._refuse(tree, "the number is too large")
        return Term("number", (), value=float(tree.value))  # type: ignore[arg-type]

    def _name(self, tree: ast.Name) -> Term:
        if tree.id in self._arguments:
            place = tuple(self._arguments).index(tree.id)
            return Term("argument", self._arguments[tree.id], settings=(place,))
        if tree.id in self._parameters:
            value = self._parameters[tree.id]
            if isinstance(value, int):
                return Term("number", (), value=float(value))
            self._refuse(tree, f"{tree.id} is {value}: it says axes or a shape, and is no number")
        if tree.id in CONSTANTS:
            return Term("number", (), value=CONSTANTS[tree.id])
        known = (*self._arguments, *self._parameters, *CONSTANTS)
        return self._refuse(tree, f"unknown name {tree.id!r}{near(tree.id, known)}")

    def _unary(self, tree: ast.UnaryOp, depth: int) -> Term:
        inner = self.term(tree.operand, depth + 1)
        if isinstance(tree.op, ast.UAdd):
            return inner
        if not isinstance(tree.op, ast.USub):
            self._refuse(tree, "only + and - may stand before a term")
        return self._made("neg", inner.shape, inner)

    def _binary(self, tree: ast.expr, sign: ast.AST, left: ast.expr, right: ast.expr, depth: int) -> Term:
        if isinstance(sign, ast.BitXor):
            self._refuse(tree, "a power is written **, not ^")
        if type(sign) not in SIGNS:
            self._refuse(tree, "the operators are + - * / ** @")
        op = SIGNS[type(sign)]
        a, b = self.term(left, depth + 1), self.term(right, depth + 1)
        rule = shapes.matmul if op == "matmul" else shapes.broadcast
        return self._made(op, rule(_called(left, a), _called(right, b)), a, b)

    def _made(self, op: str, shape: Shape, *inputs: Term, settings: tuple[Any, ...] = ()) -> Term:
        if any(_varies(one) for one in inputs):
            self.used.append(op)
        return Term(op, shape, inputs, settings)

    def _part(self, tree: ast.Subscript, depth: int) -> Term:
        inner = self.term(tree.value, depth + 1)
        parts = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        key = tuple(self._index(one) for one in parts)
        return self._made("getitem", shapes.sliced(_called(tree.value, inner), key), inner, settings=(key,))

    def _index(self, tree: ast.expr) -> int | tuple[int | None, int | None, int | None]:
        if isinstance(tree, ast.Slice):
            ends = (tree.lower, tree.upper, tree.step)
            start, stop, step = (None if one is None else self._whole(one) for one in ends)
            return start, stop, step
        return self._whole(tree)

    def _whole(self, tree: ast.expr) -> int:
        value = self._setting(tree)
        if type(value) is not int:
            self._refuse(tree, "this should be a whole number")
        return value

    def _setting(self, tree: ast.expr) -> Setting:
        """Return a parameter's value, or a number or several as written."""
        if isinstance(tree, ast.Name) and tree.id in self._parameters:
            return self._parameters[tree.id]
        try:
            value = ast.literal_eval(tree)
        except (ValueError, SyntaxError, TypeError):
            return self._refuse(tree, "this should be a whole number, several as in (0, 1), or a parameter of `shapes`")
        if isinstance(value, (list, tuple)) and all(type(one) is int for one in value):
            return tuple(value)
        if value is None or type(value) in (int, bool):
            return value  # type: ignore[no-any-return]
        return self._refuse(tree, "this should be a whole number, several as in (0, 1), or a parameter of `shapes`")

    def _call(self, tree: ast.Call, depth: int) -> Term:
        if not isinstance(tree.func, ast.Name):
            self._refuse(tree, f"the functions are {', '.join(TAKES)}")
        name = tree.func.id
        if name not in TAKES:
            self._refuse(tree, f"unknown function {name!r}{near(name, tuple(TAKES))}")
        found = self._given(tree, name)
        if name in ("concatenate", "stack"):
            return self._together(name, found, depth)
        terms = {key: self.term(one, depth + 1) for key, one in found.items() if key not in SETTINGS}
        called = [_called(found[key], one) for key, one in terms.items()]
        settings = {key: self._setting(one) for key, one in found.items() if key in SETTINGS}
        return self._function(tree, name, list(terms.values()), called, settings)

    def _given(self, tree: ast.Call, name: str) -> dict[str, ast.expr]:
        """Return what a function is given by what each is, or refuse it."""
        takes = TAKES[name]
        if len(tree.args) > len(takes):
            self._refuse(tree, f"{name} takes {', '.join(takes)}, not {len(tree.args)} arguments")
        found = given(tree)
        if len(found) < len(tree.args) + len(tree.keywords) or not set(found) <= set(takes):
            self._refuse(tree, f"{name} takes {', '.join(takes)}, each once")
        missing = next((one for one in takes if one not in found and one not in OPTIONAL), None)
        if missing is not None:
            self._refuse(tree, f"{name} takes {', '.join(takes)}: {missing} is missing")
        return {one: found[one] for one in takes if one in found}

    def _together(self, name: str, found: dict[str, ast.expr], depth: int) -> Term:
        listed = found["arrays"]
        if not isinstance(listed, (ast.Tuple, ast.List)) or not listed.elts:
            self._refuse(listed, f"{name} takes several arrays, as in {name}((a, b), 0)")
        inner = [self.term(one, depth + 1) for one in listed.elts]
        axis = self._whole(found["axis"])
        rule = shapes.joined if name == "concatenate" else shapes.stacked
        parts = [_called(one, term) for one, term in zip(listed.elts, inner)]
        return self._made(name, rule(parts, axis), *inner, settings=(axis,))

    def _function(
        self,
        tree: ast.Call,
        name: str,
        inner: list[Term],
        called: list[tuple[str, Shape]],
        settings: dict[str, Setting],
    ) -> Term:
        first: Any = called[0]
        if name in ELEMENTWISE:
            return self._made(name, inner[0].shape, inner[0])
        if name in PAIRS:
            return self._made(name, shapes.broadcast(called[0], called[1]), *inner)
        if name == "matmul":
            return self._made(name, shapes.matmul(called[0], called[1]), *inner)
        if name == "where":
            if inner[0].op not in COMPARISONS:
                self._refuse(tree.args[0], "the first argument of where is a comparison")
            both = ("the branches", shapes.broadcast(called[1], called[2]))
            return self._made(name, shapes.broadcast(called[0], both), *inner)
        if name in REDUCTIONS:
            axes, keepdims = settings.get("axes"), settings.get("keepdims", False)
            if type(keepdims) is not bool:
                self._refuse(tree, f"the last argument of {name}, keepdims, is True or False")
            shape = shapes.reduced(first, self._axes(tree, axes), keepdims)
            return self._made(name, shape, *inner, settings=(shapes.axes_of(first, axes), keepdims))
        if name == "softmax":
            axis = shapes.axes_of(first, self._axes(tree, settings["axis"]))
            return self._made(name, inner[0].shape, *inner, settings=(axis,))
        if name in ("reshape", "broadcast_to"):
            rule = shapes.reshaped if name == "reshape" else shapes.stretched
            to = rule(first, self._several(tree, settings["shape"]))
            return self._made(name, to, *inner, settings=(to,))
        if name == "permute":
            order = shapes.order_of(first, self._several(tree, settings["order"]))
        else:
            axes = settings.get("axes")
            order = shapes.swapped(first, None if axes is None else self._several(tree, axes))
        return self._made(name, tuple(inner[0].shape[i] for i in order), *inner, settings=(order,))

    def _axes(self, tree: ast.expr, value: Setting) -> shapes.Axes:
        if type(value) is bool:
            self._refuse(tree, "axes are a number, several as in (0, 1), or None")
        return value

    def _several(self, tree: ast.expr, value: Setting) -> Shape:
        if isinstance(value, tuple):
            return value
        if type(value) is int:
            return (value,)
        return self._refuse(tree, "a shape or an order is written as in (3, 4)")


def _varies(term: Term) -> bool:
    return term.op == "argument" or any(map(_varies, term.inputs))


def _called(tree: ast.expr, term: Term) -> tuple[str, Shape]:
    return ast.unparse(tree), term.shape


class Row(msgspec.Struct, frozen=True):
    """One row of an exercise's `shapes`: a shape per argument, and what each parameter is."""

    shapes: tuple[Shape, ...]
    parameters: tuple[tuple[str, int | tuple[int, ...]], ...] = ()


@functools.lru_cache(512)
def in_row(text: str, names: tuple[str, ...], row: Row) -> ArrayFormula:
    """Return a formula over arrays of the shapes of a row. Raises ExpressionError."""
    return parse(text, dict(zip(names, row.shapes)), dict(row.parameters))


@functools.lru_cache(256)
def shape_parameters(text: str) -> frozenset[str]:
    """Return the names of parameters that a formula takes as shapes.

    >>> sorted(shape_parameters("broadcast_to(sum(a, axes), to)"))
    ['to']
    """
    calls = (one for one in ast.walk(ast.parse(text.strip(), mode="eval")) if isinstance(one, ast.Call))
    shape = (given(one).get("shape") for one in calls)
    return frozenset(one.id for one in shape if isinstance(one, ast.Name))


@functools.lru_cache(256)
def occurrences(text: str, arguments: tuple[str, ...]) -> tuple[str, tuple[int, ...]]:
    """Return a formula in which each use of an argument has a name of its own, `_0` on, and which argument each is.

    >>> occurrences("a * a + b", ("a", "b"))
    ('_0 * _1 + _2', (0, 0, 1))
    """
    tree = ast.parse(text.strip(), mode="eval").body
    uses = [one for one in ast.walk(tree) if isinstance(one, ast.Name) and one.id in arguments]
    uses.sort(key=lambda one: one.col_offset)
    which = tuple(arguments.index(one.id) for one in uses)
    for i, one in enumerate(uses):
        one.id = f"_{i}"
    return ast.unparse(tree), which
