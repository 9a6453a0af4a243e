"""The packs of courses with variables of their own, as students and platforms get them."""

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

PACKS = ("micrograd", "dual-numbers", "cmu-11785", "cse599w")


def config_of(pack: str) -> Path:
    return ROOT / "examples" / pack / "config.yaml"


@pytest.mark.parametrize("pack", PACKS)
def test_a_handout_has_what_there_is_to_do_and_no_solution(pack: str) -> None:
    assignment = config.load(config_of(pack))
    with zipfile.ZipFile(io.BytesIO(student.build(assignment, None))) as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    for module in assignment.layout.modules:
        text = files[f"{assignment.layout.package}/{module}.py"].decode()
        assert "# TODO" in text
        assert "# solution:" not in text
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


@pytest.mark.slow
def test_on_gradescope_variables_are_graded_through_their_dialect(tmp_path: Path) -> None:
    folder = tmp_path / "course"
    shutil.copytree(config_of("micrograd").parent, folder, ignore=shutil.ignore_patterns("__pycache__", "reports"))
    path = folder / "config.yaml"
    text = path.read_text().replace("allow_imports: [numpy]", "allow_imports: []")
    path.write_text(text.replace("through: micrograd", "through: dialect.py"))
    shutil.copy(ROOT / "grader" / "sandbox" / "dialects" / "micrograd.py", folder / "dialect.py")
    image = images.made(folder, path)
    done = image.set_up()
    assert done.returncode == 0, done.stderr
    solved = (folder / "reference" / "engine.py").read_text()
    for name, source, full in (("right", solved, True), ("wrong", solved.replace("(exponent - 1)", "exponent"), False)):
        place = tmp_path / name
        (place / "submission").mkdir(parents=True)
        (place / "submission" / "engine.py").write_text(source)
        assert (image.visit(place).results["score"] == config.load(path).possible) is full
