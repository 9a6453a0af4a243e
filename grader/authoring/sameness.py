"""Which changes of a new solution are no mistake, by rules that prove it, for the exercise to list under `equivalent`.

Theory of operation. A solution that was written from formulas is read back as what it computes: the value, and each
gradient with the saved values put in. Both are brought into one form, in which the order of terms and factors, of the
arguments of min and max, and the sign under an even function make no difference. Two that come to one form are equal
at every input. Three rules are about a tie. A value may compare with `<` or `<=` where both branches are one form once
the tie is put in, or where it comes to exactly the same at every tie that is tried (`ties`). A gradient may where the
comparison is a border of the formula, for there every slope in between is right. What no rule proves is not listed, and
the audit says that it is missed.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from grader.assignment.exercise import Equivalent
from grader.audit.mutants import syntax
from grader.authoring import ties
from grader.authoring.solving import IN_MATH

Form = tuple[Any, ...]
"""A nested tuple, ("kind", parts…), that is the same for what is equal by the rules here."""

Env = Mapping[str, Form]

EVEN = ("cos", "abs")
LOOSE = {"<=": "<"}
SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
LONG, AROUND = 100, 12
"""Characters of a name that is shortened, and of what is kept on either side of a change."""

BECAUSE_VALUE = "the value is the same at every input"
BECAUSE_GRADIENT = "the gradient is the same wherever there is one"


class NotAsWritten(Exception):
    """Code that is not as a solution is written here."""


def equivalents(module: str, source: str, name: str) -> list[tuple[str, str]]:
    """Return (mistake, because) of every change of a class that an audit plants and that is none."""
    meant = _meaning(source, name)
    same: dict[str, str] = {}
    wrong: list[str] = []
    for one in syntax.mistakes(module, source, [name], numeric=True):
        try:
            equal = _meaning(one.source, name) == meant or _decides_ties_alike(source, one.source, name)
        except NotAsWritten:
            equal = False
        if equal:
            same[one.name] = BECAUSE_GRADIENT if one.where.endswith(".backward") else BECAUSE_VALUE
        else:
            wrong.append(one.name)
    same = _shortened(same, wrong)
    return [
        (mistake, why)
        for mistake, why in same.items()
        if not any(Equivalent(mistake, why).is_about(other) for other in wrong)
    ]


def _decides_ties_alike(source: str, changed: str, name: str) -> bool:
    """Say whether only the value's way to decide a tie is changed, and no tie shows it. Raises NotAsWritten."""
    (forward, backward), (others, back) = _methods(source, name), _methods(changed, name)
    if ast.dump(backward) != ast.dump(back):
        return False
    (value, saved), (other, kept) = _forward(forward), _forward(others)
    return list(map(ast.dump, saved)) == list(map(ast.dump, kept)) and ties.same(value, other)


def _shortened(same: Mapping[str, str], wrong: Sequence[str]) -> dict[str, str]:
    """Return entries with what is alike before and after left out, where they are long and still about no mistake."""
    found: dict[str, str] = {}
    for mistake, why in same.items():
        short = _short(mistake)
        safe = Equivalent(short, why).is_about(mistake) and not any(
            Equivalent(short, why).is_about(one) for one in wrong
        )
        found[short if len(mistake) > LONG and safe else mistake] = why
    return found


def _short(mistake: str) -> str:
    """Return a mistake's name by what changes, with a little around it, and `*` for the rest."""
    where, _, change = mistake.partition(": ")
    before, _, after = change.partition(" → ")
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    start = max(before.rfind("(", 0, same), before.rfind(" ", 0, max(same - AROUND, 0)), 0)
    end = 0
    while end < min(len(before), len(after)) - same and before[-1 - end] == after[-1 - end]:
        end += 1
    end = max(end - AROUND, 0)
    return f"{where}: *{before[start : len(before) - end]}* → *{after[start : len(after) - end]}*"


def _meaning(source: str, name: str) -> tuple[Form, tuple[Form, ...]]:
    """Return what a class computes: its value, and its gradients. Raises NotAsWritten."""
    forward, backward = _methods(source, name)
    value, saved = _forward(forward)
    names, gradients = _backward(backward)
    if len(saved) != len(names):
        raise NotAsWritten
    plain = _Writer({}, None)
    borders = _borders(value)
    put_in = {name: plain.form(one) for name, one in zip(names, saved)}
    going_back = _Writer(put_in, borders, _jumps(value))
    return plain.form(value), tuple(going_back.form(one) for one in gradients)


