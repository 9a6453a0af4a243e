"""Modules in folders: found however they are handed in, provided, imported upward, cut into a template."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from grader.assignment import template
from grader.assignment.definitions import leads_to
from grader.assignment.forms import FormError
from grader.authoring import linting
from grader.batch import cohort
from grader.bundle import student
from grader.grading import config
from grader.grading.config import Assignment
from grader.grading.grader import Grader
from grader.model import Result, Submission
from grader.sandbox.supervisor import Supervisor
from grader.selfcheck import finding, rounds
from grader.selfcheck.finding import Found, Place
from grader.submissions.handed_in import find
from grader.submissions.homes import Layout

CONFIG = """\
format: 1
assignment: hw
title: Homework
exercises: [exercises.yaml]
layout: {package: needle, modules: [engine, ops.arithmetic]}
corpus: {public: 8, private: 8}
"""

EXERCISES = """\
format: 1
kind: values
arguments: {x: real}
checks: {value: 1}
exercises:
  half: {file: engine.py, function: half, value: x / 2}
  quarter: {file: ops/arithmetic.py, function: quarter, value: x / 4}
  eighth: {file: ops/arithmetic.py, function: eighth, value: x / 8}
"""

ENGINE = """\
def half(x):
    # solution: halve it
    return x / 2
    # end solution


def twice_halved(x):
    return half(half(x))
"""

ARITHMETIC = """\
from ..engine import half, twice_halved


def quarter(x):
    # solution: halve it twice
    return twice_halved(x)
    # end solution


def eighth(x):
    # solution: halve a quarter
    return half(quarter(x))
    # end solution
