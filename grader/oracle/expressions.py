"""The exercise language: formulas in a closed subset of Python's syntax, parsed and never run as Python.

    expression  := number | pi | e | argument | - expression | expression op expression
                 | function(expression) | min(a, b) | max(a, b) | where(condition, a, b) | comparison
    op          := + - * / **
    comparison  := a < b, a <= b, a > b, a >= b, a == b, a != b       (1.0 or 0.0)

A formula is bounded in length, size and depth, so that any text at all is either a formula or an
ExpressionError with a column.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable, Sequence
from typing import NoReturn

from grader.model import Expected
from grader.oracle import dual
from grader.oracle.dual import Dual, Undefined

TEXT_CAP, SIZE_CAP, DEPTH_CAP = 1000, 300, 50
JUXTAPOSED = re.compile(r"(?<![\w.])\d+(\.\d+)?\s*(?=[A-Za-z(])|\)\s*(?=[\w(])")
"""`2x` and `(x)(y)`: how people write products by hand."""

KINKED = ("relu", "abs")

CONSTANTS = {"pi": math.pi, "e": math.e}

Compare = Callable[[float, float], bool]
OPERATORS: dict[type[ast.operator], Callable[[Dual, Dual], Dual]] = {
    ast.Add: dual.add,
    ast.Sub: dual.subtract,
    ast.Mult: dual.multiply,
    ast.Div: dual.divide,
    ast.Pow: dual.power,
}
COMPARISONS: dict[type[ast.cmpop], Compare] = {
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
}


COMPARED: dict[str, Compare] = {
    "lt": COMPARISONS[ast.Lt],
    "le": COMPARISONS[ast.LtE],
    "gt": COMPARISONS[ast.Gt],
    "ge": COMPARISONS[ast.GtE],
    "eq": COMPARISONS[ast.Eq],
    "ne": COMPARISONS[ast.NotEq],
}
"""The same by their names."""


class ExpressionError(ValueError):
    """Text that is not a formula; `column` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


class _Point:
    """One evaluation: the arguments as dual numbers, the narrowest comparison met, and more if it is asked for.

    `differences` maps the number of each comparison, min, max, relu or abs that was met to left - right, and `sums`
    that of each sum of two terms that vary to those terms.
    """

    __slots__ = ("arguments", "differences", "gap", "sums", "zeros")

    def __init__(
        self,
        point: Sequence[float],
        differences: dict[int, float] | None = None,
        sums: dict[int, tuple[float, float]] | None = None,
        constants: Sequence[int] = (),
    ) -> None:
        self.differences, self.sums = differences, sums
        count = len(point)
        self.zeros = ((0.0, 0.0),) * count
        self.arguments = [
            Dual(x, tuple((1.0, 1.0) if i == j else (0.0, 0.0) for j in range(count))) for i, x in enumerate(point)
        ]
        for i in constants:
            self.arguments[i] = Dual(point[i], self.zeros)
        self.gap = math.inf


Node = Callable[[_Point], Dual]


