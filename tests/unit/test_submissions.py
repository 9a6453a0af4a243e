"""Submissions are found however they were handed in; what cannot be used says why and costs nobody else."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import JudgeError, UsageError
from grader.model import Submission
from grader.submissions.entries import FILES_CAP, SOURCE_CAP, Unreadable, bounded, clean_id
from grader.submissions.handed_in import HandedIn, find
from grader.submissions.homes import Layout

LAYOUT = Layout("minitorch", ("operators", "autodiff", "lecture8"), ("lecture8",))
SOURCE = "x = 1\n"


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SOURCE + f"# {name}\n")


def zipped(*names: str, link: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            if link:
                info.external_attr = 0o120777 << 16
            archive.writestr(info, f"# {name}\n")
    return out.getvalue()


def only(folder: Path, layout: Layout = LAYOUT) -> Submission:
    (found,) = find(folder, layout)
    return found


def path_of(submission: Submission) -> str:
    return submission.modules["lecture8"][0]


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["lecture8.py"], "lecture8.py"),
        (["minitorch/lecture8.py"], "minitorch/lecture8.py"),
        (["hw1/minitorch/lecture8.py"], "hw1/minitorch/lecture8.py"),
        (["minitorch/lecture8.py", "__MACOSX/minitorch/lecture8.py", "tests/lecture8.py"], "minitorch/lecture8.py"),
        (["lecture8.py", "old/versions/lecture8.py"], "lecture8.py"),
        (["minitorch/lecture8.py", "lecture8.py"], "minitorch/lecture8.py"),
        (["anything at all.py"], "anything at all.py"),
        (["minitorch/lecture8.py", "minitorch/tensor.py", "setup.py"], "minitorch/lecture8.py"),
        (["project/minitorch/lecture8.py", "project/run.py"], "project/minitorch/lecture8.py"),
        (["old/lecture8.py", "a/b/lecture8.py"], "a/b/lecture8.py"),
        (["Lecture8.py", "run.py"], "Lecture8.py"),
        (["LECTURE8.py", "lecture8.py"], "lecture8.py"),
    ],
)
def test_the_homework_is_found_in_a_folder(tmp_path: Path, names: list[str], taken: str) -> None:
    write(tmp_path / "u1", *names)
    found = only(tmp_path)
    assert (found.id, found.problem) == ("u1", "")
    assert path_of(found) == taken


def test_files_and_zips_and_folders_are_submissions_and_junk_is_not(tmp_path: Path) -> None:
    write(tmp_path, "u1/lecture8.py", "u2.py", "__MACOSX/lecture8.py", ".git/config", "notes.txt")
    (tmp_path / "u3.zip").write_bytes(zipped("minitorch/lecture8.py", "minitorch/operators.py", "__MACOSX/x.py"))
    found = find(tmp_path, LAYOUT)
    assert [one.id for one in found] == ["u1", "u2", "u3"]
    assert [path_of(one) for one in found] == ["lecture8.py", "u2.py", "minitorch/lecture8.py"]
    assert list(found[2].modules) == ["operators", "lecture8"]


def test_a_zip_inside_a_folder_is_opened_once(tmp_path: Path) -> None:
    (tmp_path / "u1").mkdir()
    (tmp_path / "u1" / "homework.zip").write_bytes(zipped("lecture8.py"))
    assert path_of(only(tmp_path)) == "lecture8.py"


def test_other_modules_of_theirs_come_along(tmp_path: Path) -> None:
    write(tmp_path / "u1", "minitorch/lecture8.py", "minitorch/helpers.py", "minitorch/__init__.py", "elsewhere.py")
    found = only(tmp_path)
    assert list(found.extras) == ["__init__", "helpers"]


def test_a_missing_file_is_no_problem_of_reading(tmp_path: Path) -> None:
    write(tmp_path / "u1", "minitorch/operators.py")
    assert (only(tmp_path).modules, only(tmp_path).problem) == ({}, "")
    (tmp_path / "u1" / "minitorch" / "operators.py").unlink()
    assert only(tmp_path).modules == {}


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (zipped("../lecture8.py"), "would land outside of it"),
        (zipped("/etc/lecture8.py"), "would land outside of it"),
        (zipped("..\\lecture8.py"), "would land outside of it"),
        (zipped("C:/lecture8.py"), "would land outside of it"),
        (zipped("lecture8.py", link=True), "holds a link"),
        (b"not a zip", "is not one that can be opened"),
        (zipped("lecture8.py")[:-30], "is not one that can be opened"),
        (zipped("a/lecture8.py", "b/lecture8.py"), "a/ and b/ could both be the homework"),
    ],
)
def test_a_zip_that_cannot_be_used_says_why(tmp_path: Path, raw: bytes, problem: str) -> None:
    (tmp_path / "bad.zip").write_bytes(raw)
    write(tmp_path, "good.py")
    bad, good = find(tmp_path, LAYOUT)
    assert problem in bad.problem
    assert good.problem == ""


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lecture8.py", b"0" * 50_000_000)
    assert "far too large" in only(tmp_path).problem


def test_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "secret", "lecture8.py")
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "u1").symlink_to(tmp_path / "secret")
    write(folder / "u2", "helpers.py", "more.py")
    (folder / "u2" / "lecture8.py").symlink_to(tmp_path / "secret" / "lecture8.py")
    first, second = find(folder, LAYOUT)
    assert "link" in first.problem
    assert second.modules == {}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that an ordinary user reaches, and for as long as it is used nobody is root, who reads everything."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    before = os.geteuid()
    os.seteuid(before or 65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_file_that_may_not_be_read_withholds_its_score_alone(open_folder: Path) -> None:
    write(open_folder, "u1/lecture8.py", "u2.py")
    (open_folder / "u1" / "lecture8.py").chmod(0)
    with ordinary_user():
        found = HandedIn(open_folder, LAYOUT)
        with pytest.raises(JudgeError, match="could not be read: Permission denied"):
            found[0]
        assert found[1].problem == ""


def test_several_files_of_other_names_are_not_guessed_between(tmp_path: Path) -> None:
    write(tmp_path / "u1", "one.py", "two.py")
    assert "none of its files is called lecture8.py, and one.py, two.py could all be it" in only(tmp_path).problem


def test_no_folder_and_an_empty_one_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        find(tmp_path / "absent", LAYOUT)
    with pytest.raises(UsageError, match="holds no submission"):
        find(tmp_path, LAYOUT)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("u1", "u1"),
        ("../x", "_x"),
        ("a b;rm -rf", "a_b_rm_-rf"),
        ("\x1b[31m", "__31m"),
        ("", "unnamed"),
        ("Zoë", "Zoë"),
    ],
)
def test_a_name_is_made_safe(name: str, clean: str) -> None:
    assert clean_id(name) == clean


@pytest.mark.parametrize(
    "names", [("u1/lecture8.py", "u1.py"), ("a b.py", "a_b.py", "a;b.py"), ("x" * 130 + "1.py", "x" * 130 + "2.py")]
)
def test_names_that_read_alike_stay_apart_whatever_stands_beside_them(tmp_path: Path, names: tuple[str, ...]) -> None:
    write(tmp_path, *names)
    ids = [one.id for one in find(tmp_path, LAYOUT)]
    assert len(set(ids)) == len(names)
    write(tmp_path, "z.py")
    assert [one.id for one in find(tmp_path, LAYOUT)] == [*ids, "z"]


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_whose_inside_is_damaged_costs_nobody_else(tmp_path: Path, compression: int) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", compression) as archive:
        archive.writestr("lecture8.py", os.urandom(500).hex())
    raw = bytearray((tmp_path / "bad.zip").read_bytes())
    raw[60:90] = bytes(byte ^ 0x55 for byte in raw[60:90])
    (tmp_path / "bad.zip").write_bytes(raw)
    write(tmp_path, "good.py")
    bad, good = find(tmp_path, LAYOUT)
    assert any(said in bad.problem for said in ("is damaged", "can be opened", "an unusual compression"))
    assert good.problem == ""


def test_names_that_are_no_text_and_names_without_end_are_made_safe(tmp_path: Path) -> None:
    for name in (b"\xff1", b"\xff2"):
        write(tmp_path / "u1" / os.fsdecode(name), "lecture8.py")
    write(tmp_path / ("中" * 84), "lecture8.py")
    for found in find(tmp_path, LAYOUT):
        found.problem.encode()
        assert len(found.id.encode()) <= 120


def test_a_pipe_is_no_submission(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    write(tmp_path, "good.py")
    assert [one.id for one in find(tmp_path, LAYOUT)] == ["good"]


def test_a_student_called_test_is_graded(tmp_path: Path) -> None:
    write(tmp_path, "test/lecture8.py", "project/lecture8.py")
    assert [one.id for one in find(tmp_path, LAYOUT)] == ["project", "test"]


def test_a_million_entries_are_refused_before_they_are_objects(tmp_path: Path) -> None:
    (tmp_path / "many.zip").write_bytes(b"PK\x01\x02" * (FILES_CAP + 1))
    assert "files" in only(tmp_path).problem


def test_a_class_is_listed_unread_and_each_is_read_when_asked_for(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x = 1")
    listed = HandedIn(tmp_path, LAYOUT, attempt=2)
    (tmp_path / "b.py").write_text("x = 2")
    (tmp_path / "a.py").unlink()
    assert list(listed.ids) == ["a", "b"]
    with pytest.raises(JudgeError, match="the submission could not be read: No such file or directory"):
        listed[0]
    assert [source for _, source in listed[1].modules.values()] == [b"x = 2"]
    assert listed[1].attempt == 2


def test_a_circular_link_is_one_submission_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (found,) = find(tmp_path, LAYOUT)
    assert "is a link to somewhere else" in found.problem


def test_a_file_is_read_whole_up_to_its_cap_whatever_size_it_says_it_has(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x" * SOURCE_CAP)
    assert len(bounded(str(tmp_path / "a.py"))) == SOURCE_CAP
    (tmp_path / "b.py").write_bytes(b"x" * (SOURCE_CAP + 1))
    with pytest.raises(Unreadable, match="far too large"):
        bounded(str(tmp_path / "b.py"))
    assert len(bounded("/proc/self/status")) > 100  # it says 0 bytes


def test_a_file_only_above_the_package_is_read_with_a_note(tmp_path: Path) -> None:
    write(tmp_path / "u1", "minitorch/lecture8.py", "minitorch/autodiff.py", "operators.py")
    layout = Layout("minitorch", ("operators", "autodiff", "lecture8"), ("operators", "lecture8"))
    found = only(tmp_path, layout)
    assert found.modules["operators"][0] == "operators.py"
    assert found.notes == ("operators.py was read, outside minitorch/, where the other files are",)
    (tmp_path / "u1" / "operators.py").unlink()
    assert only(tmp_path, layout).notes == ()
