"""Plant mistakes in the reference's syntax: an operator, a constant, a sign, an argument, a dropped factor or save.

Only what students are to write is touched: the lines between a solution's markers, or, in a reference without any,
the whole of what is under test.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator

import msgspec

from grader.assignment.template import solutions
from grader.audit.mutants import Mutant
from grader.audit.mutants.writing import Written

ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
CONVERSIONS = (
    "float",
    "int",
    "bool",
    "list",
    "tuple",
    "set",
    "zip",
    "range",
    "len",
    "enumerate",
    "super",
    "isinstance",
)
"""What turns a value into another kind of value: without it little changes, or everything does."""

NOT_ASKED = ("__init__", "__repr__")
"""Methods that no exercise is about, where a reference does not mark what students write."""

NOT_DATA = ("self", "cls", "ctx")


Unjudged = tuple[Collection[int], int]
"""Which of a backward's gradients anything may stand in place of, and how many arguments there are."""

NOTHING_LEFT_OUT: Unjudged = ((), 0)


class _Function(msgspec.Struct, frozen=True):
    """A function or method; `at`: where in the module it or its class stands."""

    node: ast.FunctionDef
    where: str
    at: int

    def parameters(self) -> list[str]:
        arguments = self.node.args
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        return [name for name in names if name not in NOT_DATA]


def mistakes(
    module: str, source: str, names: Collection[str], numeric: bool, unjudged: Unjudged = NOTHING_LEFT_OUT
) -> Iterator[Mutant]:
    """Yield every mistake in the code of `names`. `numeric`: what it returns are numbers, whose sign can be wrong.

    What is `unjudged` of what backward returns is left as it is: there, anything is right.
    """
    tree = ast.parse(source)
    marked = solutions(source)
    written = Written(tree)
    seen = {written.source}
    named: dict[str, int] = {}
    for function in _functions(tree, names):
        if not marked and function.node.name in NOT_ASKED:
            continue
        for holder, field, index in _statements(function.node):
            body: list[ast.stmt] = getattr(holder, field)
            statement = body[index]
            if marked and not any(statement.lineno in lines for lines in marked):
                continue
            for changed in _changed(statement, function, numeric):
                if _judged(changed, function, unjudged) == _judged(statement, function, unjudged):
                    continue
                body[index] = changed
                text = written.with_changed(function.at, tree.body[function.at])
                body[index] = statement
                if text not in seen:
                    seen.add(text)
                    what = f"{_head(statement)} → {_head(changed)}"
                    place = f"{function.where}: {what}"
                    named[place] = named.get(place, 0) + 1
                    yield Mutant(module, function.where, what + _which(named[place]), text, line=statement.lineno)


def _judged(statement: ast.stmt, function: _Function, unjudged: Unjudged) -> str:
    """Return a statement without what it returns in places that nobody looks at; as it is where there are none."""
    places, count = unjudged
    match statement:
        case ast.Return(value=ast.Tuple(elts=elements)) if (
            places and len(elements) == count and function.where.endswith(".backward")
        ):
            return "; ".join(ast.unparse(one) for i, one in enumerate(elements) if i not in places)
    return ast.unparse(statement)


def _which(number: int) -> str:
    """Tell a slip from those before it that read the same."""
    return "" if number == 1 else f" (no. {number})"


def _functions(tree: ast.Module, names: Collection[str]) -> Iterator[_Function]:
    for at, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            yield _Function(node, node.name, at)
        elif isinstance(node, ast.ClassDef) and node.name in names:
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield _Function(inner, f"{node.name}.{inner.name}", at)


def _statements(node: ast.AST) -> Iterator[tuple[ast.AST, str, int]]:
    """Yield where each statement is, those of inner functions as well, but for docstrings."""
    for field in ("body", "orelse", "finalbody"):
        body = getattr(node, field, None)
        if not isinstance(body, list):
            continue
        for index, statement in enumerate(body):
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                yield node, field, index
                yield from _statements(statement)


def _head(statement: ast.stmt) -> str:
    """Return a statement in one line; of one with a body, what stands before the body."""
    return ast.unparse(statement).splitlines()[0]


def _changed(statement: ast.stmt, function: _Function, numeric: bool) -> Iterator[ast.stmt]:
    """Yield the statement with one mistake in it."""
    yield from _whole(statement, numeric)
    for path, node in _expressions(statement):
        for other in _expression(node, function):
            changed = copy.deepcopy(statement)
            _put(changed, path, other)
            yield changed


