"""Imports go down only, the box imports nothing of ours but itself, and only the command line prints."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

GRADER = Path(__file__).parents[1] / "grader"

LAYERS = (
    {"__main__"},
    {"cli", "pytest_plugin"},
    {"bundle", "platforms.gradescope.container"},
    {"audit", "authoring", "cohort", "course", "desk", "engines", "pages", "platforms", "regrading", "reports"},
    {"grading"},
    {"allowance", "likeness", "loading", "remarks", "second_chance", "session"},
    {"planning"},
    {"planted"},
    {"sandbox.supervisor", "sandbox.tiers", "scoring", "submissions", "provided", "config", "template"},
    {"made", "needs"},
    {"messages"},
    {"late"},
    {"sandbox.launch"},
    {"sandbox.remote", "sandbox.staging"},
    {"checks"},
    {"diagnosis"},
    {"misconceptions", "regions"},
    {"mistakes"},
    {"graph_mistakes"},
    {"graphs", "shrinking"},
    {"judging"},
    {"second_look"},
    {"numerics", "inputs", "formulas"},
    {"exercises"},
    {"addresses", "forms", "late", "nodes", "sandbox", "seeds", "stand_ins"},
    {"oracle"},
    {"quoting"},
    {"course.people", "model", "errors", "remembered"},
)
"""Top to bottom. A module may import from its own layer and from those below it."""

IN_THE_BOX = (
    "sandbox.worker",
    "sandbox.kinds",
    "sandbox.protocol",
    "sandbox.lockdown",
    "sandbox.arguments",
    "sandbox.bpf",
    "sandbox.syscalls",
    "sandbox.control",
    "sandbox.zygote",
)


@functools.cache
def modules() -> list[tuple[str, ast.Module]]:
    found = []
    for path in sorted(GRADER.rglob("*.py")):
        name = ".".join(path.relative_to(GRADER).with_suffix("").parts).removesuffix(".__init__")
        found.append((name, ast.parse(path.read_text())))
    return found


@functools.cache
def imports(tree: ast.Module) -> tuple[str, ...]:
    return tuple(_imports(tree))


def _imports(tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports: ours relative to `grader`, others by their top name with a colon before it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            names = [
                f"{node.module}.{alias.name}" if node.module == "grader" else str(node.module) for alias in node.names
            ]
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield name.removeprefix("grader.") if name.startswith("grader.") else f":{name.partition('.')[0]}"


def layer(name: str) -> int:
    """Return the layer of the longest prefix of `name` that has one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        for i, names in enumerate(LAYERS):
            if ".".join(parts[:length]) in names:
                return i
    return len(LAYERS) - 1


@pytest.mark.parametrize(("name", "tree"), [pytest.param(name, tree, id=name or "grader") for name, tree in modules()])
def test_imports_go_down_only(name: str, tree: ast.Module) -> None:
    for imported in imports(tree):
        if not imported.startswith(":"):
            assert layer(imported) >= layer(name), f"{name} imports {imported}, which lies above it"


@pytest.mark.parametrize(
    ("name", "tree"), [pytest.param(name, tree, id=name) for name, tree in modules() if name.startswith(IN_THE_BOX)]
)
def test_the_box_imports_itself_msgspec_and_the_standard_library_only(name: str, tree: ast.Module) -> None:
    for imported in imports(tree):
        outside = ("supervisor", "staging", "remote", "launch", "tiers")
        ours = imported.startswith(("sandbox", "sandbox.")) and not imported.startswith(
            tuple(f"sandbox.{one}" for one in outside)
        )
        assert ours or imported in STANDARD, f"{name} imports {imported}"


STANDARD = {
    f":{name}"
    for name in (
        *(
            "__future__",
            "array",
            "builtins",
            "collections",
            "contextlib",
            "ctypes",
            "decimal",
            "fractions",
            "functools",
            "errno",
            "genericpath",
            "opcode",
            "posixpath",
            "stat",
        ),
        "gc",
        *(
            "importlib",
            "io",
            "linecache",
            "marshal",
            "msgspec",
            "operator",
            "queue",
            "re",
            "os",
            "resource",
            "select",
            "signal",
            "socket",
        ),
        *("struct", "sys", "threading", "types", "typing", "grader"),
    )
}


def test_the_reference_is_never_imported() -> None:
    for name, tree in modules():
        assert ":reference" not in set(imports(tree)), name


def test_only_the_command_line_prints_or_exits() -> None:
    for name, tree in modules():
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        if not name.startswith("cli"):
            assert not called & {"print", "input", "exit", "quit", "breakpoint"}, name


def test_every_public_name_has_a_docstring() -> None:
    for name, tree in modules():
        assert ast.get_docstring(tree), f"{name} says nothing about itself"
        for node in tree.body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{name}.{node.name}"


PURE = (
    *("checks", "diagnosis", "judging", "second_look", "numerics", "inputs", "formulas", "scoring", "oracle"),
    *("graphs", "graph_mistakes", "misconceptions", "mistakes", "regions", "shrinking", "planted"),
    *("allowance", "likeness", "seeds", "messages", "quoting", "made", "needs", "audit.findings", "audit.plants"),
    *("reports.overview", "reports.heatmap", "reports.scores"),
    *("exercises", "late", "model", "remembered"),
    *("platforms.gradescope.metadata", "platforms.gradescope.results", "bundle.archive", "bundle.requirements"),
    *("authoring.mathematics", "authoring.sheet", "authoring.explaining"),
    *("platforms.canvas.gradebook", "platforms.canvas.names", "platforms.canvas.push.plan", "course.claims"),
    *("platforms.canvas.push.shown", "platforms.moodle", "platforms.prairielearn", "platforms.result_json"),
    *("addresses", "course.matching", "course.people", "course.standings", "reports.junit", "reports.told"),
)
EFFECTS = {":subprocess", ":socket", ":multiprocessing", ":os", ":shutil", ":tempfile", ":signal", "sandbox.supervisor"}


def test_judging_has_no_effects() -> None:
    for name, tree in modules():
        if name.startswith(PURE):
            assert not EFFECTS & set(imports(tree)), name
