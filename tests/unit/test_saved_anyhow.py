"""Homework counts however it was saved: under which name, in which encoding, and beside which other copy of it."""

from __future__ import annotations

import json
import time
from pathlib import Path, PurePosixPath

import pytest

from grader.model import Submission
from grader.submissions import choices
from grader.submissions.encoding import as_utf8
from grader.submissions.entries import SOURCE_CAP, Entry
from grader.submissions.handed_in import find
from grader.submissions.homes import Layout

LAYOUT = Layout("minitorch", ("operators", "lecture8"), ("lecture8",))
SOURCE = b"def f(x):\n    return x\n"
TEMPLATE = b'def f(x):\n    """Return x."""\n    # TODO: return x\n    raise NotImplementedError("return x")\n'
NOT_ICLOUD = "lecture8.py was not downloaded from iCloud when it was handed in; download it, and hand it in again"


def notebook(source: bytes = SOURCE) -> bytes:
    return json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": source.decode()}]}).encode()


def read(folder: Path, **files: bytes) -> Submission:
    """Read one submission of some files, their names with `_DOT_` for a dot that Python would stumble over."""
    return read_all(folder, {f"u1/{name.replace('_DOT_', '.')}": raw for name, raw in files.items()})[0]


def read_all(folder: Path, files: dict[str, bytes]) -> list[Submission]:
    for name, raw in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    return find(folder, LAYOUT)


# --- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "read_as"),
    [
        ("lecture8.py.txt", "lecture8.py"),
        ("lecture8.py.txt.txt", "lecture8.py"),
        ("lecture8.pyw", "lecture8.py"),
        ("lecture8.py.py", "lecture8.py"),
        ("LECTURE8.PY.TXT", "LECTURE8.PY"),
        ("lecture8.ipynb.json", "lecture8.ipynb"),
        ("lecture8.ipynb.txt", "lecture8.ipynb"),
        ("lecture8 (1).py", "lecture8.py"),
        ("lecture8(12).py", "lecture8.py"),
        ("lecture8-1.py", "lecture8.py"),
        ("lecture8_copy.py", "lecture8.py"),
        ("lecture8 copy 2.py", "lecture8.py"),
        ("lecture8 - Copy (2).py", "lecture8.py"),
        ("Copy of lecture8.py", "lecture8.py"),
        ("Copy of lecture8.ipynb", "lecture8.ipynb"),
        ("minitorch/lecture8 (1).py", "lecture8.py"),
    ],
)
def test_a_name_that_a_browser_or_an_editor_made_is_seen_through_and_said(
    name: str, read_as: str, tmp_path: Path
) -> None:
    raw = notebook() if "ipynb" in name else SOURCE
    (found,) = read_all(tmp_path, {f"u1/{name}": raw, "u1/other.py": b"", "u1/run.py": b""})
    assert SOURCE in found.modules["lecture8"][1]
    assert found.notes == (f"{name.rpartition('/')[2]} was read as {read_as}",)
    assert found.modules["lecture8"][0].lower().endswith((".py", ".ipynb"))  # as what the box knows a notebook by


@pytest.mark.parametrize(
    "name", ["lecture81.py", "lecture8_final_version.py", "mylecture8.py", "lecture8.txt", "x.json"]
)
def test_other_names_are_not_guessed_from(name: str, tmp_path: Path) -> None:
    (found,) = read_all(tmp_path, {f"u1/{name}": SOURCE, "u1/other.py": b"", "u1/run.py": b""})
    assert found.modules == {}


def test_the_real_name_counts_before_others_wherever_it_is(tmp_path: Path) -> None:
    (found,) = read_all(tmp_path, {"u1/a/lecture8.py": SOURCE, "u1/lecture8 (1).py": b"x = 2"})
    assert found.modules["lecture8"][0] == "a/lecture8.py"
    (found,) = read_all(tmp_path / "2", {"u1/old/lecture8.py": b"x = 2", "u1/lecture8.py.txt": SOURCE})
    assert found.modules["lecture8"] == ("lecture8.py", SOURCE)


def test_of_two_copies_the_later_counts_and_both_are_said(tmp_path: Path) -> None:
    (found,) = read_all(tmp_path, {"u1/lecture8 (1).py": b"x = 1", "u1/lecture8 (2).py": b"x = 2"})
    assert found.modules["lecture8"][1] == b"x = 2"
    assert found.notes == (
        "lecture8 (2).py was read as lecture8.py",
        "lecture8 (2).py was read; lecture8 (1).py beside it was not",
    )


