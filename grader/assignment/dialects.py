"""Dialects: how a course's variables are made, run, sent back through and read. Their text is read here, never run.

A dialect is a file of Python with at most eight functions, each with a default. It runs in the box alone, beside the
student's files, and takes the names that it does not define itself from theirs:

    def prepare(): ...                       # before the first variable, where derivatives will be sent back
    def leaf(value): return Value(value)     # a variable that holds a number
    def value(v): return v.data
    def backward(v, d): v.backward(d)        # send d back from v
    def gradient(v): return v.grad           # what has arrived at a variable
    def order(v): ...                        # a topological order, where that is an exercise
    def forward_mode(f, xs, dxs): ...        # for dual numbers: f at xs along dxs, as (value, tangent)
    def pullback(function, xs, d): ...       # for functions that are given d: the gradients, one per argument

and constants, all optional: `OPERATIONS`, `AGAIN`, `DEPTH`, `NUMBERS`, `WORDS`, `SHOWN`, `RECOGNISED_BY`.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from grader.assignment import forms
from grader.assignment.definitions import defined_by
from grader.assignment.forms import FormError, Problem

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "prepare": (),
    "leaf": ("value",),
    "value": ("v",),
    "backward": ("v", "d"),
    "gradient": ("v",),
    "order": ("v",),
    "forward_mode": ("f", "xs", "dxs"),
    "pullback": ("function", "xs", "d"),
}
"""What a dialect may define, and what each is called with."""

SIGNS = ("add", "sub", "mul", "div", "neg", "pow")
"""Operations that Python has a sign for: there without being named."""

KNOWN_OPERATIONS = (
    *SIGNS,
    *("log", "exp", "sqrt", "inv", "sin", "cos", "tan", "tanh", "sigmoid", "relu", "abs"),
    *("min", "max", "where", "lt", "le", "gt", "ge", "eq", "ne"),
    *("matmul", "sum", "mean", "logsumexp", "softmax", "reshape", "broadcast_to", "transpose", "permute"),
    *("concatenate", "stack", "maximum", "minimum"),
)
HOME = Path(__file__).parents[1] / "sandbox" / "dialects"
BUILT_IN = tuple(sorted(path.stem for path in HOME.glob("*.py")))
SHORTEST, DEEPEST = 10, 5000
SAID = ""
"""How an operation is called that the file says itself."""

Again = Literal["accumulates", "resets", "unasked"]
Numbers = Literal["leaves", "constants", "unasked"]


class Words(msgspec.Struct, frozen=True):
    """How students of the course write it down: templates with `{}` for the variable or number, `{d}` for what is sent.

    `plain`: how 1 is sent back, where that is written otherwise. `pullback`: how a function is called, on `{args}`.
    `sent_name`: what the course calls the derivative that is sent back. `first`: a statement that comes first, as an
    import.
    """

    leaf: str = "Value({})"
    backward: str = "{}.backward({d})"
    gradient: str = "{}.grad"
    plain: str = ""
    value: str = "{}.data"
    order: str = ""
    pullback: str = "{}({d}, {args})"
    sent_name: str = "d_out"
    first: str = ""

    def sent(self, name: str, d: str) -> str:
        """Return how d is sent back from a variable."""
        return (self.plain if self.plain and d == "1.0" else self.backward).format(name, d=d)


class Dialect(msgspec.Struct, frozen=True):
    """One dialect as its file has it. `names` are those that it takes from the student's files.

    `taken_by`: operation -> those that it alone takes. `operations`: operation -> the method that is called, or blank
    for what the file says itself. `lacking` are those that the course has not got. `shown`: operation -> the function
    that students write for it, or with a dot the method. `recognised` are the names that tell a submission of this
    dialect from others. `lines`: where what it says stands. `homes`: name -> the module of the reference that has it,
    where students are shown lines to type that take it from another file than the one under test.
    """

    name: str
    source: str = ""
    functions: tuple[str, ...] = ()
    operations: Mapping[str, str] = {}
    again: Again = "unasked"
    depth: int = 900
    numbers: Numbers = "leaves"
    words: Words = Words()
    names: tuple[str, ...] = ()
    taken_by: Mapping[str, tuple[str, ...]] = {}
    recognised: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    shown: Mapping[str, str] = {}
    lines: Mapping[str, int] = {}
    homes: Mapping[str, str] = {}

    @property
    def drawn(self) -> tuple[str, ...]:
        """Return the operations that graphs are made of: Python's signs, and what the file names."""
        return tuple(op for op in dict.fromkeys((*SIGNS, *self.operations)) if op not in self.lacking)

    @property
    def mode(self) -> Literal["backward", "forward", "pullback"]:
        """Return how derivatives come about: sent back, carried along, or returned by the function under test."""
        if "forward_mode" in self.functions:
            return "forward"
        return "pullback" if "pullback" in self.functions else "backward"

    def taken(self, operations: Collection[str]) -> tuple[str, ...]:
        """Return the names that it takes from the student's files where these operations are asked."""
        alone = {name for names in self.taken_by.values() for name in names}
        wanted = {name for op in operations for name in self.taken_by.get(op, ())}
        return tuple(name for name in self.names if name in wanted or name not in alone)

    def methods_in(self, text: str) -> list[tuple[str, str]]:
        """Return the functions in a formula that are methods of a variable, as (function, method)."""
        functions = (op for op in KNOWN_OPERATIONS if op not in ("min", "max", "where", "abs") and f"{op}(" in text)
        return [(op, self.operations.get(op, op)) for op in functions if self.operations.get(op, op)]

    @property
    def digest(self) -> str:
        """Return what tells it from others of its name."""
        import hashlib  # not at a self-check

        return hashlib.sha256(self.source.encode()).hexdigest()[:16]