@lru_cache(maxsize=2)  # of what is meant, and of one change: each is asked for more than once
def _methods(source: str, name: str) -> tuple[ast.FunctionDef, ast.FunctionDef]:
    (found,) = (one for one in ast.parse(source).body if isinstance(one, ast.ClassDef) and one.name == name)
    named = {one.name: one for one in found.body if isinstance(one, ast.FunctionDef)}
    return named["forward"], named["backward"]


def _statements(function: ast.FunctionDef) -> list[ast.stmt]:
    return [one for one in function.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]


def _forward(function: ast.FunctionDef) -> tuple[ast.expr, list[ast.expr]]:
    match _statements(function):
        case [ast.Expr(ast.Call(ast.Attribute(attr="save_for_backward"), saved)), ast.Return(ast.expr() as value)]:
            return value, saved
        case [ast.Return(ast.expr() as value)]:
            return value, []
    raise NotAsWritten


def _backward(function: ast.FunctionDef) -> tuple[list[str], list[ast.expr]]:
    match _statements(function):
        case [ast.Assign([ast.Tuple(names)], ast.Attribute(attr="saved_values")), ast.Return(ast.expr() as returned)]:
            return [one.id for one in names if isinstance(one, ast.Name)], _each(returned)
        case [ast.Return(ast.expr() as returned)]:
            return [], _each(returned)
    raise NotAsWritten


def _each(returned: ast.expr) -> list[ast.expr]:
    return list(returned.elts) if isinstance(returned, ast.Tuple) else [returned]


def _borders(value: ast.expr) -> frozenset[frozenset[Form]]:
    """Return what a formula compares with what: where a gradient may take the slope of either side."""
    plain = _Writer({}, None)
    found = set()
    for one in ast.walk(value):
        match one:
            case ast.Compare(left=left, comparators=[right]):
                found.add(frozenset((plain.form(left), plain.form(right))))
            case ast.Call(func=ast.Name(id="max" | "min"), args=[left, right]):
                found.add(frozenset((plain.form(left), plain.form(right))))
            case ast.Call(func=ast.Name(id="abs"), args=[left]):
                found.add(frozenset((plain.form(left), _number(0.0))))
    return frozenset(found | {inner for one in found for inner in _unbounded(one)})


def _unbounded(border: frozenset[Form]) -> Iterator[frozenset[Form]]:
    """Yield x beside 1 for max(x, -1) beside 1: they are equal at the same inputs."""
    for side in border:
        others = border - {side}
        if side[0] == "call" and side[1] in ("max", "min") and len(others) == 1:
            (other,) = others
            numbers = [one for one in side[2:] if _is_number(one)]
            rest = [one for one in side[2:] if not _is_number(one)]
            if len(numbers) == len(rest) == 1 and _is_number(other):
                c, d = numbers[0][1], other[1]
                if c < d if side[1] == "max" else c > d:
                    yield frozenset((rest[0], other))


def _jumps(value: ast.expr) -> frozenset[Form]:
    """Return the choices of a formula whose branches do not meet. A gradient that has one in it has it exactly.

    Times 0 a jump is none: of where(x > 0, 1, 2) * y the derivative by y is judged at x = 0, y = 0.
    """
    loose = _Writer({}, _borders(value))
    plain = _Writer({}, None)
    found = set()
    for one in ast.walk(value):
        if isinstance(one, ast.IfExp):
            form = loose.form(one)
            strict = {plain.form(_with_sign(one, sign)) for sign in (ast.Lt(), ast.LtE())}
            if len(strict) > 1:
                found.add(form)
    return frozenset(found)


def _with_sign(choice: ast.IfExp, sign: ast.cmpop) -> ast.IfExp:
    """Return a choice by another sign, which may be the other way round: both signs tell whether its branches meet."""
    test = choice.test
    if not isinstance(test, ast.Compare):
        raise NotAsWritten
    return ast.IfExp(ast.Compare(test.left, [sign], test.comparators), choice.body, choice.orelse)


