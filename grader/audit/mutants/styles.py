"""Right code in other styles: what students write who have understood. All of it must earn what the reference earns."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection, Iterator

from grader.audit.mutants import Mutant
from grader.audit.mutants.writing import Written


def functions(module: str, source: str, name: str, context: str, bare: bool) -> Iterator[Mutant]:
    """Yield a class's forward and backward in other styles, those that its `context` (source) has what they need for.

    `bare`: a single saved value may be read unpacked.
    """
    styles = {**STYLES, **(BARE if bare else {})}
    tree = ast.parse(source)
    written = Written(tree)
    (at,) = (i for i, one in enumerate(tree.body) if isinstance(one, ast.ClassDef) and one.name == name)
    for what, change in styles.items():
        if NEEDS.get(what, "") not in context:
            continue
        node = copy.deepcopy(tree.body[at])
        assert isinstance(node, ast.ClassDef)
        change(node)
        text = written.with_changed(at, ast.fix_missing_locations(node))
        if text != written.source:
            yield Mutant(module, name, what, text)


def without_gradient(module: str, source: str, name: str, places: Collection[int], count: int) -> Iterator[Mutant]:
    """Yield backward as courses write it where some of `count` arguments have no gradient: those at `places`."""
    for what, filled in IN_ITS_PLACE.items() if places else ():
        tree = ast.parse(source)
        (node,) = (one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == name)
        for method in _methods(node):
            for one in _returns(method) if method.name == "backward" else ():
                assert one.value is not None
                elements = one.value.elts if isinstance(one.value, ast.Tuple) else [one.value]
                if len(elements) == count:
                    elements = [each for i, each in enumerate(elements) if i not in places]
                if len(elements) == count - len(places):
                    one.value = _with_places(elements, places, count, filled)
        text = ast.unparse(ast.fix_missing_locations(tree))
        if text != ast.unparse(ast.parse(source)):
            yield Mutant(module, name, what, text)


def _with_places(judged: list[ast.expr], places: Collection[int], count: int, filled: str) -> ast.expr:
    """Return what is judged with something in the other places; alone, and bare, where that is nothing."""
    if not filled:
        return judged[0] if len(judged) == 1 else ast.Tuple(judged, ast.Load())
    left = iter(judged)
    there = ast.parse(filled, mode="eval").body
    return ast.Tuple([there if i in places else next(left) for i in range(count)], ast.Load())


IN_ITS_PLACE = {
    "None for what has no gradient": "None",
    "a number for what has no gradient": "0.0",
    "nothing for what has no gradient": "",
}


def _methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name in ("forward", "backward"):
            yield one


def _returns(method: ast.FunctionDef) -> Iterator[ast.Return]:
    for one in ast.walk(method):
        if isinstance(one, ast.Return) and one.value is not None:
            yield one


def _without_decorators(node: ast.ClassDef) -> None:
    for method in _methods(node):
        method.decorator_list = []


def _class_methods(node: ast.ClassDef) -> None:
    for method in _methods(node):
        method.decorator_list = [ast.Name("classmethod", ast.Load())]
        method.args.args.insert(0, ast.arg("cls"))


def _prints(node: ast.ClassDef) -> None:
    for method in _methods(node):
        shown = [ast.Name(one.arg, ast.Load()) for one in method.args.args[1:]]
        method.body.insert(0, ast.Expr(ast.Call(ast.Name("print", ast.Load()), list[ast.expr](shown), [])))


def _dead_code(node: ast.ClassDef) -> None:
    for method in _methods(node):
        method.body += ast.parse("raise NotImplementedError('remove me')").body


def _collected(node: ast.ClassDef, kind: Callable[[list[ast.expr]], ast.expr]) -> None:
    for method in _methods(node):
        for one in _returns(method) if method.name == "backward" else ():
            assert one.value is not None
            one.value = kind(one.value.elts if isinstance(one.value, ast.Tuple) else [one.value])


def _saved_by_hand(node: ast.ClassDef) -> None:
    for method in _methods(node):
        for i, one in enumerate(method.body):
            match one:
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="save_for_backward", value=ctx), args=args)):
                    target = ast.Attribute(ctx, "saved_values", ast.Store())
                    method.body[i] = ast.Assign([target], ast.Tuple(args, ast.Load()))


def _read(node: ast.ClassDef, read: Callable[[list[ast.expr], ast.expr], list[ast.stmt]]) -> None:
    for method in _methods(node):
        body: list[ast.stmt] = []
        for one in method.body:
            match one:
                case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Attribute(attr="saved_values") as saved):
                    body += read(names, saved)
                case _:
                    body.append(one)
        method.body = body


def _indexed(names: list[ast.expr], saved: ast.expr) -> list[ast.stmt]:
    return [ast.Assign([name], ast.Subscript(saved, ast.Constant(i), ast.Load())) for i, name in enumerate(names)]


def _by_the_other_name(names: list[ast.expr], saved: ast.expr) -> list[ast.stmt]:
    assert isinstance(saved, ast.Attribute)
    other = ast.Attribute(saved.value, "saved_tensors", ast.Load())
    return [ast.Assign([ast.List(names, ast.Store())], other)]


def _unpacked(names: list[ast.expr], saved: ast.expr) -> list[ast.stmt]:
    return [ast.Assign([names[0] if len(names) == 1 else ast.Tuple(names, ast.Store())], saved)]


STYLES: dict[str, Callable[[ast.ClassDef], None]] = {
    "without decorators": _without_decorators,
    "class methods": _class_methods,
    "prints left in": _prints,
    "dead code after the return": _dead_code,
    "gradients in a tuple": lambda node: _collected(node, lambda elements: ast.Tuple(elements, ast.Load())),
    "gradients in a list": lambda node: _collected(node, lambda elements: ast.List(elements, ast.Load())),
    "saved_values set by hand": _saved_by_hand,
    "saved values by index": lambda node: _read(node, _indexed),
    "saved values by their other name": lambda node: _read(node, _by_the_other_name),
}
NEEDS = {"saved_values set by hand": "self.saved_values", "saved values by their other name": "saved_tensors"}
"""Style -> what the context's source must hold for it."""

BARE: dict[str, Callable[[ast.ClassDef], None]] = {
    "a single saved value read bare": lambda node: _read(node, _unpacked),
}
