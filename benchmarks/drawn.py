"""Measure what numbers drawn per student cost: `python -m benchmarks.drawn`.

One class is graded twice, in turns: with parameters that are drawn per student, and with the same exercises and the
same numbers for everyone. Four of the five exercises have parameters, so this is the worst that a course would meet.
Each student has written the solution with their own numbers, every fifth with a slip, and no two files are alike.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import measure
from grader.batch import cohort
from grader.bundle import student
from grader.grading import config, drawing
from grader.grading.config import Assignment
from tests import drawn

ROOT = Path(__file__).parents[1]

FIXED = {
    "own.yaml": {
        "    parameters: {c: 3..9}\n": "",
        "value: c * x": "value: 6 * x",
        "[c * x * d_out]": "[6 * x * d_out]",
        "{c}": "6",
        "    parameters: {a: [2, 3, 5], n: -3..-1}\n": "",
        "a * sin(x) + n * x": "3 * sin(x) + (-2) * x",
    },
    "plain.yaml": {" parameters: {b: 1..4}, value: x + b": " value: x + 3"},
    "paper.yaml": {"parameters: {k: 2..6}\n": "", "{k}": "4", "value: k *": "value: 4 *"},
}
"""What makes the exercises the same for everyone, with the usual numbers."""


def main() -> None:
    """Measure both sides, pair by pair, and print the ratio; then what the handouts take."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drawn", description="Measure drawn parameters.")
    parser.add_argument("--submissions", type=int, default=300, metavar="N", help="how many in the class")
    parser.add_argument("--pairs", type=int, default=7, metavar="N", help="how often both sides are measured")
    options = parser.parse_args()
    ids = tuple(f"s{i:04}" for i in range(options.submissions))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sides = {"drawn": _drawn(folder / "drawn", ids), "fixed": _fixed(folder / "fixed", ids)}
        seconds: dict[str, list[float]] = {side: [] for side in sides}
        for i in range(options.pairs):
            for side in sorted(sides, reverse=bool(i % 2)):
                seconds[side].append(_graded(folder / side, i) / len(ids))
        for side, each in seconds.items():
            shown = f"{1000 * min(each):.1f} to {1000 * max(each):.1f}"
            print(f"{side}: {1000 * statistics.median(each):.1f} ms of CPU for each submission ({shown})")
        ratios = [a / b for a, b in zip(seconds["drawn"], seconds["fixed"])]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}, {len(ratios)} pairs"
        print(f"drawn / fixed: {statistics.median(ratios):.2f} ({spread})")
        print(f"handouts: {_handouts(sides['drawn'], ids):.0f} ms for each of {len(ids)} students")


def _drawn(folder: Path, ids: tuple[str, ...]) -> Assignment:
    """Lay out the course and a class with everyone's own numbers."""
    assignment = config.load(drawn.course(folder))
    drawn.roster(folder, ids)
    key = drawing.secret(assignment)
    for i, id in enumerate(ids):
        _hand_in(folder / "class" / id, drawing.of_student(assignment, id, key), i)
    return assignment


def _fixed(folder: Path, ids: tuple[str, ...]) -> Assignment:
    """Lay out the same course with the usual numbers for everyone, and a class that has written those."""
    usual = config.load(drawn.course(folder))
    for i, id in enumerate(ids):
        _hand_in(folder / "class" / id, usual, i)
    for name in usual.layout.modules:
        path = folder / "reference" / f"{name}.py"
        path.write_text(cohort.reference_submission(usual).modules[name][1].decode(), "utf-8")
    answers = cohort.reference_submission(usual).answers
    (folder / "reference" / "answers.yaml").write_text(_answers(answers), "utf-8")
    for name, changes in FIXED.items():
        for old, new in changes.items():
            drawn.changed(folder / "exercises" / name, old, new)
    drawn.changed(folder / "config.yaml", "secret: parameters.secret\n", "")
    return config.load(folder / "config.yaml")


def _hand_in(folder: Path, assignment: Assignment, number: int) -> None:
    solved = cohort.reference_submission(assignment)
    files = {name: raw.decode() for name, raw in solved.modules.values()}
    if number % 5 == 0:
        files["functions.py"] = files["functions.py"].replace("2.0 * c * x * d_out", "c * x * d_out")
    files = {name: f"{text}\n# {number}\n" for name, text in files.items()}
    drawn.hand_in(folder, {**files, "answers.yaml": _answers(solved.answers)})


def _answers(answers: Mapping[str, str]) -> str:
    return "answers:\n" + "".join(f"  {id}: {text}\n" for id, text in answers.items())


def _graded(course: Path, turn: int) -> float:
    """Grade the class of a course, and return the seconds of CPU that took."""
    command = [sys.executable, "-m", "grader", "grade", str(course / "class"), "--config", str(course / "config.yaml")]
    ran = measure([*command, "--jobs", "2", "--out", str(course / f"out{turn}")], ROOT)
    if ran.status:
        raise RuntimeError(ran.output)
    return ran.cpu


def _handouts(assignment: Assignment, ids: tuple[str, ...]) -> float:
    """Return the milliseconds that a student's handout takes, of all of them."""
    start = time.process_time()
    for _, made in student.for_each(assignment, ids, None):
        assert made
    return 1000 * (time.process_time() - start) / len(ids)


if __name__ == "__main__":
    main()