def built_in(name: str) -> Dialect:
    """Return a dialect that comes with the grader."""
    return parse((HOME / f"{name}.py").read_text("utf-8"), name, f"{name}.py")


def read(written: str, root: Path) -> Dialect:
    """Return the dialect that a config or an exercise names: a built-in one, or a file beside the config.

    Raises FormError with every problem of the file.
    """
    if written in BUILT_IN:
        return built_in(written)
    if not written.endswith(".py"):
        said = f"unknown dialect {written!r}{forms.near(written, BUILT_IN)}; one of {', '.join(BUILT_IN)}, or a file"
        raise FormError([Problem(written or "through", 0, 0, f"{said} such as dialect.py")])
    return parse(forms.content(root / written, written).decode("utf-8", "replace"), written, written)


def parse(source: str, name: str, shown: str) -> Dialect:
    """Read a dialect's text. Raises FormError with every problem in it.

    >>> one = parse("def value(v): return v.number\\ndef leaf(value): return Var(value)", "mine.py", "mine.py")
    >>> sorted(one.functions), one.names
    (['leaf', 'value'], ('Var',))
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        raise FormError([Problem(shown, line, getattr(error, "offset", 1) or 1, f"is no Python: {error}")]) from None
    found = _Reading(shown, tree)
    if found.problems:
        raise FormError(sorted(found.problems, key=lambda one: (one.line, one.column)))
    return msgspec.structs.replace(found.dialect(), name=name, source=source)


class _Reading:
    """One file, taken apart; `problems` is what is wrong with it."""

    def __init__(self, shown: str, tree: ast.Module) -> None:
        self._shown, self._tree = shown, tree
        self.problems: list[Problem] = []
        self._constants: dict[str, Any] = {}
        self._functions: set[str] = set()
        for node in tree.body:
            self._statement(node)
        if len(self._functions & {"forward_mode", "pullback", "backward"}) > 1:
            self._add(tree.body[-1], "derivatives come by backward, forward_mode or pullback: define one of the three")
        if "prepare" in self._functions and self._functions & {"forward_mode", "pullback"}:
            self._add(tree.body[-1], "prepare runs before derivatives are sent back, and nothing is sent back here")

    def _add(self, node: ast.AST, message: str) -> None:
        self.problems.append(
            Problem(self._shown, getattr(node, "lineno", 0), getattr(node, "col_offset", -1) + 1, message)
        )

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef):
            self._function(node)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            self._assignment(node, node.targets[0].id)

    def _function(self, node: ast.FunctionDef) -> None:
        if node.name.startswith("_"):
            return
        if node.name not in FUNCTIONS:
            near = forms.near(node.name, FUNCTIONS)
            self._add(node, f"unknown function {node.name!r}{near}; a helper's name begins with _")
            return
        wanted, args = FUNCTIONS[node.name], node.args
        given = len(args.args) + len(args.posonlyargs)
        if (given - len(args.defaults) > len(wanted) or given < len(wanted)) and not args.vararg:
            self._add(node, f"{node.name} is called with ({', '.join(wanted)})")
        self._functions.add(node.name)

    def _assignment(self, node: ast.Assign, name: str) -> None:
        read = {
            "OPERATIONS": self._operations,
            "AGAIN": lambda value: self._word(value, "AGAIN", ("accumulates", "resets", "unasked")),
            "NUMBERS": lambda value: self._word(value, "NUMBERS", ("leaves", "constants", "unasked")),
            "DEPTH": self._depth,
            "WORDS": self._words,
            "SHOWN": self._written,
            "RECOGNISED_BY": self._recognised,
        }
        if name in read:
            self._constants[name] = read[name](node.value)
        elif not name.startswith("_"):
            self._add(node, f"unknown constant {name!r}{forms.near(name, read)}; a helper's name begins with _")

    def _operations(self, value: ast.expr) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        if not isinstance(value, ast.Dict):
            self._add(value, 'OPERATIONS is a dict, as {"relu": "relu", "sigmoid": None}')
            return found
        for key, one in zip(value.keys, value.values):
            name = key.value if isinstance(key, ast.Constant) else None
            if not isinstance(name, str) or name not in KNOWN_OPERATIONS:
                near = forms.near(str(name), KNOWN_OPERATIONS)
                self._add(key or value, f"unknown operation {name!r}{near}; one of {', '.join(KNOWN_OPERATIONS)}")
            elif isinstance(one, ast.Constant) and (one.value is None or isinstance(one.value, str)):
                if isinstance(one.value, str) and not one.value.isidentifier():
                    self._add(one, f"{one.value!r} should be the name of a method")
                found[name] = one.value
            else:
                found[name] = SAID
        return found

    def _word(self, value: ast.expr, name: str, words: tuple[str, ...]) -> str:
        word = value.value if isinstance(value, ast.Constant) else None
        if word not in words:
            self._add(value, f"{name} should be one of {', '.join(words)}")
            return words[0]
        return str(word)

    def _depth(self, value: ast.expr) -> int:
        depth = value.value if isinstance(value, ast.Constant) else None
        if type(depth) is not int or not SHORTEST <= depth <= DEEPEST:
            self._add(value, f"DEPTH should be a whole number from {SHORTEST} to {DEEPEST}")
            return SHORTEST
        return depth

    def _words(self, value: ast.expr) -> Words:
        try:
            words = msgspec.convert(ast.literal_eval(value), dict[str, str])
            unknown = next((one for one in words if one not in Words.__struct_fields__), None)
            if unknown is not None:
                self._add(value, f"unknown word {unknown!r}{forms.near(unknown, Words.__struct_fields__)}")
                return Words()
            for text in words.values():
                text.format("x", d="1.0", args="x")
            return Words(**words)
        except (ValueError, SyntaxError, msgspec.ValidationError, LookupError, TypeError):
            self._add(value, 'WORDS is a dict of templates, as {"leaf": "Value({})", "backward": "{}.backward({d})"}')
            return Words()

    def _written(self, value: ast.expr) -> dict[str, str]:
        try:
            shown = msgspec.convert(ast.literal_eval(value), dict[str, str])
        except (ValueError, SyntaxError, TypeError, msgspec.ValidationError):
            self._add(value, 'SHOWN is a dict, as {"sum": "summation", "max": ".max"}')
            return {}
        for name, how in shown.items():
            if name not in KNOWN_OPERATIONS:
                near = forms.near(name, KNOWN_OPERATIONS)
                self._add(value, f"unknown operation {name!r}{near}; one of {', '.join(KNOWN_OPERATIONS)}")
            elif not _is_written(how):
                said = "should be a function's name, a method's after a dot, or a template as '{0}.permute(*{1})'"
                self._add(value, f"{how!r} {said}")
        return shown

    def _recognised(self, value: ast.expr) -> tuple[str, ...]:
        try:
            return tuple(msgspec.convert(ast.literal_eval(value), list[str]))
        except (ValueError, SyntaxError, msgspec.ValidationError):
            self._add(value, 'RECOGNISED_BY is a list of names, as ["Value", "autodiff.backpropagate"]')
            return ()

    def dialect(self) -> Dialect:
        """Return what was read."""
        named: dict[str, str | None] = self._constants.get("OPERATIONS", {})
        names = tuple(dict.fromkeys(_free(self._tree)))
        used = [name for node in self._tree.body if not _is_table(node) for name in _names_in(node)]
        return Dialect(
            name="",
            functions=tuple(sorted(self._functions)),
            operations={op: how for op, how in named.items() if how is not None},
            lacking=tuple(op for op, how in named.items() if how is None),
            again=self._constants.get("AGAIN", "unasked"),
            depth=self._constants.get("DEPTH", 900),
            numbers=self._constants.get("NUMBERS", "leaves"),
            words=self._constants.get("WORDS", Words()),
            names=names,
            taken_by={
                op: tuple(name for name in dict.fromkeys(_names_in(said)) if name in names and name not in used)
                for op, said in _table(self._tree)
            },
            recognised=self._constants.get("RECOGNISED_BY", ()),
            shown=self._constants.get("SHOWN", {}),
            lines={name: node.lineno for node in self._tree.body for name in defined_by(node)},
        )


def _is_table(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and defined_by(node) == ["OPERATIONS"]


def _table(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield each operation of a file's table, with what is said of it."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and _is_table(node) and isinstance(node.value, ast.Dict):
            for key, said in zip(node.value.keys, node.value.values):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, said


def _names_in(node: ast.AST) -> Iterator[str]:
    return (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _is_written(how: str) -> bool:
    """Say whether an operation can be written that way: by a name, or by a template that is Python once it is filled.

    >>> _is_written("summation"), _is_written(".sum"), _is_written("{0}.sum({1})"), _is_written("{0}.sum({1}")
    (True, True, True, False)
    """
    if "{0}" not in how:
        return all(part.isidentifier() for part in how.removeprefix(".").split("."))
    try:
        ast.parse(how.format("x", "y", "z", ""), mode="eval")
    except (SyntaxError, ValueError, LookupError):
        return False
    return True


def _free(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a file uses and neither defines nor imports: those are the student's."""
    own = {name for node in tree.body for name in defined_by(node)}
    own |= {alias.asname or alias.name.partition(".")[0] for node in ast.walk(tree) for alias in _aliases(node)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            args = node.args
            own |= {one.arg for one in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
            own |= {one.arg for one in (args.vararg, args.kwarg) if one is not None}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            own.add(node.name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in own and not hasattr(builtins, node.id):
            yield node.id


def _aliases(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else []
