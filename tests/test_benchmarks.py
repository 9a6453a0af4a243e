"""The benchmark measures what it says: a class made up as told, everyone's CPU time, figures as they are."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from benchmarks import cohort, report, scaling
from benchmarks.floors import Floors
from benchmarks.forms import MISTAKES
from benchmarks.measure import Measured, measure
from benchmarks.peers.handed import plain
from benchmarks.peers.hypothesis_each import HypothesisEach, HypothesisInstalled
from benchmarks.peers.hypothesis_once import HypothesisOnce
from benchmarks.peers.places import HANDED, ROOT
from benchmarks.sides import Side
from grader.model import Result

ORPHAN = """
import os, time
if os.fork() == 0:
    if os.fork() == 0:
        while time.process_time() < 0.2:
            pass
    os._exit(0)
os._exit(3)
"""
"""A process that ends before its child, whose own child then uses 0.2 s of CPU."""


def test_a_seed_gives_the_same_class_and_another_seed_another() -> None:
    assert cohort.cohort(40, "1") == cohort.cohort(40, "1")
    assert cohort.cohort(40, "1") != cohort.cohort(40, "2")


def test_no_two_submissions_are_alike_and_one_in_five_is_wrong() -> None:
    students = cohort.cohort(300, "1")
    assert len({student.source for student in students}) == len({student.name for student in students}) == 300
    assert sum(bool(student.mistake) for student in students) == 60


def test_the_class_is_written_as_folders_of_the_package(tmp_path: Path) -> None:
    (student,) = cohort.cohort(1, "1")
    cohort.write([student], tmp_path)
    assert (tmp_path / student.name / "minitorch" / "lecture8.py").read_text("utf-8") == student.source


def test_the_right_ones_earn_full_marks(grade: Callable[[str], Result]) -> None:
    for student in cohort.cohort(25, "1"):
        if not student.mistake:
            result = grade(student.source)
            assert result.earned == result.possible, student.source


@pytest.mark.parametrize(
    "peer", [HypothesisEach, pytest.param(HypothesisInstalled, marks=pytest.mark.ci), HypothesisOnce]
)
def test_the_peer_passes_a_right_one_and_fails_a_wrong_one(peer: Any, tmp_path: Path) -> None:
    right, wrong = cohort.cohort(5, "1")[3:]
    assert (bool(right.mistake), bool(wrong.mistake)) == (False, True)
    assert peer(tmp_path).grade([right, wrong]).as_planted == 2


def test_who_tests_without_hypothesis_tests_the_same_exercises() -> None:
    source = (HANDED / "test_lecture8.py").read_text("utf-8")
    assert list(plain.EXERCISES) == [name.removeprefix("test_") for name in re.findall(r"def (test_\w+)", source)]
    assert all(f"def {name}()" in (HANDED / "checks.py").read_text("utf-8") for name in plain.EXERCISES)


@pytest.mark.parametrize("number", range(len(MISTAKES)))
def test_every_mistake_costs_something(number: int, grade: Callable[[str], Result]) -> None:
    student = cohort.cohort(5 * len(MISTAKES), "1")[5 * number + 4]
    assert student.mistake == ": ".join(MISTAKES[number][:2])
    result = grade(student.source)
    assert 0 < result.earned < result.possible


def test_who_outlives_their_parents_is_counted_too(tmp_path: Path) -> None:
    measured = measure([sys.executable, "-c", ORPHAN], tmp_path)
    assert measured.status == 3
    assert measured.cpu >= 0.2


def test_what_workers_use_is_in_what_a_grading_costs(tmp_path: Path) -> None:
    spin = "import time\nend = time.process_time() + 0.8\nwhile time.process_time() < end: pass\n"
    for student in cohort.cohort(2, "1"):
        cohort.write([msgspec.structs.replace(student, source=spin + student.source)], tmp_path / "class")
    command = [sys.executable, "-m", "grader", "grade", str(tmp_path / "class"), "--out", str(tmp_path / "out")]
    found = measure([*command, "--jobs", "2", "--fresh"], ROOT)
    assert found.status == 0
    assert found.cpu > 1.6  # beside what starting takes


def test_a_command_is_given_its_environment_and_its_output_kept(tmp_path: Path) -> None:
    code = "import os; print(os.environ['WORD'], os.getcwd())"
    assert measure([sys.executable, "-c", code], tmp_path, {"WORD": "so"}).output == f"so {tmp_path}\n"


FLOORS = Floors(0.01, 0.001, 0.0005, idle=0.002, worker=0.007, served=0.003, page=2e-6)


def _figures(**changes: Any) -> report.Figures:
    pairs = tuple(
        report.Pair(Side(200, cpu, 5.0, 200, 2.0, "tier 1: a box"), Side(8, 8.0, 10.0, 7)) for cpu in (4.0, 5.0, 8.0)
    )
    setting = report.Setting("a machine, 2 cores", "CPython 3", {"pytest": "9"}, 200, 40, 8, "1", 2)
    figures = report.Figures(setting, pairs, Side(200, 4.0, 8.0, 200), FLOORS)
    return msgspec.structs.replace(figures, **changes)


def test_ratios_are_taken_pair_by_pair_and_told_with_their_spread() -> None:
    assert (
        "**Per submission, pytest + Hypothesis uses 40.0 (25.0 – 50.0) times the CPU of the grader.**"
        in report.markdown(_figures())
    )


def test_a_larger_class_is_told_beside_the_other() -> None:
    larger = report.Pair(Side(1_000, 16.0, 9.0, 1_000, 2.0, "tier 1: a box"), Side(8, 8.0, 10.0, 8))
    text = report.markdown(_figures(larger=(larger,)))
    assert "times the CPU of the grader in a class of 200, and 62.5 times in a class of 1,000.**" in text
    assert "## A larger class\n\nThe same with 1,000 submissions" in text
    assert "## A larger class" not in report.markdown(_figures())


def test_the_report_holds_every_figure_and_setting() -> None:
    text = report.markdown(_figures())
    flowing = " ".join(text.split())
    for said in (
        "a class of 200 `lecture8.py`",
        "a machine, 2 cores; CPython 3; pytest 9; seed '1'; containment tier 1: a box",
        "25.0 (20.0 – 40.0)",  # grader, CPU ms a submission
        "1000.0 (1000.0 – 1000.0)",  # the peer's
        "0.80 (0.80 – 0.80)",  # the peer's submissions a second
        "judged 600 of 600 submissions correctly, the peer 21 of 24",
        "hears about only 40% of ours",
        "A worker costs 4.0 ms more than serving the same in one process for all.",
        "on this machine 2.0 µs each",
    ):
        assert said in flowing
    assert "{" not in text


def test_the_peer_as_it_is_installed_is_told_beside_the_leanest() -> None:
    pairs = [
        msgspec.structs.replace(pair, others={report.INSTALLED: Side(8, 12.0, 10.0, 8)}) for pair in _figures().pairs
    ]
    larger = msgspec.structs.replace(pairs[0], ours=Side(1_000, 16.0, 9.0, 1_000, 2.0, "tier 1: a box"))
    text = report.markdown(_figures(pairs=tuple(pairs), larger=(larger,)))
    assert (
        "**Per submission, pytest + Hypothesis uses 40.0 (25.0 – 50.0) times the CPU of the grader in a class of 200, "
        "and 62.5 times in a class of 1,000. As it is installed, it uses 60.0 (37.5 – 75.0) and 93.8 times.**"
    ) in text
    assert "| the same as installed | 1500.0 (1500.0 – 1500.0) |" in re.sub(" +", " ", text)
    assert "| 1 | 20.0 | 1000.0 | 50.0 | 1500.0 | 75.0 |" in re.sub(" +", " ", text)


def test_one_pair_is_told_without_a_spread() -> None:
    assert "uses 50.0 times" in report.markdown(_figures(pairs=_figures().pairs[:1]))


def measured(wall: float, cpu: float, peak: int) -> Measured:
    return Measured(wall, cpu, 0.0, 0, "", peak)


def test_the_scaling_report_holds_every_size_and_says_what_grew() -> None:
    runs = [
        scaling.Run(10, measured(1.0, 1.0, 30_000_000), measured(0.5, 0.5, 0)),
        scaling.Run(1_000, measured(10.0, 20.0, 34_000_000), measured(0.4, 0.6, 0)),
    ]
    pairs = [scaling.Pair(1_000, measured(10.0, 0, 0), measured(wall, 0, 0), True) for wall in (11.0, 12.0, 14.0)]
    text = scaling.markdown(runs, pairs, "a machine")
    assert "From 10 to 1,000 submissions the parent's memory grows by 4.0 MB" in text
    assert "takes 0.40 ms per submission" in text
    assert "|         1,000 |         20.00 |          10.00 |" in text
    assert "took 1.20 (1.10 – 1.40) times the time" in text
    assert "wrote the same bytes every time" in text
    assert "WROTE OTHER BYTES" in scaling.markdown(runs, [*pairs, msgspec.structs.replace(pairs[0], same=False)], "")


def test_the_scaling_plot_is_an_svg_with_every_point() -> None:
    runs = [scaling.Run(size, measured(1.0, size * 0.02, 3), measured(1.0, 1.0, 3)) for size in (10, 100, 1_000)]
    root = ElementTree.fromstring(scaling.plot(runs))
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 9


def test_the_peak_is_the_commands_own_and_not_its_childrens(tmp_path: Path) -> None:
    hungry = "import subprocess, sys, time; subprocess.run([sys.executable, '-c', 'x = bytearray(200_000_000)']); "
    found = measure([sys.executable, "-c", hungry + "time.sleep(0.2)"], tmp_path)
    assert 5_000_000 < found.peak < 100_000_000
