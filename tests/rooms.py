"""What imports what in `grader`: modules, rooms (packages, and modules loose at the top), floors."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

GRADER = Path(__file__).parents[1] / "grader"


@cache
def texts() -> dict[str, str]:
    """Return each module's source by its dotted name below `grader`; the package itself is "".

    The dialects are no modules: they are read as text, and run beside a student's names.
    """
    paths = (path for path in sorted(GRADER.rglob("*.py")) if path.parent != GRADER / "sandbox" / "dialects")
    return {_name(path): path.read_text("utf-8") for path in paths}


@cache
def modules() -> dict[str, ast.Module]:
    """Return each module's syntax tree. Who wants names alone takes them from `texts`: parsing all takes seconds."""
    return {name: ast.parse(text) for name, text in texts().items()}


def _name(path: Path) -> str:
    parts = path.relative_to(GRADER).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports: ours below `grader`, others as their top name with a colon before it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            assert node.module is not None
            below = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name.removeprefix("grader.") in modules() else node.module for name in below]
        else:
            continue
        for name in names:
            ours = name == "grader" or name.startswith("grader.")
            yield name.removeprefix("grader").removeprefix(".") if ours else f":{name.partition('.')[0]}"


def room(module: str) -> str:
    """Return the room that a module is in: its package, or itself where it lies loose at the top."""
    if (GRADER / module.replace(".", "/") / "__init__.py").is_file():
        return module or "grader"
    return module.rpartition(".")[0] or module


@cache
def arrows() -> dict[str, frozenset[str]]:
    """Return which rooms each room imports from."""
    found: dict[str, set[str]] = {room(name): set() for name in modules()}
    for name, tree in modules().items():
        ours = (room(one) for one in imports(tree) if not one.startswith(":"))
        found[room(name)].update(one for one in ours if one != room(name))
    return {name: frozenset(others) for name, others in found.items()}


def floors(arrows: Mapping[str, frozenset[str]]) -> int:
    """Return the number of rooms on the longest way down.

    Raises ValueError where rooms import each other in a circle.
    """
    known: dict[str, int] = {}

    def floor(name: str, way: tuple[str, ...]) -> int:
        if name in way:
            raise ValueError(f"a circle of imports: {' -> '.join((*way, name))}")
        if name not in known:
            known[name] = 1 + max((floor(below, (*way, name)) for below in arrows[name]), default=0)
        return known[name]

    return max(floor(name, ()) for name in arrows)
