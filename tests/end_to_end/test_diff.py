"""`grader diff`, run as people run it: a change is told by name, and grading the same twice is no change."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.end_to_end.test_cli import RIGHT, grader
from tests.shared import once
from tests.small_courses import impatient

SAMPLE = ROOT / "examples" / "cohort" / "submissions"


@pytest.fixture
def impatience(tmp_path: Path) -> Path:
    """The sample's config, with less patience for the two who never end."""
    (tmp_path / "course").mkdir()
    return impatient(tmp_path / "course")


@pytest.fixture
def old(impatience: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample class, graded."""

    def make(out: Path) -> None:
        assert grader("grade", "--config", impatience, "--out", out).returncode == 0

    return once(tmp_path_factory, "impatient-class", make)


def test_another_seed_is_no_difference_for_the_sample_class(old: Path, impatience: Path, tmp_path: Path) -> None:
    grader("grade", "--config", impatience, "--out", tmp_path / "new", "--seed", "final")
    done = grader("diff", old, tmp_path / "new", "--exit-code")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith("44 students compared: the marks of 0 differ")


def test_a_change_is_told_by_name_with_its_reason(old: Path, impatience: Path, tmp_path: Path) -> None:
    folder, new = tmp_path / "class", tmp_path / "new"
    shutil.copytree(SAMPLE, folder)
    shutil.rmtree(folder / "u1012")
    (folder / "u1012.py").write_text(RIGHT.replace("return 5 * d_out", "return 5"))
    shutil.rmtree(folder / "u2001")
    (folder / "u9999.py").write_text(RIGHT)
    shutil.copytree(old, new)  # whoever handed in the same is not graded again
    assert grader("grade", folder, "--config", impatience, "--out", new).returncode == 0
    done = grader("diff", old, new)
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    line = next(line for line in done.stdout.splitlines() if line.startswith("u1012"))
    assert line.split(maxsplit=4)[:4] == ["u1012", "35/35", "1/35", "-34"]
    assert "times-five-backward backward: accepted → wrong answer: d_out was forgotten" in " ".join(done.stdout.split())
    assert "the marks of 1 differ (0 up, 1 down)" in done.stdout
    told = json.loads(grader("diff", old, new, "--json").stdout)
    assert {one["submission"]: one["where"] for one in told["changes"]} == {
        "u1012": "both",
        "u2001": "old only",
        "u9999": "new only",
    }
    assert grader("diff", old, new, "--exit-code").returncode == 3


def test_a_folder_without_results_is_a_mistake_of_usage(old: Path, tmp_path: Path) -> None:
    done = grader("diff", old, tmp_path)
    assert done.returncode == 2
    assert "holds no results; name a folder that `grader grade` wrote" in done.stderr
