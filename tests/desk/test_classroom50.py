"""What Classroom 50 runs: its result has the documented form, it holds no answers, and its failures are no result."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from grader.bundle import classroom50
from grader.bundle.classroom50_autograder import result
from grader.grading import config
from tests.conftest import ROOT
from tests.desk.homes import home, solve

ABOUT = {
    "CLASSROOM": "autodiff",
    "ASSIGNMENT": "lecture8",
    "SUBMISSION_TAG": "submit/2026-11-29T10-00-00Z-a1b2c3d",
    "COMMIT_URL": "https://github.com/org/hw/commit/a1b2c3d",
    "RELEASE_URL": "https://github.com/org/hw/releases/tag/x",
}
FIELDS = {
    *("schema", "classroom", "assignment", "submission", "commit", "release", "review", "datetime"),
    *("score", "max-score", "tests"),
}


def checked(*checks: tuple[str, str, str]) -> dict[str, object]:
    """Return what `grader check --json` prints, as far as it matters: (earned, possible, verdict) of each check."""
    made = [
        {"name": f"check{i}", "earned": earned, "possible": possible, "outcome": {"verdict": verdict}}
        for i, (earned, possible, verdict) in enumerate(checks)
    ]
    return {"exercises": [{"exercise": {"id": "square", "checks": made}}]}


def test_a_result_has_every_field_and_sums_that_add_up() -> None:
    found = result(checked(("1", "1", "accepted"), ("0", "2", "wrong answer")), ABOUT)
    assert set(found) == FIELDS
    assert found["schema"] == "classroom50/result/v1"
    assert (found["score"], found["max-score"]) == (1, 3)
    assert found["tests"][1] == {"test-name": "square: check1", "passed": False, "score": 0, "max-score": 2}
    assert found["review"] == ABOUT["COMMIT_URL"]


def test_scores_are_whole_numbers_in_the_same_proportion() -> None:
    found = result(checked(("1/2", "1/2", "accepted"), ("1/3", "2/3", "wrong answer")), ABOUT)
    assert all(type(one[key]) is int for one in found["tests"] for key in ("score", "max-score"))
    assert Fraction(found["score"], found["max-score"]) == Fraction(5, 7)


def test_no_checks_are_no_division_by_nothing() -> None:
    assert result({"exercises": []}, ABOUT)["max-score"] == 0


def unpacked(folder: Path) -> Path:
    """Return the folder that goes into a classroom's autograders."""
    with zipfile.ZipFile(io.BytesIO(classroom50.build(config.load(ROOT / "config.yaml")))) as archive:
        archive.extractall(folder)
    return folder / "lecture8"


def test_nothing_secret_is_published(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    assert {one.suffix for one in folder.iterdir()} == {".py", ".json", ".prepared", ".whl"}
    together = b"".join(one.read_bytes() for one in folder.iterdir() if one.suffix != ".whl")
    for secret in (b"# solution", b"seed", b"reference"):
        assert secret not in together.replace(b"answer, hidden check or seed", b"")


@pytest.mark.ci
def test_a_submission_gets_its_result(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "bundle")
    checkout = home(tmp_path / "checkout")
    solve(checkout, "lecture8")
    done = run(folder, checkout)
    assert done.returncode == 0, done.stderr
    found = json.loads((checkout / "result.json").read_text("utf-8"))
    assert set(found) == FIELDS
    assert found["score"] == found["max-score"] == 35


@pytest.mark.ci
def test_a_failure_of_ours_writes_no_result(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "bundle")
    checkout = home(tmp_path / "checkout")
    (folder / "assignment.prepared").write_bytes(b"damaged")
    done = run(folder, checkout)
    assert done.returncode == 1
    assert "::error::the self-check failed" in done.stderr
    assert not (checkout / "result.json").exists()


def run(folder: Path, checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run the script as the runner does: in the checkout, with the runner's variables."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, str(folder / "autograder.py")]
    return subprocess.run(command, cwd=checkout, env={**plain, **ABOUT}, capture_output=True, text=True, check=False)
