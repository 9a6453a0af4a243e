"""A template as a notebook: a text cell with the statement, and a code cell per class or function."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from grader.assignment.definitions import DEFINITIONS, leads_to
from grader.assignment.exercise import Exercise, in_package
from grader.bundle.parts import first_line
from grader.errors import UsageError
from grader.sandbox.boundary.protocol import file_of

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
RELATIVE = re.compile(r"(?m)^(\s*from\s+)\.(\w[\w.]*)?(\s+import\b)")


def name_of(file: str) -> str:
    """Return what a module's notebook is called. It lies beside the package, so that it can import from it."""
    return PurePosixPath(file).with_suffix(".ipynb").name


def instead(
    files: Mapping[str, str], package: str, modules: Sequence[str], exercises: Sequence[Exercise] = ()
) -> dict[str, str]:
    """Return a template's files with notebooks in place of the modules that nothing else imports.

    A notebook cannot be imported, so the others stay as they are, as do those that none of the `exercises` asks for,
    where there are any. Raises UsageError where none can be a notebook.
    """
    paths = {name: in_package(package, file_of(name)) for name in modules}
    imported = {found for name, path in paths.items() for found in _imported(files[path], name, modules)}
    asked = {one.module for one in exercises if not one.on_paper} or set(modules)
    chosen = [name for name in modules if name not in imported and name in asked and "." not in name]
    if not chosen:
        raise UsageError("no module can be a notebook: each that something is asked in is imported by another")
    made = {path: text for path, text in files.items() if path not in {paths[name] for name in chosen}}
    for name in chosen:
        stated = [one for one in exercises if one.module == name and not one.on_paper]
        made[name_of(file_of(name))] = notebook(files[paths[name]], package, stated)
    return made


def _imported(text: str, asker: str, modules: Sequence[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inside = ".".join(filter(None, (node.module, alias.name)))
                yield leads_to(inside, node.level, asker, modules)
            yield leads_to(node.module or "", node.level, asker, modules)


def notebook(text: str, package: str, exercises: Sequence[Exercise] = ()) -> str:
    """Return a module as a notebook. What it imports from its own package is imported by the package's name.

    >>> cells = json.loads(notebook("'Boxes.'\\n\\nimport math\\n\\n\\ndef f(x):\\n    return x\\n", ""))["cells"]
    >>> [(one["cell_type"], "".join(one["source"])) for one in cells]
    [('markdown', 'Boxes.'), ('code', 'import math'), ('code', 'def f(x):\\n    return x')]
    """
    tree = ast.parse(text)
    lines = RELATIVE.sub(rf"\1{package}.\2\3" if package else r"\1\2\3", text).splitlines()
    cells = [_cell("markdown", ast.get_docstring(tree) or "")] if ast.get_docstring(tree) else []
    body = tree.body[1:] if cells else tree.body
    told: set[str] = set()
    start = (tree.body[0].end_lineno or 0) if cells else 0
    for i, node in enumerate(body):
        end = _end(lines, node, body[i + 1] if i + 1 < len(body) else None)
        alone = isinstance(node, DEFINITIONS) or i + 1 == len(body) or isinstance(body[i + 1], DEFINITIONS)
        if not alone:
            continue
        about = [one for one in exercises if one.id not in told and getattr(node, "name", "") in one.under_test]
        cells += [_cell("markdown", "\n\n".join(map(_stated, about)))] if about else []
        told |= {one.id for one in about}
        cells.append(_cell("code", "\n".join(lines[start:end]).strip("\n")))
        start = end
    return json.dumps({"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 4}, indent=1) + "\n"


def _end(lines: Sequence[str], node: ast.stmt, following: ast.stmt | None) -> int:
    """Return the line after which a statement's cell ends: comments above the next belong to that."""
    if following is None:
        return len(lines)
    end = first_line(following) - 1
    while end > (node.end_lineno or 0) and lines[end - 1].startswith("#"):
        end -= 1
    return end


def _stated(exercise: Exercise) -> str:
    return f"**{exercise.title}** (`--exercise {exercise.id}`)\n\n{exercise.statement.strip()}"


def _cell(kind: str, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell
