"""Tell a difference quotient from a derivative, in a formula worked out by hand.

A quotient of a small step comes within the tolerance of the derivative, and for a square it even is the derivative,
to the letter. So it is told by how it is made: two terms that nearly cancel at most inputs, because they are the
function at two points next to each other, and a step so small that half of it makes no difference. A closed form with
a small number of its own (0.02 * x) changes with it; one whose terms cancel (the quotient rule far out) has no step.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Sequence

from grader.judging.own_forward import NUMERIC, Evidence, reason
from grader.judging.tolerance import CANCELS, HALF_STEP_ALIKE
from grader.model import Corpus, Expected, Input
from grader.oracle.dual import Undefined
from grader.oracle.expressions import Expression, ExpressionError, parse
from grader.sandbox.probes.function import Evaluation

LARGEST_STEP = 1e-2
MOST = 0.5
"""At this share of the inputs. Near 0 a step is not small any more."""

Point = tuple[float, ...]


def is_quotient(answer: Expression, asked: Sequence[Expression], points: Sequence[Point]) -> bool:
    """Say whether a formula is a difference quotient. `asked` are the exercise's own, whose numbers are no steps."""
    known = {number for one in asked for number in _numbers(ast.parse(one.text, mode="eval").body, one.arguments)}
    halved = _halved(answer, known)
    if halved is None:
        return False
    cancelled: Counter[int] = Counter()
    alike = 0
    for point in points:
        try:
            value, other, sums = answer.value(point), halved.value(point), answer.sums(point)
        except Undefined:
            continue
        alike += abs(value - other) <= HALF_STEP_ALIKE * max(abs(value), abs(other))
        cancelled.update({i for i, (a, b) in sums.items() if abs(a - b) <= CANCELS * max(abs(a), abs(b))})
    return min(alike, max(cancelled.values(), default=0)) >= MOST * len(points) > 0


def explains(formula: Expression, by: int, corpus: Corpus, given: Sequence[float], missed: Sequence[int]) -> bool:
    """Say whether what missed the derivative by one argument is a difference quotient that code may return as well."""
    order = (by, *(i for i in range(len(formula.arguments)) if i != by))
    turned = Evidence(
        rows=[Evaluation(answer.value, (value,)) for value, answer in zip(given, corpus.answers)],
        corpus=Corpus(
            tuple(Input(tuple(one.args[i] for i in order), 1.0) for one in corpus.inputs),
            tuple(Expected(one.value, (one.partials[by],), one.gap) for one in corpus.answers),
        ),
        missed=missed,
        own=(),
        formula=parse(formula.text, [formula.arguments[i] for i in order]),
    )
    return reason(turned, "accept", _nobody_to_ask) == NUMERIC


def _nobody_to_ask(_: Sequence[Input]) -> Sequence[Evaluation]:
    """A formula has no forward of its own to hold a gradient against."""
    return ()


def _halved(answer: Expression, known: Collection[float]) -> Expression | None:
    """Return a formula with half of every small number, and twice every large one; None where there is none."""
    tree = ast.parse(answer.text, mode="eval").body
    steps = {number for number in _numbers(tree, answer.arguments) if number not in known}
    if not steps:
        return None
    try:
        return parse(ast.unparse(_Halving(answer.arguments, steps).visit(tree)), answer.arguments)
    except ExpressionError:  # it is too long, written out
        return None


class _Halving(ast.NodeTransformer):
    def __init__(self, arguments: Sequence[str], steps: Collection[float]) -> None:
        self._arguments, self._steps = arguments, steps

    def visit(self, node: ast.AST) -> ast.AST:
        number = _number(node, self._arguments)
        return (
            self.generic_visit(node) if number is None or number not in self._steps else ast.Constant(_scaled(number))
        )


def _scaled(number: float) -> float:
    if 0 < abs(number) <= LARGEST_STEP:
        return number / 2
    return number * 2 if abs(number) >= 1 / LARGEST_STEP else number


def _numbers(tree: ast.AST, arguments: Sequence[str]) -> list[float]:
    """Return the numbers in a formula: 2 * 10 ** -6 is one, and of 1 + 10 ** -6 the second is one as well."""
    number = _number(tree, arguments)
    if number is not None and _scaled(number) != number:
        return [number]
    return [one for child in ast.iter_child_nodes(tree) for one in _numbers(child, arguments)]


def _number(tree: ast.AST, arguments: Sequence[str]) -> float | None:
    """Return what a part without an argument comes to."""
    if not isinstance(tree, ast.expr) or any(
        isinstance(one, ast.Name) and one.id in arguments for one in ast.walk(tree)
    ):
        return None
    try:
        return parse(ast.unparse(tree), ()).value(())
    except (ExpressionError, Undefined):  # the name of a function, or no number
        return None
