"""All that lies in a class is accounted for, once: it is somebody's submission, or it is ignored, by its name."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch import accounted
from grader.errors import UsageError
from grader.platforms import intake
from grader.platforms.canvas.download import Download
from grader.platforms.gradescope.export import Export
from grader.platforms.moodle_download import MoodleDownload
from grader.reports.rows import ClassRow, Rows
from grader.submissions.handed_in import HandedIn
from grader.submissions.homes import Layout
from grader.submissions.intake import Intake
from grader.submissions.told_apart import Ignored
from tests import invented
from tests.invented import HOPELESS, Invented
from tests.unit.test_intake import METADATA

LAYOUT = Layout("minitorch", ("operators", "lecture8"), ("lecture8",))
TEXTS = ("class TimesFive: ...\n", "class Mul: pass\n", "x = 1\n")
NAMES = ("s1", "s2", "0755", "ann.lee", "Bo O'Neil", "u-9", "zoë", "s10", "x_1")


def ignored(found: Intake) -> Counter[str]:
    return Counter(one.name for one in found.ignored)


def folder_of(path: Path, **files: str) -> Path:
    for name, text in files.items():
        place = path / name.replace("__", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return path


@given(invented.classes(TEXTS, NAMES))
@settings(max_examples=150, deadline=None)
def test_everything_is_somebodys_or_ignored_and_nothing_is_both(made: Invented) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = intake.opened(invented.write(made, Path(folder)), LAYOUT)
        assert len(found) == len(made.works)
        called = {found.handed(i).called or found.ids[i]: found[i] for i in range(len(found))}
        assert called.keys() == made.works.keys()
        for name, work in made.works.items():
            if work.form in HOPELESS:
                assert "cannot be read" in called[name].problem
            else:
                assert called[name].problem == ""
                assert called[name].modules["lecture8"][1].decode().endswith(work.text)
        beside = {"mac zip": ["__MACOSX"]}.get(made.wrapping, [])
        assert ignored(found) == Counter([*made.junk, *beside])
        assert bool(found.remarks) == (made.wrapping not in ("", ".zip", ".tar.gz"))


@given(invented.classes(TEXTS, NAMES), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_that_files_were_written_in_does_not_matter(made: Invented, random: object) -> None:
    works = list(made.works.items())
    random.shuffle(works)  # type: ignore[attr-defined]
    other = Invented(dict(works), made.junk[::-1], made.wrapping)
    with tempfile.TemporaryDirectory() as folder:
        one = intake.opened(invented.write(made, Path(folder) / "1"), LAYOUT)
        two = intake.opened(invented.write(other, Path(folder) / "2"), LAYOUT)
        assert list(one.ids) == list(two.ids)
        assert one[:] == two[:]
        assert one.ignored == two.ignored


CANVAS = (
    "examplea_1001_5_lecture8.py",
    "exampleb_LATE_1002_6_lecture8.py",
    "examplec_1003_7_hw.tar.gz",
    "ed_1004_text.html",
)
MOODLE = ("Ann_Lee_11_assignsubmission_file_", "Ann Lee_11_assignsubmission_onlinetext_", "Bo_12_assignsubmission_file")
STRAYS = ("Thumbs.db", "desktop.ini", "grades.csv", "solution.py", "reading/list.txt", ".DS_Store", "a.zip")


def canvas(folder: Path) -> None:
    for name in CANVAS:
        raw = invented.tarred({"lecture8.py": b"x = 1\n"}, ".gz") if name.endswith("gz") else b"x = 1\n"
        (folder / name).write_bytes(raw)


def moodle(folder: Path) -> None:
    for name in MOODLE:
        (folder / name).mkdir()
        (folder / name / ("onlinetext.html" if "text" in name else "lecture8.py")).write_text("x = 1\n")


def flat_moodle(folder: Path) -> None:
    for name in MOODLE:
        file = "onlinetext.html" if "text" in name else "lecture8.py"
        (folder / f"{name.rstrip('_')}_{file}").write_text("x = 1\n")


def gradescope(folder: Path) -> None:
    (folder / "submission_metadata.yml").write_text(METADATA)
    for number in (1, 2, 3, 4):
        (folder / f"submission_10000000{number}").mkdir()
        (folder / f"submission_10000000{number}" / "lecture8.py").write_text("x = 1\n")


PLATFORMS: dict[str, tuple[Callable[[Path], None], type[Intake], int]] = {
    "canvas": (canvas, Download, 4),
    "moodle": (moodle, MoodleDownload, 2),
    "flat moodle": (flat_moodle, MoodleDownload, 2),
    "gradescope": (gradescope, Export, 4),
}


@pytest.mark.parametrize("stray", STRAYS)
@pytest.mark.parametrize("name", PLATFORMS)
@pytest.mark.parametrize("wrapped", ["", "zip", "tgz"])
def test_one_stray_file_does_not_change_whose_download_it_is(
    name: str, stray: str, wrapped: str, tmp_path: Path
) -> None:
    write, kind, count = PLATFORMS[name]
    folder = tmp_path / "class"
    folder.mkdir()
    write(folder)
    (folder / stray).parent.mkdir(exist_ok=True)
    (folder / stray).write_text("x")
    path = folder
    if wrapped:
        files = {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
        path = tmp_path / f"submissions.{wrapped}"
        path.write_bytes(invented.zipped(files) if wrapped == "zip" else invented.tarred(files, ".gz"))
    found = intake.opened(path, LAYOUT)
    assert type(found) is kind
    assert len(found) == count
    assert list(ignored(found)) == [stray.partition("/")[0]]
    for i in range(count):
        assert found[i].modules or "box" in found[i].problem


def test_moodles_several_folders_of_a_person_are_one_submission(tmp_path: Path) -> None:
    moodle(tmp_path)
    (tmp_path / MOODLE[1] / "lecture8.py").write_text("not theirs to hand in so")
    found = intake.opened(tmp_path, LAYOUT)
    assert [found.handed(i).people[0].name for i in range(2)] == ["Ann Lee", "Bo"]
    assert [found.handed(i).number for i in range(2)] == ["11", "12"]
    assert found[0].modules == {"lecture8": ("lecture8.py", b"x = 1\n")}


def test_a_text_typed_into_moodle_is_told_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / MOODLE[1]).mkdir()
    (tmp_path / MOODLE[1] / "onlinetext.html").write_text("<p>def f(): ...")
    (only,) = intake.opened(tmp_path, LAYOUT)[:]
    assert only.problem == "it was typed into Moodle's text box, which keeps no file; hand in the file"


def test_what_moodle_calls_everybody_is_nobodys_name(tmp_path: Path) -> None:
    (tmp_path / "Participant_41_assignsubmission_file_").mkdir()
    (tmp_path / "Participant_41_assignsubmission_file_" / "lecture8.py").write_text("x = 1\n")
    found = intake.opened(tmp_path, LAYOUT)
    assert (found.ids[0], found.handed(0).people[0].name) == ("Participant_41", "")


@pytest.mark.parametrize("place", ["reports", "class/reports", "class", "class/s1/reports"])
def test_the_reports_are_no_submission_wherever_they_lie(tmp_path: Path, place: str) -> None:
    folder_of(tmp_path / "class", s1__lecture8="", s2__lecture8="")
    for name in ("s1", "s2"):
        (tmp_path / "class" / name / "lecture8.py").write_text("x = 1\n")
    out = tmp_path / place
    folder_of(out, **{"results__s1.json": "{}", "feedback__s1.md": "", "grades.csv": "", "index.html": ""})
    for reports in (out, None):
        found = intake.opened(tmp_path / "class", LAYOUT, reports=reports)
        assert list(found.ids) == ["s1", "s2"]
        mine = {"class/reports": ["reports"], "class": ["feedback", "grades.csv", "index.html", "results"]}.get(
            place, []
        )
        assert [(one.name, one.why) for one in found.ignored] == [(one, "the grader's own reports") for one in mine]


def test_a_folder_for_reports_that_is_still_empty_is_no_submission(tmp_path: Path) -> None:
    folder_of(tmp_path, **{"s1__lecture8.py": "x = 1\n", "out__.keep": ""})
    assert list(intake.opened(tmp_path, LAYOUT, reports=tmp_path / "out").ids) == ["s1"]


def test_what_cannot_be_read_beside_what_can_is_ignored_by_name(tmp_path: Path) -> None:
    folder_of(tmp_path, **{"s1.py": "x = 1\n", "s1.pdf": "", "s2.docx": ""})
    found = intake.opened(tmp_path, LAYOUT)
    assert list(found.ids) == ["s1", "s2"]
    assert found.ignored == (Ignored("s1.pdf", "s1.py counts"),)


def test_one_students_folder_alone_is_a_class_of_one(tmp_path: Path) -> None:
    folder_of(tmp_path, **{"s1__repo__lecture8.py": "x = 1\n", "s1__repo__helpers.py": "", "s1__docs__a.py": ""})
    found = intake.opened(tmp_path, LAYOUT)
    assert (list(found.ids), found.remarks) == (["s1"], ())


def test_where_it_is_not_certain_that_it_is_a_class_it_is_said(tmp_path: Path) -> None:
    folder_of(tmp_path, **{"both__s1__lecture8.py": "x = 1\n", "both__s2__lecture8.py": "x = 2\n"})
    found = intake.opened(tmp_path, LAYOUT)
    assert list(found.ids) == ["both"]
    (remark,) = found.remarks
    assert remark == f"{tmp_path}/both looks like a class of 2; if it is one, name it as the class"
    assert list(intake.opened(tmp_path / "both", LAYOUT).ids) == ["s1", "s2"]


def test_a_class_among_others_work_is_told_as_one(tmp_path: Path) -> None:
    section = {f"s{i}/lecture8.py": b"x = 1\n" for i in range(40)}
    (tmp_path / "section-1.zip").write_bytes(invented.zipped(section))
    (tmp_path / "section-2.zip").write_bytes(invented.zipped({f"s{i}.zip": invented.zipped(section) for i in range(9)}))
    first, second = intake.opened(tmp_path, LAYOUT)[:]
    assert first.problem.startswith("this looks like a class of 40, for s0/ and s1/ and s10/ each hold lecture8.py")
    assert second.problem.endswith("(s0.zip, s1.zip, s2.zip and 6 more); hand in one; this looks like a class of 9")


def test_two_exports_of_gradescope_are_not_chosen_between(tmp_path: Path) -> None:
    for name in ("assignment_1_export", "assignment_2_export"):
        (tmp_path / name).mkdir()
        gradescope(tmp_path / name)
    with pytest.raises(UsageError, match="holds 2 of Gradescope's exports"):
        intake.opened(tmp_path, LAYOUT)


def test_a_student_cannot_make_their_work_the_class(tmp_path: Path) -> None:
    for name in ("s1", "s2"):
        folder_of(tmp_path / "class", **{f"{name}__lecture8.py": "x = 1\n"})
    gradescope(tmp_path / "class" / "s1")
    (tmp_path / "class" / "s1" / "assignment_7_export").mkdir()
    gradescope(tmp_path / "class" / "s1" / "assignment_7_export")
    assert list(intake.opened(tmp_path / "class", LAYOUT).ids) == ["s1", "s2"]
    shutil.rmtree(tmp_path / "class" / "s2")
    alone = intake.opened(tmp_path / "class", LAYOUT, rostered=lambda: ("s1", "s2"))
    assert list(alone.ids) == ["s1"]


def test_a_file_that_is_no_homework_is_no_class(tmp_path: Path) -> None:
    folder_of(tmp_path, **{"config.yaml": "x", "s1.rar": ""})
    with pytest.raises(UsageError, match=r"config\.yaml: is no submission"):
        intake.opened(tmp_path / "config.yaml", LAYOUT)
    assert "cannot be read" in intake.opened(tmp_path / "s1.rar", LAYOUT)[0].problem


def test_what_lies_beside_an_export_is_named(tmp_path: Path) -> None:
    (tmp_path / "assignment_1_export").mkdir()
    gradescope(tmp_path / "assignment_1_export")
    folder_of(tmp_path, **{"late-ann__lecture8.py": "x = 1\n", "scores.csv": ""})
    found = intake.opened(tmp_path, LAYOUT)
    assert type(found) is Export
    assert ignored(found) == Counter(["late-ann", "scores.csv"])


def test_a_plain_folder_with_one_name_like_canvas_stays_a_plain_folder(tmp_path: Path) -> None:
    folder_of(tmp_path, **{"s1.py": "", "s2.py": "", "ann_1_2_lecture8.py": "x = 1\n"})
    assert type(intake.opened(tmp_path, LAYOUT)) is HandedIn


def row(status: str) -> ClassRow:
    return ClassRow("s", Fraction(0), Fraction(1), status, (Fraction(0),), "✗", (False,), "")


def test_the_line_says_what_became_of_everything() -> None:
    done = Rows(("a",), [f"s{i}" for i in range(5)])
    for i, status in enumerate(("graded", "graded", "unusable: there is a.rar", "withheld")):
        done.put(i, row(status))
    there = [Ignored("Thumbs.db"), Ignored("s1.pdf", "s1.py counts"), *[Ignored(f"x{i}") for i in range(6)]]
    assert accounted.line(done, there) == (
        "2 graded, 1 unusable, 1 withheld, 1 not graded yet, "
        "8 ignored (Thumbs.db, x0, x1, x2, x3, x4 and 1 more; s1.py counts: s1.pdf)"
    )
    assert accounted.line(Rows(("a",), []), []) == "0 graded"
