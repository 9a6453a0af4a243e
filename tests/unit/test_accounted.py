"""All that lies in a class is accounted for, once: it is somebody's submission, or it is ignored, by its name."""

from __future__ import annotations

import errno
import io
import os
import shutil
import tarfile
import tempfile
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch import accounted
from grader.errors import JudgeError, UsageError
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
from tests.invented import HOPELESS, Invented, Work
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
    alone = intake.opened(tmp_path / "class", LAYOUT, students=lambda: ("S2", "S1"))
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


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tar.gz"])
def test_an_empty_folder_is_somebodys_in_an_archive_too(ending: str, tmp_path: Path) -> None:
    folder_of(tmp_path / "class", **{f"s{i}__lecture8.py": "x = 1\n" for i in range(3)})
    (tmp_path / "class" / "s3").mkdir()
    form = {".zip": "zip", ".tar": "tar", ".tar.gz": "gztar"}[ending]
    path = Path(shutil.make_archive(str(tmp_path / "all"), form, tmp_path / "class"))
    for place in (tmp_path / "class", path):
        found = intake.opened(place, LAYOUT)
        assert list(found.ids) == ["s0", "s1", "s2", "s3"]
        assert found[3].modules == {}


def members(*infos: tuple[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for name, kind in infos:
            info = tarfile.TarInfo(name)
            info.type = kind
            info.size = 6 if kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(b"x = 1\n") if info.size else None)
    return raw.getvalue()


def test_what_is_odd_in_a_class_costs_whose_it_is_and_nobody_else(tmp_path: Path) -> None:
    odd = {"s4": "s4/" + "a/" * 600 + "b.py", "s5": "s5/a/../../s1/lecture8.py", "s6": "s6/../../x.py"}
    plain = [(f"s{i}/lecture8.py", tarfile.REGTYPE) for i in range(7)]
    special = [("s7.py", tarfile.FIFOTYPE), ("s8/lecture8.py", tarfile.SYMTYPE)]
    (tmp_path / "all.tgz").write_bytes(members(*plain, *special, *((one, tarfile.REGTYPE) for one in odd.values())))
    found = intake.opened(tmp_path / "all.tgz", LAYOUT)
    assert list(found.ids) == [f"s{i}" for i in range(9)]
    assert [bool(one.problem) for one in found[:]] == [False] * 4 + [True] * 5


@pytest.mark.parametrize("ending", [".zip", ".tar.gz"])
def test_a_damaged_class_is_refused_as_a_whole(ending: str, tmp_path: Path) -> None:
    files = {f"s{i}/lecture8.py": b"x = 1\n" for i in range(6)}
    raw = invented.zipped(files) if ending == ".zip" else invented.tarred(files, ending)
    for damaged in (raw[: len(raw) // 2], raw + raw):
        (tmp_path / f"all{ending}").write_bytes(damaged)
        with pytest.raises(UsageError, match="download it again"):
            intake.opened(tmp_path / f"all{ending}", LAYOUT)


@pytest.mark.parametrize("wrapped", [False, True])
def test_an_archive_of_two_that_is_named_is_a_class_whatever_its_ending(wrapped: bool, tmp_path: Path) -> None:
    below = "hw/" if wrapped else ""
    files = {f"{below}s{i}/lecture8.py": b"x = 1\n" for i in (1, 2)}
    for name, raw in (("a.zip", invented.zipped(files)), ("b.tar.gz", invented.zipped(files))):
        (tmp_path / name).write_bytes(raw)
        assert list(intake.opened(tmp_path / name, LAYOUT).ids) == ["s1", "s2"]


@pytest.mark.parametrize("wrapping", invented.WRAPPINGS)
def test_the_attempt_that_is_said_holds_however_a_class_is_wrapped(wrapping: invented.Wrapping, tmp_path: Path) -> None:
    works = {f"s{i}": Work(TEXTS[0], "folder") for i in range(3)}
    found = intake.opened(invented.write(Invented(works, (), wrapping), tmp_path), LAYOUT, attempt=2)
    assert [one.attempt for one in found[:]] == [2, 2, 2]


def test_a_zip_in_a_zip_is_read_within_bounds(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.zip", bytes(200 << 20))
    (tmp_path / "u1.zip").write_bytes(raw.getvalue())
    tracemalloc.start()
    (only,) = intake.opened(tmp_path, LAYOUT)[:]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "unusual compression" in only.problem
    assert most < 20 << 20


def test_a_folder_that_only_sounds_like_reports_is_somebodys(tmp_path: Path) -> None:
    for name in ("results", "feedback"):
        (tmp_path / "s1" / name).mkdir(parents=True)
    folder_of(tmp_path, **{"s1__grades.csv": "", "s1__lecture8.py": "x = 1\n", "s2__lecture8.py": "x = 1\n"})
    assert list(intake.opened(tmp_path, LAYOUT).ids) == ["s1", "s2"]


def test_reports_of_a_run_that_had_just_begun_are_reports(tmp_path: Path) -> None:
    folder_of(tmp_path, **{"s1__lecture8.py": "x", "hw1__handed_in.jsonl": "", "hw1__unfinished.jsonl": ""})
    assert list(intake.opened(tmp_path, LAYOUT).ids) == ["s1"]


def test_names_lose_every_ending_that_says_what_a_file_is(tmp_path: Path) -> None:
    names = ("s1.tar.zst", "s2.tar.lz4", "s3.py.gz", "s4.7z", "ann.lee.rar", "s5.tar")
    folder_of(tmp_path, **dict.fromkeys(names, "x"))
    assert list(intake.opened(tmp_path, LAYOUT).ids) == ["ann.lee", "s1", "s2", "s3", "s4", "s5"]


@pytest.mark.parametrize("said", [errno.EIO, errno.ENOENT, errno.ESTALE])
def test_a_disk_that_fails_is_our_fault_and_no_zero(said: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_of(tmp_path, **{"s1__lecture8.py": "x = 1\n"})
    found = intake.opened(tmp_path, LAYOUT)

    def fails(*_: object) -> object:
        raise OSError(said, os.strerror(said))

    monkeypatch.setattr(type(found), "_entries", fails)
    with pytest.raises(JudgeError, match=os.strerror(said)):
        found[0]
    shutil.rmtree(tmp_path / "s1")
    monkeypatch.undo()
    with pytest.raises(JudgeError, match="No such file"):
        found[0]


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