def _whole(statement: ast.stmt, numeric: bool) -> Iterator[ast.stmt]:
    """Yield mistakes of a statement as such: dropped, overwriting, with the branches or the sign the other way."""
    match statement:
        case ast.Return(value=ast.expr() as value):
            yield ast.Expr(value)
            if numeric:
                yield ast.Return(_negative(value))
        case ast.Expr(value=ast.Call()) | ast.Continue() | ast.Break():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):  # another name would only be missing
            yield ast.Pass()
        case ast.AugAssign(target=target, op=op, value=value):
            yield ast.Pass()
            yield ast.Assign([target], value, lineno=statement.lineno)
            if type(op) in ARITHMETIC:
                yield ast.AugAssign(target, ARITHMETIC[type(op)](), value)
        case ast.If(test=test) if not isinstance(test, ast.UnaryOp):
            yield _with(statement, test=ast.UnaryOp(ast.Not(), test))
        case ast.For(iter=iterated):
            for skipped in _shortened(iterated):
                yield _with(statement, iter=skipped)


def _negative(value: ast.expr) -> ast.expr:
    if isinstance(value, ast.Tuple):
        return ast.Tuple([_negative(one) for one in value.elts], ast.Load())
    return ast.UnaryOp(ast.USub(), value)


def _shortened(iterated: ast.expr) -> Iterator[ast.expr]:
    whole = ast.Call(ast.Name("list", ast.Load()), [iterated], [])
    for text in ("x[1:]", "x[:-1]", "x[::-1]"):
        sliced = ast.parse(text, mode="eval").body
        assert isinstance(sliced, ast.Subscript)
        yield ast.Subscript(whole, sliced.slice, ast.Load())


def _with(statement: ast.stmt, **fields: ast.expr) -> ast.stmt:
    changed = copy.copy(statement)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


Path = tuple[tuple[str, int | None], ...]


def _expressions(statement: ast.stmt) -> Iterator[tuple[Path, ast.expr]]:
    """Yield every expression of a statement itself, with the way to it; not those of the statements inside."""

    def inside(node: ast.AST, path: Path) -> Iterator[tuple[Path, ast.expr]]:
        for field, value in ast.iter_fields(node):
            if field == "annotation":
                continue
            for index, one in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(one, ast.AST) and not isinstance(one, ast.stmt):
                    here = (*path, (field, index))
                    if isinstance(one, ast.expr) and not isinstance(
                        node, ast.Expr
                    ):  # a call dropped whole is told above
                        yield here, one
                    yield from inside(one, here)

    return inside(statement, ())


def _put(root: ast.AST, path: Path, node: ast.expr) -> None:
    holder: ast.AST = root
    for field, index in path[:-1]:
        value = getattr(holder, field)
        holder = value if index is None else value[index]
    field, index = path[-1]
    if index is None:
        setattr(holder, field, node)
    else:
        getattr(holder, field)[index] = node


def _expression(node: ast.expr, function: _Function) -> Iterator[ast.expr]:
    """Yield the expression with one mistake in it."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) in ARITHMETIC:
                yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
            yield from (left, right)
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield operand
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            if len(values) == 2:
                yield from values
        case ast.Compare(left=left, ops=[op], comparators=compared):
            for other in COMPARISONS.get(type(op), ()):
                yield ast.Compare(left, [other()], compared)
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(value + 1)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.Tuple(elts=elements, ctx=ast.Load()) if len(elements) > 1:
            yield ast.Tuple(elements[::-1], ast.Load())
        case ast.Call(func=called, args=args):
            yield from _call(called, args, node)
        case ast.ListComp() | ast.GeneratorExp():
            yield from _comprehension(node)
        case ast.Name(id=name, ctx=ast.Load()) if name in function.parameters():
            yield from _parameter(name, function)


def _call(called: ast.expr, args: list[ast.expr], node: ast.Call) -> Iterator[ast.expr]:
    name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
    if name in CONVERSIONS:
        return
    for i in range(len(args) - 1):
        yield ast.Call(called, [*args[:i], args[i + 1], args[i], *args[i + 2 :]], node.keywords)
    if len(args) == 1 and not isinstance(args[0], ast.Starred):
        yield args[0]
    if len(args) > 1 and name == "save_for_backward":
        for i in range(len(args)):
            yield ast.Call(called, [*args[:i], *args[i + 1 :]], node.keywords)


def _comprehension(node: ast.ListComp | ast.GeneratorExp) -> Iterator[ast.expr]:
    for i, generator in enumerate(node.generators):
        if generator.ifs:
            bare = ast.comprehension(generator.target, generator.iter, [], generator.is_async)
            changed = copy.copy(node)
            changed.generators = [*node.generators[:i], bare, *node.generators[i + 1 :]]
            yield changed


def _parameter(name: str, function: _Function) -> Iterator[ast.expr]:
    """Yield another parameter in its place; where d_out is the only one, 1.0."""
    others = [other for other in function.parameters() if other != name]
    if function.where.endswith(".backward") and not others:
        yield ast.Constant(1.0)
    for other in others:
        yield ast.Name(other, ast.Load())
