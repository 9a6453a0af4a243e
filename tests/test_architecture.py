"""The layers of docs/architecture.md, which rooms keep to, and what modules may do: import, print, have effects."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

from tests.rooms import GRADER, arrows, floors, imports, modules, room, texts

ARCHITECTURE = GRADER.parent / "docs" / "architecture.md"

MOST_ROOMS, MOST_FLOORS, MOST_LOOSE = 30, 14, 4


def layers() -> list[list[str]]:
    """Read the one list of layers, top to bottom: the table under "Layers" in docs/architecture.md."""
    section = ARCHITECTURE.read_text("utf-8").partition("\n## Layers\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| \d+ \| (.+?) \|", section, re.MULTILINE)
    return [re.findall(r"`([^`]+)`", row) for row in rows]


LEVEL = {name: level for level, names in enumerate(layers()) for name in names}


def test_every_room_has_one_place_in_the_table_of_layers() -> None:
    listed = [name for names in layers() for name in names]
    assert sorted(listed) == sorted(arrows()), "docs/architecture.md lists other rooms than there are"


@pytest.mark.parametrize("name", sorted(texts()))
def test_imports_go_down_only(name: str) -> None:
    for imported in imports(modules()[name]):
        if not imported.startswith(":") and room(imported) != room(name):
            above = LEVEL[room(imported)] <= LEVEL[room(name)]
            assert not above, f"{name} imports {imported}, which does not lie below it"


def test_the_house_stays_small() -> None:
    loose = [name for name in modules() if "." not in name and room(name) == name and name in _files_at_the_top()]
    assert len(loose) <= MOST_LOOSE, loose
    assert len(arrows()) <= MOST_ROOMS
    assert floors(arrows()) <= MOST_FLOORS  # raises where two rooms import each other, or more go round in a circle
    up = [(one, other) for one, below in arrows().items() for other in below if LEVEL[other] <= LEVEL[one]]
    print(f"{len(arrows())} rooms, {floors(arrows())} floors, {sum(map(len, arrows().values()))} arrows, {len(up)} up")
    assert not up


def _files_at_the_top() -> set[str]:
    return {path.stem for path in GRADER.glob("*.py")} - {"__init__"}


def test_a_circle_of_rooms_is_found() -> None:
    with pytest.raises(ValueError, match="a -> b -> a"):
        floors({"a": frozenset({"b"}), "b": frozenset({"a"})})


JUDGES = ("exercise_kinds", "oracle", "judging", "diagnosis")


def test_no_judge_knows_how_workers_are_reached() -> None:
    for name, tree in modules().items():
        if name.startswith(JUDGES):
            known = {one for one in imports(tree) if one.startswith("sandbox")}
            assert all(one.startswith(("sandbox.boundary.protocol", "sandbox.probes")) for one in known), name


IN_THE_BOX = (
    *("sandbox.boundary", "sandbox.probes", "sandbox.worker", "sandbox.from_formulas"),
    *("sandbox.zygote", "sandbox.serving", "sandbox.locked_worker", "sandbox.local_worker"),
)
"""What runs beside a student's code."""

STANDARD = frozenset(
    (
        *("__future__", "array", "builtins", "collections", "contextlib", "ctypes", "decimal", "errno", "fractions"),
        *("functools", "gc", "genericpath", "importlib", "io", "itertools", "linecache", "marshal", "math"),
        *(
            "msvcrt",
            "opcode",
            "operator",
            "os",
            "posixpath",
            "queue",
            "re",
            "resource",
            "select",
            "signal",
            "socket",
            "stat",
            "struct",
        ),
        *("sys", "threading", "types", "typing"),
    )
)


WITH_NUMPY = ("sandbox.worker.array_values", ":numpy")
"""The one place in the box that imports numpy, when a question on arrays is answered."""


def test_numpy_is_imported_for_arrays_alone_and_late() -> None:
    late = {"sandbox.worker.array_values"}
    whole = {"oracle.array_dual", "diagnosis.array_cases", "diagnosis.array_mistakes", "diagnosis.array_naming"}
    for name, tree in modules().items():
        at_the_top = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
        assert ("numpy" in at_the_top) == (name in whole), name
        assert (":numpy" in set(imports(tree))) == (name in late | whole), name
    above = "import sys, grader.cli.grade, grader.exercise_kinds.kinds as kinds; list(kinds.KINDS.values())"
    told = subprocess.run(
        [sys.executable, "-c", f"{above}; print('numpy' in sys.modules)"], capture_output=True, check=True
    )
    assert told.stdout.decode().strip() == "False"


@pytest.mark.parametrize("name", [name for name in texts() if name.startswith(IN_THE_BOX)])
def test_the_box_imports_itself_msgspec_and_the_standard_library_only(name: str) -> None:
    for imported in imports(modules()[name]):
        other = imported.removeprefix(":")
        if (name, imported) == WITH_NUMPY:
            continue
        allowed = other in STANDARD or other == "msgspec" if imported != other else imported.startswith(IN_THE_BOX)
        assert allowed, f"{name} imports {imported}"


def test_the_reference_is_never_imported() -> None:
    for name, tree in modules().items():
        assert ":reference" not in set(imports(tree)), name


def test_only_the_command_line_prints_or_exits() -> None:
    for name, tree in modules().items():
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        called = {function.id for function in calls if isinstance(function, ast.Name)}
        if not name.startswith("cli"):
            assert not called & {"print", "input", "exit", "quit", "breakpoint"}, name


def test_every_public_name_has_a_docstring() -> None:
    for name, tree in modules().items():
        assert ast.get_docstring(tree), f"{name} says nothing about itself"
        for node in tree.body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{name}.{node.name}"


PURE = (
    *("oracle", "judging", "diagnosis", "exercise_kinds", "model", "audit.mutants", "audit.findings", "audit.plants"),
    *("assignment.exercises", "assignment.late", "assignment.addresses", "assignment.formulas", "assignment.seeds"),
    *("grading.allowance", "grading.likeness", "grading.from_formulas", "grading.needs", "grading.python_messages"),
    *("grading.scoring", "reports.overview", "reports.heatmap", "reports.scores", "reports.junit", "reports.told"),
    *("platforms.gradescope.metadata", "platforms.gradescope.results", "reports.zipped", "bundle.requirements"),
    *("authoring.mathematics", "authoring.sheet", "authoring.explaining", "platforms.canvas.push.shown"),
    *("platforms.canvas.gradebook", "platforms.canvas.names", "platforms.canvas.push.plan", "platforms.moodle"),
    *("platforms.prairielearn", "platforms.result_json", "submissions.people"),
    *("course.claims", "course.matching", "course.standings", "course.decisions", "course.lateness", "course.told"),
    *("course.hints", "course.cells", "reports.marked", "assignment.decimals"),
    *("reports.graph_layout", "reports.trace_drawing", "reports.trace_frames", "reports.outcome_html"),
)
EFFECTS = {":subprocess", ":socket", ":multiprocessing", ":os", ":shutil", ":tempfile", ":signal", "sandbox.supervisor"}


def test_judging_has_no_effects() -> None:
    for name, tree in modules().items():
        if name.startswith(PURE):
            assert not EFFECTS & set(imports(tree)), name
