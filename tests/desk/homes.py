"""A student's folder with an assignment above it, and the command line as a student runs it there."""

from __future__ import annotations

import ast
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.assignment import template
from grader.assignment.exercise import in_package
from grader.bundle import student
from grader.grading import config
from grader.sandbox.boundary.protocol import file_of
from tests.conftest import ROOT

MODULE1 = "examples/module1/config.yaml"


def home(folder: Path) -> Path:
    """Lay out the course's files in a folder and return the template in it, as in a clone."""
    for name in ("exercises", "student_template"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "reference", folder / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.yaml", folder)
    (folder / "examples" / "module1").mkdir(parents=True)
    shutil.copy(ROOT / MODULE1, folder / MODULE1)
    return folder / "student_template"


def solve(template: Path, *modules: str) -> None:
    """Write the solution of some modules into a template."""
    for name in modules:
        shutil.copy(ROOT / "reference" / f"{name}.py", template / "minitorch")


def environment() -> dict[str, str]:
    """Return what a command is run with: this project, 80 columns."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "80", "LC_ALL": "C.UTF-8"}


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `grader check` in a folder."""
    command = [sys.executable, "-m", "grader", "check", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=60)


def unpacked(folder: Path, name: str = "config.yaml", notebook: bool = False) -> Path:
    """Unpack the handout of an assignment and return the folder that students work in."""
    with zipfile.ZipFile(io.BytesIO(student.build(config.load(ROOT / name), None, notebook))) as archive:
        archive.extractall(folder)
        return folder / archive.namelist()[0].partition("/")[0]


def installed(handout: Path, site: Path) -> None:
    """Lay out in a folder what pip would: the handout's wheels, and msgspec."""
    for wheel in handout.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    shutil.copytree(Path(msgspec.__file__).parent, site / "msgspec", dirs_exist_ok=True)


def fill_in(handout: Path, name: str = "config.yaml") -> None:
    """Write the reference's solutions where an unpacked handout says TODO, and nowhere else."""
    layout = config.load(ROOT / name)
    for module in layout.layout.modules:
        path = handout / in_package(layout.layout.package, file_of(module))
        notebook = handout / f"{module}.ipynb"
        if not path.is_file() and not notebook.is_file():
            continue
        source = (layout.reference / file_of(module)).read_text("utf-8")
        if notebook.is_file():
            content = json.loads(notebook.read_text("utf-8"))
            for cell in content["cells"]:
                if cell["cell_type"] == "code":
                    cell["source"] = _filled_in("".join(cell["source"]), source)
            notebook.write_text(json.dumps(content), "utf-8")
        else:
            path.write_text(_filled_in(path.read_text("utf-8"), source), "utf-8")
    if (handout / "answers.yaml").is_file():
        shutil.copy(layout.reference / "answers.yaml", handout)


def _filled_in(text: str, source: str) -> str:
    lines, solved = text.splitlines(), source.splitlines()
    there = dict(_functions(source))
    for name, node in reversed(list(_functions(text))):
        if any("# TODO" in line for line in lines[node.lineno - 1 : node.end_lineno]):
            lines[node.lineno - 1 : node.end_lineno] = solved[there[name].lineno - 1 : there[name].end_lineno]
    for span in template.solutions(source):  # a helper that only the solution has
        if solved[span.start - 1].startswith("def "):
            lines += ["", "", *solved[span.start - 1 : span.stop - 1]]
    return "\n".join(lines) + "\n"


def _functions(text: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions and methods of a module, in their order, properties and their setters apart."""
    for top in ast.parse(text).body:
        inside = top.body if isinstance(top, ast.ClassDef) else [top]
        for one in inside:
            if isinstance(one, ast.FunctionDef):
                above = f"{top.name}." if isinstance(top, ast.ClassDef) else ""
                yield f"{above}{one.name}{len(one.decorator_list)}", one
