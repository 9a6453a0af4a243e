"""A reference that does not load is the course's fault: it is told by its line, and nobody loses a point by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch import cohort
from grader.cli import main
from grader.grading import config, planning
from grader.grading.grader import Grader
from grader.model import Submission
from grader.sandbox.supervisor import Supervisor
from tests.small_courses import with_one_exercise


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with one exercise, in which its commands are run."""
    monkeypatch.chdir(tmp_path)
    return with_one_exercise(tmp_path)


@pytest.mark.parametrize(
    ("file", "more", "said"),
    [
        ("autodiff.py", "\nraise ValueError(2)\n", "raises ValueError: 2"),
        ("autodiff.py", "\n1 / 0\n", "raises ZeroDivisionError: division by zero"),
        ("lecture8.py", "\n1 / 0\n", "raises ZeroDivisionError: division by zero"),
        ("scalar.py", "\nraise SystemExit\n", "raises SystemExit"),
    ],
)
def test_a_reference_that_raises_is_told_and_withheld(
    file: str, more: str, said: str, course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = {name.stem: (name.name, name.read_bytes()) for name in (course / "reference").glob("[a-z]*.py")}
    path = course / "reference" / file
    text = path.read_text()
    path.write_text(text + more)
    line = text.count("\n") + 2
    assert main(["lint"]) == 2
    told = capsys.readouterr().out
    assert f"reference/{file}:{line}:1: does not load: {file}:{line} {said}" in told
    assert told.count("\n") <= 2, "one thing is wrong, and it is told once"
    assignment = config.load(course / "config.yaml")
    box, found = cohort.open_box(assignment)
    with Supervisor(box) as supervisor:
        plan = cohort.plan(assignment, supervisor, found.tier)
        source = right["lecture8"][1]
        square = source.replace(b"return float(2.0 * x * d_out)", b"return float(2.0 * x)")
        assert square != source
        wrong = Submission("s", {**right, "lecture8": ("lecture8.py", square)})
        result = Grader(plan, supervisor).grade(wrong)
    (one,) = result.exercises
    if plan.faults:
        assert one.withheld
        assert said in plan.faults["square"]
    else:  # nothing of what raises is provided
        assert {check.name for check in one.checks if check.outcome.verdict == "wrong answer"} == {"backward"}
    assert main(["preview", "--mistakes", "square"]) == (2 if plan.faults else 0)
    shown = capsys.readouterr().out
    assert said in shown
    assert ("No mistake is tried: " in shown) == bool(plan.faults)


def test_what_is_sound_is_not_told_to_be_broken(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint"]) == 0, capsys.readouterr().out
    assert planning.prepare(config.load(course / "config.yaml")).faults == {}