"""


def using(*lines: str) -> str:
    """Return an engine that does something whenever it is called."""
    return ENGINE.replace("    return x / 2", "".join(f"    {line}\n" for line in lines) + "    return x / 2")


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """An assignment with a module in a folder."""
    root = tmp_path_factory.mktemp("dotted")
    (root / "reference" / "ops").mkdir(parents=True)
    (root / "reference" / "__init__.py").write_text("")
    (root / "reference" / "engine.py").write_text(ENGINE)
    (root / "reference" / "ops" / "arithmetic.py").write_text(ARITHMETIC)
    (root / "reference" / "ops" / "__init__.py").write_text('"""Operations."""\n')
    (root / "exercises.yaml").write_text(EXERCISES)
    (root / "config.yaml").write_text(CONFIG)
    return config.load(root / "config.yaml")


@pytest.fixture(scope="module")
def grade(assignment: Assignment) -> Iterator[Callable[[Submission], Result]]:
    """Grade one submission, with workers that stay."""
    box, _ = cohort.open_box(assignment)
    with Supervisor(box) as supervisor:
        yield Grader(cohort.plan(assignment, supervisor, 1), supervisor).grade


def layout(assignment: Assignment) -> Layout:
    return cohort.layout(assignment)


def handed_in(folder: Path, files: Mapping[str, str], assignment: Assignment) -> Submission:
    for name, text in files.items():
        path = folder / "u1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (found,) = find(folder, layout(assignment))
    return found


def points(result: Result) -> dict[str, str]:
    return {one.id: str(one.earned) for one in result.exercises}


RIGHT = {"half": "1", "quarter": "1", "eighth": "1"}
FLAT = ARITHMETIC.replace("..engine", ".engine")

FOLDERS = {
    "as asked": {"needle/engine.py": ENGINE, "needle/ops/arithmetic.py": ARITHMETIC},
    "without the package": {"engine.py": ENGINE, "ops/arithmetic.py": ARITHMETIC},
    "in a repository": {
        "repo-main/python/needle/engine.py": ENGINE,
        "repo-main/python/needle/ops/arithmetic.py": ARITHMETIC,
        "repo-main/setup.py": "raise SystemExit",
        "repo-main/tests/ops/arithmetic.py": "raise SystemExit",
    },
    "a folder in the wrong case": {
        "needle/engine.py": using("from .Ops.arithmetic import quarter", "from needle.Ops import arithmetic"),
        "needle/Ops/arithmetic.py": ARITHMETIC,
    },
    "a file in the wrong case": {"needle/engine.py": ENGINE, "needle/ops/Arithmetic.py": ARITHMETIC},
    "beside the others": {"engine.py": ENGINE, "arithmetic.py": FLAT},
    "beside the others, by bare names": {
        "engine.py": using("import arithmetic", "from .arithmetic import quarter"),
        "arithmetic.py": ARITHMETIC.replace("..engine", "engine"),
    },
    "by the package's name": {
        "needle/engine.py": ENGINE,
        "needle/ops/arithmetic.py": ARITHMETIC.replace("..engine", "needle.engine"),
    },
    "an __init__ that takes it in": {
        "needle/engine.py": ENGINE,
        "needle/ops/__init__.py": "from .arithmetic import *\nfrom .more import third\n",
        "needle/ops/more.py": "from ..engine import half\nfrom .arithmetic import quarter\nthird = quarter\n",
        "needle/ops/arithmetic.py": ARITHMETIC + "\nfrom . import third\nassert third is quarter\n",
    },
    "a helper beside it": {
        "needle/engine.py": ENGINE,
        "needle/ops/helper.py": "from ..engine import twice_halved\n",
        "needle/ops/arithmetic.py": ARITHMETIC.replace(
            "from ..engine import half, twice_halved",
            "from ..engine import half\nfrom .helper import twice_halved",
        ),
    },
    "an engine that uses it": {
        "needle/engine.py": using("import needle", "assert needle.ops.arithmetic.quarter", "import ops.arithmetic"),
        "needle/ops/arithmetic.py": ARITHMETIC,
    },
}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_right_folder_has_full_marks(
    folder: str, assignment: Assignment, grade: Callable[[Submission], Result], tmp_path: Path
) -> None:
    found = handed_in(tmp_path, FOLDERS[folder], assignment)
    assert list(found.modules) == ["engine", "ops.arithmetic"], found.problem
    result = grade(found)
    assert points(result) == RIGHT, [one.checks[0].outcome for one in result.exercises]


def test_one_file_of_two_is_graded_with_the_courses_other(
    assignment: Assignment, grade: Callable[[Submission], Result], tmp_path: Path
) -> None:
    found = handed_in(tmp_path, {"arithmetic.py": ARITHMETIC}, assignment)
    assert points(grade(found)) == {**RIGHT, "half": "0"}
    inside = handed_in(tmp_path / "again", {"ops/arithmetic.py": ARITHMETIC}, assignment)
    result = grade(inside)
    assert points(result) == {**RIGHT, "half": "0"}
    assert result.exercises[0].checks[0].outcome.reason == "engine.py was not handed in"


def test_what_is_missing_or_wrong_is_said_with_its_path(
    assignment: Assignment, grade: Callable[[Submission], Result], tmp_path: Path
) -> None:
    wrong = ARITHMETIC.replace("return twice_halved(x)", "return x").replace("def eighth", "def other")
    result = grade(handed_in(tmp_path, {"needle/engine.py": ENGINE, "needle/ops/arithmetic.py": wrong}, assignment))
    _, quarter, eighth = (one.checks[0].outcome for one in result.exercises)
    assert quarter.counterexample is not None
    assert quarter.counterexample.snippet.startswith("from needle.ops.arithmetic import quarter; ")
    assert "needle/ops/arithmetic.py:" in quarter.place or "arithmetic.py:" in quarter.place
    assert eighth.reason == "there is no eighth in ops/arithmetic.py"
    lost = grade(handed_in(tmp_path / "b", {"needle/engine.py": ENGINE}, assignment))
    assert lost.exercises[1].checks[0].outcome.reason == "ops/arithmetic.py was not handed in"


def test_a_mistake_elsewhere_costs_nothing(
    assignment: Assignment, grade: Callable[[Submission], Result], tmp_path: Path
) -> None:
    broken = ENGINE.replace("x / 2", "x / 3")
    found = handed_in(tmp_path, {"needle/engine.py": broken, "needle/ops/arithmetic.py": ARITHMETIC}, assignment)
    assert points(grade(found)) == {**RIGHT, "half": "0"}


def test_a_copy_in_the_right_folder_comes_before_a_stray_one(assignment: Assignment, tmp_path: Path) -> None:
    files = {"arithmetic.py": "", "needle/engine.py": ENGINE, "needle/ops/arithmetic.py": ARITHMETIC}
    found = handed_in(tmp_path, files, assignment)
    assert found.modules["ops.arithmetic"][0] == "needle/ops/arithmetic.py"


def test_of_two_modules_of_a_name_each_is_found_in_its_folder(tmp_path: Path) -> None:
    wanted = Layout("needle", ("a.core", "core", "b.core"), ("a.core", "core", "b.core"))
    for name in ("a/core.py", "b/core.py", "core.py"):
        (tmp_path / "u1" / "needle" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "u1" / "needle" / name).write_text(f"# {name}")
    (found,) = find(tmp_path, wanted)
    assert {name: path for name, (path, _) in found.modules.items()} == {
        "a.core": "needle/a/core.py",
        "core": "needle/core.py",
        "b.core": "needle/b/core.py",
    }


def test_the_reference_passes_its_own_lint(assignment: Assignment) -> None:
    assert linting.problems(assignment.root / "config.yaml") == []
    assert linting.failures(assignment) == []


def test_the_template_and_the_handout_have_the_folders(assignment: Assignment) -> None:
    files = template.files(assignment.reference, "needle")
    assert sorted(files) == [
        *("needle/__init__.py", "needle/engine.py", "needle/ops/__init__.py", "needle/ops/arithmetic.py")
    ]
    assert "raise NotImplementedError" in files["needle/ops/arithmetic.py"]
    (assignment.reference / "README.student.md").write_text("# Homework\n")
    with zipfile.ZipFile(io.BytesIO(student.build(assignment, None))) as handout:
        held = {name for name in handout.namelist() if name.endswith(".py")}
        assert held == {f"hw/{name}" for name in files}
        assert "`needle/ops/arithmetic.py`" in handout.read("hw/README.md").decode()


def test_the_self_check_finds_them(assignment: Assignment, tmp_path: Path) -> None:
    prepared = finding.assignment(assignment.root, assignment.root / "config.yaml").assignment
    for home in (tmp_path / "needle", tmp_path):
        (home / "ops").mkdir(parents=True)
        (home / "ops" / "arithmetic.py").write_text(ARITHMETIC)
        assert finding.home(home / "ops", Found(tmp_path, prepared)) == tmp_path
        found = rounds.read(Place(prepared, tmp_path))
        assert list(found.modules) == ["ops.arithmetic"]
        (home / "ops" / "arithmetic.py").unlink()
        (home / "ops").rmdir()
        if home != tmp_path:
            home.rmdir()


@pytest.mark.parametrize(
    ("modules", "told"),
    [
        ("[ops/arithmetic.py]", "5:37: module 'ops/arithmetic.py' should be a name such as engine, or ops.arithmetic"),
        ("[ops/arithmetic.py]", "did you mean 'ops.arithmetic'?"),
        ("[engine, ops..arithmetic]", "5:45: module 'ops..arithmetic' should be a name"),
        ("[engine, class]", "5:45: module 'class' should be a name"),
        ("[engine, Engine]", "5:45: module 'Engine' is there twice"),
    ],
)
def test_a_module_is_a_name_with_dots(modules: str, told: str, assignment: Assignment) -> None:
    path = assignment.root / "other.yaml"
    path.write_text(CONFIG.replace("[engine, ops.arithmetic]", modules))
    with pytest.raises(FormError) as caught:
        config.load(path)
    assert told in str(caught.value)


@pytest.mark.parametrize("package", ["my-package", "a.b", "../up", "class"])
def test_a_package_is_a_name_or_blank(package: str, assignment: Assignment) -> None:
    path = assignment.root / "other.yaml"
    path.write_text(CONFIG.replace("package: needle", f"package: {package}"))
    with pytest.raises(FormError, match="should be a package's name, or blank"):
        config.load(path)


@pytest.mark.parametrize("file", ["/engine.py", "../engine.py", "ops/", "ops//a.py", "a.b.py", "o/1.py", "o\\\\a.py"])
def test_a_file_is_a_path_in_the_package(file: str, assignment: Assignment) -> None:
    path = assignment.root / "exercises.yaml"
    try:
        path.write_text(EXERCISES.replace("engine.py", file))
        with pytest.raises(FormError, match=r"6:16: file .* should be a module of the student's"):
            config.load(assignment.root / "config.yaml")
    finally:
        path.write_text(EXERCISES)


@pytest.mark.parametrize(
    ("written", "level", "asker", "meant"),
    [
        ("engine", 0, "nn", "engine"),
        ("needle.engine", 0, "nn", "engine"),
        ("engine", 1, "nn", "engine"),
        ("engine", 2, "ops.arithmetic", "engine"),
        ("arithmetic", 1, "ops.other", "ops.arithmetic"),
        ("ops.arithmetic", 1, "engine", "ops.arithmetic"),
        ("needle.ops.arithmetic", 0, "engine", "ops.arithmetic"),
        ("arithmetic", 1, "engine", "ops.arithmetic"),
        ("core", 1, "a.core", "a.core"),
        ("core", 2, "a.core", ""),
        ("numpy", 0, "engine", ""),
        ("", 1, "engine", ""),
    ],
)
def test_an_import_leads_to_the_module_that_is_meant(written: str, level: int, asker: str, meant: str) -> None:
    known = ("engine", "nn", "ops.arithmetic", "ops.other", "a.core", "b.core")
    assert leads_to(written, level, asker, known) == meant