class _Writer:
    """Bring code into its one form. `env`: what names stand for; `borders`: where a tie is free, None for a value."""

    def __init__(
        self, env: Env, borders: Collection[frozenset[Form]] | None, jumps: Collection[Form] = frozenset()
    ) -> None:
        self._env, self._borders, self._jumps = env, borders, jumps

    def form(self, node: ast.expr) -> Form:
        match node:
            case ast.Constant(value=int() | float() as value):
                return _number(float(value))
            case ast.Name(id=name):
                return self._env.get(name, ("name", name))
            case ast.Attribute(value=ast.Name(id="math"), attr=name):
                return ("name", f"math.{name}")
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _product([_number(-1.0), self.form(operand)])
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(self.form(left), op, self.form(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]):  # a jump
                return ("if", *self._ordered(left, op, right), _number(1.0), _number(0.0))
            case ast.IfExp(test=ast.Compare(left=left, ops=[op], comparators=[right]), body=yes, orelse=no):
                return self._chosen(left, op, right, yes, no)
            case ast.Call(func=ast.Name(id="float"), args=[inner]):
                return self.form(inner)
            case ast.Call(func=function, args=args, keywords=[]):
                return _called(ast.unparse(function).removeprefix("math."), [self.form(one) for one in args])
        raise NotAsWritten

    def _binary(self, left: Form, op: ast.operator, right: Form) -> Form:
        match op:
            case ast.Add():
                return _sum([left, right])
            case ast.Sub():
                return _sum([left, _product([_number(-1.0), right])])
            case ast.Mult():
                return _product([left, right])
            case ast.Div():
                return _product([left, _power(right, _number(-1.0))])
            case ast.Pow():
                return _power(left, right)
        raise NotAsWritten

    def _ordered(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> tuple[str, Form, Form]:
        if type(op) not in SIGNS:
            raise NotAsWritten
        sign, a, b = SIGNS[type(op)], self.form(left), self.form(right)
        if sign in (">", ">="):
            sign, a, b = sign.replace(">", "<"), b, a
        if sign in ("==", "!="):
            a, b = sorted((a, b), key=repr)
        return sign, a, b

    def _chosen(self, left: ast.expr, op: ast.cmpop, right: ast.expr, yes: ast.expr, no: ast.expr) -> Form:
        sign, a, b = self._ordered(left, op, right)
        then, otherwise = self.form(yes), self.form(no)
        if then == otherwise:
            return then
        if sign == "<=" and self._meet(a, b, yes, no):
            sign = "<"
        loose = ("if", LOOSE.get(sign, sign), a, b, then, otherwise)
        free = self._borders is not None and frozenset((a, b)) in self._borders and loose not in self._jumps
        return loose if free else ("if", sign, a, b, then, otherwise)

    def _meet(self, a: Form, b: Form, yes: ast.expr, no: ast.expr) -> bool:
        """Say whether both branches are one form at the tie of a and b, of which one is a name."""
        for name, other in ((a, b), (b, a)):
            if name[0] == "name" and repr(name) not in repr(other):
                tied = _Writer({**self._env, str(name[1]): other}, self._borders)
                return tied.form(yes) == tied.form(no)
        return False


def _number(value: float) -> Form:
    return ("number", value + 0.0)  # minus 0 is 0


def _is_number(form: Form) -> bool:
    return bool(form[0] == "number")


def _sum(terms: Sequence[Form]) -> Form:
    flat = [inner for one in terms for inner in (one[1] if one[0] == "sum" else (one,))]
    total = sum((one[1] for one in flat if _is_number(one)), 0.0)
    rest = sorted((one for one in flat if not _is_number(one)), key=repr)
    if total or not rest:
        rest.append(_number(total))
    return rest[0] if len(rest) == 1 else ("sum", tuple(rest))


def _product(factors: Sequence[Form]) -> Form:
    flat = [inner for one in factors for inner in (one[1] if one[0] == "product" else (one,))]
    number = math.prod(one[1] for one in flat if _is_number(one))
    rest = sorted((one for one in flat if not _is_number(one)), key=repr)
    if number == 0.0 or not rest:
        return _number(number)
    if number != 1.0:
        rest.append(_number(number))
    return rest[0] if len(rest) == 1 else ("product", tuple(rest))


def _unsigned(form: Form) -> Form:
    """Return a form with the sign of its number gone: what an even function makes no difference of."""
    if _is_number(form):
        return _number(abs(form[1]))
    if form[0] == "product":
        return _product([_number(abs(one[1])) if _is_number(one) else one for one in form[1]])
    return form


def _power(base: Form, exponent: Form) -> Form:
    if not _is_number(exponent):
        return ("power", base, exponent)
    if exponent[1] == 1.0:
        return base
    if exponent[1] % 2 == 0.0:
        base = _unsigned(base)
    if _is_number(base) and base[1]:
        try:
            return _number(float(base[1] ** exponent[1]))
        except (ArithmeticError, TypeError, ValueError):
            pass
    return ("power", base, exponent)


def _called(name: str, args: list[Form]) -> Form:
    if name in ("max", "min"):
        args = sorted(args, key=repr)
    if name in EVEN:
        args = [_unsigned(one) for one in args]
    if name in ("abs", "max", "min") and all(map(_is_number, args)):
        numbers = [one[1] for one in args]
        return _number(abs(numbers[0]) if name == "abs" else max(numbers) if name == "max" else min(numbers))
    if name in IN_MATH and all(map(_is_number, args)):
        try:
            return _number(float(getattr(math, name)(args[0][1])))
        except (ArithmeticError, ValueError):
            pass
    return ("call", name, *args)
