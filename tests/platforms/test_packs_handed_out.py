"""The packs that need numpy, as students and platforms get them."""

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
from tests.conftest import ROOT
from tests.platforms import images

PACKS = ("cmu-11785", "cse599w", "needle-hw1", "minitorch-module2", "cse599w-arrays")


def config_of(pack: str) -> Path:
    return ROOT / "examples" / pack / "config.yaml"


@pytest.mark.parametrize("pack", PACKS)
def test_a_handout_has_what_there_is_to_do_and_no_solution(pack: str) -> None:
    assignment = config.load(config_of(pack))
    with zipfile.ZipFile(io.BytesIO(student.build(assignment, None))) as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    asked = {exercise.module for exercise in assignment.exercises}
    for module in assignment.layout.modules:
        path = f"{assignment.layout.package}/{module.replace('.', '/')}.py"
        assert path in files or module not in asked
        assert ("# TODO" in files.get(path, b"").decode()) is (module in asked)
        assert "# solution:" not in files.get(path, b"").decode()
    assert "README.md" in files
    assert not any("dialect" in name for name in files)


@pytest.mark.parametrize("pack", PACKS)
def test_the_self_check_says_all_done_of_the_solution(pack: str) -> None:
    assignment = config.load(config_of(pack))
    prepared = finding.assignment(ROOT, config_of(pack)).assignment
    with Fresh() as workers:
        found = list(SelfCheck(prepared, workers).check(cohort.reference_submission(assignment), prepared.exercises))
    assert {one.status for one in found} == {"done"}
    assert {check.outcome.reason for one in found for check in one.exercise.checks} == {""}


@pytest.mark.ci
@pytest.mark.parametrize(
    ("pack", "right", "wrong"),
    [
        ("cmu-11785", "c1002", "c2003"),
        ("cse599w", "w1002", "w2002"),
        ("needle-hw1", "n1001", "n2003"),
        ("minitorch-module2", "t1003", "t2002"),
        ("cse599w-arrays", "a1002", "a2005"),
    ],
)
def test_on_gradescope_arrays_of_one_number_are_handed_in(pack: str, right: str, wrong: str, tmp_path: Path) -> None:
    folder = tmp_path / "course"
    shutil.copytree(config_of(pack).parent, folder, ignore=shutil.ignore_patterns("__pycache__", "reports"))
    image = images.made(folder, folder / "config.yaml")
    done = image.set_up()
    assert done.returncode == 0, done.stderr
    possible = config.load(folder / "config.yaml").possible
    for name, full in ((right, True), (wrong, False)):
        shutil.copytree(folder / "submissions" / name, tmp_path / name / "submission")
        assert (image.visit(tmp_path / name).results["score"] == possible) is full