def test_a_class_of_single_files_under_any_ending(tmp_path: Path) -> None:
    files = {
        "s1.py": SOURCE,
        "s2.py.txt": SOURCE,
        "s3.ipynb.json": notebook(),
        "s4.pyw": SOURCE,
        "s5.tar.gz": b"x",
        "s6.rar": b"x",
        "s1.pdf": b"beside the homework it is nobody's submission",
        ".s7.py.icloud": b"x",
        "notes.txt": b"x",
        "data.json": b"x",
    }
    found = {one.id: one for one in read_all(tmp_path, files)}
    assert sorted(found) == ["s1", "s2", "s3", "s4", "s5", "s6", "s7"]
    assert [name for name in sorted(found) if found[name].modules] == ["s1", "s2", "s3", "s4"]
    assert "s2.py.txt was taken for lecture8.py" in found["s2"].notes
    assert found["s6"].problem == "there is s6.rar, which cannot be read; hand in a .zip or lecture8.py"
    assert "s7.py was not downloaded from iCloud" in found["s7"].problem
    assert [one.id for one in find(tmp_path / "s2.py.txt", LAYOUT)] == ["s2"]


def test_what_is_not_opened_is_named_where_there_is_nothing_else(tmp_path: Path) -> None:
    said = "cannot be read; hand in a .zip or lecture8.py"
    assert read(tmp_path, hw_DOT_rar=b"").problem == f"there is hw.rar, which {said}"
    assert read(tmp_path, a_DOT_pdf=b"").problem == f"there is a.pdf, hw.rar, which {said}"
    found = read(tmp_path, lecture8_DOT_py=SOURCE)
    assert (found.problem, found.notes) == ("", ())


def test_a_file_that_icloud_kept_is_no_problem_where_there_are_answers(tmp_path: Path) -> None:
    assert read(tmp_path, _DOT_lecture8_DOT_py_DOT_icloud=b"").problem == NOT_ICLOUD
    found = read(tmp_path, operators_DOT_py=b"", answers_DOT_yaml=b"answers: {a: b}")
    assert (found.problem, found.notes, found.answers) == ("", (NOT_ICLOUD,), {"a": "b"})


def test_a_file_that_icloud_kept_is_said_beside_the_others(tmp_path: Path) -> None:
    found = read(tmp_path, lecture8_DOT_py=SOURCE, _DOT_operators_DOT_py_DOT_icloud=b"")
    assert found.notes == (NOT_ICLOUD.replace("lecture8", "operators"),)


# --- encodings -----------------------------------------------------------------------------------------------------

TEXT = "# -*- coding: {} -*-\ndef f(x):\n    return 'Grüße'\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("cookie", ["utf-8", "utf-16", "UTF_16", "no cookie"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_source_runs_whatever_it_was_saved_in(encoding: str, cookie: str, ends: str, tmp_path: Path) -> None:
    text = TEXT.format(cookie) if cookie != "no cookie" else TEXT.partition("\n")[2]
    found = read(tmp_path, lecture8_DOT_py=text.replace("\n", ends).encode(encoding))
    space: dict[str, object] = {}
    exec(compile(found.modules["lecture8"][1], "lecture8.py", "exec"), space)
    assert space["f"](1) == "Grüße"  # type: ignore[operator]
    other = {"cp1252": "Windows-1252"}.get(encoding, encoding[:6].upper())
    said = () if encoding.startswith("utf-8") else (f"lecture8.py is not UTF-8; it was read as {other}",)
    assert found.notes == said


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"x",
        b"x = 1\r\n",
        "# coding: latin-1\nx = 'ü'\n".encode("latin-1"),
        "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '€'\n".encode("cp1252"),
        b"# coding: no-such-thing\n",
        b"\0\0\0\0",
        "x = 'Grüße, 中'\n".encode(),
    ],
)
def test_what_python_reads_itself_is_left_as_it_is(raw: bytes) -> None:
    assert as_utf8(raw) == (raw, "")


def test_bytes_that_no_encoding_of_windows_has_are_read_as_latin_1() -> None:
    assert as_utf8(b"# \x81\xe9\nx = 1\n") == ("# \x81é\nx = 1\n".encode(), "Windows-1252")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_notebooks_and_answers_too(encoding: str, tmp_path: Path) -> None:
    raw = json.dumps({"cells": [{"cell_type": "code", "source": "x = 'é'"}]}, ensure_ascii=False).encode(encoding)
    found = read(tmp_path, lecture8_DOT_ipynb=raw, answers_DOT_yaml="# é\nanswers:\n  a: 2 * x\n".encode(encoding))
    assert found.modules["lecture8"][1] == "# code cell 1\nx = 'é'\n".encode()
    assert found.answers == {"a": "2 * x"}
    assert len(found.notes) == (0 if encoding == "utf-8-sig" else 2)