class Expression:
    """A parsed formula. Two of the same text, arguments, constants and conditions are equal.

    `constants` are arguments by which it has no derivative: it is taken as 0. Where one of its `conditions` does not
    hold, it is undefined.
    """

    __slots__ = ("_fixed", "_root", "arguments", "branches", "conditions", "constants", "text")

    def __init__(
        self,
        text: str,
        arguments: tuple[str, ...],
        root: Node,
        branches: int = 0,
        constants: tuple[str, ...] = (),
        conditions: tuple[Expression, ...] = (),
    ) -> None:
        self.text, self.arguments, self._root = text, arguments, root
        self.branches, self.constants, self.conditions = branches, constants, conditions
        self._fixed = tuple(map(arguments.index, constants))

    def __repr__(self) -> str:
        """Return the formula as written."""
        return f"Expression({self.text!r}, {self.arguments!r})"

    def __eq__(self, other: object) -> bool:
        """Compare text, arguments, constants and conditions."""
        return isinstance(other, Expression) and self._same == other._same

    def __hash__(self) -> int:
        """Hash text and arguments."""
        return hash(self._same)

    @property
    def _same(self) -> tuple[object, ...]:
        return self.text, self.arguments, self.constants, self.conditions

    def holds(self, point: Sequence[float]) -> bool:
        """Say whether all its conditions hold at a point; those that have no value there do not."""
        try:
            return all(one.value(point) for one in self.conditions)
        except Undefined:
            return False

    def value(self, point: Sequence[float]) -> float:
        """Return the value at a point, one number an argument. Raises Undefined."""
        return self.answer(point).value

    def answer(self, point: Sequence[float]) -> Expected:
        """Return value, partials and comparison gap at a point. Raises Undefined where there is no finite value."""
        return self._evaluated(_Point(point, constants=self._fixed))

    def differences(self, point: Sequence[float]) -> dict[int, float]:
        """Return left - right of every comparison, min, max, relu and abs that decides the value at a point.

        They are numbered as written, up to `branches`; relu and abs compare with 0. Raises Undefined.
        """
        found: dict[int, float] = {}
        self._evaluated(_Point(point, found, constants=self._fixed))
        return found

    def sums(self, point: Sequence[float]) -> dict[int, tuple[float, float]]:
        """Return (a, b) of every a - b and every a + -b in which both vary, numbered as written. Raises Undefined."""
        found: dict[int, tuple[float, float]] = {}
        self._evaluated(_Point(point, sums=found, constants=self._fixed))
        return found

    def _evaluated(self, here: _Point) -> Expected:
        if self.conditions and not self.holds([one.value for one in here.arguments]):
            raise Undefined("a condition does not hold")
        try:
            found = self._root(here)
        except (OverflowError, ZeroDivisionError, ValueError) as error:
            raise Undefined(str(error)) from None
        if not dual.judgeable(found.partials):
            raise Undefined("no finite derivative")
        return Expected(found.value, found.partials, here.gap)


def parse(
    text: str, arguments: Sequence[str], constants: Sequence[str] = (), conditions: Sequence[str] = ()
) -> Expression:
    """Parse a formula in the named arguments. Raises ExpressionError for any text that is none.

    It has no derivative by those arguments that are `constants`, and no value where one of the `conditions`, which are
    formulas as well, does not hold.

    >>> square = parse("x ** 2 * y", ["x", "y"])
    >>> square.value((3.0, 2.0)), square.answer((3.0, 2.0)).partials
    (18.0, ((12.0, 12.0), (9.0, 9.0)))
    >>> parse("2 x", ["x"])
    Traceback (most recent call last):
    grader.oracle.expressions.ExpressionError: between factors write *, as in 2 * x
    """
    tree, stripped, indent = syntax(text, arguments)
    builder = _Builder(tuple(arguments), stripped, indent, constants)
    root = builder.node(tree, 0)
    given = tuple(parse(one, arguments) for one in conditions)
    return Expression(stripped, tuple(arguments), root, builder.branches, tuple(constants), given)


def syntax(text: str, names: Sequence[str]) -> tuple[ast.expr, str, int]:
    """Return the syntax of a formula's text, the text without the spaces around it, and how many came before.

    Raises ExpressionError for what is not one expression of a bounded length.
    """
    if len(text) > TEXT_CAP:
        raise ExpressionError(f"the formula is over {TEXT_CAP} characters", 1)
    if "\n" in text.strip() or "\x00" in text:
        raise ExpressionError("the formula should be one line", 1)
    strange = next((i for i, sign in enumerate(text) if not sign.isascii() and sign not in "".join(names)), None)
    if strange is not None:  # Python reads a full-width ｘ as x: what is not written must not be understood
        raise ExpressionError(f"{text[strange]!r} has no place in a formula", strange + 1)
    stripped = text.strip()
    indent = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(stripped, mode="eval")
    except SyntaxError as error:
        juxtaposed = JUXTAPOSED.search(stripped)
        if juxtaposed:
            raise ExpressionError("between factors write *, as in 2 * x", indent + juxtaposed.end()) from None
        raise ExpressionError("this is not a formula", indent + max(error.offset or 1, 1)) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("this is not a formula", 1) from None
    return tree.body, stripped, indent


