"""Micrograd and dual numbers as students and platforms get them: handout, self-check, Gradescope's autograder."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from grader.authoring import trying
from grader.batch import cohort
from grader.bundle import student
from grader.grading import config
from grader.sandbox.fresh import Fresh
from grader.selfcheck import finding
from grader.selfcheck.checking import SelfCheck
from grader.submissions.handed_in import HandedIn
from tests.conftest import ROOT
from tests.platforms import images

PACKS = {"micrograd": ("k1009", 81, "k2002", 75), "dual-numbers": ("d1007", 67, "d2001", 60)}
"""Pack -> a right repository, a wrong sample, and what each of them earns."""

NAMED = {
    "micrograd": ("number-sub", "the reflected operator is the plain one: 2 - x is worked out as x - 2"),
    "dual-numbers": ("mul", "the product rule lacks the term with y's derivative"),
}


def config_of(pack: str) -> Path:
    return ROOT / "examples" / pack / "config.yaml"


@pytest.mark.parametrize("pack", PACKS)
def test_a_handout_is_the_homework_to_fill_in_without_solution_or_dialect(pack: str) -> None:
    with zipfile.ZipFile(io.BytesIO(student.build(config.load(config_of(pack)), None))) as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    file = {"micrograd": "micrograd/engine.py", "dual-numbers": "dual_numbers/dual.py"}[pack]
    assert "# solution:" not in files[file].decode()
    assert "# TODO:" in files[file].decode()
    assert "grader check" in files["README.md"].decode()
    assert not any(name.endswith("dialect.py") for name in files)


@pytest.mark.parametrize("pack", PACKS)
def test_the_self_check_says_all_done_of_the_solution_and_names_a_mistake(pack: str) -> None:
    assignment = config.load(config_of(pack))
    prepared = finding.assignment(ROOT, config_of(pack)).assignment
    assert assignment.submissions is not None
    found = HandedIn(assignment.submissions, cohort.layout(assignment))
    wrong = found[found.ids.index(PACKS[pack][2])]
    exercise, name = NAMED[pack]
    asked = [one for one in prepared.exercises if one.id == exercise]
    with Fresh() as workers:
        desk = SelfCheck(prepared, workers)
        right = list(desk.check(cohort.reference_submission(assignment), prepared.exercises))
        (checked,) = desk.check(wrong, asked)
    assert {one.status for one in right} == {"done"}
    assert name in {one.name for check in checked.exercise.checks for one in check.outcome.diagnosis}


@pytest.mark.slow
@pytest.mark.parametrize("pack", PACKS)
def test_on_gradescope_a_repository_is_graded_as_it_is(pack: str, tmp_path: Path) -> None:
    folder = tmp_path / "course"
    shutil.copytree(config_of(pack).parent, folder, ignore=shutil.ignore_patterns("__pycache__", "reports"))
    path = folder / "config.yaml"
    path.write_text(path.read_text().replace("allow_imports: [numpy]", "allow_imports: []"))
    image = images.made(folder, path)
    done = image.set_up()
    assert done.returncode == 0, done.stderr
    right, most, wrong, fewer = PACKS[pack]
    for name, points in ((right, most), (wrong, fewer)):
        place = tmp_path / name
        shutil.copytree(folder / "submissions" / name, place / "submission")
        assert image.visit(place).results["score"] == points


OTHER_NAMES = {
    "micrograd": (("Value", "Scalar"), (".data", ".value"), ("self.data", "self.value")),
    "dual-numbers": (("Dual", "Variable"), (".val", ".value"), (".der", ".tangent")),
}


@pytest.mark.parametrize("pack", PACKS)
def test_the_dialect_that_its_page_shows_for_another_class_is_right(pack: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "courses" / f"{pack}.md").read_text("utf-8")
    shown = re.findall(r"```python\n(.*?)```", page.partition("## Another class")[2], re.DOTALL)[0]
    shutil.copytree(
        config_of(pack).parent, tmp_path / "course", ignore=shutil.ignore_patterns("submissions", "reports")
    )
    course = tmp_path / "course"
    (course / "dialect.py").write_text(shown)
    path = course / "config.yaml"
    path.write_text(path.read_text().replace("through: micrograd", "through: dialect.py"))
    for file in [*course.glob("reference/*.py"), *course.glob("exercises/*.yaml")]:
        text = file.read_text("utf-8")
        for old, new in OTHER_NAMES[pack]:
            text = re.sub(rf"{re.escape(old)}\b", new, text)
        if pack == "dual-numbers":
            text = as_methods(text) if file.suffix == ".py" else re.sub(r"\[\w+, Variable\]", "[Variable]", text)
            text = re.sub(r"    under_test: \[Variable, .*\]\n", "    under_test: [Variable]\n", text)
        file.write_text(text)
    if pack == "dual-numbers":
        used = ["cos", "tan", "log", "sqrt"]
        (course / "dialect.py").write_text(
            shown.replace('"exp": "exp"', ", ".join(f'"{f}": "{f}"' for f in ["exp", *used]))
        )
    assert trying.problems(config.load(path)) == []


def as_methods(text: str) -> str:
    """Hang the module's functions on the class."""
    names = re.findall(r"^def ([a-z]+)\(x\)", text, re.MULTILINE)
    return text + "".join(f"\n\nVariable.{name} = {name}\n" for name in names)
