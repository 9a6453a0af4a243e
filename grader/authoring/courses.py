"""A new course from a few answers: its dialect, first exercises for its variables, and a configuration.

What is written is a pack: it is laid beside the author's solved file, and tried on it as any dialect is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.assignment import dialects
from grader.errors import UsageError

FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sigmoid", "relu")
"""Methods of a variable that an exercise is written for, where the class has them."""

DOMAINS = {
    "power": "-100..100",
    "exp": "-20..20",
    "log": "positive",
    "sqrt": "positive",
    "tan": "-1..1",
    "tanh": "-5..5",
    "sigmoid": "-20..20",
}
REFLECTED = {"__radd__": "2 + x", "__rmul__": "3 * x", "__rsub__": "2 - x", "__rtruediv__": "2 / x"}
PLAIN = {"__add__": "x + y", "__mul__": "x * y", "__neg__": "-x", "__sub__": "x - y", "__truediv__": "x / y"}
CONFIG = """# Every key is explained in the grader's own config.yaml.
format: 1
assignment: {id}
title: {title}
exercises: [exercises]
through: dialect.py
layout: {{package: {package}, modules: [{module}], reference: reference}}
submissions: submissions
out: reports
"""

STUDENTS = """# {title}

Write what is marked `TODO`, and run `grader check`.
"""

DIALECT = '''"""How this course's variables are made, sent back through and read. `grader lint` tries each function."""

RECOGNISED_BY = ["{name}"]
OPERATIONS = {operations}
AGAIN = "unasked"
WORDS = {words}


def leaf(value):
    return {leaf}


def value(v):
    return {value}


def backward(v, d):
    {backward}


def gradient(v):
    return {gradient}
'''


class Answers(msgspec.Struct, frozen=True):
    """What an author says: the class, the file that it is solved in, and how students write the four things.

    In the templates `{}` stands for the number or the variable, and `{d}` for what is sent back.
    """

    title: str
    name: str
    solved: Path
    package: str
    leaf: str
    value: str
    backward: str
    gradient: str


def written(answers: Answers) -> dict[str, bytes]:
    """Return the files of the course, path -> content. Raises UsageError where an answer cannot be used."""
    source = _read(answers.solved)
    methods = _methods(source, answers)
    module = answers.solved.stem
    identity = re.sub(r"[^a-z0-9]+", "-", answers.title.casefold()).strip("-") or "course"
    config = CONFIG.format(id=identity, title=_quoted(answers.title), package=answers.package, module=module)
    dialect = _dialect(answers, methods)
    dialects.parse(dialect, "dialect.py", "dialect.py")
    return {
        "config.yaml": config.encode(),
        "dialect.py": dialect.encode(),
        "exercises/operations.yaml": _operations(answers, methods, module).encode(),
        "exercises/walk.yaml": _walk(answers, methods, module).encode(),
        f"reference/{module}.py": source.encode(),
        "reference/__init__.py": _quoted(answers.title).encode() + b"\n",
        "reference/README.student.md": STUDENTS.format(title=answers.title).encode(),
        f"submissions/solved/{answers.package}/{module}.py": source.encode(),
    }


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from None


def _methods(source: str, answers: Answers) -> frozenset[str]:
    """Return what the class defines. Raises UsageError where the file has no such class."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise UsageError(f"{answers.solved}:{error.lineno}: is no Python: {error.msg}") from None
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    found = next((node for node in classes if node.name == answers.name), None)
    if found is None:
        there = ", ".join(node.name for node in classes) or "none"
        raise UsageError(f"{answers.solved}: there is no class {answers.name}; its classes: {there}")
    named = [node.name for node in found.body if isinstance(node, ast.FunctionDef)]
    targets = [one for node in found.body if isinstance(node, ast.Assign) for one in node.targets]
    return frozenset((*named, *(one.id for one in targets if isinstance(one, ast.Name))))


def _dialect(answers: Answers, methods: frozenset[str]) -> str:
    sent = answers.backward
    scaled = "{d}" not in sent
    code = sent.format("v", d="d") if not scaled else sent.format(f"(v * {answers.leaf.format('d')})")
    words = {"leaf": answers.leaf, "value": answers.value, "gradient": answers.gradient}
    words |= {"backward": sent.replace("{}", "({} * {d})"), "plain": sent} if scaled else {"backward": sent}
    return DIALECT.format(
        name=answers.name,
        operations={name: name for name in FUNCTIONS if name in methods},
        words=words,
        leaf=answers.leaf.format("value"),
        value=answers.value.format("v"),
        backward=code,
        gradient=answers.gradient.format("v"),
    )


def _operations(answers: Answers, methods: frozenset[str], module: str) -> str:
    formulas = {name.strip("_"): text for name, text in {**PLAIN, **REFLECTED}.items() if name in methods}
    if "__pow__" in methods:
        formulas["power"] = "x ** 3"
    formulas |= {name: f"{name}(x)" for name in FUNCTIONS if name in methods}
    lines = [
        f"  {name}: {{arguments: {{{_arguments(name, text)}}}, value: {_yaml(text)}}}"
        for name, text in formulas.items()
    ]
    if "__add__" in methods and "__mul__" in methods:
        lines.append("  used-twice: {arguments: {x: -100..100}, value: x * x + x}")
    if not lines:
        raise UsageError(f"{answers.solved}: {answers.name} has no operation that an exercise could be written for")
    return _file("expression", answers.name, module, "checks: {value: 1, gradient: 2}\nexercises:\n", lines)


def _walk(answers: Answers, methods: frozenset[str], module: str) -> str:
    there = {"__add__", "__mul__", "__neg__"} <= methods
    if not there:
        raise UsageError(f"{answers.name} needs __add__, __mul__ and __neg__: graphs are made of these")
    lines = ["operations: [add, mul, neg]", "checks: {gradients: 8, lone_leaf: 1, cost: 1}"]
    head = 'id: backward\ntitle: Going back through a graph\nstatement: "Every variable gets its derivative."\n'
    return _file("graph", answers.name, module, head + "build: operators\n", lines)


def _file(kind: str, name: str, module: str, head: str, lines: list[str]) -> str:
    return "\n".join([f"format: 1\nkind: {kind}\nfile: {module}.py\nunder_test: [{name}]\n{head}".rstrip(), *lines, ""])


def _arguments(name: str, text: str) -> str:
    return ", ".join(_domains(name, text))


def _domains(name: str, text: str) -> Iterator[str]:
    for argument in ("x", "y"):
        if re.search(rf"\b{argument}\b", text):
            divisor = re.search(rf"/ {argument}", text) is not None
            yield f"{argument}: {'nonzero' if divisor else DOMAINS.get(name, 'real')}"


def _yaml(text: str) -> str:
    return f'"{text}"' if text.startswith("-") else text


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