class _Builder:
    """Turn syntax into closures, refusing whatever is not listed."""

    def __init__(self, arguments: tuple[str, ...], text: str, indent: int, constants: Sequence[str] = ()) -> None:
        self._arguments = arguments
        self._varying = tuple(one for one in arguments if one not in constants)
        self._text, self._indent = text.encode(), indent
        self._size = 0
        self._sums = 0
        self.branches = 0

    def node(self, tree: ast.expr, depth: int) -> Node:
        self._size += 1
        if depth > DEPTH_CAP or self._size > SIZE_CAP:
            self._refuse(tree, "the formula is too large")
        if isinstance(tree, ast.Constant):
            return self._constant(tree)
        if isinstance(tree, ast.Name):
            return self._name(tree)
        if isinstance(tree, ast.UnaryOp):
            return self._unary(tree, depth)
        if isinstance(tree, ast.BinOp):
            return self._binary(tree, depth)
        if isinstance(tree, ast.Compare):
            return self._compare(tree, depth)[0]
        if isinstance(tree, ast.Call):
            return self._call(tree, depth)
        return self._refuse(tree, f"{type(tree).__name__.lower()} has no place in a formula")

    def _refuse(self, tree: ast.expr, message: str) -> NoReturn:
        self._refuse_at(tree.col_offset, message)

    def _refuse_at(self, offset: int, message: str) -> NoReturn:
        before = self._text[:offset].decode()  # ast counts bytes
        raise ExpressionError(message, self._indent + len(before) + 1)

    def _fixed(self, tree: ast.expr) -> bool:
        return not any(isinstance(part, ast.Name) and part.id in self._varying for part in ast.walk(tree))

    def _constant(self, tree: ast.Constant) -> Node:
        if type(tree.value) not in (int, float):
            self._refuse(tree, f"{str(tree.value)[:20]!r} is not a real number")
        try:
            value = float(tree.value)  # type: ignore[arg-type]
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            self._refuse(tree, "the number is too large")
        return lambda point: Dual(value, point.zeros)

    def _name(self, tree: ast.Name) -> Node:
        if tree.id in self._arguments:
            index = self._arguments.index(tree.id)
            return lambda point: point.arguments[index]
        if tree.id in CONSTANTS:
            value = CONSTANTS[tree.id]
            return lambda point: Dual(value, point.zeros)
        return self._refuse(tree, f"unknown name {tree.id!r}{near(tree.id, (*self._arguments, *CONSTANTS))}")

    def _unary(self, tree: ast.UnaryOp, depth: int) -> Node:
        inner = self.node(tree.operand, depth + 1)
        if isinstance(tree.op, ast.UAdd):
            return inner
        if not isinstance(tree.op, ast.USub):
            self._refuse(tree, "only + and - may stand before a term")
        return lambda point: dual.negate(inner(point))

    def _binary(self, tree: ast.BinOp, depth: int) -> Node:
        if isinstance(tree.op, ast.BitXor):
            sign = self._text.index(b"^", tree.left.end_col_offset)
            self._refuse_at(sign, "a power is written **, not ^")
        if type(tree.op) not in OPERATORS:
            self._refuse(tree, "the operators are + - * / **")
        operator = OPERATORS[type(tree.op)]
        left, right = self.node(tree.left, depth + 1), self.node(tree.right, depth + 1)
        if isinstance(tree.op, ast.Pow) and self._fixed(tree.right):
            operator = dual.constant_power
        if isinstance(tree.op, (ast.Add, ast.Sub)) and not (self._fixed(tree.left) or self._fixed(tree.right)):
            return self._sum(operator, left, right, 1.0 if isinstance(tree.op, ast.Sub) else -1.0)
        return lambda point: operator(left(point), right(point))

    def _sum(self, operator: Callable[[Dual, Dual], Dual], left: Node, right: Node, sign: float) -> Node:
        number = self._sums
        self._sums += 1

        def summed(point: _Point) -> Dual:
            a, b = left(point), right(point)
            if point.sums is not None:
                point.sums[number] = a.value, sign * b.value
            return operator(a, b)

        return summed

    def _compare(self, tree: ast.Compare, depth: int) -> tuple[Node, Callable[[_Point], tuple[bool, bool]]]:
        """Return the comparison as a number, and as (holds, is a tie) for `where`."""
        if len(tree.ops) != 1 or type(tree.ops[0]) not in COMPARISONS:
            self._refuse(tree, "a comparison is one of < <= > >= == !=, between two terms")
        compare = COMPARISONS[type(tree.ops[0])]
        left, right = self.node(tree.left, depth + 1), self.node(tree.comparators[0], depth + 1)
        # Not "its partials are 0": at 0 those of x * x are, and x * x > 0 is a jump there.
        varies = not (self._fixed(tree.left) and self._fixed(tree.comparators[0]))
        branch = self._branch()

        def decide(point: _Point) -> tuple[bool, bool]:
            a, b = left(point), right(point)
            if point.differences is not None:
                point.differences[branch] = a.value - b.value
            point.gap = min(point.gap, abs(a.value - b.value))
            return compare(a.value, b.value), a.value == b.value and varies

        def number(point: _Point) -> Dual:
            holds, tie = decide(point)
            value = Dual(float(holds), point.zeros)
            return dual.jumping(value) if tie else value

        return number, decide

    def _call(self, tree: ast.Call, depth: int) -> Node:
        known = (*dual.ONE_ARGUMENT, *dual.TWO_ARGUMENTS, "where")
        if not isinstance(tree.func, ast.Name) or tree.keywords:
            self._refuse(tree, f"the functions are {', '.join(known)}")
        name, count = tree.func.id, len(tree.args)
        if name not in known:
            self._refuse(tree, f"unknown function {name!r}{near(name, known)}")
        wanted = 1 if name in dual.ONE_ARGUMENT else 2 if name in dual.TWO_ARGUMENTS else 3
        if count != wanted:
            self._refuse(tree, f"{name} takes {wanted} argument{'s' if wanted > 1 else ''}, not {count}")
        if name == "where":
            return self._where(tree, depth)
        inner = [self.node(argument, depth + 1) for argument in tree.args]
        if wanted == 1:
            function, (only,) = dual.ONE_ARGUMENT[name], inner
            return self._kinked(function, only) if name in KINKED else lambda point: function(only(point))
        return self._chosen(dual.TWO_ARGUMENTS[name], *inner)

    def _branch(self) -> int:
        self.branches += 1
        return self.branches - 1

    def _kinked(self, function: Callable[[Dual], Dual], only: Node) -> Node:
        branch = self._branch()

        def kinked(point: _Point) -> Dual:
            argument = only(point)
            if point.differences is not None:
                point.differences[branch] = argument.value
            return function(argument)

        return kinked

    def _chosen(self, function: Callable[[Dual, Dual], Dual], left: Node, right: Node) -> Node:
        branch = self._branch()

        def chosen(point: _Point) -> Dual:
            a, b = left(point), right(point)
            if point.differences is not None:
                point.differences[branch] = a.value - b.value
            return function(a, b)

        return chosen

    def _where(self, tree: ast.Call, depth: int) -> Node:
        condition = tree.args[0]
        if not isinstance(condition, ast.Compare):
            self._refuse(condition, "the first argument of where is a comparison")
        _, decide = self._compare(condition, depth + 1)
        yes, no = self.node(tree.args[1], depth + 1), self.node(tree.args[2], depth + 1)

        def choose(point: _Point) -> Dual:
            holds, tie = decide(point)
            chosen = (yes if holds else no)(point)
            if not tie:
                return chosen
            try:
                other = (no if holds else yes)(point)
            except ArithmeticError:
                return dual.jumping(chosen)
            return dual.either(chosen, other)

        return choose


def near(word: str, words: Sequence[str]) -> str:
    """Return the end of a sentence that says what may be meant by an unknown word, or what is known."""
    import difflib  # for mistakes only

    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(words)}"