def test_what_is_longer_as_utf8_is_held_to_the_same_cap(tmp_path: Path) -> None:
    raw = ("#" + "中" * (SOURCE_CAP // 2 - 10)).encode("utf-16")
    assert "far too large" in read(tmp_path, lecture8_DOT_py=raw).problem


# --- which of two --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "other", "taken"),
    [
        (SOURCE, SOURCE, "py"),
        (b"", SOURCE, "ipynb"),
        (b"# my homework\n\n   # soon\n", SOURCE, "ipynb"),
        (TEMPLATE, SOURCE, "ipynb"),
        (TEMPLATE, TEMPLATE, "py"),
        (TEMPLATE, b"print('scratch')", "py"),
        (SOURCE * 9 + TEMPLATE, b"def scratch():\n    return 1\n", "py"),
        (SOURCE * 2 + TEMPLATE, SOURCE * 3, "ipynb"),
        (SOURCE, SOURCE * 9, "py"),
        (SOURCE + b"# TODO: tidy up\ntry:\n    f(1)\nexcept ValueError:\n    pass\n", SOURCE * 9, "py"),
        (b"def f(\n    x,\n):\n    '''Return x.'''\n    # here\n    pass\n", SOURCE, "ipynb"),
        (b'def f(x):\n    """Return\n\n    x."""\n\n    ...  # TODO\n', SOURCE, "ipynb"),
        (b"class E(Exception):\n    pass\n" + SOURCE, SOURCE * 2, "py"),
        (b"from solution import *\n", SOURCE, "py"),
    ],
)
def test_what_is_written_counts_and_the_choice_is_said(file: bytes, other: bytes, taken: str, tmp_path: Path) -> None:
    found = read(tmp_path, lecture8_DOT_py=file, lecture8_DOT_ipynb=notebook(other))
    left = {"py": "ipynb", "ipynb": "py"}[taken]
    assert found.modules["lecture8"][0] == f"lecture8.{taken}"
    (note,) = found.notes
    assert note.startswith(f"lecture8.{taken} was read; lecture8.{left} beside it was not")
    assert ("because" in note) == (taken == "ipynb")


def test_a_notebook_that_cannot_be_read_leaves_the_template(tmp_path: Path) -> None:
    found = read(tmp_path, lecture8_DOT_py=TEMPLATE, lecture8_DOT_ipynb=b"{")
    assert found.modules["lecture8"][0] == "lecture8.py"
    assert found.notes == ("lecture8.py was read; lecture8.ipynb beside it was not",)


def test_a_template_in_the_package_gives_way_to_what_is_written_above_it(tmp_path: Path) -> None:
    files = {"u1/minitorch/lecture8.py": TEMPLATE, "u1/minitorch/operators.py": b"", "u1/lecture8.ipynb": notebook()}
    (found,) = read_all(tmp_path, files)
    assert found.modules["lecture8"][0] == "lecture8.ipynb"
    assert "operators" in found.modules
    assert found.notes == ("lecture8.ipynb was read; minitorch/lecture8.py was not, because less is written in it",)


def test_a_lone_notebook_beside_its_template_of_any_name(tmp_path: Path) -> None:
    found = read(tmp_path, hw_DOT_py=TEMPLATE, hw_DOT_ipynb=notebook())
    assert found.modules["lecture8"][0] == "hw.ipynb"


@pytest.mark.parametrize(
    "text",
    [
        b'def f():\n"""' * 30_000,
        b"def f():\n" + b"\n" * 300_000,
        b"def f():" + b" :" * 200_000,
        b"def f():\n" + b"    # x\n" * 60_000,
        b"\t" * 500_000,
        b"def f():\n    '" + b"''\\" * 100_000,
        b"#" * 500_000,
        b"# x\n\n" * 100_000 + b"x",
    ],
)
def test_patterns_take_no_time_over_hostile_text(text: bytes, tmp_path: Path) -> None:
    before = time.process_time()
    read(tmp_path, lecture8_DOT_py=text + b"\nraise NotImplementedError", lecture8_DOT_ipynb=notebook(text[:400_000]))
    assert time.process_time() - before < 10  # a hundred times what it takes


def test_a_hostile_name_takes_no_time() -> None:
    entry = Entry(PurePosixPath("lecture8" + "-copy-1" * 140 + "!.py"), bytes)
    before = time.process_time()
    assert choices.candidate(entry, LAYOUT.modules) is None
    assert time.process_time() - before < 1
