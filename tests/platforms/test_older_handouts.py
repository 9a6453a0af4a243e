"""The packs of 2020 and 2021 as students and platforms get them: the self-check, and Gradescope's autograder."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from grader.batch import cohort
from grader.bundle import student
from grader.grading import config
from grader.sandbox.fresh import Fresh
from grader.selfcheck import finding
from grader.selfcheck.checking import SelfCheck
from grader.submissions.handed_in import HandedIn
from tests.conftest import ROOT
from tests.platforms import images

PACKS = {"2020": ("x1002", 59, "x2005", 50), "2021": ("y1002", 69, "y2005", 60)}
"""Year -> a right sample, one in which what arrives overwrites, and what each of them earns."""


def config_of(year: str) -> Path:
    return ROOT / "examples" / f"minitorch-{year}" / "config.yaml"


@pytest.mark.parametrize("year", PACKS)
def test_a_handout_is_the_homework_in_the_interface_of_its_year(year: str) -> None:
    with zipfile.ZipFile(io.BytesIO(student.build(config.load(config_of(year)), None))) as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    text = files["minitorch/autodiff.py"].decode()
    assert {f"minitorch/{name}.py" for name in ("operators", "autodiff", "scalar")} < set(files)
    assert ("class VariableWithDeriv" in text, "def topological_sort" in text) == (year == "2020", year == "2021")
    assert f"interface of MiniTorch's Module 1 of {year}" in files["README.md"].decode()
    assert "# solution:" not in text
    assert "# TODO: call backward, and pair every input that is no constant with its derivative" in text


@pytest.mark.parametrize("year", PACKS)
def test_the_self_check_says_all_done_of_the_solution_and_no_more(year: str) -> None:
    assignment = config.load(config_of(year))
    prepared = finding.assignment(ROOT, config_of(year)).assignment
    with Fresh() as workers:
        found = list(SelfCheck(prepared, workers).check(cohort.reference_submission(assignment), prepared.exercises))
    assert {one.status for one in found} == {"done"}
    reasons = {check.outcome.reason for one in found for check in one.exercise.checks}
    assert reasons == {""}  # who reads a single value bare is not told that it may come in a tuple


@pytest.mark.parametrize("year", PACKS)
def test_the_self_check_names_a_wrong_walk_as_grading_does(year: str) -> None:
    assignment = config.load(config_of(year))
    assert assignment.submissions is not None
    found = HandedIn(assignment.submissions, cohort.layout(assignment))
    wrong = found[found.ids.index(PACKS[year][2])]
    prepared = finding.assignment(ROOT, config_of(year)).assignment
    asked = [one for one in prepared.exercises if one.id == "backpropagate"]
    with Fresh() as workers:
        (checked,) = SelfCheck(prepared, workers).check(wrong, asked)
    names = {one.name for check in checked.exercise.checks for one in check.outcome.diagnosis}
    assert "what arrives over a second way overwrites the first" in names


@pytest.mark.slow
@pytest.mark.parametrize("year", PACKS)
def test_on_gradescope_a_repository_is_graded_as_it_is(year: str, tmp_path: Path) -> None:
    folder = tmp_path / "course"
    shutil.copytree(config_of(year).parent, folder, ignore=shutil.ignore_patterns("__pycache__", "reports"))
    path = folder / "config.yaml"
    text = path.read_text().replace("allow_imports: [numpy, numpy.typing, typing_extensions]", "allow_imports: []")
    path.write_text(text)  # packages are most of what there is to unpack
    image = images.made(folder, path)
    done = image.set_up()
    assert done.returncode == 0, done.stderr
    right, most, wrong, fewer = PACKS[year]
    for name, points in ((right, most), (wrong, fewer)):
        place = tmp_path / name
        shutil.copytree(folder / "submissions" / name, place / "submission")
        assert image.visit(place).results["score"] == points
