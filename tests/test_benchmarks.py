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
from benchmarks.assignments import ours
from benchmarks.assignments import report as assignments_report
from benchmarks.assignments.bare import bare
from benchmarks.assignments.called import Took
from benchmarks.assignments.ended import ended_after
from benchmarks.assignments.figures import Figures, Pair, Round, Setting
from benchmarks.assignments.made_up import made_up
from benchmarks.assignments.packs import MICROGRAD, MODULE1, NEEDLE, PACKS
from benchmarks.assignments.peers.each import Each
from benchmarks.assignments.peers.once import Once
from benchmarks.assignments.profile import Profile
from benchmarks.assignments.room import Room
from benchmarks.assignments.student import write
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
        "is told 40% of what ours used",
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


EVERY_PACK = pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)


@EVERY_PACK
def test_a_seed_gives_the_same_assignments_and_another_others(pack: Any) -> None:
    assert made_up(pack, 30, "1") == made_up(pack, 30, "1")
    assert made_up(pack, 30, "1") != made_up(pack, 30, "2")
    assert made_up(pack, 30, "1")[:12] == made_up(pack, 12, "1")


@EVERY_PACK
def test_no_two_files_that_are_graded_are_alike(pack: Any) -> None:
    students = made_up(pack, 300, "1")
    graded = [one.files[one.root + path] for one in students for path in pack.files.values()]
    assert len(set(graded)) == len(graded) == 300 * len(pack.files)


def test_assignments_are_wrong_in_the_proportions_of_real_ones() -> None:
    students = made_up(MODULE1, 300, "1")
    planted = [" ".join(one.planted) for one in students]
    assert planted.count("") == 150
    assert sum(one.sort == "wrong" for one in students) == 60
    assert sum("one-sided" in what for what in planted) == 60
    assert sum("once per arrival" in what or "was visited" in what for what in planted) == 50
    assert 80 <= sum(one.whole for one in students) <= 120


def test_right_assignments_are_in_every_style() -> None:
    source = b"".join(made_up(MODULE1, 60, "1", ("right",))[i].files_of("autodiff.py") for i in range(60))
    for sign in (b"sorted(", b"popleft()", b"insert(0,", b"appendleft(", b"defaultdict(float)"):
        assert sign in source


@pytest.mark.parametrize(
    "pack, count", [(MODULE1, 24), (MICROGRAD, 24), (NEEDLE, 12)], ids=["module1", "micrograd", "needle"]
)
def test_a_class_is_judged_as_it_was_planted(pack: Any, count: int, tmp_path: Path) -> None:
    students = made_up(pack, count, "1")
    write(students, tmp_path / "class")
    graded = ours.grade(pack, students, tmp_path / "class", 2)
    assert graded.otherwise == ()
    assert ours.side(students, graded).as_planted == count


@pytest.mark.ci
@EVERY_PACK
def test_every_planted_mistake_costs_something(pack: Any, tmp_path: Path) -> None:
    students = made_up(pack, len(pack.wrong), "2", ("wrong",))
    assert {one.mistake for one in students} == {one.told for one in pack.wrong}
    write(students, tmp_path / "class")
    assert ours.grade(pack, students, tmp_path / "class", 2).otherwise == ()


@EVERY_PACK
def test_the_bare_calls_reach_into_a_submissions_code(pack: Any) -> None:
    (took,) = bare(pack, made_up(pack, 1, "1"), counting=True)
    assert took.called > 10_000


@pytest.mark.parametrize("pack", [MICROGRAD, *(pytest.param(one, marks=pytest.mark.ci) for one in (MODULE1, NEEDLE))])
def test_assignments_peers_pass_a_right_one_and_fail_a_wrong_one(pack: Any, tmp_path: Path) -> None:
    right, wrong = made_up(pack, 2, "1")
    assert (right.mistake, bool(wrong.mistake)) == ("", True)
    assert Each(pack, tmp_path / "each").grade([right, wrong]).as_planted == 2
    assert Once(pack, tmp_path / "once").grade([right, wrong]).as_planted == 2


def test_a_walk_of_every_path_is_ended_where_grading_ends_it() -> None:
    class Function:
        calls = 0

        @staticmethod
        def backward() -> None:
            Function.calls += 1

    for budget, came in ((3, 3), (0, 5)):
        Function.calls = 0
        with ended_after(budget, [Function]):
            for _ in range(5):
                Function.backward()
        assert Function.calls == came
    Function.backward()
    assert Function.calls == 6


def _assignment() -> Figures:
    sides = Side(40, 16.0, 9.0, 40, 15.0, "tier 1: a box"), {Each.name: Side(3, 7.2, 9.0, 2)}
    profile = Profile(0.3, {"its calls": 0.1, "judging": 0.15}, 13.0, 36.0, 85.0, 19_000.0)
    rooms = tuple(
        Room(count, peak, 1.0, 1.0, dict.fromkeys(("results", "feedback", "code", "staff"), count),
             dict.fromkeys(("results", "feedback", "code", "staff"), 1_000 * count), 0, 9_000 * count)
        for count, peak in ((8, 50_000_000), (80, 51_000_000))
    )  # fmt: skip
    return Figures(
        "module1", "Module 1", 40, {"right": 20, "wrong": 20}, 13, (Pair(*sides),) * 2,
        (Round(1.5, {"right": 0.3, "wrong": 0.45}),), (Took(0.005, 0.055),), 366_787, (profile,), rooms,
    )  # fmt: skip


def test_the_assignments_page_holds_every_figure() -> None:
    setting = Setting("a machine", "CPython 3", {"pytest": "9"}, "python -m x", 5, 3, "1", 2, 16, 2)
    text = assignments_report.markdown(setting, [_assignment()])
    flowing = re.sub(" +", " ", text.replace("\n", " "))
    for said in (
        "**Module 1: per submission, pytest + Hypothesis uses 6.0 times the CPU of the grader. A right submission "
        "costs 5.0 times its own loading and calls alone.**",
        "| graded: wrong in one place | 450.0 | 1.50 |",
        "takes 13 workers, which are asked 85 questions in 36 frames. They copy or make 19,000 pages",
        "| what is left: messages between processes, the class's tables | 50.0 | 17% |",
        "From 8 to 80 submissions the parent's memory grows by 1.0 MB.",
        "| 80 | 51.0 | 4.0 | 4.0 | 1.0 |",
        "for 16 right submissions than for 2, divided by 14",
    ):
        assert said in flowing
    assert "{" not in text
